//! Events, entries of the log, and the digest that chains them.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use seaworthy_model::case::{CaseEvent, CaseKey};
use seaworthy_model::{Cvss, Digest, DigestWriter};
use serde::{Deserialize, Serialize};

/// Something that was done or decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "nearly all events are those of cases")]
pub enum Event {
    /// Sources were synced.
    Synced {
        /// The knowledge after it.
        knowledge: Digest,
        /// CVEs that were new, changed and rejected.
        changes: [u64; 3],
    },
    /// An inventory was scanned.
    Scanned(Scan),
    /// Something happened to a case.
    Case {
        /// The case.
        key: CaseKey,
        /// What happened to it.
        #[serde(rename = "step")]
        event: CaseEvent,
    },
    /// An image was released.
    ImageReleased {
        /// Its version.
        image: String,
        /// What kind of image it is.
        sku: String,
        /// When it was built.
        built: Timestamp,
        /// How many packages are on it.
        packages: u32,
        /// What it did, in numbers: cases it fixed, still carried, brought in.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        counts: BTreeMap<String, u64>,
    },
    /// A replay of history began.
    ReplayBegan {
        /// Everything that its outcome follows from.
        inputs: Digest,
        /// The same in words.
        about: String,
    },
    /// A step of a replay was made.
    ReplayStep {
        /// Records that were published since the step before.
        records: u64,
        /// Pairs that were looked at.
        judged: u64,
    },
    /// A plan was made.
    Planned {
        /// The plan.
        plan: Digest,
        /// How many of what, by name.
        counts: BTreeMap<String, u64>,
    },
    /// A case got the id under which the world is told of it; it keeps it for good.
    AdvisoryNumbered {
        /// The case.
        key: CaseKey,
        /// The id, such as `AZL-2026-0042`.
        id: String,
    },
    /// What an advisory shows beside its case was written down, so that it is told the same until it is written down anew.
    AdvisoryDescribed {
        /// The case.
        key: CaseKey,
        /// What it shows.
        #[serde(flatten)]
        described: Described,
    },
    /// Something was published: from here on this is what the world is to see.
    Publication(Publication),
    /// The log of an earlier version was taken over.
    Adopted {
        /// The file.
        file: String,
        /// Its digest.
        digest: Digest,
        /// How many events it held.
        events: u64,
    },
}

/// What an advisory shows that is not in the events of its case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Described {
    /// The record's description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The record's rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Cvss>,
    /// The weaknesses that the record names, such as `CWE-79`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<String>,
    /// The names of the binary packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binaries: Vec<String>,
    /// Until when a fix is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// A publication: all that the site shows from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Its id: its time, as `20260720T000000Z`.
    pub id: String,
    /// The digest of what was published: of every document, page and pointer.
    pub content: Digest,
    /// The plan that named it.
    pub plan: Digest,
    /// Channels of the package repository and the snapshots they point to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, String>,
    /// Packages that were taken back and may not be published again, by the SHA-256 of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalled: Vec<String>,
    /// The release line that it is of.
    pub line: String,
    /// How many of what, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
}

/// A scan of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// How the inventory was selected, as the scan was called.
    pub selector: String,
    /// The knowledge it was held against.
    pub knowledge: Digest,
    /// The inventory's digest.
    pub inventory: Digest,
    /// The version of the rules.
    pub engine: String,
    /// The digest of the table of names and products; events of old do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Digest>,
    /// The findings that are affected and suspected.
    pub raised: [u64; 2],
}

impl Event {
    /// The word of its kind, as in its JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Synced { .. } => "synced",
            Self::Scanned(_) => "scanned",
            Self::Case { .. } => "case",
            Self::ImageReleased { .. } => "image_released",
            Self::ReplayBegan { .. } => "replay_began",
            Self::ReplayStep { .. } => "replay_step",
            Self::Planned { .. } => "planned",
            Self::AdvisoryNumbered { .. } => "advisory_numbered",
            Self::AdvisoryDescribed { .. } => "advisory_described",
            Self::Publication(_) => "publication",
            Self::Adopted { .. } => "adopted",
        }
    }

    /// What it is about, to find it by.
    pub(crate) fn subject(&self) -> Option<String> {
        match self {
            Self::Synced { .. } => None,
            Self::Scanned(scan) => Some(subject(&scan.selector)),
            Self::Case { key, .. } => Some(case_id(key)),
            Self::ImageReleased { image, sku, .. } => Some(subject(&format!("{sku} {image}"))),
            Self::ReplayBegan { inputs, .. } => Some(inputs.to_string()),
            Self::ReplayStep { .. } => None,
            Self::Planned { plan, .. } => Some(plan.to_string()),
            // By its case, so that whoever may not see the case does not see that it has an id.
            Self::AdvisoryNumbered { key, .. } | Self::AdvisoryDescribed { key, .. } => Some(case_id(key)),
            Self::Publication(publication) => Some(subject(&publication.line)),
            Self::Adopted { digest, .. } => Some(digest.to_string()),
        }
    }
}

