//! Tests of keys and signatures through the public interface of `keys`, and beside gpg and dnf.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rotation;
mod store;
mod tools;
