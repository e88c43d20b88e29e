//! Why a key cannot be made or taken over.

use std::path::PathBuf;

/// Why a key cannot be made or taken over.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No key to rotate from.
    #[error("there is no active key to rotate from: `seaworthy keys create` makes the first one")]
    NoActiveKey,
    /// A time that cannot be counted.
    #[error("that is too long")]
    TooLong,
    /// The path of a command that cannot be kept.
    #[error("the path {} of the command is no UTF-8", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
}
