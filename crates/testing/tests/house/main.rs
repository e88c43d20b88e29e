//! The house: arrows between crates, circles of files, places of effects, sizes, and files that nobody reads. `architecture.toml` says what is allowed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrows;
mod circles;
mod effects;
mod files;
mod manifest;
mod plan;
mod sizes;
mod source;
