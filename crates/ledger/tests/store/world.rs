//! The values that the tests use.

use jiff::Timestamp;
use proptest::prelude::*;
use seaworthy_ledger::{Draft, Event, Location, Scan};
use seaworthy_model::case::{
    Case, CaseEvent, CaseKey, CaseState, Change, Decision, Embargo, Facts, Justification, Origin, PauseReason, RatedBy, Reach, Reason, Said,
};
use seaworthy_model::subject::Synced;
use seaworthy_model::{Digest, Evidence, EvidenceKind, Evr, Rule, Severity, Status, VexStatus};

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + minute * 60).unwrap()
}

pub(crate) fn key(n: u32) -> CaseKey {
    CaseKey {
        line: "3.0".parse().unwrap(),
        package: format!("package-{}", n % 7).parse().unwrap(),
        cve: format!("CVE-2024-{:04}", 1000 + n).parse().unwrap(),
        part: String::new(),
    }
}

pub(crate) fn said() -> Said {
    Said {
        document: "https://vex.example.org/1".into(),
        revision: "2".into(),
        file: "theirs.json".into(),
        at: Some(at(1)),
        status: Some(VexStatus::Affected),
        justification: None,
        statement: String::new(),
        versions: Some("8.8.0-1".into()),
        overtaken: false,
    }
}

pub(crate) fn facts(severity: Option<Severity>, version: &str) -> Facts {
    Facts {
        status: Status::Affected,
        version: Evr::of_log(version),
        severity,
        rated_by: Some(RatedBy::Stated("nvd 7.5".into())),
        exploited_since: None,
        epss: Some(0.013),
        product: Some("cpe:2.3:a:vendor:product".into()),
        fixed_in: Some("8.9.1".into()),
        rule: Some(Rule::Stated("product < 8.9.1".into())),
        record_published: at(0),
        reach: Reach::Image,
        evidence: vec![Evidence::new(EvidenceKind::Version, format!("{version} is before 8.9.1, says \"nvd\""))],
    }
}

pub(crate) fn case(minute: i64, n: u32, event: CaseEvent) -> Draft {
    Draft { at: at(minute), actor: "mia".into(), why: Some("so says \"the test\" ✓".into()), event: Event::case(key(n), event) }
}

pub(crate) fn opened(n: u32, severity: Severity) -> Draft {
    case(i64::from(n), n, CaseEvent::Opened { facts: facts(Some(severity), "8.8.0-1"), state: CaseState::Affected })
}

pub(crate) fn embargoed(n: u32, until: i64) -> Draft {
    case(
        i64::from(n) + 1,
        n,
        CaseEvent::Embargoed(Embargo { until: at(until), contact: "psirt@example.com".into(), tracking: "X-1".into() }),
    )
}

pub(crate) fn synced(n: u64) -> Draft {
    Draft::new(at(n as i64), "seaworthy", Synced { knowledge: Digest::of(&n.to_le_bytes()), changes: [n, 0, 0] })
}

pub(crate) fn scanned(selector: &str, knowledge: &[u8]) -> Draft {
    let (knowledge, inventory) = (Digest::of(knowledge), Digest::of(b"i"));
    let event =
        Event::Scanned(Scan { selector: selector.into(), knowledge, inventory, engine: "e".into(), products: None, raised: [1, 2] });
    Draft::new(at(1), "seaworthy", event)
}

pub(crate) fn decided(state: CaseState) -> CaseEvent {
    CaseEvent::Decided(Decision {
        state,
        justification: Some(Justification::ComponentNotPresent),
        reason: Reason::Reviewed,
        statement: "it is not built".into(),
        until: Some(at(10_000)),
        origin: Origin::Person,
    })
}

/// Any event that may be tried on one of so many cases; most sequences of them are not legal as a whole.
pub(crate) fn any_step(cases: u32) -> impl Strategy<Value = (u32, CaseEvent)> {
    let undone = |n: u32| {
        let opened = CaseEvent::Opened { facts: facts(Some(Severity::High), "8.7.0-1"), state: CaseState::Affected };
        let mut before = Case::open(&key(n), at(1), &opened).unwrap();
        before.apply(at(2), &decided(CaseState::Deferred)).unwrap();
        CaseEvent::Undone { first: 1, last: 1, before: Some(Box::new(before)) }
    };
    prop_oneof![19 => (0..cases, any_event()), 1 => (0..cases).prop_map(move |n| (n, undone(n)))]
}

