//! The takeover of the log of an earlier version.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};
use crate::Digest;

/// The takeover of the log of an earlier version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The file of that log.
    pub file: String,
    /// The digest of the file.
    pub digest: Digest,
    /// The number of events in it.
    pub events: u64,
}

latest!(Adopted: "takeover" by |digest: Digest| digest.to_string());

impl Recorded for Adopted {
    const KIND: &'static str = "adopted";
    type Subject = Self;

    fn key(&self) -> Digest {
        self.digest
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(self.digest.to_string())
    }
}

impl fmt::Display for Adopted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "took over {} events of {}", self.events, self.file)
    }
}
