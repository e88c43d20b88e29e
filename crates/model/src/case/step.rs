//! Events of cases in the form of the log.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Case, CaseEvent, CaseKey, IllegalStep};
use crate::subject::{Recorded, Subject, SubjectId, Unfit, check_name, edition};

/// An event of a case with the key of the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseStep {
    /// The case.
    pub key: CaseKey,
    /// The event.
    #[serde(rename = "step")]
    pub event: CaseEvent,
}

impl CaseKey {
    /// The key in one text that sorts by line, package, CVE and part.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}\u{1f}{}\u{1f}{:016x}\u{1f}{}", self.line, self.package, self.cve.key(), self.part)
    }

    /// The case as a subject of the log.
    #[must_use]
    pub fn subject(&self) -> SubjectId {
        SubjectId::exact(Case::KIND, self.id())
    }
}

/// Checks the part of a key; its release line and package are names that the log can keep by their types.
///
/// # Errors
/// When the part is too long, or contains a control character.
pub fn check_key(key: &CaseKey) -> Result<(), Unfit> {
    check_name("the part", &key.part)
}

impl CaseEvent {
    /// Whether what is published may depend on the event. It does not depend on the assignee, nor on refused suggestions, nor on what VEX
    /// documents say where nothing is decided by it.
    #[must_use]
    pub fn bears_on_publication(&self) -> bool {
        !matches!(self, Self::Assigned { .. } | Self::Refused { .. } | Self::Stated(_))
    }
}

impl Subject for Case {
    const KIND: &'static str = "case";
    type Key = CaseKey;
    type Event = CaseEvent;
    type Refusal = IllegalStep;

    fn id(key: &CaseKey) -> SubjectId {
        key.subject()
    }

    fn begin(key: &CaseKey, at: Timestamp, event: &CaseEvent) -> Result<Self, IllegalStep> {
        Self::open(key, at, event)
    }

    fn apply(&mut self, at: Timestamp, event: &CaseEvent) -> Result<(), IllegalStep> {
        Self::apply(self, at, event)
    }
}

impl Recorded for CaseStep {
    const KIND: &'static str = "case";
    type Subject = Case;

    fn key(&self) -> CaseKey {
        self.key.clone()
    }

    fn happened(&self) -> CaseEvent {
        self.event.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(self.key.id())
    }

    fn concerns(&self) -> Vec<SubjectId> {
        if self.event.bears_on_publication() { vec![edition(&self.key.line)] } else { Vec::new() }
    }

    fn check(&self) -> Result<(), Unfit> {
        check_key(&self.key)?;
        match &self.event {
            CaseEvent::Assigned { to: Some(to) } => check_name("the assignee", to),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for CaseStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.event)
    }
}
