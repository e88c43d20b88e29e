//! Matching through its door: the example distribution, and what a finding depends on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod applicability;
mod closures;
mod harbor;
mod names;
mod rule;
mod table;
mod ties;
