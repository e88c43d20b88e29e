//! Corrections of wrong times of events.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};

/// The correction of the time of an earlier event. The log keeps the event as it was written; readers of the log get the corrected time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeCorrected {
    /// The number of the corrected event.
    pub seq: u64,
    /// The time at which it happened.
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
