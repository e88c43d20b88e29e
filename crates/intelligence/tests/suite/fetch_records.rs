//! Folders and archives of records: the CVE List, OSV and overrides.

use std::io::{Cursor, Write};
use std::path::Path;

use crate::clock::client;
use seaworthy_host::archive::{ArchiveError, WalkLimits};
use seaworthy_intelligence::fetch::*;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_testing::http::{Say, Server};
use zip::write::SimpleFileOptions;

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(vec![]));
    for (name, bytes) in files {
        out.start_file(*name, SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn tar_gz_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(vec![], flate2::Compression::best()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        // Set by hand: the library refuses to write a path that leaves the root.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

type Read = (Result<Walked, FetchError>, Vec<(String, Vec<u8>)>);

fn list(location: &Location, limits: WalkLimits, known: &Known) -> Read {
    let mut out = vec![];
    let (client, _) = client(Options::default());
    let walked = documents(&client, SourceKind::CveList, location, limits, known, &mut |d: Document| {
        out.push((d.path, d.bytes));
        Ok(())
    });
    (walked, out)
}

fn file(dir: &Path, name: &str, bytes: &[u8]) -> Location {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    Location::Path(path)
}

const RECORD: (&str, &[u8]) = ("cves/2024/6xxx/CVE-2024-6197.json", b"{}");

#[test]
fn a_checkout_is_read_in_the_order_of_its_paths() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["cves/2024/9xxx/CVE-2024-9999.json", RECORD.0, "cves/delta.json", ".git/CVE-2024-0001.json", "README.md"] {
        file(dir.path(), name, b"{}");
    }
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("cves/CVE-2024-0002.json")).unwrap();
    let (walked, found) = list(&Location::Path(dir.path().into()), WalkLimits::default(), &Known::default());
    let walked = walked.unwrap();
    assert_eq!((walked.documents, walked.refused), (2, 1));
    assert!(walked.refusals[0].contains("CVE-2024-0002.json: not a regular file"), "{:?}", walked.refusals);
    assert_eq!(found[0].0, RECORD.0);
}

#[test]
fn a_release_is_a_zip_in_a_zip_and_known_the_second_time() {
    let server = Server::start();
    let inner = zip_of(&[RECORD, ("cves/recent_activities.json", b"[]")]);
    let body = zip_of(&[("cves.zip", &inner)]);
    let cut = Say::ok(&body[..50]).cut_of(body.len());
    server.on("/all.zip.zip", [cut, Say::ok(body).header("ETag", "\"z\""), Say::status(304)]);
    let location = Location::of(&server.url("/all.zip.zip"));
    let (walked, found) = list(&location, WalkLimits::default(), &Known::default());
    assert_eq!(found, [(RECORD.0.to_owned(), b"{}".to_vec())]);
    let known = Known([("cvelist".to_owned(), walked.unwrap().validators)].into());
    let (walked, found) = list(&location, WalkLimits::default(), &known);
    assert!(walked.unwrap().unchanged && found.is_empty());
}

#[test]
fn hostile_entries_cost_themselves_only() {
    let dir = tempfile::tempdir().unwrap();
    let bomb = vec![0u8; 8 << 20];
    let entries: [(&str, &[u8]); 4] =
        [("../../CVE-2024-0001.json", b"{}"), ("/etc/CVE-2024-0002.json", b"{}"), ("cves/CVE-2024-0003.json", &bomb), RECORD];
    let zip = file(dir.path(), "a.zip", &zip_of(&entries));
    let (walked, found) = list(&zip, WalkLimits::default(), &Known::default());
    let walked = walked.unwrap();
    assert_eq!((walked.documents, walked.refused, found.len()), (1, 3, 1), "{:?}", walked.refusals);
    assert!(walked.refusals[0].contains("leaves the archive") && walked.refusals[2].contains("above the limit"), "{:?}", walked.refusals);
    let tar = file(dir.path(), "a.tar.gz", &tar_gz_of(&[entries[0], entries[1], RECORD]));
    let (walked, found) = list(&tar, WalkLimits::default(), &Known::default());
    assert_eq!((walked.unwrap().refused, found.len()), (2, 1));
}

#[test]
fn the_whole_has_limits_too() {
    let dir = tempfile::tempdir().unwrap();
    let bomb = vec![0u8; 8 << 20];
    let tar = file(dir.path(), "bomb.tar.gz", &tar_gz_of(&[("README", &bomb), RECORD]));
    let nested = file(dir.path(), "bomb.zip", &zip_of(&[("cves.zip", &bomb)]));
    for location in [tar, nested] {
        let error = list(&location, WalkLimits::default(), &Known::default()).0.unwrap_err();
        assert!(matches!(error, FetchError::Archive(ArchiveError::TooLarge { .. })), "{error:?}");
        assert!(error.to_string().contains("bomb.") && error.to_string().contains("raise the limit"), "{error}");
    }
    let zip = file(dir.path(), "a.zip", &zip_of(&[RECORD, ("CVE-2024-0002.json", b"{}")]));
    for limits in [WalkLimits { files: 1, ..WalkLimits::default() }, WalkLimits { total: 3, ..WalkLimits::default() }] {
        assert!(matches!(list(&zip, limits, &Known::default()).0, Err(FetchError::Archive(ArchiveError::TooLarge { .. }))));
    }
}

#[test]
fn a_damaged_archive_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let whole = zip_of(&[RECORD]);
    for (name, bytes) in [("html.zip", b"<html>".as_slice()), ("cut.zip", &whole[..whole.len() - 30])] {
        let error = list(&file(dir.path(), name, bytes), WalkLimits::default(), &Known::default()).0.unwrap_err();
        assert!(error.to_string().contains(name) && error.to_string().contains("fetch it again"), "{error}");
    }
    let tar = tar_gz_of(&[RECORD]);
    let error = list(&file(dir.path(), "cut.tar.gz", &tar[..tar.len() / 2]), WalkLimits::default(), &Known::default()).0.unwrap_err();
    assert!(error.to_string().contains("fetch it again"), "{error}");
    let missing = list(&Location::Path(dir.path().join("none.zip")), WalkLimits::default(), &Known::default()).0.unwrap_err();
    assert!(matches!(missing, FetchError::NotFound { .. }));
}

