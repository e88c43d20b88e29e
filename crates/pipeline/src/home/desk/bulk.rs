//! Use case: one decision for all cases that a rule chooses.

use seaworthy_ledger::{Draft, Query};
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, Decision};
use seaworthy_triage::Rule;
use serde::Serialize;

use super::{Desk, DeskError, HomeError};
use crate::home::read_at;

/// A decision for many cases, before it is made.
#[derive(Clone, Debug)]
pub struct BulkDecision {
    /// The rule that chose the cases.
    pub rule: Rule,
    /// The decision.
    pub decision: Decision,
    /// The cases, each of which allows the decision.
    pub cases: Vec<Case>,
    head: u64,
}

/// A decision for many cases, as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct BulkDocument<'a> {
    decided: bool,
    rule: String,
    decision: &'a Decision,
    cases: Vec<&'a CaseKey>,
}

impl BulkDecision {
    /// The decision as a document for programs; `decided` says whether it was made.
    #[must_use]
    pub fn document(&self, decided: bool) -> BulkDocument<'_> {
        let cases = self.cases.iter().map(|case| &case.key).collect();
        BulkDocument { decided, rule: self.rule.to_string(), decision: &self.decision, cases }
    }
}

impl Desk<'_> {
    /// The cases that a rule chooses for a decision. Nothing is written.
    ///
    /// # Errors
    /// When one of the cases does not allow the decision, or the end of the decision is past.
    pub fn choose(&self, rule: &Rule, line: Option<&ReleaseLine>, embargoed: bool, decision: Decision) -> Result<BulkDecision, HomeError> {
        let event = CaseEvent::Decided(decision.clone());
        self.holds_yet(&event)?;
        let head = self.ledger.head()?.seq;
        let query = Query { line: line.cloned(), sight: self.home.sight(embargoed), ..Query::default() };
        let now = self.now();
        let cases = self.collect(&query, |case| rule.holds(case, now))?;
        for case in &cases {
            case.clone().apply(now, &event).map_err(|step| DeskError::BulkRefused { chosen: cases.len(), step })?;
        }
        Ok(BulkDecision { rule: rule.clone(), decision, cases, head })
    }

    /// Makes a decision for all chosen cases, or for none.
    ///
    /// # Errors
    /// When a case changed since the cases were chosen.
    pub fn decide_all(&self, bulk: &BulkDecision, why: Option<&str>) -> Result<(), HomeError> {
        // Which cases a rule chose belongs to the log as much as who decided.
        let why = why.map_or_else(|| format!("in bulk, where {}", bulk.rule), str::to_owned);
        let event = CaseEvent::Decided(bulk.decision.clone());
        let drafts = bulk.cases.iter().map(|case| self.draft(&case.key, event.clone(), Some(&why)));
        let drafts: Vec<Draft> = drafts.collect::<Result<_, _>>()?;
        self.commit(read_at(bulk.head, &drafts), drafts)
    }
}
