//! Keys and signatures, through the door of `keys` and with the programs that clients use: gpg, rpmkeys, dnf.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod packages;
mod rotation;
mod store;
mod tools;
