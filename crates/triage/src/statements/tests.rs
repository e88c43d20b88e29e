use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use seaworthy_model::Evr;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Facts, Origin, Reach, Reason};
use serde_json::Value;

use super::*;

mod cases;
mod later;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn case(package: &str, version: &str, state: CaseState) -> Case {
    let key = CaseKey {
        line: "1.0".parse().unwrap(),
        package: package.parse().unwrap(),
        cve: "CVE-2024-6197".parse().unwrap(),
        part: String::new(),
    };
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
    if state != CaseState::UnderInvestigation {
        let decision = Decision {
            state,
            justification: None,
            reason: Reason::Reviewed,
            statement: "looked at".into(),
            until: Some(at("2025-01-01T00:00:00Z")),
            origin: Origin::Person,
        };
        case.apply(at("2024-09-02T00:00:00Z"), &CaseEvent::Decided(decision)).unwrap();
    }
    case
}

/// A statement of Harbor Linux on a package.
fn statement(package: &str, versions: Versions, status: Status) -> Statement {
    Statement {
        at: "/statements/0".into(),
        cve: "CVE-2024-6197".parse().unwrap(),
        package: package.into(),
        namespace: Some("harbor".into()),
        places: Vec::new(),
        versions,
        narrowed: None,
        parts: Vec::new(),
        time: None,
        is_final: true,
        status,
        justification: (status == Status::NotAffected).then_some(Justification::VulnerableCodeNotPresent),
        words: String::new(),
    }
}

/// The statements of both documents below, one a row.
fn said() -> Vec<Statement> {
    let one = |version: &str| Versions::One(version.to_owned());
    let row = |package: &str, versions, status, words: &str| Statement {
        time: Some(at("2024-09-01T00:00:00Z")),
        words: words.into(),
        ..statement(package, versions, status)
    };
    let dd = row("dd", Versions::All, Status::NotAffected, "It is not built.");
    vec![
        row("aa", Versions::All, Status::UnderInvestigation, ""),
        row("bb", one("1:8.8.0-1"), Status::Affected, "A fix is being prepared."),
        row("cc++", one("8.8.0-1~rc1"), Status::Affected, "It will not be fixed."),
        Statement { places: vec![Place::Distro("harbor-1.0".into())], ..dd },
        row("ee", one("8.8.0-2"), Status::Fixed, ""),
    ]
}

const OPENVEX: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://harbor.example/1","author":"Harbor Linux",
    "timestamp":"2024-09-01T00:00:00Z","version":1,"statements":[
    {"vulnerability":{"name":"CVE-2024-6197"},"products":[{"@id":"pkg:rpm/harbor/aa"}],"status":"under_investigation"},
    {"vulnerability":{"name":"CVE-2024-6197"},"products":[{"identifiers":{"purl":"pkg:rpm/harbor/bb@8.8.0-1?epoch=1"}}],
     "status":"affected","action_statement":"A fix is being prepared."},
    {"vulnerability":{"name":"CVE-2024-6197"},"products":[{"@id":"pkg:rpm/harbor/cc%2B%2B@8.8.0-1~rc1?arch=src"}],
     "status":"affected","action_statement":"It will not be fixed."},
    {"vulnerability":{"name":"CVE-2024-6197"},"products":[{"@id":"pkg:rpm/harbor/dd?arch=src&distro=harbor-1.0"}],
     "status":"not_affected","justification":"vulnerable_code_not_present","impact_statement":"It is not built."},
    {"vulnerability":{"name":"CVE-2024-6197"},"products":[{"@id":"pkg:rpm/harbor/ee@8.8.0-2?epoch=0"}],"status":"fixed"}]}"#;

