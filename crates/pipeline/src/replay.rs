//! The replay: matching, triage and planning as they are, run through history. Records, package snapshots, maintainers' fixes and image
//! releases take effect on their dates, and the grid of steps gives the time.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use jiff::Timestamp;
use seaworthy_intelligence::{Cve, Knowledge};
use seaworthy_inventory::{Inventory, InventoryError};
use seaworthy_matching::{Assessor, COMPONENT_WINDOW, Finding, Learned, Platform, ProductTable, Scope};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, IllegalStep};
use seaworthy_model::{Day, Evr, ReleaseLine};
use seaworthy_triage::{Policy, Scan, plan, reconcile};

use crate::observe::{OnImage, observe, versions};
use crate::timeline::{ImageRelease, Places, Timeline, Updates};

/// The times of the steps: `from`, and each `every` seconds after it, up to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The time of the first step.
    pub from: Timestamp,
    /// The time that no step is after.
    pub to: Timestamp,
    /// The seconds between steps; less than 1 counts as 1.
    pub every: i64,
}

impl Grid {
    fn steps(self) -> i64 {
        (self.to.as_second() - self.from.as_second()).div_euclid(self.every.max(1)) + 1
    }

    fn time(self, step: i64) -> Timestamp {
        Timestamp::from_second(self.from.as_second() + step * self.every.max(1)).unwrap_or(Timestamp::MAX)
    }

    /// The number of the first step after a time.
    fn step_after(self, time: Timestamp) -> i64 {
        (time.as_second() - self.from.as_second()).div_euclid(self.every.max(1)) + 1
    }
}

/// The input of a replay.
pub struct Replay<'a> {
    /// The knowledge. A step sees the records that were published by its time.
    pub knowledge: &'a Knowledge,
    /// The timeline.
    pub timeline: &'a Timeline,
    /// The policy of the plans.
    pub policy: &'a Policy,
    /// The table of names and products.
    pub products: &'a ProductTable,
    /// The release line.
    pub line: &'a ReleaseLine,
    /// The times of the steps.
    pub grid: Grid,
    /// The number of steps from one audit to the next, `None` for no audit. An audit judges all packages again, and must come to the same
    /// cases.
    pub audit: Option<NonZeroU32>,
}

/// The outcome of an image release, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageOutcome {
    /// The time at which it was built.
    pub built: Timestamp,
    /// The kind of the image.
    pub sku: String,
    /// The version of the image.
    pub version: String,
    /// The number of source packages on it.
    pub packages: u32,
    /// The numbers of cases by effect: `fixed` (a fix that it is the first image to carry), `carried_affected`, `carried_suspected`,
    /// `carried_late` (a fix that is in the spec tree and not on it); and among those affected or late `newly_known` (the record was
    /// published since the image before) and `brought_in` (an older record, a case that was opened since the image before, and a package
    /// that is new on it or has another version).
    pub counts: BTreeMap<String, u64>,
}

/// The result of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The time of the step.
    pub at: Timestamp,
    /// The events of cases, in the order in which they were applied.
    pub events: Vec<(CaseKey, CaseEvent)>,
    /// The images that were released since the step before.
    pub images: Vec<ImageOutcome>,
    /// The number of records that were published since the step before.
    pub records: u64,
    /// The number of pairs of package and CVE that were judged.
    pub judged: u64,
    /// Whether an audit was made at this step; it found no difference, since a difference is an error.
    pub audited: bool,
}

/// The error of a replay.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError<E: std::error::Error + 'static> {
    /// A snapshot could not be read.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// An event does not fit its case: the ledger is of another replay.
    #[error("the cases in the ledger are not those of this replay: {0}")]
    Foreign(#[from] IllegalStep),
    /// An audit opens, changes or closes a case that the steps passed over: a defect.
    #[error("the step of {at} passed over {count} changes, the first in {key}: {first}")]
    Audit {
        /// The time of the step.
        at: Timestamp,
        /// The number of events that were passed over.
        count: usize,
        /// The case of the first one.
        key: Box<CaseKey>,
        /// The first one, for a report of the defect.
        first: String,
    },
    /// The steps could not be recorded.
    #[error("cannot record the steps: {0}")]
    Record(#[source] E),
}

/// The snapshot, versions and images in force at a step.
struct InForce<'a> {
    snapshot: usize,
    inventory: Inventory,
    places: Places,
    assessor: Assessor<'a>,
    learned: Learned,
    /// The day up to which fixes have changed versions.
    day: Day,
    /// The build time of the newest image, and the source packages on it.
    image: Option<(Timestamp, BTreeMap<String, Evr>)>,
    on_image: OnImage,
}

