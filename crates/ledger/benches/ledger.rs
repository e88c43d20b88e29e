//! The speed of the ledger with 100,000 cases, on both databases: `cargo bench -p seaworthy-ledger`. CASES sets another number.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/store/postgres.rs"]
mod postgres;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use seaworthy_ledger::{Draft, Event, Ledger, Location, Query, Sight};
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState, Decision, Facts, Origin, RatedBy, Reach, Reason};
use seaworthy_model::{Evidence, EvidenceKind, Evr, Rule, Severity, Status};
use seaworthy_triage::Policy;

fn at(second: u32) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + i64::from(second)).unwrap()
}

fn key(n: u32) -> CaseKey {
    let cve = format!("CVE-{}-{:04}", 2000 + n % 26, 1000 + n / 26).parse().unwrap();
    CaseKey {
        line: if n.is_multiple_of(5) { "2.0" } else { "3.0" }.parse().unwrap(),
        package: format!("package-{}", n % 1900).parse().unwrap(),
        cve,
        part: String::new(),
    }
}

fn event(n: u32, event: CaseEvent) -> Draft {
    Draft::new(at(n), "bench", Event::case(key(n), event))
}

fn opened(n: u32) -> Draft {
    let severities = [None, Some(Severity::Low), Some(Severity::Medium), Some(Severity::High), Some(Severity::Critical)];
    let detail = |what: &str| format!("{what}, as a person would read it in a line of some length, with names and versions {n}.{n}");
    let facts = Facts {
        status: if n.is_multiple_of(3) { Status::Suspected } else { Status::Affected },
        version: Evr::of_log(&format!("0:1.{n}.0-1.azl3")),
        severity: severities[n as usize % 5],
        rated_by: Some(RatedBy::Stated("nvd 7.5".into())),
        exploited_since: n.is_multiple_of(97).then(|| "2024-02-03".parse().unwrap()),
        epss: Some((n % 1000) as f32 / 10_000.0),
        product: Some(format!("cpe:2.3:a:vendor:product-{n}")),
        fixed_in: Some(format!("1.{}.0", n + 1)),
        rule: Some(Rule::Stated(format!("product-{n} before 1.{}.0", n + 1))),
        record_published: at(n),
        reach: if n.is_multiple_of(4) { Reach::Image } else { Reach::Repository },
        evidence: (0..4).map(|i| Evidence::new(EvidenceKind::Version, detail(&format!("reason {i}")))).collect(),
    };
    event(n, CaseEvent::Opened { facts, state: CaseState::Affected })
}

fn deferral() -> CaseEvent {
    CaseEvent::Decided(Decision {
        state: CaseState::Deferred,
        justification: None,
        reason: Reason::LowImpact,
        statement: "it waits for the next release".into(),
        until: Some(at(900_000_000)),
        origin: Origin::Person,
    })
}

/// The median time of some runs.
fn median(runs: u32, mut work: impl FnMut(u32)) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|run| {
            let started = Instant::now();
            work(run);
            started.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn measure(name: &str, place: &Location, cases: u32) -> bool {
    println!("{name}, {cases} cases");
    let mut within = true;
    let mut tell = |what: &str, time: Duration, bar: Option<u64>| {
        let over = bar.is_some_and(|bar| time > Duration::from_millis(bar));
        within &= !over;
        let bar = bar.map(|b| format!("  bar {b} ms{}", if over { "  OVER" } else { "" })).unwrap_or_default();
        println!("  {what:<52} {:>10.1} ms{bar}", time.as_secs_f64() * 1000.0);
    };
    let ledger = Ledger::open(place).unwrap();
    let mut batches = Vec::new();
    for first in (0..cases).step_by(10_000) {
        let events: Vec<Draft> = (first..(first + 10_000).min(cases)).map(opened).collect();
        let started = Instant::now();
        ledger.append(events).unwrap();
        batches.push(started.elapsed());
    }
    batches.sort();
    tell("append 10,000 events that open cases", batches[batches.len() / 2], Some(2000));
    // A third is closed, as in life.
    let mut decided = (0..cases).filter(|n| n % 3 == 1);
    let started = Instant::now();
    ledger.append(decided.by_ref().take(10_000).map(|n| event(n, deferral())).collect()).unwrap();
    tell("append 10,000 decisions", started.elapsed(), Some(2000));
    let page = |query: &Query| {
        let ledger = Ledger::open(place).unwrap();
        median(31, |_| assert_eq!(ledger.cases(query).unwrap().cases.len(), 100))
    };
    let query = Query { open: Some(true), sight: Sight::DisclosedAt(at(0)), limit: Some(100), ..Query::default() };
    tell("the queue's first page", page(&query), Some(50));
    let skip = u64::from(cases) / 2;
    tell("a page in the middle of the queue, by its number", page(&Query { skip, ..query.clone() }), Some(100));
    let time = {
        let ledger = Ledger::open(place).unwrap();
        median(31, |_| assert!(ledger.count(&query).unwrap() > skip))
    };
    tell("the number of cases in the queue", time, Some(100));
    let undecided = Query { states: vec![CaseState::Affected, CaseState::UnderInvestigation, CaseState::Deferred], ..query.clone() };
    tell("the first page of three states", page(&undecided), Some(50));
    tell("a page in the middle of three states, by its number", page(&Query { skip, ..undecided }), Some(100));
    tell(
        "the first page of critical ones of a line",
        page(&Query { severity: Some(Severity::Critical), line: Some("3.0".parse().unwrap()), ..query }),
        Some(50),
    );
    let time = median(51, |_| _ = ledger.append(vec![event(decided.next().unwrap(), deferral())]).unwrap());
    tell("a decision", time, Some(20));
    let time = median(5, |_| {
        let mut count = 0;
        ledger
            .each_case(&Query { sight: Sight::All, ..Query::default() }, |_| {
                count += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(count, cases);
    });
    tell("load every case, without evidence", time, Some(1000));
    // As the command does: a plan is made of whatever the ledger holds when it is asked for.
    let policy = Policy::parse("").unwrap();
    let time = median(5, |_| {
        let mut all = Vec::with_capacity(cases as usize);
        let query = Query { sight: Sight::All, ..Query::default() };
        ledger
            .each_case(&query, |case| {
                all.push(case);
                Ok(())
            })
            .unwrap();
        let plan = seaworthy_triage::plan(&all, &policy, at(1));
        assert!(!plan.blocked.is_empty());
    });
    tell("a plan, with loading every case", time, Some(1000));
    tell("count the cases by state", median(5, |_| _ = ledger.counts(Sight::default()).unwrap()), None);
    tell("open, look up the last scan, close", median(21, |_| _ = Ledger::open(place).unwrap().last_scan("none").unwrap()), None);
    tell("verify", median(1, |_| _ = ledger.verify().unwrap()), None);
    tell("rebuild", median(1, |_| _ = ledger.rebuild().unwrap()), None);
    let mut export = Vec::new();
    tell("export", median(1, |_| _ = ledger.export(1, &mut export).unwrap()), None);
    within
}

fn main() {
    let cases = std::env::var("CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let sqlite = measure("SQLite", &Location::Sqlite(folder.path().join("ledger.db")), cases);
    // As it comes, with everything on the disk before it is reported.
    let server = postgres::Server::start(&[]);
    let postgres = measure("PostgreSQL", &server.database(), cases);
    drop(server);
    std::process::exit(i32::from(!(sqlite && postgres)));
}
