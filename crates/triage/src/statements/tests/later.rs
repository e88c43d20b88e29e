//! Which of several statements on one case holds, in whatever order their documents are read.

use std::collections::BTreeMap;

use super::*;

/// A document with one statement on `aaa` 1.0-1: its id, its version, the day of June of the statement (0 for none), and the status; no
/// status for a document that says nothing of the case.
#[derive(Clone, Copy, Debug)]
struct Doc(&'static str, &'static str, u8, Option<Status>);

impl Doc {
    fn read(self) -> (String, Document) {
        let Self(id, revision, day, status) = self;
        let time = (day > 0).then(|| at(&format!("2025-06-{day:02}T00:00:00Z")));
        let of = |status| Statement { time, ..statement("aaa", Versions::One("1.0-1".into()), status) };
        let statements = status.map(of).into_iter().collect();
        let name = format!("{id}-{revision}.json");
        (name, Document { id: id.into(), revision: revision.into(), author: "y".into(), statements, ..Document::default() })
    }
}

fn harbor() -> Ours {
    Ours { vendor: "harbor".into(), release: "1.0".into(), is_certain: true, ..Ours::default() }
}

fn opened(state: CaseState) -> BTreeMap<CaseKey, Case> {
    let mut case = case("aaa", "1.0-1", CaseState::UnderInvestigation);
    if state == CaseState::Affected {
        case.state = state;
    } else {
        case.facts.status = seaworthy_model::Status::Suspected;
    }
    [(case.key.clone(), case)].into()
}

/// Reads documents in one step, as an import does; gives the reasons of the statements from which nothing follows.
fn import(cases: &mut BTreeMap<CaseKey, Case>, documents: &[Doc]) -> Vec<String> {
    import_all(cases, &documents.iter().map(|document| document.read()).collect::<Vec<_>>())
}

fn import_all(cases: &mut BTreeMap<CaseKey, Case>, documents: &[(String, Document)]) -> Vec<String> {
    let learned = learn(documents, cases, &"1.0".parse().unwrap(), &harbor());
    for (key, event) in learned.iter().flat_map(|learned| &learned.events) {
        cases.get_mut(key).unwrap().apply(at("2026-01-01T00:00:00Z"), event).unwrap();
    }
    learned.into_iter().flat_map(|learned| learned.passed).map(|passed| passed.why.to_string()).collect()
}

fn state(cases: &BTreeMap<CaseKey, Case>) -> String {
    cases.values().map(|case| case.state.to_string()).collect()
}

const NOT: Option<Status> = Some(Status::NotAffected);
const AFFECTED: Option<Status> = Some(Status::Affected);
const LOOKED: Option<Status> = Some(Status::UnderInvestigation);
const FIXED: Option<Status> = Some(Status::Fixed);

#[test]
fn the_later_statement_holds_in_whatever_order_documents_are_read() {
    // Documents, and the state of a case that a scan found to be affected after all of them.
    let rows: [(&str, Vec<Doc>, &str); 16] = [
        ("affected after not affected", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 9, AFFECTED)], "affected"),
        ("not affected after affected", vec![Doc("a", "1", 1, AFFECTED), Doc("b", "1", 9, NOT)], "not_affected"),
        ("looked into after not affected", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 9, LOOKED)], "affected"),
        ("fixed after not affected", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 9, FIXED)], "affected"),
        ("of one time", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 1, AFFECTED)], "affected"),
        ("without a time", vec![Doc("a", "1", 0, NOT), Doc("b", "1", 0, AFFECTED)], "affected"),
        ("affected, without a time", vec![Doc("a", "1", 9, NOT), Doc("b", "1", 0, AFFECTED)], "affected"),
        ("not affected, without a time", vec![Doc("a", "1", 0, NOT)], "not_affected"),
        ("both say so", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 9, NOT)], "not_affected"),
        ("a newer version of the document", vec![Doc("a", "1", 1, NOT), Doc("a", "2", 9, AFFECTED)], "affected"),
        ("a newer version with an older time", vec![Doc("a", "1", 9, NOT), Doc("a", "2", 1, AFFECTED)], "affected"),
        ("a tenth version", vec![Doc("a", "9", 9, AFFECTED), Doc("a", "10", 1, NOT)], "not_affected"),
        ("one version, changed", vec![Doc("a", "1", 1, NOT), Doc("a", "1", 9, AFFECTED)], "affected"),
        ("an old version between", vec![Doc("a", "1", 20, NOT), Doc("b", "1", 10, AFFECTED), Doc("a", "2", 1, LOOKED)], "affected"),
        (
            "what stood against it is taken back",
            vec![Doc("a", "1", 20, AFFECTED), Doc("b", "1", 10, NOT), Doc("a", "2", 1, LOOKED)],
            "not_affected",
        ),
        ("three of them", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 5, AFFECTED), Doc("c", "1", 9, NOT)], "not_affected"),
    ];
    seaworthy_testing::hold(rows.clone().map(|(why, documents, expected)| {
        let mut together = opened(CaseState::Affected);
        import(&mut together, &documents);
        (why, expected.to_owned(), state(&together))
    }));
    for (why, documents, expected) in rows {
        for order in orders(documents.len()) {
            let mut cases = opened(CaseState::Affected);
            for nth in &order {
                import(&mut cases, &[documents[*nth]]);
            }
            assert_eq!(state(&cases), expected, "{why}, read in the order {order:?}");
            let before = cases.clone();
            for nth in &order {
                import(&mut cases, &[documents[*nth]]);
            }
            assert_eq!(cases, before, "{why}: what was read is not read again");
        }
    }
}

