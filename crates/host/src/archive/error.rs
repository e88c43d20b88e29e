//! The error of reading packed content.

use crate::files::FileError;

/// The error of reading packed content. Its message has the origin and the fault; the caller knows the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The content ends too early.
    #[error("{origin}: truncated after {unpacked} unpacked bytes")]
    Truncated {
        /// The path or address.
        origin: String,
        /// The number of bytes that were unpacked.
        unpacked: u64,
    },
    /// The content does not have the expected form: no gzip, no zip, or a bad checksum.
    #[error("{origin}: damaged or of another kind: {detail}")]
    Damaged {
        /// The path or address.
        origin: String,
        /// The fault.
        detail: String,
    },
    /// The content is above a limit, or compressed beyond what real data is: a decompression bomb.
    #[error("{origin}: too large: {detail}")]
    TooLarge {
        /// The path or address.
        origin: String,
        /// The limit that was exceeded, in words with both numbers.
        detail: String,
    },
    /// A local file or folder failed.
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
