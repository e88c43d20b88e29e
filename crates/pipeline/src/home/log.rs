//! Use cases: the log of what was done and decided is shown, checked, copied and rebuilt.

use std::io::{BufRead, Write};

use seaworthy_ledger::{Entries, Entry, Head, LedgerError, Rebuilt, Sight, Verified};
use seaworthy_model::{CveId, Digest};
use serde::Serialize;

use super::{Home, HomeError};

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// Of the cases of a CVE.
    pub cve: Option<CveId>,
    /// Of the cases of a package.
    pub package: Option<String>,
    /// Of a kind.
    pub kind: Option<String>,
    /// No more than this; all where none is named.
    pub limit: Option<u64>,
    /// Whether events of cases under embargo are among them.
    pub embargoed: bool,
}

/// What a check of the log found.
#[derive(Debug)]
pub enum LogCheck {
    /// Every event is as it was written.
    Whole(Verified),
    /// The log is not what was written.
    Broken {
        /// The first event at which it shows.
        seq: u64,
        /// What does not fit, in words.
        message: String,
    },
    /// It is whole, and no event has a digest that it had: its end was cut off, or it is another log.
    CutOff,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum LogWord {
    Whole,
    Broken,
    CutOff,
}

/// What a check of the log found, as a document for programs.
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
    /// What was found, as a document for programs.
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
    /// A folder that is not there has no log.
    pub(super) fn existing(&self) -> Result<(), HomeError> {
        if self.path.is_dir() { Ok(()) } else { Err(HomeError::NoHome { path: self.path.clone() }) }
    }

    /// The last event of the log.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn log_head(&self) -> Result<Head, HomeError> {
        self.existing()?;
        Ok(self.ledger_to_read()?.head()?)
    }

    /// Events, the newest first.
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

    /// Computes the digest of every event again. `known` is a digest that an earlier check has given.
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

    /// Writes the events from one on as lines, with their digests; gives how many. An export is always whole.
    ///
    /// # Errors
    /// When cases are under embargo and `embargoed` does not allow that, or `to` cannot be written.
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

    /// Takes over an export, all of it or nothing; gives how many events came.
    ///
    /// # Errors
    /// When a line is not as it was written, or does not follow on what is there.
    pub fn import_log(&self, name: &str, from: &mut dyn BufRead) -> Result<u64, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.import(name, from)?)
    }

    /// Builds the views from the log again.
    ///
    /// # Errors
    /// When an event does not fit the ones before it.
    pub fn rebuild_views(&self) -> Result<Rebuilt, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.rebuild()?)
    }
}
