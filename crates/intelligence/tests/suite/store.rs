//! The state on disk: the replacement of artefacts, and building the index again.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Store, SyncReport};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn sync(home: &Path, kind: SourceKind, name: &str, bytes: Vec<u8>) -> SyncReport {
    let input = Input {
        kind,
        name: name.into(),
        origin: name.into(),
        validators: seaworthy_intelligence::fetch::Validators::default(),
        body: InputBody::Bytes(bytes),
    };
    let delivery = Delivery { inputs: vec![input], location: name.into(), error: None };
    Store::new(home).ingest(BTreeMap::from([(kind, delivery)]), 1_700_000_000, &|_| {}).unwrap()
}

/// A feed of made-up records, each with a description.
fn feed(records: &[(&str, &str)]) -> String {
    let records: Vec<String> = records
        .iter()
        .map(|(id, text)| {
            format!(
                r#"{{"cve":{{"id":"{id}","published":"2024-05-01T00:00:00.000","lastModified":"2024-05-02T00:00:00.000",
                "descriptions":[{{"lang":"en","value":"{text}"}}]}}}}"#
            )
        })
        .collect();
    format!(r#"{{"version":"2.0","totalResults":{},"vulnerabilities":[{}]}}"#, records.len(), records.join(","))
}

fn kev(ids: &[&str]) -> String {
    let entries: Vec<String> = ids.iter().map(|id| format!(r#"{{"cveID":"{id}","dateAdded":"2024-05-03"}}"#)).collect();
    format!(r#"{{"vulnerabilities":[{}]}}"#, entries.join(","))
}

#[test]
fn an_artefact_packed_in_another_way_takes_the_place_of_the_old_one() {
    let home = tempfile::tempdir().unwrap();
    let records = [("CVE-2024-10001", "One."), ("CVE-2024-10002", "Two.")];
    sync(home.path(), SourceKind::Nvd, "nvdcve-2.0-2024.json", feed(&records).into_bytes());
    let both = kev(&["CVE-2024-10001", "CVE-2024-10002"]);
    sync(home.path(), SourceKind::Kev, "kev.json.gz", gzip(&both));
    let names = || {
        let status = Store::new(home.path()).status().unwrap();
        status.sources[&SourceKind::Kev].artefacts.keys().cloned().collect::<Vec<_>>()
    };
    // The second one was taken off the list in the meantime.
    for (name, bytes) in [("kev.json", kev(&["CVE-2024-10001"]).into_bytes()), ("kev.json.gz", gzip(&kev(&["CVE-2024-10001"])))] {
        sync(home.path(), SourceKind::Kev, name, bytes);
        assert_eq!(names(), [name]);
        let known = Store::new(home.path()).open().unwrap();
        let exploited = |id: &str| known.find(id.parse().unwrap()).and_then(|cve| known.exploited(cve));
        assert!(exploited("CVE-2024-10001").is_some() && exploited("CVE-2024-10002").is_none());
    }
}

#[test]
fn a_bad_entry_of_kev_costs_itself() {
    let home = tempfile::tempdir().unwrap();
    sync(home.path(), SourceKind::Nvd, "nvdcve-2.0-2024.json", feed(&[("CVE-2024-10001", "One.")]).into_bytes());
    let entry = r#"{"cveID":"CVE-2024-10001","dateAdded":"2024-05-03","dueDate":"2024-06-01"}"#;
    let report = sync(home.path(), SourceKind::Kev, "kev.json", format!(r#"{{"vulnerabilities":[7,{entry}]}}"#).into_bytes());
    assert_eq!(report.errors, BTreeMap::new());
    assert_eq!(report.refused.iter().map(|r| (&*r.file, r.offset)).collect::<Vec<_>>(), [("kev.json", 20)]);
    let store = Store::new(home.path());
    let (known, id) = (store.open().unwrap(), "CVE-2024-10001".parse().unwrap());
    assert!(known.exploited(known.find(id).unwrap()).is_some());
    assert_eq!(store.due(id).unwrap(), Some(19_875));
    assert_eq!(store.status().unwrap().sources[&SourceKind::Kev].refused(), 1);
}

#[test]
fn a_first_sync_of_which_nothing_arrives_puts_nothing_in_force() {
    let late = || Delivery { error: Some("no route".into()), ..Delivery::default() };
    let bad = |name: &str| Delivery {
        inputs: vec![Input {
            kind: SourceKind::Kev,
            name: name.into(),
            origin: name.into(),
            validators: seaworthy_intelligence::fetch::Validators::default(),
            body: InputBody::Bytes(b"<html>".to_vec()),
        }],
        ..Delivery::default()
    };
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let ingest = |deliveries| store.ingest(deliveries, 1_700_000_000, &|_| {}).unwrap();
    for deliveries in [
        BTreeMap::from([(SourceKind::Nvd, late())]),
        BTreeMap::from([(SourceKind::Kev, bad("kev.json"))]),
        BTreeMap::from([(SourceKind::Nvd, late()), (SourceKind::Kev, bad("kev.json")), (SourceKind::Epss, Delivery::default())]),
    ] {
        let report = ingest(deliveries);
        assert_eq!((report.from, report.to, report.new), (None, None, 0));
        assert!(
            report.errors.contains_key(&SourceKind::Nvd) || report.errors[&SourceKind::Kev].starts_with("kev.json: not a KEV catalogue")
        );
        assert_eq!(store.status().unwrap().knowledge, None);
        assert!(store.open().unwrap_err().to_string().contains("nothing is known yet"));
    }
    // One that arrives is enough, and is kept when nothing does.
    let good = sync(home.path(), SourceKind::Nvd, "nvdcve-2.0-2024.json", feed(&[("CVE-2024-10001", "One.")]).into_bytes());
    assert_eq!(good.new, 1);
    let after = ingest(BTreeMap::from([(SourceKind::Nvd, late())]));
    assert_eq!((after.from, after.to), (good.to, good.to));
    assert_eq!(store.status().unwrap().sources[&SourceKind::Nvd].error.as_deref(), Some("no route"));
    assert_eq!(store.open().unwrap().len(), 1);
}

/// The files of one folder of the state, with their bytes.
fn files(home: &Path, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(home.join("knowledge").join(folder)).unwrap();
    entries.map(|e| e.unwrap().path()).map(|p| (p.clone(), std::fs::read(p).unwrap())).collect()
}

#[test]
fn a_rebuild_makes_every_segment_anew() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    assert!(store.rebuild(&|_| {}).unwrap_err().to_string().contains("seaworthy sync"));
    for (name, records) in [("nvdcve-2.0-2023.json", [("CVE-2023-10001", "One.")]), ("nvdcve-2.0-2024.json", [("CVE-2024-10001", "Two.")])]
    {
        sync(home.path(), SourceKind::Nvd, name, feed(&records).into_bytes());
    }
    let index = || [files(home.path(), "segments"), files(home.path(), "catalogues"), files(home.path(), "texts")];
    let (good, before) = (index(), store.status().unwrap());
    // One segment says what another holds, as an older parser's might; one byte of the other, of the catalogue and of each file of texts is
    // wrong.
    let segments: Vec<_> = good[0].iter().collect();
    std::fs::write(segments[0].0, segments[1].1).unwrap();
    for (path, bytes) in segments[1..].iter().copied().chain(&good[1]).chain(&good[2]) {
        let mut bytes = bytes.clone();
        bytes[20] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    let error = store.open().err().unwrap().to_string();
    assert!(error.contains("seaworthy sync --rebuild"), "{error}");
    let report = store.rebuild(&|_| {}).unwrap();
    assert_eq!(report.parsed, ["nvdcve-2.0-2023.json", "nvdcve-2.0-2024.json"]);
    assert_eq!((report.new, report.changed, report.rejected), (0, 0, 0));
    assert!(index() == good, "the same raw files give the same bytes");
    assert_eq!(store.status().unwrap(), before);

    let (raw, bytes) = files(home.path(), "raw").pop_first().unwrap();
    std::fs::write(&raw, [&bytes[..], b" "].concat()).unwrap();
    let error = store.rebuild(&|_| {}).unwrap_err().to_string();
    assert!(error.contains("was changed after it was fetched") && error.contains(raw.to_str().unwrap()), "{error}");
}
