//! The rules of `architecture.toml`: arrows between crates, circles of files, places of effects, sizes, and files that no `mod` line names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrows;
mod circles;
mod effects;
mod files;
mod manifest;
mod plan;
mod sizes;
mod source;
