//! Use case: the queue of cases, the most urgent first, and what of it is due soon.

use jiff::Timestamp;
use seaworthy_ledger::{Cursor, Query};
use seaworthy_model::case::{Case, CaseState, Decision, priority};
use seaworthy_model::{CveId, PackageName, ReleaseLine, Severity};
use seaworthy_triage::{Deadline, Outcome, Policies, Span, deadlines_by};
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
    /// The time from now within which the next deadline is due. The cases are then in the order of their deadlines, those that are overdue
    /// first; those whose deadlines are paused are left out. `None` for cases whatever their deadlines.
    pub due: Option<Span>,
    /// The greatest number of cases on the page, from 1 to 10,000.
    pub limit: u64,
    /// The number of cases before the page; behind the place where one is given.
    pub skip: u64,
    /// The place that the cases are behind, as [`Queue::next`] gave it. It does not go with `asks_for_reason` and `due`.
    pub after: Option<Cursor>,
    /// Whether cases under embargo are in it.
    pub embargoed: bool,
}

/// A case in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The case, without its evidence.
    pub case: Case,
    /// The next deadline: the earliest of those whose stage is not done; `None` where there is none.
    pub due: Option<Deadline>,
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// The cases of the page.
    pub cases: Vec<Queued>,
    /// The number of cases that the request chooses, on all pages.
    pub total: u64,
    /// The place where the next page begins; `None` behind the last, and always for decisions that need a reason and for what is due.
    pub next: Option<Cursor>,
}

/// A page of the queue as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct QueueDocument<'a> {
    total: u64,
    cases: Vec<QueuedCase<'a>>,
    next: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct QueuedCase<'a> {
    case: &'a Case,
    priority: i32,
    due: Option<&'a Deadline>,
}

impl Queue {
    /// The page as a document for programs.
    ///
    /// # Errors
    /// When the place of the next page cannot be written.
    pub fn document<'a>(&'a self) -> Result<QueueDocument<'a>, HomeError> {
        let row = |Queued { case, due }: &'a Queued| QueuedCase { case, priority: priority(case).score, due: due.as_ref() };
        let next = self.next.as_ref().map(serde_json::to_string).transpose()?;
        Ok(QueueDocument { total: self.total, cases: self.cases.iter().map(row).collect(), next })
    }
}

impl Queued {
    fn of(case: Case, policies: &Policies, now: Timestamp) -> Self {
        let due = deadlines_by(&case, policies, now).into_iter().filter(|d| d.done.is_none()).min_by_key(|d| d.due);
        Self { case, due }
    }

    /// Whether the next deadline is due by a time. A paused one is not: it moves on with every day.
    fn is_due_by(&self, time: Timestamp) -> bool {
        self.due.as_ref().is_some_and(|due| due.outcome != Outcome::Paused && due.due <= time)
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
    /// When the policy or the ledger cannot be read.
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
            skip: request.skip,
        };
        let policies = self.home.policies(&self.ledger)?;
        let now = self.now();
        if !request.asks_for_reason && request.due.is_none() {
            let total = self.ledger.count(&query)?;
            let page = self.ledger.cases(&query)?;
            let cases = page.cases.into_iter().map(|case| Queued::of(case, &policies, now)).collect();
            return Ok(Queue { cases, total, next: page.next });
        }
        if request.asks_for_reason && query.states.is_empty() {
            query.states = vec![CaseState::NotAffected, CaseState::WillNotFix];
        }
        // Neither statements nor deadlines are columns of the ledger, so every case is looked at.
        let asks = |case: &Case| !request.asks_for_reason || case.decision.as_ref().is_some_and(Decision::asks_for_reason);
        let mut cases = self.queued(&query, &policies, asks)?;
        if let Some(due) = request.due {
            let until = now.checked_add(jiff::SignedDuration::from_secs(due.seconds())).unwrap_or(Timestamp::MAX);
            cases.retain(|queued| queued.is_due_by(until));
            cases.sort_by_key(|queued| queued.due.as_ref().map(|due| due.due));
        }
        let total = cases.len() as u64;
        let (skip, limit) = (usize::try_from(request.skip), usize::try_from(request.limit.clamp(1, 10_000)));
        let cases = cases.into_iter().skip(skip.unwrap_or(usize::MAX)).take(limit.unwrap_or(usize::MAX)).collect();
        Ok(Queue { cases, total, next: None })
    }

    /// All open cases, in the order of the queue.
    ///
    /// # Errors
    /// When the policy or the ledger cannot be read.
    pub fn open_cases(&self, line: Option<&ReleaseLine>, embargoed: bool) -> Result<Vec<Queued>, HomeError> {
        let query = Query { open: Some(true), line: line.cloned(), sight: self.home.sight(embargoed), ..Query::default() };
        self.queued(&query, &self.home.policies(&self.ledger)?, |_| true)
    }

    /// The cases of a query that are wanted, in the order of the queue; limit and place of the query are ignored.
    fn queued(&self, query: &Query, policies: &Policies, wanted: impl FnMut(&Case) -> bool) -> Result<Vec<Queued>, HomeError> {
        let now = self.now();
        Ok(self.ledger.queue(query)?.into_iter().filter(wanted).map(|case| Queued::of(case, policies, now)).collect())
    }
}
