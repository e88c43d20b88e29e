//! Cases from scans, their deadlines and delivery, and the statements of others.
//!
//! Scans become events of cases ([`reconcile`]); cases have deadlines by a written policy ([`Policy`], [`deadlines`]); fixes are delivered
//! by a plan ([`plan`]): out of band now, or with the image whose freeze they make; a report ([`report()`]) tells how both went.
//! [`statements`] reads VEX documents of others, and [`ignore`] the entries of ignore files; with the cases they give remarks on the
//! findings of a scan ([`of_cases`]). All of it is pure functions over values: callers store the cases and give the time.

mod calendar;
mod content;
mod deadline;
mod delivery;
mod doubt;
pub mod ignore;
mod observation;
mod plan;
mod policy;
mod reconcile;
mod releases;
mod remark;
mod report;
mod rule;
mod span;
pub mod statements;
mod suggest;

pub use calendar::{Calendar, Freeze, Slot, Train};
pub use deadline::{Deadline, Outcome, Policies, deadlines, deadlines_by};
pub use delivery::{Reachable, arrivals, recalls};
pub use doubt::{Doubt, doubt};
pub use observation::{Closed, Observation};
pub use plan::{Blocked, Boarding, Item, Missed, Plan, Restart, TrainPlan, Waiting, plan};
pub use policy::{ClockStart, Deployment, Policy, PolicyError, Time};
pub use reconcile::{Scan, reconcile};
pub use remark::{Found, Provenance, Remarked, of_cases};
pub use report::{Kept, Line, Report, Spread, report};
pub use rule::{Rule, RuleError};
pub use span::{Span, SpanError};
pub use suggest::{Suggestion, suggest};

#[cfg(test)]
mod tests;
