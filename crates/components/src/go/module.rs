//! A go.mod.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::directives;
use crate::files::{Files, named};
use crate::list::{GOLANG, List};
use crate::problem::Problem;

/// The replacements of modules, of one version or of all, by another module or by a folder (no version).
#[derive(Debug, Default)]
pub(super) struct Replacements {
    all: BTreeMap<(String, Option<String>), (String, Option<String>)>,
    /// The modules that take the place of others.
    targets: BTreeSet<String>,
}

impl Replacements {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Takes the words behind `replace`; `false` where they are none.
    pub(super) fn take(&mut self, words: &[&str]) -> bool {
        let (old, version, new) = match words {
            [old, "=>", new @ ..] => (old, None, new),
            [old, version, "=>", new @ ..] => (old, Some((*version).to_owned()), new),
            _ => return false,
        };
        let (name, version_of_new) = match new {
            [folder] => (folder, None),
            [name, version] => (name, Some((*version).to_owned())),
            _ => return false,
        };
        if version_of_new.is_some() {
            self.targets.insert((*name).to_owned());
        }
        self.all.insert(((*old).to_owned(), version), ((*name).to_owned(), version_of_new));
        true
    }

    /// What takes the place of a module in a version: a module with its version, or a folder.
    pub(super) fn of(&self, name: &str, version: &str) -> Option<(&str, Option<&str>)> {
        let exact = self.all.get(&(name.to_owned(), Some(version.to_owned())));
        let (name, version) = exact.or_else(|| self.all.get(&(name.to_owned(), None)))?;
        Some((name, version.as_deref()))
    }

    /// The modules whose place a folder or a module of another name takes, each with that module and whether it does in every version.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Option<&str>, bool)> {
        let others = self.all.iter().filter(|((name, _), (other, version))| version.is_none() || other != name);
        others.map(|((name, of), (other, version))| (name.as_str(), version.as_ref().map(|_| other.as_str()), of.is_none()))
    }

    /// Whether a module takes the place of another.
    pub(super) fn is_target(&self, name: &str) -> bool {
        self.targets.contains(name)
    }
}

/// A module as its go.mod says it.
#[derive(Debug)]
pub(super) struct GoMod {
    /// The file: `go.mod` or `vendor.mod`.
    pub(super) file: String,
    /// The path by which others import it; empty where the file has none.
    pub(super) path: String,
    /// The modules that it requires, with their versions.
    pub(super) required: Vec<(String, String)>,
    pub(super) replaced: Replacements,
    /// Whether it names all modules that the build needs: it does since Go 1.17.
    pub(super) is_whole: bool,
    pub(super) problems: Vec<Problem>,
}

impl GoMod {
    pub(super) fn parse(bytes: &[u8], path: &str) -> Self {
        let mut list = List::new(GOLANG, path, true);
        let mut out = Self {
            file: path.to_owned(),
            path: String::new(),
            required: Vec::new(),
            replaced: Replacements::new(),
            is_whole: false,
            problems: Vec::new(),
        };
        for (line, words) in directives(list.text(bytes).unwrap_or_default()) {
            match words.as_slice() {
                ["module", path] => out.path = (*path).to_owned(),
                ["require", name, version] => out.required.push(((*name).to_owned(), (*version).to_owned())),
                ["replace", rest @ ..] if out.replaced.take(rest) => {}
                ["go", version] => out.is_whole = names_all(version),
                [verb @ ("require" | "replace"), ..] => list.problem(Some(line), format!("not a {verb} line; left out")),
                _ => {}
            }
        }
        out.problems = list.problems;
        out
    }
}

/// The modules of the sources by their folders. A `vendor.mod` is a go.mod under a name that hides it from tools (`go -modfile`), and
/// counts where no go.mod lies beside it.
pub(super) fn modules(files: &Files) -> BTreeMap<&str, GoMod> {
    let of_name = |name| named(files, name).map(|(folder, path, bytes)| (folder, GoMod::parse(bytes, path)));
    of_name("vendor.mod").chain(of_name("go.mod")).collect()
}

/// Whether a go.mod of a version of Go names all modules.
fn names_all(version: &str) -> bool {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse::<u32>().unwrap_or_default());
    (numbers.next(), numbers.next()) >= (Some(1), Some(17))
}