/// A text as it stands in an index; a long one by its digest, since an index has a limit.
pub(crate) fn subject(text: &str) -> String {
    if text.len() <= 512 && !text.contains('\0') { text.to_owned() } else { Digest::of(text.as_bytes()).to_string() }
}

/// A case in one text that sorts by line, package, CVE and part.
pub(crate) fn case_id(key: &CaseKey) -> String {
    format!("{}\u{1f}{}\u{1f}{:016x}\u{1f}{}", key.line, key.package, key.cve.key(), key.part)
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synced { knowledge, changes: [new, changed, rejected] } => {
                write!(f, "synced: {new} new, {changed} changed, {rejected} rejected; knowledge {}", knowledge.short())
            }
            Self::Scanned(Scan { selector, knowledge, raised: [affected, suspected], .. }) => {
                let selector: String = selector.chars().take(120).collect();
                write!(f, "scanned {selector}: {affected} affected, {suspected} suspected; knowledge {}", knowledge.short())
            }
            Self::Case { key, event } => {
                write!(f, "{key}: ")?;
                event.fmt(f)
            }
            Self::ImageReleased { image, sku, built, packages, counts } => {
                write!(f, "image {sku} {image} released, built {built}, {packages} packages")?;
                counts.iter().try_for_each(|(name, n)| write!(f, ", {n} {}", name.replace('_', " ")))
            }
            Self::ReplayBegan { inputs, about } => write!(f, "replay {} began: {about}", inputs.short()),
            Self::ReplayStep { records, judged } => write!(f, "replay step: {records} records, {judged} pairs looked at"),
            Self::Planned { plan, counts } => {
                write!(f, "planned {}", plan.short())?;
                counts.iter().try_for_each(|(name, n)| write!(f, ", {n} {name}"))
            }
            Self::AdvisoryNumbered { key, id } => write!(f, "{key}: published as {id}"),
            Self::AdvisoryDescribed { key, .. } => write!(f, "{key}: what is shown beside it was written down"),
            Self::Publication(Publication { id, channels, counts, .. }) => {
                write!(f, "published {id}")?;
                counts.iter().try_for_each(|(name, n)| write!(f, ", {n} {}", name.replace('_', " ")))?;
                channels.iter().try_for_each(|(channel, snapshot)| write!(f, ", {channel} is {snapshot}"))
            }
            Self::Adopted { file, events, .. } => write!(f, "took over {events} events of {file}"),
        }
    }
}

/// An event that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it: a person or a program.
    pub actor: String,
    /// Why, in words, where somebody said.
    pub why: Option<String>,
    /// What.
    pub event: Event,
}

impl Draft {
    /// An event without words of its own.
    #[must_use]
    pub fn new(at: Timestamp, actor: impl Into<String>, event: Event) -> Self {
        Self { at, actor: actor.into(), why: None, event }
    }
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its number; the first is 1, and none is left out.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The digest of the entry before; `None` in the first.
    pub before: Option<Digest>,
    /// The digest of this entry, over all of it.
    pub digest: Digest,
    /// What.
    pub event: Event,
}

/// An entry as it is stored: its digest is over these texts, byte for byte, so that checking it needs no writer of JSON or times
/// that never changes.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) seq: u64,
    pub(crate) at: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) why: Option<&'a str>,
    pub(crate) before: Option<&'a str>,
    pub(crate) event: &'a str,
}

impl Stored<'_> {
    pub(crate) fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy ledger 1");
        out.field(self.seq.to_le_bytes());
        out.field(self.at);
        out.field(self.actor);
        for text in [self.why, self.before] {
            out.field([u8::from(text.is_some())]);
            out.field(text.unwrap_or_default());
        }
        out.field(self.event);
        out.finish()
    }
}

/// The most bytes that an event may have as JSON.
pub(crate) const EVENT_LIMIT: usize = 8 << 20;

impl Draft {
    /// Whether it can be kept on every database; else why not.
    pub(crate) fn fits(&self) -> Result<(), String> {
        let short = |what: &str, text: &str| match text {
            t if t.len() > 256 => Err(format!("{what} is longer than 256 bytes")),
            t if t.chars().any(char::is_control) => Err(format!("{what} {t:?} holds a control character")),
            _ => Ok(()),
        };
        short("the actor", &self.actor)?;
        if self.actor.trim().is_empty() {
            return Err("it has no actor: say who did it".into());
        }
        if let Some(why) = &self.why
            && (why.len() > 64 << 10 || why.contains('\0'))
        {
            return Err("its reason is longer than 64 KiB, or holds a NUL character".into());
        }
        if let Event::AdvisoryNumbered { key, id } = &self.event {
            short("the line", &key.line)?;
            short("the package", &key.package)?;
            short("the id", id)?;
        }
        if let Event::Case { key, event } = &self.event {
            short("the line", &key.line)?;
            short("the package", &key.package)?;
            short("the part", &key.part)?;
            if let CaseEvent::Assigned { to: Some(to) } = event {
                short("the assignee", to)?;
            }
        }
        Ok(())
    }
}
