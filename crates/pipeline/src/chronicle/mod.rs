//! What the log of a release line says to the world: the advisories with their revisions, as a fold over its events.
//!
//! An edition follows from the log alone: whatever else an advisory shows (the record's description, the rating, the names of binary
//! packages, the promised date) is written into the log first ([`Chronicle::pending`]), so that a change of it is a revision with a
//! time of its own, and two publications of the same log are alike to the byte.
//!
//! So are the words that were published: from a statement in the log on, the revisions up to it and what the advisory said are those of the
//! statement, whatever this version of the program would say of the same events.

mod described;
mod thread;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_ledger::{Event, Publication};
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseKey, CaseStep, IllegalStep};
use seaworthy_model::subject::{AdvisoryDescribed, AdvisoryNumbered, ImageReleased};
use seaworthy_publish::{Advisory, Distribution, Edition, ImageNote};
use seaworthy_triage::Policy;

pub(crate) use self::described::ratings;
use self::thread::Thread;

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
