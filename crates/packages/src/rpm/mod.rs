//! The form of RPM packages: lead, signature header, header and payload, and the values that a header holds.
//!
//! [`each_file`] reads the files of a payload.
//!
//! This is the only reader of this form. A [`Header`] is read from the front of a package file ([`Headers::read`]) or from the database of
//! installed packages ([`database`]), and is checked as a whole: every index entry has a known type and lies inside the store, and each of
//! its strings has an end. An accessor gives the values of a [`Tag`], or an error that names the tag and its place.

mod changelog;
pub mod database;
mod dependency;
mod files;
mod header;
mod headers;
mod lead;
mod limits;
mod payload;
mod tag;
#[cfg(test)]
mod tests;

pub use changelog::Change;
pub use dependency::{Capability, DependencyTags};
pub use header::{Fault, Header, HeaderError, MAX_ENTRIES, MAX_STORE, Type, text};
pub use headers::{Headers, HeadersError, Part};
pub(crate) use lead::LEAD;
pub use lead::LeadError;
pub use limits::Limits;
pub use payload::{PayloadError, each_file};
pub use tag::Tag;
