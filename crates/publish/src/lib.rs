//! How the world learns: advisories in every format that scanners, package managers and people read, and a signed package
//! repository, published together as one atomic, reproducible step.
//!
//! What is to be said is an [`Edition`]: plain values, made elsewhere from the log of what was decided and done. From the same
//! edition every format comes out the same, byte for byte; times are those of the log.

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

pub use advisory::{Advisory, Distribution, Edition, ImageNote};
pub use seaworthy_model::subject::{Delivery, Place, Revision, Standing};

use seaworthy_model::format::Format;

/// The formats of the files that a site and its store keep for the next publication, with their versions. What is published in the formats
/// of others is in [`formats`].
pub static FORMATS: &[&Format] = &[&site::PUBLICATION, &press::CONTENTS, &bucket::NOTE];
