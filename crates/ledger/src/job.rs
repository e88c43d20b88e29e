//! A job as a value: what is wanted, how far it is, where it stands.

use jiff::Timestamp;
use serde::Serialize;

/// Work that somebody wants to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The kind of work, such as `cycle`.
    pub kind: String,
    /// What it is about, such as the name of a release line. One run of a kind about the same thing goes on at a time.
    pub about: String,
    /// Who wants it.
    pub actor: String,
    /// The machine that it runs on.
    pub worker: String,
    /// A lock of an operating system that the worker holds and that only one process can hold, by a name that no other lock has. An earlier
    /// run that held the same one has died: its place is free at once.
    pub held: Option<String>,
}

/// A run that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The number of the job.
    pub id: u64,
    /// The kind of work.
    pub kind: String,
    /// What it is about.
    pub about: String,
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobProgress {
    /// The word of its step.
    pub step: String,
    /// How much of the step is done, where that is counted.
    pub done: Option<u64>,
    /// How much there is to do.
    pub total: Option<u64>,
}

/// How a run has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was asked for.
    Done,
    /// It could not, by an error of a kind. No more than the kind is kept: the text of an error may name a case under embargo.
    Failed(&'static str),
    /// It was cancelled.
    Cancelled,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It runs.
    Running,
    /// Its lease is over, and nobody has taken its place: it has died, or makes a long step.
    Lapsed,
    /// It did what it was asked for.
    Done,
    /// It could not.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// Another run took its place when its lease was over.
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

/// Who asked when that a run ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cancel {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A job, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// The kind of work.
    pub kind: String,
    /// What it is about.
    pub about: String,
    /// Where it stands.
    pub state: JobState,
    /// Who began it.
    pub actor: String,
    /// The machine that it runs on.
    pub worker: String,
    /// When it began.
    pub begun: Timestamp,
    /// When its lease was renewed last.
    pub renewed: Timestamp,
    /// When its lease ends, or would have ended.
    pub until: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How far it is, or was.
    pub progress: Option<JobProgress>,
    /// Who asked that it ends.
    pub cancel: Option<Cancel>,
    /// The last event of the log when its own were written.
    pub committed: Option<u64>,
    /// The kind of error that it failed by.
    pub error: Option<String>,
}
