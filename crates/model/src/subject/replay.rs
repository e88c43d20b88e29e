//! A replay of history.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};
use crate::Digest;

/// A replay of history began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayBegan {
    /// Everything that its outcome follows from.
    pub inputs: Digest,
    /// The same in words.
    pub about: String,
}

/// A step of a replay was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayStep {
    /// Records that were published since the step before.
    pub records: u64,
    /// Pairs that were looked at.
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
