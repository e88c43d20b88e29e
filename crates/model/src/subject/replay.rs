//! The replays of history.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};
use crate::Digest;

/// The beginning of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayBegan {
    /// The digest of all inputs on which the outcome depends.
    pub inputs: Digest,
    /// The inputs in words.
    pub about: String,
}

/// The end of a step of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayStep {
    /// The number of records that were published since the step before.
    pub records: u64,
    /// The number of pairs of package and CVE that were judged.
    pub judged: u64,
}

latest!(
    ReplayBegan: "replay" by |inputs: Digest| inputs.to_string(),
    ReplayStep: "replay_step" by |key: ()| { let () = key; "" },
);

impl Recorded for ReplayBegan {
    const KIND: &'static str = "replay_began";
    type Subject = Self;

    fn key(&self) -> Digest {
        self.inputs
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(self.inputs.to_string())
    }
}

impl Recorded for ReplayStep {
    const KIND: &'static str = "replay_step";
    type Subject = Self;

    fn key(&self) {}

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        None
    }
}

impl fmt::Display for ReplayBegan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "replay {} began: {}", self.inputs.short(), self.about)
    }
}

impl fmt::Display for ReplayStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "replay step: {} records, {} pairs looked at", self.records, self.judged)
    }
}
