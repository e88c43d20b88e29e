//! Publications: advisories in every format that scanners, package managers and people read, and a signed package repository, published
//! together in one atomic, reproducible step.
//!
//! The content is an [`Edition`]: plain values, made elsewhere from the log of what was done and decided. The same edition gives the same
//! bytes in every format; times are those of the log.

mod advisory;
pub mod bucket;
pub mod contract;
#[cfg(test)]
mod fixture;
pub mod formats;
pub mod oval;
pub mod pages;
pub mod press;
pub mod site;
pub mod updateinfo;

pub use advisory::{Advisory, Distribution, Edition, ImageNote, ReadyFix};
pub use seaworthy_model::subject::{Delivery, Place, Revision, Standing};

use seaworthy_model::format::Format;

/// The formats of the files that a site and its store keep for the next publication, with their versions. Formats of others are in
/// [`formats`].
pub static FORMATS: &[&Format] = &[&site::PUBLICATION, &press::CONTENTS, &bucket::NOTE];
