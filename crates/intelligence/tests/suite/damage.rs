//! Damage on disk: a file of the index that is not as it was written gives an error that says what to do, and never other knowledge.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use seaworthy_host::archive::TarGz;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};

fn nvd(year: u16, ids: std::ops::Range<u32>) -> Vec<u8> {
    let record = |n: u32| {
        let (product, end) = (n % 5, n % 7 + 1);
        format!(
            r#"{{"cve":{{"id":"CVE-{year}-{n}","published":"{year}-03-0{}T10:00:00.000","lastModified":"{year}-04-01T00:00:00.000",
            "descriptions":[{{"lang":"en","value":"A flaw in tool{product}."}}],
            "metrics":{{"cvssMetricV31":[{{"source":"nvd@nist.gov","cvssData":{{"baseScore":{end}.5,"vectorString":"CVSS:3.1/AV:N"}}}}]}},
            "configurations":[{{"nodes":[{{"operator":"OR","cpeMatch":[{{"vulnerable":true,
            "criteria":"cpe:2.3:a:acme:tool{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"{end}.0"}}]}}]}}],
            "references":[{{"url":"https://github.com/acme/tool{product}/issues/{n}"}}]}}}}"#,
            n % 9 + 1
        )
    };
    let records: Vec<String> = ids.map(record).collect();
    format!(r#"{{"version":"2.0","totalResults":{},"vulnerabilities":[{}]}}"#, records.len(), records.join(",")).into_bytes()
}

fn cve_list() -> Vec<u8> {
    let mut pack = TarGz::default();
    for n in 10_000..10_006 {
        let record = format!(
            r#"{{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{{"cveId":"CVE-2024-{n}","state":"PUBLISHED",
            "datePublished":"2024-03-01T00:00:00.000Z"}},"containers":{{"cna":{{"affected":[{{"vendor":"acme","product":"tool1",
            "versions":[{{"version":"1.0","status":"affected","lessThan":"2.{n}"}}]}}]}}}}}}"#
        );
        pack.add(&format!("CVE-2024-{n}.json"), record.as_bytes()).unwrap();
    }
    pack.finish().unwrap()
}

fn sync(home: &Path, artefacts: Vec<(SourceKind, &str, Vec<u8>)>) {
    let mut deliveries: BTreeMap<SourceKind, Delivery> = BTreeMap::new();
    for (kind, name, bytes) in artefacts {
        let input = Input {
            kind,
            name: name.into(),
            origin: name.into(),
            validators: seaworthy_intelligence::fetch::Validators::default(),
            body: InputBody::Bytes(bytes),
        };
        deliveries.entry(kind).or_default().inputs.push(input);
    }
    let report = Store::new(home).ingest(deliveries, 1_700_000_000, &|_| {}).unwrap();
    assert_eq!((report.refused, report.errors), (Vec::new(), BTreeMap::new()));
}

/// A home with a segment of every kind and the changes of one sync.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let kev = r#"{"vulnerabilities":[{"cveID":"CVE-2024-10001","dateAdded":"2024-05-03","dueDate":"2024-06-01"}]}"#;
    let epss = "cve,epss,percentile\nCVE-2024-10001,0.5,0.9\nCVE-2024-10002,0.25,0.5\n";
    sync(
        home.path(),
        vec![
            (SourceKind::Nvd, "nvdcve-2.0-2023.json", nvd(2023, 10_000..10_008)),
            (SourceKind::Nvd, "nvdcve-2.0-2024.json", nvd(2024, 10_000..10_008)),
            (SourceKind::Kev, "kev.json", kev.into()),
            (SourceKind::Epss, "epss.csv", epss.into()),
            (SourceKind::CveList, "cvelist.tar.gz", cve_list()),
        ],
    );
    sync(home.path(), vec![(SourceKind::Nvd, "nvdcve-2.0-2024.json", nvd(2024, 10_000..10_010))]);
    home
}

/// All values of a knowledge, as text.
fn text_of(known: &Knowledge) -> String {
    let mut out = String::new();
    for cve in known.cves() {
        let products: Vec<_> = known.cve_products(cve).map(|p| (known.product_name(p), known.product_cves(p).count())).collect();
        let homes: Vec<_> = known.cve_homes(cve).map(|h| (known.home_name(h), known.home_cves(h).count())).collect();
        let facts = (known.published(cve), known.state(cve), known.is_decidable(cve), known.exploited(cve), known.exploit_prediction(cve));
        let views: Vec<_> = known.views_with_products(cve).collect();
        let texts = known.texts(cve).unwrap();
        writeln!(out, "{} {facts:?} {products:?} {homes:?} {views:?} {texts:?}", known.id(cve)).unwrap();
    }
    let named = (0..5).map(|n| known.products_named(&format!("tool{n}")).count()).collect::<Vec<_>>();
    writeln!(out, "{named:?} {:?}", known.product("a:acme:tool1")).unwrap();
    out
}

fn files(home: &Path, folders: &[&str]) -> Vec<PathBuf> {
    let folder = |name: &&str| fs::read_dir(home.join("knowledge").join(name)).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> = folders.iter().flat_map(folder).collect();
    files.sort();
    files
}

/// Bytes with the kinds of damage that a disk, a copy or a crash makes.
fn damaged(good: &[u8], step: usize) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for at in (0..good.len()).step_by(step) {
        let mask = [0x01, 0x08, 0x80, 0xff][at / step % 4];
        let mut bytes = good.to_vec();
        bytes[at] ^= mask;
        all.push((format!("byte {at} ^ {mask:#x}"), bytes));
    }
    for len in [0, 1, 7, 8, 16, 63, 64, good.len() / 2, good.len() - 1] {
        all.push((format!("cut to {len}"), good[..len.min(good.len() - 1)].to_vec()));
    }
    for (from, to) in [(0, 8), (8, good.len() / 2), (good.len() / 3, good.len()), (0, good.len())] {
        let mut bytes = good.to_vec();
        bytes[from..to].fill(0);
        all.push((format!("zeroes from {from} to {to}"), bytes));
    }
    all.push(("one more byte".into(), [good, b"\0"].concat()));
    all.push(("twice".into(), [good, good].concat()));
    all
}

