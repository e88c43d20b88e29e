//! The tests of fetching, of the records and of the store, as one program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clock;
mod damage;
mod fetch;
mod fetch_records;
mod records;
mod store;
