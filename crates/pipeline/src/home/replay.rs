//! Use case: the program is run through history, and reports the deadlines that it would have kept.

use std::num::NonZeroU32;
use std::path::PathBuf;

use jiff::Timestamp;
use seaworthy_inventory::read_history;
use seaworthy_ledger::{Draft, Entries, Event, Head, Ledger, LedgerError, Location, Sight};
use seaworthy_matching::{ENGINE, ProductTable};
use seaworthy_model::subject::{ImageReleased, ReplayBegan, ReplayStep};
use seaworthy_model::{Content, Digest, DigestWriter, ReleaseLine};
use seaworthy_triage::{Policy, Report, Span, report};
use serde::Serialize;

use super::{Home, HomeError, ReplayUseError, Stage, cases, drafts};
use crate::replay::{Grid, Replay, Step};
use crate::timeline::Timeline;

const ACTOR: &str = "replay";
/// The number of steps that are written in one transaction, which costs more than they do.
const STEPS: usize = 16;

/// The request of a replay.
#[derive(Clone, Debug)]
pub struct ReplayRequest {
    /// The folder of packages files, one for each release, each with its date.
    pub packages: PathBuf,
    /// The file with the history of fixes.
    pub history: PathBuf,
    /// The file or folder with the notes of node images.
    pub images: Option<PathBuf>,
    /// The time of the first step.
    pub from: Timestamp,
    /// The time that no step is after.
    pub to: Timestamp,
    /// The time between steps.
    pub every: Span,
    /// The release line that the packages belong to.
    pub line: ReleaseLine,
    /// The replay's own ledger: a file or a PostgreSQL address; `replay.db` of the home where none is named.
    pub ledger: Option<String>,
    /// The number of steps from one audit to the next; `None` for no audit. An audit judges all packages again, and must come to the same
    /// cases.
    pub audit: Option<NonZeroU32>,
}

/// The outcome of a replay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replayed {
    /// The report on the cases of the replay.
    pub report: Report,
    /// The events of the released images, those of earlier runs of this replay as well.
    pub images: Vec<Event>,
    /// The number of steps of this run with an audit.
    #[serde(skip)]
    pub audited: u64,
    /// The number and digest of the last event of its ledger.
    #[serde(skip)]
    pub head: Head,
}

impl Home {
    /// Runs the program through history: records, packages, fixes and images take effect on their dates. A replay that was interrupted goes
    /// on with its ledger.
    ///
    /// # Errors
    /// When the history cannot be read, the end is before the start, or the ledger is of another replay.
    pub fn replay(&self, request: &ReplayRequest) -> Result<Replayed, HomeError> {
        if request.to < request.from {
            return Err(ReplayUseError::Backwards { from: request.from, to: request.to }.into());
        }
        let work = self.work(&Stage::History);
        let policy = self.policy()?;
        let knowledge = self.store().open()?;
        let history = read_history(&request.history).map_err(HomeError::reading("the history of fixes"))?;
        let timeline = Timeline::read(&request.packages, history, request.images.as_deref()).map_err(ReplayUseError::from)?;
        let products = ProductTable::built_in();
        let ledger = Ledger::open(&self.replay_location(request)?)?;
        let begin = beginning(request, knowledge.digest(), &timeline, &policy, &products)?;
        let done = resume(&ledger, &begin, request.from)?;
        let mut all = cases(&ledger, Some(&request.line), Sight::All)?;
        let replay = Replay {
            knowledge: &knowledge,
            timeline: &timeline,
            policy: &policy,
            products: &products,
            line: &request.line,
            grid: Grid { from: request.from, to: request.to, every: request.every.seconds() },
            audit: request.audit,
        };
        let mut pending: Vec<Draft> = Vec::new();
        let mut steps = 0;
        let mut audited = 0;
        let run = replay.run(&mut all, done, |step| -> Result<(), LedgerError> {
            work.stage(&Stage::Replayed { at: step.at, to: request.to });
            steps += 1;
            audited += u64::from(step.audited);
            pending.extend(step_drafts(step));
            if steps % STEPS == 0 {
                ledger.append(std::mem::take(&mut pending))?;
            }
            Ok(())
        });
        run.map_err(ReplayUseError::from)?;
        if !pending.is_empty() {
            ledger.append(pending)?;
        }
        let images = Entries { kind: Some("image_released".into()), ..Entries::default() };
        Ok(Replayed {
            report: report(all.values(), &policy.clone().into(), request.from, request.to),
            images: ledger.entries(&images)?.into_iter().map(|entry| entry.event).collect(),
            audited,
            head: ledger.head()?,
        })
    }

    fn replay_location(&self, request: &ReplayRequest) -> Result<Location, HomeError> {
        Ok(match &request.ledger {
            Some(text) if text.contains("://") => Location::of(Some(text), &self.path)?,
            Some(path) => Location::Sqlite(PathBuf::from(path)),
            None => Location::Sqlite(self.path.join("replay.db")),
        })
    }
}

/// The first event of a replay, with the digest of all inputs that its outcome follows from.
fn beginning(
    request: &ReplayRequest,
    knowledge: Digest,
    timeline: &Timeline,
    policy: &Policy,
    products: &ProductTable,
) -> Result<Event, HomeError> {
    let mut inputs = DigestWriter::new();
    for text in [request.from.to_string(), request.every.to_string(), request.line.to_string(), ENGINE.to_owned()] {
        inputs.field(text);
    }
    policy.encode(&mut inputs);
    inputs.field(knowledge.as_bytes());
    inputs.field(products.digest().as_bytes());
    inputs.field(timeline.digest().as_bytes());
    let about = format!(
        "from {} every {}, {} snapshots, {} images, {} fixes, knowledge {}",
        request.from,
        request.every,
        timeline.snapshots.len(),
        timeline.images.len(),
        timeline.history.rows.len(),
        knowledge.short()
    );
    Ok(ReplayBegan { inputs: inputs.finish(), about }.into())
}

/// Begins a ledger, which gives `None`, or gives the time of the last step of an earlier run.
fn resume(ledger: &Ledger, begin: &Event, from: Timestamp) -> Result<Option<Timestamp>, HomeError> {
    let first = ledger.entries(&Entries { limit: Some(1), ..Entries::default() })?;
    match first.into_iter().next() {
        None => {
            ledger.append(vec![Draft::new(from, ACTOR, begin.clone())])?;
            Ok(None)
        }
        Some(entry) if entry.event == *begin => {
            let last = Entries { kind: Some("replay_step".into()), newest_first: true, limit: Some(1), ..Entries::default() };
            Ok(ledger.entries(&last)?.first().map(|entry| entry.at))
        }
        Some(entry) => Err(ReplayUseError::OtherInputs { found: entry.event.into(), expected: begin.clone().into() }.into()),
    }
}

fn step_drafts(step: Step) -> Vec<Draft> {
    let mut out = drafts(step.events, step.at, ACTOR);
    for image in step.images {
        let event =
            ImageReleased { image: image.version, sku: image.sku, built: image.built, packages: image.packages, counts: image.counts };
        out.push(Draft::new(step.at, ACTOR, event));
    }
    out.push(Draft::new(step.at, ACTOR, ReplayStep { records: step.records, judged: step.judged }));
    out
}
