//! The public content of a log, tested through the crate's interface.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use seaworthy_intelligence::{Delivery, Input, InputBody, Knowledge, Store};
use seaworthy_ledger::Event;
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState, Decision, Embargo, Facts, Justification, Origin, Reach, Reason};
use seaworthy_model::subject::{AdvisoryStated, Described, Revision, View};
use seaworthy_model::{Evr, Severity, SourceKind, Status};
use seaworthy_pipeline::Chronicle;
use seaworthy_publish::{Advisory, Distribution, Edition, Place, Standing};
use seaworthy_triage::Policy;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn key(package: &str) -> CaseKey {
    CaseKey { line: "1.0".parse().unwrap(), package: package.parse().unwrap(), cve: "CVE-2024-6197".parse().unwrap(), part: String::new() }
}

pub(crate) fn facts() -> Facts {
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
        record_published: at("2024-07-24T00:00:00Z"),
        reach: Reach::default(),
        evidence: Vec::new(),
    }
}

pub(crate) fn opened() -> CaseEvent {
    CaseEvent::Opened { facts: facts(), state: CaseState::Affected }
}

pub(crate) fn fixed() -> CaseEvent {
    CaseEvent::Fixed { version: Evr::of_log("8.8.0-2"), or_before: false, origin: Origin::Scan, evidence: Vec::new() }
}

pub(crate) fn left() -> CaseEvent {
    CaseEvent::Left { version: Evr::of_log("8.8.0-1") }
}

fn recalled() -> CaseEvent {
    CaseEvent::Recalled { version: "8.8.0-2".parse().unwrap(), because: "it breaks".into() }
}

pub(crate) fn published() -> CaseEvent {
    CaseEvent::Published { version: "8.8.0-2".parse().unwrap(), place: "updates".into() }
}

fn distribution() -> Distribution {
    Distribution {
        name: "Harbor Linux".into(),
        vendor: "harbor".into(),
        line: "1.0".into(),
        prefix: "HBR".into(),
        site: "https://packages.example.org".into(),
        contact: "security@example.org".into(),
        cpe: "cpe:2.3:o:harbor:harbor:1.0:*:*:*:*:*:*:*".into(),
        ecosystem: String::new(),
    }
}

pub(crate) struct Log(pub(crate) Chronicle);

impl Log {
    pub(crate) fn new() -> Self {
        Self(Chronicle::new(&"1.0".parse().unwrap()))
    }

    pub(crate) fn case(&mut self, when: &str, package: &str, event: CaseEvent) {
        self.0.apply(at(when), &Event::case(key(package), event)).unwrap();
    }

    /// Writes the events that an edition needs, and gives the edition.
    pub(crate) fn edition(&mut self, now: &str) -> Edition {
        self.0.settle(at(now));
        for event in self.pending(now) {
            self.0.apply(at(now), &event).unwrap();
        }
        assert_eq!(self.pending(now), [], "a second look has nothing to write");
        self.0.edition(&distribution())
    }

    /// The events that an edition needs.
    fn pending(&self, now: &str) -> Vec<Event> {
        let names: BTreeMap<String, Vec<String>> = [("curl".to_owned(), vec!["curl-libs".to_owned()])].into();
        self.0.pending(None, &names, &Policy::parse("").unwrap(), "HBR", at(now)).unwrap()
    }

    fn only(&mut self, now: &str) -> Advisory {
        let mut all = self.edition(now).advisories;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }
}

#[test]
fn history_was_delivered_before_and_says_no_first_version_that_nobody_knows() {
    let mut log = Log::new();
    let day = "2024-08-01T00:00:00Z";
    let (version, place) = ("8.8.0-2".parse::<Evr>().unwrap(), "updates".to_owned());
    for (package, or_before) in [("curl", true), ("jq", false)] {
        let fix = CaseEvent::Fixed { version: Some(version.clone()), or_before, origin: Origin::Scan, evidence: Vec::new() };
        let published = CaseEvent::Published { version: version.clone(), place: place.clone() };
        [opened(), fix, published].into_iter().for_each(|event| log.case(day, package, event));
    }
    for (advisory, or_before) in log.edition("2024-09-01T00:00:00Z").advisories.into_iter().zip([true, false]) {
        assert_eq!(advisory.standing, Standing::Fixed { version: version.clone(), or_before }, "{}", advisory.package);
        assert_eq!(advisory.deliveries.iter().map(|d| &d.place).collect::<Vec<_>>(), [&Place::Earlier]);
        let words = if or_before { "First published: fixed in 8.8.0-2 or before." } else { "First published: fixed in 8.8.0-2." };
        assert_eq!(advisory.revisions[0].summary, words);
    }
}

