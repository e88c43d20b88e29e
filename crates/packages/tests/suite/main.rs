//! Tests of the crate through its public interface, and beside the programs of clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod signatures;
#[allow(dead_code, reason = "the tests of keys use all of it")]
#[path = "../../../keys/tests/suite/tools.rs"]
mod tools;
