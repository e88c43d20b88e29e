//! The site in an S3-style store, beside a real server.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use seaworthy_model::Digest;
use seaworthy_publish::bucket::{Access, Bucket, BucketError, Pushed};
use seaworthy_publish::site::{Document, Index, Site, Tree, inputs};

use crate::server::Server;

const STORE: &str = "s3://harbor/linux/1.0";

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Publishes documents, and a snapshot whose index names one list, which names packages.
fn publish(site: &Site, id: &str, documents: &[(&str, &str)], packages: &[&str]) {
    let list: String = packages.iter().map(|p| format!("pool/{p}\n")).collect();
    for package in packages {
        write(&site.pool().join(package), &format!("package {package}"));
    }
    let name = format!("{}-primary", Digest::of(list.as_bytes()).short());
    let repodata = site.snapshot(id).join("x86_64/repodata");
    write(&repodata.join(&name), &list);
    write(&repodata.join("repomd.xml"), &name);
    write(&repodata.join("repomd.xml.asc"), &format!("signature of {name}"));
    write(&site.snapshot(id).join("contents"), "for the press alone");
    let make = || Ok(documents.iter().map(|(path, text)| Document { path: (*path).into(), bytes: text.as_bytes().to_vec() }).collect());
    let parts: Vec<&[u8]> = documents.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]).collect();
    let tree = Tree { at: "advisory/2026".into(), inputs: inputs("test", &parts), make: Box::new(make) };
    let trees = site.write(&[tree], &|_| ()).unwrap();
    let files = [
        Document { path: "mirrorlist/updates".into(), bytes: format!("snapshots/{id}/x86_64/").into_bytes() },
        Document { path: ".well-known/csaf/provider-metadata.json".into(), bytes: b"{}".to_vec() },
        Document { path: "empty.txt".into(), bytes: Vec::new() },
    ];
    let digests = files.iter().map(|f| (f.path.clone(), Digest::of(&f.bytes))).collect();
    let index = Index::new(trees, digests, BTreeMap::from([("updates".into(), id.into())]));
    site.lay_out(id, &index, &files).unwrap();
    site.switch(id).unwrap();
}

/// A server, a site with two publications, and the bucket that holds the first.
fn two() -> (Server, tempfile::TempDir, Site, Bucket) {
    let (server, dir) = (Server::new(), tempfile::tempdir().unwrap());
    let site = Site::new(dir.path());
    publish(&site, "1", &[("a.html", "a"), ("b.html", "b"), ("gone.html", "gone")], &["curl+8~1.rpm", "zlib.rpm"]);
    let bucket = Bucket::new(STORE, &server.access()).unwrap();
    push(&bucket, &site, "1").unwrap();
    publish(&site, "2", &[("a.html", "a"), ("b.html", "b, revised"), ("new.html", "new")], &["curl+8~1.rpm", "curl+9.rpm"]);
    (server, dir, site, bucket)
}

fn push(bucket: &Bucket, site: &Site, id: &str) -> Result<Pushed, BucketError> {
    bucket.push(site, id, &|_, _| ())
}

/// Reads as a client does: all that an index names must be there. Gives the snapshot.
fn read(server: &Server) -> String {
    let get = |key: &str| fs::read_to_string(server.file("linux/1.0").join(key)).unwrap_or_else(|e| panic!("{key}: {e}"));
    let base = get("mirrorlist/updates");
    for base in [base.as_str(), "channels/updates/x86_64/"] {
        let name = get(&format!("{base}repodata/repomd.xml"));
        for package in get(&format!("{base}repodata/{name}")).lines() {
            get(package);
        }
    }
    base
}

#[test]
fn a_site_is_in_the_bucket_as_on_disk_with_each_package_once() {
    let (server, _dir, site, bucket) = two();
    push(&bucket, &site, "2").unwrap();
    assert_eq!(read(&server), "snapshots/2/x86_64/");
    let keys = server.keys("linux/1.0");
    for key in ["publication.json", "mirrorlist/updates", "empty.txt", "advisory/2026/b.html", ".well-known/csaf/provider-metadata.json"] {
        let there = fs::read(server.file("linux/1.0").join(key)).unwrap();
        assert_eq!(there, fs::read(site.www().join(key)).unwrap(), "{key}");
    }
    // Amazon's store takes + for a blank.
    let packages: Vec<&String> = keys.iter().filter(|k| k.ends_with(".rpm")).collect();
    assert_eq!(packages, ["pool/curl 8~1.rpm", "pool/curl 9.rpm", "pool/curl+8~1.rpm", "pool/curl+9.rpm", "pool/zlib.rpm"]);
    assert!(keys.contains(&"snapshots/1/x86_64/repodata/repomd.xml".to_owned()), "what was pinned stays");
    assert!(!keys.iter().any(|k| k.ends_with("contents") || k.ends_with("gone.html")), "{keys:?}");
    assert_eq!(bucket.check(&site, "2", true).unwrap().1, [""; 0]);
}

