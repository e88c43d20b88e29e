//! The rule of a finding: the inputs on which it depends, and the number of the rules.

use std::collections::BTreeMap;
use std::path::Path;

use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};
use seaworthy_inventory::{Inventory, SourcePackage, SpecOptions, read_spec_tree};
use seaworthy_matching::{ENGINE, Finding, Options, RULES, assess};
use seaworthy_model::{DigestWriter, Status};

/// The knowledge from files in the layout of NVD's feeds.
fn knowledge(home: &Path, feeds: Vec<(String, InputBody)>) -> Knowledge {
    let input = |(name, body): (String, InputBody)| Input {
        kind: SourceKind::Nvd,
        origin: name.clone(),
        name,
        validators: Default::default(),
        body,
    };
    let delivery = Delivery { inputs: feeds.into_iter().map(input).collect(), location: "here".into(), error: None };
    let store = Store::new(home);
    let report = store.ingest(BTreeMap::from([(SourceKind::Nvd, delivery)]), 1_727_740_800, &|_| {}).unwrap();
    assert_eq!((report.refused, report.errors), (Vec::new(), BTreeMap::new()));
    store.open().unwrap()
}

/// A record of one product in NVD's layout, with `version` between the braces of its version statement.
fn record(cve: &str, published: &str, product: &str, versions: &str) -> String {
    format!(
        r#"{{"cve":{{"id":"{cve}","vulnStatus":"Analyzed","published":"{published}T00:00:00.000","lastModified":"{published}T00:00:00.000",
        "descriptions":[{{"lang":"en","value":"made up"}}],"references":[{{"url":"https://github.com/{product}/{product}/issues/1"}}],
        "configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[
        {{"vulnerable":true,"criteria":"cpe:2.3:a:{product}:{product}:*:*:*:*:*:*:*:*"{versions}}}]}}]}}]}}}}"#
    )
}

fn feed(folder: &Path, records: &[String]) -> Vec<(String, InputBody)> {
    let path = folder.join("feed.json");
    std::fs::write(&path, format!(r#"{{"format":"NVD_CVE","version":"2.0","vulnerabilities":[{}]}}"#, records.join(","))).unwrap();
    vec![("feed.json".into(), InputBody::File(path))]
}

/// The finding on a package that is tied to the records' product by its home.
fn finding(records: &[String]) -> Finding {
    let folder = tempfile::tempdir().unwrap();
    let knowledge = knowledge(folder.path(), feed(folder.path(), records));
    let mut inventory = Inventory::new("spec tree", "here");
    let mut package = SourcePackage::new("ferry", "1.2-1".parse().unwrap(), "ferry.spec");
    package.url = Some("https://github.com/ferry/ferry".into());
    inventory.packages.push(package);
    let found = assess(&knowledge, &inventory, &Options::default()).findings;
    found.into_iter().find(|f| f.cve.to_string() == "CVE-2024-1000").expect("the pair is raised")
}

#[test]
fn a_record_of_another_product_changes_no_rule() {
    let open = record("CVE-2024-1000", "2024-01-10", "ferry", r#","versionStartIncluding":"1.0""#);
    let young = finding(std::slice::from_ref(&open));
    // The newest record is today: years later the first one is old, and nobody has given it an end.
    let old = finding(&[open.clone(), record("CVE-2029-0001", "2029-06-01", "anchor", r#","versionEndExcluding":"2""#)]);
    assert_eq!((young.status, old.status), (Status::Affected, Status::Suspected));
    assert_ne!(young.verdict, old.verdict);
    assert_eq!(young.rule.as_ref().unwrap().to_string(), "nvd: from 1.0");
    assert_eq!(young.rule, old.rule);
}

#[test]
fn a_range_that_gets_an_end_is_another_rule() {
    let open = finding(&[record("CVE-2024-1000", "2024-01-10", "ferry", r#","versionStartIncluding":"1.0""#)]);
    let closed =
        finding(&[record("CVE-2024-1000", "2024-01-10", "ferry", r#","versionStartIncluding":"1.0","versionEndExcluding":"1.4""#)]);
    assert_ne!(open.rule, closed.rule);
    assert_eq!(closed.rule.unwrap().to_string(), "nvd: from 1.0 before 1.4");
}

#[test]
fn another_verdict_needs_another_number_of_the_rules() {
    let harbor = seaworthy_testing::workspace().join("examples/harbor");
    let home = tempfile::tempdir().unwrap();
    let feeds = ["nvdcve-2.0-2023.json", "nvdcve-2.0-2024.json"];
    let feeds = feeds.map(|name| (name.to_owned(), InputBody::File(harbor.join("knowledge/nvd").join(name)))).into();
    let knowledge = knowledge(home.path(), feeds);
    let inventory = read_spec_tree(harbor.join("specs").to_str().unwrap(), &SpecOptions::default()).unwrap();
    let options = Options { keep_ruled_out: true, ..Options::default() };
    let mut digest = DigestWriter::new();
    for finding in assess(&knowledge, &inventory, &options).findings {
        for field in [&finding.package, &finding.cve.to_string(), finding.status.as_str()] {
            digest.field(field);
        }
        digest.field(finding.rule.map(|rule| rule.to_string()).unwrap_or_default());
        for evidence in finding.evidence {
            digest.field(evidence.detail);
        }
    }
    assert_eq!(ENGINE, format!("seaworthy-matching rules {RULES}"));
    assert_eq!(
        (RULES, digest.finish().short()),
        (6, "6dc3e8d11c54".to_owned()),
        "the verdicts on the example are others: raise RULES and ENGINE, so that `scan --changed` looks at everything again, \
         and write both new values here"
    );
}
