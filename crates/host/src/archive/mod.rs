//! What strangers packed, unpacked within limits; and packing, so that the same bytes give the same bytes.
//!
//! A packing ([`Packing`]) is told by the first bytes, never by a name. [`unpacked`] and [`Unpacking`] take one stream apart, [`inflate`]
//! checks that it is no bomb while it does. [`Walk`] goes through the files of a folder, a zip, a zip within a zip or a `.tar.gz`, and hands
//! on those that are wanted: no name leaves the root, no link is followed, and number, sizes and ratios have limits.

mod error;
mod inflate;
mod pack;
mod packing;
mod tar;
mod unpack;
mod walk;

pub use error::ArchiveError;
pub use inflate::{Limits, copy_limited, inflate};
pub use pack::{gzip, zstd};
pub use packing::Packing;
pub use tar::{Member, TarGz, each_member};
pub use unpack::{UnpackError, Unpacking, unpacked};
pub use walk::{Visitor, Walk, WalkLimits};