#[test]
fn what_the_spec_tree_has_is_told_as_its_words() {
    let decision = |origin| {
        CaseEvent::Decided(Decision {
            state: CaseState::NotAffected,
            justification: Some(Justification::VulnerableCodeNotPresent),
            reason: Reason::Recorded,
            statement: "patched in 6.6.29.1 - (generated by a tool)".into(),
            until: None,
            origin,
        })
    };
    let rows = [
        ("a file of the tree", Origin::SpecTree("a.nopatch".into()), "The spec tree records: patched in 6.6.29.1 - (generated by a tool)"),
        ("a person", Origin::Person, "patched in 6.6.29.1 - (generated by a tool)"),
    ];
    seaworthy_testing::hold(rows.into_iter().map(|(why, origin, expected)| {
        let mut log = Log::new();
        log.case("2024-08-01T00:00:00Z", "curl", opened());
        log.case("2024-08-01T00:00:00Z", "curl", decision(origin));
        (why, expected.to_owned(), log.only("2024-08-02T00:00:00Z").statement)
    }));
}

#[test]
fn a_fix_is_there_when_machines_can_get_it() {
    let mut log = Log::new();
    log.case("2024-08-01T00:00:00Z", "curl", opened());
    log.case("2024-08-02T00:00:00Z", "curl", fixed());
    let waiting = log.only("2024-08-03T00:00:00Z");
    assert_eq!((&waiting.standing, waiting.id.as_str()), (&Standing::Affected, "HBR-2024-0001"));
    assert!(waiting.statement.contains("8.8.0-2") && waiting.due.is_some() && waiting.deliveries.is_empty());
    assert_eq!((waiting.ready_in(), &waiting.version), (Evr::of_log("8.8.0-2").as_ref(), &Evr::of_log("8.8.0-1")));
    // A later scan looks at the version that has the fix: nobody is told that it is affected.
    let seen = Facts { version: Evr::of_log("8.8.0-2"), ..facts() };
    log.case("2024-08-03T01:00:00Z", "curl", CaseEvent::Observed { facts: seen, changed: Vec::new() });
    let seen = log.only("2024-08-03T02:00:00Z");
    assert_eq!(seen, waiting);
    log.case("2024-08-04T00:00:00Z", "curl", published());
    let out = log.only("2024-08-04T00:00:00Z");
    assert_eq!(out.standing, Standing::Fixed { version: "8.8.0-2".parse().unwrap(), or_before: false });
    assert_eq!(out.deliveries[0].place, Place::Repository("updates".into()));
    assert_eq!((out.id, out.due, out.binaries), (waiting.id, None, vec!["curl-libs".to_owned()]));
    let times: Vec<String> = out.revisions.iter().map(|r| r.at.to_string()).collect();
    assert_eq!(times, ["2024-08-01T00:00:00Z", "2024-08-02T00:00:00Z", "2024-08-04T00:00:00Z"]);
    log.case("2024-08-05T00:00:00Z", "curl", recalled());
    let back = log.only("2024-08-05T00:00:00Z");
    assert_eq!((back.standing, back.ready), (Standing::Affected, None));
    assert_eq!(back.statement, "The update to 8.8.0-2, which had the fix, was taken back.");
    assert!(back.revisions.last().unwrap().summary.contains("taken back"), "{:?}", back.revisions);
    let newer = Facts { version: Evr::of_log("8.8.0-3"), ..facts() };
    log.case("2024-08-06T00:00:00Z", "curl", CaseEvent::Observed { facts: newer, changed: Vec::new() });
    let next = log.only("2024-08-06T00:00:00Z");
    assert_eq!(next.ready_in(), Evr::of_log("8.8.0-3").as_ref(), "the next release has the fix");
    assert_eq!((next.statement.as_str(), next.version), ("A fix is ready in 8.8.0-3, and not delivered yet.", None));
}

