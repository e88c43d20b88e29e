//! The conditions under which the real programs are run.

use std::path::Path;
use std::time::Duration;

/// The conditions under which the real programs are run.
#[derive(Clone, Copy, Debug)]
pub struct Programs<'p> {
    /// A folder for temporary files.
    pub scratch: &'p Path,
    /// The greatest time that each program may run.
    pub time: Duration,
    /// The number of roots on which OpenSCAP evaluates every definition. Each root has every package, each time in another of the judged
    /// versions.
    pub roots: usize,
    /// The repository that is about to be published, for dnf.
    pub repository: Option<Repository<'p>>,
}

/// A package repository on disk.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'p> {
    /// The folder that has `repodata`.
    pub folder: &'p Path,
    /// The file of the public keys with which metadata and packages must be signed; `None` checks no signature.
    pub keys: Option<&'p Path>,
}
