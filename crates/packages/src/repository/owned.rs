//! The paths that a package owns.

/// What a file of a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file, a link or a device.
    File,
    /// A folder.
    Folder,
    /// Owned, not brought along.
    Ghost,
}

/// A path that a package owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFile {
    /// Its full path.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
}
