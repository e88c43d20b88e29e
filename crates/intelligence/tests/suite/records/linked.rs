//! The catalogue on a CVE with records of several sources.

use std::collections::BTreeMap;

use seaworthy_host::archive::TarGz;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};
use seaworthy_model::Day;

use super::{object, plain};

/// The knowledge of records, each with its source.
fn known(records: &[(SourceKind, String)]) -> Knowledge {
    let mut packs: BTreeMap<SourceKind, TarGz> = BTreeMap::new();
    let mut deliveries: BTreeMap<SourceKind, Delivery> = BTreeMap::new();
    let mut add = |kind, name: &str, bytes| {
        let input = Input { kind, name: name.into(), origin: String::new(), validators: Default::default(), body: InputBody::Bytes(bytes) };
        deliveries.entry(kind).or_default().inputs.push(input);
    };
    for (n, (kind, record)) in records.iter().enumerate() {
        match kind {
            SourceKind::Nvd => add(*kind, &format!("{n}.json"), format!(r#"{{"vulnerabilities":[{record}]}}"#).into_bytes()),
            _ => packs.entry(*kind).or_default().add(&format!("{n}.json"), record.as_bytes()).unwrap(),
        }
    }
    packs.into_iter().for_each(|(kind, pack)| add(kind, "pack.tar.gz", pack.finish().unwrap()));
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let report = store.ingest(deliveries, 1_700_000_000, &|_| {}).unwrap();
    assert_eq!((report.refused, report.errors), (Vec::new(), BTreeMap::new()));
    store.open().unwrap()
}

#[test]
fn the_day_of_publication() {
    let nvd = |day: &str| (SourceKind::Nvd, format!(r#"{{"cve":{}}}"#, object(&format!("id=CVE-2024-1000 published={day}"))));
    let osv = |day: &str| {
        let words = format!("id=HARBOR-1 aliases:=['CVE-2024-1000'] published={day} modified={day}");
        (SourceKind::Osv, object(&words))
    };
    let correction = || (SourceKind::Overrides, plain("{'cve':{'id':'CVE-2024-1000'}}"));
    let rows = [
        ("that of the only one", vec![nvd("2024-05-01")], "2024-05-01"),
        ("the earliest", vec![nvd("2024-05-01"), osv("2024-04-01")], "2024-04-01"),
        ("the one that is known", vec![nvd("2024-05-01"), osv("0001-01-01T00:00:00Z")], "2024-05-01"),
        ("an override has none", vec![nvd("2024-05-01"), correction()], "2024-05-01"),
        ("nobody knows: the beginning of the year of its id", vec![osv("0001-01-01T00:00:00Z")], "2024-01-01"),
        ("an override alone", vec![correction()], "2024-01-01"),
    ];
    seaworthy_testing::hold(rows.into_iter().map(|(why, records, expected)| {
        let known = known(&records);
        let cve = known.find("CVE-2024-1000".parse().unwrap()).unwrap();
        (why, expected.to_owned(), Day::of_epoch_days(known.published(cve).div_euclid(1440)).to_string())
    }));
}
