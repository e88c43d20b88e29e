//! The content of `architecture.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// The crates by their names without `seaworthy-`.
    pub(crate) crates: BTreeMap<String, Room>,
    /// The circles of files that exist today.
    #[serde(default)]
    pub(crate) circles: Vec<Circle>,
    /// The crates that may have a dependency, by the dependency, since each effect has one place.
    pub(crate) only_in: BTreeMap<String, BTreeSet<String>>,
    /// The files that have an effect themselves and not by way of `host`, each with its reason.
    #[serde(default)]
    pub(crate) effects: BTreeMap<String, String>,
    /// The limits of the source.
    pub(crate) source: Lines,
}

/// A crate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Room {
    /// The floor: arrows run from higher floors to lower ones.
    pub(crate) floor: u32,
    /// The question that the crate answers, for readers of the file.
    pub(crate) answers: String,
    /// The crates on which it may depend.
    pub(crate) knows: BTreeSet<String>,
    /// The crates on which its tests may depend besides.
    #[serde(default)]
    pub(crate) tests_know: BTreeSet<String>,
    /// The greatest number of lines of code, where it differs from that of all crates.
    pub(crate) lines: Option<usize>,
}

/// A circle of files of one crate that use each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Circle {
    pub(crate) files: BTreeSet<String>,
    pub(crate) reason: String,
}

/// The limits that hold for all source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    /// The greatest number of lines of code in a crate.
    pub(crate) crate_lines: usize,
    /// The greatest number of columns of a line.
    pub(crate) columns: usize,
    /// The number of lines that are longer today.
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