/// An earlier version told of an update that was taken back that its fix is ready.
#[test]
fn what_an_earlier_version_told_of_an_update_that_was_taken_back_stays_and_is_corrected() {
    let mut log = Log::new();
    log.case("2024-08-01T00:00:00Z", "curl", opened());
    log.case("2024-08-02T00:00:00Z", "curl", fixed());
    log.case("2024-08-02T00:00:00Z", "curl", published());
    log.only("2024-08-02T00:00:00Z");
    log.case("2024-08-03T00:00:00Z", "curl", recalled());
    let Event::AdvisoryStated(mut stated) = log.pending("2024-08-03T00:00:00Z").remove(0) else { panic!("no statement") };
    stated.view.version = Evr::of_log("8.8.0-2");
    stated.view.statement = "A fix is ready in 8.8.0-2, and not delivered yet.".into();
    log.0.apply(at("2024-08-03T00:00:00Z"), &Event::AdvisoryStated(stated.clone())).unwrap();
    let taken_back = "The update to 8.8.0-2, which had the fix, was taken back.";
    let said = log.only("2024-08-04T00:00:00Z");
    assert_eq!((&said.standing, said.statement.as_str(), &said.ready), (&Standing::Affected, taken_back, &None));
    assert_ne!(said.version, Evr::of_log("8.8.0-2"), "that one has the fix");
    let [.., before, last] = &said.revisions[..] else { panic!("{:?}", said.revisions) };
    assert_eq!((before, last.summary.clone()), (stated.revisions.last().unwrap(), format!("Corrected: {taken_back}")));
}

#[test]
fn what_is_sealed_becomes_known_in_one_step() {
    for lifted in [true, false] {
        let mut log = Log::new();
        log.case("2024-08-01T00:00:00Z", "curl", opened());
        let until = at("2024-08-10T00:00:00Z");
        let embargo = Embargo { until, contact: "psirt@example.org".into(), tracking: "T-1".into() };
        log.case("2024-08-01T00:00:00Z", "curl", CaseEvent::Embargoed(embargo));
        log.case("2024-08-02T00:00:00Z", "curl", fixed());
        log.case("2024-08-02T00:00:00Z", "curl", published());
        assert_eq!(log.edition("2024-08-09T00:00:00Z").advisories, []);
        if lifted {
            log.case("2024-08-10T00:00:00Z", "curl", CaseEvent::Disclosed);
        }
        let told = log.only("2024-08-11T00:00:00Z");
        let history = serde_json::to_string(&told.revisions).unwrap();
        assert!(told.revisions.len() == 1 && told.revisions[0].at == until, "{history}");
        assert!(history.contains("fixed in 8.8.0-2") && !history.contains("T-1"), "{history}");
    }
}

#[test]
fn a_suspicion_is_no_news_and_a_number_is_given_once() {
    let mut log = Log::new();
    let suspected = CaseEvent::Opened { facts: Facts { status: Status::Suspected, ..facts() }, state: CaseState::UnderInvestigation };
    log.case("2024-08-01T00:00:00Z", "expat", suspected);
    log.case("2024-08-02T00:00:00Z", "curl", opened());
    assert_eq!(log.only("2024-08-03T00:00:00Z").package, "curl");
    let decision = Decision {
        state: CaseState::NotAffected,
        justification: Some(Justification::VulnerableCodeNotPresent),
        reason: Reason::Reviewed,
        statement: "it is not built".into(),
        until: None,
        origin: Origin::Person,
    };
    log.case("2025-01-01T00:00:00Z", "expat", CaseEvent::Decided(decision));
    log.case("2025-01-02T00:00:00Z", "openssl", opened());
    let ids: Vec<(String, String)> = log.edition("2025-01-03T00:00:00Z").advisories.into_iter().map(|a| (a.package, a.id)).collect();
    let expected = [("curl", "HBR-2024-0001"), ("expat", "HBR-2025-0001"), ("openssl", "HBR-2025-0002")];
    assert_eq!(ids, expected.map(|(p, i)| (p.to_owned(), i.to_owned())));
}

