use seaworthy_model::Evr;
use seaworthy_model::case::{CaseEvent, CaseKey, Decision, Facts, Justification, Origin, Reach, Reason};
use seaworthy_triage::statements::{Document, parse};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn about() -> About {
    About {
        id: "https://harbor.example/vex/1".into(),
        author: "Harbor Linux".into(),
        namespace: "https://harbor.example".into(),
        vendor: "harbor".into(),
        at: at("2024-10-01T00:00:00Z"),
    }
}

fn case(package: &str, version: &str, state: CaseState) -> Case {
    let key = CaseKey { line: "1.0".into(), package: package.into(), cve: "CVE-2024-6197".parse().unwrap(), part: String::new() };
    let facts = Facts {
        status: seaworthy_model::Status::Affected,
        version: Evr::of_log(version),
        severity: None,
        rated_by: None,
        exploited_since: None,
        epss: None,
        product: None,
        fixed_in: None,
        rule: None,
        record_published: at("2024-07-24T00:00:00Z"),
        reach: Reach::Repository,
        evidence: Vec::new(),
    };
    let opened = at("2024-09-01T00:00:00Z");
    let mut case = Case::open(&key, opened, &CaseEvent::Opened { facts, state: CaseState::UnderInvestigation }).unwrap();
    let event = match state {
        CaseState::UnderInvestigation => return case,
        CaseState::Fixed => CaseEvent::Fixed { version: Evr::of_log("8.8.0-2"), origin: Origin::Scan, evidence: Vec::new() },
        CaseState::Withdrawn => CaseEvent::Withdrawn { because: "rejected".into() },
        _ => CaseEvent::Decided(Decision {
            state,
            justification: (state == CaseState::NotAffected).then_some(Justification::VulnerableCodeNotPresent),
            reason: Reason::Reviewed,
            statement: format!("so says the test of {package}"),
            until: Some(at("2025-01-01T00:00:00Z")),
            origin: Origin::Person,
        }),
    };
    case.apply(at("2024-09-02T00:00:00Z"), &event).unwrap();
    if state == CaseState::Fixed {
        let delivery = CaseEvent::Published { version: "8.8.0-2".parse().unwrap(), place: "updates".into() };
        case.apply(at("2024-09-03T00:00:00Z"), &delivery).unwrap();
    }
    case
}

/// One of each state, with an epoch and an odd name among them.
fn cases() -> Vec<Case> {
    let names = ["aa", "bb", "cc++", "dd", "ee", "ff", "gg"];
    let one = |(name, state): (&str, CaseState)| case(name, if name == "bb" { "1:8.8.0-1" } else { "8.8.0-1~rc1" }, state);
    names.into_iter().zip(CaseState::ALL).map(one).collect()
}

#[test]
fn both_formats_say_the_same_and_are_read_back() {
    let cases = cases();
    let documents = [openvex(&cases, &about()), csaf(&cases, &about())];
    let read: Vec<Document> = documents.iter().map(|d| parse(d.to_string().as_bytes()).unwrap()).collect();
    let mut by_format = Vec::new();
    for document in &read {
        assert_eq!(document.problems, []);
        assert_eq!(document.author, "Harbor Linux");
        let mut statements = document.statements.clone();
        statements.sort_by(|a, b| a.package.cmp(&b.package));
        by_format.push(statements);
    }
    // CSAF has no place for an impact of what is fixed or looked at, OpenVEX neither.
    assert_eq!(by_format[0], by_format[1]);
    let said: Vec<(&str, Status)> = by_format[0].iter().map(|s| (s.package.as_str(), s.status)).collect();
    let expected = [
        ("aa", Status::UnderInvestigation),
        ("bb", Status::Affected),
        ("cc++", Status::Affected),
        ("dd", Status::Affected),
        ("ee", Status::NotAffected),
        ("ff", Status::Fixed),
    ];
    assert_eq!(said, expected);
    let of = |package: &str| by_format[0].iter().find(|s| s.package == package).unwrap();
    assert_eq!(of("bb").version.as_deref(), Some("1:8.8.0-1"));
    assert_eq!((of("ff").version.as_deref(), of("cc++").version.as_deref()), (Some("8.8.0-2"), Some("8.8.0-1~rc1")));
    assert_eq!(of("ee").justification, Some(Justification::VulnerableCodeNotPresent));
    assert!(of("dd").words.starts_with("It will not be fixed.") && of("cc++").words.contains("put off until 2025-01-01"));
    assert_eq!(of("ee").words, "so says the test of ee");
    // The same cases give the same bytes.
    assert_eq!(documents[1].to_string(), csaf(&cases, &about()).to_string());
}

#[test]
fn with_nothing_to_say_the_document_is_still_one() {
    let none: [Case; 0] = [];
    assert_eq!(csaf(&none, &about())["document"]["category"], "csaf_base");
    assert_eq!(parse(openvex(&none, &about()).to_string().as_bytes()).unwrap().statements, []);
}
