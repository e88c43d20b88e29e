use std::collections::BTreeMap;
use std::path::Path;

use seaworthy_model::format::{Format, Remedy, Stamp, Version};
use seaworthy_model::{Digest, DigestWriter};
use serde::{Deserialize, Serialize};

use super::error::SiteError;

/// The format of the index of a publication.
pub(crate) static PUBLICATION: Format =
    Format { name: "index of a publication", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };

/// The index of a publication: its trees, its files and its channels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The version of the format.
    version: u32,
    /// The trees, by their folders in the site.
    pub trees: BTreeMap<String, TreeEntry>,
    /// The digests of the other files, by their paths.
    pub files: BTreeMap<String, Digest>,
    /// The channels of the package repository with their snapshots.
    pub channels: BTreeMap<String, String>,
}

/// A tree of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeEntry {
    /// The name of the folder below `trees`.
    pub name: String,
    /// The number of its documents.
    pub files: usize,
    /// The digest of its listing, which has the digests of its documents.
    pub listing: Digest,
}

impl Index {
    /// An index in the current version.
    #[must_use]
    pub fn new(trees: BTreeMap<String, TreeEntry>, files: BTreeMap<String, Digest>, channels: BTreeMap<String, String>) -> Self {
        Self { version: PUBLICATION.version.major, trees, files, channels }
    }

    /// The digest of the content: two publications with the same digest are the same, byte for byte.
    #[must_use]
    pub fn content(&self) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy publication 1");
        for (at, entry) in &self.trees {
            out.field(at);
            out.field(entry.listing.as_bytes());
        }
        for (path, digest) in &self.files {
            out.field(path);
            out.field(digest.as_bytes());
        }
        for (channel, snapshot) in &self.channels {
            out.field(channel);
            out.field(snapshot);
        }
        out.finish()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Strings, numbers and digests always serialize.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// The index in a file; `path` is for messages.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, SiteError> {
        let damaged = |message: String| SiteError::Damaged { path: path.to_owned(), message };
        let unreadable = |e| damaged(format!("no index of a publication: {e}"));
        let stamp: Stamp = serde_json::from_slice(bytes).map_err(unreadable)?;
        PUBLICATION.check(stamp.version()).map_err(|source| SiteError::Version { path: path.to_owned(), source })?;
        let index: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
        let safe = |path: &str| path.split('/').all(plain);
        if let Some((at, _)) = index.trees.iter().find(|(at, t)| !safe(at) || !plain(&t.name)) {
            return Err(damaged(format!("it names a tree at {at:?}, which no publication has")));
        }
        match index.channels.iter().find(|(c, s)| !plain(c) || !plain(s)) {
            Some((channel, _)) => Err(damaged(format!("it names a channel {channel:?}, which no publication has"))),
            None => Ok(index),
        }
    }
}
