//! The VEX documents that a home exports, compared with those that it publishes.

use std::fs;
use std::path::Path;

use seaworthy_model::case::{CaseState, Embargo, Justification};
use seaworthy_pipeline::{CaseName, HomeError, Kind, NewCase, PublicationRequest, VexExport, VexFormat};
use serde_json::Value;

use crate::home::{Office, decision, name};

fn request(format: VexFormat) -> VexExport {
    VexExport { format, line: None, author: None, namespace: None, vendor: None, embargoed: false }
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn exported(office: &Office, format: VexFormat) -> Value {
    value(&office.home().export_vex(&request(format)).unwrap())
}

/// The documents below a folder of the site.
fn documents(folder: &Path) -> Vec<Value> {
    let years = fs::read_dir(folder).unwrap().map(|year| year.unwrap().path()).filter(|path| path.is_dir());
    let files = years.flat_map(|year| fs::read_dir(year).unwrap()).map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|e| e == "json")).map(|file| value(&fs::read(file).unwrap())).collect()
}

/// Whether all members of `part` are in `whole` with the same values.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(key, v)| whole.get(key).is_some_and(|w| contains(w, v))),
        (Value::Array(whole), Value::Array(part)) => part.iter().all(|v| whole.iter().any(|w| contains(w, v))),
        _ => whole == part,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn new_case() -> NewCase {
    NewCase { version: "1.21-3".into(), severity: None, embargo: None }
}

#[test]
fn an_export_contains_what_is_published() {
    let office = Office::ready();
    office.publish(&PublicationRequest::default());
    let www = office.home().site().dir().join("www/security");
    let (vex, openvex) = (documents(&www.join("vex")), documents(&www.join("openvex")));
    assert!(vex.len() > 3 && openvex.len() > 3, "{} and {}", vex.len(), openvex.len());
    let of_cve = |document: &Value, cve: &Value| list(&document["vulnerabilities"]).iter().find(|v| v["cve"] == *cve).cloned();
    let told: Vec<Value> = openvex.iter().flat_map(|document| list(&document["statements"]).to_vec()).collect();

    let csaf = exported(&office, VexFormat::Csaf);
    for document in vex.iter().filter(|document| document.get("vulnerabilities").is_some()) {
        let published = &document["vulnerabilities"][0];
        assert_eq!(of_cve(&csaf, &published["cve"]).as_ref(), Some(published));
        assert!(contains(&csaf["product_tree"], &document["product_tree"]), "{document}");
        assert_eq!(csaf["document"]["publisher"], document["document"]["publisher"]);
    }
    let statements = exported(&office, VexFormat::OpenVex)["statements"].clone();
    assert_eq!(list(&statements).len(), told.len());
    assert!(told.iter().all(|statement| list(&statements).contains(statement)), "{statements}");

    // Another package has one of the CVEs, which the world is not told yet.
    let wget = CaseName { embargoed: true, ..name("CVE-2024-6197", "wget") };
    office.later();
    let home = office.home();
    let desk = home.desk().unwrap();
    desk.open(&wget, new_case(), Some("it was reported")).unwrap();
    desk.decide(&wget, decision(CaseState::Affected, None, "It has a copy."), None).unwrap();
    let csaf = exported(&office, VexFormat::Csaf);
    for document in vex.iter().filter(|document| document.get("vulnerabilities").is_some()) {
        let published = &document["vulnerabilities"][0];
        let vulnerability = of_cve(&csaf, &published["cve"]).unwrap();
        assert!(contains(&vulnerability, published), "{vulnerability} has no {published}");
        assert_eq!(vulnerability != *published, published["cve"] == "CVE-2024-6197", "{vulnerability}");
        assert!(contains(&csaf["product_tree"], &document["product_tree"]), "{document}");
    }
    let statements = exported(&office, VexFormat::OpenVex)["statements"].clone();
    assert!(told.iter().all(|statement| list(&statements).contains(statement)), "{statements}");
    let added: Vec<&Value> = list(&statements).iter().filter(|statement| !told.contains(statement)).collect();
    let [added] = added[..] else { panic!("{added:?}") };
    assert_eq!((&added["status"], added.get("@id")), (&Value::from("affected"), None));
    assert!(added["action_statement"].as_str().unwrap().ends_with("It has a copy."), "{added}");
}

