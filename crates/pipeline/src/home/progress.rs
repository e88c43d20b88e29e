//! The progress of work, as values that a face shows in its own way.

use std::fmt;

use jiff::Timestamp;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_inventory::Problem;

use super::synced::Synced;

/// Takes what is done while it is done.
pub trait Progress: Send + Sync {
    /// A stage of the work begins, or comes further.
    fn stage(&self, stage: &Stage<'_>);
    /// Something that people should know of, and that stops nothing.
    fn notice(&self, notice: &Notice);
    /// The work that the stages belong to has ended.
    fn end(&self);
}

/// No progress: for work that nobody watches.
impl Progress for () {
    fn stage(&self, _: &Stage<'_>) {}
    fn notice(&self, _: &Notice) {}
    fn end(&self) {}
}

/// A stage of work.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stage<'a> {
    /// The sources are asked what changed.
    Sources,
    /// A source is read.
    Source {
        /// The source.
        kind: SourceKind,
        /// Its location, or the artefact that is fetched.
        at: &'a str,
    },
    /// The changes of NVD are asked for since a time.
    ChangesSince(Timestamp),
    /// The changes of NVD have arrived up to a time.
    ChangesUntil(Timestamp),
    /// An artefact was read into the index.
    Indexed(&'a str),
    /// The inventory is read.
    Inventory,
    /// Packages are judged.
    Judging,
    /// Cases follow the findings.
    Cases,
    /// History is read.
    History,
    /// A replay has come to a time.
    Replayed {
        /// The step.
        at: Timestamp,
        /// The last step.
        to: Timestamp,
    },
    /// A publication is prepared.
    Preparing,
    /// The package repository is written.
    Repository,
    /// Advisories and pages are written.
    Documents,
    /// A tree of documents was written.
    Tree(&'a str),
    /// Consumers are asked what they conclude.
    Consumers,
    /// The publication is put in force.
    Switching,
    /// Objects are sent to a store.
    Sending {
        /// The store.
        store: &'a str,
        /// The publication.
        publication: &'a str,
    },
    /// So many objects were sent to a store.
    Sent {
        /// The store.
        store: &'a str,
        /// How many were sent.
        done: usize,
        /// How many there are to send.
        all: usize,
    },
    /// A store is compared with the site.
    Comparing(&'a str),
    /// The publication in force is read.
    Published,
    /// A channel is read.
    Channel(&'a str),
    /// Earlier snapshots are read.
    Snapshots,
    /// The signatures of packages are read.
    Signatures,
}

impl Stage<'_> {
    /// The word of the stage. It names nothing of what is worked on.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Sources => "sources",
            Self::Source { .. } => "source",
            Self::ChangesSince(_) | Self::ChangesUntil(_) => "changes",
            Self::Indexed(_) => "index",
            Self::Inventory => "inventory",
            Self::Judging => "judging",
            Self::Cases => "cases",
            Self::History => "history",
            Self::Replayed { .. } => "replay",
            Self::Preparing => "preparing",
            Self::Repository => "repository",
            Self::Documents => "documents",
            Self::Tree(_) => "trees",
            Self::Consumers => "consumers",
            Self::Switching => "switching",
            Self::Sending { .. } | Self::Sent { .. } => "sending",
            Self::Comparing(_) => "comparing",
            Self::Published => "published",
            Self::Channel(_) => "channel",
            Self::Snapshots => "snapshots",
            Self::Signatures => "signatures",
        }
    }

    /// How much of the stage is done, and how much there is to do, where that is counted.
    pub(crate) fn counts(&self) -> Option<(u64, u64)> {
        match self {
            Self::Sent { done, all, .. } => Some((*done as u64, *all as u64)),
            _ => None,
        }
    }
}

impl fmt::Display for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources => f.write_str("asking the sources"),
            Self::Source { kind, at } => write!(f, "{kind}: {at}"),
            Self::ChangesSince(at) => write!(f, "nvd: changes since {at}"),
            Self::ChangesUntil(at) => write!(f, "nvd: changes up to {at}"),
            Self::Indexed(name) => write!(f, "read {name}"),
            Self::Inventory => f.write_str("reading what is shipped"),
            Self::Judging => f.write_str("judging"),
            Self::Cases => f.write_str("bringing the cases up to it"),
            Self::History => f.write_str("reading history"),
            Self::Replayed { at, to } => write!(f, "{at} of {to}"),
            Self::Preparing => f.write_str("preparing the publication"),
            Self::Repository => f.write_str("writing the package repository"),
            Self::Documents => f.write_str("writing advisories and pages"),
            Self::Tree(at) => write!(f, "wrote {at}"),
            Self::Consumers => f.write_str("asking what consumers conclude"),
            Self::Switching => f.write_str("putting it in force"),
            Self::Sending { store, publication } => write!(f, "sending {publication} to {store}"),
            Self::Sent { store, done, all } => write!(f, "sent {done} of {all} objects to {store}"),
            Self::Comparing(store) => write!(f, "comparing {store}"),
            Self::Published => f.write_str("reading what is published"),
            Self::Channel(name) => write!(f, "reading the channel {name}"),
            Self::Snapshots => f.write_str("reading earlier snapshots"),
            Self::Signatures => f.write_str("reading the signatures of packages"),
        }
    }
}

/// Something that people should know of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A source is asked.
    Asked {
        /// The source.
        kind: SourceKind,
        /// Its location, without secrets.
        at: String,
    },
    /// Events of an old log were taken over.
    LogAdopted {
        /// How many.
        events: u64,
    },
    /// Events of the log are dated later than now: a clock was wrong when they were written.
    EventsAhead {
        /// How many.
        events: usize,
        /// The number of the first.
        first: u64,
        /// Its time.
        at: Timestamp,
    },
    /// A sync is done.
    Synced(Box<Synced>),
    /// The records that verdicts follow from were read long ago.
    OldRecords {
        /// The source that was not read for the longest time.
        kind: SourceKind,
        /// The time at which it was read last.
        at: Timestamp,
        /// The days since then.
        days: i64,
    },
    /// A document of a source was passed over.
    Document {
        /// The source.
        kind: SourceKind,
        /// The document and the reason.
        refusal: String,
    },
    /// Places of an inventory or a history could not be read.
    Problems(Vec<Problem>),
    /// All packages are judged, though only what changed was asked for.
    WholeScan(NotIncremental),
    /// A publication that was cut short is in force now.
    Completed {
        /// Its id.
        id: String,
    },
}

/// Why a scan of what changed has to judge everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIncremental {
    /// There was no scan of the same packages.
    First,
    /// The rules were others.
    OtherRules,
    /// The table of names and products was another.
    OtherProducts,
    /// The changes of the knowledge since then are not kept.
    OtherKnowledge,
}

impl fmt::Display for NotIncremental {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "this was not scanned before",
            Self::OtherRules => "the last scan was made by other rules",
            Self::OtherProducts => "the last scan was made with another table of products",
            Self::OtherKnowledge => "what changed since the last scan is not kept, or the index was made anew",
        })
    }
}

/// Work that is watched: its end is reported however it ends.
pub(crate) struct Work<'a>(&'a dyn Progress);

impl<'a> Work<'a> {
    pub(crate) fn begin(progress: &'a dyn Progress, stage: &Stage<'_>) -> Self {
        progress.stage(stage);
        Self(progress)
    }

    pub(crate) fn stage(&self, stage: &Stage<'_>) {
        self.0.stage(stage);
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
