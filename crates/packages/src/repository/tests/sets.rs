//! Sets: the same packages give the same set whatever the steps, and written metadata passes the check.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;

/// The bytes of all files in a `repodata` folder, and those of `repomd.xml`, which is not written there.
fn written(manifest: &Manifest, store: &ChunkStore, folder: &Path, compression: Compression) -> (Vec<u8>, BTreeMap<String, Vec<u8>>) {
    let updates = Extra { kind: "updateinfo".to_owned(), bytes: b"<updates/>\n".to_vec() };
    let repomd = write_metadata(manifest, store, folder, &options(compression), &[updates]).unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap());
    (repomd.bytes, files.map(|f| (f.file_name().to_string_lossy().into_owned(), std::fs::read(f.path()).unwrap())).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_set_does_not_know_how_it_came_to_be(
        start in prop::collection::vec((0u32..900, 0u32..3), 0..400),
        steps in prop::collection::vec(
            (prop::collection::vec((0u32..900, 0u32..3), 0..60), prop::collection::vec((0u32..900, 0u32..3), 0..60)),
            0..6,
        ),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = ChunkStore::new(&folder.path().join("a"));
        let package = |(name, version): (u32, u32)| made(&format!("n{name}"), &format!("{version}.0"), 0);
        let mut expected: BTreeMap<(u32, u32), Package> = start.iter().map(|k| (*k, package(*k))).collect();
        let mut manifest = Manifest::build(&store, start.iter().map(|k| entry(&package(*k))).collect()).unwrap();
        for (removed, added) in steps {
            let before = manifest.clone();
            let ids: Vec<PackageId> = removed.iter().map(|k| PackageId::from(entry(&package(*k)).listing())).collect();
            manifest = manifest.update(&store, &ids, added.iter().map(|k| entry(&package(*k))).collect()).unwrap();
            let old = expected.clone();
            removed.iter().for_each(|k| drop(expected.remove(k)));
            expected.extend(added.iter().map(|k| (*k, package(*k))));
            let difference = before.difference(&manifest, &store).unwrap();
            prop_assert_eq!(difference.added.len(), expected.keys().filter(|k| !old.contains_key(k)).count());
            prop_assert_eq!(difference.removed.len(), old.keys().filter(|k| !expected.contains_key(k)).count());
        }
        let other = ChunkStore::new(&folder.path().join("b"));
        let fresh = Manifest::build(&other, expected.values().rev().map(entry).collect()).unwrap();
        prop_assert_eq!(&manifest, &fresh);
        prop_assert_eq!(manifest.digest(), fresh.digest());
        prop_assert_eq!(manifest.packages(), expected.len() as u64);
        let one = written(&manifest, &store, &folder.path().join("one"), Compression::Zstd);
        let two = written(&fresh, &other, &folder.path().join("two"), Compression::Zstd);
        prop_assert!(one == two);
        if let Some(((name, _), _)) = expected.first_key_value() {
            let found = manifest.find(&store, &format!("n{name}")).unwrap();
            prop_assert_eq!(found.len(), expected.keys().filter(|k| k.0 == *name).count());
        }
        prop_assert_eq!(manifest.find(&store, "n").unwrap(), []);
    }
}

/// A published tree of some packages with their files: its chunks, its set and its `repodata` folder.
fn published(folder: &Path, compression: Compression) -> (ChunkStore, Manifest, std::path::PathBuf) {
    let store = ChunkStore::new(&folder.join("chunks"));
    let root = folder.join("site");
    let mut entries = Vec::new();
    for n in 0..300u64 {
        let mut package = made(&format!("p{n}"), "1", n);
        let content = format!("content of {n}");
        (package.size, package.pkgid) = (content.len() as u64, hex(&<sha2::Sha256 as sha2::Digest>::digest(&content)));
        let path = root.join(pool_path(&package));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        entries.push(entry(&package));
    }
    let manifest = Manifest::build(&store, entries).unwrap();
    let repodata = root.join("snapshots/1/x86_64/repodata");
    let extra = Extra { kind: "updateinfo".to_owned(), bytes: b"<updates/>\n".to_vec() };
    let repomd = write_metadata(&manifest, &store, &repodata, &options(compression), &[extra]).unwrap();
    std::fs::write(repodata.join("repomd.xml"), repomd.bytes).unwrap();
    (store, manifest, repodata)
}

