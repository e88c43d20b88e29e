//! The tests of publishing that need other programs: a browser, OpenSCAP, an S3-style store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod browser;
mod bucket;
#[path = "../../examples/edition/mod.rs"]
mod edition;
mod openscap;
mod pages;
mod server;
