//! What the log of a release line says to the world: the advisories with their revisions, as a fold over its events.
//!
//! An edition follows from the log alone: whatever else an advisory shows (the record's description, the rating, the names of binary
//! packages, the promised date) is written into the log first ([`Chronicle::pending`]), so that a change of it is a revision with a
//! time of its own, and two publications of the same log are alike to the byte.
//!
//! So are the words that were published: from a statement in the log on, the revisions up to it and what the advisory said are those of the
//! statement, whatever this version of the program would say of the same events.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::records::Rating;
use seaworthy_intelligence::{Cve, Knowledge};
use seaworthy_ledger::{Event, Publication};
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, CaseStep, IllegalStep, Stage};
use seaworthy_model::subject::{self, AdvisoryDescribed, AdvisoryNumbered, AdvisoryStated, Described, ImageReleased};
use seaworthy_model::{Cvss, CvssVersion, Day, Evr, ReleaseLine, Severity};
use seaworthy_publish::{Advisory, Delivery, Distribution, Edition, ImageNote, Place, Revision, Standing};
use seaworthy_triage::{Policy, deadlines};

/// The longest description of a record that is passed on, in bytes.
const LONGEST: usize = 8 << 10;

/// The advisories of a release line, folded from its log as far as it is public.
#[derive(Default)]
pub struct Chronicle {
    line: ReleaseLine,
    threads: BTreeMap<CaseKey, Thread>,
    images: Vec<ImageNote>,
    publication: Option<(Timestamp, Publication)>,
    /// The snapshots that each channel ever was.
    snapshots: BTreeMap<String, BTreeSet<String>>,
    /// The last number of each year.
    numbers: BTreeMap<i16, u32>,
}

/// A case, and what the world saw of it.
#[derive(Clone)]
struct Thread {
    case: Case,
    id: Option<String>,
    described: Option<Described>,
    /// The public view; `None` before there is one.
    view: Option<View>,
    revisions: Vec<(Timestamp, String)>,
    /// The number of revisions that were published, and stay as they are.
    published: usize,
    /// The view that was published last.
    stated: Option<subject::View>,
    /// It is under embargo: what happens is not public before it ends.
    sealed: bool,
}

/// The part of an advisory that changes with the case.
#[derive(Clone, PartialEq)]
struct View {
    standing: Standing,
    statement: String,
    /// The fix is in the specs and nowhere else.
    ready: bool,
    version: Option<Evr>,
    severity: Option<Severity>,
    exploited_since: Option<Day>,
    deliveries: Vec<Delivery>,
}

impl Chronicle {
    /// The empty log of a release line.
    #[must_use]
    pub fn new(line: &ReleaseLine) -> Self {
        Self { line: line.clone(), ..Self::default() }
    }

