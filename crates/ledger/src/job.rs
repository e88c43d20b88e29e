//! Jobs as values: claim, lease, progress and state.

use jiff::Timestamp;
use serde::Serialize;

/// A claim: work that a program wants to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The kind of work, such as `cycle`.
    pub kind: String,
    /// The subject of the work, such as the name of a release line. One run of a kind on the same subject goes on at a time.
    pub about: String,
    /// The actor.
    pub actor: String,
    /// The machine on which it runs.
    pub worker: String,
    /// The name of a lock of the operating system that the worker holds and only one process can hold. An earlier run with the same lock
    /// has died, so that its place is free at once; `None` where there is no such lock.
    pub held: Option<String>,
}

/// A lease: the place of a run in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The number of the job.
    pub id: u64,
    /// The kind of work.
    pub kind: String,
    /// The subject of the work.
    pub about: String,
}

/// The progress of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobProgress {
    /// The word of the current step.
    pub step: String,
    /// The amount of the step that is done; `None` where it is not counted.
    pub done: Option<u64>,
    /// The amount of the step in all; `None` where it is not known.
    pub total: Option<u64>,
}

/// The outcome of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The run succeeded.
    Done,
    /// The run failed with an error of this kind. The text of the error is not kept, since it may name a case under embargo.
    Failed(&'static str),
    /// The run was cancelled.
    Cancelled,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// The job is running.
    Running,
    /// The lease has ended, and no other run has taken the place: the run has died, or is in a long step.
    Lapsed,
    /// The job succeeded.
    Done,
    /// The job failed.
    Failed,
    /// The job was cancelled.
    Cancelled,
    /// Another run took the place after the lease had ended.
    Lost,
}

impl JobState {
    /// The word of the state.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Lapsed => "lapsed",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }
}

/// The request to cancel a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cancel {
    /// The actor who asked for it.
    pub by: String,
    /// The time.
    pub at: Timestamp,
}

/// A job as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// The number.
    pub id: u64,
    /// The kind of work.
    pub kind: String,
    /// The subject of the work.
    pub about: String,
    /// The state.
    pub state: JobState,
    /// The actor who began it.
    pub actor: String,
    /// The machine on which it runs.
    pub worker: String,
    /// The time at which it began.
    pub begun: Timestamp,
    /// The time at which its lease was last renewed.
    pub renewed: Timestamp,
    /// The time at which its lease ends or ended.
    pub until: Timestamp,
    /// The time at which it ended; `None` while it runs.
    pub ended: Option<Timestamp>,
    /// The last progress; `None` where none was reported.
    pub progress: Option<JobProgress>,
    /// The request to cancel it; `None` where there is none.
    pub cancel: Option<Cancel>,
    /// The number of the last event of the log when the job had written its own; `None` before.
    pub committed: Option<u64>,
    /// The kind of error with which it failed; `None` where it did not.
    pub error: Option<String>,
}
