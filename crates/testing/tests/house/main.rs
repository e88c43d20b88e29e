//! The house: arrows between crates, circles of files, sizes, and files that nobody reads. `architecture.toml` says what is allowed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrows;
mod circles;
mod files;
mod manifest;
mod plan;
mod sizes;
mod source;
