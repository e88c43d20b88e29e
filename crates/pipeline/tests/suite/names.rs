//! Scans of lists that have names and versions alone, before and after a cycle of the release line.

use std::fs;

use seaworthy_model::Status;
use seaworthy_pipeline::{RemarksRequest, ScanRequest, Selection, Source};

use crate::home::{Office, scan_of_specs};

#[test]
fn names_of_a_list_mean_what_they_mean_in_the_release_line() {
    let office = Office::new().synced();
    let at = |name: &str| office.folder.path().join(name);
    let nevras = ["openssl-devel-3.3.0-1.hbr1.x86_64", "expat-2.6.2-1.hbr1.x86_64", "harbor-lights-9.9-1.hbr1.x86_64"];
    fs::write(at("nevras.txt"), nevras.join("\n")).unwrap();
    let notes = format!(r#"{{"sku": "Harbor/gen2", "version": "202609.20.0", "packages": ["{}"]}}"#, nevras.join(r#"", ""#));
    fs::write(at("notes.jsonl"), notes).unwrap();
    let components = nevras.map(|nevra| {
        let (name, version) = nevra.trim_end_matches(".x86_64").split_at(nevra.find(|c: char| c.is_ascii_digit()).unwrap());
        format!(r#"{{"name": "{0}", "purl": "pkg:rpm/harbor/{0}@{version}?arch=x86_64"}}"#, name.trim_end_matches('-'))
    });
    let sbom = format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]}}"#, components.join(", "));
    fs::write(at("sbom.json"), sbom).unwrap();
    let sources = || {
        let notes = Source::ImageNotes { notes: at("notes.jsonl"), image: None, packages: None };
        [Source::Nevras(at("nevras.txt")), notes, Source::Sbom(at("sbom.json"))]
    };
    let found = |line: Option<&str>| {
        sources().map(|source| {
            let remarks = RemarksRequest { line: line.map(|line| line.parse().unwrap()), ..RemarksRequest::default() };
            let request = ScanRequest { selection: Selection { source, history: None }, remarks, ..scan_of_specs() };
            let scanned = office.home().scan(&request).unwrap();
            let raised = scanned.assessment.findings.iter().filter(|f| f.status == Status::Affected);
            raised.map(|f| format!("{} {}", f.package, f.cve)).collect::<Vec<_>>()
        })
    };
    let before = found(None);
    assert!(before.iter().flatten().all(|pair| !pair.starts_with("openssl")), "a binary's name says nothing yet: {before:?}");
    office.cycle();
    for pairs in found(None) {
        assert!(pairs.contains(&"openssl CVE-2024-6119".to_owned()), "{pairs:?}");
        assert!(pairs.contains(&"expat CVE-2024-45490".to_owned()), "{pairs:?}");
    }
    assert_eq!(found(Some("9.9")), before, "of a line without a cycle nothing is known");
}
