//! The file formats of this module, in one list.

use seaworthy_model::format::Format;

use super::chunk::CHUNK;
use super::manifest::SET;
use super::scan::CACHE;

/// The formats of the files that are written and read again, with their versions. Metadata itself is createrepo's.
pub static FORMATS: &[&Format] = &[&CHUNK, &SET, &CACHE];
