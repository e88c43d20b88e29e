//! The sources in an archive.

use std::cell::RefCell;
use std::fs::File;

use seaworthy_host::archive::{ArchiveError, Visitor, Walk, WalkLimits};

use crate::sources::{MAX_FILE, Sources};

/// The limits of an archive. The sources of a browser have 6 GiB in half a million files, and those of the kernel shrink to a tenth.
const LIMITS: WalkLimits = WalkLimits { each: MAX_FILE, total: 16 << 30, files: 2_000_000, ratio: 200, depth: 0, nested: 0 };

/// The folder in which all files of an archive lie, as far as it was read.
#[derive(Debug, Default)]
enum Top {
    #[default]
    Unknown,
    Folder(String),
    None,
}

impl Top {
    fn see(&mut self, path: &str) {
        let first = path.split_once('/').map(|(first, _)| first);
        *self = match (std::mem::take(self), first) {
            (Self::Unknown, Some(first)) => Self::Folder(first.to_owned()),
            (Self::Folder(folder), Some(first)) if folder == first => Self::Folder(folder),
            _ => Self::None,
        };
    }
}

/// A reader of an archive: the files so far.
#[derive(Default)]
struct Reading {
    top: RefCell<Top>,
    files: Vec<(String, Vec<u8>)>,
    refused: Vec<(String, String)>,
}

impl Visitor for Reading {
    type Error = ArchiveError;

    fn wants(&self, path: &str) -> bool {
        let path = path.trim_start_matches("./");
        // What describes the archive itself lies beside its folder (the comment that git writes, for one).
        if path != "pax_global_header" {
            self.top.borrow_mut().see(path);
        }
        Sources::wants(path)
    }

    fn take(&mut self, path: String, content: Vec<u8>) -> Result<(), ArchiveError> {
        self.files.push((path, content));
        Ok(())
    }

    fn refused(&mut self, _: &str, path: &str, why: &str) {
        self.refused.push((path.to_owned(), why.to_owned()));
    }
}

impl Sources {
    /// The files of an archive: a zip, or a tar, plain or packed with gzip, xz, bzip2 or zstd. The folder that holds everything in it is
    /// the root. Errors call the archive by `name`. Nothing is unpacked to disk; a file that is wanted and not read (too large, a link, a
    /// path that leads out) is a problem.
    ///
    /// # Errors
    /// When it is damaged or of another kind, or larger than sources are, whatever is in it.
    pub fn in_archive(file: File, name: &str) -> Result<Self, ArchiveError> {
        Self::in_archive_within(LIMITS, file, name)
    }

    fn in_archive_within(limits: WalkLimits, file: File, name: &str) -> Result<Self, ArchiveError> {
        let mut reading = Reading::default();
        Walk::new(name.to_owned(), limits, &mut reading).archive(file)?;
        let top = match reading.top.into_inner() {
            // An archive of what was copied lies beside that of the project.
            Top::Folder(folder) if folder != "vendor" => format!("{folder}/"),
            Top::Folder(_) | Top::Unknown | Top::None => String::new(),
        };
        let mut out = Self::default();
        for (path, content) in reading.files {
            out.add(path.strip_prefix(&top).unwrap_or(&path).to_owned(), content);
        }
        for (path, why) in reading.refused {
            out.refuse(&path, &format!("left out: {why}"));
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use seaworthy_host::archive::TarGz;

    use super::*;

    #[test]
    fn very_many_small_files_cost_their_archive() {
        let mut made = TarGz::default();
        (0..100).for_each(|n| made.add(&format!("k/{n}"), b"").unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.tar.gz");
        std::fs::write(&path, made.finish().unwrap()).unwrap();
        let read = |files| Sources::in_archive_within(WalkLimits { files, ..LIMITS }, File::open(&path).unwrap(), "k.tar.gz");
        let error = read(99).unwrap_err();
        assert_eq!(error.to_string(), "k.tar.gz: too large: more than 99 files");
        assert!(read(100).is_ok());
    }
}
