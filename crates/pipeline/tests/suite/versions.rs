//! The formats on disk: docs/formats.md agrees with the code on each, and a file of another version is treated as the page says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use seaworthy_host::archive::{unpacked, zstd};
use seaworthy_model::format::Format;
use seaworthy_pipeline::{HomeError, Kind, PublicationRequest, SyncRequest, VerifyRequest};
use seaworthy_testing::{hold, needs, workspace};
use serde_json::Value;

use crate::home::{Office, packages, scan_of_specs};

/// The formats whose files no use case reads, with the test that does.
const ELSEWHERE: [(&str, &str); 2] = [
    // A library keeps it for whoever scans a folder of packages.
    ("cache of a scan", "crates/packages/src/repository/tests/versions.rs"),
    // It lies in a store.
    ("listing of a store", "crates/cli/tests/suite/store.rs"),
];

fn formats() -> Vec<&'static Format> {
    [
        seaworthy_intelligence::FORMATS,
        seaworthy_keys::FORMATS,
        seaworthy_ledger::FORMATS,
        seaworthy_packages::repository::FORMATS,
        seaworthy_publish::FORMATS,
    ]
    .concat()
}

/// A row of the page's table of formats.
struct Row {
    name: String,
    version: String,
    oldest: String,
    newer: String,
    older: String,
}

/// The rows of the page's first table.
fn rows() -> Vec<Row> {
    let page = fs::read_to_string(workspace().join("docs/formats.md")).unwrap();
    let table: Vec<&str> =
        page.lines().skip_while(|line| !line.starts_with("| format |")).take_while(|line| line.starts_with('|')).collect();
    let row = |line: &&str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let [name, _file, version, oldest, newer, older, _deleted] = cells.try_into().unwrap();
        Row { name, version, oldest, newer, older }
    };
    table[2..].iter().map(row).collect()
}

#[test]
fn the_page_tells_of_each_format_what_the_code_says() {
    let rows = rows();
    let mut compared = Vec::new();
    for format in formats() {
        let row = rows.iter().find(|row| row.name == format.name).unwrap_or_else(|| panic!("the page has no row for the {}", format.name));
        let told = |cell: &str, remedy: String| cell.contains(&remedy) || cell.contains("anew, in silence") || cell.contains("migrated");
        compared.push((format.name, format.version.to_string(), row.version.clone()));
        compared.push((format.name, format.oldest.to_string(), row.oldest.clone()));
        compared.push((format.name, true.to_string(), told(&row.newer, format.newer.to_string()).to_string()));
        // Before the first version nothing was written.
        let first = format.oldest == 1 && format.version.major == 1;
        let older = if first { row.older == "there is none" } else { told(&row.older, format.older.to_string()) };
        compared.push((format.name, true.to_string(), older.to_string()));
        assert!(format.oldest > 0 && format.oldest <= format.version.major, "{format:?}");
    }
    hold(compared);
    let names: BTreeSet<&str> = formats().iter().map(|format| format.name).collect();
    assert_eq!((names.len(), rows.len()), (formats().len(), names.len()), "each name is there once, and no row is left over");
}

#[test]
fn every_format_that_the_code_defines_is_listed() {
    fn defined(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                if path.is_dir() {
                    return defined(&path);
                }
                let text = fs::read_to_string(&path).unwrap_or_default();
                text.lines().filter(|line| line.contains("static ") && line.trim_end().contains(": Format =")).count()
            })
            .sum()
    }
    let crates = fs::read_dir(workspace().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    // `model` says what a format is, and has only those of its own tests.
    let all: usize = crates.filter(|path| !path.ends_with("model")).map(|path| defined(&path.join("src"))).sum();
    assert_eq!(all, formats().len(), "a format is missing in the FORMATS of its crate");
}