#[test]
fn a_suspicion_is_one_again_in_whatever_order_documents_are_read() {
    // Documents, and the state of a case that a scan only suspected after all of them.
    let rows: [(&str, Vec<Doc>, &str); 8] = [
        ("looked into after affected", vec![Doc("a", "1", 1, AFFECTED), Doc("b", "1", 9, LOOKED)], "under_investigation"),
        ("fixed after affected", vec![Doc("a", "1", 1, AFFECTED), Doc("b", "1", 9, FIXED)], "under_investigation"),
        ("affected after looked into", vec![Doc("a", "1", 1, LOOKED), Doc("b", "1", 9, AFFECTED)], "affected"),
        ("affected is taken back", vec![Doc("a", "1", 1, AFFECTED), Doc("a", "2", 9, LOOKED)], "under_investigation"),
        ("looked into after not affected", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 9, LOOKED)], "under_investigation"),
        ("not affected after both", vec![Doc("a", "1", 1, AFFECTED), Doc("b", "1", 5, LOOKED), Doc("c", "1", 9, NOT)], "not_affected"),
        ("affected after both", vec![Doc("a", "1", 1, NOT), Doc("b", "1", 5, LOOKED), Doc("c", "1", 9, AFFECTED)], "affected"),
        ("one version, without a time at first", vec![Doc("a", "1", 0, NOT), Doc("a", "1", 9, AFFECTED)], "affected"),
    ];
    for (why, documents, expected) in rows {
        let mut together = opened(CaseState::UnderInvestigation);
        import(&mut together, &documents);
        assert_eq!(state(&together), expected, "{why}, read at once");
        for order in orders(documents.len()) {
            let mut cases = opened(CaseState::UnderInvestigation);
            for nth in &order {
                import(&mut cases, &[documents[*nth]]);
            }
            assert_eq!(state(&cases), expected, "{why}, read in the order {order:?}");
        }
    }
}

/// What closed a case closes it once: a scan that opens it again had its grounds.
#[test]
fn what_was_said_before_a_case_was_opened_again_decides_nothing() {
    // The document that is read after a scan has opened the case again, which `a` of the 9th had closed, and what follows.
    let once = "the case was opened again since it was said: only what is said anew decides it";
    let rows = [
        (
            "an older one",
            Doc("b", "1", 1, AFFECTED),
            format!("affected: a later statement holds: not_affected, of {}, in a-1.json", at("2025-06-09T00:00:00Z")),
        ),
        ("the same again", Doc("a", "1", 9, NOT), format!("affected: {once}")),
        ("the same in a newer version", Doc("a", "2", 9, NOT), format!("affected: {once}")),
        ("the same in another document", Doc("c", "1", 9, NOT), "affected: it is said elsewhere as well".to_owned()),
        ("a newer version with a later time", Doc("a", "2", 20, NOT), "not_affected".to_owned()),
        ("a later document", Doc("c", "1", 20, NOT), "not_affected".to_owned()),
    ];
    seaworthy_testing::hold(rows.map(|(why, document, expected)| {
        let mut cases = opened(CaseState::Affected);
        import(&mut cases, &[Doc("a", "1", 9, NOT)]);
        let case = cases.values_mut().next().unwrap();
        let again = CaseEvent::Reopened { facts: case.facts.clone(), because: Vec::new(), state: CaseState::Affected };
        case.apply(at("2026-02-01T00:00:00Z"), &again).unwrap();
        let reasons = import(&mut cases, &[document]);
        (why, expected, [vec![state(&cases)], reasons].concat().join(": "))
    }));
    // A newer version that says nothing leaves the case to words that were overtaken: it is open.
    let mut cases = opened(CaseState::Affected);
    import(&mut cases, &[Doc("a", "1", 9, NOT)]);
    let case = cases.values_mut().next().unwrap();
    let again = CaseEvent::Reopened { facts: case.facts.clone(), because: Vec::new(), state: CaseState::Affected };
    case.apply(at("2026-02-01T00:00:00Z"), &again).unwrap();
    import(&mut cases, &[Doc("b", "1", 20, NOT)]);
    import(&mut cases, &[Doc("b", "2", 0, None)]);
    assert_eq!(state(&cases), "affected");
}

