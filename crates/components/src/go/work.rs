//! A go.work.

use super::module::Replacements;
use super::syntax::directives;
use crate::list::{GOLANG, List};

/// A workspace: modules that are built together. Format: <https://go.dev/ref/mod#workspaces>.
#[derive(Debug)]
pub(super) struct GoWork {
    /// The folders of its modules, relative to its own.
    pub(super) uses: Vec<String>,
    /// Its replacements, which come before those of its modules.
    pub(super) replaced: Replacements,
    /// The list that the modules are going to fill.
    pub(super) list: List,
}

impl GoWork {
    pub(super) fn parse(bytes: &[u8], path: &str) -> Self {
        let mut list = List::new(GOLANG, path, true);
        let (mut uses, mut replaced) = (Vec::new(), Replacements::new());
        for (line, words) in directives(list.text(bytes).unwrap_or_default()) {
            match words.as_slice() {
                ["use", folder] => uses.push((*folder).to_owned()),
                ["replace", rest @ ..] if replaced.take(rest) => {}
                [verb @ ("use" | "replace"), ..] => list.problem(Some(line), format!("not a {verb} line; left out")),
                _ => {}
            }
        }
        Self { uses, replaced, list }
    }
}
