//! Paths inside a root filesystem: a link of the root is followed as if the root were `/`, never out of it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// As many links as the kernel follows.
const MAX_LINKS: usize = 40;
const MAX_DEPTH: usize = 128;
const MAX_ENTRIES: usize = 5_000_000;

/// The real place of `path` of the root; `None` where nothing is there.
pub(crate) fn inside(root: &Path, path: &str) -> io::Result<Option<PathBuf>> {
    let mut todo: VecDeque<OsString> = parts(Path::new(path));
    let mut done: Vec<OsString> = Vec::new();
    let mut links = 0;
    while let Some(part) = todo.pop_front() {
        if part == ".." {
            done.pop();
            continue;
        }
        let here = done.iter().fold(root.to_owned(), |p, d| p.join(d)).join(&part);
        let meta = match here.symlink_metadata() {
            Ok(meta) => meta,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(e),
        };
        if meta.is_symlink() {
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other(format!("more than {MAX_LINKS} links on the way to {path}")));
            }
            let target = here.read_link()?;
            if target.is_absolute() {
                done.clear();
            }
            let mut next = parts(&target);
            next.extend(todo);
            todo = next;
        } else {
            done.push(part);
        }
    }
    Ok(Some(done.iter().fold(root.to_owned(), |p, d| p.join(d))))
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|c| match c {
            Component::Normal(part) => Some(part.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

/// Calls `see` with each executable regular file: its path below the root, its place, its metadata. Links are not followed,
/// other file systems are not entered. Returns what could not be looked into.
pub(crate) fn each_executable(root: &Path, mut see: impl FnMut(&str, &Path, &Metadata)) -> Vec<String> {
    let mut failed = Vec::new();
    let device = root.metadata().map_or(0, |m| m.dev());
    let mut folders = vec![(String::new(), 0usize)];
    let mut entries = 0usize;
    while let Some((folder, depth)) = folders.pop() {
        let list = match std::fs::read_dir(root.join(&folder)) {
            Ok(list) => list,
            Err(e) => {
                failed.push(format!("{folder}: {e}"));
                continue;
            }
        };
        for entry in list.flatten() {
            entries += 1;
            if entries > MAX_ENTRIES {
                failed.push(format!("more than {MAX_ENTRIES} files; the rest is not looked at"));
                return failed;
            }
            // A name that is no UTF-8 cannot be in a package's list, and cannot be named in a report either.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                if meta.dev() == device && depth < MAX_DEPTH {
                    folders.push((path, depth + 1));
                }
            } else if meta.is_file() && meta.mode() & 0o111 != 0 {
                see(&path, &entry.path(), &meta);
            }
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_stay_inside() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("usr/lib/sysimage/rpm")).unwrap();
        std::fs::create_dir_all(root.join("var/lib")).unwrap();
        symlink("../../usr/lib/sysimage/rpm", root.join("var/lib/rpm")).unwrap();
        symlink("/etc", root.join("usr/abs")).unwrap();
        symlink("../../../../../../../etc", root.join("usr/up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        assert_eq!(inside(root, "var/lib/rpm").unwrap().unwrap(), root.join("usr/lib/sysimage/rpm"));
        assert_eq!(inside(root, "usr/abs").unwrap(), None, "the root has no /etc");
        std::fs::create_dir(root.join("etc")).unwrap();
        assert_eq!(inside(root, "usr/abs").unwrap().unwrap(), root.join("etc"));
        assert_eq!(inside(root, "usr/up").unwrap().unwrap(), root.join("etc"));
        assert!(inside(root, "loop").is_err());
        assert_eq!(inside(root, "etc/none").unwrap(), None);
    }
}