#[test]
fn what_a_newer_version_takes_back() {
    let (first, others) = (Doc("b", "1", 9, AFFECTED).read(), Doc("a", "1", 1, NOT).read());
    let newer = |change: &dyn Fn(&mut Document)| {
        let (name, mut document) = Doc("b", "2", 20, None).read();
        change(&mut document);
        (name, document)
    };
    let said = |statement: Statement| move |document: &mut Document| document.statements = vec![statement.clone()];
    let not = || statement("aaa", Versions::All, Status::NotAffected);
    // The second version of a document whose first one says affected; another document says not affected before.
    let rows = [
        ("it says nothing more", newer(&|_| {}), "not_affected"),
        ("a draft", newer(&|document| document.is_draft = true), "affected"),
        ("a part that cannot be read", newer(&|document| document.problem("/x".into(), "no text")), "affected"),
        ("not affected, without a reason", newer(&said(Statement { justification: None, ..not() })), "affected"),
        ("not affected, for one build", newer(&said(Statement { narrowed: Some("arch=x86_64".into()), ..not() })), "affected"),
        ("of another version", newer(&said(statement("aaa", Versions::One("2-1".into()), Status::NotAffected))), "not_affected"),
    ];
    for (why, second, expected) in rows {
        let documents = [first.clone(), others.clone(), second];
        // The newer version comes after the one that it may take back, or at once with it.
        for order in orders(3).into_iter().filter(|order| order.iter().position(|n| *n == 0) < order.iter().position(|n| *n == 2)) {
            let mut cases = opened(CaseState::Affected);
            let mut together = opened(CaseState::Affected);
            let sorted: Vec<_> = order.iter().map(|nth| documents[*nth].clone()).collect();
            import_all(&mut together, &sorted);
            sorted.iter().for_each(|document| drop(import_all(&mut cases, std::slice::from_ref(document))));
            assert_eq!([state(&cases), state(&together)], [expected, expected], "{why}, read in the order {order:?}");
        }
    }
    // What closed a case is taken back by a draft as well.
    let mut cases = opened(CaseState::Affected);
    import_all(&mut cases, &[Doc("b", "1", 9, NOT).read()]);
    import_all(&mut cases, &[newer(&|document| document.is_draft = true)]);
    assert_eq!(state(&cases), "affected");
}

/// What is said of all versions, or of a range with both, is said of the next one as well.
#[test]
fn what_was_said_of_this_version_too_still_counts() {
    let read = |id: &str, day, versions: Versions, status| {
        let (name, mut document) = Doc("x", "1", day, Some(status)).read();
        document.statements[0].versions = versions;
        document.id = id.into();
        (name, document)
    };
    let rows = [
        ("all versions", Versions::All, "affected"),
        ("a range with both", Versions::of_range("vers:rpm/<1.0-9", None).unwrap(), "affected"),
        ("a range with the first", Versions::of_range("vers:rpm/<1.0-2", None).unwrap(), "not_affected"),
        ("the first", Versions::One("1.0-1".into()), "not_affected"),
    ];
    seaworthy_testing::hold(rows.map(|(why, versions, expected)| {
        let mut cases = opened(CaseState::Affected);
        import_all(&mut cases, &[read("a", 1, Versions::All, Status::NotAffected), read("b", 9, versions, Status::Affected)]);
        let case = cases.values_mut().next().unwrap();
        let facts = Facts { version: Evr::of_log("1.0-2"), ..case.facts.clone() };
        case.apply(at("2026-02-01T00:00:00Z"), &CaseEvent::Observed { facts, changed: Vec::new() }).unwrap();
        import_all(&mut cases, &[read("a", 1, Versions::All, Status::NotAffected)]);
        (why, expected.to_owned(), state(&cases))
    }));
}

