//! The home, and one file for each use case.
//!
//! A [`Home`] is a folder of settings, policy, knowledge, ledger, keys and site. All work is done through it; a face adds arguments and
//! shows results. The time comes from a [`Clock`], progress goes to a [`Progress`], and results are values.

mod actor;
mod clock;
mod cycle;
mod delivered;
mod desk;
mod document;
mod error;
mod explain;
mod freshness;
mod in_force;
mod inventory;
mod irreversible;
mod jobs;
mod keys;
mod log;
mod names;
mod progress;
mod publication;
mod remarks;
mod replay;
mod running;
mod scan;
mod serve;
mod settings;
mod sla;
mod sync;
mod synced;
mod vex;
mod vex_file;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use seaworthy_intelligence::{Knowledge, Store};
use seaworthy_ledger::{Draft, Entries, Event, Ledger, Location, Query, Sight};
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseEvent, CaseKey};
use seaworthy_model::subject::{Shipped, SubjectId};
use seaworthy_publish::site::Site;
use seaworthy_triage::{Policy, PolicyError};

use crate::chronicle::Chronicle;

pub use actor::Actor;
pub use clock::{Clock, SystemClock};
pub use cycle::{CycleRequest, Cycled, TakenOver};
pub use desk::{
    AdoptRequest, AdoptedFixes, BulkDecision, BulkDocument, CaseBatch, CaseBatches, CaseDocument, CaseFile, CaseName, Desk, NewCase, Queue,
    QueueDocument, QueueRequest, Queued, Restored, Suggested, SuggestionOverview, SuggestionsDocument, Undoing, UndoingDocument, Worklist,
    Written,
};
pub use document::{Document, Shape};
pub use error::{DeskError, HomeError, IgnoreFileError, KeysError, Kind, PublicationError, ReplayUseError, VexExportError, VexImportError};
pub use explain::{
    AffectedProduct, AffectedVersions, Configuration, ConfigurationNode, ConfigurationProduct, ConfigurationVersion, ExplainRequest,
    Explained, ExplainedRecord, ExploitPrediction, Exploitation, Judged, JudgedFinding, Rating, RawRecord, RecordView,
};
pub use in_force::TimeCorrection;
pub use inventory::{Judging, ReleaseChanges, Selection, ShippedPackages, VersionChange};
pub use irreversible::Irreversible;
pub use jobs::JobList;
pub use keys::{ForeignKey, KeyDocument, KeyList, KeyRequest, Rotated};
pub use log::{LogCheck, LogCheckDocument, LogRequest};
pub use progress::{NotIncremental, Notice, Progress, Stage};
pub use publication::{
    ChannelDifference, ChannelPlan, ConsumersDocument, DifferenceDocument, LeftBehind, PlanDocument, Promotion, PublicationDifference,
    PublicationDocument, PublicationOutcome, PublicationPlan, PublicationRequest, PublishOptions, Published, Rewrite, StoreComparison,
    StoreState, TallyRow, VerificationDocument, VerifiedPublication, VerifyRequest, Withdrawal, WithdrawalRequest, Wrong,
};
pub use remarks::RemarksRequest;
pub use replay::{ReplayRequest, Replayed};
pub use scan::{Conclusion, ScanRequest, Scanned};
pub use settings::{Compressed, PublishSettings, SETTINGS_FILE, Settings, SettingsError};
pub use sla::{Late, PlanRequest, Sla};
pub use sync::SyncRequest;
pub use synced::Synced;
pub use vex::{VexExport, VexFormat, VexImport, VexImported, VexReading, VexReadingsDocument};

use progress::Work;

/// The options of an open home.
#[derive(Clone)]
pub struct Options {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The actor, for the log: a person or a program.
    pub actor: Actor,
    /// The watcher of the work's progress.
    pub progress: Arc<dyn Progress>,
}

/// A home: the folder of all state, with the use cases that work on it.
pub struct Home {
    path: PathBuf,
    settings: Settings,
    options: Options,
    /// The ledger, once it was opened to be written; all use cases share it from then on.
    shared: Arc<Mutex<Option<Arc<Ledger>>>>,
}

/// The outcome of creating a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The settings file.
    pub settings: PathBuf,
    /// Whether the file was written now; a file that is there is kept.
    pub written: bool,
}

