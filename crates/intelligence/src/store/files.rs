//! The files of a store: the lock, writing beside and renaming, and removing what no state names.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::changes::KEPT_CHANGES;
use super::state::failed;
use super::{IntelligenceError, Status, Store};

impl Store {
    /// Creates the folders and takes the lock, which is held until the file is dropped.
    pub(super) fn lock(&self) -> Result<File, IntelligenceError> {
        for folder in ["raw", "segments", "catalogues", "changes"] {
            let path = self.root.join(folder);
            fs::create_dir_all(&path).map_err(failed("create", &path))?;
        }
        let path = self.root.join("lock");
        let lock = File::create(&path).map_err(failed("create", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(fs::TryLockError::WouldBlock) => Err(IntelligenceError::Locked(path)),
            Err(fs::TryLockError::Error(e)) => Err(failed("lock", &path)(e)),
        }
    }

    /// Writes a file beside its place and renames it there.
    pub(super) fn write_new(
        &self,
        path: &Path,
        write: impl FnOnce(&mut io::BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), IntelligenceError> {
        let error = || failed("write", path);
        let temporary = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.root).map_err(error())?;
        let (file, name) = temporary.into_parts();
        let mut out = io::BufWriter::with_capacity(1 << 20, file);
        write(&mut out).map_err(error())?;
        let file = out.into_inner().map_err(|e| error()(e.into_error()))?;
        file.sync_data().map_err(error())?;
        name.persist(path).map_err(|e| error()(e.error))
    }

    /// Removes what no state names: files of dead syncs, replaced raw files, old catalogues.
    pub(super) fn sweep(&self, status: &Status) {
        let mut kept: Vec<PathBuf> = self.parts_of(status).into_iter().flat_map(|p| [self.raw_path(&p.state), p.path]).collect();
        kept.extend(status.knowledge.map(|d| self.catalogue_path(d)));
        let mut stale: Vec<PathBuf> = Vec::new();
        for folder in ["raw", "segments", "catalogues"] {
            stale.extend(files_in(&self.root.join(folder)).into_iter().filter(|f| !kept.contains(f)));
        }
        stale.extend(files_in(&self.root).into_iter().filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with(".new-"))));
        // The chain of changes is cut where it gets long, oldest first by following `from`.
        let mut chain = Vec::new();
        let mut next = status.knowledge;
        while let (Some(digest), true) = (next, chain.len() < KEPT_CHANGES) {
            let path = self.changes_path(digest);
            next = self.changes_of(digest).and_then(|r| r.from).filter(|from| !chain.contains(&self.changes_path(*from)));
            chain.push(path);
        }
        stale.extend(files_in(&self.root.join("changes")).into_iter().filter(|f| !chain.contains(f)));
        for file in stale {
            // Left-overs cost space only; the next sweep tries again.
            let _ = fs::remove_file(file);
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|entries| entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect()).unwrap_or_default()
}
