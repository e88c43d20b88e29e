//! Use cases: jobs are listed, cancelled and removed.

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
    /// The running jobs, and with `ended` the ended ones as well; the newest first, no more than `limit`.
    ///
    /// # Errors
    /// When there is no home, or the ledger cannot be read.
    pub fn jobs(&self, ended: bool, limit: Option<u64>) -> Result<JobList, HomeError> {
        self.existing()?;
        let jobs = self.ledger_to_read()?.jobs(ended, limit, self.now())?;
        Ok(JobList { jobs })
    }

    /// Cancels a job: it ends before its next step, and writes no more events. A job whose lease is over ends at once.
    ///
    /// # Errors
    /// When there is no home or no such job, the job has ended or has written its events, or nobody is named who cancels it.
    pub fn cancel_job(&self, id: u64) -> Result<Job, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.cancel_job(id, self.person()?, self.now())?)
    }

    /// Removes the jobs that ended before a time; gives their number.
    ///
    /// # Errors
    /// When there is no home, or the ledger cannot be written.
    pub fn prune_jobs(&self, before: Timestamp) -> Result<u64, HomeError> {
        self.existing()?;
        Ok(self.ledger()?.prune_jobs(before)?)
    }
}
