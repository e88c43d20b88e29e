//! Use case: the queue of cases, the most urgent first.

use seaworthy_ledger::{Cursor, Query};
use seaworthy_model::case::{Case, CaseState, Decision, priority};
use seaworthy_model::{CveId, PackageName, ReleaseLine, Severity};
use serde::Serialize;

use super::{Desk, HomeError};

/// The cases that are wanted of the queue.
#[derive(Clone, Debug, Default)]
pub struct QueueRequest {
    /// The release line; all lines where none is named.
    pub line: Option<ReleaseLine>,
    /// The states; all open ones where none is named.
    pub states: Vec<CaseState>,
    /// The lowest severity; cases without a rating count as medium.
    pub severity: Option<Severity>,
    /// The source package.
    pub package: Option<PackageName>,
    /// The CVE.
    pub cve: Option<CveId>,
    /// The person the cases are assigned to; `Some(None)` for cases that are assigned to nobody.
    pub assignee: Option<Option<String>>,
    /// Whether only decisions are wanted that still need a reason. Without states, these are of cases that are not affected or will not be
    /// fixed.
    pub asks_for_reason: bool,
    /// The greatest number of cases.
    pub limit: u64,
    /// The place that the cases are behind, as [`Queue::next`] gave it.
    pub after: Option<Cursor>,
    /// Whether cases under embargo are in it.
    pub embargoed: bool,
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// The cases, without their evidence.
    pub cases: Vec<Case>,
    /// The place where the next page begins; `None` behind the last, and always for decisions that need a reason.
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
    /// The place where the next page begins, as JSON for a person to give back; `None` behind the last.
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
    /// Whether all open cases are wanted, whatever their state.
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
            skip: 0,
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
