//! Use case: what was decided is undone as one step, batch by batch.
//!
//! A batch is what was written together: a person's decision, a decision in bulk, a cycle. Each of its cases gets an event that holds the
//! case as it was before, so that what follows from the log follows from its events alone. What was told to others cannot be undone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::Timestamp;
use seaworthy_ledger::{Draft, Entries, Entry, Event, Ledger, Query, Sight};
use seaworthy_matching::formats::plural;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState};
use seaworthy_model::subject::{Shipped, Undone, edition};
use seaworthy_model::text::shown;
use serde::Serialize;

use super::{Desk, DeskError, HomeError};
use crate::home::irreversible::Irreversible;
use crate::home::read_at;

/// The number of batches that are looked through at once.
const PAGE: u64 = 50;

/// A batch of events that changed cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseBatch {
    /// The number of the first event, which is that of the batch.
    pub batch: u64,
    /// The number of the last event.
    pub last: u64,
    /// The time of the latest event that changed a case: those of history happened earlier than they were written.
    pub at: Timestamp,
    /// The actor of the first event that changed a case.
    pub actor: String,
    /// The reason, where all of these events have the same; `None` where nobody gave one.
    pub why: Option<String>,
    /// The number of cases that it changed.
    pub cases: usize,
    /// The number of events by their words, as [`CaseEvent::as_str`] has them; `inventory` where a cycle had another inventory than the one
    /// before it, and changed no case.
    pub events: BTreeMap<&'static str, usize>,
    /// Whether it was undone.
    pub undone: bool,
    /// The reason why it cannot be undone whatever followed it; `None` where there is none.
    pub irreversible: Option<Irreversible>,
}

/// The latest batches that changed cases, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseBatches {
    /// The batches.
    pub batches: Vec<CaseBatch>,
}

/// A case that is given back its former value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The case.
    pub key: CaseKey,
    /// The state that it has.
    pub from: CaseState,
    /// The state that it had before the batch: `unopened` where the batch opened it.
    pub to: CaseState,
    /// Whether it is under embargo, and is not after the undoing: the next publication tells of it.
    pub disclosed: bool,
}

/// The undoing of a batch, before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Undoing {
    /// The batch.
    pub batch: CaseBatch,
    /// The cases, by their keys.
    pub cases: Vec<Restored>,
    events: Vec<Event>,
    head: u64,
}

/// The undoing of a batch, as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct UndoingDocument<'a> {
    undone: bool,
    batch: &'a CaseBatch,
    cases: &'a [Restored],
}

impl CaseBatch {
    /// The events by their words, such as `6805 left, 3 opened`.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.events.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }
}

impl Undoing {
    /// The undoing in one line; `undone` says whether it was written.
    #[must_use]
    pub fn in_words(&self, undone: bool) -> String {
        let Self { batch, cases, .. } = self;
        let verb = match cases.len() {
            _ if !undone => "would be",
            1 => "is",
            _ => "are",
        };
        let (cases, events, actor) = (plural(cases.len(), "case", "cases"), batch.in_words(), shown(&batch.actor));
        format!("{cases} {verb} as before batch {}, {events} by {actor} at {}", batch.batch, batch.at)
    }

    /// The undoing as a document for programs; `undone` says whether it was written.
    #[must_use]
    pub fn document(&self, undone: bool) -> UndoingDocument<'_> {
        UndoingDocument { undone, batch: &self.batch, cases: &self.cases }
    }
}

impl std::fmt::Display for Restored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to {
            CaseState::Unopened => write!(f, "{}: is taken away", self.key)?,
            to => write!(f, "{}: {} becomes {to} again", self.key, self.from)?,
        }
        f.write_str(if self.disclosed { ", and its embargo ends" } else { "" })
    }
}