proptest! {
    /// A case has a history that can be published, in any sequence of events: numbers without a gap, times that do not fall, and a revision
    /// for each change of the public view.
    #[test]
    fn histories_are_whole(steps in proptest::collection::vec(0usize..9, 0..20)) {
        let mut log = Log::new();
        log.case("2024-08-01T00:00:00Z", "curl", opened());
        let mut last = log.only("2024-08-01T00:00:00Z");
        for (i, step) in steps.into_iter().enumerate() {
            let when = Timestamp::from_second(1_722_600_000 + i as i64 * 3600).unwrap();
            let decide = |state, until| CaseEvent::Decided(Decision {
                state, justification: None, reason: Reason::Recorded, statement: "so".into(), until, origin: Origin::SpecTree("a".into()),
            });
            let event = match step {
                0 => fixed(),
                1 => published(),
                2 => recalled(),
                3 => CaseEvent::Reopened { facts: facts(), because: Vec::new(), state: CaseState::Affected },
                4 => decide(CaseState::WillNotFix, None),
                5 => decide(CaseState::Deferred, Some(Timestamp::MAX)),
                7 => left(),
                6 => CaseEvent::Rated { severity: Severity::Low, reason: "x".into() },
                _ => CaseEvent::Withdrawn { because: "rejected".into() },
            };
            // What may not follow is refused by the case, and changes nothing.
            let _ = log.0.apply(when, &Event::case(key("curl"), event));
            let now = log.only(&when.to_string());
            prop_assert!(now.revisions.iter().zip(1..).all(|(r, n)| r.number == n));
            prop_assert!(now.revisions.is_sorted_by_key(|r| r.at));
            let shown = |a: &Advisory| Advisory { revisions: Vec::new(), ..a.clone() };
            if shown(&now) != shown(&last) {
                prop_assert!(now.updated() == when, "{:?} became {:?}", last.standing, now.standing);
            }
            last = now;
        }
    }
}

#[test]
fn what_was_told_of_a_package_that_left_stays_told() {
    let summaries = |advisory: &Advisory| advisory.revisions.iter().map(|r| r.summary.clone()).collect::<Vec<_>>();
    let mut log = Log::new();
    log.case("2024-08-01T00:00:00Z", "curl", opened());
    log.edition("2024-08-02T00:00:00Z");
    // Nobody was told of these before they left.
    log.case("2024-08-03T00:00:00Z", "expat", opened());
    log.case("2024-08-03T00:00:00Z", "openssl", opened());
    log.case("2024-08-03T00:00:00Z", "openssl", fixed());
    for package in ["curl", "expat"] {
        log.case("2024-08-04T00:00:00Z", package, left());
    }
    let edition = log.edition("2024-08-05T00:00:00Z");
    let standings: Vec<(&str, &Standing)> = edition.advisories.iter().map(|a| (a.package.as_str(), &a.standing)).collect();
    assert_eq!(standings, [("curl", &Standing::NotShipped), ("openssl", &Standing::Affected)]);
    let curl = &edition.advisories[0];
    assert!(summaries(curl).iter().any(|s| s == "Now affected, and no longer shipped: no fix is planned."), "{:?}", curl.revisions);
    assert_eq!(log.0.exchange(&edition.distribution, true).advisories, edition.advisories);
    for package in ["curl", "expat"] {
        let back = CaseEvent::Reopened { facts: facts(), because: Vec::new(), state: CaseState::Affected };
        log.case("2024-08-06T00:00:00Z", package, back);
    }
    let edition = log.edition("2024-08-07T00:00:00Z");
    assert!(edition.advisories.len() == 3 && edition.advisories.iter().all(|a| a.standing == Standing::Affected));
}