#[test]
fn a_damaged_file_of_the_index_is_refused_by_name_and_mended() {
    let home = home();
    let store = Store::new(home.path());
    let before = text_of(&store.open().unwrap());
    let mut all = files(home.path(), &["segments", "texts", "catalogues"]);
    assert_eq!(all.len(), 11);
    // KEV and EPSS have no texts: nothing reads their files but a sync.
    all.retain(|path| fs::metadata(path).unwrap().len() > 120);
    assert_eq!(all.len(), 9);
    for path in &all {
        let good = fs::read(path).unwrap();
        let others = all.iter().filter(|other| *other != path).map(|other| ("another file".to_owned(), fs::read(other).unwrap()));
        for (what, bytes) in damaged(&good, 11).into_iter().chain(others) {
            if bytes == good {
                continue;
            }
            fs::write(path, &bytes).unwrap();
            let error = refusal(&store);
            let named = error.contains(path.to_str().unwrap()) && error.contains("seaworthy sync --rebuild");
            assert!(named, "{}: {what}: {error}", path.display());
        }
        for mend in [|s: &Store| s.rebuild(&|_| {}).map(drop), |s: &Store| s.ingest(BTreeMap::new(), 1_700_000_000, &|_| {}).map(drop)] {
            for bytes in [Some(vec![0; good.len()]), Some(good[..good.len() / 2].to_vec()), None] {
                match bytes {
                    Some(bytes) => fs::write(path, bytes).unwrap(),
                    None => fs::remove_file(path).unwrap(),
                }
                assert!(refusal(&store).contains("sync --rebuild"));
                mend(&store).unwrap();
                assert!(fs::read(path).unwrap() == good, "{}: not mended", path.display());
            }
        }
        assert_eq!(text_of(&store.open().unwrap()), before);
    }
}

