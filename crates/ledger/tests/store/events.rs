//! Events as texts: those that are read, those that are kept as they are, and those that are refused with the field; and folds, which do
//! not depend on how a history was cut, or on events between.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seaworthy_ledger::{Draft, Event, EventError, Ledger, LedgerError, Query, Sight, Stored};
use seaworthy_model::case::{Case, CaseState};
use seaworthy_model::subject::{
    AdvisoryStated, ImageReleased, KeyChange, KeyHistory, KeyStep, LastPublication, Publication, PublishedAdvisory, Revision, Scan,
    Settings, SettingsChanged, Standing, TimeCorrected, View,
};
use seaworthy_model::{Digest, Evr, Severity};
use serde_json::{Value, json};

use crate::Places;
use crate::world::{any_step, at, case, decided, key, opened, scanned, synced, tamper};

/// The result of reading a text.
#[derive(Debug, PartialEq)]
enum Read {
    /// An event of a known kind.
    Known,
    /// An event of an unknown kind, kept as it is.
    Kept,
    /// An error: the field, and a word of its message.
    Refused(&'static str, &'static str),
    /// No event of any version.
    None,
}
use Read::{Kept, Known, Refused};

fn step(change: KeyChange) -> Draft {
    Draft::new(at(1), "mia", KeyStep { fingerprint: "AB".into(), change })
}

