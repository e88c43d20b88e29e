//! Use cases: the runs of work are listed, cancelled and removed.

use jiff::Timestamp;
use seaworthy_ledger::Job;
use serde::Serialize;

use super::{Home, HomeError};

/// Jobs, as a document for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobList {
    /// The jobs, the newest first.
    pub jobs: Vec<Job>,
}

impl Home {
    /// The jobs that are not ended, with `ended` also those that are; the newest first, no more than a limit.
    ///
    /// # Errors
    /// When there is no home, or the ledger cannot be read.
    pub fn jobs(&self, ended: bool, limit: Option<u64>) -> Result<JobList, HomeError> {
        self.existing()?;
        let jobs = self.ledger_to_read()?.jobs(ended, limit, self.now())?;
        Ok(JobList { jobs })
    }

    /// Asks a run to end: it does so before its next step, and writes no event any more. One whose lease is over has ended by this.
    ///
    /// # Errors
    /// When there is no such job, it has ended, or has written its events.
    pub fn cancel_job(&self, id: u64) -> Result<Job, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.cancel_job(id, self.actor(), self.now())?)
    }

    /// Removes the jobs that have ended before a time; gives how many.
    ///
    /// # Errors
    /// When there is no home, or the ledger cannot be written.
    pub fn prune_jobs(&self, before: Timestamp) -> Result<u64, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.prune_jobs(before)?)
    }
}
