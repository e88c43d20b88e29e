//! A go.mod.

use std::collections::BTreeMap;

use super::syntax::directives;
use crate::list::{GOLANG, List};
use crate::problem::Problem;

/// The replacements of modules, of one version or of all, by another module or by a folder (no version).
#[derive(Debug, Default)]
pub(super) struct Replacements(BTreeMap<(String, Option<String>), (String, Option<String>)>);

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
        self.0.insert(((*old).to_owned(), version), ((*name).to_owned(), version_of_new));
        true
    }

    /// What takes the place of a module in a version: a module with its version, or a folder.
    pub(super) fn of(&self, name: &str, version: &str) -> Option<(&str, Option<&str>)> {
        let exact = self.0.get(&(name.to_owned(), Some(version.to_owned())));
        let (name, version) = exact.or_else(|| self.0.get(&(name.to_owned(), None)))?;
        Some((name, version.as_deref()))
    }

    /// The modules whose place a folder takes in every version.
    pub(super) fn by_folders(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|((_, of), (_, version))| of.is_none() && version.is_none()).map(|((name, _), _)| name.as_str())
    }

    /// Whether a module takes the place of another.
    pub(super) fn is_target(&self, name: &str) -> bool {
        self.0.values().any(|(new, version)| new == name && version.is_some())
    }
}

/// A module as its go.mod says it.
#[derive(Debug)]
pub(super) struct GoMod {
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
        let mut out =
            Self { path: String::new(), required: Vec::new(), replaced: Replacements::new(), is_whole: false, problems: Vec::new() };
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

/// Whether a go.mod of a version of Go names all modules.
fn names_all(version: &str) -> bool {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse::<u32>().unwrap_or_default());
    (numbers.next(), numbers.next()) >= (Some(1), Some(17))
}