#[test]
fn a_known_kind_is_read_or_refused_by_its_field() {
    let of = |draft: &Draft| serde_json::to_value(&draft.event).unwrap();
    let (case_opened, decision) = (of(&opened(1, Severity::High)), of(&case(2, 1, decided(CaseState::Deferred))));
    let (key, scan) = (of(&step(KeyChange::Retired)), of(&scanned("a", b"1")));
    // The event, where it is changed, to what (null takes it away), and how it is read.
    let table: Vec<(&Value, &str, Value, Read)> = vec![
        (&case_opened, "", json!({}), Known),
        // A newer version adds fields.
        (&case_opened, "/urgency", json!("now"), Known),
        (&case_opened, "/key/vendor", json!("harbor"), Known),
        (&case_opened, "/step/build", json!({"id": 7}), Known),
        (&case_opened, "/step/facts/cvss4", json!([9.3]), Known),
        (&case_opened, "/step/facts/evidence/0/url", json!("https://example.org"), Known),
        (&key, "/reason", json!({}), Known),
        (&scan, "/took", json!(3), Known),
        // A newer version adds kinds.
        (&case_opened, "/event", json!("case_promised"), Kept),
        (&key, "/event", json!("key_2"), Kept),
        // What else does not fit is no news, it is a defect of one of the two.
        (&case_opened, "/step/facts/severity", json!("enormous"), Refused("step.facts.severity", "enormous")),
        (&case_opened, "/step/facts/epss", json!("0.5"), Refused("step.facts.epss", "f32")),
        (&case_opened, "/step/facts/status", json!(null), Refused("step.facts", "`status`")),
        (&case_opened, "/step/facts/record_published", json!("yesterday"), Refused("step.facts.record_published", "year")),
        (&case_opened, "/step/facts/evidence/0/kind", json!("rumour"), Refused("step.facts.evidence.0.kind", "rumour")),
        (&case_opened, "/step/facts/evidence", json!(null), Known),
        (&case_opened, "/step/facts", json!([]), Refused("step.facts", "length 0")),
        (&case_opened, "/step/state", json!("open"), Refused("step.state", "open")),
        (&case_opened, "/step/what", json!("promised"), Refused("step.what", "promised")),
        (&case_opened, "/step/what", json!(null), Refused("step", "`what`")),
        (&case_opened, "/step", json!(null), Refused("", "`step`")),
        (&case_opened, "/step", json!(3), Refused("step", "integer")),
        (&case_opened, "/key", json!(null), Refused("", "`key`")),
        (&case_opened, "/key/cve", json!("CVE-1"), Refused("key.cve", "CVE-1")),
        (&case_opened, "/step/facts/epss", json!(1e300), Refused("step.facts.epss", "too large")),
        (&case_opened, "/step/facts/rated_by", json!({"rater": "nvd", "score": 1e300}), Refused("step.facts.rated_by", "")),
        (&decision, "/step/until", json!(17), Refused("step.until", "17")),
        (&decision, "/step/origin", json!({"planet": "x"}), Refused("step.origin", "planet")),
        (&decision, "/step/reason", json!("a/b~c"), Refused("step.reason", "a/b~c")),
        (&key, "/step", json!("retired"), Refused("step", "retired")),
        (&key, "/step/what", json!("lent"), Refused("step.what", "lent")),
        (&scan, "/raised", json!([1]), Refused("raised", "length 1")),
        (&scan, "/raised/1", json!(-4), Refused("raised.1", "-4")),
        (&scan, "/knowledge", json!("sha256:7"), Refused("knowledge", "7")),
        (&scan, "/event", json!(null), Read::None),
        (&scan, "/event", json!(7), Read::None),
    ];
    let mut wrong = Vec::new();
    for (event, pointer, value, expected) in table {
        let mut changed = event.clone();
        if let Some((place, part)) = pointer.rsplit_once('/') {
            match changed.pointer_mut(place).unwrap() {
                Value::Object(members) if value.is_null() => drop(members.remove(part).unwrap()),
                Value::Object(members) => drop(members.insert(part.into(), value)),
                Value::Array(elements) => elements[part.parse::<usize>().unwrap()] = value,
                _ => panic!("{pointer}"),
            }
        }
        let text = changed.to_string();
        let fits = match (Event::from_json(&text), &expected) {
            (Ok(Event::Other(other)), Kept) => other.json() == text,
            (Ok(event), Known) => !matches!(event, Event::Other(_)),
            (Err(EventError::NoEvent(_)), Read::None) => true,
            (Err(EventError::Content { kind, field, message }), Refused(place, word)) => {
                event["event"] == kind && field == *place && message.contains(word) && !message.contains("line 1")
            }
            _ => false,
        };
        if !fits {
            wrong.push(format!("{pointer}: {:?}, expected {expected:?}", Event::from_json(&text)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An event that cannot be read is an error for each fold, list and import, which has its number, kind and field.
pub fn an_event_that_cannot_be_read_is_an_error(places: Places<'_>) {
    let place = places();
    let ledger = &Ledger::open(&place).unwrap();
    ledger.append(vec![synced(1), opened(1, Severity::High), opened(2, Severity::High)]).unwrap();
    tamper(&place, "UPDATE events SET event = replace(event, '\"severity\":\"high\"', '\"severity\":\"enormous\"') WHERE seq = 2");
    let readings: [(&str, Result<(), LedgerError>); 3] = [
        ("the log", ledger.entries(&seaworthy_ledger::Entries::default()).map(drop)),
        ("the history", ledger.history(&key(1)).map(drop)),
        ("the views", ledger.rebuild().map(drop)),
    ];
    for (what, read) in readings {
        let error = read.unwrap_err();
        assert!(matches!(&error, LedgerError::Event { seq: 2, .. }), "{what}: {error:?}");
        let said = error.to_string();
        for word in ["event 2 of", "its kind is case", "its step.facts.severity cannot be read", "enormous", "use that one"] {
            assert!(said.contains(word), "{what}: {word}: {said}");
        }
    }
    // Whoever cannot read it can still hand it on.
    let mut export = Vec::new();
    assert_eq!(ledger.export(1, &mut export).unwrap(), 3);
    assert!(String::from_utf8(export).unwrap().contains("\"severity\":\"enormous\""));
    // Others stand.
    assert_eq!(ledger.history(&key(2)).unwrap().len(), 1);
}

/// Events of subjects of all kinds; most sequences of them are not legal as a whole.
fn any_draft() -> impl Strategy<Value = Event> {
    let fingerprint = prop_oneof![Just("AB"), Just("CD")];
    let change = prop_oneof![
        Just(KeyChange::Created { user_id: "Harbor <a@b>".into(), expires: None }),
        Just(KeyChange::Imported { user_id: "Harbor <a@b>".into(), expires: Some(at(900)), by: "gpg".into() }),
        (0i64..300).prop_map(|n| KeyChange::Rotated { successor: "EF".into(), until: at(n) }),
        Just(KeyChange::Retired),
        Just(KeyChange::Compromised),
    ];
    let stated = (0u32..4, 0u32..4, proptest::option::of("H-[1-3]"), any::<bool>()).prop_map(|(n, revision, id, closed)| AdvisoryStated {
        key: key(n),
        id,
        described: None,
        view: View {
            standing: if closed { Standing::WillNotFix } else { Standing::Affected },
            statement: "\u{2713} \"so\"".into(),
            version: Evr::of_log("8.8.0-1"),
            severity: None,
            exploited_since: None,
            deliveries: Vec::new(),
        },
        revisions: (1..=revision).map(|number| Revision { number, at: at(1), summary: "first".into() }).collect(),
    });
    prop_oneof![
        9 => any_step(4).prop_map(|(n, event)| Event::case(key(n), event)),
        3 => (fingerprint, change).prop_map(|(fingerprint, change)| KeyStep { fingerprint: fingerprint.into(), change }.into()),
        2 => ("[ph]", "[a-c]{1,2}").prop_map(|(name, content)| SettingsChanged::new(name, content).into()),
        3 => stated.prop_map(Event::from),
        1 => "[ab]".prop_map(|line| {
            let (content, plan) = (Digest::of(b"content"), Digest::of(line.as_bytes()));
            let (id, channels, counts) = ("x".to_owned(), [].into(), [].into());
            Publication { id, content, plan, channels, recalled: Vec::new(), line, counts }.into()
        }),
        1 => "[ab]".prop_map(|image| ImageReleased { image, sku: "s".into(), built: at(1), packages: 7, counts: [].into() }.into()),
        1 => (0u64..9).prop_map(|n| synced(n).event),
        1 => "[ab]".prop_map(|selector| scanned(&selector, b"1").event),
    ]
}

/// Any value in place of a part of an event.
fn any_value() -> impl Strategy<Value = Value> {
    let odd = vec![
        json!(null),
        json!([]),
        json!({}),
        json!(1e300),
        json!(-0.0),
        json!("2024-02-30"),
        json!("CVE-1"),
        json!("9999-12-31T23:59:60Z"),
    ];
    prop_oneof![
        prop::sample::select(odd),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,9}".prop_map(Value::from),
    ]
}

/// The places of all parts of a value.
fn places_in(value: &Value, place: String, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, part)| places_in(part, format!("{place}/{name}"), out)),
        Value::Array(elements) => elements.iter().enumerate().for_each(|(n, part)| places_in(part, format!("{place}/{n}"), out)),
        _ => {}
    }
    out.push(place);
}

/// A stored event in which a part has another value, and which may be cut off.
fn any_stored() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any_value());
    let cut = proptest::option::weighted(0.2, any::<prop::sample::Index>());
    (any_draft(), prop::collection::vec(change, 0..3), cut).prop_map(|(event, changes, cut)| {
        let mut value = serde_json::to_value(&event).unwrap();
        for (nth, part) in changes {
            let mut places = Vec::new();
            places_in(&value, String::new(), &mut places);
            *value.pointer_mut(&places[nth.index(places.len())]).unwrap() = part;
        }
        let text = value.to_string();
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        text[..cut.map_or(text.len(), |cut| *cut.get(&ends))].to_owned()
    })
}

