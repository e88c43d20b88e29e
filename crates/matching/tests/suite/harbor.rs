//! The example distribution, from its feeds to its findings, compared with the claims of the READMEs and the quickstart.

use std::collections::BTreeMap;

use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Store};
use seaworthy_inventory::{SpecOptions, read_spec_tree};
use seaworthy_matching::{Options, assess};
use seaworthy_model::EvidenceKind;

#[test]
fn harbor_is_judged_as_its_readme_says() {
    let harbor = seaworthy_testing::workspace().join("examples/harbor");
    let file = |kind, name: &str, path: &str| Input {
        kind,
        name: name.into(),
        origin: path.into(),
        validators: seaworthy_intelligence::fetch::Validators::default(),
        body: InputBody::File(harbor.join("knowledge").join(path)),
    };
    let delivery = |inputs| Delivery { inputs, location: "examples/harbor".into(), error: None };
    let deliveries = BTreeMap::from([
        (
            SourceKind::Nvd,
            delivery(vec![
                file(SourceKind::Nvd, "nvdcve-2.0-2023.json", "nvd/nvdcve-2.0-2023.json"),
                file(SourceKind::Nvd, "nvdcve-2.0-2024.json", "nvd/nvdcve-2.0-2024.json"),
            ]),
        ),
        (SourceKind::Kev, delivery(vec![file(SourceKind::Kev, "kev.json", "kev.json")])),
        (SourceKind::Epss, delivery(vec![file(SourceKind::Epss, "epss.csv", "epss_scores-current.csv")])),
    ]);
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let report = store.ingest(deliveries, 1_727_740_800, &|_| {}).unwrap();
    assert_eq!((report.refused, report.errors), (Vec::new(), BTreeMap::new()));
    let knowledge = store.open().unwrap();
    assert_eq!(knowledge.len(), 14);

    let inventory = read_spec_tree(harbor.join("specs").to_str().unwrap(), &SpecOptions::default()).unwrap();
    assert_eq!(inventory.problems, []);
    assert_eq!(inventory.packages.len(), 9);

    let assessment = assess(&knowledge, &inventory, &Options::default());
    let lines: Vec<String> = assessment.findings.iter().map(|f| format!("{} {} {}", f.package, f.cve, f.status)).collect();
    let expected = [
        "curl CVE-2024-6197 fixed",
        "curl CVE-2024-7264 affected",
        "expat CVE-2024-45490 affected",
        "expat CVE-2024-45491 undecided",
        "golang CVE-2024-24790 affected",
        "harbor-lights CVE-2023-45853 suspected",
        "harbor-lights CVE-2024-45490 affected",
        "harbor-lights CVE-2024-9999001 affected",
        "httpd CVE-2024-38475 affected",
        "openssl CVE-2024-5535 affected",
        "openssl CVE-2024-6119 affected",
        "python-requests CVE-2024-35195 affected",
        "zlib CVE-2023-45853 not_affected",
    ];
    assert_eq!(lines, expected);
    let httpd = assessment.findings.iter().find(|f| f.package == "httpd").unwrap();
    assert_eq!(httpd.exploited_since, Some("2025-05-01".parse().unwrap()));
    let zlib = assessment.findings.iter().find(|f| f.package == "zlib").unwrap();
    assert!(zlib.evidence.iter().any(|e| e.kind == EvidenceKind::Decision && e.detail.contains("minizip")), "{:?}", zlib.evidence);
}
