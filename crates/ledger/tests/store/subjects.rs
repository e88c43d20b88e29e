//! Subjects: writes beside the writes of others, events of unknown kinds, and corrected times.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

use seaworthy_ledger::{Draft, Entries, Event, Ledger, LedgerError, Location};
use seaworthy_model::case::{CaseEvent, CaseState, Decision, Justification, Origin, Reason};
use seaworthy_model::subject::{
    AdvisoryNumbered, ImageReleased, KeyChange, KeyHistory, KeyStanding, KeyStep, LastPublication, Publication, Settings, SettingsChanged,
    SubjectId, edition, keys,
};
use seaworthy_model::{Digest, Evr, Severity};

use crate::Places;
use crate::world::{at, behind, case, decided, embargoed, key, opened, said, scanned, synced, tamper, without_jobs};

fn publication(minute: i64, line: &str) -> Draft {
    let (content, plan) = (Digest::of(b"content"), Digest::of(b"plan"));
    let id = format!("20260101T0000{minute:02}Z");
    let event = Publication { id, content, plan, channels: [].into(), recalled: Vec::new(), line: line.into(), counts: [].into() };
    Draft::new(at(minute), "mia", event)
}

fn image(version: &str) -> Draft {
    let event = ImageReleased { image: version.into(), sku: "host".into(), built: at(1), packages: 7, counts: [].into() };
    Draft::new(at(1), "mia", event)
}

fn key_step(fingerprint: &str, change: KeyChange) -> Draft {
    Draft::new(at(1), "mia", KeyStep { fingerprint: fingerprint.into(), change })
}

/// Events between the reading of a publication and its commit, and whether the publication has to be made again.
pub fn a_publication_commits_while_people_work(places: Places<'_>) {
    let place = places();
    let (mine, theirs) = (Ledger::open(&place).unwrap(), Ledger::open(&place).unwrap());
    mine.append((0..40).map(|n| opened(n, Severity::High)).collect()).unwrap();
    let other_line = || {
        let mut draft = opened(900, Severity::High);
        if let Event::Case(step) = &mut draft.event {
            step.key.line = "2.0".parse().unwrap();
        }
        draft
    };
    let table: Vec<(&str, Draft, bool)> = vec![
        ("a case is assigned", case(1, 1, CaseEvent::Assigned { to: Some("ben".into()) }), false),
        ("a suggestion is refused", case(1, 1, CaseEvent::Refused { suggestion: "x".into() }), false),
        ("a document is read", case(1, 1, CaseEvent::Stated(said())), false),
        ("sources are synced", synced(1), false),
        ("an inventory is scanned", scanned("a", b"1"), false),
        ("a case of another line is opened", other_line(), false),
        ("another line is published", publication(1, "2.0"), false),
        ("a case is opened", opened(70, Severity::Low), true),
        ("a case is decided", case(1, 2, decided(CaseState::NotAffected)), true),
        ("a case is rated", case(1, 3, CaseEvent::Rated { severity: Severity::Low, reason: "no".into() }), true),
        ("a case comes under embargo", embargoed(4, 500), true),
        ("a case gets an id", Draft::new(at(1), "mia", AdvisoryNumbered { key: key(5), id: "X-2026-0001".into() }), true),
        ("an image is released", image("202601.01.0"), true),
        ("a key is retired", key_step("AB", KeyChange::Retired), true),
        ("the line is published", publication(2, "3.0"), true),
    ];
    for (what, event, conflicts) in table {
        let head = mine.head().unwrap().seq;
        let read = [edition("3.0"), ImageReleased::all(), keys()].map(|subject| (subject, head));
        theirs.append(vec![event]).unwrap();
        match mine.append_if(read.into(), vec![publication(9, "3.0")]) {
            Ok(_) => assert!(!conflicts, "{what}"),
            Err(LedgerError::Moved { .. }) => assert!(conflicts, "{what}"),
            Err(other) => panic!("{what}: {other}"),
        }
    }
    let (last, version) = mine.subject::<LastPublication>(&"3.0".to_owned()).unwrap().unwrap();
    assert_eq!(last.publication.id, "20260101T000002Z");
    assert_eq!(mine.version(&edition("3.0")).unwrap(), version);
    assert_eq!(mine.version(&SubjectId::new("edition", "none")).unwrap(), 0);
    let rebuilt = mine.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
    mine.verify().unwrap();
}

