//! What is known.

pub mod fetch;
