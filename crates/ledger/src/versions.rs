//! The formats of what is kept, in one list.

use seaworthy_model::format::Format;

use crate::port::EXPORT;
use crate::schema::SCHEMA;

/// The formats of what a [`Ledger`](crate::Ledger) writes and reads again, with their versions.
pub static FORMATS: &[&Format] = &[&SCHEMA, &EXPORT];
