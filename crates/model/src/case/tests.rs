use super::*;
use crate::{Severity, Status};

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
}

fn key() -> CaseKey {
    CaseKey { line: "3.0".parse().unwrap(), package: "curl".parse().unwrap(), cve: "CVE-2024-6197".parse().unwrap(), part: String::new() }
}

fn facts() -> Facts {
    Facts {
        status: Status::Affected,
        version: Evr::of_log("8.8.0-1"),
        severity: Some(Severity::High),
        rated_by: None,
        exploited_since: None,
        epss: None,
        product: None,
        fixed_in: None,
        rule: None,
        record_published: at(0),
        reach: Reach::Repository,
        evidence: Vec::new(),
    }
}

fn opened() -> Case {
    Case::open(&key(), at(1), &CaseEvent::Opened { facts: facts(), state: CaseState::Affected }).unwrap()
}

fn decision(state: CaseState) -> Decision {
    Decision { state, justification: None, reason: Reason::Reviewed, statement: "looked at it".into(), until: None, origin: Origin::Person }
}

#[test]
fn a_case_goes_from_scan_to_image() {
    let mut case = opened();
    for (hour, event) in [
        (2, CaseEvent::Assigned { to: Some("mia".into()) }),
        (3, CaseEvent::Decided(decision(CaseState::Affected))),
        (4, CaseEvent::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, origin: Origin::Scan, evidence: Vec::new() }),
        (5, CaseEvent::Published { version: "8.8.0-2".parse().unwrap(), place: "updates".into() }),
        (6, CaseEvent::Shipped { version: "8.8.0-2".parse().unwrap(), image: "202411.01.0".into() }),
    ] {
        case.apply(at(hour), &event).unwrap();
    }
    assert_eq!((case.state, case.triaged), (CaseState::Fixed, Some(at(3))));
    assert_eq!(case.imaged.as_ref().map(|d| d.at), Some(at(6)));
    assert_eq!(case.changed, at(6));
}

#[test]
fn what_may_not_follow_leaves_the_case_as_it_was() {
    let mut case = opened();
    let before = case.clone();
    for event in [
        CaseEvent::Opened { facts: facts(), state: CaseState::Affected },
        CaseEvent::Resumed,
        CaseEvent::Expired,
        CaseEvent::Disclosed,
        CaseEvent::Shipped { version: "1".parse().unwrap(), image: "x".into() },
        CaseEvent::Decided(decision(CaseState::Deferred)),
        CaseEvent::Decided(decision(CaseState::NotAffected)),
        CaseEvent::Decided(decision(CaseState::Fixed)),
        CaseEvent::Reopened { facts: facts(), because: Vec::new(), state: CaseState::Affected },
    ] {
        assert!(case.apply(at(9), &event).is_err(), "{event:?}");
        assert_eq!(case, before, "{event:?}");
    }
}

#[test]
fn a_reopened_case_begins_anew() {
    let mut case = opened();
    case.apply(at(2), &CaseEvent::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, origin: Origin::Scan, evidence: Vec::new() })
        .unwrap();
    case.apply(
        at(3),
        &CaseEvent::Reopened { facts: facts(), because: vec![Change::Stated("another range".into())], state: CaseState::Affected },
    )
    .unwrap();
    assert_eq!((case.opened, case.fixed.clone(), case.triaged, case.reopened), (at(3), None, None, 1));
}

#[test]
fn a_case_knows_what_was_taken_back_until_the_fix_is_published_again() {
    let version = || Evr::of_log("8.8.0-2");
    let published = || CaseEvent::Published { version: version().unwrap(), place: "updates".into() };
    let mut case = opened();
    case.apply(at(2), &CaseEvent::Fixed { version: version(), or_before: false, origin: Origin::Scan, evidence: Vec::new() }).unwrap();
    case.apply(at(3), &published()).unwrap();
    case.apply(at(4), &CaseEvent::Recalled { version: version().unwrap(), because: "it breaks".into() }).unwrap();
    assert_eq!((case.taken_back(), case.deliverable()), (version().as_ref(), None));
    case.facts.version = Evr::of_log("8.8.0-3");
    assert_eq!(case.deliverable(), Evr::of_log("8.8.0-3").as_ref());
    let before = case.clone();
    let again = CaseEvent::Reopened { facts: facts(), because: Vec::new(), state: CaseState::Affected };
    for event in [published(), again] {
        let mut case = before.clone();
        case.apply(at(5), &event).unwrap();
        assert_eq!(case.recalled, None, "{event:?}");
        case.apply(at(6), &CaseEvent::Undone { first: 5, last: 5, before: Some(Box::new(before.clone())) }).unwrap();
        assert_eq!(case.recalled, version());
    }
}

#[test]
fn a_deferral_ends() {
    let mut case = opened();
    let deferral = Decision { until: Some(at(50)), ..decision(CaseState::Deferred) };
    case.apply(at(2), &CaseEvent::Decided(deferral)).unwrap();
    assert_eq!(case.expires(), Some(at(50)));
    case.apply(at(50), &CaseEvent::Expired).unwrap();
    assert_eq!((case.state, case.opened), (CaseState::Affected, at(50)));
}

