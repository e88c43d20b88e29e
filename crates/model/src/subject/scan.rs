//! The last scan of each inventory.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, indexed, latest};
use crate::Digest;

/// A scan of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// The words by which the caller of the scan selected the inventory.
    pub selector: String,
    /// The digest of the knowledge.
    pub knowledge: Digest,
    /// The digest of the inventory.
    pub inventory: Digest,
    /// The version of the rules of matching.
    pub engine: String,
    /// The digest of the table of names and products; `None` in events of versions that did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Digest>,
    /// The numbers of findings that are affected, and suspected.
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
