//! Times of events that were wrong.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};

/// The time of an earlier event was wrong. The event stays as it was written; whoever reads the log is given the time that is said here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeCorrected {
    /// The event's number.
    pub seq: u64,
    /// When it happened.
    pub to: Timestamp,
}

latest!(TimeCorrected: "correction" by |seq: u64| seq.to_string());

impl Recorded for TimeCorrected {
    const KIND: &'static str = "time_corrected";
    type Subject = Self;

    fn key(&self) -> u64 {
        self.seq
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        None
    }
}

impl fmt::Display for TimeCorrected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} happened at {}", self.seq, self.to)
    }
}
