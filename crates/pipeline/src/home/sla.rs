//! Use cases: the plan of a day, and the report on deadlines.

use jiff::Timestamp;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseKey, Stage};
use seaworthy_triage::{Outcome, Plan, Policies, Report, deadlines_by, plan, report};
use serde::Serialize;

use super::{Home, HomeError, cases};

/// The cases of a plan or a report, and its time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanRequest {
    /// The release line; all lines where none is named.
    pub line: Option<ReleaseLine>,
    /// The time of the plan; now where none is named.
    pub at: Option<Timestamp>,
    /// Whether cases under embargo are in it.
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
    /// The time at which it is due.
    pub due: Timestamp,
    /// The earliest time at which the stage can be done, for images only; `None` where it is done, or no departure is known.
    pub expected: Option<Timestamp>,
    /// The outcome: breached, or forecast to be.
    pub outcome: Outcome,
}

/// The report on deadlines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sla {
    /// Counts and latencies by severity.
    pub report: Report,
    /// The breached and the forecast deadlines: the breached first, and of each the longest due first.
    pub late: Vec<Late>,
}

impl Home {
    /// The plan: the fixes that go out of band now, those of each train, those that missed one, and the reasons that block the rest.
    ///
    /// # Errors
    /// When the policy or the ledger cannot be read.
    pub fn plan(&self, request: &PlanRequest) -> Result<Plan, HomeError> {
        let policy = self.policy()?;
        let ledger = self.ledger_to_read()?;
        self.report_no_cycle(&ledger, request.line.as_ref())?;
        // A look into the future discloses nothing.
        let cases = cases(&ledger, request.line.as_ref(), self.sight(request.embargoed))?;
        Ok(plan(cases.values(), &policy, request.at.unwrap_or_else(|| self.now())))
    }

    /// The report on deadlines: those that were met, are breached, or cannot be met.
    ///
    /// # Errors
    /// When the policy or the ledger cannot be read.
    pub fn sla(&self, request: &PlanRequest) -> Result<Sla, HomeError> {
        let ledger = self.ledger_to_read()?;
        self.report_no_cycle(&ledger, request.line.as_ref())?;
        let policies = self.policies(&ledger)?;
        let now = request.at.unwrap_or_else(|| self.now());
        let cases = cases(&ledger, request.line.as_ref(), self.sight(request.embargoed))?;
        // History is older than the report.
        let first = cases.values().filter(|case| !case.is_history()).map(|case| case.opened).min().unwrap_or(now);
        let mut late: Vec<Late> = cases.values().flat_map(|case| late_stages(case, &policies, now)).collect();
        late.sort_by(|a, b| (a.outcome, a.due, &a.key).cmp(&(b.outcome, b.due, &b.key)));
        Ok(Sla { report: report(cases.values(), &policies, first, now), late })
    }
}

fn late_stages(case: &Case, policies: &Policies, now: Timestamp) -> Vec<Late> {
    let late = deadlines_by(case, policies, now).into_iter().filter(|d| matches!(d.outcome, Outcome::Breached | Outcome::Forecast));
    late.map(|d| Late { key: case.key.clone(), stage: d.stage, due: d.due, expected: d.expected, outcome: d.outcome }).collect()
}
