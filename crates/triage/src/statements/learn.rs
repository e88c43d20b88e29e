//! What statements mean for the cases: work that was done elsewhere counts, and overrules nobody.

use std::collections::BTreeMap;

use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Decision, Origin, Reason};
use seaworthy_model::evr::Shown;
use seaworthy_model::{Evr, PackageName, ReleaseLine};

use super::{Statement, Status};

/// A statement that changes nothing, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// The statement.
    pub statement: Statement,
    /// Why.
    pub why: Why,
}

/// Why a statement changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It speaks of a package and a CVE that are no case here.
    #[error("there is no case of it")]
    NoCase,
    /// The same document has decided the case.
    #[error("the document has said something of it before")]
    SaidBefore,
    /// What was concluded here stands.
    #[error("the case is {0} already")]
    Closed(CaseState),
    /// It speaks of a version that was not looked at here.
    #[error("it is said of version {said}; here it is {here}")]
    OtherVersion {
        /// The version of the statement.
        said: String,
        /// The version of the case.
        here: String,
    },
    /// The case says so.
    #[error("the case is affected already")]
    Affected,
    /// Nobody can say yet.
    #[error("it decides nothing")]
    Undecided,
    /// A fix is what a scan sees.
    #[error("a fix counts when a scan sees it in the package")]
    Fix,
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
