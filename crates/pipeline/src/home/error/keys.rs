//! The errors of making and importing keys.

use std::path::PathBuf;

/// The error of making or importing a key.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No key is active, so that none can be rotated.
    #[error("there is no active key to rotate from: `seaworthy keys create` makes the first one")]
    NoActiveKey,
    /// The end of a key's validity is later than a time can be.
    #[error("that is too long")]
    TooLong,
    /// The path of a signing command is not UTF-8, and cannot be kept.
    #[error("the path {} of the command is no UTF-8", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
}
