//! Why something packed was not taken.

use crate::files::FileError;

/// Something packed that was not taken. The text says what it is and what was found; what to do about it, the caller knows.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It ends too early.
    #[error("{origin}: truncated after {unpacked} unpacked bytes")]
    Truncated {
        /// The path or address.
        origin: String,
        /// Bytes that could be read.
        unpacked: u64,
    },
    /// It is not of the expected form: no gzip, no zip, a bad checksum.
    #[error("{origin}: damaged or of another kind: {detail}")]
    Damaged {
        /// The path or address.
        origin: String,
        /// What was found.
        detail: String,
    },
    /// It is above a limit, or compressed beyond what real data is: a decompression bomb.
    #[error("{origin}: too large: {detail}")]
    TooLarge {
        /// The path or address.
        origin: String,
        /// Which limit, with both numbers.
        detail: String,
    },
    /// A file or folder of this machine.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ArchiveError {
    pub(super) fn damaged(origin: &str, detail: impl Into<String>) -> Self {
        Self::Damaged { origin: origin.to_owned(), detail: detail.into() }
    }

    pub(super) fn too_large(origin: &str, detail: impl Into<String>) -> Self {
        Self::TooLarge { origin: origin.to_owned(), detail: detail.into() }
    }
}