    /// Takes the next event, in the order of the log. Events of other lines, and of parts of split cases, are passed over: a part is
    /// told of by its whole. Give it no event of a case that is under embargo still.
    ///
    /// # Errors
    /// When an event does not fit its case, which is a damaged log.
    pub fn apply(&mut self, at: Timestamp, event: &Event) -> Result<(), IllegalStep> {
        match event {
            Event::Case(CaseStep { key, event }) if self.tells(key) => match self.threads.get_mut(key) {
                Some(thread) => thread.step(at, event),
                None => {
                    let mut thread = Thread::new(Case::open(key, at, event)?);
                    thread.review(at);
                    self.threads.insert(key.clone(), thread);
                    Ok(())
                }
            },
            Event::AdvisoryNumbered(AdvisoryNumbered { key, id }) if self.tells(key) => {
                if let Some((year, number)) = number_of(id) {
                    let last = self.numbers.entry(year).or_default();
                    *last = number.max(*last);
                }
                if let Some(thread) = self.threads.get_mut(key) {
                    thread.id = Some(id.clone());
                }
                Ok(())
            }
            Event::AdvisoryDescribed(AdvisoryDescribed { key, described }) if self.tells(key) => {
                if let Some(thread) = self.threads.get_mut(key) {
                    thread.describe(at, described);
                }
                Ok(())
            }
            Event::AdvisoryStated(stated) if self.tells(&stated.key) => {
                if let Some((year, number)) = stated.id.as_deref().and_then(number_of) {
                    let last = self.numbers.entry(year).or_default();
                    *last = number.max(*last);
                }
                if let Some(thread) = self.threads.get_mut(&stated.key) {
                    thread.state(stated);
                }
                Ok(())
            }
            Event::ImageReleased(ImageReleased { image, sku, built, packages, counts }) => {
                // The same image may be told of twice, by a replay that was begun anew.
                if self.images.iter().all(|i| i.version != *image || i.sku != *sku) {
                    let note =
                        ImageNote { version: image.clone(), sku: sku.clone(), built: *built, packages: *packages, counts: counts.clone() };
                    self.images.push(note);
                }
                Ok(())
            }
            Event::Publication(publication) if self.line == publication.line.as_str() => {
                for (channel, snapshot) in &publication.channels {
                    self.snapshots.entry(channel.clone()).or_default().insert(snapshot.clone());
                }
                self.publication = Some((at, publication.clone()));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Brings it up to a time: embargoes that have run out by then are over.
    pub fn settle(&mut self, now: Timestamp) {
        for thread in self.threads.values_mut().filter(|t| t.sealed) {
            if let Some(until) = thread.case.embargo.as_ref().map(|e| e.until).filter(|until| *until <= now) {
                thread.unseal(until);
            }
        }
    }

    fn tells(&self, key: &CaseKey) -> bool {
        key.line == self.line && key.part.is_empty()
    }

    /// The last publication, and when it was made.
    #[must_use]
    pub fn publication(&self) -> Option<&(Timestamp, Publication)> {
        self.publication.as_ref()
    }

    /// The snapshots that a channel ever was, the oldest first.
    #[must_use]
    pub fn snapshots(&self, channel: &str) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.snapshots.get(channel).unwrap_or(&NONE)
    }

    /// The public cases, with all but their evidence.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.threads.values().map(|t| &t.case)
    }

    /// Whether a case is public, or may be one day.
    #[must_use]
    pub fn knows(&self, key: &CaseKey) -> bool {
        self.threads.contains_key(key)
    }

    /// The id of a case's advisory, where it has one.
    #[must_use]
    pub fn id(&self, key: &CaseKey) -> Option<&str> {
        self.threads.get(key).and_then(|t| t.id.as_deref())
    }

    /// The events that the log needs before an edition can be made: ids for cases that have none, in the order in which the
    /// cases became known, and what the advisories show beside their case, where it changed. `binaries` names the binary packages of
    /// each source package. A second call, after these events were taken, gives none.
    #[must_use]
    pub fn pending(
        &self,
        knowledge: Option<&Knowledge>,
        binaries: &BTreeMap<String, Vec<String>>,
        policy: &Policy,
        prefix: &str,
        now: Timestamp,
    ) -> Vec<Event> {
        let mut fresh: Vec<(&Timestamp, &CaseKey)> = self
            .threads
            .iter()
            .filter(|(_, t)| t.id.is_none() && t.is_public())
            .filter_map(|(k, t)| Some((&t.revisions.first()?.0, k)))
            .collect();
        fresh.sort();
        let mut numbers = self.numbers.clone();
        let mut ids = BTreeMap::new();
        for (at, key) in fresh {
            let year = jiff::tz::Offset::UTC.to_datetime(*at).year();
            let number = numbers.entry(year).or_default();
            *number += 1;
            ids.insert(key, format!("{prefix}-{year}-{number:04}"));
        }
        let public = self.threads.iter().filter(|(_, t)| t.is_public());
        public
            .filter_map(|(key, thread)| {
                let described = thread.describe_by(knowledge, binaries, policy, now);
                Some(Event::from(thread.statement(now, described, ids.remove(key))?))
            })
            .collect()
    }

    /// The edition: every advisory that has an id.
    #[must_use]
    pub fn edition(&self, distribution: &Distribution) -> Edition {
        let mut images = self.images.clone();
        images.sort_by(|a, b| (a.built, &a.sku, &a.version).cmp(&(b.built, &b.sku, &b.version)));
        edition(distribution, self.threads.values().filter_map(Thread::advisory).collect(), images)
    }

    /// The edition of everything that can be told as the cases are now, for an exchange: what was not published yet has no id, and shows
    /// nothing beside its case. With `embargoed` it tells of cases under embargo as if that were over.
    #[must_use]
    pub fn exchange(&self, distribution: &Distribution, embargoed: bool) -> Edition {
        let told = self.threads.values().filter(|t| embargoed || !t.sealed);
        edition(distribution, told.filter_map(Thread::as_it_stands).collect(), Vec::new())
    }
}

/// Advisories in their order, those without an id first, at the time of the newest thing in them.
fn edition(distribution: &Distribution, mut advisories: Vec<Advisory>, images: Vec<ImageNote>) -> Edition {
    advisories.sort_by(|a, b| (a.order(), &a.id, a.cve, &a.package).cmp(&(b.order(), &b.id, b.cve, &b.package)));
    let revised = advisories.iter().map(Advisory::updated).max();
    let at = revised.into_iter().chain(images.last().map(|i| i.built)).max().unwrap_or(Timestamp::UNIX_EPOCH);
    Edition { distribution: distribution.clone(), at, advisories, images }
}

/// Year and number of `PREFIX-YEAR-NUMBER`.
fn number_of(id: &str) -> Option<(i16, u32)> {
    let mut parts = id.rsplit('-');
    let number = parts.next()?.parse().ok()?;
    Some((parts.next()?.parse().ok()?, number))
}

impl Thread {
    fn new(mut case: Case) -> Self {
        case.facts.evidence = Vec::new();
        Self { case, id: None, described: None, view: None, revisions: Vec::new(), published: 0, stated: None, sealed: false }
    }

