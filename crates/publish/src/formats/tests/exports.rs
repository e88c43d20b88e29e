//! Editions as one document for an export.

use seaworthy_triage::statements::{Document, Versions, parse};
use serde_json::Value;

use super::csaf::check_vulnerabilities;
use super::{by_cve, fixture, value};
use crate::formats::{csaf, openvex};
use crate::{Edition, Standing};

const ID: &str = "https://security.example.org/azl/vex/0123";

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn an_export_says_what_the_documents_of_its_cves_say() {
    let edition = fixture::edition();
    let (mut statements, mut vulnerabilities) = (Vec::new(), Vec::new());
    for (cve, advisories) in by_cve(&edition) {
        let published = openvex::document(&edition, cve, &advisories).map(|bytes| value(&bytes));
        statements.extend(published.iter().flat_map(|document| list(&document["statements"]).to_vec()));
        vulnerabilities.extend(list(&value(&csaf::vex(&edition, cve, &advisories))["vulnerabilities"]).to_vec());
    }
    assert!(statements.len() > 5 && vulnerabilities.len() > 5);
    let document = value(&openvex::export(&edition, ID));
    assert_eq!((list(&document["statements"]), &document["@id"]), (&statements[..], &Value::from(ID)));
    let document = value(&csaf::export(&edition, "vex-0123", false));
    check_vulnerabilities(&document);
    assert_eq!(list(&document["vulnerabilities"]), vulnerabilities);
    assert_eq!(document["document"]["tracking"]["id"], "vex-0123");
    assert_eq!(document["document"].get("distribution"), None, "it says of nobody that they may read it");
    assert_eq!(document["document"].get("references"), None, "it has no address");
    let restricted = value(&csaf::export(&edition, "vex-0123", true));
    assert_eq!(restricted["document"]["distribution"]["tlp"]["label"], "RED");
}

/// A package that several CVEs are about is one product, also where it is fixed in several versions.
#[test]
fn a_product_of_several_cves_is_defined_once() {
    let mut edition = fixture::edition();
    for advisory in &mut edition.advisories {
        advisory.package = "curl".into();
        advisory.binaries = vec!["curl".into(), "curl-libs".into()];
    }
    // One CVE has one advisory in a package.
    edition.advisories.sort_by_key(|a| a.cve);
    edition.advisories.dedup_by_key(|a| a.cve);
    let document = value(&csaf::export(&edition, "vex-0123", false));
    check_vulnerabilities(&document);
    let told = edition.advisories.iter().filter(|a| a.standing != Standing::Withdrawn).count();
    assert_eq!(list(&document["vulnerabilities"]).len(), told);
}

/// A case that was never published has no id, and the document has no address of a publication.
#[test]
fn what_is_not_published_is_told_without_the_names_of_a_publication() {
    let mut edition = fixture::edition();
    edition.advisories.iter_mut().for_each(|advisory| advisory.id.clear());
    let document = value(&openvex::export(&edition, ID));
    for statement in list(&document["statements"]) {
        assert_eq!((statement.get("@id"), statement["vulnerability"].get("@id")), (None, None), "{statement}");
    }
    let text = String::from_utf8(csaf::export(&edition, "vex-0123", false)).unwrap();
    assert!(text.contains("channel release") && !text.contains("--advisory"), "{text}");
    check_vulnerabilities(&value(text.as_bytes()));
}

#[test]
fn both_formats_are_read_back_and_say_the_same() {
    let edition = fixture::edition();
    let documents = [openvex::export(&edition, ID), csaf::export(&edition, "vex-0123", false)];
    let [openvex, csaf]: [Vec<_>; 2] = documents.map(|bytes| {
        let Document { problems, statements, author, .. } = parse(&bytes).unwrap();
        assert_eq!((problems, author.as_str()), (Vec::new(), "Azure Linux"));
        let said = statements.into_iter().map(|s| {
            let version = match s.versions {
                Versions::All => None,
                Versions::One(version) => Some(version),
                Versions::Range(range) => panic!("{}: {}", s.package, range.text),
            };
            (s.cve, s.package, version, s.status, s.justification)
        });
        let mut said: Vec<_> = said.collect();
        said.sort();
        said.dedup();
        said
    });
    assert!(openvex.len() > 15);
    assert_eq!(openvex, csaf);
}

#[test]
fn with_nothing_to_say_the_document_is_still_one() {
    let edition = Edition { advisories: Vec::new(), ..fixture::edition() };
    let document = value(&csaf::export(&edition, "vex-0123", false));
    assert_eq!((&document["document"]["category"], document.get("product_tree")), (&Value::from("csaf_base"), None));
    assert_eq!(parse(&openvex::export(&edition, ID)).unwrap().statements, []);
}
