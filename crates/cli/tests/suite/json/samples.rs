//! An event of each kind, and a step of a case of each kind, with all parts that it may have.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_ledger::Event;
use seaworthy_model::case::{
    Case, CaseEvent, CaseKey, CaseState, CaseStep, Change, Decision, Embargo, Facts, Justification, Origin, PauseReason, RatedBy, Reach,
    Reason, Said,
};
use seaworthy_model::subject::{
    Adopted, AdvisoryDescribed, AdvisoryNumbered, AdvisoryStated, Delivery, Described, ImageReleased, KeyChange, KeyStep, Place,
    Publication, ReplayBegan, ReplayStep, Revision, Scan, SettingsChanged, Shipped, Standing, Synced, TimeCorrected, Undone, View,
};
use seaworthy_model::{
    Cvss, CvssVersion, Day, Digest, Evidence, EvidenceKind, Evr, Extent, Limit, RangeBuf, Rater, Reference, ReferenceKind, Rule, Severity,
    SourceKind, Status, VexStatus,
};
use seaworthy_pipeline::{PublicationOutcome, StoreComparison, StoreState, VerifiedPublication, Wrong};
use seaworthy_publish::bucket::Pushed;
use seaworthy_publish::contract::{Concluded, Consumer, Disagreement, Verdict};

/// Rare outcomes of a publication: consumers disagree, or the publication in force has the same content and a store.
pub(crate) fn outcomes() -> Vec<PublicationOutcome> {
    let store = StoreState { address: "s3://harbor/site".into(), pushed: Pushed { sent: 1, bytes: 2, removed: 3, objects: 4 } };
    vec![
        PublicationOutcome::Refused(Box::new(concluded())),
        PublicationOutcome::Unchanged { id: "20260921T141320Z".into(), store: Some(Ok(store)) },
    ]
}

/// The result of a verification with every kind of difference.
pub(crate) fn verified() -> VerifiedPublication {
    let id = || "20260921T141320Z".to_owned();
    let store = StoreComparison { address: "s3://harbor/site".into(), objects: 4, deep: true, wrong: vec!["index.html is missing".into()] };
    let file = |path: Option<&str>| Wrong::File { path: path.map(Into::into), message: "another digest".into() };
    VerifiedPublication {
        id: id(),
        documents: 1,
        signatures: 2,
        packages: 3,
        concluded: concluded(),
        store: Some(store),
        wrong: vec![
            Wrong::NotLast { id: id(), last: id() },
            Wrong::OtherContent { id: id() },
            Wrong::Foreign { id: id() },
            file(Some("index.html")),
            file(None),
        ],
    }
}

fn concluded() -> Concluded {
    let disagreement = |ours, theirs| Disagreement {
        consumer: Consumer::Trivy,
        package: "curl".into(),
        cve: "CVE-2024-6197".into(),
        version: "8.8.0-1".into(),
        ours,
        theirs,
    };
    Concluded {
        compared: BTreeMap::from([(Consumer::Trivy, 2), (Consumer::OpenScap, 1)]),
        disagreements: vec![disagreement(Verdict::Affected { fix: true }, Verdict::NotAffected)],
        limits: vec![disagreement(Verdict::NotAffected, Verdict::Affected { fix: false })],
        refused: vec![(Consumer::Osv, "no id".into())],
        not_run: vec![(Consumer::Dnf, "it is not installed".into())],
    }
}

fn at() -> Timestamp {
    "2026-09-21T14:13:20Z".parse().unwrap()
}

fn day() -> Day {
    "2026-09-21".parse().unwrap()
}

fn digest() -> Digest {
    Digest::of(b"a sample")
}

fn key(part: &str) -> CaseKey {
    CaseKey { line: "1.0".parse().unwrap(), package: "curl".parse().unwrap(), cve: "CVE-2024-6197".parse().unwrap(), part: part.into() }
}

fn evidence() -> Vec<Evidence> {
    vec![Evidence::new(EvidenceKind::Patch, "CVE-2024-6197.patch")]
}

fn rules() -> Vec<Rule> {
    let range = RangeBuf { start: Some(Limit::Including("8.6.0".into())), end: Some(Limit::Excluding("8.9.0".into())) };
    let extents = [
        Extent::Affected { range: range.clone() },
        Extent::Unaffected { range },
        Extent::NoVersion,
        Extent::Default,
        Extent::Edition { target: "android".into() },
        Extent::Hardware { target: "arm64".into() },
        Extent::Platform { product: "o:microsoft:windows".into() },
        Extent::Companion { product: "a:apache:http_server".into() },
        Extent::Nothing,
    ];
    let judged = |extent| Rule::Judged { source: SourceKind::Nvd, extent };
    extents.into_iter().map(judged).chain([Rule::Stated("nvd: before 8.9.0".into())]).collect()
}

