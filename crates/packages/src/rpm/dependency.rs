//! Dependencies in a header: for each kind a list of names, one of flags and one of versions.

use super::header::{Header, HeaderError};
use super::tag::Tag;

/// The tags of one kind of dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DependencyTags {
    names: Tag,
    flags: Tag,
    versions: Tag,
}

impl DependencyTags {
    /// The capabilities that the package provides.
    pub const PROVIDES: Self = Self::of(1047, 1112, 1113);
    /// The capabilities that it requires.
    pub const REQUIRES: Self = Self::of(1049, 1048, 1050);
    /// The capabilities with which it conflicts.
    pub const CONFLICTS: Self = Self::of(1054, 1053, 1055);
    /// The capabilities that it obsoletes.
    pub const OBSOLETES: Self = Self::of(1090, 1114, 1115);
    /// The capabilities that it recommends.
    pub const RECOMMENDS: Self = Self::of(5046, 5048, 5047);
    /// The capabilities that it suggests.
    pub const SUGGESTS: Self = Self::of(5049, 5051, 5050);
    /// The capabilities that it supplements.
    pub const SUPPLEMENTS: Self = Self::of(5052, 5054, 5053);
    /// The capabilities that it enhances.
    pub const ENHANCES: Self = Self::of(5055, 5057, 5056);

    const fn of(names: u32, flags: u32, versions: u32) -> Self {
        Self { names: Tag(names), flags: Tag(flags), versions: Tag(versions) }
    }
}

/// A dependency as a header has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability<'a> {
    /// The name; a whole expression for a rich dependency.
    pub name: &'a [u8],
    /// The flags `RPMSENSE_*` of rpm: how the version compares, and when the capability is needed.
    pub flags: u64,
    /// The version as `[EPOCH:]VERSION[-RELEASE]`; empty where any version is meant.
    pub version: &'a [u8],
}

impl Header<'_> {
    /// The dependencies of one kind, at most `limit`, in the header's order.
    ///
    /// # Errors
    /// When names, flags and versions cannot be read, are not equally many, or are more than `limit`. Very old packages have only names,
    /// which is no error.
    pub fn dependencies(&self, tags: DependencyTags, limit: usize) -> Result<Vec<Capability<'_>>, HeaderError> {
        let names = self.strings(tags.names, limit)?;
        let (mut flags, mut versions) = (self.numbers(tags.flags, limit)?, self.strings(tags.versions, limit)?);
        if flags.is_empty() && versions.is_empty() {
            flags = vec![0; names.len()];
            versions = vec![b"".as_slice(); names.len()];
        }
        HeaderError::unless_equal((tags.names, names.len()), (tags.flags, flags.len()))?;
        HeaderError::unless_equal((tags.names, names.len()), (tags.versions, versions.len()))?;
        let all = names.into_iter().zip(flags).zip(versions);
        Ok(all.map(|((name, flags), version)| Capability { name, flags, version }).collect())
    }
}