const CSAF: &str = r#"{"document":{"csaf_version":"2.0","publisher":{"name":"Harbor Linux"},"tracking":{"id":"https://harbor.example/1",
    "version":"1","status":"final","current_release_date":"2024-09-01T00:00:00Z"}},
    "product_tree":{"full_product_names":[
        {"product_id":"a","product_identification_helper":{"purl":"pkg:rpm/harbor/aa"}},
        {"product_id":"b","product_identification_helper":{"purl":"pkg:rpm/harbor/bb@8.8.0-1?epoch=1"}},
        {"product_id":"c","product_identification_helper":{"purl":"pkg:rpm/harbor/cc%2B%2B@8.8.0-1~rc1?arch=src"}},
        {"product_id":"d","product_identification_helper":{"purl":"pkg:rpm/harbor/dd?arch=src&distro=harbor-1.0"}},
        {"product_id":"e","product_identification_helper":{"purl":"pkg:rpm/harbor/ee@8.8.0-2?epoch=0"}}]},
    "vulnerabilities":[{"cve":"CVE-2024-6197",
        "product_status":{"under_investigation":["a"],"known_affected":["b","c"],"known_not_affected":["d"],"fixed":["e"]},
        "flags":[{"label":"vulnerable_code_not_present","product_ids":["d"]}],
        "threats":[{"category":"impact","details":"It is not built.","product_ids":["d"]}],
        "remediations":[{"category":"none_available","details":"A fix is being prepared.","product_ids":["b"]},
            {"category":"no_fix_planned","details":"It will not be fixed.","product_ids":["c"]},
            {"category":"vendor_fix","details":"Update.","product_ids":["e"]}]}]}"#;

#[test]
fn both_formats_are_read_alike() {
    for text in [OPENVEX, CSAF] {
        let mut document = parse(text.as_bytes()).unwrap();
        assert_eq!(document.problems, []);
        assert_eq!((document.author.as_str(), document.id.as_str()), ("Harbor Linux", "https://harbor.example/1"));
        assert_eq!(document.revision, "1");
        document.statements.sort_by(|a, b| a.package.cmp(&b.package));
        for statement in &mut document.statements {
            assert!(statement.at.contains("/products/") || statement.at.contains("/product_status/"), "{}", statement.at);
            statement.at = "/statements/0".into();
        }
        assert_eq!(document.statements, said());
    }
}

#[test]
fn a_bad_statement_costs_that_statement() {
    let text = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"y","statements":[
        {"vulnerability":{"name":"GHSA-1"},"products":[{"@id":"pkg:rpm/a/b"}],"status":"fixed"},
        {"vulnerability":"CVE-2024-6197","products":["pkg:rpm/a/b@1-1","pkg:npm/b","curl"],"status":"not_affected",
         "justification":"because"},
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

/// The log keeps no secret of an address, and a case the words of each document.
#[test]
fn documents_are_told_apart_by_what_the_log_keeps() {
    let id = |id: &str| parse(OPENVEX.replace("https://harbor.example/1", id).as_bytes()).unwrap().id;
    assert_eq!(id("https://harbor.example/d?page=1"), "https://harbor.example/d?page=1");
    let (one, other) = (id("https://harbor.example/d?key=1"), id("https://harbor.example/d?key=2"));
    assert_ne!(one, other);
    assert!([one, other].iter().all(|id| seaworthy_model::text::masked(id) == *id));
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("CVE-2024-6197".to_owned()),
        Just("pkg:rpm/a/b@1".to_owned()),
        Just("not_affected".to_owned()),
        Just("https://openvex.dev/ns".to_owned()),
        Just("2.0".to_owned()),
        Just("2025-06-01T00:00:00Z".to_owned()),
        Just("vers:rpm/>=1|<2".to_owned()),
        Just("cpe:2.3:o:harbor:harbor:1.0:*:*:*:*:*:*:*".to_owned()),
        Just("CycloneDX".to_owned()),
        Just("resolved".to_owned()),
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
        "product_groups",
        "group_id",
        "group_ids",
        "relationships",
        "product_reference",
        "relates_to_product_reference",
        "full_product_name",
        "product_identification_helper",
        "category",
        "tracking",
        "current_release_date",
        "identifiers",
        "subcomponents",
        "aliases",
        "timestamp",
        "bomFormat",
        "components",
        "bom-ref",
        "purl",
        "id",
        "analysis",
        "state",
        "affects",
        "ref",
        "versions",
        "range",
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
