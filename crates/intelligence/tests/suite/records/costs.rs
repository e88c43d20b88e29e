//! One bad record costs only itself: with any JSON in its place, the records beside it are read, and it is refused with its position.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use seaworthy_host::archive::TarGz;
use seaworthy_intelligence::records::{Refused, SourceKind, parse_epss, parse_kev, parse_nvd};
use seaworthy_intelligence::{Delivery, Input, InputBody, Store};
use seaworthy_model::CveId;
use serde_json::{Value, json};

use super::{Reading, show};

/// Any JSON of at most three levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop_oneof![Just("0001-01-01T00:00:00Z"), Just("2024-05-01T25:00:00Z"), Just("CVE-2024-1"), Just("*"), Just("")]
            .prop_map(Value::from),
        "[\\x00-\\x1f]{1,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,8}", inner, 0..4).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// The paths of all values in a value, that of the whole first.
fn paths(value: &Value, path: &str, out: &mut Vec<String>) {
    out.push(path.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| paths(value, &format!("{path}/{key}"), out)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| paths(value, &format!("{path}/{i}"), out)),
        _ => {}
    }
}

/// A good record with any JSON in the place of one of its values.
fn changed(good: Value) -> impl Strategy<Value = Value> {
    (any::<Index>(), any_json()).prop_map(move |(place, other)| {
        let mut record = good.clone();
        let mut all = Vec::new();
        paths(&record, "", &mut all);
        *record.pointer_mut(place.get(all.as_slice()).as_str()).unwrap() = other;
        record
    })
}

fn nvd(number: usize) -> Value {
    json!({"cve": {
        "id": format!("CVE-2024-{number}"), "published": "2024-01-10T00:00:00.000", "lastModified": "2024-01-11T00:00:00.000",
        "vulnStatus": "Analyzed", "cveTags": [{"tags": ["disputed"]}], "descriptions": [{"lang": "en", "value": "One"}],
        "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "cvssData": {"baseScore": 7.5, "vectorString": "CVSS:3.1/AV:N"}}]},
        "weaknesses": [{"description": [{"lang": "en", "value": "CWE-79"}]}],
        "configurations": [{"operator": "AND", "negate": false, "nodes": [{"operator": "OR", "cpeMatch": [
            {"vulnerable": true, "criteria": "cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*", "versionEndExcluding": "1.4"}]}]}],
        "references": [{"url": "https://github.com/acme/ferry"}],
    }})
}

fn cve5(number: usize) -> Value {
    json!({
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": format!("CVE-2024-{number}"), "state": "PUBLISHED", "datePublished": "2024-01-10T00:00:00Z"},
        "containers": {
            "cna": {
                "descriptions": [{"lang": "en", "value": "One"}], "tags": ["disputed"],
                "affected": [{"vendor": "acme", "product": "ferry", "defaultStatus": "unaffected", "programFiles": ["a.c"],
                    "versions": [{"version": "1.0", "lessThan": "1.4", "status": "affected", "versionType": "semver"}]}],
            },
            "adp": [{"providerMetadata": {"shortName": "CISA-ADP"}, "metrics": [{"cvssV3_1": {"baseScore": 7.5}}]}],
        },
    })
}

fn osv(number: usize) -> Value {
    json!({
        "id": format!("HARBOR-{number}"), "aliases": [format!("CVE-2024-{number}")], "modified": "2024-01-10T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": "ferry"}, "versions": ["1.0"],
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.4.0"}]}]}],
        "references": [{"url": "https://github.com/acme/ferry"}],
    })
}

fn kev(number: usize) -> Value {
    json!({
        "cveID": format!("CVE-2024-{number}"), "dateAdded": "2024-05-03", "knownRansomwareCampaignUse": "Known", "dueDate": "2024-05-24",
    })
}

const BAD: usize = 5000;