impl Home {
    /// Creates the folder with its commented settings.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn create(path: &Path) -> Result<Created, HomeError> {
        std::fs::create_dir_all(path).map_err(HomeError::io("create", path))?;
        let (settings, written) = Settings::create(path)?;
        Ok(Created { settings, written })
    }

    /// Opens a home and reads its settings. A folder that does not exist is an empty home; the first use case that writes creates it.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub fn open(path: impl Into<PathBuf>, options: Options) -> Result<Self, HomeError> {
        let path = path.into();
        let settings = Settings::read(&path)?;
        Ok(Self { path, settings, options, shared: Arc::default() })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings of the home.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present time by the clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// The actor of what the program does by itself, such as a cycle.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.options.actor.name()
    }

    /// The actor of what a person decides.
    fn person(&self) -> Result<&str, HomeError> {
        self.options.actor.person().ok_or(HomeError::Nobody)
    }

    /// The release line to work on: the one that was asked for, that of the settings, or `default`.
    #[must_use]
    pub fn line(&self, asked: Option<&ReleaseLine>) -> ReleaseLine {
        self.settings.line(asked)
    }

    /// The site of the home.
    #[must_use]
    pub fn site(&self) -> Site {
        Site::new(self.path.join(&self.settings.publish().site))
    }

    /// The sight of cases: those under embargo only for a caller with the right to them.
    #[must_use]
    pub fn sight(&self, embargoed: bool) -> Sight {
        if embargoed { Sight::All } else { Sight::DisclosedAt(self.now()) }
    }

    /// The policy in force; the standard one where the settings have none.
    ///
    /// # Errors
    /// When the settings file cannot be read, or its policy is wrong.
    pub fn policy(&self) -> Result<Policy, HomeError> {
        let (path, text) = self.settings_text()?;
        read_policy(&path, &text, Policy::parse)
    }

    /// The policy with the deadlines that others are promised: those that the settings set, and not the standard ones.
    fn promised_policy(&self) -> Result<Policy, HomeError> {
        let (path, text) = self.settings_text()?;
        read_policy(&path, &text, Policy::promised)
    }

    /// The path of the settings file and its text, which is empty where there is none.
    fn settings_text(&self) -> Result<(PathBuf, String), HomeError> {
        let path = self.path.join(SETTINGS_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok((path, String::new())),
            Err(e) => Err(HomeError::io("read", &path)(e)),
        }
    }

    /// The policy of a settings file.
    ///
    /// # Errors
    /// When the file cannot be read, or its policy is wrong.
    pub fn check_policy(path: &Path) -> Result<Policy, HomeError> {
        let text = std::fs::read_to_string(path).map_err(HomeError::io("read", path))?;
        read_policy(path, &text, Policy::parse)
    }

    /// The ledger, opened to be written, without adopting an old log.
    fn opened(&self) -> Result<Arc<Ledger>, HomeError> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ledger) = &*shared {
            return Ok(ledger.clone());
        }
        // The first use case that writes makes the home.
        std::fs::create_dir_all(&self.path).map_err(HomeError::io("create", &self.path))?;
        let clock = self.options.clock.clone();
        let ledger = Ledger::open(&Location::of(self.settings.ledger(), &self.path)?)?.with_clock(move || clock.now());
        Ok(shared.insert(Arc::new(ledger)).clone())
    }

    /// The ledger, opened to be written. An old log in the home is adopted first.
    fn ledger(&self) -> Result<Arc<Ledger>, HomeError> {
        let ledger = self.opened()?;
        if let Some(events) = ledger.adopt(&self.path)? {
            self.options.progress.notice(&Notice::LogAdopted { events });
        }
        Ok(ledger)
    }

    /// The ledger for reading. Nothing is written, but for an old log that is adopted first where the ledger can be written.
    fn ledger_to_read(&self) -> Result<Arc<Ledger>, HomeError> {
        let location = Location::of(self.settings.ledger(), &self.path)?;
        // The log of an earlier version is taken over first, where that can be.
        if self.path.join("ledger.jsonl").exists() && location.is_writable() {
            return self.ledger();
        }
        if let Some(ledger) = &*self.shared.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(ledger.clone());
        }
        Ok(Arc::new(Ledger::open_read_only(&location)?))
    }

    /// The ledger for writing where that is possible, and otherwise for reading.
    fn ledger_if_writable(&self) -> Result<Arc<Ledger>, HomeError> {
        let location = Location::of(self.settings.ledger(), &self.path)?;
        if location.is_writable() { self.ledger() } else { self.ledger_to_read() }
    }

    /// Reports where there is no case of a release line, or of any, because no cycle has run.
    fn report_no_cycle(&self, ledger: &Ledger, line: Option<&ReleaseLine>) -> Result<(), HomeError> {
        let any = Query { line: line.cloned(), limit: Some(1), sight: self.sight(false), ..Query::default() };
        if !ledger.cases(&any)?.cases.is_empty() {
            return Ok(());
        }
        let of_line = |shipped: &Shipped| line.is_none_or(|line| shipped.line == *line);
        if !ledger.subjects::<Shipped>()?.iter().any(|(shipped, _)| of_line(shipped)) {
            self.options.progress.notice(&Notice::NoCycle { line: line.cloned() });
        }
        Ok(())
    }

    /// The store of the knowledge.
    fn store(&self) -> Store {
        Store::new(&self.path)
    }

    /// The knowledge in force; `None` where nothing was synced yet.
    fn knowledge(&self) -> Result<Option<Knowledge>, HomeError> {
        let store = self.store();
        Ok(if store.status()?.sources.is_empty() { None } else { Some(store.open()?) })
    }

    fn work(&self, stage: &Stage<'_>) -> Work<'_> {
        Work::begin(&*self.options.progress, stage)
    }

    /// An event of now that the program writes by itself.
    fn draft(&self, event: impl Into<Event>) -> Draft {
        Draft::new(self.now(), self.actor(), event)
    }

    /// An event of now that a person decides, with the reason.
    fn decided(&self, event: impl Into<Event>, why: Option<&str>) -> Result<Draft, HomeError> {
        Ok(Draft { why: why.map(str::to_owned), ..Draft::new(self.now(), self.person()?, event) })
    }
}

