//! The paths that a package owns.

/// The kind of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file, a link or a device.
    File,
    /// A folder.
    Folder,
    /// A path that the package owns and does not contain, such as that of a log.
    Ghost,
}

/// A path that a package owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFile {
    /// The full path.
    pub path: String,
    /// The kind.
    pub kind: FileKind,
}
