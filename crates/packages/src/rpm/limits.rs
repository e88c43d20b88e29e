//! How much of one package is read.

use super::header::{MAX_ENTRIES, MAX_STORE};

/// How much of one package is read. A package that is larger is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the whole file.
    pub file: u64,
    /// Bytes of the signature header and of the header, each: of index and store together.
    pub header: usize,
    /// Files that the package owns.
    pub files: usize,
    /// Dependencies of each kind, changelog entries, sources and patches.
    pub entries: usize,
    /// Bytes of all paths together, which the header keeps shorter than they are.
    pub paths: usize,
}

impl Default for Limits {
    /// Several times what the largest packages need: a kernel's sources have 100,000 files, a TeX collection 250,000.
    fn default() -> Self {
        Self { file: 16 << 30, header: 16 * MAX_ENTRIES + MAX_STORE, files: 1_000_000, entries: 200_000, paths: 256 << 20 }
    }
}
