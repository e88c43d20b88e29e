//! The baseline of a release line: which of its fixes had been delivered when its first cycle ran.
//!
//! A team that begins has fixed vulnerabilities for years. Those fixes are history: each becomes a case that was fixed and published on the
//! day of its changelog entry, and neither waits for a delivery nor is told as a vulnerability that is still open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use seaworthy_inventory::Inventory;
use seaworthy_model::case::{Case, CaseEvent, CaseKey};
use seaworthy_model::{CveId, Day, Evr, compare_evr};
use seaworthy_triage::Reachable;
use serde::Serialize;

use crate::observe::versions;

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
    /// The day of the packages; `None` where it is not known.
    pub(crate) day: Option<Day>,
    /// The releases of each source package, the oldest first: several where a name is there side by side.
    releases: BTreeMap<String, Vec<Evr>>,
    /// The releases that have a fix by a patch or by their changelog.
    fixes: BTreeMap<(String, CveId), Vec<Evr>>,
}

impl Delivered {
    /// The packages of an inventory.
    #[must_use]
    pub(crate) fn of(inventory: &Inventory, by: DeliveredBy) -> Self {
        let mut releases = versions(inventory);
        for of_name in releases.values_mut() {
            of_name.sort_by(compare_evr);
        }
        let mut fixes: BTreeMap<_, Vec<Evr>> = BTreeMap::new();
        for package in &inventory.packages {
            let patched = package.patches.iter().filter(|patch| patch.applied != Some(false)).flat_map(|patch| &patch.cves);
            let named = package.named_fixes(inventory.date.as_deref(), None).map(|(_, cve)| cve);
            for cve in patched.copied().chain(named).collect::<BTreeSet<_>>() {
                fixes.entry((package.name.clone(), cve)).or_default().push(package.evr.clone());
            }
        }
        Self { by, day: inventory.date.as_deref().and_then(|day| day.parse().ok()), releases, fixes }
    }

    /// The newest version of each source package.
    pub(crate) fn newest(&self) -> Reachable {
        self.releases.iter().filter_map(|(name, releases)| Some((name.clone(), releases.last()?.clone()))).collect()
    }

    /// Whether the packages lack a fix that the log has as published: the source package is among them, in a version without it.
    pub(crate) fn lacks(&self, case: &Case) -> bool {
        let fix = case.fixed.as_ref().and_then(|fix| fix.version.as_ref()).filter(|_| case.published.is_some());
        let is_among = self.releases.contains_key(case.key.package.as_str());
        is_among && fix.is_some_and(|fix| fix.is_plain() && !self.has(&case.key, fix))
    }

    /// Whether the packages have the fix of a case, which the packages at hand have in a version.
    fn has(&self, key: &CaseKey, version: &Evr) -> bool {
        let newest = self.releases.get(key.package.as_str()).and_then(|releases| releases.last());
        // A version that is no fix's own, but that of the packages at hand, says nothing of older ones.
        self.with_fix(key, version).is_some() || version.is_plain() && newest.is_some_and(|newest| compare_evr(newest, version).is_ge())
    }

    /// The release from which a version of the packages at hand grew, where it has the fix of a case by a patch or by its changelog. Of
    /// several releases side by side it is the nearest older one.
    fn with_fix(&self, key: &CaseKey, version: &Evr) -> Option<&Evr> {
        let releases = self.releases.get(key.package.as_str())?;
        let grew_from = releases.iter().rfind(|release| compare_evr(release, version).is_le()).or(releases.first())?;
        self.fixes.get(&(key.package.to_string(), key.cve))?.contains(grew_from).then_some(grew_from)
    }
}

/// The days of the fixes of an inventory, by its changelogs.
pub(crate) struct FixDays<'a> {
    /// The day of the first entry that names a fix that stands.
    named: BTreeMap<(&'a str, CveId), Day>,
    /// The day of the last entry of a package.
    last: BTreeMap<&'a str, Day>,
    /// The day of the inventory; `None` where it is not known.
    read: Option<Day>,
}

