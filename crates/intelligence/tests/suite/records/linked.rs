//! The catalogue on a CVE with records of several sources.

use std::collections::BTreeMap;

use seaworthy_host::archive::TarGz;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};
use seaworthy_model::Day;

use super::{object, plain};

/// Records, each with its source, as their sources deliver them.
fn delivered(records: &[(SourceKind, String)]) -> BTreeMap<SourceKind, Delivery> {
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
    deliveries
}

/// The knowledge of records.
fn known(records: &[(SourceKind, String)]) -> Knowledge {
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let report = store.ingest(delivered(records), 1_700_000_000, &|_| {}).unwrap();
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
        ("a day before the year of the id is none: the other source's", vec![nvd("2024-05-01"), osv("2016-04-01")], "2024-05-01"),
        ("a day before the year of the id alone", vec![osv("2016-04-01")], "2024-01-01"),
        ("a minute before it", vec![nvd("2023-12-31T23:59:00"), osv("2024-02-01")], "2024-02-01"),
        ("the first minute is one", vec![nvd("2024-01-01T00:00:00"), osv("2024-02-01")], "2024-01-01"),
    ];
    seaworthy_testing::hold(rows.into_iter().map(|(why, records, expected)| {
        let known = known(&records);
        let cve = known.find("CVE-2024-1000".parse().unwrap()).unwrap();
        (why, expected.to_owned(), Day::of_epoch_days(known.published(cve).div_euclid(1440)).to_string())
    }));
}

/// The state of a CVE over the records of its sources, and whether any of them is left that names products.
#[test]
fn the_state() {
    let nvd = |status: &str, day: &str| {
        let tags = if status == "disputed" { "[{'tags':['disputed']}]" } else { "[]" };
        let configurations = "[{'nodes':[{'cpeMatch':[{'criteria':'cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*'}]}]}]";
        let words = format!(
            "id=CVE-2024-1000 published=2024-05-01 lastModified={day} vulnStatus={status} cveTags:={tags} configurations:={configurations}"
        );
        (SourceKind::Nvd, format!(r#"{{"cve":{}}}"#, object(&words)))
    };
    let list = |state: &str, day: &str| {
        let metadata = format!("{{'cveId':'CVE-2024-1000','state':'{state}','dateUpdated':'{day}'}}");
        (SourceKind::CveList, object(&format!("dataVersion=5.1 cveMetadata:={metadata} containers:={{'cna':{{}}}}")))
    };
    let osv = |withdrawn: &str| {
        let affected = "[{'package':{'ecosystem':'PyPI','name':'ferry'},'versions':['1.0']}]";
        let words = format!("id=HARBOR-1 aliases:=['CVE-2024-1000'] modified=2024-05-01T00:00:00Z affected:={affected}");
        (SourceKind::Osv, object(&if withdrawn.is_empty() { words } else { format!("{words} withdrawn={withdrawn}") }))
    };
    let gone = || osv("2024-06-01T00:00:00Z");
    let correction = || (SourceKind::Overrides, plain("{'cve':{'id':'CVE-2024-1000'}}"));
    let rows = [
        ("published", vec![nvd("Analyzed", "2024-05-02")], "published with products"),
        ("rejected by NVD alone", vec![nvd("Rejected", "2024-05-02")], "rejected with products"),
        (
            "rejected by the CVE Program, whatever NVD still says",
            vec![nvd("Analyzed", "2024-07-01"), list("REJECTED", "2024-06-01")],
            "rejected with products",
        ),
        (
            "an older copy of the CVE List does not know of it yet",
            vec![nvd("Rejected", "2024-07-01"), list("PUBLISHED", "2024-06-01")],
            "rejected with products",
        ),
        (
            "the CVE Program took it back, and NVD does not know of it yet",
            vec![nvd("Rejected", "2024-06-01"), list("PUBLISHED", "2024-07-01")],
            "published",
        ),
        ("disputed by one of both", vec![nvd("disputed", "2024-05-02"), list("PUBLISHED", "2024-06-01")], "disputed with products"),
        ("an override corrects products", vec![nvd("Rejected", "2024-05-02"), correction()], "rejected with products"),
        ("a withdrawn record is all there is", vec![gone()], "rejected with products"),
        ("an override beside it", vec![gone(), correction()], "rejected with products"),
        ("a duplicate was withdrawn", vec![osv(""), gone()], "published with products"),
        ("whichever comes first", vec![gone(), osv("")], "published with products"),
        ("a withdrawn record closes nothing", vec![nvd("Analyzed", "2024-05-02"), gone()], "published with products"),
        ("and names no product", vec![list("PUBLISHED", "2024-05-02"), gone()], "published"),
        ("a live one of a CVE that was rejected", vec![nvd("Rejected", "2024-05-02"), osv("")], "rejected with products"),
    ];
    seaworthy_testing::hold(rows.into_iter().map(|(why, records, expected)| {
        let known = known(&records);
        let cve = known.find("CVE-2024-1000".parse().unwrap()).unwrap();
        let decidable = if known.is_decidable(cve) { " with products" } else { "" };
        assert_eq!(known.is_decidable(cve), known.cve_products(cve).len() > 0);
        (why, expected.to_owned(), format!("{}{decidable}", known.state(cve).as_str()))
    }));
}

#[test]
fn words_that_another_record_explains_are_a_change() {
    let words = |id: &str| {
        let product = plain("'vendor':'The Ferry Team','product':'Night Ferry','versions':[{'version':'1.0','status':'affected'}]");
        let metadata = plain(&format!("'cveId':'{id}','datePublished':'2024-05-01'"));
        let text = format!(r#"{{"dataVersion":"5.1","cveMetadata":{{{metadata}}},"containers":{{"cna":{{"affected":[{{{product}}}]}}}}}}"#);
        (SourceKind::CveList, text)
    };
    let criteria = "'criteria':'cpe:2.3:a:ferry:ferry:1.0:*:*:*:*:*:*:*'";
    let nvd = format!(
        "{{'cve':{{'id':'CVE-2024-1001','published':'2024-05-01','configurations':[{{'nodes':[{{'cpeMatch':[{{{criteria}}}]}}]}}]}}}}"
    );
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let product_of = |id: &str| {
        let known = store.open().unwrap();
        let names = known.cve_products(known.find(id.parse().unwrap()).unwrap()).map(|p| known.product_name(p).to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    store.ingest(delivered(&[words("CVE-2024-1001"), words("CVE-2024-1002")]), 1_700_000_000, &|_| {}).unwrap();
    assert_eq!(product_of("CVE-2024-1002"), "a:the_ferry_team:night_ferry", "nobody else describes it");
    let report = store.ingest(delivered(&[(SourceKind::Nvd, plain(&nvd))]), 1_700_000_001, &|_| {}).unwrap();
    assert_eq!(product_of("CVE-2024-1002"), "a:ferry:ferry");
    let changed: Vec<String> = report.changes.iter().map(|change| change.cve.to_string()).collect();
    assert_eq!(changed, ["CVE-2024-1001", "CVE-2024-1002"], "the second one has the same records as before");
}
