//! Use cases: the log is shown, verified, exported, imported, and its views are built again.

use std::io::{BufRead, Write};

use seaworthy_ledger::{Entries, Entry, Head, LedgerError, Rebuilt, Sight, Verified};
use seaworthy_model::{CveId, Digest};
use serde::Serialize;

use super::{Home, HomeError};

/// The events that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// The CVE of their cases.
    pub cve: Option<CveId>,
    /// The source package of their cases.
    pub package: Option<String>,
    /// The kind, such as `scanned`.
    pub kind: Option<String>,
    /// The greatest number of events; all where none is named.
    pub limit: Option<u64>,
    /// Whether events of cases under embargo are in it.
    pub embargoed: bool,
}

/// The result of verifying the log.
#[derive(Debug)]
pub enum LogCheck {
    /// All events are as they were written.
    Whole(Verified),
    /// An event is not as it was written.
    Broken {
        /// The number of the first such event.
        seq: u64,
        /// The reason, in words.
        message: String,
    },
    /// All events are as they were written, and none has the digest that was given: the end was cut off, or it is another log.
    CutOff,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum LogWord {
    Whole,
    Broken,
    CutOff,
}

/// The result of verifying the log, as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct LogCheckDocument {
    outcome: LogWord,
    events: Option<u64>,
    unknown: Option<u64>,
    head: Option<Digest>,
    broken_at: Option<u64>,
    message: Option<String>,
}

impl LogCheck {
    /// The result as a document for programs.
    #[must_use]
    pub fn document(&self) -> LogCheckDocument {
        let cut_off =
            LogCheckDocument { outcome: LogWord::CutOff, events: None, unknown: None, head: None, broken_at: None, message: None };
        match self {
            Self::Whole(Verified { entries, unknown, head }) => {
                LogCheckDocument { outcome: LogWord::Whole, events: Some(*entries), unknown: Some(*unknown), head: *head, ..cut_off }
            }
            Self::Broken { seq, message } => {
                LogCheckDocument { outcome: LogWord::Broken, broken_at: Some(*seq), message: Some(message.clone()), ..cut_off }
            }
            Self::CutOff => cut_off,
        }
    }
}

impl Home {
    /// Checks that the folder of the home exists; otherwise it has no log.
    pub(super) fn existing(&self) -> Result<(), HomeError> {
        if self.path.is_dir() { Ok(()) } else { Err(HomeError::NoHome { path: self.path.clone() }) }
    }

    /// The number and digest of the log's last event.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn log_head(&self) -> Result<Head, HomeError> {
        self.existing()?;
        Ok(self.ledger_to_read()?.head()?)
    }

    /// The wanted events, the newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn log(&self, request: &LogRequest) -> Result<Vec<Entry>, HomeError> {
        self.existing()?;
        let choice = Entries {
            cve: request.cve,
            package: request.package.clone(),
            kind: request.kind.clone(),
            newest_first: true,
            limit: request.limit,
            sight: self.sight(request.embargoed),
            ..Entries::default()
        };
        let ledger = self.ledger_to_read()?;
        self.report_ahead(&ledger)?;
        Ok(ledger.entries(&choice)?)
    }

    /// Verifies the digests of all events. `known` is a digest that an earlier check has given.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn verify_log(&self, known: Option<&Digest>) -> Result<LogCheck, HomeError> {
        self.existing()?;
        let ledger = self.ledger_to_read()?;
        self.report_ahead(&ledger)?;
        let verified = match ledger.verify() {
            Ok(verified) => verified,
            Err(broken) => {
                let LedgerError::Broken { seq, .. } = broken else { return Err(broken.into()) };
                return Ok(LogCheck::Broken { seq, message: broken.to_string() });
            }
        };
        match known {
            Some(known) if ledger.find(known)?.is_none() => Ok(LogCheck::CutOff),
            _ => Ok(LogCheck::Whole(verified)),
        }
    }

    /// Writes the events from a number on as lines with their digests; gives their number. Cases under embargo are never left out.
    ///
    /// # Errors
    /// When there are cases under embargo and `embargoed` does not allow them, or `to` cannot be written.
    pub fn export_log(&self, from: u64, embargoed: bool, to: &mut dyn Write) -> Result<u64, HomeError> {
        self.existing()?;
        let ledger = self.ledger_to_read()?;
        let count = |sight| ledger.counts(sight).map(|counts| counts.values().sum::<u64>());
        let hidden = count(Sight::All)?.saturating_sub(count(self.sight(false))?);
        if hidden > 0 && !embargoed {
            return Err(HomeError::EmbargoedExport { hidden });
        }
        Ok(ledger.export(from, to)?)
    }

    /// Imports an export as a whole, or nothing of it; gives the number of events.
    ///
    /// # Errors
    /// When a line is not as it was written, or does not follow the events of the log.
    pub fn import_log(&self, name: &str, from: &mut dyn BufRead) -> Result<u64, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.import(name, from)?)
    }

    /// Builds the views of the log again.
    ///
    /// # Errors
    /// When an event does not fit the ones before it.
    pub fn rebuild_views(&self) -> Result<Rebuilt, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.rebuild()?)
    }
}
