//! The limits of reading a package.

use super::header::{MAX_ENTRIES, MAX_STORE};

/// The limits of reading a package. A larger one is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The greatest size of the whole file, in bytes.
    pub file: u64,
    /// The greatest size of index and store together, in bytes, for each of the two headers.
    pub header: usize,
    /// The greatest number of files that the package owns.
    pub files: usize,
    /// The greatest number of dependencies of each kind, of changelog entries, of sources and of patches.
    pub entries: usize,
    /// The greatest size of all paths together, in bytes. In the header they are shorter, since files share folders.
    pub paths: usize,
}

impl Default for Limits {
    /// Limits of several times what the largest packages have: the sources of a kernel have 100,000 files, a TeX collection 250,000.
    fn default() -> Self {
        Self { file: 16 << 30, header: 16 * MAX_ENTRIES + MAX_STORE, files: 1_000_000, entries: 200_000, paths: 256 << 20 }
    }
}
