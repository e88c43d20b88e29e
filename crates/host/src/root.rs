//! Paths inside a root filesystem: a link of the root is followed as if the root were `/`, never out of it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The greatest number of links on a path: that of the kernel.
const MAX_LINKS: usize = 40;

/// The real place of a path in the root, with its links followed; `None` where the root has no such path.
///
/// # Errors
/// When a part of the path cannot be read, or more than 40 links are on the way.
pub fn inside(root: &Path, path: &str) -> io::Result<Option<PathBuf>> {
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

#[cfg(test)]
mod tests {
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
