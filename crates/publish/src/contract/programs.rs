//! What the real programs need to be asked.

use std::path::Path;
use std::time::Duration;

/// The real programs, and what they need.
#[derive(Clone, Copy, Debug)]
pub struct Programs<'p> {
    /// A folder for files that are thrown away.
    pub scratch: &'p Path,
    /// How long each program may run.
    pub time: Duration,
    /// On so many roots OpenSCAP is asked of every definition. Each has every package, each in another version of those that are asked.
    pub roots: usize,
    /// The repository that is about to be published, for dnf.
    pub repository: Option<Repository<'p>>,
}

/// A package repository on disk.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'p> {
    /// The folder that has `repodata`.
    pub folder: &'p Path,
    /// The file of the public keys that its metadata and packages must be signed with; `None` checks no signature.
    pub keys: Option<&'p Path>,
}
