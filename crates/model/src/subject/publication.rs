//! The publications of a release line.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, Subject, SubjectId, Unfit, check_name, indexed};
use crate::Digest;

/// The event of a publication: all that the site of a release line has from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The id: the time of the publication, as `20260720T000000Z`.
    pub id: String,
    /// The digest of all files that were published: documents, pages and pointers.
    pub content: Digest,
    /// The digest of the plan that was carried out.
    pub plan: Digest,
    /// The channels of the package repository, each with the snapshot that it points to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, String>,
    /// The withdrawn packages, which may not be published again, by the SHA-256 of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalled: Vec<String>,
    /// The release line.
    pub line: String,
    /// The numbers of what was published, by the name of the count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
}

/// The subject of everything that a publication of a release line depends on. Its version rises with each publication of the line and with
/// each event that an advisory of the line may depend on; its view is the last publication.
#[must_use]
pub fn edition(line: &str) -> SubjectId {
    SubjectId::new(LastPublication::KIND, line)
}

/// The last publication of a release line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastPublication {
    /// The time of the publication.
    pub at: Timestamp,
    /// The publication.
    pub publication: Publication,
}

impl Subject for LastPublication {
    const KIND: &'static str = "edition";
    type Key = String;
    type Event = Publication;
    type Refusal = Infallible;

    fn id(line: &String) -> SubjectId {
        edition(line)
    }

    fn begin(_: &String, at: Timestamp, event: &Publication) -> Result<Self, Infallible> {
        Ok(Self { at, publication: event.clone() })
    }

    fn apply(&mut self, at: Timestamp, event: &Publication) -> Result<(), Infallible> {
        *self = Self { at, publication: event.clone() };
        Ok(())
    }
}

impl Recorded for Publication {
    const KIND: &'static str = "publication";
    type Subject = LastPublication;

    fn key(&self) -> String {
        self.line.clone()
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(indexed(&self.line))
    }

    fn check(&self) -> Result<(), Unfit> {
        check_name("the line", &self.line)
    }
}

impl fmt::Display for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "published {}", self.id)?;
        self.counts.iter().try_for_each(|(name, n)| write!(f, ", {n} {}", name.replace('_', " ")))?;
        self.channels.iter().try_for_each(|(channel, snapshot)| write!(f, ", {channel} is {snapshot}"))
    }
}
