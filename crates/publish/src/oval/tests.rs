use std::process::Command;

use super::sample::{advisory, edition, fixed};
use super::{EVERY, document};

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The text of one definition in a document.
fn definition(document: &str, number: u32) -> &str {
    let from = document.find(&format!(":def:2026{number:06}\"")).unwrap();
    let rest = &document[from..];
    &rest[..rest.find("</definition>").unwrap()]
}

#[test]
fn says_what_is_affected_and_nothing_else() {
    let written = text(document(&edition()));
    let ids: Vec<&str> = written.split("<advisory_id>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(ids, ["AZL-2026-1", "AZL-2026-2", "AZL-2026-5", "AZL-2026-6", "AZL-2026-7", "AZL-2026-8", "AZL-2026-9", "AZL-2026-11"]);
    let first = definition(&written, 1);
    assert!(first.contains("version=\"2\""), "{first}");
    assert!(first.contains("<patchable>true</patchable>\n        <advisory_date>2026-03-05T16:00:00Z</advisory_date>"), "{first}");
    assert!(definition(&written, 2).contains("<patchable>false</patchable>"));
    assert!(definition(&written, 2).contains("<advisory_date>2026-03-01T10:00:00Z</advisory_date>"));
    assert!(definition(&written, 6).contains("<severity>Low</severity>"));
    assert!(definition(&written, 9).contains("<severity>Medium</severity>"));
    assert!(written.contains(&format!("operation=\"less than or equal\">{EVERY}<")));
    assert!(written.contains("operation=\"less than\">0:2.11.5-3.azl3<"));
    assert!(written.contains("<oval:timestamp>2026-03-20T04:00:00Z</oval:timestamp>"));
}

#[test]
fn a_cve_names_its_first_package_and_each_further_one_has_an_id_of_its_own() {
    let written = text(document(&edition()));
    let references =
        |number| definition(&written, number).split("ref_id=\"").skip(1).map(|r| r.split('"').next().unwrap()).collect::<Vec<_>>();
    assert_eq!(references(1), ["CVE-2026-1001"]);
    assert_eq!(references(2), ["AZL-2026-2", "CVE-2026-1001"]);
    assert_eq!(references(11), ["AZL-2026-11", "CVE-2026-1005"]);
    assert!(definition(&written, 1).contains("<title>CVE-2026-1001 in edk2, openssl</title>"));
    assert!(definition(&written, 2).contains("<title>CVE-2026-1001 in edk2, openssl</title>"));
}

/// An id depends only on the names that it stands for: no change elsewhere in the edition changes it.
#[test]
fn ids_stay() {
    let mut other = edition();
    other.advisories.retain(|a| a.id != "AZL-2026-1" && a.id != "AZL-2026-2");
    other.advisories.push(advisory(12, "CVE-2026-1012", "zlib", &["zlib"], "1.3.1-1.azl3", fixed("1.3.1-1.azl3")));
    let (one, two) = (text(document(&edition())), text(document(&other)));
    for number in [5, 7, 8, 9] {
        assert_eq!(definition(&one, number), definition(&two, number));
    }
    assert_eq!(document(&other), document(&other));
}

#[test]
fn an_edition_that_says_nothing_is_a_document_all_the_same() {
    seaworthy_testing::needs!(OSCAP);
    let mut empty = edition();
    empty.advisories.clear();
    let written = text(document(&empty));
    assert!(!written.contains("<definitions>") && written.ends_with("</oval_definitions>\n"), "{written}");
    assert_eq!(validate(&empty), "");
}

/// The output of `oscap oval validate` for the document of an edition; empty for a valid one.
fn validate(edition: &crate::Edition) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oval.xml");
    std::fs::write(&path, document(edition)).unwrap();
    let said = Command::new("oscap").args(["oval", "validate"]).arg(&path).output().unwrap();
    if said.status.success() { String::new() } else { format!("{said:?}") }
}

#[test]
fn it_is_valid_by_the_schema() {
    seaworthy_testing::needs!(OSCAP);
    assert_eq!(validate(&edition()), "");
}

#[test]
fn many_are_all_written() {
    let mut many = edition();
    many.advisories = (1..=6_500)
        .map(|n| {
            let package = format!("package-{}", n % 900);
            let binaries = [format!("{package}-devel"), format!("{package}-libs"), package.clone()];
            let names: Vec<&str> = binaries.iter().map(String::as_str).collect();
            advisory(n, &format!("CVE-2026-{}", 10_000 + n * 3 / 4), &package, &names, "1.0-9.azl3", fixed(&format!("1.0-{}.azl3", n % 9)))
        })
        .collect();
    let written = text(document(&many));
    assert_eq!(written.matches("<definition ").count(), many.advisories.len());
}