impl<'a> FixDays<'a> {
    #[must_use]
    pub(crate) fn of(inventory: &'a Inventory) -> Self {
        let (mut named, mut last) = (BTreeMap::new(), BTreeMap::new());
        for package in &inventory.packages {
            for entry in &package.changelog {
                // A day that no calendar has says nothing.
                let Ok(day) = entry.date.parse::<Day>() else { continue };
                let newest = last.entry(package.name.as_str()).or_insert(day);
                *newest = day.max(*newest);
            }
            for (entry, cve) in package.named_fixes(inventory.date.as_deref(), None) {
                let Ok(day) = entry.date.parse::<Day>() else { continue };
                let first = named.entry((package.name.as_str(), cve)).or_insert(day);
                *first = day.min(*first);
            }
        }
        Self { named, last, read: inventory.date.as_deref().and_then(|day| day.parse().ok()) }
    }

    /// The day of the entry that names the CVE; `None` where no entry does.
    fn named(&self, key: &CaseKey) -> Option<Day> {
        self.named.get(&(key.package.as_str(), key.cve)).copied()
    }

    /// The day that a fix is no later than: that of the entry that names it, of the package's last one, or of the inventory; `None` where
    /// none is known.
    fn no_later(&self, key: &CaseKey) -> Option<Day> {
        self.named(key).or_else(|| self.last.get(key.package.as_str()).copied()).or(self.read)
    }
}

