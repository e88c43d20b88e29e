//! The files of the workspace: a `mod` line names each, and the tests of a crate are one program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::manifest::packages;
use crate::source::Source;

/// All files below a folder with an ending, ordered by path.
pub(crate) fn all(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn no_file_is_forgotten() {
    let mut read = BTreeSet::new();
    for target in packages().iter().flat_map(|package| &package.targets) {
        // A `#[path]` may lead to a file through `..`.
        read.extend(Source::read(&target.src_path).files.iter().map(|file| file.canonicalize().unwrap()));
    }
    let crates = seaworthy_testing::workspace().join("crates").canonicalize().unwrap();
    let forgotten: Vec<PathBuf> = all(&crates, "rs").into_iter().filter(|file| !read.contains(file)).collect();
    assert!(forgotten.is_empty(), "no `mod` line names these files, so that nothing in them is built or tested: {forgotten:#?}");
}

#[test]
fn tests_of_a_crate_are_one_program() {
    for package in packages() {
        let programs: Vec<&str> = package.targets.iter().filter(|t| t.kind.iter().any(|k| k == "test")).map(|t| t.name.as_str()).collect();
        assert!(
            programs.len() <= 1,
            "the tests of {} are several programs, each of which links everything: {programs:?}; make them modules of one",
            package.short()
        );
    }
}