fn facts(rule: Rule) -> Facts {
    Facts {
        status: Status::Affected,
        version: Evr::of_log("8.8.0-1"),
        severity: Some(Severity::High),
        rated_by: Some(RatedBy::Record { rater: Rater::Nvd, score: 7.5 }),
        exploited_since: Some(day()),
        epss: Some(0.5),
        product: Some("a:haxx:curl".into()),
        fixed_in: Some("8.9.0".into()),
        rule: Some(rule),
        record_published: at(),
        reach: Reach::Image,
        evidence: evidence(),
    }
}

fn changes() -> Vec<Change> {
    let rules = rules();
    vec![
        Change::Status { from: Status::Suspected, to: Status::Affected },
        Change::Version { from: None, to: Evr::of_log("8.8.0-1") },
        Change::Rule { from: None, to: Some(rules[0].clone()) },
        Change::FirstRule { rule: rules[1].clone() },
        Change::Severity { from: None, to: Some(Severity::High) },
        Change::Exploited { since: day() },
        Change::RaisedAgain { version: Evr::of_log("8.8.0-1") },
        Change::Stated("severity unrated became high".into()),
    ]
}

fn decision(origin: Origin) -> Decision {
    Decision {
        state: CaseState::NotAffected,
        justification: Some(Justification::ComponentNotPresent),
        reason: Reason::Reviewed,
        statement: "not built".into(),
        until: Some(at()),
        origin,
    }
}

fn said() -> Said {
    Said {
        document: "https://vex.example.org/1".into(),
        revision: "2".into(),
        file: "theirs.json".into(),
        at: Some(at()),
        status: Some(VexStatus::UnderInvestigation),
        justification: Some(Justification::ComponentNotPresent),
        statement: "not built".into(),
        versions: Some("8.8.0-1".into()),
        overtaken: true,
    }
}

fn case() -> Case {
    let opened = CaseEvent::Opened { facts: facts(rules()[0].clone()), state: CaseState::Affected };
    let mut case = Case::open(&key("libs"), at(), &opened).unwrap();
    case.apply(at(), &CaseEvent::Decided(decision(Origin::Person))).unwrap();
    case.recalled = Evr::of_log("8.8.0-2");
    case.said.push(said());
    case
}

pub(crate) fn steps() -> Vec<CaseEvent> {
    let version = || "8.8.0-2".parse::<Evr>().unwrap();
    let opened = rules().into_iter().map(|rule| CaseEvent::Opened { facts: facts(rule), state: CaseState::Affected });
    let stated = Facts { rated_by: Some(RatedBy::Stated("NVD 7.5".into())), ..facts(rules()[0].clone()) };
    let origins = [Origin::Person, Origin::Scan, Origin::SpecTree("a.nopatch".into()), Origin::Document("a.json".into())];
    let decided = origins.into_iter().map(|origin| CaseEvent::Decided(decision(origin)));
    let others = vec![
        CaseEvent::Observed { facts: stated.clone(), changed: changes() },
        CaseEvent::Reopened { facts: stated, because: changes(), state: CaseState::Affected },
        CaseEvent::Expired,
        CaseEvent::Fixed { version: Some(version()), or_before: false, origin: Origin::Scan, evidence: evidence() },
        CaseEvent::Fixed { version: Some(version()), or_before: true, origin: Origin::Scan, evidence: evidence() },
        CaseEvent::Left { version: Some(version()) },
        CaseEvent::Withdrawn { because: "the record was rejected".into() },
        CaseEvent::Rated { severity: Severity::Low, reason: "unused".into() },
        CaseEvent::Assigned { to: Some("mia".into()) },
        CaseEvent::Assigned { to: None },
        CaseEvent::Embargoed(Embargo { until: at(), contact: "psirt@harbor.example".into(), tracking: "HL-7".into() }),
        CaseEvent::Disclosed,
        CaseEvent::Published { version: version(), place: "updates".into() },
        CaseEvent::Recalled { version: version(), because: "it breaks".into() },
        CaseEvent::Shipped { version: version(), image: "202609.20.0".into() },
        CaseEvent::Paused { reason: PauseReason::Freeze, note: "end of year".into() },
        CaseEvent::Resumed,
        CaseEvent::Refused { suggestion: "a suggestion".into() },
        CaseEvent::Stated(said()),
        CaseEvent::Stated(Said {
            revision: String::new(),
            at: None,
            status: None,
            justification: None,
            statement: String::new(),
            versions: None,
            overtaken: false,
            ..said()
        }),
        CaseEvent::Undone { first: 3, last: 7, before: None },
        CaseEvent::Undone { first: 3, last: 7, before: Some(Box::new(case())) },
    ];
    opened.chain(decided).chain(others).collect()
}

