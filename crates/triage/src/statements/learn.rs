//! The decisions that follow from the statements of a document. They are made for open cases only and overrule nobody.

use std::collections::BTreeMap;

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Origin, Reason};
use seaworthy_model::evr::Shown;
use seaworthy_model::{Evr, PackageName, ReleaseLine};

use super::{Statement, Status};

/// A statement from which no decision follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The statement.
    pub statement: Statement,
    /// The reason.
    pub why: Why,
}

/// The reason why no decision follows from a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No case has the package and the CVE of the statement.
    #[error("there is no case of it")]
    NoCase,
    /// An earlier statement of the same document decides the case.
    #[error("the document has said something of it before")]
    SaidBefore,
    /// The case is closed already; what was concluded here stays.
    #[error("the case is {0} already")]
    Closed(CaseState),
    /// The statement is about another version than the case.
    #[error("it is said of version {said}; here it is {here}")]
    OtherVersion {
        /// The version of the statement.
        said: String,
        /// The version of the case.
        here: String,
    },
    /// The case is affected already.
    #[error("the case is affected already")]
    Affected,
    /// The statement itself decides nothing: its status is under investigation.
    #[error("it decides nothing")]
    Undecided,
    /// The statement says that a fix exists; a case is fixed only when a scan finds the fix.
    #[error("a fix counts when a scan sees it in the package")]
    Fix,
}

/// The outcome of a document: decisions, and statements without one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// The decisions as events, with their cases.
    pub decisions: Vec<(CaseKey, CaseEvent)>,
    /// The statements from which no decision follows.
    pub passed: Vec<Passed>,
}

/// The decisions that the statements of a document named `origin` lead to among the cases of a release line. Only open cases are decided:
/// what a person or a scan concluded stays.
#[must_use]
pub fn learn(statements: &[Statement], cases: &BTreeMap<CaseKey, Case>, line: &ReleaseLine, origin: &str) -> Learned {
    let mut out = Learned::default();
    for statement in statements {
        // A name that no package can have is of no case.
        let package = statement.package.parse::<PackageName>().ok();
        let key = package.map(|package| CaseKey { line: line.clone(), package, cve: statement.cve, part: String::new() });
        let Some((key, case)) = key.and_then(|key| cases.get_key_value(&key)) else {
            out.passed.push(Passed { statement: statement.clone(), why: Why::NoCase });
            continue;
        };
        match decide(statement, case, origin) {
            Ok(_) if out.decisions.iter().any(|(other, _)| other == key) => {
                out.passed.push(Passed { statement: statement.clone(), why: Why::SaidBefore });
            }
            Ok(decision) => out.decisions.push((key.clone(), CaseEvent::Decided(decision))),
            Err(why) => out.passed.push(Passed { statement: statement.clone(), why }),
        }
    }
    out
}

fn decide(statement: &Statement, case: &Case, origin: &str) -> Result<Decision, Why> {
    if !case.state.is_open() {
        return Err(Why::Closed(case.state));
    }
    if let Some(version) = statement.version.as_deref().filter(|said| Evr::of_log(said) != case.facts.version) {
        return Err(Why::OtherVersion { said: version.to_owned(), here: Shown(case.facts.version.as_ref()).to_string() });
    }
    let state = match statement.status {
        Status::NotAffected => CaseState::NotAffected,
        Status::Affected if case.state == CaseState::UnderInvestigation => CaseState::Affected,
        Status::Affected => return Err(Why::Affected),
        Status::UnderInvestigation => return Err(Why::Undecided),
        Status::Fixed => return Err(Why::Fix),
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
