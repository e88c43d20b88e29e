//! What is in force, and what a sync is given.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use seaworthy_host::files::{FileError, Promise, Readers, replace_with};
use seaworthy_model::format::FormatError;
use seaworthy_model::{Digest, DigestWriter};
use serde::{Deserialize, Serialize};

use crate::fetch::Validators;
use crate::records::SourceKind;
use crate::tables::IndexDamage;

/// Why the state could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum IntelligenceError {
    /// A file of the state, or a raw file, could not be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another sync runs.
    #[error("{0} is held by another sync: wait until it ends; a sync that died holds nothing")]
    Locked(PathBuf),
    /// Nothing was synced yet.
    #[error("nothing is known yet in {0}: run `seaworthy sync` first")]
    Empty(PathBuf),
    /// A file of the index is not as it was written.
    #[error("{path} is damaged ({damage}): run `seaworthy sync --rebuild`, which needs no network")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        damage: IndexDamage,
    },
    /// A file of a version that is not read.
    #[error("{path}: {source}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version, and what to do.
        source: FormatError,
    },
    /// The state is damaged.
    #[error("{path}: {message}")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        message: String,
    },
}

impl From<FileError> for IntelligenceError {
    fn from(FileError { doing, path, source }: FileError) -> Self {
        Self::Io { action: doing, path, source }
    }
}

pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IntelligenceError {
    move |source| IntelligenceError::Io { action, path: path.to_owned(), source }
}

/// Replaces a file of the store.
pub(super) fn write_new(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<(), IntelligenceError> {
    Ok(replace_with(path, Readers::Owner, Promise::Durable, write)?)
}

pub(super) fn damaged(path: &Path) -> impl FnOnce(IndexDamage) -> IntelligenceError {
    move |damage| match damage {
        IndexDamage::Io(source) => IntelligenceError::Io { action: "read", path: path.to_owned(), source },
        IndexDamage::Version(source) => IntelligenceError::Version { path: path.to_owned(), source },
        damage => IntelligenceError::Damaged { path: path.to_owned(), damage },
    }
}

/// One raw artefact handed to a sync.
#[derive(Debug)]
pub struct Input {
    /// The source it belongs to.
    pub kind: SourceKind,
    /// Its stable name within the source (`nvdcve-2.0-2024.json.gz`); a later artefact of that name replaces it, packed in
    /// whatever way.
    pub name: String,
    /// Where it came from, for people.
    pub origin: String,
    /// What to compare with next time.
    pub validators: Validators,
    /// The bytes.
    pub body: InputBody,
}

/// The bytes of an [`Input`].
#[derive(Debug)]
pub enum InputBody {
    /// A file to read.
    File(PathBuf),
    /// Bytes in memory.
    Bytes(Vec<u8>),
}

/// What happened to a source in a sync.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Its artefacts; those that did not change need not be there.
    pub inputs: Vec<Input>,
    /// Where it was looked for.
    pub location: String,
    /// Why it is late or broken: its last good records stay.
    pub error: Option<String>,
}

/// The state of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    /// Where it was last looked for.
    pub location: String,
    /// When it was last read without error, in seconds since 1970.
    pub synced_at: Option<i64>,
    /// What went wrong the last time, if it did.
    pub error: Option<String>,
    /// Its artefacts by name.
    pub artefacts: BTreeMap<String, ArtefactState>,
}

impl SourceState {
    /// The views in all artefacts.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.artefacts.values().map(|a| a.records).sum()
    }

    /// The records that were not taken.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.artefacts.values().map(|a| a.refused).sum()
    }

    /// The digest of the artefacts: that of a single one, or one over all of them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digest = DigestWriter::new();
        for artefact in self.artefacts.values() {
            digest.field(artefact.raw.as_bytes());
        }
        match self.artefacts.values().next() {
            Some(only) if self.artefacts.len() == 1 => only.raw,
            _ => digest.finish(),
        }
    }
}

/// The state of one raw artefact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtefactState {
    /// Where it came from.
    pub origin: String,
    /// The digest of its bytes.
    pub raw: Digest,
    /// The end of its file name, which says how it is packed.
    pub extension: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The views in it.
    pub records: u64,
    /// The records that were not taken.
    pub refused: u64,
    /// What to compare with next time.
    #[serde(default, deserialize_with = "or_none")]
    pub validators: Validators,
}

/// Validators as they are; those of a state that says nothing of them as none, so that the artefact is asked for again.
fn or_none<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Validators, D::Error> {
    Option::<Validators>::deserialize(from).map(Option::unwrap_or_default)
}

/// Which files are in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The layout version.
    pub layout: u32,
    /// The digest of the catalogue.
    pub knowledge: Option<Digest>,
    /// How many CVEs it holds.
    pub cves: u64,
    /// The sources.
    pub sources: BTreeMap<SourceKind, SourceState>,
}

impl Input {
    pub(super) fn size(&self) -> u64 {
        match &self.body {
            InputBody::Bytes(bytes) => bytes.len() as u64,
            InputBody::File(path) => fs::metadata(path).map_or(0, |m| m.len()),
        }
    }
}