/// The question which of a scan's new cases are history.
pub(crate) struct Baseline<'a> {
    /// The packages that had been delivered.
    pub(crate) delivered: &'a Delivered,
    /// The days of the fixes.
    pub(crate) days: &'a FixDays<'a>,
    /// The day before which a fix has to be to be history, for a cycle that is not the line's first.
    pub(crate) before: Option<Day>,
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
        for (key, mut event) in events {
            let past = history.get(&key);
            let published = match (&mut event, past) {
                (CaseEvent::Fixed { version: Some(version), or_before, .. }, Some(_)) => {
                    // What had been delivered has the fix, and is closer to the first version that had it.
                    let reached = self.delivered.with_fix(&key, version).filter(|_| *or_before);
                    if let Some(older) = reached.filter(|reached| compare_evr(reached, version).is_lt()) {
                        version.clone_from(older);
                    }
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
                    let at = match self.before {
                        None => self.days.no_later(key).map_or(now, |day| day.start().min(now)),
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
        let is_old = self.before.is_none_or(|before| self.days.named(key).is_some_and(|day| day < before));
        is_old && self.delivered.has(key, version)
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_inventory::{ChangelogEntry, Patch, SourcePackage};
    use seaworthy_model::Status;
    use seaworthy_model::case::{CaseState, Facts, Origin, Reach};

    use super::*;

    #[test]
    fn a_fix_is_no_later_than_what_is_known_of_it() {
        let (fixed, other): (CveId, CveId) = ("CVE-2024-6197".parse().unwrap(), "CVE-2024-7264".parse().unwrap());
        let entry = |date: &str, cves: &[CveId]| ChangelogEntry { date: date.into(), cves: cves.to_vec(), ..ChangelogEntry::default() };
        let rows = [
            ("the entry that names it", vec![entry("2024-09-01", &[other]), entry("2024-07-25", &[fixed])], "2024-07-25"),
            ("the first of two that name it", vec![entry("2024-09-01", &[fixed]), entry("2024-07-25", &[fixed])], "2024-07-25"),
            ("the last entry, of a patch that none names", vec![entry("2024-09-01", &[]), entry("2024-07-25", &[other])], "2024-09-01"),
            ("an entry of a day that no calendar has", vec![entry("2024-02-30", &[fixed]), entry("2024-07-25", &[fixed])], "2024-07-25"),
            ("the day of the inventory, without a changelog", Vec::new(), "2024-10-01"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, changelog, expected)| {
            let package = SourcePackage { changelog, ..SourcePackage::new("curl", "8.8.0-3".parse().unwrap(), "curl.spec") };
            let inventory = Inventory { date: Some("2024-10-01".into()), packages: vec![package], ..Inventory::new("spec tree", "specs") };
            let key = CaseKey { line: "1.0".parse().unwrap(), package: "curl".parse().unwrap(), cve: fixed, part: String::new() };
            let day = FixDays::of(&inventory).no_later(&key);
            (why, expected.to_owned(), day.map_or_else(|| "none".to_owned(), |day| day.to_string()))
        }));
    }
    #[test]
    fn a_fix_without_a_first_version_is_history_in_what_was_delivered() {
        let cve: CveId = "CVE-2024-6197".parse().unwrap();
        let of = |version: &str| {
            let patch = Patch { file: "CVE-2024-6197.patch".into(), cves: vec![cve], applied: None };
            let package = SourcePackage { patches: vec![patch], ..SourcePackage::new("curl", version.parse().unwrap(), "curl.spec") };
            Inventory { packages: vec![package], ..Inventory::new("spec tree", "specs") }
        };
        let key = CaseKey { line: "1.0".parse().unwrap(), package: "curl".parse().unwrap(), cve, part: String::new() };
        let now = "2024-10-01T00:00:00Z".parse().unwrap();
        let rows = [
            ("an older version was delivered", "8.8.0-3", true, "fixed in 8.8.0-3 or before"),
            ("the same version was delivered", "8.8.0-5", true, "fixed in 8.8.0-5 or before"),
            ("the changelog names the version", "8.8.0-3", false, "fixed in 8.8.0-5"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, delivered, or_before, expected)| {
            let inventory = of("8.8.0-5");
            let delivered = Delivered::of(&of(delivered), DeliveredBy::Tag("1.0.1".into()));
            let days = FixDays::of(&inventory);
            let baseline = Baseline { delivered: &delivered, days: &days, before: None, channel: "updates" };
            let opened = CaseEvent::Opened { facts: facts(), state: CaseState::Affected };
            let fixed = CaseEvent::Fixed { version: Evr::of_log("8.8.0-5"), or_before, origin: Origin::Scan, evidence: Vec::new() };
            let (timed, history) = baseline.take_over(vec![(key.clone(), opened), (key.clone(), fixed)], now);
            assert_eq!(history.len(), 1, "{why}");
            let said: Vec<String> = timed.iter().map(|(_, _, event)| event.to_string()).filter(|said| said.starts_with("fixed")).collect();
            (why, expected.to_owned(), said.join(", "))
        }));
    }

    fn facts() -> Facts {
        Facts {
            status: Status::Fixed,
            version: Evr::of_log("8.8.0-5"),
            severity: None,
            rated_by: None,
            exploited_since: None,
            epss: None,
            product: None,
            fixed_in: None,
            rule: None,
            record_published: Timestamp::UNIX_EPOCH,
            reach: Reach::default(),
            evidence: Vec::new(),
        }
    }

    #[test]
    fn what_was_delivered_has_a_fix_in_the_release_that_it_grew_from() {
        let fixed: CveId = "CVE-2024-6197".parse().unwrap();
        let key = CaseKey { line: "1.0".parse().unwrap(), package: "rust".parse().unwrap(), cve: fixed, part: String::new() };
        // The releases that were delivered, those with a patch of the fix in brackets.
        let rows = [
            ("an older release", "1.90.0-5", "1.90.0-6", false),
            ("a newer one", "1.90.0-7", "1.90.0-6", true),
            ("an older one, with a patch that no release of its own brought", "[1.90.0-5]", "1.90.0-6", true),
            ("a patch of the release beside it", "[1.75.0-28] 1.90.0-5", "1.90.0-6", false),
            ("its own, and not the one beside it", "[1.75.0-27] 1.90.0-5", "1.75.0-28", true),
            ("a newer one beside it, which never had the flaw", "1.75.0-27 1.90.0-5", "1.75.0-28", true),
            ("another package", "", "1.90.0-6", false),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, delivered, version, expected)| {
            let packages = delivered.split_whitespace().map(|release| {
                let evr = release.trim_matches(['[', ']']).parse().unwrap();
                let cves = if release.starts_with('[') { vec![fixed] } else { Vec::new() };
                let patches = vec![Patch { file: "fix.patch".into(), cves, applied: Some(true) }];
                SourcePackage { patches, ..SourcePackage::new("rust", evr, "rust.spec") }
            });
            let inventory = Inventory { packages: packages.collect(), ..Inventory::new("spec tree", "specs") };
            let has = Delivered::of(&inventory, DeliveredBy::Inventory).has(&key, &version.parse().unwrap());
            (why, expected.to_string(), has.to_string())
        }));
    }
}