/// An earlier version told of a package that had left that it is not affected: after it was told as affected, or at first.
#[test]
fn what_an_earlier_version_told_of_a_package_that_left_stays_and_is_corrected() {
    for told_before in [true, false] {
        let mut log = Log::new();
        log.case("2024-08-01T00:00:00Z", "curl", opened());
        if told_before {
            log.only("2024-08-01T12:00:00Z");
        }
        let decision = Decision {
            state: CaseState::NotAffected,
            justification: Some(Justification::ComponentNotPresent),
            reason: Reason::Version,
            statement: "curl is no longer shipped".into(),
            until: None,
            origin: Origin::Scan,
        };
        log.case("2024-08-02T00:00:00Z", "curl", CaseEvent::Decided(decision));
        let (first, words) = if told_before { (2, "Now not affected.") } else { (1, "First published: not affected.") };
        let stated = AdvisoryStated {
            key: key("curl"),
            id: (!told_before).then(|| "HBR-2024-0001".to_owned()),
            described: Some(Described { binaries: vec!["curl-libs".into()], ..Described::default() }),
            view: View {
                standing: Standing::NotAffected { justification: Some(Justification::ComponentNotPresent) },
                statement: "curl is no longer shipped".into(),
                version: facts().version,
                severity: Some(Severity::High),
                exploited_since: None,
                deliveries: Vec::new(),
            },
            revisions: vec![Revision { number: first, at: at("2024-08-02T00:00:00Z"), summary: words.into() }],
        };
        log.0.apply(at("2024-08-03T00:00:00Z"), &Event::AdvisoryStated(stated)).unwrap();
        let exchanged = log.0.exchange(&distribution(), false);
        assert_eq!(exchanged.advisories[0].standing, Standing::NotShipped, "told before: {told_before}");
        let said = log.only("2024-08-04T00:00:00Z");
        assert_eq!((&said.standing, said.statement.as_str()), (&Standing::NotShipped, ""), "told before: {told_before}");
        let last: Vec<&str> = said.revisions.iter().rev().take(2).map(|r| r.summary.as_str()).collect();
        assert_eq!(last, ["Corrected: affected, and no longer shipped: no fix is planned.", words], "{:?}", said.revisions);
    }
}

/// An advisory that another version of the program published keeps its words, and later revisions follow them.
#[test]
fn what_was_published_stays_in_its_words() {
    let mut log = Log::new();
    log.case("2024-08-01T00:00:00Z", "curl", opened());
    let mut stated =
        match log.0.pending(None, &BTreeMap::new(), &Policy::parse("").unwrap(), "HBR", at("2024-08-02T00:00:00Z")).unwrap().remove(0) {
            Event::AdvisoryStated(stated) => stated,
            other => panic!("{other:?}"),
        };
    assert_eq!((stated.id.as_deref(), stated.revisions.len()), (Some("HBR-2024-0001"), 1));
    stated.revisions[0].summary = "As an older program put it.".into();
    stated.view.statement = "In words of its own.".into();
    stated.revisions.push(Revision {
        number: 2,
        at: at("2024-08-02T00:00:00Z"),
        summary: "A revision that this program would not make.".into(),
    });
    log.0.apply(at("2024-08-02T00:00:00Z"), &Event::AdvisoryStated(stated.clone())).unwrap();
    let said = |advisory: &Advisory| advisory.revisions.iter().map(|r| r.summary.clone()).collect::<Vec<_>>();
    let published = log.only("2024-08-02T00:00:00Z");
    assert_eq!(said(&published)[..2], [stated.revisions[0].summary.clone(), stated.revisions[1].summary.clone()]);
    // Also where something happens at the very moment of the publication, or is dated before it.
    log.case("2024-08-01T12:00:00Z", "curl", fixed());
    let next = log.only("2024-08-03T00:00:00Z");
    assert_eq!(said(&next)[..2], said(&published)[..2]);
    assert!(next.revisions.len() > published.revisions.len(), "{:?}", next.revisions);
    assert!(next.revisions.windows(2).all(|w| w[0].at <= w[1].at && w[0].number + 1 == w[1].number), "{:?}", next.revisions);
    assert!(next.statement.contains("8.8.0-2"), "{}", next.statement);
}

/// What is known of the CVE of these tests: a record with this description and these references, each with its tag.
fn known(description: &str, references: &[(&str, &str)]) -> (tempfile::TempDir, Knowledge) {
    let references: Vec<_> = references.iter().map(|(url, tag)| serde_json::json!({"url": url, "tags": [tag]})).collect();
    let record = serde_json::json!({
        "id": "CVE-2024-6197", "published": "2024-07-24T00:00:00.000", "descriptions": [{"lang": "en", "value": description}],
        "weaknesses": [{"description": [{"lang": "en", "value": "CWE-416"}]}], "references": references,
    });
    let feed = serde_json::json!({"version": "2.0", "totalResults": 1, "vulnerabilities": [{"cve": record}]});
    let input = Input {
        kind: SourceKind::Nvd,
        name: "nvdcve-2.0-2024.json".into(),
        origin: "feed".into(),
        validators: Default::default(),
        body: InputBody::Bytes(feed.to_string().into_bytes()),
    };
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path());
    let delivery = Delivery { inputs: vec![input], ..Delivery::default() };
    store.ingest(BTreeMap::from([(SourceKind::Nvd, delivery)]), 1_700_000_000, &|_| {}).unwrap();
    let knowledge = store.open().unwrap();
    (home, knowledge)
}

