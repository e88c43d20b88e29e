//! Jobs: work of which one run at a time goes on, on all machines that share the ledger.
//!
//! A run has the place of its kind and release line from before it reads anything until it has ended. Its lease is renewed as it reports
//! progress; whether it may go on is checked before each step, and in the transaction that writes its events. Beside the lease it holds a
//! lock of the operating system in the home: where a run of this home died, the next one need not wait for the end of its lease.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use seaworthy_host::files::{self, Lock, LockError};
use seaworthy_host::machine;
use seaworthy_ledger::{Claim, JobProgress, Lease, Ledger, LedgerError, Outcome};
use seaworthy_model::Digest;

use super::{Clock, Home, HomeError, Kind, Notice, Options, Progress, Stage};

/// The time for which a run without progress keeps its place. A longer step keeps it where no other run wants it.
const LEASE: SignedDuration = SignedDuration::from_mins(15);

/// The shortest time between two renewals by progress.
const BETWEEN_RENEWALS: SignedDuration = SignedDuration::from_secs(20);

/// The folder of locks in a home.
const LOCKS: &str = "locks";

/// The kinds of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunKind {
    /// The cycle of a release line.
    Cycle,
    /// The publication of a release line.
    Publication,
}

impl RunKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cycle => "cycle",
            Self::Publication => "publication",
        }
    }
}

/// A run with its place.
pub(super) struct Running {
    keeper: Arc<Keeper>,
    /// The lock, which is held until the job has ended; `None` where another process of this home holds it.
    _lock: Option<Lock>,
}

/// The watcher of a run that renews its lease.
struct Keeper {
    ledger: Arc<Ledger>,
    lease: Lease,
    clock: Arc<dyn Clock>,
    progress: Arc<dyn Progress>,
    /// The time of the last renewal.
    renewed: Mutex<Option<Timestamp>>,
}

impl Home {
    /// Runs work as a job; `about` is the release line. The home that `work` gets reports progress for the run.
    ///
    /// # Errors
    /// [`Kind::Busy`] where another run has the place, [`Kind::Machine`] where the lock cannot be made, and the errors of the work.
    pub(super) fn run<T>(
        &self,
        kind: RunKind,
        about: &str,
        work: impl FnOnce(&Self, &Running) -> Result<T, HomeError>,
    ) -> Result<T, HomeError> {
        let lock = lock(&self.path, kind, about)?;
        let claim = Claim {
            kind: kind.as_str().to_owned(),
            about: about.to_owned(),
            actor: self.actor().to_owned(),
            worker: machine::name(),
            held: lock.as_ref().and_then(Lock::name),
        };
        let ledger = self.opened()?;
        let lease = ledger.begin_job(&claim, self.now(), LEASE)?;
        let Options { clock, progress, .. } = self.options.clone();
        let keeper = Arc::new(Keeper { ledger, lease, clock, progress, renewed: Mutex::default() });
        let options = Options { progress: keeper.clone(), ..self.options.clone() };
        let home = Self { path: self.path.clone(), settings: self.settings.clone(), options, shared: self.shared.clone() };
        let running = Running { keeper, _lock: lock };
        let done = work(&home, &running);
        running.end(done.as_ref().map(|_| ()).map_err(HomeError::kind));
        done
    }
}

/// The lock of a job in a home; `None` where another process holds it: the job in the ledger says more.
fn lock(home: &Path, kind: RunKind, about: &str) -> Result<Option<Lock>, HomeError> {
    let folder = home.join(LOCKS);
    std::fs::create_dir_all(&folder).map_err(HomeError::io("create", &folder))?;
    // A release line may have a name that no file has.
    match files::lock(&folder.join(format!("{}-{}", kind.as_str(), Digest::of(about.as_bytes()).short()))) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::Held(_)) => Ok(None),
        Err(LockError::File(e)) => Err(HomeError::io(e.doing, &e.path)(e.source)),
    }
}

impl Running {
    /// Renews the lease before a step.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] where the run was cancelled, and [`Kind::Busy`] where it has lost its place: the step must not begin.
    pub(super) fn renew(&self, stage: &Stage<'_>) -> Result<(), HomeError> {
        Ok(self.keeper.renew(stage)?)
    }

    /// The lease, for the transaction that writes the events of the run.
    pub(super) fn lease(&self) -> Lease {
        self.keeper.lease.clone()
    }

    /// Writes how the run has ended. Where that fails, the run counts as one that died; what it wrote stays.
    fn end(&self, done: Result<(), Kind>) {
        let outcome = match done {
            Ok(()) => Outcome::Done,
            Err(Kind::Cancelled) => Outcome::Cancelled,
            Err(kind) => Outcome::Failed(kind.as_str()),
        };
        let Keeper { ledger, lease, clock, .. } = &*self.keeper;
        let _ = ledger.end_job(lease, clock.now(), &outcome);
    }
}

impl Keeper {
    /// Renews the lease, with the progress of a stage.
    fn renew(&self, stage: &Stage<'_>) -> Result<(), LedgerError> {
        let now = self.clock.now();
        *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        let (done, total) = stage.counts().unzip();
        let progress = JobProgress { step: stage.as_str().to_owned(), done, total };
        self.ledger.renew_job(&self.lease, now, LEASE, &progress)
    }

    /// Whether enough time has passed since the last renewal; also after a clock was set back by as much.
    fn is_due(&self) -> bool {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        renewed.is_none_or(|last| self.clock.now().duration_since(last).abs() >= BETWEEN_RENEWALS)
    }
}

impl Progress for Keeper {
    fn stage(&self, stage: &Stage<'_>) {
        self.progress.stage(stage);
        if self.is_due() {
            // Whether the run may go on is asked before its next step.
            let _ = self.renew(stage);
        }
    }

    fn notice(&self, notice: &Notice) {
        self.progress.notice(notice);
    }

    fn end(&self) {
        self.progress.end();
    }
}
