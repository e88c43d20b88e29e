//! Faults of others cost no more than themselves: one bad record stops no cycle, and one wrong time no case.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use seaworthy_model::case::{CaseEvent, CaseState, Decision, Embargo, Origin, Reason};
use seaworthy_pipeline::{CaseName, CycleRequest, Judging, Kind, NewCase, QueueRequest, Selection, Source};

use crate::home::{Office, cycle_of, specs};

/// The cases of the queue, as package and CVE.
fn cases(office: &Office) -> Vec<String> {
    let queue = office.home().desk().unwrap().queue(&QueueRequest { limit: 100, ..QueueRequest::default() }).unwrap();
    queue.cases.iter().map(|queued| format!("{} {}", queued.case.key.package, queued.case.key.cve)).collect()
}

#[test]
fn a_case_that_the_log_cannot_keep_costs_itself() {
    let office = Office::new().synced();
    let package = |name: &str, version: &str, patch: &str| {
        format!(r#"{{"name":"{name}","version":"{version}","release":"1","patches":["{patch}"]}}"#)
    };
    let huge = format!("CVE-2024-7264{}.patch", "x".repeat(9 << 20));
    let text = format!(r#"{{"packages":[{},{}]}}"#, package("curl", "8.8.0", &huge), package("openssl", "3.3.0", "a.patch"));
    let path = office.folder.path().join("packages.json");
    fs::write(&path, text).unwrap();
    let request = cycle_of(Selection { source: Source::Packages(path), history: None });
    for run in 0..2 {
        let cycled = office.later().home().cycle(&request).unwrap();
        assert!(cycled.events.is_empty() == (run == 1), "{:?}", cycled.events.iter().map(|step| &step.key).collect::<Vec<_>>());
        let lines = std::mem::take(&mut *office.lines.0.lock().unwrap());
        let said = |line: &String| line.contains("CVE-2024-7264 in curl") && line.contains("the case is left as it was");
        assert!(lines.iter().any(said), "run {run}");
    }
    let cases = cases(&office);
    assert!(cases.contains(&"openssl CVE-2024-6119".to_owned()) && !cases.contains(&"curl CVE-2024-7264".to_owned()), "{cases:?}");
}

#[test]
fn a_cycle_judges_as_of_today() {
    let office = Office::new().synced();
    office.cycle();
    let before = cases(&office);
    let as_of = |day: &str| {
        let judging = Judging { as_of: Some(day.parse().unwrap()), ..Judging::default() };
        office.later().home().cycle(&CycleRequest { judging, ..cycle_of(specs()) })
    };
    for day in ["1999-01-01", "2024-09-30"] {
        let refused = as_of(day).unwrap_err();
        assert!(refused.kind() == Kind::Request && refused.to_string().contains("judges as of today"), "{refused}");
    }
    assert!(as_of("2024-10-01").unwrap().events.is_empty());
    assert_eq!(cases(&office), before);
}

/// The open case of curl, with the right to cases under embargo or without.
fn curl(embargoed: bool) -> CaseName {
    CaseName { cve: "CVE-2024-7264".parse().unwrap(), package: "curl".parse().unwrap(), line: None, part: String::new(), embargoed }
}

#[test]
fn a_decision_that_is_over_decides_nothing() {
    let office = Office::new().synced();
    office.cycle();
    let home = office.home();
    let desk = home.desk().unwrap();
    let curl = curl(false);
    let until = |time: Timestamp| Decision {
        state: CaseState::Deferred,
        justification: None,
        reason: Reason::Reviewed,
        statement: "later".into(),
        until: Some(time),
        origin: Origin::Person,
    };
    for time in ["2020-01-01T00:00:00Z".parse().unwrap(), home.now()] {
        let refused = desk.decide(&curl, until(time), None).unwrap_err();
        assert!(refused.kind() == Kind::Request && refused.to_string().contains("over already"), "{refused}");
        let rule = "package=curl state=affected".parse().unwrap();
        assert_eq!(desk.choose(&rule, None, false, until(time)).map(drop).unwrap_err().kind(), Kind::Request);
    }
    desk.decide(&curl, until("2024-10-02T00:00:00Z".parse().unwrap()), None).unwrap();
    assert_eq!(desk.case(&curl).unwrap().state, CaseState::Deferred);
}

#[test]
fn nothing_begins_that_is_over_already() {
    let office = Office::new().synced();
    office.cycle();
    let home = office.home();
    let desk = home.desk().unwrap();
    let curl = curl(true);
    let decision = |state, until| Decision {
        state,
        justification: None,
        reason: Reason::Reviewed,
        statement: "later".into(),
        until: Some(until),
        origin: Origin::Person,
    };
    let log = || desk.file(&curl).unwrap().history.len();
    let before = log();
    for until in ["2020-01-01T00:00:00Z".parse().unwrap(), home.now()] {
        let embargo = || Embargo { until, contact: "psirt@harbor.example".into(), tracking: String::new() };
        let deferral = CaseEvent::Decided(decision(CaseState::Deferred, until));
        let new = NewCase { version: "8.8.0-2".into(), severity: None, embargo: Some(embargo()) };
        let other = CaseName { cve: "CVE-2026-90001".parse().unwrap(), ..curl.clone() };
        // By whatever door: the board writes events as they are.
        let refused = [
            desk.write(&curl, deferral, None),
            desk.write(&curl, CaseEvent::Embargoed(embargo()), None),
            desk.embargo(&curl, embargo(), None),
            desk.open(&other, new, None),
        ];
        for refused in refused {
            let refused = refused.unwrap_err();
            assert!(refused.kind() == Kind::Request && refused.to_string().contains("over already"), "{refused}");
        }
        assert!(desk.case(&other).is_err());
    }
    assert_eq!(log(), before);
    // A decision that has ended by now is no precedent that can be accepted as it stands.
    let soon = home.now() + SignedDuration::from_mins(30);
    desk.split(&curl, &["tools".into()], None).unwrap();
    let part = CaseName { part: "tools".into(), ..curl.clone() };
    desk.decide(&part, decision(CaseState::WillNotFix, soon), None).unwrap();
    office.later();
    let refused = desk.accept(&curl, 1, None, None).unwrap_err();
    assert!(refused.to_string().contains("over already"), "{refused}");
    assert!(desk.case(&curl).unwrap().state.is_open());
}
