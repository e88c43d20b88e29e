//! Keys and signatures, through the door of `keys` and with the programs that clients use: gpg.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rotation;
mod store;
mod tools;
