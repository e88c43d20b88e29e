//! The queue at the size of a distribution: thousands of open cases, of which all are counted, found and given their deadlines.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use seaworthy_ledger::{Draft, Event, Ledger, Location};
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState, Decision, Facts, Justification, Origin, PauseReason, Reach, Reason, Stage};
use seaworthy_model::{Evr, Severity};
use seaworthy_pipeline::triage::Span;
use seaworthy_pipeline::{CaseName, QueueRequest, Queued};

use crate::chronicle;
use crate::home::Office;

/// The number of open cases; one in ten is closed besides.
const OPEN: u32 = 6_806;
/// The place, by priority and age, of the only case of openssl.
const OPENSSL: u32 = 6_000;
const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// The case of a number. The first quarter is critical, the last low; each was opened a minute after the one before it.
fn key(n: u32) -> CaseKey {
    let package = if n == OPENSSL { "openssl".into() } else { format!("package-{}", n % 700) };
    let cve = format!("CVE-2024-{:05}", 10_000 + n).parse().unwrap();
    CaseKey { line: "1.0".parse().unwrap(), package: package.parse().unwrap(), cve, part: String::new() }
}

fn name(n: u32) -> CaseName {
    let CaseKey { package, cve, part, .. } = key(n);
    CaseName { cve, package, line: None, part, embargoed: false }
}

fn facts(severity: Severity, at: Timestamp) -> Facts {
    Facts { severity: Some(severity), record_published: at, reach: Reach::Repository, ..chronicle::facts() }
}

/// A home with the cases, and with the time at the end of the last one's opening.
fn office() -> Office {
    let office = Office::new();
    let now = *office.clock.0.lock().unwrap();
    let first = now - SignedDuration::from_mins(i64::from(OPEN));
    let mut drafts = Vec::new();
    for n in 0..OPEN {
        let at = first + SignedDuration::from_mins(i64::from(n));
        let severity = SEVERITIES[(n * 4 / OPEN) as usize];
        let opened = CaseEvent::Opened { facts: facts(severity, at), state: CaseState::Affected };
        drafts.push(Draft::new(at, "cycle", Event::case(key(n), opened.clone())));
        if n % 10 == 0 {
            let key = CaseKey { part: "tools".into(), ..key(n) };
            drafts.push(Draft::new(at, "cycle", Event::case(key.clone(), opened)));
            drafts.push(Draft::new(at, "mia", Event::case(key, CaseEvent::Decided(decision(CaseState::NotAffected)))));
        }
    }
    let ledger = Ledger::open(&Location::Sqlite(office.folder.path().join("home/ledger.db"))).unwrap();
    ledger.with_clock(move || now).append(drafts).unwrap();
    office
}

fn decision(state: CaseState) -> Decision {
    Decision {
        state,
        justification: Some(Justification::VulnerableCodeNotPresent),
        reason: Reason::Reviewed,
        statement: "The tools are not built.".into(),
        until: None,
        origin: Origin::Person,
    }
}

fn keys(cases: &[Queued]) -> Vec<CaseKey> {
    cases.iter().map(|queued| queued.case.key.clone()).collect()
}

#[test]
fn all_cases_are_counted_found_and_paged() {
    let office = office();
    let home = office.home();
    let desk = home.desk().unwrap();
    let page = |skip: u64| desk.queue(&QueueRequest { limit: 100, skip, ..QueueRequest::default() }).unwrap();
    let first = page(0);
    assert_eq!((first.total, first.cases.len(), first.next.is_some()), (u64::from(OPEN), 100, true));
    let last = page(6_800);
    assert_eq!((last.total, last.cases.len(), last.next), (u64::from(OPEN), 6, None));
    assert_eq!((page(7_000).total, page(7_000).cases.len()), (u64::from(OPEN), 0));

    // What is loaded at once is in the order of the pages, by number or by place.
    let all = desk.open_cases(None, false).unwrap();
    assert_eq!(keys(&all)[OPENSSL as usize].package, "openssl");
    let by_number: Vec<Queued> = (0..69).flat_map(|n| page(n * 100).cases).collect();
    assert!(by_number == all);
    let behind = QueueRequest { limit: 10_000, after: first.next, ..QueueRequest::default() };
    assert!(desk.queue(&behind).unwrap().cases[..] == all[100..]);

    let of = |request: QueueRequest| desk.queue(&QueueRequest { limit: 10, ..request }).unwrap();
    let openssl = of(QueueRequest { package: Some("openssl".parse().unwrap()), ..QueueRequest::default() });
    assert_eq!((openssl.total, keys(&openssl.cases)), (1, vec![key(OPENSSL)]));
    let closed = of(QueueRequest { states: vec![CaseState::NotAffected], ..QueueRequest::default() });
    assert_eq!((closed.total, closed.cases.len(), closed.cases[0].due.is_none()), (681, 10, true));
    let severe = of(QueueRequest { severity: Some(Severity::High), ..QueueRequest::default() });
    assert_eq!(severe.total, 3_403, "on all pages");
    // A decision leaves the queue, and its words are suggested for the same CVE.
    assert_eq!(desk.file(&name(20)).unwrap().suggestions.len(), 1);
    let before = desk.file(&name(21)).unwrap().suggestions.len();
    let part = CaseName { part: "part".into(), ..name(21) };
    desk.split(&name(21), &["part".into()], None).unwrap();
    desk.decide(&part, decision(CaseState::NotAffected), None).unwrap();
    assert_eq!((before, desk.file(&name(21)).unwrap().suggestions.len()), (0, 1), "what was just decided counts");
    desk.decide(&name(OPENSSL), decision(CaseState::NotAffected), None).unwrap();
    assert_eq!(page(0).total, u64::from(OPEN) - 1);
}

