//! The events of cases that follow from a scan: cases opened, facts changed, cases closed or reopened.
//!
//! The functions are pure: the same cases and the same scan give the same events, and the same scan a second time gives none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Change, Decision, Facts, Justification, Origin, Reason};
use seaworthy_model::evr::Shown;
use seaworthy_model::{CveId, Evr, ReleaseLine, Status, compare_evr};

use crate::observation::{Closed, Observation};
use crate::releases::{Speaks, speaks};

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
    for Speaks { pair, superseded_by } in seen.values() {
        let key = CaseKey { line: line.clone(), package: pair.package.clone(), cve: pair.cve, part: String::new() };
        let mut of_case = Vec::new();
        if !cases.contains_key(&key) {
            match superseded_by {
                None => open(pair, &mut of_case),
                Some(newer) => open_superseded(pair, newer, &mut of_case),
            }
        }
        events.extend(of_case.drain(..).map(|event| (key.clone(), event)));
        // A part is the same package and CVE: what a scan sees of the whole, it sees of the part.
        for (key, case) in cases.range(&key..).take_while(|(k, _)| k.is_part_of(&key)) {
            match superseded_by {
                None => meet(case, pair, &mut of_case),
                Some(newer) if case.state.is_open() => of_case.push(fixed_by_release(newer)),
                Some(_) => of_case.extend(newer_unseen(case, scan)),
            }
            events.extend(of_case.drain(..).map(|event| (key.clone(), event)));
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

/// Whether a scan raised the case in an older version: then `version` is the first one with the fix that was looked at.
fn is_raised_before(case: &Case, version: &Evr) -> bool {
    let raised = case.facts.version.as_ref().filter(|raised| raised.is_plain() && case.facts.status == Status::Affected);
    case.state.is_open() && raised.is_some_and(|raised| compare_evr(raised, version).is_lt())
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
mod tests {
    use seaworthy_model::{Rule, Severity, SourceKind};

    use super::*;
    use crate::tests::{affected, at, facts, key, range};

    const CVE: &str = "CVE-2024-6197";

    fn seen(facts: Facts) -> Observation {
        Observation { package: "curl".parse().unwrap(), cve: CVE.parse().unwrap(), facts, closed: None }
    }

    fn scan(seen: Vec<Observation>) -> Scan {
        let versions = [("curl".to_owned(), vec!["8.8.0-1".parse().unwrap()])].into();
        Scan { seen, versions, ..Scan::default() }
    }

    fn cases(case: Case) -> BTreeMap<CaseKey, Case> {
        [(case.key.clone(), case)].into()
    }

    /// The events of a scan, applied; a second look must find nothing more.
    fn after(mut all: BTreeMap<CaseKey, Case>, scan: &Scan, now: &str) -> (BTreeMap<CaseKey, Case>, Vec<CaseEvent>) {
        let events = reconcile(&"3.0".parse().unwrap(), &all, scan, at(now));
        for (key, event) in &events {
            match all.get_mut(key) {
                Some(case) => case.apply(at(now), event).unwrap(),
                None => drop(all.insert(key.clone(), Case::open(key, at(now), event).unwrap())),
            }
        }
        assert_eq!(reconcile(&"3.0".parse().unwrap(), &all, scan, at(now)), [], "a second look finds nothing");
        (all, events.into_iter().map(|(_, event)| event).collect())
    }

    fn state(all: &BTreeMap<CaseKey, Case>) -> CaseState {
        all[&key("curl", CVE)].state
    }

    #[test]
    fn a_finding_opens_a_case_once() {
        let (all, events) = after(BTreeMap::new(), &scan(vec![seen(facts()), seen(facts())]), "2024-09-20T00:00Z");
        assert_eq!((events.len(), state(&all)), (1, CaseState::Affected));
        let suspected = Facts { status: Status::Suspected, ..facts() };
        let (all, _) = after(BTreeMap::new(), &scan(vec![seen(suspected)]), "2024-09-20T00:00Z");
        assert_eq!(state(&all), CaseState::UnderInvestigation);
        let blind = Facts { status: Status::Undecided, ..facts() };
        assert!(after(BTreeMap::new(), &scan(vec![seen(blind)]), "2024-09-20T00:00Z").0.is_empty());
    }

    #[test]
    fn a_part_is_seen_with_its_whole() {
        let mut all = cases(affected("curl", CVE, at("2024-09-01T00:00Z")));
        let part = CaseKey { part: "curl-libs".into(), ..key("curl", CVE) };
        all.insert(part.clone(), Case { key: part.clone(), ..all[&key("curl", CVE)].clone() });
        let closed = Closed::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, evidence: Vec::new() };
        let (fixed, events) = after(all.clone(), &scan(vec![Observation { closed: Some(closed), ..seen(facts()) }]), "2024-09-20T00:00Z");
        assert_eq!((events.len(), fixed[&part].state), (2, CaseState::Fixed));
        let (gone, _) = after(all, &Scan::default(), "2024-09-20T00:00Z");
        assert_eq!(gone[&part].state, CaseState::NotShipped);
    }

    #[test]
    fn a_newer_release_beside_an_older_one_fixes_it() {
        let beside = |seen| Scan {
            versions: [("curl".to_owned(), vec![Evr::new(0, "8.8.0", "1"), Evr::new(0, "8.9.1", "1")])].into(),
            ..scan(seen)
        };
        let (all, events) = after(BTreeMap::new(), &beside(vec![seen(facts())]), "2024-09-20T00:00Z");
        let fixed = |all: &BTreeMap<CaseKey, Case>| all[&key("curl", CVE)].fixed.as_ref().and_then(|d| d.version.clone());
        assert_eq!((events.len(), state(&all), fixed(&all)), (2, CaseState::Fixed, Evr::of_log("8.9.1-1")));
        let suspected = Facts { status: Status::Suspected, ..facts() };
        assert!(after(BTreeMap::new(), &beside(vec![seen(suspected.clone())]), "2024-09-20T00:00Z").0.is_empty(), "a suspicion is none");
        // A case from before the newer release came.
        for before in [facts(), suspected] {
            let (all, _) = after(BTreeMap::new(), &scan(vec![seen(before.clone())]), "2024-09-20T00:00Z");
            let (all, _) = after(all, &beside(vec![seen(before)]), "2024-09-21T00:00Z");
            assert_eq!((state(&all), fixed(&all)), (CaseState::Fixed, Evr::of_log("8.9.1-1")));
        }
    }

    #[test]
    fn a_suspicion_that_is_confirmed_becomes_affected_and_waits_for_a_person() {
        let suspected = Facts { status: Status::Suspected, ..facts() };
        let (all, _) = after(BTreeMap::new(), &scan(vec![seen(suspected)]), "2024-09-20T00:00Z");
        let (all, _) = after(all, &scan(vec![seen(facts())]), "2024-09-21T00:00Z");
        assert_eq!((state(&all), all[&key("curl", CVE)].triaged), (CaseState::Affected, None));
    }

    #[test]
    fn a_fix_closes_and_a_new_range_reopens_and_says_what_changed() {
        let all = cases(affected("curl", CVE, at("2024-09-01T00:00Z")));
        let closed = Closed::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, evidence: Vec::new() };
        let (all, _) = after(all, &scan(vec![Observation { closed: Some(closed), ..seen(facts()) }]), "2024-09-20T00:00Z");
        assert_eq!(state(&all), CaseState::Fixed);
        let again = Facts { rule: Some(range(SourceKind::Nvd, "8.10.0")), ..facts() };
        let (all, events) = after(all, &scan(vec![seen(again)]), "2024-09-25T00:00Z");
        assert_eq!(state(&all), CaseState::Affected);
        assert!(
            matches!(&events[0], CaseEvent::Reopened { because, .. } if because[0].to_string().contains("before 8.10.0")),
            "{events:?}"
        );
    }

    #[test]
    fn a_fix_without_a_first_version_begins_after_what_was_raised() {
        let version = |text: &str| Facts { version: Evr::of_log(text), ..facts() };
        let suspected = Facts { status: Status::Suspected, ..facts() };
        let rows = [
            ("a case that the scan opens", None, "fixed in 8.8.0-2 or before"),
            ("an older version was raised", Some(version("8.8.0-1")), "fixed in 8.8.0-2"),
            ("the same version was raised", Some(version("8.8.0-2")), "fixed in 8.8.0-2 or before"),
            ("an older version was suspected", Some(suspected), "fixed in 8.8.0-2 or before"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(row, before, expected)| {
            let all = before.map_or_else(BTreeMap::new, |facts| after(BTreeMap::new(), &scan(vec![seen(facts)]), "2024-09-01T00:00Z").0);
            let closed = Closed::Fixed { version: Evr::of_log("8.8.0-2"), or_before: true, evidence: Vec::new() };
            let now = Observation { closed: Some(closed), ..seen(version("8.8.0-2")) };
            let (_, events) = after(all, &scan(vec![now]), "2024-09-20T00:00Z");
            (row, expected.to_owned(), events.last().map(ToString::to_string).unwrap_or_default())
        }));
    }

    #[test]
    fn of_a_fix_that_was_taken_back_the_next_release_is_seen() {
        let fix = || Evr::of_log("8.8.0-2");
        let of = |version: &str| Facts { version: Evr::of_log(version), status: Status::Fixed, ..facts() };
        let closed = |version: &str| {
            let closed = Closed::Fixed { version: fix(), or_before: false, evidence: Vec::new() };
            scan(vec![Observation { closed: Some(closed), ..seen(of(version)) }])
        };
        // A version that no record calls affected has no finding.
        let mut unseen = scan(Vec::new());
        unseen.versions.insert("curl".into(), vec!["8.8.0-3".parse().unwrap()]);
        let day = at("2024-09-10T00:00Z");
        let mut fixed = affected("curl", CVE, at("2024-09-01T00:00Z"));
        fixed.apply(day, &CaseEvent::Fixed { version: fix(), or_before: false, origin: Origin::Scan, evidence: Vec::new() }).unwrap();
        for scan in [closed("8.8.0-3"), unseen] {
            let mut case = fixed.clone();
            assert_eq!(after(cases(case.clone()), &scan, "2024-09-20T00:00Z").1, [], "it waits for its first delivery");
            case.apply(day, &CaseEvent::Published { version: fix().unwrap(), place: "updates".into() }).unwrap();
            assert_eq!(after(cases(case.clone()), &scan, "2024-09-20T00:00Z").1, [], "it is delivered");
            case.apply(day, &CaseEvent::Recalled { version: fix().unwrap(), because: "it does not start".into() }).unwrap();
            let (all, _) = after(cases(case.clone()), &closed("8.8.0-2"), "2024-09-20T00:00Z");
            assert_eq!(all[&case.key].deliverable(), None, "the tree has the same release still");
            let (all, events) = after(all, &scan, "2024-09-21T00:00Z");
            assert!(matches!(&events[..], [CaseEvent::Observed { .. }]), "{events:?}");
            assert_eq!((state(&all), all[&case.key].deliverable()), (CaseState::Fixed, Evr::of_log("8.8.0-3").as_ref()));
        }
    }

    #[test]
    fn a_newer_version_fixes_and_a_package_that_left_is_not_shipped() {
        let all = cases(affected("curl", CVE, at("2024-09-01T00:00Z")));
        let mut newer = scan(Vec::new());
        newer.versions.insert("curl".into(), vec!["8.9.1-1".parse().unwrap()]);
        let (fixed, _) = after(all.clone(), &newer, "2024-09-20T00:00Z");
        assert_eq!(fixed[&key("curl", CVE)].fixed.as_ref().and_then(|d| d.version.clone()), Evr::of_log("8.9.1-1"));
        newer.versions.clear();
        let (gone, events) = after(all.clone(), &newer, "2024-09-20T00:00Z");
        assert_eq!(events, [CaseEvent::Left { version: facts().version }]);
        assert_eq!((state(&gone), gone[&key("curl", CVE)].decision.as_ref()), (CaseState::NotShipped, None));
        let (back, events) = after(gone, &scan(vec![seen(facts())]), "2024-09-21T00:00Z");
        assert_eq!(state(&back), CaseState::Affected, "it came back");
        assert!(matches!(&events[..], [CaseEvent::Reopened { because, .. }] if matches!(because[..], [Change::RaisedAgain { .. }])));
        // A scan that looked at other CVEs only says nothing of this one.
        newer.cves = Some(BTreeSet::new());
        assert_eq!(after(all, &newer, "2024-09-20T00:00Z").1, []);
    }

    #[test]
    fn a_rejection_closes_and_an_empty_decision_asks_for_a_reason() {
        let all = cases(affected("curl", CVE, at("2024-09-01T00:00Z")));
        let mut rejected = scan(Vec::new());
        rejected.rejected.insert(CVE.parse().unwrap());
        assert_eq!(state(&after(all.clone(), &rejected, "2024-09-20T00:00Z").0), CaseState::Withdrawn);
        let closed = Closed::Recorded { file: "CVE-2024-6197.nopatch".into(), statement: String::new() };
        let (all, _) = after(all, &scan(vec![Observation { closed: Some(closed), ..seen(facts()) }]), "2024-09-20T00:00Z");
        assert!(all[&key("curl", CVE)].decision.as_ref().unwrap().asks_for_reason());
    }

    /// A case that a person decided, as its facts were then, and the events of a scan that finds others.
    fn decided_then(before: Facts, now: Facts) -> Vec<CaseEvent> {
        let key = key("curl", CVE);
        let opened = CaseEvent::Opened { facts: before, state: CaseState::Affected };
        let mut case = Case::open(&key, at("2024-09-01T00:00Z"), &opened).unwrap();
        let decision = Decision {
            state: CaseState::NotAffected,
            justification: Some(Justification::VulnerableCodeNotInExecutePath),
            reason: Reason::Reviewed,
            statement: "the option is off".into(),
            until: None,
            origin: Origin::Person,
        };
        case.apply(at("2024-09-02T00:00Z"), &CaseEvent::Decided(decision)).unwrap();
        after(cases(case), &scan(vec![seen(now)]), "2024-09-20T00:00Z").1
    }

    #[test]
    fn what_reopens_a_persons_decision() {
        let judged = |status, source, end: &str| Facts { status, rule: Some(range(source, end)), ..facts() };
        let before = || judged(Status::Affected, SourceKind::Nvd, "8.9.0");
        let suspected = || judged(Status::Suspected, SourceKind::Nvd, "8.9.0");
        let stated = Facts { rule: Some(Rule::Stated("nvd: before 8.9.0".into())), ..facts() };
        let rows: [(&str, Facts, Facts, bool); 9] = [
            ("nothing is said otherwise", before(), before(), false),
            ("a range with another end", before(), judged(Status::Affected, SourceKind::Nvd, "8.10.0"), true),
            ("another source decides", before(), judged(Status::Affected, SourceKind::CveList, "8.9.0"), true),
            ("a suspicion that is confirmed", suspected(), before(), true),
            ("a record that only grew old", before(), suspected(), false),
            ("a rule where there was none", Facts { rule: None, ..facts() }, before(), true),
            ("a rule that an old log has in words", stated.clone(), before(), false),
            ("another version", before(), Facts { version: Evr::of_log("8.8.1-1"), ..before() }, true),
            ("the version as an old log has it", Facts { version: Evr::of_log("0:8.8.0-1"), ..before() }, before(), false),
        ];
        for (row, before, now, reopened) in rows {
            let events = decided_then(before, now);
            assert_eq!(events.iter().any(|e| matches!(e, CaseEvent::Reopened { .. })), reopened, "{row}: {events:?}");
        }
        // The rule of an old log is replaced once, so that the next change of it is seen.
        let events = decided_then(stated, before());
        assert!(matches!(&events[..], [CaseEvent::Observed { facts, .. }] if facts.rule == before().rule), "{events:?}");
    }

    #[test]
    fn a_decision_stands_until_its_grounds_change_and_exploitation_ends_a_deferral() {
        let mut case = affected("curl", CVE, at("2024-09-01T00:00Z"));
        let decision = Decision {
            state: CaseState::NotAffected,
            justification: Some(Justification::VulnerableCodeNotInExecutePath),
            reason: Reason::Reviewed,
            statement: "the option is off".into(),
            until: None,
            origin: Origin::Person,
        };
        case.apply(at("2024-09-02T00:00Z"), &CaseEvent::Decided(decision.clone())).unwrap();
        let rated = Facts { severity: Some(Severity::Critical), ..facts() };
        assert_eq!(after(cases(case.clone()), &scan(vec![seen(rated)]), "2024-09-20T00:00Z").1, []);
        let moved = Facts { version: Evr::of_log("8.8.1-1"), ..facts() };
        assert_eq!(state(&after(cases(case.clone()), &scan(vec![seen(moved)]), "2024-09-20T00:00Z").0), CaseState::Affected);
        let deferral = Decision { state: CaseState::Deferred, justification: None, until: Some(at("2025-01-01T00:00Z")), ..decision };
        case.apply(at("2024-09-03T00:00Z"), &CaseEvent::Decided(deferral)).unwrap();
        let exploited = Facts { exploited_since: Some("2024-09-19".parse().unwrap()), ..facts() };
        let (all, _) = after(cases(case.clone()), &scan(vec![seen(exploited.clone())]), "2024-09-20T00:00Z");
        assert_eq!((state(&all), all[&key("curl", CVE)].raised), (CaseState::Affected, Some(at("2024-09-20T00:00Z"))));
        // On the day on which it ends, what a scan has seen goes before the end.
        let fixed = Closed::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, evidence: Vec::new() };
        for (seen, wanted) in [
            (seen(facts()), CaseState::Affected),
            (seen(exploited), CaseState::Affected),
            (Observation { closed: Some(fixed), ..seen(facts()) }, CaseState::Fixed),
        ] {
            let (all, _) = after(cases(case.clone()), &scan(vec![seen]), "2025-01-01T00:00Z");
            assert_eq!(state(&all), wanted, "the deferral has ended");
        }
    }
}
