//! What follows from a scan, case by case.

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
    let beside =
        |seen| Scan { versions: [("curl".to_owned(), vec![Evr::new(0, "8.8.0", "1"), Evr::new(0, "8.9.1", "1")])].into(), ..scan(seen) };
    let (all, events) = after(BTreeMap::new(), &beside(vec![seen(facts())]), "2024-09-20T00:00Z");
    let fixed = |all: &BTreeMap<CaseKey, Case>| all[&key("curl", CVE)].fixed.as_ref().and_then(|d| d.version.clone());
    assert_eq!((events.len(), state(&all), fixed(&all)), (2, CaseState::Fixed, Evr::of_log("8.9.1-1")));
    let suspected = Facts { status: Status::Suspected, ..facts() };
    assert!(after(BTreeMap::new(), &beside(vec![seen(suspected.clone())]), "2024-09-20T00:00Z").0.is_empty(), "a suspicion is none");
    // Cases from before the newer release came.
    let before = |facts: Facts| after(BTreeMap::new(), &scan(vec![seen(facts)]), "2024-09-01T00:00Z").0;
    let after_event = |event: CaseEvent| {
        let mut all = before(facts());
        all.values_mut().for_each(|case| case.apply(at("2024-09-02T00:00Z"), &event).unwrap());
        all
    };
    let decided = |state| {
        let justification = (state == CaseState::NotAffected).then_some(Justification::VulnerableCodeNotPresent);
        let until = (state != CaseState::NotAffected).then(|| at("2025-01-01T00:00Z"));
        let (reason, statement) = (Reason::Reviewed, "looked at".into());
        after_event(CaseEvent::Decided(Decision { state, justification, reason, statement, until, origin: Origin::Person }))
    };
    let fix = |version| CaseEvent::Fixed { version, or_before: false, origin: Origin::Scan, evidence: Vec::new() };
    let rows = [
        ("open", before(facts()), "fixed in 8.9.1-1"),
        ("suspected", before(suspected), "fixed in 8.9.1-1"),
        ("deferred", decided(CaseState::Deferred), "fixed in 8.9.1-1"),
        ("will not be fixed", decided(CaseState::WillNotFix), "fixed in 8.9.1-1"),
        ("the package had left", after_event(CaseEvent::Left { version: facts().version }), "fixed in 8.9.1-1"),
        ("fixed in a release that has the flaw", after_event(fix(facts().version)), "fixed in 8.9.1-1"),
        ("fixed in a newer one", after_event(fix(Evr::of_log("8.8.0-2"))), "nothing"),
        ("not affected, by a person", decided(CaseState::NotAffected), "nothing"),
    ];
    seaworthy_testing::hold(rows.into_iter().map(|(why, all, expected)| {
        let (_, events) = after(all, &beside(vec![seen(facts())]), "2024-09-21T00:00Z");
        (why, expected.to_owned(), events.last().map_or_else(|| "nothing".into(), ToString::to_string))
    }));
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
    assert!(matches!(&events[0], CaseEvent::Reopened { because, .. } if because[0].to_string().contains("before 8.10.0")), "{events:?}");
}

#[test]
fn a_fix_without_a_first_version_begins_after_what_was_raised() {
    let version = |text: &str| Facts { version: Evr::of_log(text), ..facts() };
    let suspected = Facts { status: Status::Suspected, ..facts() };
    let rows = [
        ("a case that the scan opens", None, "fixed in 8.8.0-2 or before"),
        ("an older version was raised", Some(version("8.8.0-1")), "fixed in 8.8.0-2"),
        ("the same version was raised", Some(version("8.8.0-2")), "fixed in 8.8.0-2 or before"),
        ("an older version was suspected", Some(suspected.clone()), "fixed in 8.8.0-2 or before"),
    ];
    let rows = rows.map(|(row, facts, expected)| (row, facts, None, expected)).into_iter().chain([
        ("an older version was deferred", Some(facts()), Some(CaseState::Deferred), "fixed in 8.8.0-2"),
        ("an older version will not be fixed", Some(facts()), Some(CaseState::WillNotFix), "fixed in 8.8.0-2"),
        ("a person decided it affected", Some(suspected), Some(CaseState::Affected), "fixed in 8.8.0-2"),
    ]);
    // Beside an older version that is affected.
    let fixed = Closed::Fixed { version: Evr::of_log("8.8.0-2"), or_before: true, evidence: Vec::new() };
    let both = vec![seen(version("8.7.0-1")), Observation { closed: Some(fixed), ..seen(version("8.8.0-2")) }];
    let versions = [("curl".to_owned(), vec![Evr::new(0, "8.7.0", "1"), Evr::new(0, "8.8.0", "2")])].into();
    let (_, events) = after(BTreeMap::new(), &Scan { versions, ..scan(both) }, "2024-09-20T00:00Z");
    assert_eq!(events.last().map(ToString::to_string).as_deref(), Some("fixed in 8.8.0-2"));
    seaworthy_testing::hold(rows.map(|(row, before, decided, expected)| {
        let opened = before.map(|facts| after(BTreeMap::new(), &scan(vec![seen(facts)]), "2024-09-01T00:00Z").0);
        let mut all = opened.unwrap_or_default();
        if let Some((case, state)) = all.values_mut().next().zip(decided) {
            let decision = Decision {
                state,
                justification: None,
                reason: Reason::Reviewed,
                statement: "looked at".into(),
                until: (state != CaseState::Affected).then(|| at("2025-01-01T00:00Z")),
                origin: Origin::Person,
            };
            case.apply(at("2024-09-02T00:00Z"), &CaseEvent::Decided(decision)).unwrap();
        }
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

/// A person's decision.
fn the_option_is_off() -> Decision {
    Decision {
        state: CaseState::NotAffected,
        justification: Some(Justification::VulnerableCodeNotInExecutePath),
        reason: Reason::Reviewed,
        statement: "the option is off".into(),
        until: None,
        origin: Origin::Person,
    }
}

/// A case that a person decided, as its facts were then, and the events of a scan that finds others.
fn decided_then(before: Facts, now: Facts) -> Vec<CaseEvent> {
    let key = key("curl", CVE);
    let opened = CaseEvent::Opened { facts: before, state: CaseState::Affected };
    let mut case = Case::open(&key, at("2024-09-01T00:00Z"), &opened).unwrap();
    let decision = the_option_is_off();
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
    let decision = the_option_is_off();
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
