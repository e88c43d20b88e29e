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
    let documents: Vec<_> = documents.iter().map(|document| document.read()).collect();
    let learned = learn(&documents, cases, &"1.0".parse().unwrap(), &harbor());
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
    case.said[0].version = Evr::of_log("0.9-1");
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
        let passed = learned.iter().map(|learned| ("a-1.json", learned.passed.as_slice())).collect();
        let found = unsupported(&cases, &passed);
        let lacks: Vec<String> = found.iter().map(|found| found.why.to_string()).collect();
        (why, expected.to_owned(), if lacks.is_empty() { "nothing".into() } else { lacks.join("; ") })
    }));
}