/// A case that is open again as a suspicion was looked at by nobody.
#[test]
fn what_a_statement_leaves_open_is_not_triaged() {
    let mut cases = opened(CaseState::UnderInvestigation);
    import(&mut cases, &[Doc("a", "1", 1, NOT)]);
    assert!(cases.values().all(|case| case.triaged.is_some()));
    import(&mut cases, &[Doc("b", "1", 9, LOOKED)]);
    assert!(cases.values().all(|case| case.triaged.is_none() && case.state == CaseState::UnderInvestigation));
}

/// A time that nobody can have is none.
#[test]
fn a_statement_of_a_time_that_cannot_be_has_none() {
    let text = |time: &str| {
        format!(
            r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"y","timestamp":"{time}","statements":[
            {{"vulnerability":{{"name":"CVE-2024-6197"}},"products":[{{"@id":"pkg:rpm/harbor/aaa"}}],"status":"affected"}}]}}"#
        )
    };
    let rows = [
        ("a time", "2025-06-01T00:00:00Z", "2025-06-01T00:00:00Z"),
        ("the year of the CVE", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("before the year of the CVE", "2023-12-31T23:59:59Z", "none"),
        ("a placeholder", "0001-01-01T00:00:00Z", "none"),
        ("now", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("after now", "2999-01-01T00:00:00Z", "none"),
    ];
    seaworthy_testing::hold(rows.map(|(why, time, expected)| {
        let mut document = parse(text(time).as_bytes()).unwrap();
        document.forget_future(at("2026-01-01T00:00:00Z"));
        (why, expected.to_owned(), document.statements[0].time.map_or_else(|| "none".to_owned(), |time| time.to_string()))
    }));
}

fn orders(n: usize) -> Vec<Vec<usize>> {
    match n {
        0 => vec![Vec::new()],
        _ => orders(n - 1)
            .into_iter()
            .flat_map(|order| {
                (0..n).map(move |place| {
                    let mut order = order.clone();
                    order.insert(place, n - 1);
                    order
                })
            })
            .collect(),
    }
}

#[test]
fn what_a_document_no_longer_says_closes_nothing() {
    let mut cases = opened(CaseState::Affected);
    import(&mut cases, &[Doc("a", "1", 1, NOT)]);
    assert_eq!(state(&cases), "not_affected");
    import(&mut cases, &[Doc("a", "2", 0, None)]);
    assert_eq!(state(&cases), "affected");
    assert_eq!(import(&mut cases, &[Doc("a", "1", 1, NOT)]), ["version 2 of the document takes its place"]);
    assert_eq!(state(&cases), "affected");

    // Another document still says so.
    let mut cases = opened(CaseState::Affected);
    import(&mut cases, &[Doc("a", "1", 1, NOT), Doc("b", "1", 2, NOT)]);
    import(&mut cases, &[Doc("b", "2", 0, None)]);
    assert_eq!(state(&cases), "not_affected");
}

#[test]
fn a_statement_decides_open_cases_and_what_statements_have_decided() {
    let by = |origin: Origin, state: CaseState| Decision {
        state,
        justification: Some(Justification::ComponentNotPresent),
        reason: Reason::Reviewed,
        statement: "looked at".into(),
        until: Some(at("2027-01-01T00:00:00Z")),
        origin,
    };
    let (person, document) = (|| Origin::Person, || Origin::Document("before.json".into()));
    // The decision on the case, the statement, and the state with the reason why it stays.
    let rows = [
        ("an open case", None, NOT, "not_affected"),
        ("an open case, confirmed", None, AFFECTED, "affected: the case is affected already"),
        ("a person's affected", Some(by(person(), CaseState::Affected)), NOT, "affected: it is decided here already: affected"),
        ("a waiver", Some(by(person(), CaseState::WillNotFix)), NOT, "will_not_fix: the case is will_not_fix already"),
        ("a person's not affected", Some(by(person(), CaseState::NotAffected)), AFFECTED, "not_affected: the case is not_affected already"),
        (
            "the tree's not affected",
            Some(by(Origin::SpecTree("a.nopatch".into()), CaseState::NotAffected)),
            AFFECTED,
            "not_affected: the case is not_affected already",
        ),
        ("a document's not affected", Some(by(document(), CaseState::NotAffected)), AFFECTED, "affected"),
        ("a document's, looked into again", Some(by(document(), CaseState::NotAffected)), LOOKED, "affected"),
        ("a document's, said again", Some(by(document(), CaseState::NotAffected)), NOT, "not_affected: the case is not_affected already"),
        ("a document's affected", Some(by(document(), CaseState::Affected)), NOT, "not_affected"),
    ];
    seaworthy_testing::hold(rows.map(|(why, decision, status, expected)| {
        let mut cases = opened(CaseState::Affected);
        if let Some(decision) = decision {
            let case = cases.values_mut().next().unwrap();
            case.apply(at("2025-01-01T00:00:00Z"), &CaseEvent::Decided(decision)).unwrap();
        }
        let reasons = import(&mut cases, &[Doc("a", "1", 1, status)]);
        (why, expected.to_owned(), [vec![state(&cases)], reasons].concat().join(": "))
    }));
    let mut cases = opened(CaseState::UnderInvestigation);
    import(&mut cases, &[Doc("a", "1", 1, AFFECTED)]);
    assert_eq!(state(&cases), "affected", "a suspicion is confirmed");
    import(&mut cases, &[Doc("b", "1", 9, NOT)]);
    import(&mut cases, &[Doc("c", "1", 20, LOOKED)]);
    assert_eq!(state(&cases), "under_investigation", "as the scan found it");
}

#[test]
fn what_was_said_of_another_version_is_no_answer_now() {
    let mut cases = opened(CaseState::Affected);
    import(&mut cases, &[Doc("a", "1", 9, AFFECTED)]);
    let case = cases.values_mut().next().unwrap();
    case.said[0].versions = Some("0.9-1".into());
    import(&mut cases, &[Doc("b", "1", 1, NOT)]);
    assert_eq!(state(&cases), "not_affected");
}

/// What versions before this one took in is found: their decisions have no statement that is known to count.
#[test]
fn decisions_without_a_statement_that_counts_are_found() {
    let decided = |justification, statement: &str| {
        let mut cases = opened(CaseState::Affected);
        let decision = Decision {
            state: CaseState::NotAffected,
            justification,
            reason: Reason::Statement,
            statement: statement.into(),
            until: None,
            origin: Origin::Document("a-1.json".into()),
        };
        let case = cases.values_mut().next().unwrap();
        case.apply(at("2025-01-01T00:00:00Z"), &CaseEvent::Decided(decision)).unwrap();
        cases
    };
    let justified = Some(Justification::ComponentNotPresent);
    let of = |statement: Statement| Document { id: "a".into(), statements: vec![statement], ..Document::default() };
    let ours = || statement("aaa", Versions::All, Status::NotAffected);
    let theirs = of(Statement { namespace: Some("redhat".into()), ..ours() });
    let of_theirs = "it is said of packages of \"redhat\"; these are of \"harbor\"";
    // The justification and the words of a decision, the document with its name where it is read again, and what it lacks.
    let rows = [
        ("no reason", None, "", None, "it has neither a justification nor an impact statement"),
        ("a reason, and no document", justified, "", None, "its statement was not kept: read the document again"),
        ("a document of another", justified, "", Some(theirs), of_theirs),
        (
            "a document that says nothing",
            justified,
            "",
            Some(of(Statement { package: "bbb".into(), ..ours() })),
            "the document says nothing of it",
        ),
        ("a document that counts", justified, "", Some(of(ours())), "nothing"),
    ];
    seaworthy_testing::hold(rows.map(|(why, justification, words, document, expected)| {
        let mut cases = decided(justification, words);
        let documents: Vec<_> = document.map(|document| ("a-1.json".to_owned(), document)).into_iter().collect();
        let learned = learn(&documents, &cases, &"1.0".parse().unwrap(), &harbor());
        for (key, event) in learned.iter().flat_map(|learned| &learned.events) {
            cases.get_mut(key).unwrap().apply(at("2026-01-01T00:00:00Z"), event).unwrap();
        }
        let passed: Vec<(&str, &[Passed])> = learned.iter().map(|learned| ("a-1.json", learned.passed.as_slice())).collect();
        let found = unsupported(&cases, &passed);
        let lacks: Vec<String> = found.iter().map(|found| found.why.to_string()).collect();
        (why, expected.to_owned(), if lacks.is_empty() { "nothing".into() } else { lacks.join("; ") })
    }));
}