#[test]
fn only_what_differs_is_sent() {
    let (server, _dir, site, bucket) = two();
    assert_eq!(push(&bucket, &site, "1").unwrap().sent, 5, "snapshot 2 and its package, under two keys");
    server.watch().written.lock().unwrap().clear();
    let pushed = push(&bucket, &site, "2").unwrap();
    let mut written = server.watch().written.lock().unwrap().clone();
    written.retain(|key| key != "linux/1.0/seaworthy.listing.zst");
    assert_eq!(written.len(), pushed.sent);
    written.sort();
    let mut expected: Vec<String> = ["advisory/2026/b.html", "advisory/2026/new.html", "mirrorlist/updates", "publication.json"]
        .iter()
        .map(|key| format!("linux/1.0/{key}"))
        .collect();
    let channel = site.snapshot("2").join("x86_64/repodata");
    expected.extend(fs::read_dir(channel).unwrap().map(|e| {
        let name = e.unwrap().file_name().into_string().unwrap();
        format!("linux/1.0/channels/updates/x86_64/repodata/{name}")
    }));
    expected.sort();
    assert_eq!(written, expected);
    // The data that the channel's old index names stays for those who have read that index, until something changes again.
    assert_eq!((pushed.removed, push(&bucket, &site, "2").unwrap().sent), (1, 0));
    let data = |server: &Server| server.keys("linux/1.0/channels").iter().filter(|k| k.ends_with("-primary")).count();
    assert_eq!(data(&server), 2);
    publish(&site, "3", &[("a.html", "a")], &["curl+9.rpm"]);
    push(&bucket, &site, "3").unwrap();
    assert_eq!(data(&server), 2);
    assert_eq!(bucket.check(&site, "3", true).unwrap().1, [""; 0]);
}

/// Whichever request a push ends at, clients read the old or the new snapshot, and the next push completes it.
#[test]
fn a_push_that_is_cut_short_is_old_or_new_and_the_next_one_completes_it() {
    let mut seen = BTreeMap::new();
    for writes in 0.. {
        let (server, _dir, site, bucket) = two();
        server.watch().writes.store(writes, Ordering::SeqCst);
        let failed = push(&bucket, &site, "2");
        *seen.entry(read(&server)).or_insert(0) += 1;
        server.watch().writes.store(i64::MAX, Ordering::SeqCst);
        match failed {
            Err(BucketError::Refused { detail, .. }) => assert!(detail.contains("AccessDenied"), "{detail}"),
            Err(other) => panic!("{other}"),
            Ok(_) => break,
        }
        assert!(!bucket.check(&site, "2", false).unwrap().1.is_empty());
        push(&bucket, &site, "2").unwrap();
        assert_eq!(read(&server), "snapshots/2/x86_64/");
        assert_eq!(bucket.check(&site, "2", true).unwrap().1, [""; 0]);
        assert!(!server.file("linux/1.0/advisory/2026/gone.html").exists());
    }
    assert!(seen["snapshots/1/x86_64/"] > 10 && seen["snapshots/2/x86_64/"] > 1, "{seen:?}");
}

#[test]
fn what_was_altered_in_the_bucket_is_found_and_named() {
    let (server, _dir, site, bucket) = two();
    push(&bucket, &site, "2").unwrap();
    fs::write(server.file("linux/1.0/advisory/2026/a.html"), "b").unwrap();
    fs::remove_file(server.file("linux/1.0/pool/zlib.rpm")).unwrap();
    assert!(bucket.check(&site, "2", false).unwrap().1.is_empty());
    let expected = ["advisory/2026/a.html: it is not what was published", "pool/zlib.rpm: it is gone"];
    assert_eq!(bucket.check(&site, "2", true).unwrap().1, expected);
}

#[test]
fn refusals_are_told_and_a_busy_store_is_asked_again() {
    let (server, _dir, site, bucket) = two();
    let told = |address: &str, access: &Access| match Bucket::new(address, access).and_then(|b| push(&b, &site, "2")) {
        Err(error) => error.to_string(),
        Ok(pushed) => panic!("{pushed:?}"),
    };
    let wrong = Access { secret: "another".into(), ..server.access() };
    assert!(told(STORE, &wrong).contains("SignatureDoesNotMatch"), "{}", told(STORE, &wrong));
    for (address, what) in [("harbor", "s3://"), ("s3://", "no bucket"), ("s3://harbor/../x", "begin no key")] {
        assert!(told(address, &server.access()).contains(what), "{}", told(address, &server.access()));
    }
    fs::write(server.file("linux/1.0/seaworthy.listing.zst"), "?").unwrap();
    assert!(told(STORE, &server.access()).contains("remove it there"));
    fs::remove_file(server.file("linux/1.0/seaworthy.listing.zst")).unwrap();
    server.watch().busy.store(2, Ordering::SeqCst);
    assert!(push(&bucket, &site, "2").unwrap().sent > 10);
    assert!(!format!("{:?}", server.access()).contains("secret"));
}
