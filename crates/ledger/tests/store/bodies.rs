use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seaworthy_ledger::{Draft, Entries, Event, Ledger, LedgerError, Location, Query, Sight};
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseEvent, CaseState};
use seaworthy_model::format::FormatError;

use crate::Places;
use crate::world::{any_step, at, behind, case, decided, embargoed, key, opened, scanned, synced, tamper};

pub fn events_are_chained_and_read_back(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    assert_eq!(ledger.append(vec![]).unwrap(), 1..1);
    let long = "x".repeat(200_000);
    let events =
        vec![synced(1), scanned("a", b"1"), opened(1, Severity::High), scanned("b", b"2"), scanned("a", b"3"), scanned(&long, b"4")];
    assert_eq!(ledger.append(events.clone()).unwrap(), 1..7);
    drop(ledger);
    let ledger = Ledger::open(&place).unwrap();
    let entries = ledger.entries(&Entries::default()).unwrap();
    let back: Vec<Draft> =
        entries.iter().map(|e| Draft { at: e.at, actor: e.actor.clone(), why: e.why.clone(), event: e.event.clone() }).collect();
    assert_eq!(back, events);
    assert_eq!(entries[0].before, None);
    assert!(entries.windows(2).all(|w| w[1].before == Some(w[0].digest) && w[1].seq == w[0].seq + 1));
    let verified = ledger.verify().unwrap();
    assert_eq!((verified.entries, verified.head), (6, Some(entries[5].digest)));
    let last = |ledger: &Ledger, selector: &str| ledger.last_scan(selector).unwrap().map(|scan| scan.knowledge.short());
    assert_eq!(last(&ledger, "c"), None);
    for (selector, knowledge) in [("a", b"3"), ("b", b"2"), (&*long, b"4")] {
        assert_eq!(last(&ledger, selector), Some(seaworthy_model::Digest::of(knowledge).short()));
    }
    let newest = Entries { newest_first: true, limit: Some(2), kind: Some("scanned".into()), ..Entries::default() };
    assert_eq!(ledger.entries(&newest).unwrap().iter().map(|e| e.seq).collect::<Vec<_>>(), [6, 5]);
    let of_case = Entries { cve: Some(key(1).cve), package: Some(key(1).package.to_string()), ..Entries::default() };
    assert_eq!(ledger.entries(&of_case).unwrap(), ledger.history(&key(1)).unwrap());
    assert_eq!(ledger.history(&key(1)).unwrap().len(), 1);
}

