//! Files of a newer and an older version: the error has the version and the remedy.

use std::path::Path;

use super::*;

/// A file that has version 1, as a text that ends with that digit, and the function that reads it.
struct Case<'a> {
    format: &'a str,
    path: &'a Path,
    says: &'a str,
    remedy: &'a str,
    read: &'a dyn Fn() -> Result<(), RepositoryError>,
}

#[test]
fn a_file_of_another_version_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = ChunkStore::new(&folder.path().join("chunks"));
    let set = Manifest::build(&store, vec![entry(&made("curl", "1", 0))]).unwrap();
    let digest = set.chunks().next().unwrap();
    let chunk = folder.path().join("chunks").join(&digest[..2]).join(format!("{digest}.zst"));
    let (cache, list) = (folder.path().join("scan.json"), folder.path().join("set.json"));
    ScanCache::default().save(&cache).unwrap();
    set.save(&list).unwrap();
    let cases = [
        Case {
            format: "chunk of packages",
            path: &chunk,
            says: "SWCHUNK1",
            remedy: "delete the folder of chunks and the list of packages, then scan again",
            read: &|| store.listings(digest).map(drop),
        },
        Case {
            format: "cache of a scan",
            path: &cache,
            says: "\"version\":1",
            remedy: "delete it and scan again",
            read: &|| ScanCache::load(&cache).map(drop),
        },
        Case {
            format: "set of packages",
            path: &list,
            says: "\"version\":1",
            remedy: "use a newer seaworthy",
            read: &|| Manifest::load(&list).map(drop),
        },
    ];
    let mut rows = Vec::new();
    for Case { format, path, says, remedy, read } in &cases {
        read().unwrap();
        let good = std::fs::read(path).unwrap();
        let digit = good.windows(says.len()).position(|window| window == says.as_bytes()).unwrap() + says.len() - 1;
        let other = |version: u8| {
            let mut bytes = good.clone();
            bytes[digit] = b'0' + version;
            std::fs::write(path, bytes).unwrap();
            let error = read().unwrap_err();
            assert!(matches!(error, RepositoryError::Version { .. }), "{error:?}");
            error.to_string()
        };
        let newer = format!("{}: the {format} has version 2, and this seaworthy reads version 1: {remedy}", path.display());
        rows.push((*format, newer, other(2)));
        rows.push((*format, true.to_string(), other(0).contains(&format!("the {format} has version 0")).to_string()));
    }
    seaworthy_testing::hold(rows);
}
