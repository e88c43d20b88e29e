//! What statements mean for the cases: work that was done elsewhere counts, and overrules nobody.

use std::collections::BTreeMap;

use seaworthy_model::Evr;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Origin, Reason};

use crate::{Statement, Status};

/// A statement that changes nothing, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The statement.
    pub statement: Statement,
    /// Why.
    pub why: String,
}

/// What a document comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// What would be decided, and by which statement.
    pub decisions: Vec<(CaseKey, CaseEvent)>,
    /// What changes nothing.
    pub passed: Vec<Passed>,
}

/// What the statements of a document named `origin` decide among the cases of a release line. Only open cases are decided: what a
/// person or a scan has concluded stands.
#[must_use]
pub fn learn(statements: &[Statement], cases: &BTreeMap<CaseKey, Case>, line: &str, origin: &str) -> Learned {
    let mut out = Learned::default();
    for statement in statements {
        let key = CaseKey { line: line.to_owned(), package: statement.package.clone(), cve: statement.cve, part: String::new() };
        let verdict = match cases.get(&key) {
            None => Err("there is no case of it".to_owned()),
            Some(case) => decide(statement, case, origin),
        };
        match verdict {
            Ok(_) if out.decisions.iter().any(|(other, _)| *other == key) => {
                out.passed.push(Passed { statement: statement.clone(), why: "the document has said something of it before".into() });
            }
            Ok(decision) => out.decisions.push((key, CaseEvent::Decided(decision))),
            Err(why) => out.passed.push(Passed { statement: statement.clone(), why }),
        }
    }
    out
}

fn decide(statement: &Statement, case: &Case, origin: &str) -> Result<Decision, String> {
    if !case.state.is_open() {
        return Err(format!("the case is {} already", case.state));
    }
    let evr = |text: &str| text.parse::<Evr>().ok();
    let same = |version: &str| version == case.facts.version || evr(version).is_some_and(|said| Some(said) == evr(&case.facts.version));
    if let Some(version) = statement.version.as_deref().filter(|v| !same(v)) {
        return Err(format!("it is said of version {version}; here it is {}", case.facts.version));
    }
    let state = match statement.status {
        Status::NotAffected => CaseState::NotAffected,
        Status::Affected if case.state == CaseState::UnderInvestigation => CaseState::Affected,
        Status::Affected => return Err("the case is affected already".into()),
        Status::UnderInvestigation => return Err("it decides nothing".into()),
        Status::Fixed => return Err("a fix counts when a scan sees it in the package".into()),
    };
    Ok(Decision {
        state,
        justification: statement.justification.filter(|_| state == CaseState::NotAffected),
        reason: Reason::Statement,
        statement: statement.words.clone(),
        until: None,
        origin: Origin::Document(origin.to_owned()),
    })
}
