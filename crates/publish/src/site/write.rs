use std::fs;
use std::io::Write;
use std::path::Path;

use seaworthy_host::files::{Promise, Readers, replace_with};

use super::error::SiteError;

/// Creates a folder and all folders above it.
pub(crate) fn create(dir: &Path) -> Result<(), SiteError> {
    fs::create_dir_all(dir).map_err(SiteError::file("make the folder", dir))
}

/// Writes a file as a whole or not at all. It is synced to disk with the rest of a publication, before the switch to it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
    create(path.parent().unwrap_or(Path::new(".")))?;
    Ok(replace_with(path, Readers::Everyone, Promise::Deferred, |out| out.write_all(bytes))?)
}