    fn step(&mut self, at: Timestamp, event: &CaseEvent) -> Result<(), IllegalStep> {
        // An embargo that ran out was lifted at its end, not at the next event.
        if let Some(embargo) = self.case.embargo.as_ref().filter(|e| self.sealed && e.until <= at) {
            let until = embargo.until;
            self.unseal(until);
        }
        self.case.apply(at, event)?;
        self.case.facts.evidence = Vec::new();
        match event {
            CaseEvent::Embargoed(embargo) if embargo.until > at => {
                self.sealed = true;
                // What was told before an embargo began stays told; without an id nothing was.
                if self.id.is_none() {
                    (self.view, self.revisions) = (None, Vec::new());
                }
            }
            CaseEvent::Disclosed => self.unseal(at),
            _ => {}
        }
        let recalled = match event {
            CaseEvent::Recalled { because, .. } => Some((because.trim(), self.view.clone())),
            _ => None,
        };
        self.review(at);
        if let Some((because, before)) = recalled
            && let Some((_, text)) = self.revisions.last_mut().filter(|_| self.view != before)
            && !because.is_empty()
        {
            text.push_str(&format!(" Taken back because: {}.", because.trim_end_matches('.')));
        }
        Ok(())
    }

    /// The end of its embargo: the events of the meantime become public in one step.
    fn unseal(&mut self, at: Timestamp) {
        self.sealed = false;
        self.review(at);
    }

    /// Reviews the public view of the case; one that differs from the view before is a revision.
    fn review(&mut self, at: Timestamp) {
        if self.sealed {
            return;
        }
        let Some(view) = view_of(&self.case, self.view.is_some()) else { return };
        let summary = match &self.view {
            None => format!("First published: {}.", words(&view.standing)),
            Some(before) if *before == view => return,
            Some(before) => changes(before, &view),
        };
        self.view = Some(view);
        self.revise(at, summary);
    }