fn any_event() -> impl Strategy<Value = CaseEvent> {
    let severity = prop_oneof![Just(None), Just(Some(Severity::Low)), Just(Some(Severity::High)), Just(Some(Severity::Critical))];
    let seen = (severity, "[0-9]\\.[0-9]-[1-9]", any::<f32>(), any::<bool>()).prop_map(|(severity, version, epss, exploited)| Facts {
        epss: epss.is_finite().then_some(epss.abs().fract()),
        exploited_since: exploited.then(|| "2024-02-03".parse().unwrap()),
        ..facts(severity, &version)
    });
    let open = prop_oneof![Just(CaseState::UnderInvestigation), Just(CaseState::Affected)];
    let decision =
        prop_oneof![Just(CaseState::Deferred), Just(CaseState::WillNotFix), Just(CaseState::NotAffected), Just(CaseState::Affected)];
    prop_oneof![
        4 => (seen.clone(), open.clone()).prop_map(|(facts, state)| CaseEvent::Opened { facts, state }),
        2 => seen.clone().prop_map(|facts| {
            CaseEvent::Observed { facts, changed: vec![Change::Version { from: Evr::of_log("8.8.0-1"), to: Evr::of_log("8.8.0-2") }] }
        }),
        1 => (seen, open).prop_map(|(facts, state)| {
            CaseEvent::Reopened { facts, because: vec![Change::Stated("another range".into())], state }
        }),
        2 => decision.prop_map(decided),
        1 => Just(CaseEvent::Expired),
        2 => Just(CaseEvent::Fixed {
            version: Evr::of_log("8.8.0-2"),
            or_before: false,
            origin: Origin::SpecTree("curl.spec".into()),
            evidence: Vec::new(),
        }),
        1 => Just(CaseEvent::Left { version: Evr::of_log("8.8.0-1") }),
        1 => Just(CaseEvent::Undone { first: 1, last: 1, before: None }),
        1 => Just(CaseEvent::Withdrawn { because: "rejected".into() }),
        1 => Just(CaseEvent::Rated { severity: Severity::Low, reason: "not reachable".into() }),
        1 => proptest::option::of("\\PC{1,12}").prop_map(|to| CaseEvent::Assigned { to }),
        1 => (0i64..100).prop_map(|n| CaseEvent::Embargoed(Embargo { until: at(n), contact: "a@b".into(), tracking: String::new() })),
        1 => Just(CaseEvent::Disclosed),
        1 => Just(CaseEvent::Published { version: "8.8.0-2".parse().unwrap(), place: "updates".into() }),
        1 => Just(CaseEvent::Shipped { version: "8.8.0-2".parse().unwrap(), image: "202411.01.0".into() }),
        1 => Just(CaseEvent::Paused { reason: PauseReason::Freeze, note: String::new() }),
        1 => Just(CaseEvent::Resumed),
        1 => (0i64..3, proptest::option::of(0i64..100)).prop_map(|(document, minute)| {
            CaseEvent::Stated(Said { document: document.to_string(), at: minute.map(at), ..said() })
        }),
    ]
}

/// Runs a statement on a database, without the ledger.
pub(crate) fn behind(location: &Location, sql: &str) {
    use sqlx::Connection as _;
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        match location {
            Location::Sqlite(path) => {
                let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Location::Postgres(url) => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    });
}

/// Runs a statement as [`behind`] does, without the trigger that protects events.
pub(crate) fn tamper(location: &Location, sql: &str) {
    match location {
        Location::Sqlite(_) => behind(location, "DROP TRIGGER IF EXISTS events_keep; DROP TRIGGER IF EXISTS events_stay"),
        Location::Postgres(_) => behind(location, "ALTER TABLE events DISABLE TRIGGER USER"),
    }
    behind(location, sql);
}

/// Removes the columns of runs from the table of jobs, which then is as earlier versions made it, and the table of batches.
pub(crate) fn without_jobs(location: &Location) {
    let columns = "about actor held begun renewed ended outcome step step_done step_total cancelled cancelled_by committed";
    let dropped: String = columns.split(' ').map(|column| format!("ALTER TABLE jobs DROP COLUMN {column};")).collect();
    behind(location, &format!("DROP INDEX jobs_running; DROP TABLE batches; {dropped}"));
}

/// The number of connections that a ledger of this process has to a location.
pub(crate) fn connections(location: &Location) -> usize {
    match location {
        Location::Sqlite(path) => {
            let files = std::fs::read_dir("/proc/self/fd").unwrap();
            files.filter(|file| std::fs::read_link(file.as_ref().unwrap().path()).is_ok_and(|to| to == *path)).count()
        }
        Location::Postgres(url) => {
            use sqlx::Connection as _;
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'seaworthy' AND datname = current_database()";
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
                usize::try_from(count).unwrap()
            })
        }
    }
}