proptest! {
    #[test]
    fn of_a_feed(count in 1usize..5, place in any::<Index>(), bad in prop_oneof![any_json(), changed(nvd(BAD))]) {
        let place = place.index(count + 1);
        let mut records: Vec<String> = (0..count).map(|n| nvd(1000 + n).to_string()).collect();
        records.insert(place, bad.to_string());
        let text = format!("{{\"version\":\"2.0\",\"vulnerabilities\":[{}]}}", records.join(","));
        let mut reading = Reading::new(show::about);
        let feed = parse_nvd(text.as_bytes(), "feed.json", &mut reading).unwrap();
        prop_assert_eq!(feed.seen, count as u64 + 1);
        let begin = text.find('[').unwrap() + 1 + records[..place].iter().map(|r| r.len() + 1).sum::<usize>();
        prop_assert!(reading.refused.iter().all(|r| r.offset == begin as u64 && !r.message.is_empty()), "{:?}", reading.refused);
        let bad_views = reading.views.len() - count;
        prop_assert!(bad_views <= 1 && bad_views + reading.refused.len() >= 1);
        for n in 0..count {
            let good = format!("CVE-2024-{} CWE-79 \"One\" -> https://github.com/acme/ferry", 1000 + n);
            prop_assert!(reading.views.contains(&good), "{:?}", reading.views);
        }
    }

    #[test]
    fn of_a_catalogue(count in 1usize..5, place in any::<Index>(), bad in prop_oneof![any_json(), changed(kev(BAD))]) {
        let place = place.index(count + 1);
        let mut entries: Vec<String> = (0..count).map(|n| kev(1000 + n).to_string()).collect();
        entries.insert(place, bad.to_string());
        let text = format!("{{\"vulnerabilities\":[{}]}}", entries.join(","));
        let mut refused: Vec<Refused> = Vec::new();
        let facts = parse_kev(text.as_bytes(), "kev.json", &mut refused).unwrap();
        let begin = 20 + entries[..place].iter().map(|e| e.len() + 1).sum::<usize>();
        prop_assert!(refused.iter().all(|r| r.offset == begin as u64 && !r.message.is_empty()), "{refused:?}");
        prop_assert!(facts.len() + refused.len() <= count + 1);
        for n in 0..count {
            let key = format!("CVE-2024-{}", 1000 + n).parse::<CveId>().unwrap().key();
            prop_assert!(facts.iter().any(|f| f.key == key));
        }
    }

    #[test]
    fn of_scores(count in 0usize..5, place in any::<Index>(), bad in "[^\r\n]{0,40}") {
        let place = place.index(count + 1);
        let mut lines: Vec<String> = (0..count).map(|n| format!("CVE-2024-{},0.5,0.9", 1000 + n)).collect();
        lines.insert(place, bad);
        let text = format!("cve,epss,percentile\n{}\n", lines.join("\n"));
        let mut refused: Vec<Refused> = Vec::new();
        let facts = parse_epss(text.as_bytes(), "epss.csv", &mut refused).unwrap();
        let begin = 20 + lines[..place].iter().map(|l| l.len() + 1).sum::<usize>();
        prop_assert!(refused.len() <= 1 && refused.iter().all(|r| r.offset == begin as u64));
        for n in 0..count {
            let key = format!("CVE-2024-{}", 1000 + n).parse::<CveId>().unwrap().key();
            prop_assert!(facts.iter().any(|f| f.key == key));
        }
    }
}

/// A sync of a pack of records: the known ids, and the files of the refused records.
fn synced(kind: SourceKind, files: &[(String, Vec<u8>)]) -> (Vec<String>, Vec<Refused>) {
    let mut pack = TarGz::default();
    files.iter().for_each(|(name, bytes)| pack.add(name, bytes).unwrap());
    let body = InputBody::Bytes(pack.finish().unwrap());
    let input = Input { kind, name: "pack.tar.gz".into(), origin: String::new(), validators: Default::default(), body };
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let delivery = Delivery { inputs: vec![input], ..Delivery::default() };
    let report = store.ingest(BTreeMap::from([(kind, delivery)]), 1_700_000_000, &|_| {}).unwrap();
    assert_eq!(report.errors, BTreeMap::new());
    let known = store.open().unwrap();
    (known.cves().map(|cve| known.id(cve).to_string()).collect(), report.refused)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn of_a_pack(
        count in 1usize..4,
        place in any::<Index>(),
        (kind, bad) in prop_oneof![
            prop_oneof![any_json(), changed(cve5(BAD))].prop_map(|j| (SourceKind::CveList, j.to_string().into_bytes())),
            prop_oneof![any_json(), changed(osv(BAD))].prop_map(|j| (SourceKind::Osv, j.to_string().into_bytes())),
            prop_oneof![any_json(), changed(nvd(BAD))].prop_map(|j| (SourceKind::Overrides, j.to_string().into_bytes())),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| (SourceKind::Osv, bytes)),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| (SourceKind::CveList, bytes)),
        ],
    ) {
        let good = |n: usize| match kind {
            SourceKind::CveList => cve5(n),
            SourceKind::Osv => osv(n),
            _ => nvd(n),
        };
        let mut files: Vec<(String, Vec<u8>)> =
            (0..count).map(|n| (format!("{n}.json"), good(1000 + n).to_string().into_bytes())).collect();
        files.insert(place.index(count + 1), ("bad.json".to_owned(), bad));
        let (known, refused) = synced(kind, &files);
        for n in 0..count {
            prop_assert!(known.contains(&format!("CVE-2024-{}", 1000 + n)), "{known:?}");
        }
        prop_assert!(refused.iter().all(|r| r.file == "bad.json" && !r.message.is_empty()), "{refused:?}");
    }
}