    fn revise(&mut self, at: Timestamp, summary: String) {
        // Several events of one moment are one change.
        let (first, count) = (self.revisions.len() == 1, self.revisions.len());
        match self.revisions.last_mut() {
            // What was published stays as it is, and times do not fall.
            Some((last, _)) if *last >= at && count <= self.published => {
                let at = *last;
                self.revisions.push((at, summary));
            }
            Some((last, text)) if *last >= at && first => {
                if let Some(view) = &self.view {
                    *text = format!("First published: {}.", words(&view.standing));
                }
            }
            Some((last, text)) if *last >= at => *text = format!("{text} {summary}"),
            _ => self.revisions.push((at, summary)),
        }
    }

    /// What has to be written into the log before it is published; `None` where it was published as it is.
    fn statement(&self, now: Timestamp, described: Described, id: Option<String>) -> Option<AdvisoryStated> {
        let view = self.view.as_ref()?;
        let changed = self.described.as_ref() != Some(&described);
        if id.is_none() && !changed && self.revisions.len() == self.published {
            return None;
        }
        let mut next = self.clone();
        next.describe(now, &described);
        let numbered = (1..).zip(next.revisions).skip(self.published);
        Some(AdvisoryStated {
            key: self.case.key.clone(),
            id,
            described: changed.then_some(described),
            view: view.stated(),
            revisions: numbered.map(|(number, (at, summary))| Revision { number, at, summary }).collect(),
        })
    }

    /// Takes what was published.
    fn state(&mut self, stated: &AdvisoryStated) {
        if let Some(id) = &stated.id {
            self.id = Some(id.clone());
        }
        if let Some(described) = &stated.described {
            self.described = Some(described.clone());
        }
        if let Some(first) = stated.revisions.first() {
            self.revisions.truncate((first.number as usize).saturating_sub(1));
        }
        self.revisions.extend(stated.revisions.iter().map(|r| (r.at, r.summary.clone())));
        self.published = self.revisions.len();
        self.stated = Some(stated.view.clone());
    }

    fn describe(&mut self, at: Timestamp, described: &Described) {
        if let Some(before) = self.described.replace(described.clone()) {
            let mut what = Vec::new();
            if before.description != described.description {
                what.push("the record's description");
            }
            if before.score != described.score || before.weaknesses != described.weaknesses {
                what.push("the record's rating");
            }
            if before.binaries != described.binaries {
                what.push("the binary packages");
            }
            if before.due != described.due {
                what.push("the promised date");
            }
            self.revise(at, format!("Changed: {}.", what.join(", ")));
        }
    }

    /// Whether it is public. A suspicion is not, until somebody has decided.
    fn is_public(&self) -> bool {
        !self.sealed && self.view.is_some()
    }

