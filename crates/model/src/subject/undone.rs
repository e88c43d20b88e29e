//! The undoing of batches of events.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, latest};

/// The undoing of a batch: of the events that were written together. The events that give the cases back their former values follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The number of the batch's first event.
    pub first: u64,
    /// The number of its last event.
    pub last: u64,
    /// The number of cases that are as they were before it.
    pub cases: u64,
}

latest!(Undone: "batch" by |first: u64| first.to_string());

impl Recorded for Undone {
    const KIND: &'static str = "undone";
    type Subject = Self;

    fn key(&self) -> u64 {
        self.first
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        None
    }
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, cases } = self;
        write!(f, "events {first} to {last} undone in {cases} {}", if *cases == 1 { "case" } else { "cases" })
    }
}
