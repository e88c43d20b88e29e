//! Where results go: standard output, or a file that is whole or not there.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::error::CommandError;

/// Says a value as JSON, for programs.
pub(crate) fn json(value: &impl Serialize) -> Result<(), CommandError> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Writes beside a file and renames, so that a reader never sees half of it.
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
    let temporary = tempfile::NamedTempFile::new_in(folder).map_err(cannot())?;
    let mut out = std::io::BufWriter::with_capacity(1 << 20, temporary);
    write(&mut out)?;
    let file = out.into_inner().map_err(|e| cannot()(e.into_error()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A temporary file is private; a report is for others to read.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(cannot())?;
    }
    file.as_file().sync_all().map_err(cannot())?;
    file.persist(path).map_err(|e| cannot()(e.error))?;
    Ok(())
}