    fn describe_by(
        &self,
        knowledge: Option<&Knowledge>,
        binaries: &BTreeMap<String, Vec<String>>,
        policy: &Policy,
        now: Timestamp,
    ) -> Described {
        let delivered = self.view.as_ref().is_some_and(|v| matches!(v.standing, Standing::Fixed { .. }));
        let promised = deadlines(&self.case, policy, now).into_iter().filter(|d| d.done.is_none());
        let promised = promised.filter(|d| matches!(d.stage, Stage::Published | Stage::Imaged)).map(|d| d.due).min();
        let mut out = Described {
            binaries: binaries.get(self.case.key.package.as_str()).cloned().unwrap_or_default(),
            due: promised.filter(|_| !delivered && self.view.as_ref().is_some_and(|v| v.standing == Standing::Affected)),
            ..Described::default()
        };
        // What was known once stays known, where it cannot be looked up.
        let Some(knowledge) = knowledge else {
            let before = self.described.clone().unwrap_or_default();
            return Described { binaries: if binaries.is_empty() { before.binaries } else { out.binaries }, due: out.due, ..before };
        };
        if binaries.is_empty() {
            out.binaries = self.described.as_ref().map(|d| d.binaries.clone()).unwrap_or_default();
        }
        let Some(cve) = knowledge.find(self.case.key.cve) else { return out };
        let ratings = ratings(knowledge, cve);
        for (_, view) in knowledge.views(cve) {
            if out.description.is_empty() {
                out.description = cut(view.description).to_owned();
            }
            for weakness in &view.weaknesses {
                if !out.weaknesses.iter().any(|w| w == weakness) {
                    out.weaknesses.push((*weakness).to_owned());
                }
            }
        }
        // Version 3 is what every format can carry.
        let third: Vec<Cvss> =
            ratings.iter().filter(|r| matches!(r.version, CvssVersion::V30 | CvssVersion::V31) && !r.vector.is_empty()).cloned().collect();
        out.score = Cvss::preferred(&third).or_else(|| Cvss::preferred(&ratings)).cloned();
        out.weaknesses.sort();
        out
    }

    /// The advisory that is published.
    fn advisory(&self) -> Option<Advisory> {
        if self.sealed { None } else { self.advisory_as(self.id.clone()?) }
    }

    /// The advisory of the case as it is now, also where that is known to few.
    fn as_it_stands(&self) -> Option<Advisory> {
        if !self.sealed {
            return self.advisory_as(self.id.clone().unwrap_or_default());
        }
        let mut open = self.clone();
        open.unseal(open.case.changed);
        open.as_it_stands()
    }