/// The error with which a store does not open, or its texts cannot be read; empty where there is none.
fn refusal(store: &Store) -> String {
    let read = store.open().and_then(|known| known.cves().try_for_each(|cve| known.texts(cve).map(drop)));
    read.err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn damaged_texts_change_no_verdict_and_a_sync_takes_none_away() {
    let home = home();
    let store = Store::new(home.path());
    let known = store.open().unwrap();
    let cve = known.find("CVE-2024-10001".parse().unwrap()).unwrap();
    let views = format!("{:?}", known.views(cve).collect::<Vec<_>>());
    for path in files(home.path(), &["texts"]) {
        fs::remove_file(path).unwrap();
    }
    // What is open stays readable.
    let texts = known.texts(cve).unwrap();
    assert_eq!(texts[0].1.description, "A flaw in tool1.");
    assert_eq!(texts[0].1.references[0].url, "https://github.com/acme/tool1/issues/10001");
    let known = store.open().unwrap();
    assert_eq!(format!("{:?}", known.views(cve).collect::<Vec<_>>()), views, "a verdict needs no text");
    assert!(known.texts(cve).unwrap_err().to_string().contains("the file is missing"));
    store.ingest(BTreeMap::new(), 1_700_000_000, &|_| {}).unwrap();
    for path in files(home.path(), &["texts"]) {
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let known = store.open().unwrap();
    assert_eq!(format!("{:?}", known.views(cve).collect::<Vec<_>>()), views);
    assert!(known.texts(cve).unwrap_err().to_string().contains("sync --rebuild"));
}

#[test]
fn a_damaged_state_gives_the_same_knowledge_or_an_error() {
    let home = home();
    let store = Store::new(home.path());
    let before = text_of(&store.open().unwrap());
    let path = home.path().join("knowledge/state.json");
    let good = fs::read(&path).unwrap();
    let mut refused = 0;
    for (what, bytes) in damaged(&good, 1) {
        fs::write(&path, bytes).unwrap();
        match store.open() {
            Ok(known) => assert_eq!(text_of(&known), before, "{what}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
    // Two artefacts whose names change places: the catalogue names segments by their place in that order.
    let exchanged = String::from_utf8(good.clone()).unwrap().replace("nvdcve-2.0-2023.json\": {", "nvdcve-2.0-2025.json\": {");
    assert_ne!(exchanged.as_bytes(), good);
    fs::write(&path, exchanged).unwrap();
    assert!(refusal(&store).contains("seaworthy sync --rebuild"));
    store.rebuild(&|_| {}).unwrap();
    assert_eq!(store.open().unwrap().len(), 18);
}

#[test]
fn damaged_changes_are_not_believed() {
    let home = home();
    let store = Store::new(home.path());
    let changes = files(home.path(), &["changes"]);
    let to = store.status().unwrap().knowledge.unwrap();
    let (path, from, good) = changes
        .iter()
        .find_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let from = serde_json::from_str::<serde_json::Value>(&text).unwrap()["report"]["from"].as_str()?.parse().unwrap();
            Some((path, from, text.into_bytes()))
        })
        .unwrap();
    let before = store.changes_since(from, to).unwrap();
    assert_eq!(before.len(), 2);
    for (what, bytes) in damaged(&good, 1) {
        fs::write(path, bytes).unwrap();
        let after = store.changes_since(from, to);
        assert!(after.is_none() || after.as_ref() == Some(&before), "{what}: {after:?}");
    }
}

#[test]
fn a_damaged_raw_record_is_not_shown() {
    let home = home();
    let store = Store::new(home.path());
    let known = store.open().unwrap();
    let id = "CVE-2024-10001".parse().unwrap();
    assert_eq!(store.raw_records(&known, id).unwrap().len(), 2);
    assert_eq!(store.due(id).unwrap(), Some(19_875));
    let mut refused = 0;
    for path in files(home.path(), &["raw"]) {
        let good = fs::read(&path).unwrap();
        let mut bytes = good.clone();
        bytes[good.len() / 2] ^= 1;
        fs::write(&path, bytes).unwrap();
        for error in [store.raw_records(&known, id).err(), store.due(id).err()].into_iter().flatten() {
            let text = error.to_string();
            assert!(text.contains("was changed after it was fetched") && text.contains(path.to_str().unwrap()), "{text}");
            refused += 1;
        }
        fs::write(&path, good).unwrap();
    }
    // The record with NVD, that of the CVE List, and the entry of KEV.
    assert_eq!(refused, 3);
}