impl<'a> Replay<'a> {
    /// Runs the steps after the time `done`, or all of them where it is `None`; `cases` are the cases as of that time. Each step goes to
    /// `record` as soon as it is made, so that a replay that was stopped can be continued from the last recorded step.
    ///
    /// # Errors
    /// When a snapshot cannot be read, the cases are not those of this replay, an audit finds a difference, or `record` fails.
    pub fn run<E: std::error::Error + 'static>(
        &self,
        cases: &mut BTreeMap<CaseKey, Case>,
        done: Option<Timestamp>,
        mut record: impl FnMut(Step) -> Result<(), E>,
    ) -> Result<(), ReplayError<E>> {
        let dates = Dates::of(self.knowledge);
        let updates = Updates::of(&self.timeline.history);
        let first = done.map_or(0, |done| self.grid.step_after(done));
        let mut now: Option<InForce<'a>> = None;
        for step in first..self.grid.steps() {
            let at = self.grid.time(step);
            let Some(snapshot) = self.timeline.snapshot_at(at) else { continue };
            // A run that goes on begins where the step before left.
            if now.is_none() && step > 0 {
                now = self.as_it_was(step - 1, &updates)?;
            }
            let (mut current, whole) = match now.take().filter(|n| n.snapshot == snapshot) {
                Some(current) => (current, false),
                None => (self.arrive(snapshot, at, &updates)?, true),
            };
            let since = if step == 0 { None } else { Some(self.grid.time(step - 1)) };
            let scope = if whole { None } else { since.map(|since| self.move_on(&mut current, since, at, &updates, &dates)) };
            let records = between(&dates.published, since, at).len() as u64;
            let mut made = self.step(&mut current, cases, at, since, scope.as_ref(), records)?;
            if self.audit.is_some_and(|every| step % i64::from(every.get()) == 0) {
                self.audit(&current, cases, at)?;
                made.audited = true;
            }
            record(made).map_err(ReplayError::Record)?;
            now = Some(current);
        }
        Ok(())
    }

    /// The snapshot that comes into force at a time, with all packages to be judged.
    fn arrive(&self, snapshot: usize, at: Timestamp, updates: &Updates) -> Result<InForce<'a>, InventoryError> {
        let mut inventory = self.timeline.snapshots[snapshot].load(&self.timeline.history)?;
        let places = Places::new(&inventory);
        let day = Day::of(at);
        // What is older than the snapshot is in it, or was given up for it.
        updates.apply(&mut inventory, &places, Day::of(self.timeline.snapshots[snapshot].at), day);
        let assessor = Assessor::new(self.knowledge, &inventory, self.products, PLATFORM.get_or_init(Platform::default));
        let learned = assessor.learn(&inventory, Some(at.into()));
        let mut current = InForce { snapshot, inventory, places, assessor, learned, day, image: None, on_image: OnImage::default() };
        let built = self.timeline.images.partition_point(|i| i.built <= at);
        if let Some(image) = built.checked_sub(1).and_then(|i| self.timeline.images.get(i)) {
            current.put_into_service(image);
        }
        Ok(current)
    }

    /// The snapshot, versions and images in force at a step of an earlier run; `None` where no snapshot held then.
    fn as_it_was(&self, step: i64, updates: &Updates) -> Result<Option<InForce<'a>>, InventoryError> {
        let at = self.grid.time(step);
        self.timeline.snapshot_at(at).map(|snapshot| self.arrive(snapshot, at, updates)).transpose()
    }

    /// Moves on within a snapshot: fixes of a new day take effect, and newer records are learned from. Gives the packages and CVEs that
    /// have to be judged again.
    fn move_on(&self, current: &mut InForce<'a>, since: Timestamp, at: Timestamp, updates: &Updates, dates: &Dates) -> Scope {
        let fresh = between(&dates.published, Some(since), at);
        let day = Day::of(at);
        let mut changed = BTreeSet::new();
        if day != current.day {
            changed = updates.apply(&mut current.inventory, &current.places, current.day, day);
        }
        let mut scope = Scope::default();
        if day != current.day || !fresh.is_empty() {
            let learned = current.assessor.learn(&current.inventory, Some(at.into()));
            scope = current.assessor.changes(&current.learned, &learned);
            (current.learned, current.day) = (learned, day);
        }
        scope.packages.extend(changed);
        // Of several versions of a package the most urgent one speaks, so none can be judged alone.
        let inventory = &current.inventory;
        scope.packages = scope.packages.iter().flat_map(|&i| current.places.of(&inventory.packages[i].name)).copied().collect();
        // A record of exactly that age is still young.
        let [old, aged] = [since, at].map(|t| minute(t) - COMPONENT_WINDOW - 1);
        let aged = between_minutes(&dates.published, old, aged);
        for dated in [fresh, aged, between(&dates.exploited, Some(since), at)] {
            scope.cves.extend(dated.iter().map(|(_, cve)| self.knowledge.id(*cve)));
        }
        scope
    }

    /// Judges all packages again, as the first scan of a new machine would, and compares the cases with the result.
    fn audit<E: std::error::Error + 'static>(
        &self,
        current: &InForce<'a>,
        cases: &BTreeMap<CaseKey, Case>,
        at: Timestamp,
    ) -> Result<(), ReplayError<E>> {
        let inventory = &current.inventory;
        let assessor = Assessor::new(self.knowledge, inventory, self.products, PLATFORM.get_or_init(Platform::default));
        let learned = assessor.learn(inventory, Some(at.into()));
        let (findings, _) = assessor.judge(inventory, &learned, Some(at.into()), None, false);
        let passed_over = reconcile(self.line, cases, &self.seen(current, &findings, None), at);
        match passed_over.first() {
            None => Ok(()),
            Some((key, event)) => {
                Err(ReplayError::Audit { at, count: passed_over.len(), key: Box::new(key.clone()), first: format!("{event:?}") })
            }
        }
    }

    /// The scan of a step, as the input of triage.
    fn seen(&self, current: &InForce<'a>, findings: &[Finding], scope: Option<&Scope>) -> Scan {
        let inventory = &current.inventory;
        Scan {
            seen: observe(self.knowledge, inventory, findings, &current.on_image, Some(current.day)),
            versions: versions(inventory),
            cves: scope.map(|s| s.cves.iter().copied().collect()),
            packages: scope.into_iter().flat_map(|s| &s.packages).map(|&i| inventory.packages[i].name.clone()).collect(),
            rejected: BTreeSet::new(),
        }
    }

    fn step(
        &self,
        current: &mut InForce<'a>,
        cases: &mut BTreeMap<CaseKey, Case>,
        at: Timestamp,
        since: Option<Timestamp>,
        scope: Option<&Scope>,
        records: u64,
    ) -> Result<Step, IllegalStep> {
        let released: Vec<&ImageRelease> =
            self.timeline.images.iter().filter(|i| i.built <= at && since.is_none_or(|since| i.built > since)).collect();
        let before = current.image.clone();
        if let Some(image) = released.last() {
            current.put_into_service(image);
        }
        let (findings, judged) = current.assessor.judge(&current.inventory, &current.learned, Some(at.into()), scope, false);
        let scan = self.seen(current, &findings, scope);
        let mut events = reconcile(self.line, cases, &scan, at);
        apply(cases, &events, at)?;
        let mut images = Vec::with_capacity(released.len());
        let mut previous = before;
        for image in released {
            let sources = image.sources(&current.inventory);
            let shipped = ships(cases, &image.version, &sources);
            apply(cases, &shipped, at)?;
            images.push(outcome(cases, image, &sources, previous.as_ref(), shipped.len()));
            events.extend(shipped);
            previous = Some((image.built, sources));
        }
        // What the plan sends out of band is out at once: nobody waits in a replay.
        // Of the rest of the plan nothing happens here, and most cases are long delivered.
        let due = cases.values().filter(|c| c.state == CaseState::Fixed && c.published.is_none() && c.imaged.is_none());
        let out: Vec<(CaseKey, CaseEvent)> = plan(due, self.policy, at)
            .out_of_band
            .into_iter()
            .map(|item| (item.key, CaseEvent::Published { version: item.version, place: "updates".into() }))
            .collect();
        apply(cases, &out, at)?;
        events.extend(out);
        Ok(Step { at, events, images, records, judged, audited: false })
    }
}

