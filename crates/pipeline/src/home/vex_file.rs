//! The reading of files with VEX documents.

use std::path::Path;

use jiff::Timestamp;
use seaworthy_host::files::read_named;
use seaworthy_triage::statements::{Document, MOST_BYTES, parse};

use super::{HomeError, VexImportError};

/// The document in a file, with the name by which its statements are told. A time after `now` is none.
pub(super) fn read_document(path: &Path, now: Timestamp) -> Result<(String, Document), HomeError> {
    let bytes = read_named(path, MOST_BYTES as u64).map_err(|e| HomeError::io("read", path)(e.source))?;
    let mut document = parse(&bytes).map_err(|source| VexImportError::Document { path: path.to_owned(), source })?;
    document.forget_future(now);
    Ok((name_of(path), document))
}

/// The name by which a file is called in remarks and decisions: that of the file without its folder.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