#[test]
fn what_is_due_soon_is_found_among_all() {
    let office = office();
    let home = office.home();
    let desk = home.desk().unwrap();
    let now = home.now();
    let due = |span: &str, request: QueueRequest| {
        let due: Span = span.parse().unwrap();
        desk.queue(&QueueRequest { due: Some(due), limit: 10_000, ..request }).unwrap()
    };
    // Critical ones have a day to be decided, high ones three, and each has waited for a number of minutes.
    let waited = |queued: &Queued| now.as_second() - queued.case.opened.as_second();
    let all = desk.open_cases(None, false).unwrap();
    let wanted = |queued: &&Queued| match queued.case.severity().unwrap() {
        Severity::Critical => true,
        Severity::High => waited(queued) >= 60 * 3600,
        Severity::Medium | Severity::Low | Severity::None => false,
    };
    let expected: BTreeSet<CaseKey> = all.iter().filter(wanted).map(|queued| queued.case.key.clone()).collect();
    let soon = due("12h", QueueRequest::default());
    assert_eq!(soon.total as usize, soon.cases.len());
    assert_eq!(keys(&soon.cases).into_iter().collect::<BTreeSet<_>>(), expected);
    let times: Vec<Timestamp> = soon.cases.iter().map(|queued| queued.due.as_ref().unwrap().due).collect();
    assert!(times.is_sorted() && times[0] < now && times[times.len() - 1] > now, "those that are overdue come first");
    assert!(soon.cases.iter().all(|queued| queued.due.as_ref().unwrap().stage == Stage::Triaged));
    let later = desk.queue(&QueueRequest { due: "12h".parse().ok(), limit: 10, skip: 100, ..QueueRequest::default() }).unwrap();
    assert_eq!((later.total, &later.cases[..], later.next), (soon.total, &soon.cases[100..110], None));

    // Filters go over all cases; a case far behind by priority is due as well, in its time.
    let openssl = || QueueRequest { package: "openssl".parse().ok(), ..QueueRequest::default() };
    assert_eq!((due("2d", openssl()).total, due("2w", openssl()).total), (0, 1));
    // Who decided has until the fix; a paused clock is not due; what is fixed has to be published.
    desk.decide(&name(0), Decision { justification: None, ..decision(CaseState::Affected) }, None).unwrap();
    desk.pause(&name(1), PauseReason::WaitingForUpstream, None).unwrap();
    let after = due("12h", QueueRequest::default());
    assert_eq!(after.total, soon.total - 2);
    let shown = |n: u32| {
        let request = QueueRequest { cve: Some(key(n).cve), limit: 1, ..QueueRequest::default() };
        desk.queue(&request).unwrap().cases.remove(0).due.unwrap()
    };
    assert_eq!((shown(0).stage, shown(0).due), (Stage::Fixed, at(0) + SignedDuration::from_hours(7 * 24)));
    assert_eq!(shown(1).outcome, seaworthy_pipeline::triage::Outcome::Paused);
    let fixed = CaseEvent::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, origin: Origin::Scan, evidence: Vec::new() };
    desk.write(&name(2), fixed, None).unwrap();
    let unpublished = due("7d", QueueRequest { states: vec![CaseState::Fixed], ..QueueRequest::default() });
    assert_eq!(unpublished.cases.iter().map(|queued| queued.due.as_ref().unwrap().stage).collect::<Vec<_>>(), [Stage::Published]);
}

/// The time at which a case was opened.
fn at(n: u32) -> Timestamp {
    let now: Timestamp = "2024-10-01T06:00:00Z".parse().unwrap();
    now - SignedDuration::from_mins(i64::from(OPEN - n))
}
