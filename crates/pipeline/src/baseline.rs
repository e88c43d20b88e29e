//! The baseline of a release line: which of its fixes had been delivered when its first cycle ran.
//!
//! A team that begins has fixed vulnerabilities for years. Those fixes are history: each becomes a case that was fixed and published on the
//! day of its changelog entry, and neither waits for a delivery nor is told as a vulnerability that is still open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use seaworthy_inventory::Inventory;
use seaworthy_model::case::{CaseEvent, CaseKey};
use seaworthy_model::{CveId, Day, Evr, compare_evr};
use serde::Serialize;

use crate::delivery::Reachable;
use crate::timeline::start_of;

/// The source that says which packages had been delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum DeliveredBy {
    /// The source that the request named, in words.
    Named(String),
    /// The newest tag of the spec tree's git history.
    Tag(String),
    /// The packages at hand: nothing says which of them were delivered.
    Inventory,
}

impl fmt::Display for DeliveredBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(source) => f.write_str(source),
            Self::Tag(tag) => write!(f, "the tag {tag}"),
            Self::Inventory => f.write_str("the packages at hand"),
        }
    }
}

/// An event of a case with its time.
pub(crate) type Timed = (Timestamp, CaseKey, CaseEvent);

/// The packages that machines can get.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    /// The source that says so.
    pub(crate) by: DeliveredBy,
    /// The newest version of each source package.
    pub(crate) versions: Reachable,
}

/// The newest version of each source package of an inventory.
#[must_use]
pub(crate) fn newest(inventory: &Inventory) -> Reachable {
    let mut versions = Reachable::new();
    for package in &inventory.packages {
        let slot = versions.entry(package.name.clone()).or_insert_with(|| package.evr.clone());
        if compare_evr(&package.evr, slot).is_gt() {
            *slot = package.evr.clone();
        }
    }
    versions
}

/// The days of the fixes of an inventory, by its changelogs.
pub(crate) struct FixDays<'a> {
    /// The day of the first entry that names a CVE.
    named: BTreeMap<(&'a str, CveId), &'a str>,
    /// The day of the last entry of a package.
    last: BTreeMap<&'a str, &'a str>,
}

impl<'a> FixDays<'a> {
    #[must_use]
    pub(crate) fn of(inventory: &'a Inventory) -> Self {
        let (mut named, mut last) = (BTreeMap::new(), BTreeMap::new());
        for package in &inventory.packages {
            for entry in &package.changelog {
                let day = entry.date.as_str();
                let newest = last.entry(package.name.as_str()).or_insert(day);
                *newest = day.max(newest);
                for cve in &entry.cves {
                    let first = named.entry((package.name.as_str(), *cve)).or_insert(day);
                    *first = day.min(first);
                }
            }
        }
        Self { named, last }
    }

    /// The day of the entry that names the CVE; `None` where no entry does.
    fn named(&self, key: &CaseKey) -> Option<Timestamp> {
        self.named.get(&(key.package.as_str(), key.cve)).and_then(|day| start_of(day))
    }

    /// The day that a fix is no later than; `None` where the package has no changelog.
    fn no_later(&self, key: &CaseKey) -> Option<Timestamp> {
        self.named(key).or_else(|| self.last.get(key.package.as_str()).and_then(|day| start_of(day)))
    }
}

/// The question which of a scan's new cases are history.
pub(crate) struct Baseline<'a> {
    /// The packages that had been delivered.
    pub(crate) delivered: &'a Delivered,
    /// The days of the fixes.
    pub(crate) days: &'a FixDays<'a>,
    /// The day of the line's first cycle, where that is not this one: of what a later cycle finds, only fixes of a day before it are
    /// history.
    pub(crate) first: Option<Day>,
    /// The channel in which they were delivered.
    pub(crate) channel: &'a str,
}

impl Baseline<'_> {
    /// The events of a scan with their times, and the cases among them that are history: those that the scan opens and closes as fixed, in
    /// a version that had been delivered. They are published as well.
    ///
    /// In the first cycle the time of such a case is the day of its fix; a later cycle learned of it at `now`.
    #[must_use]
    pub(crate) fn take_over(&self, events: Vec<(CaseKey, CaseEvent)>, now: Timestamp) -> (Vec<Timed>, BTreeSet<CaseKey>) {
        let history = self.history(&events, now);
        let mut timed = Vec::with_capacity(events.len() + history.len());
        for (key, event) in events {
            let past = history.get(&key);
            let published = match (&event, past) {
                (CaseEvent::Fixed { version: Some(version), .. }, Some(_)) => {
                    Some(CaseEvent::Published { version: version.clone(), place: self.channel.to_owned() })
                }
                _ => None,
            };
            let at = past.copied().unwrap_or(now);
            timed.push((at, key.clone(), event));
            timed.extend(published.map(|event| (at, key, event)));
        }
        // Those of one time stay in their order, so that each case has its events in the order in which they happened.
        timed.sort_by_key(|(at, ..)| *at);
        (timed, history.into_keys().collect())
    }

    fn history(&self, events: &[(CaseKey, CaseEvent)], now: Timestamp) -> BTreeMap<CaseKey, Timestamp> {
        let mut opened = BTreeSet::new();
        let mut history = BTreeMap::new();
        for (key, event) in events {
            match event {
                CaseEvent::Opened { .. } => drop(opened.insert(key)),
                CaseEvent::Fixed { version: Some(version), .. } if opened.contains(key) && self.had(key, version) => {
                    let at = match self.first {
                        None => self.days.no_later(key).map_or(now, |day| day.min(now)),
                        Some(_) => now,
                    };
                    history.insert(key.clone(), at);
                }
                _ => {}
            }
        }
        history
    }

    /// Whether a fix in a version had been delivered before the first cycle.
    fn had(&self, key: &CaseKey, version: &Evr) -> bool {
        let reached = self.delivered.versions.get(key.package.as_str());
        let is_old = self.first.is_none_or(|first| self.days.named(key).is_some_and(|at| Day::of(at) < first));
        is_old && version.is_plain() && reached.is_some_and(|reached| compare_evr(reached, version).is_ge())
    }
}