/// The policy in the text of a settings file, as `read` takes it; `path` is for messages.
fn read_policy(path: &Path, text: &str, read: fn(&str) -> Result<Policy, PolicyError>) -> Result<Policy, HomeError> {
    let wrong = |e: PolicyError| SettingsError::Policy { path: path.to_owned(), line: e.line, message: e.message };
    Ok(read(text).map_err(wrong)?)
}

/// The cases of a release line, or of all lines.
fn cases(ledger: &Ledger, line: Option<&ReleaseLine>, sight: Sight) -> Result<BTreeMap<CaseKey, Case>, HomeError> {
    let mut cases = BTreeMap::new();
    let query = Query { line: line.cloned(), sight, ..Query::default() };
    ledger.each_case(&query, |case| {
        cases.insert(case.key.clone(), case);
        Ok(())
    })?;
    Ok(cases)
}

/// The chronicle of a release line up to an event, from the events that this sight shows.
fn chronicle(ledger: &Ledger, line: &ReleaseLine, last: u64, sight: Sight, now: Timestamp) -> Result<Chronicle, HomeError> {
    let mut chronicle = Chronicle::new(line);
    let mut damage = None;
    ledger.each_entry(&Entries { before: Some(last + 1), sight, ..Entries::default() }, |entry| {
        if damage.is_none() {
            damage = chronicle.apply(entry.at, &entry.event).err().map(|step| PublicationError::Damaged { seq: entry.seq, step });
        }
        Ok(())
    })?;
    if let Some(damage) = damage {
        return Err(damage.into());
    }
    chronicle.settle(now);
    Ok(chronicle)
}

/// The subjects of the cases in some events, each with the number of the log's last event at which they were read.
fn read_at(head: u64, drafts: &[Draft]) -> Vec<(SubjectId, u64)> {
    let of_cases = drafts.iter().filter_map(|draft| match &draft.event {
        Event::Case(step) => Some(step.key.subject()),
        _ => None,
    });
    of_cases.collect::<BTreeSet<_>>().into_iter().map(|subject| (subject, head)).collect()
}

/// The events of cases as drafts for the ledger.
fn drafts(events: impl IntoIterator<Item = (CaseKey, CaseEvent)>, at: Timestamp, actor: &str) -> Vec<Draft> {
    events.into_iter().map(|(key, event)| Draft::new(at, actor, Event::case(key, event))).collect()
}
