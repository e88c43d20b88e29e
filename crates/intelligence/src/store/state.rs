//! The state in force, and the input of a sync.

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

/// The error of reading or changing the state.
#[derive(Debug, thiserror::Error)]
pub enum IntelligenceError {
    /// A file of the state, or a raw file, could not be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// The work that failed.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another sync is running, which holds this lock.
    #[error("{0} is held by another sync: wait until it ends; a sync that died holds nothing")]
    Locked(PathBuf),
    /// Nothing was synced yet into the store in this folder.
    #[error("nothing is known yet in {0}: run `seaworthy sync` first")]
    Empty(PathBuf),
    /// A file of the index is missing, or is not as it was written.
    #[error("{path} is damaged ({damage}): run `seaworthy sync --rebuild`, which needs no network")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        damage: IndexDamage,
    },
    /// A file has a version that this program does not read.
    #[error("{path}: {source}")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version, and what to do.
        source: FormatError,
    },
    /// The state, or a raw file that it names, is damaged.
    #[error("{path}: {message}")]
    State {
        /// The file.
        path: PathBuf,
        /// The fault, and what to do.
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

/// A raw artefact for a sync.
#[derive(Debug)]
pub struct Input {
    /// The source.
    pub kind: SourceKind,
    /// The stable name within the source (`nvdcve-2.0-2024.json.gz`). A later artefact of the same name replaces it, packed in any way.
    pub name: String,
    /// The path or URL from which it came, for people.
    pub origin: String,
    /// The validators for the next fetch.
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

/// The delivery of a source in a sync.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The artefacts; unchanged ones may be left out.
    pub inputs: Vec<Input>,
    /// The location of the source.
    pub location: String,
    /// The reason why the source is late or broken, so that its last good records stay; `None` where it is neither.
    pub error: Option<String>,
}

/// The state of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    /// The location in the last sync.
    pub location: String,
    /// The time at which it was last fetched without error, in seconds since 1970-01-01; `None` for never.
    pub synced_at: Option<i64>,
    /// The error of the last sync; `None` where there was none.
    pub error: Option<String>,
    /// The artefacts by name.
    pub artefacts: BTreeMap<String, ArtefactState>,
}

impl SourceState {
    /// The number of views in all artefacts.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.artefacts.values().map(|a| a.records).sum()
    }

    /// The number of records that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.artefacts.values().map(|a| a.refused).sum()
    }

    /// The digest of the artefacts: that of a single one, or else one over all of them.
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
    /// The path or URL from which it came.
    pub origin: String,
    /// The digest of the bytes.
    pub raw: Digest,
    /// The end of the file name, which says how the file is packed.
    pub extension: String,
    /// The size in bytes.
    pub bytes: u64,
    /// The number of views in it.
    pub records: u64,
    /// The number of records that were refused.
    pub refused: u64,
    /// The validators for the next fetch.
    #[serde(default, deserialize_with = "or_none")]
    pub validators: Validators,
}

/// The validators in a state; empty ones where it has none, so that the artefact is fetched again.
fn or_none<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Validators, D::Error> {
    Option::<Validators>::deserialize(from).map(Option::unwrap_or_default)
}

/// The state: the files in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The version of the format.
    pub layout: u32,
    /// The digest of the catalogue; `None` where nothing was synced yet.
    pub knowledge: Option<Digest>,
    /// The number of CVEs.
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