/// The lock is as wide as the subjects that were read, whatever the length of the log.
pub fn a_publication_on_a_long_log_commits_while_a_case_is_assigned(places: Places<'_>) {
    let place = places();
    let (mine, theirs) = (Ledger::open(&place).unwrap(), Ledger::open(&place).unwrap());
    mine.append(vec![opened(1, Severity::High)]).unwrap();
    for part in 0..10 {
        mine.append((0..10_000).map(|n| synced(part * 10_000 + n)).collect()).unwrap();
    }
    let head = mine.head().unwrap().seq;
    assert!(head > 100_000);
    theirs.append(vec![case(2, 1, CaseEvent::Assigned { to: Some("ben".into()) })]).unwrap();
    mine.append_if(vec![(edition("3.0"), head)], vec![publication(3, "3.0")]).unwrap();
    theirs.append(vec![case(4, 1, decided(CaseState::NotAffected))]).unwrap();
    let error = mine.append_if(vec![(edition("3.0"), head + 2)], vec![publication(5, "3.0")]).unwrap_err();
    assert!(error.to_string().contains("edition 3.0"), "{error}");
}

pub fn subjects_fold(places: Places<'_>) {
    let ledger = Ledger::open(&places()).unwrap();
    let created = KeyChange::Created { user_id: "Harbor <a@b>".into(), expires: None };
    ledger.append(vec![key_step("AB", created.clone()), key_step("CD", KeyChange::Retired)]).unwrap();
    ledger.append(vec![key_step("AB", KeyChange::Compromised)]).unwrap();
    let (key, version) = ledger.subject::<KeyHistory>(&"AB".to_owned()).unwrap().unwrap();
    assert_eq!((key.standing, &*key.user_id, version), (KeyStanding::Compromised, "Harbor <a@b>", 3));
    let error = ledger.append(vec![synced(1), key_step("AB", created)]).unwrap_err();
    assert!(matches!(error, LedgerError::Illegal { nth: 2, .. }) && error.to_string().contains("compromised"), "{error}");
    assert_eq!(ledger.subjects::<KeyHistory>().unwrap().len(), 2);
    for (minute, text) in [(10, "first"), (20, "second")] {
        ledger.append(vec![Draft::new(at(minute), "mia", SettingsChanged::new(Settings::POLICY, text))]).unwrap();
    }
    let (settings, _) = ledger.subject::<Settings>(&Settings::POLICY.to_owned()).unwrap().unwrap();
    for (minute, text) in [(0, "first"), (10, "first"), (19, "first"), (20, "second"), (99, "second")] {
        assert_eq!(settings.at(at(minute)).unwrap().content, text, "{minute}");
    }
    let rebuilt = ledger.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
}

