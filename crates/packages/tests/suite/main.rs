//! The crate through its door, and beside the programs that clients use.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod signatures;
#[allow(dead_code, reason = "the tests of keys use all of it")]
#[path = "../../../keys/tests/suite/tools.rs"]
mod tools;
