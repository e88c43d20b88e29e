//! The events of cases that follow from a scan: cases opened, facts changed, cases closed or reopened.
//!
//! The functions are pure: the same cases and the same scan give the same events, and the same scan a second time gives none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Change, Decision, Facts, Justification, Origin, Reason};
use seaworthy_model::evr::Shown;
use seaworthy_model::{CveId, Evr, ReleaseLine, Status, compare_evr};

use crate::observation::{Closed, Observation};
use crate::releases::{Speaks, Superseded, speaks};

/// A scan: its findings, and the CVEs and packages that it covered.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The findings that are raised or closed.
    pub seen: Vec<Observation>,
    /// The versions of each shipped source package, the oldest first; there may be several side by side.
    pub versions: BTreeMap<String, Vec<Evr>>,
    /// The CVEs that were judged in every package; `None` for all.
    pub cves: Option<BTreeSet<CveId>>,
    /// The packages that were judged for every CVE, where `cves` is not all.
    pub packages: BTreeSet<String>,
    /// The CVEs whose records are rejected.
    pub rejected: BTreeSet<CveId>,
}

impl Scan {
    fn looked_at(&self, key: &CaseKey) -> bool {
        self.cves.as_ref().is_none_or(|cves| cves.contains(&key.cve)) || self.packages.contains(key.package.as_str())
    }
}

/// The events that follow from a scan of a release line. `cases` has the cases of the line; a part of a split case gets the events of the
/// whole package.
#[must_use]
pub fn reconcile(line: &ReleaseLine, cases: &BTreeMap<CaseKey, Case>, scan: &Scan, now: Timestamp) -> Vec<(CaseKey, CaseEvent)> {
    let mut events: Vec<(CaseKey, CaseEvent)> = Vec::new();
    let mut found: BTreeMap<(&str, CveId), Vec<&Observation>> = BTreeMap::new();
    for pair in &scan.seen {
        found.entry((&pair.package, pair.cve)).or_default().push(pair);
    }
    let releases = |package: &str| scan.versions.get(package).map_or(&[][..], Vec::as_slice);
    let seen: BTreeMap<(&str, CveId), Speaks<'_>> =
        found.iter().filter_map(|(of, pairs)| Some((*of, speaks(pairs, releases(of.0))?))).collect();
    for (of, Speaks { pair, superseded }) in &seen {
        let beside = found.get(of).map_or(&[][..], Vec::as_slice);
        let key = CaseKey { line: line.clone(), package: pair.package.clone(), cve: pair.cve, part: String::new() };
        let mut of_case = Vec::new();
        if !cases.contains_key(&key) {
            match superseded {
                None => open(pair, &mut of_case),
                Some(Superseded { by, .. }) => open_superseded(pair, by, &mut of_case),
            }
        }
        events.extend(of_case.drain(..).map(|event| (key.clone(), bounded(event, beside))));
        // A part is the same package and CVE: what a scan sees of the whole, it sees of the part.
        for (key, case) in cases.range(&key..).take_while(|(k, _)| k.is_part_of(&key)) {
            match superseded {
                None => meet(case, pair, &mut of_case),
                Some(superseded) if meet_superseded(case, pair, superseded, &mut of_case) => {}
                Some(_) => of_case.extend(newer_unseen(case, scan)),
            }
            events.extend(of_case.drain(..).map(|event| (key.clone(), bounded(event, beside))));
        }
    }
    // What moves a case by what was seen of it leaves no decision that could end.
    let moved: BTreeSet<CaseKey> =
        events.iter().filter(|(_, event)| !matches!(event, CaseEvent::Observed { .. })).map(|(key, _)| key.clone()).collect();
    for (key, case) in cases {
        let expired = case.expires().is_some_and(|until| until <= now) && case.state != CaseState::Fixed && !case.state.is_open();
        let known = seen.contains_key(&(key.package.as_str(), key.cve));
        if scan.rejected.contains(&key.cve) && case.state != CaseState::Withdrawn {
            events.push((key.clone(), CaseEvent::Withdrawn { because: "the record was rejected".into() }));
        } else if expired && !moved.contains(key) {
            events.push((key.clone(), CaseEvent::Expired));
        } else if !known && scan.looked_at(key) {
            let event = if case.state.is_open() { unseen(case, scan) } else { newer_unseen(case, scan) };
            events.extend(event.map(|event| (key.clone(), event)));
        }
    }
    events
}