/// The result of an action while a file has another content, which is undone after it.
fn changed<T>(path: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>, act: impl FnOnce() -> T) -> T {
    let good = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let other = change(good.clone());
    assert!(other != good, "{} is as it was", path.display());
    fs::write(path, other).unwrap();
    let out = act();
    fs::write(path, good).unwrap();
    out
}

/// JSON with a number that is changed by `by` at a path.
fn counted(pointer: &str, by: i64) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let mut value: Value = serde_json::from_slice(&bytes).unwrap();
        let number = value.pointer_mut(pointer).unwrap();
        *number = (number.as_i64().unwrap() + by).into();
        serde_json::to_vec(&value).unwrap()
    }
}

/// The same for compressed JSON.
fn packed(pointer: &str, by: i64) -> impl Fn(Vec<u8>) -> Vec<u8> {
    let change = counted(pointer, by);
    move |bytes| zstd(&change(unpacked(&bytes, 1 << 20).unwrap().into_owned()), 1).unwrap()
}

/// A file that begins with a word of seven letters and a digit, which is changed by `by`, as is its end where it has both.
fn marked(by: i64) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |mut bytes| {
        let mark = bytes[..8].to_vec();
        let other = u8::try_from(i64::from(mark[7]) + by).unwrap();
        let last = bytes.len() - 1;
        if bytes.ends_with(&mark) {
            bytes[last] = other;
        }
        bytes[7] = other;
        bytes
    }
}

/// The first file with an extension below a folder.
fn file_in(folder: &Path, extension: &str) -> PathBuf {
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                return path;
            }
        }
    }
    panic!("no .{extension} in {}", folder.display())
}

/// The outcome of work in a home whose ledger has a schema of another major version.
fn with_schema(office: &Office, major: i64) -> Result<(), HomeError> {
    let sql = |sql: &str| {
        let database = rusqlite::Connection::open(office.folder.path().join("home/ledger.db")).unwrap();
        database.execute_batch(sql).unwrap();
    };
    sql(&format!("INSERT INTO schema_steps VALUES ({major}, 0, 0, '9.9.9')"));
    let out = office.home().verify_log(None).map(drop);
    sql(&format!("DELETE FROM schema_steps WHERE major = {major}"));
    out
}

/// The outcome of work with a file of a format whose version is changed by `by`; `None` where no such file is refused.
fn with_version(office: &Office, format: &Format, by: i64) -> Option<Result<(), HomeError>> {
    let home = office.folder.path().join("home");
    let scan = || office.home().scan(&scan_of_specs()).map(drop);
    let verify = || office.home().verify_publication(VerifyRequest::default()).map(drop);
    let plan = || office.home().plan_publication(&PublicationRequest::default()).map(drop);
    Some(match format.name {
        "state of the knowledge" => changed(&home.join("knowledge/state.json"), counted("/layout", by), scan),
        "file of the index" => changed(&file_in(&home.join("knowledge/segments"), "seg"), marked(by), scan),
        "list of keys" => changed(&home.join("keys/keys.json"), counted("/version", by), || office.home().keys().map(drop)),
        "ledger" if by > 0 => with_schema(office, i64::from(format.version.major) + by),
        // It is migrated: crates/ledger/tests/store/old.rs.
        "ledger" => return None,
        "export of a ledger" => {
            let mut lines = Vec::new();
            office.home().export_log(0, true, &mut lines).unwrap();
            let first = lines.split(|byte| *byte == b'\n').next().unwrap().to_vec();
            let mut other = counted("/schema_version", by)(first);
            other.push(b'\n');
            office.home().import_log("other.jsonl", &mut other.as_slice()).map(drop)
        }
        "index of a publication" => changed(&file_in(&home.join("site/publications"), "json"), counted("/version", by), verify),
        "contents of a snapshot" => changed(&site_contents(&home), packed("/version", by), plan),
        "set of packages" => changed(&site_contents(&home), packed("/arches/x86_64/manifest/version", by), plan),
        // They are made anew: see the test below.
        "chunk of packages" => return None,
        other => panic!("how does a home meet the {other}?"),
    })
}

