//! Archives: unpacking foreign content within limits, and packing, in which the same bytes give the same bytes.
//!
//! The first bytes decide the packing ([`Packing`]), never a name. [`unpacked`] and [`Unpacking`] unpack one stream; [`inflate`] also
//! refuses a decompression bomb. [`Walk`] reads the files of a folder, a zip, a zip within a zip or a packed tar, and gives the wanted ones
//! to a visitor: no name leaves the root, no link is followed, and number, sizes and ratios have limits.

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
