use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The kind of a part that could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A file, package, component or value was left out, or taken otherwise than it stands.
    #[default]
    Part,
    /// A condition of a spec could not be computed, or has no end: it counts as false.
    Condition,
    /// A macro could not be expanded: the text stands as it was.
    Macro,
    /// The source does not list the packages that it has: nothing can be said of them.
    NotListed,
}

impl ProblemKind {
    /// The numbers of problems by kind, in words.
    #[must_use]
    pub fn counts(problems: &[Problem]) -> String {
        let mut counts: BTreeMap<Self, usize> = BTreeMap::new();
        for problem in problems {
            *counts.entry(problem.kind).or_default() += 1;
        }
        counts.into_iter().map(|(kind, n)| format!("{n} {}", kind.noun(n))).collect::<Vec<_>>().join(", ")
    }

    fn noun(self, n: usize) -> &'static str {
        match (self, n) {
            (Self::Part, 1) => "part that is left out or taken otherwise",
            (Self::Part, _) => "parts that are left out or taken otherwise",
            (Self::Condition, 1) => "condition of a spec that cannot be computed",
            (Self::Condition, _) => "conditions of specs that cannot be computed",
            (Self::Macro, 1) => "macro that cannot be expanded",
            (Self::Macro, _) => "macros that cannot be expanded",
            (Self::NotListed, 1) => "list of packages that is missing",
            (Self::NotListed, _) => "lists of packages that are missing",
        }
    }
}

/// A part of an input that could not be read; the rest of the inventory is valid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The kind of the part.
    #[serde(default)]
    pub kind: ProblemKind,
    /// The file, relative to the origin.
    pub file: String,
    /// The line, counted from 1; `None` where there is none.
    pub line: Option<usize>,
    /// The error, and what was done about it.
    pub message: String,
}
