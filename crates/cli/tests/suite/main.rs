//! The tests of the binary, as one program: each further program would link everything once more.
//! A file here needs its line below; `./check` fails on a file that no line names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
mod commands;
mod common;
mod cycle;
mod embargo;
mod first_day;
mod jobs;
mod json;
mod ledger;
mod path;
#[path = "../../../ledger/tests/store/postgres.rs"]
mod postgres;
mod publish;
mod publishing;
mod remarks;
#[allow(dead_code, reason = "the tests of the bucket itself use the rest")]
#[path = "../../../publish/tests/suite/server.rs"]
mod server;
mod shipped;
mod shown;
mod sources;
mod store;
mod told;
mod triage;
mod vex;
mod words;