impl Desk<'_> {
    /// The latest batches that changed cases, at most `limit` of them. Cases under embargo count only for a caller with the right to them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn batches(&self, limit: usize, embargoed: bool) -> Result<CaseBatches, HomeError> {
        let undone = undone(&self.ledger)?;
        let sight = self.home.sight(embargoed);
        let mut batches = Vec::new();
        let mut before = self.ledger.head()?.seq + 1;
        loop {
            let page = self.ledger.batches(before, PAGE)?;
            let Some(oldest) = page.last() else { break };
            before = *oldest.start();
            for events in page {
                if batches.len() >= limit {
                    return Ok(CaseBatches { batches });
                }
                batches.extend(summary(&events, &entries(&self.ledger, &events, sight)?, &undone));
            }
        }
        Ok(CaseBatches { batches })
    }

    /// The undoing of the batch that an event belongs to. Nothing is written.
    ///
    /// # Errors
    /// When there is no such batch, the caller may not see all of its cases, a part of it was told to others, it was undone already, or a
    /// later event changed one of its cases.
    pub fn undoing(&self, event: u64, embargoed: bool) -> Result<Undoing, HomeError> {
        let head = self.ledger.head()?.seq;
        let none = || DeskError::NoBatch { event };
        let events = self.ledger.batch(event)?.ok_or_else(none)?;
        let (first, last) = (*events.start(), *events.end());
        let all = entries(&self.ledger, &events, Sight::All)?;
        let visible = entries(&self.ledger, &events, self.home.sight(embargoed))?;
        let batch = summary(&events, &visible, &undone(&self.ledger)?).ok_or_else(none)?;
        if visible.len() < all.len() {
            return Err(DeskError::BatchEmbargoed { batch: first }.into());
        }
        if batch.undone {
            return Err(DeskError::UndoneAlready { batch: first }.into());
        }
        if let Some((seq, kind)) = irreversible(&all) {
            return Err(DeskError::Irreversible { batch: first, seq, kind }.into());
        }
        let keys: BTreeSet<CaseKey> = all.iter().filter_map(|entry| case_of(entry).map(|(key, _)| key.clone())).collect();
        let histories = self.ledger.histories(&keys)?;
        let at = self.home.now();
        let mut later = Vec::new();
        let mut cases = Vec::with_capacity(keys.len());
        let mut steps = Vec::with_capacity(keys.len());
        let mut parts = None;
        let mut taken_back = BTreeSet::new();
        let mut all_disclosed = BTreeSet::new();
        for (key, history) in &histories {
            if let Some(seq) = changed_after(history, last) {
                later.push((key.clone(), seq));
                continue;
            }
            let now = folded(key, history.iter())?;
            if now.as_ref().is_none_or(|case| case.is_disclosed(at)) {
                all_disclosed.insert(key.clone());
            }
            let before = restored(key, history, &events)?;
            let was_disclosed = now.as_ref().is_none_or(|case| case.is_disclosed(at));
            let is_disclosed = before.as_ref().is_none_or(|case| case.is_disclosed(at));
            let state = |case: &Option<Case>| case.as_ref().map_or(CaseState::Unopened, |case| case.state);
            cases.push(Restored {
                key: key.clone(),
                from: state(&now),
                to: state(&before),
                disclosed: before.is_some() && is_disclosed && !was_disclosed,
            });
            if takes_back(now.as_ref(), before.as_ref()) || was_disclosed && !is_disclosed {
                taken_back.insert(key);
            }
            // A case that was split is not taken away from its parts.
            if before.is_none() && key.part.is_empty() {
                // To find parts costs a look at every case.
                if parts.is_none() {
                    parts = Some(self.parts(&keys)?);
                }
                let next = parts.iter().flat_map(|parts| parts.range(key..)).next();
                if let Some((_, seq)) = next.filter(|(part, _)| part.is_part_of(key)) {
                    later.push((key.clone(), *seq));
                    continue;
                }
            }
            let before = before.map(Box::new);
            steps.push(Event::case(key.clone(), CaseEvent::Undone { first, last, before }));
        }
        if let Some((key, seq)) = later.first() {
            return Err(DeskError::ChangedSince { batch: first, key: key.clone().into(), seq: *seq, cases: later.len() }.into());
        }
        let published = self.published_since(first, &taken_back)?;
        if let Some(key) = published.first() {
            return Err(DeskError::Published { batch: first, key: key.clone().into(), cases: published.len() }.into());
        }
        // This event is filed under no case, so that no embargo hides it.
        let shown = histories.keys().filter(|key| all_disclosed.contains(*key)).count() as u64;
        let mut events = vec![Event::from(Undone { first, last, cases: shown })];
        events.extend(steps);
        Ok(Undoing { batch, cases, events, head })
    }

    /// The undoing of the last batch of the person at the desk, but for undoings, what they undid, and batches that are irreversible, such
    /// as publications; `None` where there is none. Nothing is written.
    ///
    /// # Errors
    /// When nobody is named, and as [`Desk::undoing`].
    pub fn undoing_of_last(&self, embargoed: bool) -> Result<Option<Undoing>, HomeError> {
        let undone = undone(&self.ledger)?;
        let last = Entries {
            kind: Some("case".into()),
            actor: Some(self.person()?.to_owned()),
            newest_first: true,
            limit: Some(1),
            sight: self.home.sight(embargoed),
            ..Entries::default()
        };
        let mut before = None;
        while let Some(entry) = self.ledger.entries(&Entries { before, ..last.clone() })?.pop() {
            // What an earlier version wrote is in no batch, nor is anything before it.
            let Some(batch) = self.ledger.batch(entry.seq)? else { break };
            let is_undoing = case_of(&entry).is_some_and(|(_, event)| matches!(event, CaseEvent::Undone { .. }));
            let is_told = || entries(&self.ledger, &batch, Sight::All).map(|all| irreversible(&all).is_some());
            if !is_undoing && !undone.contains(&batch) && !is_told()? {
                return self.undoing(entry.seq, embargoed).map(Some);
            }
            before = Some(*batch.start());
        }
        Ok(None)
    }

    /// Undoes a batch, all of it or nothing.
    ///
    /// # Errors
    /// When one of its cases changed since the undoing was made, or nobody is named who undoes it.
    pub fn undo(&self, undoing: &Undoing, why: Option<&str>) -> Result<(), HomeError> {
        // The reason stands with the cases alone, where their embargoes hide it.
        let why = |event: &Event| why.filter(|_| matches!(event, Event::Case(_)));
        let draft = |event: &Event| self.home.decided(event.clone(), why(event));
        let drafts: Vec<Draft> = undoing.events.iter().map(draft).collect::<Result<_, _>>()?;
        let mut expect = read_at(undoing.head, &drafts);
        // Nor may a publication have told of them meanwhile.
        let lines: BTreeSet<&str> = undoing.cases.iter().map(|case| case.key.line.as_str()).collect();
        expect.extend(lines.into_iter().map(|line| (edition(line), undoing.head)));
        self.commit(expect, drafts)
    }

    /// The parts of cases that were split, but for those of a batch, each with the number of its last event.
    fn parts(&self, of_batch: &BTreeSet<CaseKey>) -> Result<BTreeMap<CaseKey, u64>, HomeError> {
        let mut parts = BTreeSet::new();
        self.ledger.each_case(&Query { sight: Sight::All, ..Query::default() }, |case| {
            if !case.key.part.is_empty() && !of_batch.contains(&case.key) {
                parts.insert(case.key);
            }
            Ok(())
        })?;
        let histories = self.ledger.histories(&parts)?;
        Ok(histories.into_iter().filter_map(|(key, history)| Some((key, history.iter().map(|entry| entry.seq).max()?))).collect())
    }

    /// Those of some cases of which something was published since an event.
    fn published_since(&self, first: u64, cases: &BTreeSet<&CaseKey>) -> Result<BTreeSet<CaseKey>, HomeError> {
        let mut out = BTreeSet::new();
        if cases.is_empty() {
            return Ok(out);
        }
        let choice = Entries { from: first, kind: Some("advisory_stated".into()), sight: Sight::All, ..Entries::default() };
        self.ledger.each_entry(&choice, |entry| {
            if let Event::AdvisoryStated(stated) = &entry.event
                && cases.contains(&stated.key)
            {
                out.insert(stated.key.clone());
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// Whether an undoing takes back what cannot be revised once it is published: that there is a case, or a delivery.
fn takes_back(now: Option<&Case>, before: Option<&Case>) -> bool {
    let deliveries = |case: &Case| (case.published.clone(), case.imaged.clone());
    match (now, before) {
        (_, None) => true,
        (Some(now), Some(before)) => deliveries(now) != deliveries(before),
        (None, Some(_)) => false,
    }
}

/// The batches that are undone, by the numbers of their events. An undoing that was undone itself counts no more.
fn undone(ledger: &Ledger) -> Result<Vec<RangeInclusive<u64>>, HomeError> {
    let mut out: Vec<RangeInclusive<u64>> = Vec::new();
    let choice = Entries { kind: Some("undone".into()), newest_first: true, sight: Sight::All, ..Entries::default() };
    ledger.each_entry(&choice, |entry| {
        if let Event::Undone(Undone { first, last, .. }) = entry.event
            && !out.iter().any(|batch| batch.contains(&entry.seq))
        {
            out.push(first..=last);
        }
        Ok(())
    })?;
    Ok(out)
}

/// The inventory that the last cycle of a release line judged which was not undone; `None` where there is none.
pub(in crate::home) fn last_shipped(ledger: &Ledger, line: &ReleaseLine) -> Result<Option<Shipped>, HomeError> {
    let Some((last, seq)) = ledger.subject::<Shipped>(line)? else { return Ok(None) };
    let undone = undone(ledger)?;
    let stands = |seq: u64| !undone.iter().any(|batch| batch.contains(&seq));
    if stands(seq) {
        return Ok(Some(last));
    }
    // One by one from the newest: an event has the names of thousands of packages.
    let one = Entries { kind: Some("shipped".into()), newest_first: true, limit: Some(1), sight: Sight::All, ..Entries::default() };
    let mut before = Some(seq);
    while let Some(Entry { seq, event, .. }) = ledger.entries(&Entries { before, ..one.clone() })?.pop() {
        before = Some(seq);
        if let Event::Shipped(shipped) = event
            && shipped.line == *line
            && stands(seq)
        {
            return Ok(Some(shipped));
        }
    }
    Ok(None)
}

fn entries(ledger: &Ledger, events: &RangeInclusive<u64>, sight: Sight) -> Result<Vec<Entry>, HomeError> {
    Ok(ledger.entries(&Entries { from: *events.start(), before: Some(events.end() + 1), sight, ..Entries::default() })?)
}

/// The first event of a batch that cannot be undone, by its number and kind; `None` where there is none.
fn irreversible(entries: &[Entry]) -> Option<(u64, Irreversible)> {
    entries.iter().find_map(|entry| Some((entry.seq, Irreversible::of(&entry.event)?)))
}

fn case_of(entry: &Entry) -> Option<(&CaseKey, &CaseEvent)> {
    match &entry.event {
        Event::Case(step) => Some((&step.key, &step.event)),
        _ => None,
    }
}

/// The summary of a batch; `None` where it changed neither a case nor the inventory of a line.
fn summary(events: &RangeInclusive<u64>, entries: &[Entry], undone: &[RangeInclusive<u64>]) -> Option<CaseBatch> {
    let changes = || entries.iter().filter(|entry| case_of(entry).is_some() || matches!(entry.event, Event::Shipped(_)));
    let first = changes().next()?;
    let mut words: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for (key, event) in entries.iter().filter_map(case_of) {
        *words.entry(event.as_str()).or_default() += 1;
        keys.insert(key);
    }
    // An inventory that was believed counts for the next cycle, also where it changed no case.
    if keys.is_empty() {
        words.insert("inventory", 1);
    }
    Some(CaseBatch {
        batch: *events.start(),
        last: *events.end(),
        at: changes().map(|entry| entry.at).fold(first.at, Timestamp::max),
        actor: first.actor.clone(),
        why: first.why.clone().filter(|_| changes().all(|entry| entry.why == first.why)),
        cases: keys.len(),
        events: words,
        undone: undone.contains(events),
        irreversible: irreversible(entries).map(|(_, kind)| kind),
    })
}

/// The number of the newest event behind a batch that still counts; `None` where there is none. What a document said decides nothing, and
/// stays where the batch is undone.
fn changed_after(history: &[Entry], last: u64) -> Option<u64> {
    let is_change = |entry: &&&Entry| case_of(entry).is_some_and(|(_, event)| !matches!(event, CaseEvent::Stated(_)));
    later(history, last).iter().find(is_change).map(|entry| entry.seq)
}

/// The events of a case behind a batch that still count, the newest first. What was undone counts no more, nor does the undoing.
fn later(history: &[Entry], last: u64) -> Vec<&Entry> {
    let mut undone: Vec<RangeInclusive<u64>> = Vec::new();
    let mut out = Vec::new();
    for entry in history.iter().rev().take_while(|entry| entry.seq > last) {
        if undone.iter().any(|batch| batch.contains(&entry.seq)) {
            continue;
        }
        match case_of(entry) {
            // What it undid lies behind the batch as well, or else it changed what the batch had made.
            Some((_, CaseEvent::Undone { first, last: end, .. })) if *first > last => undone.push(*first..=*end),
            _ => out.push(entry),
        }
    }
    out
}

/// The case before a batch, with what documents said behind it.
fn restored(key: &CaseKey, history: &[Entry], batch: &RangeInclusive<u64>) -> Result<Option<Case>, DeskError> {
    let before = folded(key, history.iter().take_while(|entry| entry.seq < *batch.start()))?;
    let Some(mut before) = before.filter(|case| case.state != CaseState::Unopened) else { return Ok(None) };
    let changed = before.changed;
    for (entry, event) in later(history, *batch.end()).iter().rev().filter_map(|entry| Some((entry, case_of(entry)?.1))) {
        if matches!(event, CaseEvent::Stated(_)) {
            before.apply(entry.at, event)?;
        }
    }
    before.changed = changed;
    Ok(Some(before))
}

/// The case after some of its events; `None` where there are none.
fn folded<'e>(key: &CaseKey, history: impl Iterator<Item = &'e Entry>) -> Result<Option<Case>, DeskError> {
    let mut case: Option<Case> = None;
    for entry in history {
        let Some((_, event)) = case_of(entry) else { continue };
        match &mut case {
            Some(case) => case.apply(entry.at, event)?,
            None => case = Some(Case::open(key, entry.at, event)?),
        }
    }
    Ok(case)
}
