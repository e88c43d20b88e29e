//! The tests of the crate, as one program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[macro_use]
mod both;
mod baseline;
mod chronicle;
mod faults;
mod formats;
mod home;
mod inventory;
mod jobs;
mod knowledge;
mod names;
#[path = "../../../ledger/tests/store/postgres.rs"]
mod postgres;
mod queue;
mod replay;
mod undo;
mod versions;
mod vex;