static PLATFORM: std::sync::OnceLock<Platform> = std::sync::OnceLock::new();

/// The dates of records in minutes since 1970-01-01, in order of time.
struct Dates {
    /// The records by their publication.
    published: Vec<(i32, Cve)>,
    /// The records by the time at which CISA listed them as exploited.
    exploited: Vec<(i32, Cve)>,
}

impl Dates {
    fn of(knowledge: &Knowledge) -> Self {
        let mut published: Vec<(i32, Cve)> = knowledge.cves().map(|c| (knowledge.published(c), c)).collect();
        let mut exploited: Vec<(i32, Cve)> =
            knowledge.cves().filter_map(|c| Some((knowledge.exploited(c)?.0.saturating_mul(1440), c))).collect();
        published.sort_unstable();
        exploited.sort_unstable();
        Self { published, exploited }
    }
}

fn minute(at: Timestamp) -> i32 {
    i32::try_from(at.as_second().div_euclid(60)).unwrap_or(i32::MAX)
}

/// The records with a date after `since`, or any where it is `None`, and up to `at`.
fn between(dated: &[(i32, Cve)], since: Option<Timestamp>, at: Timestamp) -> &[(i32, Cve)] {
    between_minutes(dated, since.map_or(i32::MIN, minute), minute(at))
}

