//! Use case: a cycle, which is sync, scan, cases and plan in one run that can be repeated.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use seaworthy_inventory::{Problem, ProblemKind, Source, read_image_notes};
use seaworthy_ledger::{Batch, Draft, Event, Ledger, LedgerError, Query, Sight};
use seaworthy_matching::assess;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, CaseStep, priority};
use seaworthy_model::subject::Shipped;
use seaworthy_model::{Day, ReleaseLine};
use seaworthy_triage::{Plan, Policy, doubt, plan};
use serde::Serialize;

use super::delivered::delivered_as_at_hand;
use super::desk::last_shipped;
use super::running::{RunKind, Running};
use super::scan::scanned;
use super::{Home, HomeError, Judging, Notice, Selection, Stage, SyncRequest, Synced, cases, read_at};
use crate::baseline::{Baseline, Delivered, DeliveredBy, FixDays, Timed};
use crate::cycle::{CaseChanges, CaseUpdate};

/// The number of tries to commit a cycle where people change the same cases meanwhile.
const ATTEMPTS: u32 = 8;
/// The actor of the events of a cycle.
const ACTOR: &str = "cycle";

/// The request of a cycle.
#[derive(Clone, Debug)]
pub struct CycleRequest {
    /// The packages of the release line.
    pub selection: Selection,
    /// The options of judging them.
    pub judging: Judging,
    /// Whether a sync comes first.
    pub sync: bool,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
    /// The file with the notes of the images in service; the newest one counts.
    pub image_in_service: Option<PathBuf>,
    /// The packages that machines can get; where the request names none, those of the first cycle are found by [`DeliveredBy`].
    pub delivered: Option<Source>,
    /// Whether the outcome has cases under embargo. Their events are written in any case.
    pub embargoed: bool,
    /// Whether an inventory is accepted that is empty, of another kind than the last one, or much smaller.
    pub accept_inventory: bool,
    /// Whether the cycle is a trial: nothing is synced and nothing is written.
    pub is_trial: bool,
}

/// The outcome of a cycle, without cases under embargo unless they were asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cycled {
    /// Whether the events were written; they were not in a trial.
    pub written: bool,
    /// The outcome of the sync; `None` where none was asked for.
    pub sync: Option<Synced>,
    /// Whether the release line had no case before.
    pub first: bool,
    /// The fixes that were taken over as history; `None` where there was none.
    pub taken_over: Option<TakenOver>,
    /// The events of cases: those of open cases first, the most urgent of them first, then those of the others, the latest first. Those of
    /// one case are in the order in which they happened.
    pub events: Vec<CaseStep>,
    /// The number of cases of the release line.
    pub cases: usize,
    /// The number of open ones among them.
    pub open: usize,
    /// The plan after the cycle.
    pub plan: Plan,
}

/// The fixes that a cycle took over as history: cases that were fixed and delivered before the line's first cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenOver {
    /// The number of them.
    pub fixes: usize,
    /// The source that says what had been delivered.
    pub delivered: DeliveredBy,
    /// The day of the first fix; in a later cycle than the first that of the cycle, which learned of it then.
    pub from: Day,
    /// The day of the last fix, as `from`.
    pub to: Day,
}

impl Home {
    /// Brings knowledge, cases and plan of a release line up to date. A second run without news changes nothing. On all machines that share
    /// the ledger, one run of a release line goes on at a time.
    ///
    /// # Errors
    /// When nothing could be synced, the inventory, the policy or the ledger cannot be read, or the cases of the line changed during each
    /// try; when another run of the line goes on, or this one was cancelled; when the request names a day of the past; when there is a
    /// reason to doubt the inventory.
    pub fn cycle(&self, request: &CycleRequest) -> Result<Cycled, HomeError> {
        if let Some(day) = request.judging.as_of.filter(|day| Day::from(*day) < Day::of(self.now())) {
            return Err(HomeError::PastCycle { day });
        }
        // A policy that cannot be meant stops everything before anything changes.
        let policy = self.policy()?;
        if (!request.sync || request.is_trial) && self.store().status()?.knowledge.is_none() {
            // Nor is a home made where nothing can be done.
            self.store().open()?;
        }
        let line = self.line(request.line.as_ref());
        if request.is_trial {
            return self.cycle_of(&line, request, &policy, None);
        }
        self.run(RunKind::Cycle, &line, |home, running| home.cycle_of(&line, request, &policy, Some(running)))
    }

