use std::fs;
use std::io::Write;
use std::path::Path;

use seaworthy_host::files::{Promise, Readers, replace_with};

use super::error::SiteError;

/// A folder with all above it.
pub(crate) fn create(dir: &Path) -> Result<(), SiteError> {
    fs::create_dir_all(dir).map_err(SiteError::file("make the folder", dir))
}

/// Writes a file as a whole or not at all. It is on the disk with everything else of a publication, before that is switched to.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
    create(path.parent().unwrap_or(Path::new(".")))?;
    Ok(replace_with(path, Readers::Everyone, Promise::Deferred, |out| out.write_all(bytes))?)
}
