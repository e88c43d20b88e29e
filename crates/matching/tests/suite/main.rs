//! Tests of matching through its public functions: the example distribution, and tables of rows for each rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod all_clear;
mod applicability;
mod closures;
mod harbor;
mod names;
mod rule;
mod table;
mod ties;
mod versions;