/// Events of a version that is newer than this one, as it would have written them.
pub fn events_that_are_not_known_are_kept(places: Places<'_>) {
    let (place, copy) = (places(), places());
    let ledger = Ledger::open(&place).unwrap();
    ledger.append(vec![opened(1, Severity::High), opened(2, Severity::High), embargoed(2, 500)]).unwrap();
    let before = ledger.case(&key(1)).unwrap();
    let of = |n: u32| serde_json::to_string(&key(n)).unwrap();
    let unknown = [
        r#"{"event":"build_began","subject":"curl 8.9.1","inputs":[1,2]}"#.to_owned(),
        r#"{"event":"nothing_more"}"#.to_owned(),
        format!(r#"{{"event":"case_promised","key":{},"until":"2030-01-01"}}"#, of(1)),
        format!(r#"{{"event":"change_proposed","key":{},"patch":"CVE.patch"}}"#, of(2)),
    ];
    let drafts = unknown.iter().map(|text| Draft::new(at(600), "a newer one", Event::from_json(text).unwrap())).collect();
    ledger.append(drafts).unwrap();
    let verified = ledger.verify().unwrap();
    assert_eq!((verified.entries, verified.unknown), (7, 4));
    assert_eq!(ledger.case(&key(1)).unwrap(), before, "no fold takes it");
    assert_eq!(ledger.history(&key(1)).unwrap().len(), 1, "what happened to a case is of one kind");
    let shown = ledger.entries(&Entries { kind: Some("build_began".into()), ..Entries::default() }).unwrap();
    assert_eq!(shown[0].event.to_string(), "an event that this version does not know: build_began on curl 8.9.1");
    assert!(serde_json::to_string(&shown[0]).unwrap().contains(&unknown[0]), "as it was written");
    // What is under embargo stays hidden, also where nobody knows what it is.
    assert!(ledger.entries(&Entries { kind: Some("change_proposed".into()), ..Entries::default() }).unwrap().is_empty());
    let mut export = Vec::new();
    ledger.export(1, &mut export).unwrap();
    let other = Ledger::open(&copy).unwrap();
    assert_eq!(other.import("export", &mut &*export).unwrap(), 7);
    assert_eq!((other.verify().unwrap(), other.view_digest().unwrap()), (verified, ledger.view_digest().unwrap()));
    let rebuilt = other.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
    // One that nobody can have written is none.
    for text in ["[]", " [\"build_began\"]", "{}", "{\"event\":3}", "x"] {
        assert!(Event::from_json(text).is_err(), "{text}");
    }
}

pub fn a_schema_that_only_adds_is_read_and_written_where_it_may_be(places: Places<'_>) {
    for (writers, may_write) in [(0, true), (4, true), (5, false)] {
        let place = places();
        Ledger::open(&place).unwrap().append(vec![opened(1, Severity::High)]).unwrap();
        behind(&place, &format!("CREATE TABLE builds (id TEXT); INSERT INTO schema_steps VALUES (3, 5, {writers}, '9.9.9')"));
        let ledger = Ledger::open(&place).unwrap();
        assert_eq!(ledger.verify().unwrap().entries, 1);
        assert!(ledger.case(&key(1)).unwrap().is_some());
        match ledger.append(vec![synced(1)]) {
            Ok(_) => assert!(may_write),
            Err(error @ LedgerError::ReadOnly { .. }) => assert!(!may_write && error.to_string().contains("9.9.9"), "{error}"),
            Err(other) => panic!("{other}"),
        }
    }
}

/// A ledger of schema 2.1, which has a package that left as not affected.
pub fn a_package_that_had_left_is_no_longer_shipped(places: Places<'_>) {
    let place = places();
    let left = CaseEvent::Decided(Decision {
        state: CaseState::NotAffected,
        justification: Some(Justification::ComponentNotPresent),
        reason: Reason::Version,
        statement: "package-1 is no longer shipped".into(),
        until: None,
        origin: Origin::Scan,
    });
    let ledger = Ledger::open(&place).unwrap();
    ledger.append(vec![opened(1, Severity::High), opened(2, Severity::High)]).unwrap();
    ledger.append(vec![case(3, 1, left), case(3, 2, decided(CaseState::NotAffected))]).unwrap();
    let (digest, head) = (ledger.view_digest().unwrap(), ledger.head().unwrap());
    drop(ledger);
    behind(&place, "UPDATE cases SET state = 'not_affected', body = replace(body, '\"not_shipped\"', '\"not_affected\"')");
    behind(&place, "DROP TABLE batches; DELETE FROM schema_steps WHERE major > 2");
    let ledger = Ledger::open(&place).unwrap();
    let states = [1, 2].map(|n| ledger.case(&key(n)).unwrap().unwrap().state);
    assert_eq!(states, [CaseState::NotShipped, CaseState::NotAffected], "what a person decided stays");
    assert_eq!((ledger.view_digest().unwrap(), ledger.verify().unwrap().head), (digest, head.digest));
}

/// A ledger of schema 3.1, whose cases do not know what was taken back.
pub fn a_case_knows_what_was_taken_back_of_it(places: Places<'_>) {
    let place = places();
    let version = || Evr::of_log("8.8.0-2");
    let ledger = Ledger::open(&place).unwrap();
    ledger.append(vec![opened(1, Severity::High)]).unwrap();
    let steps = [
        CaseEvent::Fixed { version: version(), or_before: false, origin: Origin::Scan, evidence: Vec::new() },
        CaseEvent::Published { version: version().unwrap(), place: "updates".into() },
        CaseEvent::Recalled { version: version().unwrap(), because: "it does not start".into() },
    ];
    ledger.append(steps.into_iter().map(|step| case(2, 1, step)).collect()).unwrap();
    let digest = ledger.view_digest().unwrap();
    drop(ledger);
    behind(&place, "UPDATE cases SET body = replace(body, ',\"recalled\":\"8.8.0-2\"', '')");
    assert_eq!(Ledger::open(&place).unwrap().case(&key(1)).unwrap().unwrap().recalled, None, "the view does not know it any more");
    behind(&place, "DELETE FROM schema_steps WHERE major = 3 AND minor > 1");
    let ledger = Ledger::open(&place).unwrap();
    assert_eq!(ledger.case(&key(1)).unwrap().unwrap().recalled, version());
    assert_eq!(ledger.view_digest().unwrap(), digest);
    ledger.verify().unwrap();
}

/// A ledger as version 0.1 left it, with a kind of event that this version does not know.
pub fn a_ledger_of_the_first_schema_migrates(places: Places<'_>) {
    let place = places();
    let ledger = Ledger::open(&place).unwrap();
    let planned = format!(r#"{{"event":"planned","plan":"{}","counts":{{"late":2}}}}"#, Digest::of(b"plan"));
    ledger.append(vec![opened(1, Severity::High), image("202601.01.0"), publication(3, "3.0"), scanned("a", b"1")]).unwrap();
    ledger.append(vec![Draft::new(at(5), "mia", Event::from_json(&planned).unwrap())]).unwrap();
    let (digest, head) = (ledger.view_digest().unwrap(), ledger.head().unwrap());
    drop(ledger);
    tamper(&place, &format!("UPDATE events SET subject = '{}' WHERE kind = 'planned'", Digest::of(b"plan")));
    without_jobs(&place);
    behind(&place, "DROP TABLE subjects; DROP TABLE corrections; DROP TABLE schema_steps; ALTER TABLE head DROP COLUMN latest");
    behind(
        &place,
        match &place {
            Location::Sqlite(_) => "PRAGMA user_version = 1",
            Location::Postgres(_) => "UPDATE ledger_schema SET version = 1",
        },
    );
    let ledger = Ledger::open(&place).unwrap();
    let verified = ledger.verify().unwrap();
    assert_eq!((verified.entries, verified.unknown, ledger.head().unwrap()), (5, 1, head));
    assert_eq!(ledger.view_digest().unwrap(), digest);
    assert_eq!(ledger.version(&edition("3.0")).unwrap(), 3);
    assert!(ledger.last_scan("a").unwrap().is_some());
    assert_eq!(ledger.ahead(at(3 - 24 * 60)).unwrap().len(), 1, "the times of before count");
}

pub fn an_event_of_the_future_is_refused_and_corrected(places: Places<'_>) {
    let now = Arc::new(AtomicI64::new(10));
    let clock = now.clone();
    let ledger = Ledger::open(&places()).unwrap().with_clock(move || at(clock.load(Relaxed)));
    ledger.append(vec![opened(1, Severity::High)]).unwrap();
    let late = vec![case(100_000, 1, decided(CaseState::NotAffected))];
    for batch in [late.clone(), vec![case(16, 1, CaseEvent::Assigned { to: None })]] {
        let error = ledger.append(batch).unwrap_err();
        assert!(matches!(error, LedgerError::Unfit { nth: 1, .. }) && error.to_string().contains("later than now"), "{error}");
    }
    assert_eq!(ledger.append(vec![case(14, 1, CaseEvent::Assigned { to: None })]).unwrap(), 2..3);
    // The clock itself was wrong: nothing could notice. It is right again on the next opening.
    now.store(100_000, Relaxed);
    ledger.append(late).unwrap();
    now.store(20, Relaxed);
    assert_eq!(ledger.ahead(at(20)).unwrap().iter().map(|e| e.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(ledger.case(&key(1)).unwrap().unwrap().triaged, Some(at(100_000)));
    assert!(matches!(ledger.correct_time(9, at(15), at(20), "mia", "no such event"), Err(LedgerError::NoEvent { seq: 9 })));
    assert_eq!(ledger.correct_time(3, at(15), at(20), "mia", "the clock of the machine was wrong").unwrap(), 4);
    assert!(ledger.ahead(at(20)).unwrap().is_empty());
    assert_eq!(ledger.case(&key(1)).unwrap().unwrap().triaged, Some(at(15)));
    let history = ledger.history(&key(1)).unwrap();
    assert_eq!((history[2].at, history[2].stated), (at(15), Some(at(100_000))));
    assert_eq!(ledger.verify().unwrap().entries, 4);
    let rebuilt = ledger.rebuild().unwrap();
    assert_eq!(rebuilt.before, rebuilt.after);
    // An export carries the correction.
    let mut export = Vec::new();
    ledger.export(1, &mut export).unwrap();
    let copy = Ledger::open(&places()).unwrap();
    copy.import("export", &mut &*export).unwrap();
    assert_eq!(copy.view_digest().unwrap(), ledger.view_digest().unwrap());
    assert!(copy.ahead(at(20)).unwrap().is_empty());
}