/// The contents of the only snapshot.
fn site_contents(home: &Path) -> PathBuf {
    let snapshot = fs::read_dir(home.join("site/snapshots")).unwrap().next().unwrap().unwrap();
    snapshot.path().join("contents.json.zst")
}

#[test]
fn a_file_of_another_version_is_refused_alike_whatever_its_format() {
    needs!(RPMBUILD);
    let office = Office::ready();
    office.publish(&packages(&[&office.rpm("curl", "8.8.0", "1.hbr1")]));
    let mut compared = Vec::new();
    for format in formats() {
        if let Some((name, file)) = ELSEWHERE.iter().find(|(name, _)| *name == format.name) {
            assert!(fs::read_to_string(workspace().join(file)).unwrap().contains(name), "{file} has no row for the {name}");
            continue;
        }
        for (by, remedy) in [(1, format.newer), (-1, format.older)] {
            let Some(done) = with_version(&office, format, by) else { continue };
            let got = done.map_err(|error| {
                let text = error.to_string();
                let told = text.contains(&format!("the {} has version", format.name)) && text.contains(&remedy.to_string());
                if error.kind() == Kind::Version && told { "refused".to_owned() } else { format!("{:?}: {text}", error.kind()) }
            });
            compared.push((format.name, "refused".to_owned(), got.map_or_else(|refused| refused, |()| format!("taken, {by}"))));
        }
    }
    hold(compared);
    let checked = office.home().verify_publication(VerifyRequest::default()).unwrap();
    assert!(checked.is_good(), "each file is as it was: {:?}", checked.wrong);
}

#[test]
fn an_index_of_another_version_is_made_anew_by_a_sync() {
    let office = Office::new().synced();
    let knowledge = office.folder.path().join("home/knowledge");
    let state = knowledge.join("state.json");
    let sync = || {
        let synced = office.home().sync(&SyncRequest { sources: Office::sources(), api_key: None }).unwrap();
        assert!(synced.report.errors.is_empty() && synced.status.cves == 14);
    };
    for (folder, extension) in [("segments", "seg"), ("texts", "txt"), ("catalogues", "cat")] {
        let path = file_in(&knowledge.join(folder), extension);
        let good = fs::read(&path).unwrap();
        for by in [1, -1] {
            fs::write(&path, marked(by)(good.clone())).unwrap();
            sync();
            assert!(fs::read(&path).unwrap() == good, "{by}: {}", path.display());
        }
    }
    let layout = || serde_json::from_slice::<Value>(&fs::read(&state).unwrap()).unwrap()["layout"].clone();
    let good = layout();
    fs::write(&state, counted("/layout", -1)(fs::read(&state).unwrap())).unwrap();
    sync();
    assert_eq!(layout(), good);
}

#[test]
fn chunks_that_are_gone_or_of_another_version_are_made_again() {
    needs!(RPMBUILD);
    let office = Office::ready();
    let chunks = office.folder.path().join("home/site/state/chunks");
    office.publish(&packages(&[&office.rpm("curl", "8.8.0", "1.hbr1"), &office.rpm("zlib", "1.3.1", "1.hbr1")]));
    for (count, by) in [(3, None), (4, Some(1)), (5, Some(-1))] {
        let some = file_in(&chunks, "zst");
        match by {
            None => fs::remove_dir_all(&chunks).unwrap(),
            Some(by) => fs::write(&some, marked(by)(fs::read(&some).unwrap())).unwrap(),
        }
        office.publish(&packages(&[&office.rpm("curl", "8.8.0", &format!("{count}.hbr1"))]));
        let checked = office.home().verify_publication(VerifyRequest { packages: true, programs: false }).unwrap();
        // Each package is in the repositories of two architectures.
        assert!(checked.is_good() && checked.packages == 2 * count, "{by:?}: {} packages, {:?}", checked.packages, checked.wrong);
    }
}