    /// The advisory of its public view, under an id; `None` where nothing of it is public.
    fn advisory_as(&self, id: String) -> Option<Advisory> {
        let view = self.view.as_ref()?;
        // Until something is revised it says what it said.
        let unchanged = self.stated.as_ref().filter(|_| self.revisions.len() == self.published);
        let view = unchanged.cloned().unwrap_or_else(|| view.stated());
        let described = self.described.clone().unwrap_or_default();
        let numbered = (1..).zip(&self.revisions);
        Some(Advisory {
            id,
            cve: self.case.key.cve,
            package: self.case.key.package.to_string(),
            binaries: described.binaries,
            version: view.version,
            standing: view.standing,
            statement: view.statement,
            severity: view.severity,
            score: described.score,
            description: described.description,
            weaknesses: described.weaknesses,
            exploited_since: view.exploited_since.map(|day| day.to_string()),
            deliveries: view.deliveries,
            due: described.due,
            revisions: numbered.map(|(number, (at, summary))| Revision { number, at: *at, summary: summary.clone() }).collect(),
        })
    }
}

impl View {
    fn stated(&self) -> subject::View {
        let Self { standing, statement, ready: _, version, severity, exploited_since, deliveries } = self.clone();
        subject::View { standing, statement, version, severity, exploited_since, deliveries }
    }
}

/// Every rating of a record.
pub(crate) fn ratings(knowledge: &Knowledge, cve: Cve) -> Vec<Cvss> {
    let rating = |r: &Rating<'_>| Cvss { version: r.version, rater: r.rater, score: r.score, vector: r.vector.to_owned() };
    knowledge.views(cve).flat_map(|(_, view)| view.ratings.iter().map(rating).collect::<Vec<_>>()).collect()
}

/// The public view of a case; `None` while there is none. `known` says that there was one before.
fn view_of(case: &Case, known: bool) -> Option<View> {
    let decided = case.decision.as_ref().map(|d| d.statement.trim().to_owned()).unwrap_or_default();
    let mut statement = decided;
    let mut deliveries = Vec::new();
    let mut ready = false;
    let standing = match case.state {
        // A suspicion, or a record that went away before anybody heard of it, is no news.
        CaseState::UnderInvestigation | CaseState::Withdrawn if !known => return None,
        CaseState::UnderInvestigation => Standing::UnderInvestigation,
        CaseState::Withdrawn => Standing::Withdrawn,
        CaseState::Affected => Standing::Affected,
        CaseState::Deferred => Standing::Deferred { until: case.expires() },
        CaseState::WillNotFix => Standing::WillNotFix,
        CaseState::NotAffected => Standing::NotAffected { justification: case.decision.as_ref().and_then(|d| d.justification) },
        CaseState::Fixed => {
            let delivered = |d: &seaworthy_model::case::Delivered, place| Some(Delivery { at: d.at, version: d.version.clone()?, place });
            deliveries.extend(case.published.as_ref().and_then(|d| delivered(d, Place::Repository(d.place.clone()))));
            deliveries.extend(case.imaged.as_ref().and_then(|d| delivered(d, Place::Image(d.place.clone()))));
            deliveries.sort_by(|a, b| (a.at, &a.place).cmp(&(b.at, &b.place)));
            let version = case.fixed.as_ref().and_then(|d| d.version.as_ref());
            match version.filter(|version| version.is_plain()) {
                // To the world a fix is there when machines can get it.
                Some(version) if !deliveries.is_empty() => Standing::Fixed { version: version.clone() },
                _ => {
                    ready = true;
                    statement = match version {
                        Some(version) => format!("A fix is ready in {version}, and not delivered yet."),
                        None => "A fix is ready, and not delivered yet.".to_owned(),
                    };
                    deliveries.clear();
                    Standing::Affected
                }
            }
        }
    };
    Some(View {
        standing,
        statement,
        ready,
        version: case.facts.version.clone(),
        severity: case.severity(),
        exploited_since: case.facts.exploited_since,
        deliveries,
    })
}

fn words(standing: &Standing) -> String {
    match standing {
        Standing::UnderInvestigation => "under investigation".into(),
        Standing::Affected => "affected".into(),
        Standing::Deferred { until: Some(until) } => format!("affected, the fix is put off until {until}"),
        Standing::Deferred { until: None } => "affected, the fix is put off".into(),
        Standing::WillNotFix => "affected, and will not be fixed".into(),
        Standing::NotAffected { .. } => "not affected".into(),
        Standing::Fixed { version } => format!("fixed in {version}"),
        Standing::Withdrawn => "withdrawn, since the record was rejected".into(),
    }
}

/// The differences between two views, in sentences.
fn changes(before: &View, now: &View) -> String {
    let mut out = Vec::new();
    if before.standing != now.standing {
        out.push(format!("Now {}.", words(&now.standing)));
    }
    for delivery in now.deliveries.iter().filter(|d| !before.deliveries.contains(d)) {
        out.push(match &delivery.place {
            Place::Repository(channel) => format!("{} is in the repository ({channel}).", delivery.version),
            Place::Image(image) => format!("Image {image} carries {}.", delivery.version),
        });
    }
    for delivery in before.deliveries.iter().filter(|d| !now.deliveries.iter().any(|n| n.place == d.place)) {
        out.push(format!("{} was taken back.", delivery.version));
    }
    if before.severity != now.severity {
        let word = |s: Option<Severity>| s.map_or("unrated", Severity::as_str);
        out.push(format!("Severity {} became {}.", word(before.severity), word(now.severity)));
    }
    if let (None, Some(day)) = (&before.exploited_since, &now.exploited_since) {
        out.push(format!("Known to be exploited since {day}."));
    }
    if before.standing == now.standing && before.statement != now.statement && now.ready {
        out.push(now.statement.clone());
    }
    if let Some(version) = now.version.as_ref().filter(|version| before.version.as_ref() != Some(version)) {
        out.push(format!("Looked at in version {version}."));
    }
    if out.is_empty() {
        out.push("What it means here is told in other words.".into());
    }
    out.join(" ")
}

/// At most so much of a text, cut between characters.
fn cut(text: &str) -> &str {
    let text = text.trim();
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