/// A case that was published and then put under embargo is shown only to those with the right to it.
#[test]
fn what_is_sealed_is_told_by_right_and_marked() {
    let office = Office::ready();
    office.publish(&PublicationRequest::default());
    let curl = CaseName { embargoed: true, ..name("CVE-2024-7264", "curl") };
    let until = office.later().home().now().checked_add(jiff::SignedDuration::from_hours(2)).unwrap();
    let home = office.home();
    let desk = home.desk().unwrap();
    let embargo = Embargo { until, contact: "psirt@example.org".into(), tracking: "HLSEC-4711".into() };
    desk.embargo(&curl, embargo, None).unwrap();
    let because = decision(CaseState::NotAffected, Some(Justification::VulnerableCodeNotPresent), "zugzwang");
    desk.decide(&curl, because, None).unwrap();
    for format in [VexFormat::OpenVex, VexFormat::Csaf] {
        let say = |embargoed| String::from_utf8(office.home().export_vex(&VexExport { embargoed, ..request(format) }).unwrap()).unwrap();
        let (public, whole) = (say(false), say(true));
        assert!(public.contains("CVE-2024-6197"), "{public}");
        assert!(!public.contains("CVE-2024-7264") && !public.contains("zugzwang") && !public.contains("\"RED\""), "{public}");
        assert!(whole.contains("CVE-2024-7264") && whole.contains("zugzwang"), "{whole}");
        assert_eq!(whole.contains("\"RED\""), format == VexFormat::Csaf);
    }
    office.later().later();
    for format in [VexFormat::OpenVex, VexFormat::Csaf] {
        let after = exported(&office, format).to_string();
        assert!(after.contains("zugzwang") && !after.contains("\"RED\"") && !after.contains("HLSEC-4711"), "{after}");
    }
}

#[test]
fn an_export_needs_nothing_that_only_a_publication_needs() {
    let office = Office::new().synced();
    // Neither an address nor a channel, and no key.
    fs::write(office.folder.path().join("home/seaworthy.toml"), "[publish]\nchannels = []\n").unwrap();
    office.cycle();
    let Err(refused) = office.home().plan_publication(&PublicationRequest::default()) else { panic!("it can be published") };
    assert_eq!(refused.kind(), Kind::Settings);
    let document = exported(&office, VexFormat::OpenVex);
    assert_eq!(document["author"], "Unnamed Linux");
    assert!(document["@id"].as_str().unwrap().starts_with("https://distribution.invalid/vex/"), "{document}");
    let products = |document: &Value| -> Vec<String> {
        let of = |s: &Value| s["products"][0]["@id"].as_str().unwrap().to_owned();
        list(&document["statements"]).iter().map(of).collect()
    };
    assert!(products(&document).contains(&"pkg:rpm/unnamed-linux/curl".to_owned()), "{document}");
    assert_eq!(exported(&office, VexFormat::Csaf)["document"]["category"], "csaf_vex");

    let named = VexExport {
        author: Some("Their Linux".into()),
        namespace: Some("https://their.example/".into()),
        vendor: Some("their".into()),
        ..request(VexFormat::OpenVex)
    };
    let document = value(&office.home().export_vex(&named).unwrap());
    assert_eq!(document["author"], "Their Linux");
    assert!(document["@id"].as_str().unwrap().starts_with("https://their.example/vex/"), "{document}");
    assert!(products(&document).contains(&"pkg:rpm/their/curl".to_owned()), "{document}");
    // Another line has no cases, and its document says nothing.
    let empty = VexExport { line: Some("2.0".parse().unwrap()), ..named.clone() };
    let document = value(&office.home().export_vex(&empty).unwrap());
    assert_eq!((list(&document["statements"]).len(), &document["timestamp"]), (0, &Value::from(office.home().now().to_string())));
}

#[test]
fn a_name_that_no_document_can_carry_is_refused() {
    let office = Office::new();
    let refused = |request: VexExport| -> HomeError { office.home().export_vex(&request).unwrap_err() };
    let of = |namespace: Option<&str>, vendor: Option<&str>| VexExport {
        namespace: namespace.map(str::to_owned),
        vendor: vendor.map(str::to_owned),
        ..request(VexFormat::Csaf)
    };
    for (request, words) in [
        (of(Some("packages.example.org"), None), "--namespace is \"packages.example.org\""),
        (of(Some(""), None), "--namespace is \"\""),
        (of(None, Some("Harbor Linux")), "--vendor is \"Harbor Linux\""),
        (of(None, Some("")), "--vendor is \"\""),
    ] {
        let error = refused(request);
        assert!(error.kind() == Kind::Request && error.to_string().contains(words), "{error}");
    }
    // What is asked for stands over what is set, also where that is wrong.
    fs::write(office.folder.path().join("home/seaworthy.toml"), "[publish]\nurl = \"nowhere\"\nvendor = \"Harbor\"\n").unwrap();
    assert_eq!(refused(request(VexFormat::Csaf)).kind(), Kind::Settings);
    let named = of(Some("https://harbor.example"), Some("harbor"));
    assert!(office.home().export_vex(&named).is_ok());
}