fn open(pair: &Observation, events: &mut Vec<CaseEvent>) {
    let state = CaseState::of_finding(pair.facts.status);
    // What nobody can decide is the blind spot, and no case.
    if pair.closed.is_none() && pair.facts.status == Status::Undecided {
        return;
    }
    events.push(CaseEvent::Opened { facts: pair.facts.clone(), state });
    events.extend(pair.closed.as_ref().map(closing));
}

/// As [`open`], of a flaw that a newer release, shipped beside this one, does not have. A mere suspicion is none then.
fn open_superseded(pair: &Observation, newer: &Evr, events: &mut Vec<CaseEvent>) {
    if pair.facts.status == Status::Affected {
        events.push(CaseEvent::Opened { facts: pair.facts.clone(), state: CaseState::Affected });
        events.push(fixed_by_release(newer));
    }
}

/// As [`meet`], of a flaw that a newer release does not have. Says whether that moves the case: what a person decided to be not affected
/// stays.
fn meet_superseded(case: &Case, pair: &Observation, superseded: &Superseded<'_>, events: &mut Vec<CaseEvent>) -> bool {
    let Superseded { raised, by } = *superseded;
    // A release that was taken to have the fix has the flaw.
    let is_wrong = case.state == CaseState::Fixed && raised.facts.version.as_ref().is_some_and(|version| case.is_fixed_in(version));
    if is_wrong {
        let state = CaseState::of_finding(pair.facts.status);
        let because = vec![Change::RaisedAgain { version: raised.facts.version.clone() }];
        events.push(CaseEvent::Reopened { facts: pair.facts.clone(), because, state });
    }
    let is_vulnerable = case.state.is_open() || matches!(case.state, CaseState::Deferred | CaseState::WillNotFix | CaseState::NotShipped);
    if is_wrong || is_vulnerable {
        events.push(fixed_by_release(by));
    }
    is_wrong || is_vulnerable
}

/// The event of a case that a release fixes by its version alone.
fn fixed_by_release(release: &Evr) -> CaseEvent {
    CaseEvent::Fixed { version: Some(release.clone()), or_before: false, origin: Origin::Scan, evidence: Vec::new() }
}

fn closing(closed: &Closed) -> CaseEvent {
    match closed {
        Closed::Fixed { version, or_before, evidence } => {
            CaseEvent::Fixed { version: version.clone(), or_before: *or_before, origin: Origin::Scan, evidence: evidence.clone() }
        }
        Closed::Recorded { file, statement } => CaseEvent::Decided(Decision {
            state: CaseState::NotAffected,
            justification: None,
            reason: Reason::Recorded,
            statement: statement.clone(),
            until: None,
            origin: Origin::SpecTree(file.clone()),
        }),
    }
}

/// Adds the events of a case for which the scan has a finding.
fn meet(case: &Case, pair: &Observation, events: &mut Vec<CaseEvent>) {
    if pair.closed.is_some() {
        events.extend(newer(case, || pair.facts.clone()));
    }
    match &pair.closed {
        Some(closed @ Closed::Fixed { .. }) => {
            if !matches!(case.state, CaseState::Fixed | CaseState::Withdrawn) {
                let mut event = closing(closed);
                if let CaseEvent::Fixed { version: Some(version), or_before, .. } = &mut event {
                    *or_before &= !is_raised_before(case, version);
                }
                events.push(event);
            }
            return;
        }
        Some(closed @ Closed::Recorded { statement, .. }) => {
            let news = case.decision.as_ref().is_none_or(|d| d.reason == Reason::Recorded && d.statement != *statement);
            if news && !matches!(case.state, CaseState::Fixed | CaseState::Withdrawn) {
                events.push(closing(closed));
            }
            return;
        }
        None => {}
    }
    if pair.facts.status == Status::Undecided {
        return;
    }
    let changed = Change::between(&case.facts, &pair.facts);
    let state = CaseState::of_finding(pair.facts.status);
    let facts = || pair.facts.clone();
    let mut reopen = |changed: Vec<Change>| {
        let again = || vec![Change::RaisedAgain { version: pair.facts.version.clone() }];
        let because = if changed.is_empty() { again() } else { changed };
        events.push(CaseEvent::Reopened { facts: facts(), because, state });
    };
    match case.state {
        CaseState::UnderInvestigation | CaseState::Affected => {
            if !changed.is_empty() {
                events.push(CaseEvent::Observed { facts: facts(), changed });
                // What was only suspected is now known; nobody has decided otherwise meanwhile.
                if case.state == CaseState::UnderInvestigation && state == CaseState::Affected && case.triaged.is_none() {
                    events.push(CaseEvent::Decided(Decision {
                        state,
                        justification: None,
                        reason: Reason::Version,
                        statement: String::new(),
                        until: None,
                        origin: Origin::Scan,
                    }));
                }
            }
        }
        // It was fixed, or its record had gone, and it is raised all the same.
        CaseState::Fixed | CaseState::Withdrawn => reopen(changed),
        // The package had left, and is shipped again.
        CaseState::NotShipped => reopen(changed),
        // There is none: it is opened, if at all.
        CaseState::Unopened => {}
        // A decision stands until what it was made of changes.
        CaseState::NotAffected => {
            let (grounds, rest): (Vec<Change>, Vec<Change>) = changed.into_iter().partition(Change::is_ground);
            if !grounds.is_empty() {
                events.push(CaseEvent::Reopened { facts: facts(), because: grounds, state });
            } else if rest.iter().any(|change| matches!(change, Change::FirstRule { .. })) {
                events.push(CaseEvent::Observed { facts: facts(), changed: rest });
            }
        }
        CaseState::Deferred | CaseState::WillNotFix => {
            if case.facts.exploited_since.is_none() && pair.facts.exploited_since.is_some() {
                events.push(CaseEvent::Reopened { facts: facts(), because: changed, state });
            } else if !changed.is_empty() {
                events.push(CaseEvent::Observed { facts: facts(), changed });
            }
        }
    }
}