#[test]
fn what_is_stored_is_read_and_written_back_or_refused_by_name() {
    let mut runner = TestRunner::new(Config { cases: 3000, failure_persistence: None, ..Config::default() });
    let counts = RefCell::new([0; 4]);
    let tested = runner.run(&any_stored(), |text| {
        let read = |event: &str| {
            let stored = Stored { seq: 7, at: "2026-01-02T03:04:05Z", actor: "mia", why: None, before: None, event };
            stored.read(&stored.digest().to_string())
        };
        let which = match read(&text) {
            Ok(entry) => {
                let written = serde_json::to_string(&entry.event).unwrap();
                let again = read(&written).unwrap();
                prop_assert_eq!(serde_json::to_string(&again.event).unwrap(), written.as_str());
                prop_assert_eq!(&again.event, &entry.event);
                if let Event::Other(other) = &entry.event {
                    prop_assert_eq!(other.json(), &text);
                    prop_assert!(!Event::KINDS.contains(&other.kind()));
                    1
                } else {
                    0
                }
            }
            Err(error @ LedgerError::Event { .. }) => {
                let said = error.to_string();
                let LedgerError::Event { seq: 7, cause: EventError::Content { kind, field, .. } } = error else { panic!("{error:?}") };
                prop_assert!(
                    Event::KINDS.contains(&&*kind) && said.contains("event 7 of") && said.contains(&kind) && said.contains(&field)
                );
                2
            }
            Err(LedgerError::Unreadable { what, .. }) => {
                prop_assert_eq!(what, "event 7");
                3
            }
            Err(other) => panic!("{other}"),
        };
        counts.borrow_mut()[which] += 1;
        Ok(())
    });
    tested.unwrap();
    assert!(counts.borrow().iter().all(|n| *n > 20), "each outcome is met: {counts:?}");
}

