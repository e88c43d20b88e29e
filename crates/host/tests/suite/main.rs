//! The tests of the effects that need another host, as one program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod http;
