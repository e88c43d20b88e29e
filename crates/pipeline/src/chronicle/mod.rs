//! The public content of a release line's log: the advisories with their revisions, as a fold over its events.
//!
//! An edition follows from the log alone: the other parts of an advisory (the record's description, references and rating, the names of
//! binary packages, the promised date) are written into the log first ([`Chronicle::pending`]), so that a change of them is a revision with
//! its own time, and two publications of the same log are equal byte for byte.
//!
//! Published words stay as well: after a statement in the log, the advisory has the revisions and the text of the statement, even where
//! this version of the program would write other words for the same events.

mod described;
mod thread;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_intelligence::{IntelligenceError, Knowledge};
use seaworthy_ledger::{Event, Publication};
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseKey, CaseState, CaseStep, IllegalStep};
use seaworthy_model::subject::{AdvisoryDescribed, AdvisoryNumbered, ImageReleased};
use seaworthy_publish::{Advisory, Distribution, Edition, ImageNote};
use seaworthy_triage::Policy;

pub(crate) use self::described::ratings;
use self::thread::Thread;

/// The advisories of a release line, folded from the public events of its log.
#[derive(Default)]
pub struct Chronicle {
    line: ReleaseLine,
    threads: BTreeMap<CaseKey, Thread>,
    images: Vec<ImageNote>,
    publication: Option<(Timestamp, Publication)>,
    /// The snapshots that each channel has ever pointed to.
    snapshots: BTreeMap<String, BTreeSet<String>>,
    /// The last number of an advisory in each year.
    numbers: BTreeMap<i16, u32>,
}
impl Chronicle {
    /// A chronicle of a release line without events.
    #[must_use]
    pub fn new(line: &ReleaseLine) -> Self {
        Self { line: line.clone(), ..Self::default() }
    }

    /// Applies the next event, in the order of the log. Events of other lines, and of parts of split cases, are passed over: the whole case
    /// has the advisory. The caller leaves out events of cases that are still under embargo.
    ///
    /// # Errors
    /// When an event does not fit its case: the log is damaged.
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
                    thread.review(at);
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

    /// Ends the embargoes that have run out by a time.
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

    /// The last publication and its time; `None` before the first.
    #[must_use]
    pub fn publication(&self) -> Option<&(Timestamp, Publication)> {
        self.publication.as_ref()
    }

    /// The snapshots that a channel has ever pointed to, the oldest first.
    #[must_use]
    pub fn snapshots(&self, channel: &str) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.snapshots.get(channel).unwrap_or(&NONE)
    }

    /// The cases of the line that were folded, also those without an advisory, without their evidence.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.threads.values().map(|t| &t.case).filter(|case| case.state != CaseState::Unopened)
    }

    /// Whether the case was folded: it has an advisory, or may get one.
    #[must_use]
    pub fn knows(&self, key: &CaseKey) -> bool {
        self.threads.contains_key(key)
    }

    /// The id of the case's advisory; `None` where it has none yet.
    #[must_use]
    pub fn id(&self, key: &CaseKey) -> Option<&str> {
        self.threads.get(key).and_then(|t| t.id.as_deref())
    }

    /// The events that have to be in the log before an edition can be made: ids for cases that have none, in the order in which the cases
    /// became public, and the other parts of the advisories where they changed. `binaries` has the names of the binary packages of each
    /// source package; `promised` is the policy whose deadlines readers are promised. A second call, after these events were applied, gives
    /// none.
    ///
    /// # Errors
    /// When the texts of the index cannot be read.
    pub fn pending(
        &self,
        knowledge: Option<&Knowledge>,
        binaries: &BTreeMap<String, Vec<String>>,
        promised: &Policy,
        prefix: &str,
        now: Timestamp,
    ) -> Result<Vec<Event>, IntelligenceError> {
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
        let public: Vec<_> = self.threads.iter().filter(|(_, t)| t.is_public()).collect();
        let pending = |(key, thread): (&CaseKey, &Thread)| {
            let described = thread.describe_by(knowledge, binaries, promised, now)?;
            Ok(thread.statement(now, described, ids.get(key).cloned()).map(Event::from))
        };
        // The texts of a record are unpacked and cleaned for each.
        let pending: Vec<Option<Event>> = public.into_par_iter().map(pending).collect::<Result<_, IntelligenceError>>()?;
        Ok(pending.into_iter().flatten().collect())
    }

    /// The edition of all public advisories that have an id.
    #[must_use]
    pub fn edition(&self, distribution: &Distribution) -> Edition {
        let mut images = self.images.clone();
        images.sort_by(|a, b| (a.built, &a.sku, &a.version).cmp(&(b.built, &b.sku, &b.version)));
        edition(distribution, self.threads.values().filter_map(Thread::advisory).collect(), images)
    }

    /// The edition of the cases as they are now, for an exchange. An advisory that was not published yet has no id, and no parts but those
    /// of its case. With `embargoed`, cases under embargo are in it as if the embargo were over.
    #[must_use]
    pub fn exchange(&self, distribution: &Distribution, embargoed: bool) -> Edition {
        let told = self.threads.values().filter(|t| embargoed || !t.sealed);
        edition(distribution, told.filter_map(Thread::as_it_stands).collect(), Vec::new())
    }
}

/// The edition of some advisories in order, those without an id first. Its time is that of the newest revision or image.
fn edition(distribution: &Distribution, mut advisories: Vec<Advisory>, images: Vec<ImageNote>) -> Edition {
    advisories.sort_by(|a, b| (a.order(), &a.id, a.cve, &a.package).cmp(&(b.order(), &b.id, b.cve, &b.package)));
    let revised = advisories.iter().map(Advisory::updated).max();
    let at = revised.into_iter().chain(images.last().map(|i| i.built)).max().unwrap_or(Timestamp::UNIX_EPOCH);
    Edition { distribution: distribution.clone(), at, advisories, images }
}

/// The year and the number in an id `PREFIX-YEAR-NUMBER`.
fn number_of(id: &str) -> Option<(i16, u32)> {
    let mut parts = id.rsplit('-');
    let number = parts.next()?.parse().ok()?;
    Some((parts.next()?.parse().ok()?, number))
}