#[test]
fn the_priority_is_made_of_its_reasons() {
    let mut case = opened();
    let plain = priority(&case);
    case.facts.exploited_since = Some("2024-01-01".parse().unwrap());
    case.rating = Some((Severity::Low, "not reachable by default".into()));
    let exploited = priority(&case);
    assert!(exploited.score > plain.score);
    assert!(exploited.reasons[0].contains("known to be exploited"), "{exploited:?}");
    let sum: i32 = exploited.reasons.iter().filter_map(|r| r.split(' ').next()?.strip_prefix('+')?.parse::<i32>().ok()).sum();
    assert_eq!(sum, exploited.score);
}

#[test]
fn events_survive_their_json() {
    for event in [
        CaseEvent::Opened { facts: facts(), state: CaseState::Affected },
        CaseEvent::Decided(decision(CaseState::Affected)),
        CaseEvent::Embargoed(Embargo { until: at(9), contact: "psirt@example.com".into(), tracking: "X-1".into() }),
        CaseEvent::Resumed,
    ] {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<CaseEvent>(&text).unwrap(), event, "{text}");
    }
}

#[test]
fn a_fix_counts_from_its_version_on_and_never_by_a_version_that_no_package_can_have() {
    // The version of the fix in the log, the version of a package, and whether it has the fix.
    let rows = [
        ("8.8.0-2", "8.8.0-2.azl3", true),
        ("0:8.8.0-2", "8.8.0-2", true),
        ("8.8.0-2", "8.8.0-1", false),
        ("1:8.8.0-2", "9.0-1", false),
        ("", "9.0-1", false),
        ("not known", "9.0-1", false),
    ];
    for (fix, version, has) in rows {
        let mut case = Case::open(&key(), at(1), &CaseEvent::Opened { facts: facts(), state: CaseState::Affected }).unwrap();
        case.apply(at(2), &CaseEvent::Fixed { version: Evr::of_log(fix), or_before: false, origin: Origin::Scan, evidence: Vec::new() })
            .unwrap();
        assert_eq!(case.is_fixed_in(&version.parse().unwrap()), has, "{fix:?} and {version}");
    }
}

#[test]
fn a_package_that_left_is_closed_without_a_claim_and_may_come_back() {
    let by_a_scan = Decision {
        justification: Some(Justification::ComponentNotPresent),
        reason: Reason::Version,
        origin: Origin::Scan,
        ..decision(CaseState::NotAffected)
    };
    for left in [CaseEvent::Left { version: Evr::of_log("8.8.0-1") }, CaseEvent::Decided(by_a_scan)] {
        let mut case = opened();
        case.apply(at(2), &CaseEvent::Decided(decision(CaseState::Affected))).unwrap();
        case.apply(at(3), &left).unwrap();
        assert_eq!((case.state, case.decision.as_ref(), case.triaged), (CaseState::NotShipped, None, Some(at(2))), "{left:?}");
        assert!(!case.state.is_open() && case.apply(at(4), &left).is_err());
        let back = CaseEvent::Reopened { facts: facts(), because: Vec::new(), state: CaseState::Affected };
        case.apply(at(5), &back).unwrap();
        assert_eq!((case.state, case.opened), (CaseState::Affected, at(5)));
        assert!(case.apply(at(6), &CaseEvent::Decided(decision(CaseState::NotShipped))).is_err(), "nobody decides that");
    }
}

#[test]
fn what_was_undone_is_as_it_was() {
    let mut case = opened();
    let before = case.clone();
    case.apply(at(2), &CaseEvent::Decided(decision(CaseState::Affected))).unwrap();
    let undone = |before| CaseEvent::Undone { first: 2, last: 2, before };
    let other = Case { key: CaseKey { part: "libs".into(), ..key() }, ..before.clone() };
    assert!(case.apply(at(3), &undone(Some(Box::new(other)))).is_err(), "no case becomes another one");
    case.apply(at(3), &undone(Some(Box::new(before.clone())))).unwrap();
    assert_eq!(case, Case { changed: at(3), ..before });
}

#[test]
fn a_case_that_was_never_opened_is_opened_anew_and_keeps_its_embargo() {
    let mut case = opened();
    let embargo = Embargo { until: at(100), contact: "psirt@example.com".into(), tracking: String::new() };
    case.apply(at(2), &CaseEvent::Embargoed(embargo.clone())).unwrap();
    case.apply(at(3), &CaseEvent::Undone { first: 1, last: 2, before: None }).unwrap();
    assert_eq!((case.state, case.embargo.as_ref()), (CaseState::Unopened, Some(&embargo)));
    for event in
        [CaseEvent::Assigned { to: None }, CaseEvent::Decided(decision(CaseState::Affected)), CaseEvent::Withdrawn { because: "x".into() }]
    {
        assert!(case.apply(at(4), &event).is_err(), "{event:?}");
    }
    case.apply(at(5), &CaseEvent::Opened { facts: facts(), state: CaseState::Affected }).unwrap();
    assert_eq!((case.state, case.opened, case.embargo), (CaseState::Affected, at(5), Some(embargo)));
}
