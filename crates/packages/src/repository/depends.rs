//! The dependencies of a package, and the choice of its requirements that stand in the metadata.

use std::collections::{HashMap, HashSet};

use seaworthy_model::compare_rpm_segments;

use super::owned::OwnedFile;
use crate::rpm::{DependencyTags, Header, HeaderError, text};

/// `RPMSENSE_PREREQ`, `RPMSENSE_SCRIPT_PRE` and `RPMSENSE_SCRIPT_POST`: needed before the scripts of the package run.
const BEFORE: u64 = 1 << 6 | 1 << 9 | 1 << 10;

/// A capability that a package provides or requires, with which it conflicts, and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependency {
    /// The name; a whole expression for a rich dependency.
    pub name: String,
    /// The relation: `EQ`, `LT`, `LE`, `GT` or `GE`; empty where any version is meant.
    pub relation: &'static str,
    /// The epoch as written; `0` where none is, and empty where there is no version.
    pub epoch: String,
    /// The version; may be empty.
    pub version: String,
    /// The release; may be empty.
    pub release: String,
    /// Whether the capability must be there before the scripts of the package run.
    pub before: bool,
}

/// A dependency with its version as the header has it.
pub(super) struct Listed {
    pub(super) dependency: Dependency,
    written: String,
}

/// The dependencies of one kind, in the order of the header.
pub(super) fn list(header: &Header<'_>, tags: DependencyTags, limit: usize) -> Result<Vec<Listed>, HeaderError> {
    let listed = header.dependencies(tags, limit)?.into_iter().map(|found| {
        let written = text(found.version);
        let (epoch, version, release) = split(&written);
        let relation = match found.flags & 0xf {
            2 => "LT",
            4 => "GT",
            8 => "EQ",
            10 => "LE",
            12 => "GE",
            _ => "",
        };
        let before = found.flags & BEFORE != 0;
        Listed { dependency: Dependency { name: text(found.name), relation, epoch, version, release, before }, written }
    });
    Ok(listed.collect())
}

/// The dependencies of a kind whose `before` is not written.
pub(super) fn all(listed: Vec<Listed>) -> Vec<Dependency> {
    listed.into_iter().map(|l| Dependency { before: false, ..l.dependency }).collect()
}

/// The requirements that stand in the metadata (see [`Package::read`](super::Package::read)).
pub(super) fn needed(requires: Vec<Listed>, provides: &[Listed], files: &[OwnedFile]) -> Vec<Dependency> {
    let own: HashSet<&str> = files.iter().map(|f| f.path.as_str()).filter(|p| in_primary(p)).collect();
    let provided: HashSet<(&str, &str, &str)> =
        provides.iter().map(|p| (p.dependency.name.as_str(), p.dependency.relation, p.written.as_str())).collect();
    let mut last: HashMap<String, (&'static str, String, bool)> = HashMap::new();
    let mut out = Vec::new();
    let mut libc: Option<Dependency> = None;
    for Listed { dependency, written } in requires {
        let name = dependency.name.as_str();
        if name.starts_with("rpmlib(")
            || own.contains(name)
            || provided.contains(&(name, dependency.relation, written.as_str()))
            || last.get(name).is_some_and(|(r, w, b)| (*r, w.as_str(), *b) == (dependency.relation, written.as_str(), dependency.before))
        {
            continue;
        }
        // Each symbol version of the C library implies the older ones.
        if name.starts_with("libc.so.6") {
            if libc.as_ref().is_none_or(|best| compare_rpm_segments(symbol_version(&best.name), symbol_version(name)).is_lt()) {
                libc = Some(dependency);
            }
            continue;
        }
        last.insert(dependency.name.clone(), (dependency.relation, written, dependency.before));
        out.push(dependency);
    }
    out.extend(libc);
    out
}

/// Whether primary metadata lists the path. Packages may require such a path without clients fetching the list of all files.
pub(super) fn in_primary(path: &str) -> bool {
    path.starts_with("/etc/") || path.contains("bin/") || path == "/usr/lib/sendmail"
}

/// The symbol version in a name, such as `2.34` of `libc.so.6(GLIBC_2.34)(64bit)`; empty where it has none.
fn symbol_version(name: &str) -> &str {
    let version = name.split_once("(GLIBC_").and_then(|(_, rest)| rest.split_once(')')).map_or("", |(version, _)| version);
    if version.starts_with(|c: char| c.is_ascii_digit()) { version } else { "" }
}

/// The epoch, version and release in `[EPOCH:]VERSION[-RELEASE]`; the epoch is 0 where none is written. All are empty for an empty text.
fn split(written: &str) -> (String, String, String) {
    if written.is_empty() {
        return <_>::default();
    }
    let (epoch, rest) = written.split_once(':').unwrap_or(("0", written));
    let epoch = if epoch.is_empty() { "0" } else { epoch };
    let (version, release) = rest.split_once('-').unwrap_or((rest, ""));
    (epoch.to_owned(), version.to_owned(), release.to_owned())
}
