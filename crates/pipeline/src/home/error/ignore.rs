//! The error of ignore files.

use std::path::PathBuf;

use seaworthy_triage::ignore::IgnoreError;

/// The error of an ignore file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}:{}: {}", path.display(), source.line, source.message)]
pub struct IgnoreFileError {
    /// The file.
    pub path: PathBuf,
    /// The cause, with its line.
    pub source: IgnoreError,
}
