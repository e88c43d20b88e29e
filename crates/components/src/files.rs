//! The files of a source, and paths among them.

use std::collections::BTreeMap;

/// The content of files by their paths, which have slashes and are relative to the root of the sources.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The files of a name, each with its folder; the folder of the root is empty.
pub(crate) fn named<'a>(files: &'a Files, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a [u8])> {
    files.iter().filter_map(move |(path, bytes)| {
        let (folder, last) = split(path);
        (last == name).then_some((folder, path.as_str(), bytes.as_slice()))
    })
}

/// The folder and the name of a path.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The path of a file in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The folder that a relative path in a file of `folder` leads to; `None` where it is absolute or leads out of the sources.
pub(crate) fn resolve(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A folder and all that it lies in, the root last.
pub(crate) fn above(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| (!folder.is_empty()).then(|| split(folder).0))
}
