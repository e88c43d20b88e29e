//! The progress of work, as values that each face shows in its own way.

use std::fmt;

use jiff::Timestamp;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_inventory::Problem;
use seaworthy_model::ReleaseLine;

use super::synced::Synced;

/// The watcher of work while it is done.
pub trait Progress: Send + Sync {
    /// Takes a stage that begins, or that has gone further.
    fn stage(&self, stage: &Stage<'_>);
    /// Takes a notice, which stops nothing.
    fn notice(&self, notice: &Notice);
    /// Takes the end of the work that the stages belong to.
    fn end(&self);
}

/// The watcher that ignores everything.
impl Progress for () {
    fn stage(&self, _: &Stage<'_>) {}
    fn notice(&self, _: &Notice) {}
    fn end(&self) {}
}

/// A stage of work.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stage<'a> {
    /// The sources are asked for their changes.
    Sources,
    /// A source is read.
    Source {
        /// The source.
        kind: SourceKind,
        /// The location of the source, or the artefact that is fetched.
        at: &'a str,
    },
    /// NVD is asked for the changes since a time.
    ChangesSince(Timestamp),
    /// The changes of NVD up to a time have arrived.
    ChangesUntil(Timestamp),
    /// An artefact was read into the index.
    Indexed(&'a str),
    /// The inventory is read.
    Inventory,
    /// Packages are judged.
    Judging,
    /// The cases are brought up to the findings.
    Cases,
    /// The history is read.
    History,
    /// A replay has come to a time.
    Replayed {
        /// The time of the step.
        at: Timestamp,
        /// The time after which there is no step.
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
    /// The conclusions of consumers are computed.
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
    /// A number of objects was sent to a store.
    Sent {
        /// The store.
        store: &'a str,
        /// The number of objects that were sent.
        done: usize,
        /// The number of objects to send.
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
    /// The word of the stage, without names of the things that are worked on.
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

    /// The number of units that are done, and of all units; `None` where the stage is not counted.
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

/// A notice for people, which stops nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A source is asked.
    Asked {
        /// The source.
        kind: SourceKind,
        /// The location of the source, without secrets.
        at: String,
    },
    /// The events of an old log were imported into the ledger.
    LogAdopted {
        /// The number of events.
        events: u64,
    },
    /// Events of the log are dated later than now: a clock was wrong when they were written.
    EventsAhead {
        /// The number of events.
        events: usize,
        /// The number of the first one in the log.
        first: u64,
        /// The time of the first one.
        at: Timestamp,
    },
    /// A cycle syncs the sources before it judges.
    SyncsFirst,
    /// No cycle has run, so that there is no case.
    NoCycle {
        /// The release line; `None` where no line has a case.
        line: Option<ReleaseLine>,
    },
    /// The packages that a cycle was told machines can get lack fixes that are published by the log, where nothing changes for that.
    OlderDelivered {
        /// The number of fixes.
        lacking: usize,
    },
    /// A sync is done.
    Synced(Box<Synced>),
    /// The records were read long ago.
    OldRecords {
        /// The source that was not read for the longest time.
        kind: SourceKind,
        /// The time at which it was read last.
        at: Timestamp,
        /// The full days since then.
        days: i64,
    },
    /// A document of a source was passed over.
    Document {
        /// The source.
        kind: SourceKind,
        /// The document and the reason.
        refusal: String,
    },
    /// Places of an inventory, a history or the cases could not be read or kept.
    Problems(Vec<Problem>),
    /// Parts of VEX documents could not be read, or are about packages of others, or entries of ignore files have expired.
    Remarks(Vec<Problem>),
    /// All packages are judged, although only changed CVEs were asked for.
    WholeScan(NotIncremental),
    /// A publication is about to be in force, which cannot be taken back.
    ForGood {
        /// Whether it withdraws packages.
        withdrawal: bool,
    },
    /// A publication that was interrupted is in force now.
    Completed {
        /// The id of the publication.
        id: String,
    },
}

/// The reason why a scan of changed CVEs has to judge all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIncremental {
    /// The selection was not scanned before.
    First,
    /// The last scan had other rules of matching.
    OtherRules,
    /// The last scan had another table of names and products.
    OtherProducts,
    /// The changes of the knowledge since the last scan are not kept, or the index was made again.
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

/// The work that is watched. Its end is reported when it is dropped.
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
