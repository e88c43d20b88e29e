//! Why what is said in VEX cannot be exchanged.

use std::path::PathBuf;

use seaworthy_model::case::IllegalStep;

/// Why a document cannot be made under the names that were asked for.
#[derive(Debug, thiserror::Error)]
pub enum VexExportError {
    /// A namespace that is no address.
    #[error("--namespace is {namespace:?}: an http or https address is needed, such as \"https://packages.example.org\"")]
    Namespace {
        /// The text.
        namespace: String,
    },
    /// A vendor that cannot be part of a purl.
    #[error("--vendor is {vendor:?}: lower-case letters, digits and - only")]
    Vendor {
        /// The text.
        vendor: String,
    },
}

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
