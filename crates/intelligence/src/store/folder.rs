//! The paths of the files in a store, and the digests that name them.

use std::path::{Path, PathBuf};

use seaworthy_model::format::{Format, Remedy, Version};
use seaworthy_model::{Digest, DigestWriter};

use super::state::{ArtefactState, IntelligenceError, SourceState, Status, damaged};
use crate::ingest;
use crate::records::SourceKind;
use crate::segment::Segment;
use crate::texts::Texts;

/// The format of the state of a store and of all files that it names: segments and their texts, the catalogue and reports of changes. Its
/// version is raised when one of them changes its layout, or the parsers read more than before; a sync then builds segments and catalogue
/// again.
pub(crate) static STATE: Format = Format {
    name: "state of the knowledge",
    version: Version::of(11),
    oldest: 11,
    newer: Remedy::NewerProgram,
    older: Remedy::RebuildIndex,
};

/// The store of the knowledge, in one folder.
pub struct Store {
    pub(super) root: PathBuf,
}

impl Store {
    /// The store in a home folder; nothing is created yet.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self { root: home.join("knowledge") }
    }

    /// The segments of a state, in its order.
    pub(super) fn parts_of(&self, status: &Status) -> Vec<Part> {
        let artefacts = |(kind, source): (&SourceKind, &SourceState)| -> Vec<Part> {
            let part = |(name, state): (&String, &ArtefactState)| {
                let identity = segment_identity(*kind, name, state.raw);
                Part {
                    kind: *kind,
                    name: name.clone(),
                    identity,
                    path: self.segment_path(identity),
                    texts_path: self.texts_path(identity),
                    state: state.clone(),
                }
            };
            source.artefacts.iter().map(part).collect()
        };
        status.sources.iter().flat_map(artefacts).collect()
    }

    pub(super) fn segment_path(&self, identity: Digest) -> PathBuf {
        self.root.join("segments").join(format!("{}.seg", identity.hex()))
    }

    /// The texts of a segment.
    pub(super) fn texts_path(&self, identity: Digest) -> PathBuf {
        self.root.join("texts").join(format!("{}.txt", identity.hex()))
    }

    pub(super) fn catalogue_path(&self, digest: Digest) -> PathBuf {
        self.root.join("catalogues").join(format!("{}.cat", digest.hex()))
    }

    /// The raw file of an artefact.
    #[must_use]
    pub fn raw_path(&self, artefact: &ArtefactState) -> PathBuf {
        self.root.join("raw").join(format!("{}{}", artefact.raw.hex(), artefact.extension))
    }
}

/// A segment of a state.
pub(super) struct Part {
    pub(super) kind: SourceKind,
    pub(super) name: String,
    /// The digest that names the segment.
    pub(super) identity: Digest,
    pub(super) path: PathBuf,
    pub(super) texts_path: PathBuf,
    pub(super) state: ArtefactState,
}

impl Part {
    pub(super) fn open(&self) -> Result<Segment, IntelligenceError> {
        Segment::open(&self.path, self.identity).map_err(damaged(&self.path))
    }

    /// The texts of the segment, of which nothing is read yet.
    pub(super) fn texts(&self) -> Result<Texts, IntelligenceError> {
        Texts::open(&self.texts_path, self.identity).map_err(damaged(&self.texts_path))
    }

    /// Whether the segment and its texts are there as they were written.
    pub(super) fn is_whole(&self) -> bool {
        self.open().is_ok() && self.texts().is_ok_and(|texts| texts.checked().is_ok())
    }
}

/// The digest that names a segment.
pub(super) fn segment_identity(kind: SourceKind, name: &str, raw: Digest) -> Digest {
    let mut digest = DigestWriter::new();
    digest.field(STATE.version.major.to_le_bytes());
    digest.field(kind.as_str());
    digest.field(ingest::format_of(name));
    digest.field(raw.as_bytes());
    digest.finish()
}

/// The digest of the knowledge of these segments in this order.
pub(super) fn digest_of(parts: &[Part]) -> Digest {
    let mut digest = DigestWriter::new();
    digest.field(STATE.version.major.to_le_bytes());
    for part in parts {
        digest.field(part.kind.as_str());
        digest.field(part.state.raw.as_bytes());
    }
    digest.finish()
}
