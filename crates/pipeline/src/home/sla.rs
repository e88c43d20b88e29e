//! Use cases: the plan of a day, and the deadlines that were kept.

use jiff::Timestamp;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseKey, Stage};
use seaworthy_triage::{Outcome, Plan, Policies, deadlines_by, plan};
use serde::Serialize;

use super::{Home, HomeError, cases};
use crate::report::{Report, report};

/// Which cases are looked at, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanRequest {
    /// Of this release line; of all where none is named.
    pub line: Option<ReleaseLine>,
    /// As of a time; now where none is named.
    pub at: Option<Timestamp>,
    /// Whether cases under embargo are among them.
    pub embargoed: bool,
}

/// A deadline that is broken or cannot be kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Late {
    /// The case.
    #[serde(flatten)]
    pub key: CaseKey,
    /// The stage that is due.
    pub stage: Stage,
    /// When it is due.
    pub due: Timestamp,
    /// When it is possible.
    pub expected: Option<Timestamp>,
    /// Broken, or foretold to be.
    pub outcome: Outcome,
}

/// How deadlines were kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sla {
    /// Counts and latencies by severity.
    pub report: Report,
    /// The broken and the foretold ones, the broken first, the longest due first.
    pub late: Vec<Late>,
}

impl Home {
    /// What goes out of band now, what boards which train, what missed it, and what blocks the rest.
    ///
    /// # Errors
    /// When the policy or the ledger cannot be read.
    pub fn plan(&self, request: &PlanRequest) -> Result<Plan, HomeError> {
        let policy = self.policy()?;
        // A look into the future discloses nothing.
        let cases = cases(&*self.ledger_to_read()?, request.line.as_ref(), self.sight(request.embargoed))?;
        Ok(plan(cases.values(), &policy, request.at.unwrap_or_else(|| self.now())))
    }

    /// Which deadlines were kept, which are broken, and which cannot be kept.
    ///
    /// # Errors
    /// When the policy or the ledger cannot be read.
    pub fn sla(&self, request: &PlanRequest) -> Result<Sla, HomeError> {
        let ledger = self.ledger_to_read()?;
        let policies = self.policies(&ledger)?;
        let now = request.at.unwrap_or_else(|| self.now());
        let cases = cases(&ledger, request.line.as_ref(), self.sight(request.embargoed))?;
        let first = cases.values().map(|c| c.opened).min().unwrap_or(now);
        let mut late: Vec<Late> = cases.values().flat_map(|case| late_stages(case, &policies, now)).collect();
        late.sort_by(|a, b| (a.outcome, a.due, &a.key).cmp(&(b.outcome, b.due, &b.key)));
        Ok(Sla { report: report(cases.values(), &policies, first, now), late })
    }
}

fn late_stages(case: &Case, policies: &Policies, now: Timestamp) -> Vec<Late> {
    let late = deadlines_by(case, policies, now).into_iter().filter(|d| matches!(d.outcome, Outcome::Breached | Outcome::Forecast));
    late.map(|d| Late { key: case.key.clone(), stage: d.stage, due: d.due, expected: d.expected, outcome: d.outcome }).collect()
}
