//! The sources inside a source package.

use std::fs::File;
use std::io::{self, BufReader, Seek as _};
use std::path::Path;

use seaworthy_components::Sources;
use seaworthy_host::files::FileError;
use seaworthy_packages::rpm::{Headers, HeadersError, Limits, PayloadError, each_file};

/// The endings of archives.
const ARCHIVES: [&str; 9] = [".tar", ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.zst", ".tbz2", ".tgz", ".txz", ".zip"];
/// The greatest ratio of a payload, whose archives are packed already, and its greatest size in bytes.
const RATIO: u64 = 200;
const MOST: u64 = 16 << 30;

/// The reason why a source package is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourcePackageError {
    /// It cannot be opened.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no package.
    #[error(transparent)]
    Headers(#[from] HeadersError),
    /// Its payload cannot be read.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// The name of an archive without its ending; `None` for other files.
pub(crate) fn without_ending(file: &str) -> Option<&str> {
    ARCHIVES.iter().find_map(|ending| file.strip_suffix(ending))
}

/// The sources in all archives of a source package, as they lie beside each other when it is built. An archive that cannot be read costs
/// itself, and is a problem.
pub(crate) fn in_source_package(path: &Path) -> Result<Sources, SourcePackageError> {
    let file = File::open(path).map_err(FileError::of("read", path))?;
    let length = file.metadata().map_err(FileError::of("read", path))?.len();
    let mut from = BufReader::new(file);
    Headers::read(&mut from, Limits::default().header)?;
    let mut out = Sources::default();
    each_file(from, length.saturating_mul(RATIO).min(MOST), |name, _, content| {
        if without_ending(name).is_none() {
            return Ok(());
        }
        // A zip is read from its end, so an archive has to be on disk; the file has no name and goes with the process.
        let mut spooled = tempfile::tempfile().map_err(FileError::of("write", &std::env::temp_dir()))?;
        io::copy(content, &mut spooled).map_err(PayloadError::Read)?;
        spooled.rewind().map_err(PayloadError::Read)?;
        match Sources::in_archive(spooled, name) {
            Ok(found) => out.merge(found, name),
            Err(e) => out.refuse(name, &format!("not looked into: {e}")),
        }
        Ok::<(), SourcePackageError>(())
    })?;
    Ok(out)
}
