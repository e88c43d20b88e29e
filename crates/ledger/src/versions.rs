//! The file formats of this crate, in one list.

use seaworthy_model::format::Format;

use crate::port::EXPORT;
use crate::schema::SCHEMA;

/// The file formats that a [`Ledger`](crate::Ledger) writes and reads again, with their versions.
pub static FORMATS: &[&Format] = &[&SCHEMA, &EXPORT];
