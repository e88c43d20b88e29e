//! The files of a folder.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use seaworthy_components::Sources;

use super::shown;

#[test]
fn what_is_read_of_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let go = |name: &str| format!("go 1.22\nrequire {name} v1\n");
    put("go.mod", &go("root"));
    put("sub/deep/go.mod", &go("deep"));
    // Not entered, or no files of ours.
    put("node_modules/x/go.mod", &go("of-npm"));
    put(".git/go.mod", &go("of-git"));
    put("x/testdata/go.mod", &go("of-tests"));
    put("sub/vendor/k8s.io/klog/go.mod", &go("of-vendor"));
    put("sub/vendor/k8s.io/klog/Cargo.lock", "[[package\n");
    put("sub/modules.txt", "# no v1\n");
    put("sub/GO.MOD", &go("of-case"));
    std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("sub"), dir.path().join("x/sub")).unwrap();
    let read = |dir| Sources::in_folder(dir).unwrap().read("1.0");
    assert_eq!(shown(&read(dir.path())), "deep v1, root v1 | go.mod, sub/deep/go.mod");
    put("sub/vendor/modules.txt", "# v v1\nv\n");
    assert_eq!(shown(&read(dir.path())), "deep v1, root v1, v v1 | go.mod, sub/deep/go.mod, sub/vendor/modules.txt [v]");
    assert!(Sources::in_folder(dir.path().join("none")).is_err());
}

#[test]
fn a_part_that_is_not_read_leaves_no_list_complete() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("go.mod"), "go 1.22\nrequire a v1\n").unwrap();
    let deep = dir.path().join(vec!["d"; 40].join("/"));
    std::fs::create_dir_all(&deep).unwrap();
    let found = Sources::in_folder(dir.path()).unwrap().read("1.0");
    assert_eq!((found.components.len(), found.lists.len(), found.problems.len()), (1, 0, 1), "{found:?}");
    assert!(found.problems[0].message.contains("folders deep"), "{found:?}");
}

#[test]
fn what_is_passed_over_leaves_no_list_complete() {
    let outside = tempfile::tempdir().unwrap();
    let wanted = outside.path().join("go.mod");
    std::fs::write(&wanted, "go 1.22\nrequire b v1\n").unwrap();
    let no_text = std::ffi::OsStr::from_bytes(b"cmd\xff");
    for (what, place) in [(wanted.as_path(), "x/go.mod".as_ref()), (outside.path(), "x".as_ref()), (Path::new(""), no_text)] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("go.mod"), "go 1.22\nrequire a v1\n").unwrap();
        let place = dir.path().join(place);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        if what == Path::new("") {
            std::fs::create_dir(&place).unwrap();
        } else {
            std::os::unix::fs::symlink(what, &place).unwrap();
        }
        let found = Sources::in_folder(dir.path()).unwrap().read("1.0");
        assert_eq!((found.components.len(), found.lists.len(), found.problems.len()), (1, 0, 1), "{}: {found:?}", place.display());
    }
}

#[test]
fn files_have_a_limit_together() {
    let mut sources = Sources::default();
    sources.add("go.mod".to_owned(), b"go 1.22\nrequire a v1\n".to_vec());
    let large = usize::try_from(seaworthy_components::MAX_TOTAL).unwrap();
    sources.add("b/go.mod".to_owned(), vec![b'\n'; large]);
    assert_eq!(shown(&sources.read("1.0")), "a v1 ! b/go.mod:-");
}