    /// The cycle of a release line. Without a place it is a trial.
    fn cycle_of(
        &self,
        line: &ReleaseLine,
        request: &CycleRequest,
        policy: &Policy,
        running: Option<&Running>,
    ) -> Result<Cycled, HomeError> {
        let renew = |stage: Stage<'_>| running.map_or(Ok(()), |running| running.renew(&stage));
        let syncs = running.is_some() && request.sync;
        if syncs {
            self.options.progress.notice(&Notice::SyncsFirst);
        }
        let sync = syncs.then(|| self.sync(&SyncRequest::default())).transpose()?;
        renew(Stage::Inventory)?;
        let work = self.work(&Stage::Inventory);
        let now = self.now();
        let knowledge = self.store().open()?;
        self.check_knowledge(None)?;
        let options = request.judging.options()?;
        let inventory = self.inventory(&request.selection, None)?;
        self.report_problems(&inventory.problems);
        let image = request.image_in_service.as_deref().map(|path| read_image_notes(path, None)).transpose();
        let image = image.map_err(HomeError::reading("the notes of the image in service"))?;
        let source = &request.selection.source;
        let named = request.delivered.as_ref().map(|named| self.delivered(named, source)).transpose()?;
        let reachable = named.as_ref().map(Delivered::newest);
        renew(Stage::Judging)?;
        work.stage(&Stage::Judging);
        let assessment = assess(&knowledge, &inventory, &options);
        renew(Stage::Cases)?;
        work.stage(&Stage::Cases);
        let ledger = if running.is_some() { self.ledger()? } else { self.ledger_to_read()? };
        self.report_ahead(&ledger)?;
        let names: BTreeSet<&str> = inventory.packages.iter().map(|p| p.name.as_str()).collect();
        let mut shipped = Shipped {
            line: line.clone(),
            kind: inventory.origin.kind.clone(),
            inventory: assessment.inventory,
            packages: names.len() as u64,
            delivered: None,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let at_hand = delivered_as_at_hand(source, &inventory);
        let days = FixDays::of(&inventory);
        let channel = self.settings.publish().main_channel();
        let update = CaseUpdate { knowledge: &knowledge, inventory: &inventory, image: image.as_ref(), line, channel };
        let mut attempt = 1;
        let mut has_unfit = false;
        let mut problems;
        let mut tagged = None;
        let (first, all, changes, taken_over) = loop {
            let head = ledger.head()?.seq;
            let mut all = cases(&ledger, Some(line), Sight::All)?;
            let first = all.is_empty();
            let last = last_shipped(&ledger, line)?;
            if !request.accept_inventory
                && let Some(doubt) = doubt(last.as_ref(), &all, &shipped.kind, &names)
            {
                return Err(HomeError::Doubtful { selection: request.selection.to_string(), doubt });
            }
            // Cases that were adopted are older than the first cycle.
            let begins = last.is_none();
            if begins && named.is_none() && tagged.is_none() {
                tagged = Some(self.delivered_by_tag(source)?);
            }
            let delivered = named.as_ref().or_else(|| tagged.as_ref().filter(|_| begins)?.as_ref()).unwrap_or(&at_hand);
            let today = Day::of(now);
            shipped.delivered =
                last.as_ref().map_or_else(|| Some(delivered.day.map_or(today, |day| day.min(today))), |last| last.delivered);
            let baseline = Baseline { delivered, days: &days, before: shipped.delivered.filter(|_| !begins), channel };
            let baseline = shipped.delivered.map(|_| &baseline);
            let mut changes = update.run(&assessment, &mut all, baseline, reachable.as_ref(), now)?;
            keep_embargoes(&mut all, &ledger, line)?;
            problems = if has_unfit || running.is_none() { leave_out_unfit(&mut changes.events) } else { Vec::new() };
            let Some(running) = running else {
                let taken_over = changes.taken_over(&delivered.by);
                break (first, all, changes, taken_over);
            };
            let mut events: Vec<Draft> = changes.events.iter().map(|timed| draft(timed, &changes, &delivered.by)).collect();
            let read = read_at(head, &events);
            if !events.is_empty() {
                events.push(self.draft(scanned(&assessment, request.selection.to_string(), options.products.digest())));
            }
            if last.as_ref() != Some(&shipped) {
                events.push(self.draft(shipped.clone()));
            }
            let mut all_events = self.changed_settings(&ledger)?;
            all_events.append(&mut events);
            // What was judged holds still where somebody changed one of the cases meanwhile: only what follows from it is found anew.
            let batch = Batch { events: all_events, expect: read, job: Some(running.lease()) };
            match ledger.commit(batch) {
                Err(LedgerError::Moved { .. }) if attempt < ATTEMPTS => attempt += 1,
                // Which event is more than the log can keep is looked for only then: it takes as long as to write them all.
                Err(LedgerError::Unfit { .. }) if !has_unfit => has_unfit = true,
                written => {
                    written?;
                    let taken_over = changes.taken_over(&delivered.by);
                    break (first, all, changes, taken_over);
                }
            }
        };
        if running.is_some() {
            self.keep_names(line, source, &inventory)?;
        }
        self.report_problems(&problems);
        if let Some(named) = &named {
            let lacking = all.values().filter(|case| named.lacks(case)).filter(|case| request.embargoed || case.is_disclosed(now)).count();
            if lacking > 0 {
                self.options.progress.notice(&Notice::OlderDelivered { lacking });
            }
        }
        let shown = |key: &CaseKey| request.embargoed || all.get(key).is_none_or(|case| case.is_disclosed(now));
        let visible = || all.values().filter(|case| request.embargoed || case.is_disclosed(now));
        let events = changes.events.into_iter().filter(|(_, key, _)| shown(key)).map(|(_, key, event)| CaseStep { key, event });
        let mut events: Vec<CaseStep> = events.collect();
        let weight = |key: &CaseKey| all.get(key).map(|case| (case.state.is_open().then(|| priority(case).score), case.changed));
        // Those of one case are in their order already.
        events.sort_by_cached_key(|step| (Reverse(weight(&step.key)), step.key.clone()));
        Ok(Cycled {
            written: running.is_some(),
            sync,
            first,
            taken_over,
            events,
            cases: visible().count(),
            open: visible().filter(|case| case.state.is_open()).count(),
            plan: plan(visible(), policy, now),
        })
    }
}

impl Cycled {
    /// The events that stand at the end of the cycle: without those that moved a case into a state in which a later one did not leave it.
    pub fn lasting(&self) -> impl Iterator<Item = &CaseStep> {
        let moves = |event: &CaseEvent| {
            matches!(
                event,
                CaseEvent::Opened { .. }
                    | CaseEvent::Reopened { .. }
                    | CaseEvent::Decided(_)
                    | CaseEvent::Expired
                    | CaseEvent::Fixed { .. }
                    | CaseEvent::Left { .. }
                    | CaseEvent::Withdrawn { .. }
            )
        };
        let moved = self.events.iter().enumerate().filter(move |(_, step)| moves(&step.event));
        let last: BTreeMap<&CaseKey, usize> = moved.map(|(at, step)| (&step.key, at)).collect();
        let events = self.events.iter().enumerate();
        events.filter(move |(at, step)| !moves(&step.event) || last.get(&step.key) == Some(at)).map(|(_, step)| step)
    }
}

impl CaseChanges {
    /// The fixes that were taken over as history; `None` where there was none.
    fn taken_over(&self, delivered: &DeliveredBy) -> Option<TakenOver> {
        let days = self.events.iter().filter(|(_, key, event)| matches!(event, CaseEvent::Fixed { .. }) && self.history.contains(key));
        let days: Vec<Day> = days.map(|(at, ..)| Day::of(*at)).collect();
        let (from, to) = (*days.iter().min()?, *days.iter().max()?);
        Some(TakenOver { fixes: days.len(), delivered: delivered.clone(), from, to })
    }
}

/// Keeps cases under their embargoes that are opened anew after their opening was undone: what is kept from others stays so.
fn keep_embargoes(cases: &mut BTreeMap<CaseKey, Case>, ledger: &Ledger, line: &ReleaseLine) -> Result<(), HomeError> {
    let unopened = Query { line: Some(line.clone()), states: vec![CaseState::Unopened], sight: Sight::All, ..Query::default() };
    ledger.each_case(&unopened, |case| {
        if let (Some(opened), Some(embargo)) = (cases.get_mut(&case.key), case.embargo) {
            opened.embargo = Some(embargo);
        }
        Ok(())
    })?;
    Ok(())
}

/// The event of a case as a draft for the log.
fn draft((at, key, event): &Timed, changes: &CaseChanges, delivered: &DeliveredBy) -> Draft {
    let why = changes.history.contains(key).then(|| format!("taken over as history: {delivered} had it before the first cycle"));
    Draft { why, ..Draft::new(*at, ACTOR, Event::case(key.clone(), event.clone())) }
}

/// Removes all events of cases that have an event too large or unfit for the log, and gives a problem for each: one bad record must not
/// stop the cycle.
fn leave_out_unfit(events: &mut Vec<Timed>) -> Vec<Problem> {
    let unfit = events.iter().filter_map(|(at, key, event)| {
        let unfit = Draft::new(*at, ACTOR, Event::case(key.clone(), event.clone())).fits().err()?;
        Some((key.clone(), unfit.to_string()))
    });
    let unfit: BTreeMap<CaseKey, String> = unfit.collect();
    events.retain(|(_, key, _)| !unfit.contains_key(key));
    let problem = |(key, unfit): (CaseKey, String)| Problem {
        kind: ProblemKind::Part,
        file: key.to_string(),
        line: None,
        message: format!("the case is left as it was: {unfit}"),
    };
    unfit.into_iter().map(problem).collect()
}
