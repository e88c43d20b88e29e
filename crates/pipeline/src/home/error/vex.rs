//! Why documents of others cannot be taken over.

use std::path::PathBuf;

use seaworthy_model::case::IllegalStep;

/// Why documents of others cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub enum VexImportError {
    /// A file that is no VEX document.
    #[error("{} is no VEX document: {source}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: seaworthy_triage::statements::VexError,
    },
    /// A statement that does not fit its case: a defect.
    #[error("a statement does not fit its case: {0}; please report this")]
    Unfit(IllegalStep),
}
