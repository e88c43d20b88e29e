//! The output of results: standard output, or a file that is whole or not there.

use std::io::{self, Write};
use std::path::Path;

use seaworthy_pipeline::files::{self, Promise, Readers};
use seaworthy_pipeline::{Document, Shape};

use crate::error::CommandError;

/// Prints a value as JSON for programs, with the version of its shape.
pub(crate) fn json(value: &impl Shape) -> Result<(), CommandError> {
    crate::say::json(&serde_json::to_string_pretty(&Document::of(value))?);
    Ok(())
}

/// Writes to a file beside `path` and renames it, so that a reader never sees half of the file.
pub(crate) fn file(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), CommandError>) -> Result<(), CommandError> {
    let cannot = || CommandError::file("write", path);
    // A device or pipe cannot be renamed over.
    if path.exists() && !path.is_file() {
        let mut file = std::fs::File::create(path).map_err(cannot())?;
        return write(&mut file);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CommandError::usage(format_args!("cannot write {}: the folder {} does not exist", path.display(), folder.display())));
    }
    let mut failed = None;
    let written = files::replace_with(path, Readers::Everyone, Promise::Durable, |out| {
        write(out).map_err(|e| {
            failed = Some(e);
            io::Error::other("it was not finished")
        })
    });
    match (failed, written) {
        (Some(e), _) => Err(e),
        (None, written) => written.map_err(|e| CommandError::file(e.doing, &e.path)(e.source)),
    }
}