/// The statements that the log needs before a publication at a time.
fn needed(log: &Log, knowledge: &Knowledge, now: &str) -> Vec<AdvisoryStated> {
    let events = log.0.pending(Some(knowledge), &BTreeMap::new(), &Policy::parse("").unwrap(), "HBR", at(now)).unwrap();
    let stated = |event| match event {
        Event::AdvisoryStated(stated) => stated,
        other => panic!("{other:?}"),
    };
    events.into_iter().map(stated).collect()
}

/// What an earlier version published with a cut description and without references is corrected once, by a revision of its own.
#[test]
fn a_text_that_was_cut_is_corrected_once() {
    let whole = "A flaw in the reader of certificates. ".repeat(10).trim().to_owned();
    let patch = ("https://github.com/curl/curl/commit/1", "Patch");
    let (_home, knowledge) = known(&whole, &[patch, ("https://curl.example.org/gone", "Broken Link")]);
    let mut log = Log::new();
    log.case("2024-08-01T00:00:00Z", "curl", opened());
    let mut stated = needed(&log, &knowledge, "2024-08-02T00:00:00Z").remove(0);
    let described = stated.described.clone().unwrap();
    assert_eq!((described.description.as_str(), described.weaknesses.as_slice()), (whole.as_str(), ["CWE-416".to_owned()].as_slice()));
    let told: Vec<String> = described.references.iter().map(|r| format!("{} {}", r.url, r.words())).collect();
    assert_eq!(told, ["https://github.com/curl/curl/commit/1 patch"], "what is broken is not told");

    stated.described = Some(Described { description: whole[..240].to_owned(), references: Vec::new(), ..described.clone() });
    log.0.apply(at("2024-08-02T00:00:00Z"), &Event::AdvisoryStated(stated.clone())).unwrap();
    let corrections = needed(&log, &knowledge, "2024-09-01T00:00:00Z");
    assert_eq!(corrections.len(), 1);
    assert_eq!(corrections[0].described.as_ref(), Some(&described));
    let summaries: Vec<(u32, &str)> = corrections[0].revisions.iter().map(|r| (r.number, r.summary.as_str())).collect();
    assert_eq!(summaries, [(2, "Changed: the record's description, the record's references.")]);
    log.0.apply(at("2024-09-01T00:00:00Z"), &Event::AdvisoryStated(corrections[0].clone())).unwrap();
    assert_eq!(needed(&log, &knowledge, "2024-10-01T00:00:00Z"), []);
    // From the log alone.
    let told = log.only("2024-10-01T00:00:00Z");
    assert_eq!((told.description, told.references), (whole, described.references));
    assert_eq!(told.revisions[0], stated.revisions[0], "what was published stays as it was");
}

#[test]
fn other_references_alone_are_told_with_the_next_revision() {
    let one = ("https://github.com/curl/curl/commit/1", "Patch");
    let two = ("https://curl.example.org/advisory", "Vendor Advisory");
    let mut log = Log::new();
    log.case("2024-08-01T00:00:00Z", "curl", opened());
    let (_first, first) = known("A flaw.", &[one]);
    let stated = needed(&log, &first, "2024-08-02T00:00:00Z").remove(0);
    log.0.apply(at("2024-08-02T00:00:00Z"), &Event::AdvisoryStated(stated)).unwrap();
    let (_second, second) = known("A flaw.", &[one, two]);
    assert_eq!(needed(&log, &second, "2024-08-03T00:00:00Z"), []);
    log.case("2024-08-04T00:00:00Z", "curl", fixed());
    let next = needed(&log, &second, "2024-08-05T00:00:00Z").remove(0);
    assert_eq!(next.described.as_ref().unwrap().references.len(), 2);
    log.0.apply(at("2024-08-05T00:00:00Z"), &Event::AdvisoryStated(next)).unwrap();
    assert_eq!(needed(&log, &second, "2024-08-06T00:00:00Z"), []);
    // A description is told at once.
    let (_third, third) = known("A flaw that lets an attacker read memory.", &[one, two]);
    assert_eq!(needed(&log, &third, "2024-08-07T00:00:00Z").len(), 1);
}