#[test]
fn a_check_finds_what_is_wrong() {
    for compression in [Compression::Zstd, Compression::Gzip] {
        let folder = tempfile::tempdir().unwrap();
        let (_, _, repodata) = published(folder.path(), compression);
        let root = folder.path().join("site");
        let good = check(&repodata, &root, Depth::Digests).unwrap();
        assert_eq!((good.files, good.packages, good.findings.as_slice()), (4, 300, [].as_slice()));

        let package = std::fs::read_dir(root.join("pool/p")).unwrap().next().unwrap().unwrap().path();
        let package = std::fs::read_dir(package).unwrap().next().unwrap().unwrap().path();
        let content = std::fs::read(&package).unwrap();
        std::fs::write(&package, content.to_ascii_uppercase()).unwrap();
        assert_eq!(check(&repodata, &root, Depth::Sizes).unwrap().findings, []);
        let found = check(&repodata, &root, Depth::Digests).unwrap().findings;
        assert!(found.len() == 1 && found[0].path == package && found[0].message.contains("digest"), "{found:?}");
        std::fs::write(&package, "short").unwrap();
        let found = check(&repodata, &root, Depth::Sizes).unwrap().findings;
        assert!(found.len() == 1 && found[0].message.contains("5 bytes"), "{found:?}");
        std::fs::remove_file(&package).unwrap();
        let found = check(&repodata, &root, Depth::Sizes).unwrap().findings;
        assert!(found.len() == 1 && found[0].path == package, "{found:?}");
        std::fs::write(&package, &content).unwrap();
        let found = check(&repodata, &repodata, Depth::Sizes).unwrap().findings;
        assert!(found.len() == 300 && found[0].message.contains("outside"), "{found:?}");

        let files: Vec<_> = std::fs::read_dir(&repodata).unwrap().map(|f| f.unwrap().path()).collect();
        for file in files.iter().filter(|f| !f.ends_with("repomd.xml")) {
            let bytes = std::fs::read(file).unwrap();
            let mut torn = bytes.clone();
            let middle = torn.len() / 2;
            torn[middle] ^= 0x40;
            for wrong in [torn, bytes[..bytes.len() - 3].to_vec(), [bytes.as_slice(), b"x"].concat()] {
                std::fs::write(file, wrong).unwrap();
                let found = check(&repodata, &root, Depth::Sizes).unwrap().findings;
                assert!(found.iter().any(|f| f.path == *file), "{}: {found:?}", file.display());
            }
            std::fs::write(file, bytes).unwrap();
        }
        assert_eq!(check(&repodata, &root, Depth::Digests).unwrap().findings, []);
    }
}

#[test]
fn an_unchanged_file_is_linked_and_a_torn_one_is_not() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let (store, manifest, before) = published(folder.path(), Compression::Zstd);
    let with = |previous: &Path, name: &str| {
        let options = Options { previous: Some(previous.to_owned()), ..options(Compression::Zstd) };
        let out = folder.path().join(name);
        let repomd = write_metadata(&manifest, &store, &out, &options, &[]).unwrap();
        (out.join(&repomd.files[1].name), repomd)
    };
    let inode = |path: &Path| std::fs::metadata(path).unwrap().ino();
    let (file, repomd) = with(&before, "second");
    assert_eq!(inode(&file), inode(&before.join(&repomd.files[1].name)));
    let torn = before.join(&repomd.files[1].name);
    std::fs::remove_file(&torn).unwrap();
    std::fs::write(&torn, b"torn").unwrap();
    let (file, _) = with(&before, "third");
    assert_ne!(inode(&file), inode(&torn));
    assert_ne!(std::fs::read(&file).unwrap(), b"torn");
}

#[test]
fn a_broken_chunk_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (store, manifest, _) = published(folder.path(), Compression::Gzip);
    let digest = manifest.chunks().next().unwrap().to_owned();
    for suffix in ["zst", "gz"] {
        let file = folder.path().join("chunks").join(&digest[..2]).join(format!("{digest}.{suffix}"));
        let bytes = std::fs::read(&file).unwrap();
        for at in [3, 20, 200, bytes.len() / 2, bytes.len() - 2] {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            std::fs::write(&file, &broken).unwrap();
            let error = write_metadata(&manifest, &store, &folder.path().join("out"), &options(Compression::Gzip), &[]).unwrap_err();
            assert!(error.to_string().contains(&digest), "{error}");
        }
        std::fs::write(&file, &bytes).unwrap();
    }
    assert_eq!(store.prune(|d| d != digest).unwrap(), 2);
}

#[test]
fn a_scan_reads_only_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    std::fs::create_dir_all(tree.join("sub")).unwrap();
    let put = |path: &str, name: &str| {
        let mut bytes = Vec::new();
        rpm::PackageBuilder::new(name, "1", "MIT", "noarch", "x").build().unwrap().write(&mut bytes).unwrap();
        std::fs::write(tree.join(path), bytes).unwrap();
    };
    put("a.rpm", "a");
    put("sub/b.rpm", "b");
    std::fs::write(tree.join("broken.rpm"), b"no package").unwrap();
    std::fs::write(tree.join("with space.rpm"), b"").unwrap();
    std::os::unix::fs::symlink("a.rpm", tree.join("link.rpm")).unwrap();
    let options = ScanOptions { prefix: "../x/".to_owned(), ..ScanOptions::default() };
    let first = scan(&tree, &ScanCache::default(), &options).unwrap();
    let hrefs: Vec<&str> = first.added.iter().map(|e| e.listing().href.as_str()).collect();
    assert_eq!(hrefs.len(), 2);
    assert!(hrefs.contains(&"../x/a.rpm") && hrefs.contains(&"../x/sub/b.rpm"));
    let problems: Vec<_> = first.problems.iter().map(|(p, _)| p.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(problems, ["broken.rpm", "link.rpm", "with space.rpm"]);

    let file = folder.path().join("cache");
    first.cache.save(&file).unwrap();
    let known = ScanCache::load(&file).unwrap();
    assert_eq!(known, first.cache);
    let second = scan(&tree, &known, &options).unwrap();
    assert!(second.added.is_empty() && second.removed.is_empty());
    assert_eq!(second.cache, first.cache);

    std::fs::rename(tree.join("a.rpm"), tree.join("sub/a.rpm")).unwrap();
    std::fs::remove_file(tree.join("sub/b.rpm")).unwrap();
    let third = scan(&tree, &second.cache, &options).unwrap();
    assert_eq!(third.added.iter().map(|e| e.listing().href.as_str()).collect::<Vec<_>>(), ["../x/sub/a.rpm"]);
    assert_eq!(third.removed.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["b"]);
    let other = ScanOptions::default();
    assert_eq!(scan(&tree, &third.cache, &other).unwrap().added.len(), 1, "with another prefix all is read again");
}