#[test]
fn osv_and_overrides_have_their_layouts() {
    let server = Server::start();
    let base = osv_ecosystem(&server.url("/"), "Azure Linux:3").unwrap();
    assert_eq!(base, Location::Url(server.url("/Azure%20Linux:3/all.zip")));
    assert_eq!(osv_ecosystem(OSV_URL, "Go").unwrap(), Location::Url(format!("{OSV_URL}Go/all.zip")));
    let go = zip_of(&[("GO-2024-0001.json", b"{}")]);
    server.on("/Azure%20Linux:3/all.zip", [Say::ok(go.clone())]);
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), "Go/all.zip", &go);
    file(dir.path(), "GHSA-1.json", b"{}");
    let (client, _) = client(Options::default());
    for (location, count) in [(base, 1), (Location::Path(dir.path().into()), 2)] {
        let walked = documents(&client, SourceKind::Osv, &location, WalkLimits::default(), &Known::default(), &mut |_: Document| Ok(()));
        assert_eq!(walked.unwrap().documents, count);
    }
    let tar = tar_gz_of(&[("nvd-data-overrides-main/data/2024/CVE-2024-0001.json", b"{}"), ("nvd-data-overrides-main/schema.json", b"{}")]);
    let location = file(dir.path(), "overrides.tar.gz", &tar);
    let mut paths = vec![];
    documents(&client, SourceKind::Overrides, &location, WalkLimits::default(), &Known::default(), &mut |d: Document| {
        paths.push(d.path);
        Ok(())
    })
    .unwrap();
    assert_eq!(paths, ["nvd-data-overrides-main/data/2024/CVE-2024-0001.json"]);
}
