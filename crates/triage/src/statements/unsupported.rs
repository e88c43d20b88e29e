//! Decisions of VEX documents that were taken in by earlier rules, and that those of today would not make.

use std::collections::BTreeMap;

use seaworthy_model::VexStatus;
use seaworthy_model::case::{Case, CaseKey, CaseState, Origin, Said};
use serde::{Serialize, Serializer};

use super::Versions;
use super::refused::{Passed, Why};

/// A case that a VEX document has closed, for which its statement would not count today, or is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unsupported {
    /// The case.
    pub key: CaseKey,
    /// The file of the document.
    pub file: String,
    /// The reason; in words where it is written.
    #[serde(serialize_with = "in_words")]
    pub why: Lack,
}

/// The lack in the ground of a decision that a VEX document has made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// The statement of the document decides nothing today.
    #[error("{0}")]
    Refused(Why),
    /// A document of that name was read, and says nothing of the case that could have closed it.
    #[error("the document says nothing of it")]
    Silent,
    /// The decision was kept without the statement behind it.
    #[error("its statement was not kept: read the document again")]
    NotKept,
}

fn in_words<S: Serializer>(why: &Lack, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(why)
}

/// The cases that a document has closed without a statement that is known to count, after the documents that are read now. `passed` has
/// the statements of each file from which nothing follows; files of several folders may have one name.
#[must_use]
pub fn unsupported(cases: &BTreeMap<CaseKey, Case>, passed: &[(&str, &[Passed])]) -> Vec<Unsupported> {
    cases.values().filter_map(|case| of_case(case, passed)).collect()
}

fn of_case(case: &Case, passed: &[(&str, &[Passed])]) -> Option<Unsupported> {
    let decision = case.decision.as_ref().filter(|_| case.state == CaseState::NotAffected)?;
    let Origin::Document(file) = &decision.origin else { return None };
    let counts = |said: &Said| {
        said.status == Some(VexStatus::NotAffected) && Versions::of_kept(said.versions.as_deref()).have(case.facts.version.as_ref())
    };
    let is_known = case.said.iter().any(counts);
    if is_known {
        return None;
    }
    let is_of = |passed: &&Passed| {
        let statement = &passed.statement;
        statement.cve == case.key.cve && statement.package == *case.key.package && statement.status == VexStatus::NotAffected
    };
    let read = || passed.iter().filter(|(name, _)| *name == file.as_str());
    let why = match read().next() {
        Some(_) => {
            let refused = read().flat_map(|(_, passed)| passed.iter()).find(is_of);
            refused.map_or(Lack::Silent, |passed| Lack::Refused(passed.why.clone()))
        }
        None if decision.justification.is_none() && decision.asks_for_reason() => Lack::Refused(Why::NoReason),
        None => Lack::NotKept,
    };
    Some(Unsupported { key: case.key.clone(), file: file.clone(), why })
}
