use std::collections::BTreeMap;

use proptest::prelude::*;
use seaworthy_model::case::{CaseEvent, CaseKey, Decision, Facts, Origin, Reach, Reason};
use serde_json::Value;

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
        version: version.into(),
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
        CaseState::Fixed => CaseEvent::Fixed { version: "8.8.0-2".into(), origin: Origin::Scan, evidence: Vec::new() },
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
        let delivery = CaseEvent::Published { version: "8.8.0-2".into(), place: "updates".into() };
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
fn statements_decide_open_cases_and_overrule_nobody() {
    let here = [
        case("open", "8.8.0-1", CaseState::UnderInvestigation),
        case("other", "8.9.0-1", CaseState::UnderInvestigation),
        case("decided", "8.8.0-1", CaseState::WillNotFix),
        case("epoch", "0:8.8.0-1", CaseState::Affected),
    ];
    let here: BTreeMap<CaseKey, Case> = here.into_iter().map(|c| (c.key.clone(), c)).collect();
    let theirs: Vec<Case> = ["open", "other", "decided", "epoch", "unknown"].map(|p| case(p, "8.8.0-1", CaseState::NotAffected)).into();
    let document = parse(openvex(&theirs, &about()).to_string().as_bytes()).unwrap();
    let learned = learn(&document.statements, &here, "1.0", "theirs.json");
    let decided: Vec<&str> = learned.decisions.iter().map(|(key, _)| key.package.as_str()).collect();
    assert_eq!(decided, ["open", "epoch"]);
    for (key, event) in &learned.decisions {
        let mut case = here[key].clone();
        case.apply(at("2024-10-02T00:00:00Z"), event).unwrap();
        assert_eq!(case.decision.unwrap().origin, Origin::Document("theirs.json".into()));
    }
    let why: Vec<&str> = learned.passed.iter().map(|p| p.why.as_str()).collect();
    assert_eq!(why, ["it is said of version 8.8.0-1; here it is 8.9.0-1", "the case is will_not_fix already", "there is no case of it"]);
    assert_eq!(learn(&document.statements, &here, "2.0", "x").decisions, []);
}

#[test]
fn a_bad_statement_costs_that_statement() {
    let text = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"y","statements":[
        {"vulnerability":{"name":"GHSA-1"},"products":[{"@id":"pkg:rpm/a/b"}],"status":"fixed"},
        {"vulnerability":"CVE-2024-6197","products":["pkg:rpm/a/b@1-1","pkg:npm/b","curl"],"status":"not_affected","justification":"because"},
        {"vulnerability":{"name":"CVE-2024-6197"},"products":[{"@id":"pkg:rpm/a/b"}],"status":"fine"}]}"#;
    let document = parse(text.as_bytes()).unwrap();
    let taken: Vec<&str> = document.statements.iter().map(|s| s.package.as_str()).collect();
    assert_eq!(taken, ["b", "curl"]);
    let at: Vec<&str> = document.problems.iter().map(|p| p.at.as_str()).collect();
    assert_eq!(at, ["/statements/0/vulnerability", "/statements/1/justification", "/statements/1/products/1", "/statements/2/status"]);
    assert!(matches!(parse(b"{\"a\": \n nonsense"), Err(VexError::Json { line: 2, .. })));
    assert!(parse(b"{}").unwrap_err().to_string().contains("neither OpenVEX"));
    assert!(parse(br#"{"document":{"csaf_version":"9"}}"#).unwrap_err().to_string().contains("is not 2.0"));
}

#[test]
fn products_are_found_in_branches_and_relationships() {
    let text = r#"{"document":{"csaf_version":"2.0"},"product_tree":{
        "branches":[{"branches":[{"product":{"product_id":"c","product_identification_helper":{"purl":"pkg:rpm/x/curl@8-1?epoch=2"}}}]}],
        "relationships":[{"product_reference":"c","full_product_name":{"product_id":"os:c"}}]},
        "vulnerabilities":[{"cve":"CVE-2024-6197","product_status":{"known_not_affected":["os:c","lost"]}}]}"#;
    let document = parse(text.as_bytes()).unwrap();
    assert_eq!(document.statements.len(), 2, "a plain name is a package's name");
    let first = &document.statements[0];
    assert_eq!((first.package.as_str(), first.version.as_deref(), first.namespace.as_deref()), ("curl", Some("2:8-1"), Some("x")));
}

#[test]
fn with_nothing_to_say_the_document_is_still_one() {
    let none: [Case; 0] = [];
    assert_eq!(csaf(&none, &about())["document"]["category"], "csaf_base");
    assert_eq!(parse(openvex(&none, &about()).to_string().as_bytes()).unwrap().statements, []);
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("CVE-2024-6197".to_owned()),
        Just("pkg:rpm/a/b@1".to_owned()),
        Just("not_affected".to_owned()),
        Just("https://openvex.dev/ns".to_owned()),
        Just("2.0".to_owned()),
        ".{0,8}",
    ];
    let name = prop::sample::select(vec![
        "@context",
        "@id",
        "statements",
        "vulnerability",
        "name",
        "products",
        "status",
        "document",
        "csaf_version",
        "product_tree",
        "branches",
        "product",
        "product_id",
        "vulnerabilities",
        "cve",
        "product_status",
        "fixed",
        "flags",
        "label",
        "product_ids",
    ]);
    let leaf = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), word.prop_map(Value::from)];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(value in any_json(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(value.to_string().as_bytes());
        let _ = parse(&bytes);
    }
}