fn described() -> Described {
    Described {
        description: "A flaw.".into(),
        score: Some(Cvss { version: CvssVersion::V31, rater: Rater::Cna, score: 7.5, vector: "CVSS:3.1/AV:N".into() }),
        weaknesses: vec!["CWE-79".into()],
        references: vec![Reference { url: "https://curl.example.org/1".into(), kinds: vec![ReferenceKind::Patch, ReferenceKind::Report] }],
        binaries: vec!["curl-libs".into()],
        due: Some(at()),
    }
}

fn stated() -> impl Iterator<Item = AdvisoryStated> {
    let standings = [
        Standing::UnderInvestigation,
        Standing::Affected,
        Standing::Deferred { until: Some(at()) },
        Standing::WillNotFix,
        Standing::NotShipped,
        Standing::NotAffected { justification: Some(Justification::ComponentNotPresent) },
        Standing::Fixed { version: "1:8.8.0-2".parse().unwrap(), or_before: false },
        Standing::Fixed { version: "1:8.8.0-2".parse().unwrap(), or_before: true },
        Standing::Withdrawn,
    ];
    standings.into_iter().map(|standing| AdvisoryStated {
        key: key(""),
        id: Some("HBR-2026-0001".into()),
        described: Some(described()),
        view: View {
            standing,
            statement: "s".into(),
            version: Evr::of_log("8.8.0-1"),
            severity: Some(Severity::High),
            exploited_since: Some(day()),
            deliveries: [Place::Repository("updates".into()), Place::Image("202609.20.0".into()), Place::Earlier]
                .map(|place| Delivery { at: at(), version: "8.8.0-2".parse().unwrap(), place })
                .to_vec(),
        },
        revisions: vec![Revision { number: 1, at: at(), summary: "issued".into() }],
    })
}

/// An event of each kind; for events that have kinds themselves, one of each of these.
pub(crate) fn events() -> Vec<Event> {
    let counts = || BTreeMap::from([("fixed".to_owned(), 1)]);
    let user_id = || "a <a@harbor.example>".to_owned();
    let changes = [
        KeyChange::Created { user_id: user_id(), expires: Some(at()) },
        KeyChange::Imported { user_id: user_id(), expires: Some(at()), by: "gpg".into() },
        KeyChange::Rotated { successor: "B".repeat(40), until: at() },
        KeyChange::Retired,
        KeyChange::Compromised,
    ];
    let publication = Publication {
        id: "20260720T000000Z".into(),
        content: digest(),
        plan: digest(),
        channels: BTreeMap::from([("updates".to_owned(), "20260720T000000Z".to_owned())]),
        recalled: vec![digest().hex()],
        line: "1.0".into(),
        counts: counts(),
    };
    let image = ImageReleased { image: "202609.20.0".into(), sku: "Harbor/gen2".into(), built: at(), packages: 2, counts: counts() };
    let scan = Scan {
        selector: "packages file a.json".into(),
        knowledge: digest(),
        inventory: digest(),
        engine: "seaworthy-matching rules 1".into(),
        products: Some(digest()),
        raised: [1, 2],
    };
    let mut out: Vec<Event> = vec![
        Synced { knowledge: digest(), changes: [1, 2, 3] }.into(),
        scan.into(),
        image.into(),
        ReplayBegan { inputs: digest(), about: "from 2024-07-01".into() }.into(),
        ReplayStep { records: 1, judged: 2 }.into(),
        AdvisoryNumbered { key: key(""), id: "HBR-2026-0001".into() }.into(),
        AdvisoryDescribed { key: key("libs"), described: described() }.into(),
        publication.into(),
        SettingsChanged::new("policy", "a = 1\n").into(),
        TimeCorrected { seq: 2, to: at() }.into(),
        Adopted { file: "ledger.jsonl".into(), digest: digest(), events: 3 }.into(),
        Undone { first: 3, last: 7, cases: 2 }.into(),
        Shipped {
            line: "1.0".parse().unwrap(),
            kind: "spec tree".into(),
            inventory: digest(),
            packages: 12,
            delivered: Some("2026-11-24".parse().unwrap()),
            names: vec!["curl".into(), "openssl".into()],
        }
        .into(),
    ];
    out.extend(steps().into_iter().map(|event| Event::from(CaseStep { key: key("libs"), event })));
    out.extend(stated().map(Event::from));
    out.extend(changes.into_iter().map(|change| Event::from(KeyStep { fingerprint: "A".repeat(40), change })));
    out
}