pub fn an_illegal_step_refuses_the_whole_batch(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    ledger.append(vec![opened(1, Severity::High)]).unwrap();
    let (head, view) = (ledger.head().unwrap(), ledger.view_digest().unwrap());
    let batch = vec![opened(2, Severity::Low), synced(1), case(5, 1, CaseEvent::Resumed), opened(3, Severity::Low)];
    let error = ledger.append(batch).unwrap_err();
    assert!(matches!(error, LedgerError::Illegal { nth: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("CVE-2024-1001 in package-1 (3.0)"), "{error}");
    assert_eq!((ledger.head().unwrap(), ledger.view_digest().unwrap()), (head, view));
    assert_eq!(ledger.case(&key(2)).unwrap(), None);
    ledger.append(vec![opened(2, Severity::Low)]).unwrap();
    ledger.verify().unwrap();
}

pub fn secrets_are_not_kept_and_an_export_deceives_nobody(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    let mut said = case(2, 1, decided(CaseState::WillNotFix));
    if let Event::Case(step) = &mut said.event
        && let CaseEvent::Decided(decision) = &mut step.event
    {
        decision.statement = "see https://ci:hunter2@host/?sig=hunter2\"x \u{202e}\u{200b}".into();
    }
    said.why = Some("told by \u{2066}https://hunter2@host".into());
    said.actor = "mia\u{202e}".into();
    ledger.append(vec![opened(1, Severity::High), said]).unwrap();
    let view = ledger.view_digest().unwrap();
    let entry = ledger.entries(&Entries::default()).unwrap().pop().unwrap();
    let Event::Case(step) = &entry.event else { panic!("{entry:?}") };
    let CaseEvent::Decided(decision) = &step.event else { panic!("{entry:?}") };
    assert_eq!(decision.statement, "see https://***@host/?sig=***\"x \u{202e}\u{200b}");
    assert_eq!((entry.actor.as_str(), entry.why.as_deref()), ("mia\u{202e}", Some("told by \u{2066}https://***@host")));
    // The views are what they are when they are built again, and a copy is the same log.
    assert_eq!(ledger.rebuild().unwrap().after, view);
    let mut export = Vec::new();
    ledger.export(1, &mut export).unwrap();
    let text = String::from_utf8(export.clone()).unwrap();
    assert!(!text.contains("hunter2") && !text.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{text}");
    let copy = Ledger::open(&places()).unwrap();
    copy.import("the export", &mut export.as_slice()).unwrap();
    assert_eq!(copy.head().unwrap(), ledger.head().unwrap());
    assert_eq!(copy.view_digest().unwrap(), view);
}

pub fn what_cannot_be_kept_is_refused(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let mut odd_key = opened(1, Severity::High);
    if let Event::Case(step) = &mut odd_key.event {
        step.key.part = "a\u{1f}b".into();
    }
    let refused = [
        Draft { actor: " ".into(), ..synced(1) },
        Draft { actor: "a\0b".into(), ..synced(1) },
        Draft { why: Some("a\0b".into()), ..synced(1) },
        odd_key,
        scanned(&"x".repeat(9 << 20), b"1"),
    ];
    for new in refused {
        let error = ledger.append(vec![synced(1), new]).unwrap_err();
        assert!(matches!(error, LedgerError::Unfit { nth: 2, .. }), "{error:?}");
    }
    // Inside of an event everything goes, as JSON writes it.
    ledger
        .append(vec![
            scanned("a\0b \u{1f} \u{fffd} ✓", b"1"),
            case(1, 1, CaseEvent::Opened { facts: crate::world::facts(None, "1\0'2\\"), state: CaseState::Affected }),
        ])
        .unwrap();
    assert!(ledger.last_scan("a\0b \u{1f} \u{fffd} ✓").unwrap().is_some());
    assert_eq!(ledger.case(&key(1)).unwrap().unwrap().facts.version.map(|v| v.to_string()).as_deref(), Some("1\0'2\\"));
    ledger.verify().unwrap();
}

pub fn a_decision_on_old_knowledge_is_refused(places: Places<'_>) {
    let place = places();
    let (mine, theirs) = (Ledger::open(&place).unwrap(), Ledger::open(&place).unwrap());
    mine.append(vec![opened(1, Severity::High)]).unwrap();
    let seen = mine.head().unwrap().seq;
    theirs.append(vec![synced(1)]).unwrap();
    let decision = vec![case(9, 1, decided(CaseState::NotAffected))];
    let by = |seq| vec![(key(1).subject(), seq)];
    // What is not read is not in the way, whatever comes.
    assert_eq!(mine.append_if(by(seen), vec![case(8, 1, CaseEvent::Assigned { to: None })]).unwrap(), 3..4);
    let error = theirs.append_if(by(seen), decision.clone()).unwrap_err();
    assert!(matches!(error, LedgerError::Moved { expected: 1, found: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("CVE") || error.to_string().contains("package-1"), "{error}");
    let seen = mine.head().unwrap().seq;
    assert_eq!(mine.append_if(by(seen), decision).unwrap(), 4..5);
    assert_eq!(theirs.case(&key(1)).unwrap().unwrap().state, CaseState::NotAffected);
}

pub fn batches_are_kept(places: Places<'_>) {
    let (from, to) = (Ledger::open(&places()).unwrap(), Ledger::open(&places()).unwrap());
    from.append(vec![synced(1), opened(1, Severity::High), opened(2, Severity::Low)]).unwrap();
    from.append(Vec::new()).unwrap();
    from.append(vec![case(9, 1, CaseEvent::Disclosed)]).unwrap_err();
    from.append(vec![case(9, 1, decided(CaseState::NotAffected))]).unwrap();
    assert_eq!(from.batches(u64::from(u32::MAX), 9).unwrap(), [4..=4, 1..=3]);
    assert_eq!(from.batches(4, 1).unwrap(), [1..=3]);
    assert_eq!([0, 1, 3, 4, 5].map(|event| from.batch(event).unwrap()), [None, Some(1..=3), Some(1..=3), Some(4..=4), None]);
    let histories = from.histories(&[key(1), key(2), key(3)].into()).unwrap();
    assert_eq!(histories, [(key(1), from.history(&key(1)).unwrap()), (key(2), from.history(&key(2)).unwrap())].into());
    // The log does not say it.
    let mut lines = Vec::new();
    from.export(1, &mut lines).unwrap();
    to.import("lines", &mut lines.as_slice()).unwrap();
    assert_eq!((to.batch(4).unwrap(), to.batches(9, 9).unwrap()), (None, Vec::new()));
}

pub fn a_case_that_was_never_opened_is_not_there(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    ledger.append(vec![opened(1, Severity::High), opened(2, Severity::Low)]).unwrap();
    ledger.append(vec![case(9, 1, CaseEvent::Undone { first: 1, last: 2, before: None })]).unwrap();
    assert!(ledger.case(&key(1)).unwrap().is_none());
    let found = |query: &Query| ledger.cases(query).unwrap().cases.into_iter().map(|case| case.key).collect::<Vec<_>>();
    assert_eq!(found(&Query::default()), [key(2)]);
    assert_eq!(found(&Query { states: vec![CaseState::Unopened], ..Query::default() }), [key(1)], "but where it is asked for");
    let mut each = 0;
    ledger
        .each_case(&Query::default(), |_| {
            each += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!((each, ledger.history(&key(1)).unwrap().len()), (1, 2));
    ledger.append(vec![opened(1, Severity::Low)]).unwrap();
    assert_eq!(ledger.case(&key(1)).unwrap().unwrap().state, CaseState::Affected);
    let view = ledger.view_digest().unwrap();
    assert_eq!(ledger.rebuild().unwrap().after, view);
}

pub fn the_queue_is_in_order_and_in_pages(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    ledger.append((0..40).map(|n| opened(n, severities[n as usize % 4])).collect()).unwrap();
    ledger.append((0..10).map(|n| case(100, n, decided(CaseState::Deferred))).collect()).unwrap();
    ledger.append(vec![case(101, 20, CaseEvent::Assigned { to: Some("mia".into()) })]).unwrap();
    let all = ledger.cases(&Query::default()).unwrap();
    assert_eq!((all.cases.len(), &all.next), (40, &None));
    let order = |c: &Case| (!c.state.is_open(), -seaworthy_model::case::priority(c).score, c.opened);
    assert!(all.cases.windows(2).all(|w| order(&w[0]) <= order(&w[1])));
    assert!(all.cases.iter().all(|c| c.facts.evidence.is_empty()), "a page is light");
    assert_eq!(ledger.case(&key(3)).unwrap().unwrap().facts.evidence.len(), 1);
    // Page by page gives the same, also over several states.
    for states in [vec![], vec![CaseState::Deferred, CaseState::Affected]] {
        let mut query = Query { limit: Some(7), states, ..Query::default() };
        let mut paged = Vec::new();
        loop {
            let page = ledger.cases(&query).unwrap();
            assert!(page.cases.len() <= 7);
            paged.extend(page.cases);
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(paged, all.cases);
        assert_eq!(ledger.queue(&query).unwrap(), paged);
        // The same by numbers.
        for skip in [0, 7, 33, 39, 40, 100] {
            let page = ledger.cases(&Query { limit: Some(7), states: query.states.clone(), skip, ..Query::default() }).unwrap();
            assert_eq!(page.cases, paged.iter().skip(skip as usize).take(7).cloned().collect::<Vec<_>>(), "behind {skip}");
            assert_eq!(page.next.is_some(), skip + 7 < 40, "behind {skip}");
        }
    }
    let count = |ledger: &Ledger, query: Query| {
        let mut each = 0;
        ledger
            .each_case(&query, |_| {
                each += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(ledger.cases(&query).unwrap().cases.len(), each);
        let page = Query { limit: Some(1), skip: 9, ..query };
        assert_eq!(ledger.count(&page).unwrap(), each as u64, "whatever the page");
        each
    };
    for (query, expected) in [
        (Query { open: Some(true), ..Query::default() }, 30),
        (Query { open: Some(false), ..Query::default() }, 10),
        (Query { states: vec![CaseState::Deferred], ..Query::default() }, 10),
        (Query { states: vec![CaseState::Fixed], ..Query::default() }, 0),
        (Query { package: Some("package-1".parse().unwrap()), ..Query::default() }, 6),
        (Query { cve: Some(key(4).cve), ..Query::default() }, 1),
        (Query { line: Some("3.0".parse().unwrap()), severity: Some(Severity::High), ..Query::default() }, 20),
        (Query { line: Some("2.0".parse().unwrap()), ..Query::default() }, 0),
        (Query { assignee: Some(Some("mia".into())), ..Query::default() }, 1),
        (Query { assignee: Some(None), ..Query::default() }, 39),
    ] {
        assert_eq!(count(&ledger, query.clone()), expected, "{query:?}");
    }
    let counts = ledger.counts(Sight::All).unwrap();
    assert_eq!(counts, BTreeMap::from([(CaseState::Affected, 30), (CaseState::Deferred, 10)]));
}

pub fn cases_under_embargo_are_hidden(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    ledger.append(vec![opened(1, Severity::High), opened(2, Severity::High), embargoed(2, 500)]).unwrap();
    for (sight, cases, events) in
        [(Sight::default(), 1, 1), (Sight::DisclosedAt(at(499)), 1, 1), (Sight::DisclosedAt(at(500)), 2, 3), (Sight::All, 2, 3)]
    {
        let query = Query { sight, ..Query::default() };
        assert_eq!(ledger.cases(&query).unwrap().cases.len(), cases, "{sight:?}");
        let mut each = 0;
        ledger
            .each_case(&query, |_| {
                each += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!((each, ledger.counts(sight).unwrap().values().sum::<u64>()), (cases, cases as u64), "{sight:?}");
        assert_eq!(ledger.entries(&Entries { sight, ..Entries::default() }).unwrap().len(), events, "{sight:?}");
    }
    ledger.append(vec![case(9, 2, CaseEvent::Disclosed)]).unwrap();
    assert_eq!(ledger.cases(&Query::default()).unwrap().cases.len(), 2);
}

pub fn tampering_is_found_and_where(places: Places<'_>) {
    let attacks = [
        ("UPDATE events SET event = replace(event, 'package-4', 'package-3') WHERE seq = 4", 4),
        ("UPDATE events SET actor = 'eve' WHERE seq = 1", 1),
        ("UPDATE events SET why = NULL WHERE seq = 7", 7),
        ("UPDATE events SET subject = 'x' WHERE seq = 7", 7),
        ("DELETE FROM events WHERE seq = 5", 5),
        ("DELETE FROM events WHERE seq = 1", 1),
        ("DELETE FROM events WHERE seq = 10", 10),
        ("DELETE FROM events", 1),
        ("UPDATE events SET seq = 99 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 6; UPDATE events SET seq = 6 WHERE seq = 99", 3),
        (
            "DELETE FROM events WHERE seq = 5; UPDATE events SET seq = seq - 100 WHERE seq > 5; UPDATE events SET seq = seq + 99 WHERE seq < 0",
            5,
        ),
        ("INSERT INTO events SELECT 11, happened, actor, why, prior, digest, event, kind, subject FROM events WHERE seq = 10", 11),
        ("INSERT INTO events SELECT 0, happened, actor, why, prior, digest, event, kind, subject FROM events WHERE seq = 1", 1),
    ];
    let place = places();
    let mut export = Vec::new();
    let ledger = Ledger::open(&place).unwrap();
    ledger.append((1..=10).map(|n| opened(n, Severity::High)).collect()).unwrap();
    ledger.export(1, &mut export).unwrap();
    for (attack, seq) in attacks {
        ledger.verify().unwrap();
        tamper(&place, attack);
        match ledger.verify() {
            Err(LedgerError::Broken { seq: found, what }) => assert_eq!(found, seq, "{attack}: {what}"),
            other => panic!("{attack}: {other:?}"),
        }
        // Back to what it was.
        tamper(&place, "DELETE FROM events; DELETE FROM cases; UPDATE head SET seq = 0, digest = NULL");
        ledger.import("export", &mut &*export).unwrap();
    }
    // Changed together with its digest, it no longer is what the next one was written after.
    let forger = Ledger::open(&places()).unwrap();
    let eve = |n: u32| Draft { actor: if n == 4 { "eve" } else { "mia" }.into(), ..opened(n, Severity::High) };
    forger.append((1..=4).map(eve).collect()).unwrap();
    let digest = forger.head().unwrap().digest.unwrap();
    tamper(&place, &format!("UPDATE events SET actor = 'eve', digest = '{digest}' WHERE seq = 4"));
    assert!(matches!(ledger.verify(), Err(LedgerError::Broken { seq: 5, .. })));
}

pub fn the_log_cannot_be_changed_by_accident(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    ledger.append(vec![synced(1)]).unwrap();
    for sql in ["UPDATE events SET actor = 'eve'", "DELETE FROM events"] {
        let done = std::panic::catch_unwind(|| behind(&place, sql));
        assert!(done.is_err(), "{sql}");
    }
    ledger.verify().unwrap();
}

pub fn a_newer_schema_is_refused(places: Places<'_>) {
    let place = places();
    Ledger::open(&place).unwrap().append(vec![synced(1)]).unwrap();
    behind(&place, "INSERT INTO schema_steps VALUES (99, 0, 0, '9.9.9')");
    let error = Ledger::open(&place).unwrap_err();
    assert!(matches!(error, LedgerError::Version { source: FormatError::TooNew { .. }, .. }), "{error:?}");
    assert!(error.to_string().contains("seaworthy 9.9.9 has made it"), "{error}");
}

pub fn rebuilding_gives_the_same(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    ledger.append((0..600).map(|n| opened(n, Severity::High)).collect()).unwrap();
    ledger.append((0..300).map(|n| case(700, n, decided(CaseState::Deferred))).collect()).unwrap();
    let view = ledger.view_digest().unwrap();
    let rebuilt = ledger.rebuild().unwrap();
    assert_eq!((rebuilt.events, rebuilt.before, rebuilt.after), (900, view, view));
    behind(&place, "DELETE FROM cases WHERE package = 'package-1'; UPDATE cases SET score = 7 WHERE package = 'package-2'");
    assert_ne!(ledger.view_digest().unwrap(), view);
    let rebuilt = ledger.rebuild().unwrap();
    assert!(rebuilt.before != view && rebuilt.after == view);
    assert_eq!(ledger.view_digest().unwrap(), view);
}

pub fn an_import_of_an_export_is_the_same_log(places: Places<'_>) {
    let from = Ledger::open(&places()).unwrap();
    from.append((0..30).map(|n| opened(n, Severity::High)).collect()).unwrap();
    let mut first = Vec::new();
    assert_eq!(from.export(1, &mut first).unwrap(), 30);
    from.append(vec![synced(1), embargoed(3, 500), case(40, 4, decided(CaseState::WillNotFix))]).unwrap();
    let mut rest = Vec::new();
    assert_eq!(from.export(31, &mut rest).unwrap(), 3);
    let to = Ledger::open(&places()).unwrap();
    assert_eq!(to.import("first", &mut &*first).unwrap(), 30);
    assert_eq!(to.import("rest", &mut &*rest).unwrap(), 3);
    assert_eq!(to.head().unwrap(), from.head().unwrap());
    assert_eq!(to.view_digest().unwrap(), from.view_digest().unwrap());
    assert_eq!(to.verify().unwrap(), from.verify().unwrap());
    let error = to.import("first", &mut &*first).unwrap_err().to_string();
    assert!(error.starts_with("first:1: ") && error.contains("--from 34"), "{error}");
    // Another log does not go on with these.
    let other = Ledger::open(&places()).unwrap();
    other.append((0..30).map(|n| opened(n + 1, Severity::High)).collect()).unwrap();
    let error = other.import("rest", &mut &*rest).unwrap_err().to_string();
    assert!(error.starts_with("rest:1: ") && error.contains("another one"), "{error}");
}

pub fn a_torn_or_changed_export_is_refused(places: Places<'_>) {
    let from = Ledger::open(&places()).unwrap();
    from.append((0..9).map(|n| opened(n, Severity::High)).collect()).unwrap();
    let mut export = Vec::new();
    from.export(1, &mut export).unwrap();
    let text = String::from_utf8(export).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let without = |n: usize| lines.iter().enumerate().filter(|(i, _)| *i != n).map(|(_, l)| *l).collect::<String>();
    let to = Ledger::open(&places()).unwrap();
    for (bad, line) in [
        (text[..text.len() - 10].to_owned(), 9),
        (text[..text.len() - 1].to_owned(), 9),
        (text.replacen("package-4", "package-5", 1), 5),
        (text.replacen("\"mia\"", "\"eve\"", 1), 1),
        (without(4), 5),
        (without(0), 1),
        (format!("{}{}", lines[1], lines[0]), 1),
        (text.replacen("\"seq\":3", "\"x\":1,\"seq\":3", 1), 3),
        (format!("{text}\n"), 10),
        ("[".repeat(100_000), 1),
    ] {
        assert_ne!(bad, text, "the row of line {line} changes the export");
        let error = to.import("export", &mut bad.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with(&format!("export:{line}: ")), "{error}");
        assert_eq!(to.head().unwrap().seq, 0);
        assert!(to.cases(&Query::default()).unwrap().cases.is_empty());
    }
    assert_eq!(to.import("export", &mut text.as_bytes()).unwrap(), 9);
}

pub fn two_writers_lose_nothing(places: Places<'_>) {
    const EACH: u32 = 40;
    let place = places();
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let place = place.clone();
            std::thread::spawn(move || {
                let ledger = Ledger::open(&place).unwrap();
                let mut written = Vec::new();
                for n in 0..EACH {
                    // Both write to the same cases as well: whoever comes first opens it.
                    let both = case(1, n, CaseEvent::Assigned { to: Some(format!("writer {writer}")) });
                    match ledger.append(vec![opened(n, Severity::High), both.clone()]) {
                        Ok(range) => written.extend(range),
                        Err(LedgerError::Illegal { .. }) => written.extend(ledger.append(vec![both]).unwrap()),
                        Err(e) => panic!("{e}"),
                    }
                    written.extend(ledger.append(vec![synced(u64::from(n)), opened(1000 * (writer + 1) + n, Severity::Low)]).unwrap());
                }
                written
            })
        })
        .collect();
    let written: Vec<u64> = writers.into_iter().flat_map(|w| w.join().unwrap()).collect();
    let unique: BTreeSet<u64> = written.iter().copied().collect();
    assert_eq!(unique.len(), written.len(), "no number is given twice");
    let ledger = Ledger::open(&place).unwrap();
    let verified = ledger.verify().unwrap();
    assert_eq!(verified.entries, written.len() as u64);
    assert_eq!(verified.entries, u64::from(EACH) * 7);
    assert_eq!(ledger.counts(Sight::All).unwrap()[&CaseState::Affected], u64::from(EACH) * 3);
    let rebuilt = ledger.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
}

pub fn two_that_open_at_once_agree(places: Places<'_>) {
    let place = places();
    let opening: Vec<_> = (0..4)
        .map(|n| {
            let place = place.clone();
            std::thread::spawn(move || Ledger::open(&place).unwrap().append(vec![synced(n)]).unwrap())
        })
        .collect();
    for opened in opening {
        opened.join().unwrap();
    }
    assert_eq!(Ledger::open(&place).unwrap().verify().unwrap().entries, 4);
}

pub fn any_batches_give_the_same_views(places: Places<'_>) {
    let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
    let strategy = (prop::collection::vec(any_step(6), 1..120), prop::collection::vec(1usize..30, 120));
    let places = std::cell::RefCell::new(places);
    let tested = runner.run(&strategy, |(events, sizes)| {
        // Only what may follow.
        let mut model: BTreeMap<u32, Case> = BTreeMap::new();
        let mut legal = Vec::new();
        for (i, (n, event)) in events.into_iter().enumerate() {
            let minute = i as i64;
            let fits = match model.get_mut(&n) {
                Some(case) => case.apply(at(minute), &event).is_ok(),
                None => Case::open(&key(n), at(minute), &event).map(|c| model.insert(n, c)).is_ok(),
            };
            if fits {
                legal.push(case(minute, n, event));
            }
        }
        let (whole, parts) = {
            let mut places = places.borrow_mut();
            ((places)(), (places)())
        };
        let (whole, parts) = (Ledger::open(&whole).unwrap(), Ledger::open(&parts).unwrap());
        whole.append(legal.clone()).unwrap();
        let (mut left, mut sizes) = (&*legal, sizes.into_iter());
        while !left.is_empty() {
            let (batch, rest) = left.split_at(sizes.next().unwrap_or(1).min(left.len()));
            parts.append(batch.to_vec()).unwrap();
            left = rest;
        }
        prop_assert_eq!(whole.head().unwrap(), parts.head().unwrap());
        let view = whole.view_digest().unwrap();
        prop_assert_eq!(view, parts.view_digest().unwrap());
        prop_assert_eq!(view, parts.rebuild().unwrap().after);
        for (n, case) in model {
            let there = Some(case).filter(|case| case.state != CaseState::Unopened);
            prop_assert_eq!(whole.case(&key(n)).unwrap(), there);
        }
        // The same on the other database: an export is one on both.
        let folder = tempfile::tempdir().unwrap();
        let other = Ledger::open(&Location::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let mut export = Vec::new();
        parts.export(1, &mut export).unwrap();
        other.import("export", &mut &*export).unwrap();
        prop_assert_eq!(view, other.view_digest().unwrap());
        Ok(())
    });
    tested.unwrap();
}
