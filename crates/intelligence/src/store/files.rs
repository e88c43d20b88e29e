//! The files of a store: its lock, and the removal of files that no state names.

use std::fs;
use std::path::{Path, PathBuf};

use seaworthy_host::files::{self, Lock, LockError, UNFINISHED};

use super::changes::KEPT_CHANGES;
use super::state::failed;
use super::{IntelligenceError, Status, Store};

impl Store {
    /// Creates the folders and takes the lock, which is held until it is dropped.
    pub(super) fn lock(&self) -> Result<Lock, IntelligenceError> {
        for folder in ["raw", "segments", "texts", "catalogues", "changes"] {
            let path = self.root.join(folder);
            fs::create_dir_all(&path).map_err(failed("create", &path))?;
        }
        files::lock(&self.root.join("lock")).map_err(|e| match e {
            LockError::Held(path) => IntelligenceError::Locked(path),
            LockError::File(e) => e.into(),
        })
    }

    /// Removes files that the state does not name: those of dead syncs, replaced raw files, and old catalogues.
    pub(super) fn sweep(&self, status: &Status) {
        let mut kept: Vec<PathBuf> =
            self.parts_of(status).into_iter().flat_map(|p| [self.raw_path(&p.state), p.path, p.texts_path]).collect();
        kept.extend(status.knowledge.map(|d| self.catalogue_path(d)));
        let mut stale: Vec<PathBuf> = Vec::new();
        for folder in ["raw", "segments", "texts", "catalogues"] {
            stale.extend(files_in(&self.root.join(folder)).into_iter().filter(|f| !kept.contains(f)));
        }
        stale.extend(
            files_in(&self.root).into_iter().filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with(UNFINISHED))),
        );
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
