//! The tests of fetching and of the store, as one program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod fetch;
mod fetch_records;
mod fetch_server;
mod store;
