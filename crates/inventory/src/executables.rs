//! The programs in a root filesystem.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const MAX_DEPTH: usize = 128;
const MAX_ENTRIES: usize = 5_000_000;

/// Calls `see` with each executable regular file: its path below the root, its full path, its metadata. Links are not followed, other file
/// systems are not entered. The result lists the folders that could not be read.
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