/// The values of all views, without the numbers of events.
fn folded(ledger: &Ledger) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let mut keys = Vec::new();
    ledger
        .each_case(&Query { sight: Sight::All, ..Query::default() }, |case: Case| {
            keys.push(case.key);
            Ok(())
        })
        .unwrap();
    for key in keys {
        writeln!(out, "{:?}", ledger.case(&key).unwrap()).unwrap();
    }
    macro_rules! all {
        ($($subject:ty),*) => {$(
            for (subject, _) in ledger.subjects::<$subject>().unwrap() {
                writeln!(out, "{subject:?}").unwrap();
            }
        )*};
    }
    all!(PublishedAdvisory, KeyHistory, Settings, LastPublication, ImageReleased, Scan);
    out
}

/// An event of an unknown kind on a known subject.
fn unknown(n: usize) -> Draft {
    let key = serde_json::to_string(&key(n as u32 % 4)).unwrap();
    let text = [
        r#"{"event":"build_began","subject":"AB"}"#.to_owned(),
        format!(r#"{{"event":"change_proposed","key":{key}}}"#),
        r#"{"event":"nothing_more"}"#.to_owned(),
    ];
    Draft::new(at(500), "a newer one", Event::from_json(&text[n % 3]).unwrap())
}

pub fn a_history_folds_the_same_however_it_is_cut(places: Places<'_>) {
    let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
    let strategy = (prop::collection::vec(any_draft(), 1..90), prop::collection::vec((1usize..20, any::<bool>()), 90));
    let places = RefCell::new(places);
    let tested = runner.run(&strategy, |(events, cuts)| {
        let place = || (places.borrow_mut())();
        // Only what may follow, found one by one.
        let single = Ledger::open(&place()).unwrap();
        let mut legal = Vec::new();
        for (minute, event) in events.into_iter().enumerate() {
            let draft = Draft::new(at(minute as i64), "mia", event);
            match single.append(vec![draft.clone()]) {
                Ok(_) => legal.push(draft),
                Err(LedgerError::Illegal { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        prop_assume!(!legal.is_empty());
        let expected = folded(&single);

        let whole = Ledger::open(&place()).unwrap();
        whole.append(legal.clone()).unwrap();
        prop_assert_eq!(whole.view_digest().unwrap(), single.view_digest().unwrap());
        prop_assert_eq!(&folded(&whole), &expected);

        // Cut anywhere, with what this version does not know in between, and closed between two parts.
        let location = place();
        let mut left = &*legal;
        for (n, (size, between)) in cuts.into_iter().enumerate() {
            let (part, rest) = left.split_at(size.min(left.len()));
            let mut batch = part.to_vec();
            if between {
                batch.insert(batch.len() / 2, unknown(n));
            }
            let ledger = Ledger::open(&location).unwrap();
            ledger.append(batch).unwrap();
            left = rest;
        }
        prop_assert!(left.is_empty());
        let cut = Ledger::open(&location).unwrap();
        prop_assert_eq!(&folded(&cut), &expected);

        // Through the stored text, into another ledger, and folded anew.
        let mut export = Vec::new();
        cut.export(1, &mut export).unwrap();
        let copy = Ledger::open(&place()).unwrap();
        copy.import("export", &mut &*export).unwrap();
        prop_assert_eq!(&folded(&copy), &expected);
        prop_assert_eq!(copy.rebuild().unwrap().after, cut.view_digest().unwrap());
        prop_assert_eq!(&folded(&copy), &expected);

        // A time that is corrected to what it was changes nothing either.
        copy.append(vec![Draft::new(at(501), "mia", TimeCorrected { seq: 1, to: legal[0].at })]).unwrap();
        prop_assert_eq!(&folded(&copy), &expected);
        Ok(())
    });
    tested.unwrap();
}