/// The event of a fix, where an older version beside it is affected: then its own version is the first with it that was looked at.
fn bounded(mut event: CaseEvent, beside: &[&Observation]) -> CaseEvent {
    if let CaseEvent::Fixed { version: Some(version), or_before, .. } = &mut event {
        let is_older = |seen: &Evr| compare_evr(seen, version).is_lt();
        let is_affected = |pair: &&Observation| pair.closed.is_none() && pair.facts.status == Status::Affected;
        *or_before &= !beside.iter().filter(|pair| is_affected(pair)).any(|pair| pair.facts.version.as_ref().is_some_and(is_older));
    }
    event
}

/// Whether the case was affected in an older version: then `version` is the first one with the fix that was looked at.
fn is_raised_before(case: &Case, version: &Evr) -> bool {
    let is_told = matches!(case.state, CaseState::Affected | CaseState::Deferred | CaseState::WillNotFix);
    let was_affected = is_told || case.state.is_open() && case.facts.status == Status::Affected;
    let raised = case.facts.version.as_ref().filter(|raised| raised.is_plain());
    was_affected && raised.is_some_and(|raised| compare_evr(raised, version).is_lt())
}

/// The event of a case whose fix was taken back, where the scan looked at another version: a newer release delivers the fix. `None` for
/// other cases: of a fix that waits for its first delivery, the version of the fix says enough.
fn newer(case: &Case, facts: impl FnOnce() -> Facts) -> Option<CaseEvent> {
    case.taken_back()?;
    let facts = facts();
    let changed = Change::between(&case.facts, &facts);
    (case.next.as_ref().or(case.facts.version.as_ref()) != facts.version.as_ref()).then_some(CaseEvent::Observed { facts, changed })
}

/// As [`newer`], of a case that the scan covered and has no finding for: its version alone says that the package has the fix.
fn newer_unseen(case: &Case, scan: &Scan) -> Option<CaseEvent> {
    let version = scan.versions.get(case.key.package.as_str())?.last()?;
    newer(case, || Facts { version: Some(version.clone()), ..case.facts.clone() })
}

/// The event of an open case that the scan covered and has no finding for; `None` where it changes nothing.
fn unseen(case: &Case, scan: &Scan) -> Option<CaseEvent> {
    match scan.versions.get(case.key.package.as_str()).and_then(|versions| Some((versions, versions.last()?))) {
        None => Some(CaseEvent::Left { version: case.facts.version.clone() }),
        Some((versions, version)) if !case.facts.version.as_ref().is_some_and(|looked_at| versions.contains(looked_at)) => {
            Some(fixed_by_release(version))
        }
        // A suspicion fades as records age; only a record that said so before can say otherwise now.
        Some(_) if case.facts.status == Status::Affected => Some(CaseEvent::Decided(Decision {
            state: CaseState::NotAffected,
            justification: Some(Justification::VulnerableCodeNotPresent),
            reason: Reason::Version,
            statement: format!("the records no longer name {} as affected", Shown(case.facts.version.as_ref())),
            until: None,
            origin: Origin::Scan,
        })),
        Some(_) => None,
    }
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
