//! The tests of the readers, as one program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod lists;
mod repository;
mod root;
mod sbom;
mod sources;
mod spec;
