//! `architecture.toml`: what is allowed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// The crates by their names without `seaworthy-`.
    pub(crate) crates: BTreeMap<String, Room>,
    /// The circles of files that are there today.
    #[serde(default)]
    pub(crate) circles: Vec<Circle>,
    /// Dependencies that belong to some crates alone, since each effect has one place: the crates by the dependency.
    pub(crate) only_in: BTreeMap<String, BTreeSet<String>>,
    /// Files that have an effect themselves, which all others have by way of `host`, each with its reason.
    #[serde(default)]
    pub(crate) effects: BTreeMap<String, String>,
    /// Lines of source.
    pub(crate) source: Lines,
}

/// A crate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Room {
    /// Arrows run from higher floors to lower ones.
    pub(crate) floor: u32,
    /// The question that the crate answers: for readers of the file.
    pub(crate) answers: String,
    /// The crates that it may know.
    pub(crate) knows: BTreeSet<String>,
    /// The crates that its tests may know besides.
    #[serde(default)]
    pub(crate) tests_know: BTreeSet<String>,
    /// Crates that it knows today and should not, with the reason.
    #[serde(default)]
    pub(crate) knows_still: BTreeMap<String, String>,
    /// The most lines of code, where it is not what all crates have.
    pub(crate) lines: Option<usize>,
    /// The most lines of code today, where they are more than they should be.
    pub(crate) lines_today: Option<usize>,
}

/// Files of one crate that use each other in a circle.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Circle {
    pub(crate) files: BTreeSet<String>,
    pub(crate) reason: String,
}

/// What holds for all source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    /// The most lines of code in a crate.
    pub(crate) crate_lines: usize,
    /// The most columns of a line.
    pub(crate) columns: usize,
    /// So many lines are longer today.
    #[serde(default)]
    pub(crate) longer_today: usize,
}

impl Plan {
    pub(crate) fn read() -> Self {
        let path = seaworthy_testing::workspace().join("architecture.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }
}
