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