fn between_minutes(dated: &[(i32, Cve)], after: i32, until: i32) -> &[(i32, Cve)] {
    let start = dated.partition_point(|(m, _)| *m <= after);
    &dated[start..dated.partition_point(|(m, _)| *m <= until).max(start)]
}

fn apply(cases: &mut BTreeMap<CaseKey, Case>, events: &[(CaseKey, CaseEvent)], at: Timestamp) -> Result<(), IllegalStep> {
    events.iter().try_for_each(|(key, event)| apply_one(cases, at, key, event))
}

/// Applies an event to its case, which it may open.
pub(crate) fn apply_one(cases: &mut BTreeMap<CaseKey, Case>, at: Timestamp, key: &CaseKey, event: &CaseEvent) -> Result<(), IllegalStep> {
    match cases.get_mut(key) {
        Some(case) => case.apply(at, event),
        None => {
            cases.insert(key.clone(), Case::open(key, at, event)?);
            Ok(())
        }
    }
}

impl InForce<'_> {
    fn put_into_service(&mut self, image: &ImageRelease) {
        let sources = image.sources(&self.inventory);
        self.on_image.packages = Some(sources.keys().cloned().collect());
        self.image = Some((image.built, sources));
    }
}

/// The events of the fixes that an image is the first to carry.
pub(crate) fn ships(cases: &BTreeMap<CaseKey, Case>, image: &str, sources: &BTreeMap<String, Evr>) -> Vec<(CaseKey, CaseEvent)> {
    let waiting = cases.values().filter(|c| c.state == CaseState::Fixed && c.imaged.is_none());
    let shipped = waiting.filter_map(|case| {
        let evr = sources.get(case.key.package.as_str()).filter(|evr| case.is_fixed_in(evr))?;
        Some((case.key.clone(), CaseEvent::Shipped { version: evr.clone(), image: image.to_owned() }))
    });
    shipped.collect()
}

fn outcome(
    cases: &BTreeMap<CaseKey, Case>,
    image: &ImageRelease,
    sources: &BTreeMap<String, Evr>,
    previous: Option<&(Timestamp, BTreeMap<String, Evr>)>,
    fixed: usize,
) -> ImageOutcome {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = |what: &str, n: u64| *counts.entry(what.to_owned()).or_default() += n;
    count("fixed", fixed as u64);
    for case in cases.values() {
        let Some(evr) = sources.get(case.key.package.as_str()) else { continue };
        let kind = match case.state {
            CaseState::Affected | CaseState::Deferred | CaseState::WillNotFix | CaseState::NotShipped => "carried_affected",
            CaseState::UnderInvestigation => "carried_suspected",
            CaseState::Fixed if !case.is_fixed_in(evr) => "carried_late",
            _ => continue,
        };
        count(kind, 1);
        if let Some((built, before)) = previous.filter(|_| kind != "carried_suspected") {
            if case.facts.record_published > *built {
                count("newly_known", 1);
            } else if before.get(case.key.package.as_str()) != Some(evr) && case.opened > *built {
                count("brought_in", 1);
            }
        }
    }
    ImageOutcome { built: image.built, sku: image.sku.clone(), version: image.version.clone(), packages: sources.len() as u32, counts }
}
