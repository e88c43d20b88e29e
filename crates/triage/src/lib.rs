//! What must happen by when, and what others say.
//!
//! Findings become cases ([`reconcile`]), cases have deadlines by a policy that is written down ([`Policy`], [`deadlines`]), and
//! fixes are delivered by a plan ([`plan`]): out of band now, or with the image whose freeze they make. Everything here is a
//! pure function over values; who stores cases and what time it is are other people's business. What documents of others say of our packages is read by [`statements`].

mod calendar;
mod content;
mod deadline;
mod plan;
mod policy;
mod reconcile;
mod rule;
mod span;
pub mod statements;
mod suggest;

pub use calendar::{Calendar, Freeze, Slot, Train};
pub use deadline::{Deadline, Outcome, Policies, deadlines, deadlines_by};
pub use plan::{Blocked, Boarding, Item, Missed, Plan, Restart, TrainPlan, Waiting, plan};
pub use policy::{ClockStart, Deployment, Policy, PolicyError, Time};
pub use reconcile::{Closed, Observation, Scan, reconcile};
pub use rule::{Rule, RuleError};
pub use span::{Span, SpanError};
pub use suggest::{Suggestion, suggest};

#[cfg(test)]
mod tests;
