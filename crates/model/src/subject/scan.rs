//! The last scan of each inventory.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, indexed, latest};
use crate::Digest;

/// A scan of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// How the inventory was selected, as the scan was called.
    pub selector: String,
    /// The knowledge it was held against.
    pub knowledge: Digest,
    /// The inventory's digest.
    pub inventory: Digest,
    /// The version of the rules.
    pub engine: String,
    /// The digest of the table of names and products; events of old do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Digest>,
    /// The findings that are affected and suspected.
    pub raised: [u64; 2],
}

latest!(Scan: "scan" by |selector: String| selector);

impl Recorded for Scan {
    const KIND: &'static str = "scanned";
    type Subject = Self;

    fn key(&self) -> String {
        self.selector.clone()
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(indexed(&self.selector))
    }
}

impl fmt::Display for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selector: String = self.selector.chars().take(120).collect();
        let [affected, suspected] = self.raised;
        write!(f, "scanned {selector}: {affected} affected, {suspected} suspected; knowledge {}", self.knowledge.short())
    }
}
