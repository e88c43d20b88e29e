//! The inventory of each release line.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, Unfit, check_name, indexed, latest};
use crate::{Day, Digest, ReleaseLine};

/// The inventory that a cycle judged: the next one is compared with it before it is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// The release line.
    #[serde(rename = "subject")]
    pub line: ReleaseLine,
    /// The kind of the inventory in a word or two, such as `spec tree`.
    pub kind: String,
    /// The digest of the inventory.
    pub inventory: Digest,
    /// The number of source packages in it.
    pub packages: u64,
    /// The day until which fixes had been delivered when the line's first cycle ran: what later cycles find of an earlier day is history.
    /// `None` in a log of a version before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Day>,
    /// The names of the source packages, sorted; empty in a log of a version before they were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

latest!(Shipped: "shipped" by |line: ReleaseLine| line.as_str());

impl Recorded for Shipped {
    const KIND: &'static str = "shipped";
    type Subject = Self;

    fn key(&self) -> ReleaseLine {
        self.line.clone()
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(indexed(self.line.as_str()))
    }

    fn check(&self) -> Result<(), Unfit> {
        check_name("the kind of the inventory", &self.kind)
    }
}

impl fmt::Display for Shipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "release line {} ships {} source packages ({}, {})", self.line, self.packages, self.kind, self.inventory.short())
    }
}
