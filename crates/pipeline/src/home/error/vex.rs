//! The errors of exchanging VEX documents.

use std::path::PathBuf;

use seaworthy_model::case::IllegalStep;

/// The error of exporting a VEX document.
#[derive(Debug, thiserror::Error)]
pub enum VexExportError {
    /// The namespace is no address.
    #[error("--namespace is {namespace:?}: an http or https address is needed, such as \"https://packages.example.org\"")]
    Namespace {
        /// The text.
        namespace: String,
    },
    /// The vendor cannot be part of a purl.
    #[error("--vendor is {vendor:?}: lower-case letters, digits and - only")]
    Vendor {
        /// The text.
        vendor: String,
    },
}

/// The error of importing VEX documents.
#[derive(Debug, thiserror::Error)]
pub enum VexImportError {
    /// The file is no VEX document.
    #[error("{} is no VEX document: {source}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: seaworthy_triage::statements::VexError,
    },
    /// A statement does not fit its case: a defect.
    #[error("a statement does not fit its case: {0}; please report this")]
    Unfit(IllegalStep),
}
