//! The queue, the most urgent first.

use seaworthy_ledger::{Cursor, Query};
use seaworthy_model::case::{Case, CaseState, Decision, priority};
use seaworthy_model::{CveId, PackageName, ReleaseLine, Severity};
use serde::Serialize;

use super::{Desk, HomeError};

/// Which cases of the queue are wanted.
#[derive(Clone, Debug, Default)]
pub struct QueueRequest {
    /// Of this release line.
    pub line: Option<ReleaseLine>,
    /// In one of these states; open ones where none is named.
    pub states: Vec<CaseState>,
    /// At this severity or above; what nobody rated counts as medium.
    pub severity: Option<Severity>,
    /// Of a source package.
    pub package: Option<PackageName>,
    /// Of a CVE.
    pub cve: Option<CveId>,
    /// Of a person; `Some(None)` for those that nobody has.
    pub assignee: Option<Option<String>>,
    /// Only decisions that still need a reason.
    pub asks_for_reason: bool,
    /// No more than this.
    pub limit: u64,
    /// Behind this place, as the page before gave it.
    pub after: Option<Cursor>,
    /// Whether cases under embargo are among them.
    pub embargoed: bool,
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// The cases, without their evidence.
    pub cases: Vec<Case>,
    /// Where the next page begins; `None` behind the last.
    pub next: Option<Cursor>,
}

/// A page of the queue as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct QueueDocument<'a> {
    cases: Vec<QueuedCase<'a>>,
    next: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct QueuedCase<'a> {
    case: &'a Case,
    priority: i32,
}

impl Queue {
    /// The place where the next page begins, as a person gives it back; `None` behind the last.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub fn next_place(&self) -> Result<Option<String>, HomeError> {
        Ok(self.next.as_ref().map(serde_json::to_string).transpose()?)
    }

    /// The page as a document for programs.
    ///
    /// # Errors
    /// When the place of the next page cannot be written.
    pub fn document(&self) -> Result<QueueDocument<'_>, HomeError> {
        let cases = self.cases.iter().map(|case| QueuedCase { case, priority: priority(case).score }).collect();
        Ok(QueueDocument { cases, next: self.next_place()? })
    }
}

impl QueueRequest {
    /// Whether it asks for the open cases, whatever their state.
    #[must_use]
    pub fn is_open_only(&self) -> bool {
        self.states.is_empty() && !self.asks_for_reason
    }
}

impl Desk<'_> {
    /// A page of the queue.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn queue(&self, request: &QueueRequest) -> Result<Queue, HomeError> {
        let mut query = Query {
            states: request.states.clone(),
            open: request.is_open_only().then_some(true),
            package: request.package.clone(),
            cve: request.cve,
            line: request.line.clone(),
            severity: request.severity,
            assignee: request.assignee.clone(),
            sight: self.home.sight(request.embargoed),
            limit: Some(request.limit),
            after: request.after.clone(),
        };
        if !request.asks_for_reason {
            let page = self.ledger.cases(&query)?;
            return Ok(Queue { cases: page.cases, next: page.next });
        }
        if query.states.is_empty() {
            query.states = vec![CaseState::NotAffected, CaseState::WillNotFix];
        }
        // There are few, so every closed case is looked at.
        let mut left = request.limit;
        let cases = self.collect(&query, |case| {
            let asks = left > 0 && case.decision.as_ref().is_some_and(Decision::asks_for_reason);
            left -= u64::from(asks);
            asks
        })?;
        Ok(Queue { cases, next: None })
    }
}
