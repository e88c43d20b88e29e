//! The deadlines of a case: due times, and whether they were met.

use jiff::civil::Weekday;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use seaworthy_model::Severity;
use seaworthy_model::case::{Case, CaseState, Pause, Stage};
use serde::Serialize;

use crate::policy::{ClockStart, Policy, Time};

/// The outcome of a deadline, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The stage is not done, and its due time is past.
    Breached,
    /// The stage is not done, and the first image that can carry the fix is released after the due time.
    Forecast,
    /// The stage is not done, and the case is paused.
    Paused,
    /// The stage is not done, and its due time is still to come.
    Running,
    /// The stage was done after its due time.
    Late,
    /// The stage was done by its due time.
    Met,
}

impl Outcome {
    /// The word in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::Forecast => "forecast",
            Self::Paused => "paused",
            Self::Running => "running",
            Self::Late => "late",
            Self::Met => "met",
        }
    }
}

/// The deadline of one stage of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// The stage.
    pub stage: Stage,
    /// The due time.
    pub due: Timestamp,
    /// The time at which the stage was done; `None` where it is not.
    pub done: Option<Timestamp>,
    /// The earliest time at which the stage can be done, for the stage of images only; `None` where it is done, or no departure is known.
    pub expected: Option<Timestamp>,
    /// The outcome at the time of asking.
    pub outcome: Outcome,
}

impl Deadline {
    /// The stage and the time that is left at a time, or by which it is overdue: `triaged in 3 d`.
    #[must_use]
    pub fn in_words(&self, now: Timestamp) -> String {
        let (stage, time) = (self.stage, distance(self.due, now));
        match self.outcome {
            Outcome::Paused => format!("{stage}, paused"),
            _ if self.due < now => format!("{stage}, {time} overdue"),
            _ => format!("{stage} in {time}"),
        }
    }

    /// The time that is left at a time, with a minus where it is overdue: `3 d`.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> String {
        let time = distance(self.due, now);
        match self.outcome {
            Outcome::Paused => "paused".into(),
            _ if self.due < now => format!("-{time}"),
            _ => time,
        }
    }
}

/// The time between two times in whole days; in whole hours where it is less than a day.
fn distance(time: Timestamp, now: Timestamp) -> String {
    let hours = (time.as_second() - now.as_second()).abs() / 3600;
    if hours < 24 { format!("{hours} h") } else { format!("{} d", hours / 24) }
}

/// The deadlines of a case by one policy at time `now`, in the order of the stages. A stage that the case will not reach, because the
/// package is not affected, no longer shipped or will not be fixed, has none; nor has a stage for which the policy allows no time. What is
/// history has none at all: it was delivered before anybody could keep a deadline.
#[must_use]
pub fn deadlines(case: &Case, policy: &Policy, now: Timestamp) -> Vec<Deadline> {
    if case.is_history() {
        return Vec::new();
    }
    // What nobody rated is not harmless.
    let severity = Severity::effective(case.severity());
    let allowed = policy.deadlines.get(&severity);
    let ends_with_triage = !matches!(case.state, CaseState::UnderInvestigation | CaseState::Affected | CaseState::Fixed);
    let start = match policy.clock {
        ClockStart::Published if case.reopened == 0 => case.facts.record_published.min(case.opened),
        _ => case.opened,
    };
    Stage::ALL
        .into_iter()
        .filter(|stage| !ends_with_triage || *stage == Stage::Triaged)
        .filter(|stage| case.state != CaseState::NotShipped || done(case, *stage).is_some())
        .filter_map(|stage| {
            let by_severity = allowed.and_then(|a| a.get(&stage)).map(|span| later(start, span.seconds(), policy, &case.pauses, now));
            let by_exploit = case.raised.zip(policy.exploited.get(&stage));
            let by_exploit = by_exploit.map(|(raised, span)| later(raised.max(start), span.seconds(), policy, &case.pauses, now));
            let due = by_severity.into_iter().chain(by_exploit).min()?;
            let done = done(case, stage);
            let expected = if done.is_none() { expected(case, stage, policy, now) } else { None };
            let paused = case.pauses.last().is_some_and(|p| p.to.is_none());
            let outcome = match done {
                Some(done) if done <= due => Outcome::Met,
                Some(_) => Outcome::Late,
                None if paused => Outcome::Paused,
                None if due < now => Outcome::Breached,
                None if expected.is_some_and(|e| e > due) => Outcome::Forecast,
                None => Outcome::Running,
            };
            Some(Deadline { stage, due, done, expected, outcome })
        })
        .collect()
}

/// The policies of a distribution: the one in force, and all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policies {
    current: Policy,
    /// The past policies, each with the time from which it was in force; the oldest first.
    past: Vec<(Timestamp, Policy)>,
}

impl From<Policy> for Policies {
    fn from(current: Policy) -> Self {
        Self { current, past: Vec::new() }
    }
}

impl Policies {
    /// A policy in force, and the past ones with the times from which they were in force, the oldest first.
    #[must_use]
    pub fn new(current: Policy, past: Vec<(Timestamp, Policy)>) -> Self {
        Self { current, past }
    }

    /// The policy in force now.
    #[must_use]
    pub fn current(&self) -> &Policy {
        &self.current
    }

    /// The policy in force at a time; before the oldest known policy, the oldest.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> &Policy {
        let before = self.past.iter().rev().find(|(since, _)| *since <= time).or_else(|| self.past.first());
        before.map_or(&self.current, |(_, policy)| policy)
    }
}

/// The deadlines of a case as [`deadlines`] gives them, except that a stage that is done is judged by the policy that was in force when it
/// was done.
#[must_use]
pub fn deadlines_by(case: &Case, policies: &Policies, now: Timestamp) -> Vec<Deadline> {
    let mut out = deadlines(case, policies.current(), now);
    for deadline in &mut out {
        let Some(policy) = deadline.done.map(|done| policies.at(done)).filter(|policy| *policy != policies.current()) else { continue };
        if let Some(then) = deadlines(case, policy, now).into_iter().find(|d| d.stage == deadline.stage) {
            *deadline = then;
        }
    }
    out
}

fn done(case: &Case, stage: Stage) -> Option<Timestamp> {
    match stage {
        Stage::Triaged => case.triaged,
        Stage::Fixed => case.fixed.as_ref().map(|d| d.at),
        // What an image already carries has reached its users.
        Stage::Published => case.published.iter().chain(&case.imaged).map(|d| d.at).min(),
        Stage::Imaged => case.imaged.as_ref().map(|d| d.at),
    }
}

/// The release of the first departure that the fix can board; a fix that does not exist yet counts as made now.
fn expected(case: &Case, stage: Stage, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
    if stage != Stage::Imaged {
        return None;
    }
    let ready = case.fixed.as_ref().map_or(now, |d| d.at);
    policy
        .calendar
        .trains
        .iter()
        .filter_map(|train| policy.calendar.departures(train, now).find(|slot| slot.freeze >= ready))
        .map(|slot| slot.release)
        .min()
}

/// The time that is `seconds` of counted time after `start`. Pauses do not count, nor do days off where only business days count.
fn later(start: Timestamp, seconds: i64, policy: &Policy, pauses: &[Pause], now: Timestamp) -> Timestamp {
    let plain = || start.checked_add(seconds.seconds()).unwrap_or(Timestamp::MAX);
    if pauses.is_empty() && policy.time == Time::Calendar {
        return plain();
    }
    let (mut at, mut left) = (start, seconds);
    // Ten years of days and every pause are the most that can be met.
    for _ in 0..8000 + 2 * pauses.len() {
        if left <= 0 {
            return at;
        }
        if let Some(pause) = pauses.iter().find(|p| p.from <= at && at < p.to.unwrap_or(now)) {
            at = pause.to.unwrap_or(now);
            continue;
        }
        let midnight = next_midnight(at);
        if !counts(at, &policy.time) {
            at = midnight;
            continue;
        }
        let next_pause = pauses.iter().map(|p| p.from).filter(|from| *from > at).min();
        let end = if policy.time == Time::Calendar { Timestamp::MAX } else { midnight };
        let end = next_pause.map_or(end, |p| p.min(end));
        let step = (end.as_second() - at.as_second()).min(left);
        at = at.checked_add(step.seconds()).unwrap_or(Timestamp::MAX);
        left -= step;
    }
    at
}

fn next_midnight(at: Timestamp) -> Timestamp {
    Timestamp::from_second((at.as_second().div_euclid(86_400) + 1) * 86_400).unwrap_or(Timestamp::MAX)
}

fn counts(at: Timestamp, time: &Time) -> bool {
    let Time::Business { holidays } = time else { return true };
    let day = Offset::UTC.to_datetime(at).date();
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seaworthy_model::Evr;
    use seaworthy_model::case::{CaseEvent, Origin, PauseReason};

    use super::*;
    use crate::tests::{affected, at, facts};

    fn policy(text: &str) -> Policy {
        Policy::parse(text).unwrap()
    }

    const HIGH: &str = "[policy.deadlines.high]\ntriaged = \"3d\"\nfixed = \"7d\"\nimaged = \"30d\"\n";

    #[test]
    fn a_stage_is_met_late_or_breached() {
        let policy = policy(HIGH);
        let mut case = affected("curl", "CVE-2024-6197", at("2024-09-02T00:00Z"));
        let fix = CaseEvent::Fixed { version: Evr::of_log("2"), or_before: false, origin: Origin::Scan, evidence: Vec::new() };
        case.apply(at("2024-09-10T00:00Z"), &fix).unwrap();
        let found = deadlines(&case, &policy, at("2024-09-11T00:00Z"));
        let outcomes: Vec<(Stage, Outcome)> = found.iter().map(|d| (d.stage, d.outcome)).collect();
        assert_eq!(
            outcomes,
            [(Stage::Triaged, Outcome::Late), (Stage::Fixed, Outcome::Late), (Stage::Imaged, Outcome::Running)],
            "published has no deadline in this policy"
        );
        assert_eq!(found[1].due, at("2024-09-09T00:00Z"));
        let later = deadlines(&case, &policy, at("2024-10-12T00:00Z"));
        assert_eq!(later[2].outcome, Outcome::Breached);
        let words = |deadline: &Deadline, now| (deadline.in_words(at(now)), deadline.left(at(now)));
        assert_eq!(words(&found[2], "2024-09-11T00:00Z"), ("imaged in 21 d".into(), "21 d".into()));
        assert_eq!(words(&later[2], "2024-10-02T23:00Z"), ("imaged, 23 h overdue".into(), "-23 h".into()));
    }

    #[test]
    fn exploitation_shortens_from_the_day_it_is_known() {
        let policy = policy(&format!("{HIGH}[policy.deadlines.exploited]\nfixed = \"1d\"\n"));
        let mut case = affected("curl", "CVE-2024-6197", at("2024-09-02T00:00Z"));
        let mut seen = facts();
        seen.exploited_since = Some("2024-09-04".parse().unwrap());
        case.apply(at("2024-09-04T12:00Z"), &CaseEvent::Observed { facts: seen, changed: Vec::new() }).unwrap();
        let fixed = deadlines(&case, &policy, at("2024-09-04T12:00Z")).into_iter().find(|d| d.stage == Stage::Fixed).unwrap();
        assert_eq!(fixed.due, at("2024-09-05T12:00Z"));
    }

    #[test]
    fn business_days_and_pauses_do_not_count() {
        let policy = policy(&format!("[policy]\nbusiness_days = true\nholidays = [\"2024-09-09\"]\n{HIGH}"));
        // A Thursday; three days: Friday, Tuesday (Monday is a holiday), Wednesday.
        let mut case = affected("curl", "CVE-2024-6197", at("2024-09-05T00:00Z"));
        let triaged = |case: &Case, now| deadlines(case, &policy, now)[0].clone();
        assert_eq!(triaged(&case, at("2024-09-05T00:00Z")).due, at("2024-09-11T00:00Z"));
        case.apply(at("2024-09-06T00:00Z"), &CaseEvent::Paused { reason: PauseReason::WaitingForUpstream, note: String::new() }).unwrap();
        assert_eq!(triaged(&case, at("2024-09-20T00:00Z")).outcome, Outcome::Paused);
        case.apply(at("2024-09-10T00:00Z"), &CaseEvent::Resumed).unwrap();
        assert_eq!(triaged(&case, at("2024-09-20T00:00Z")).due, at("2024-09-12T00:00Z"));
    }

    #[test]
    fn a_train_that_leaves_too_late_is_foretold() {
        let policy = policy(
            "[policy.deadlines.high]\nimaged = \"5d\"\n[[policy.calendar.trains]]\nname = \"image\"\nfirst = \"2024-09-01\"\nevery = \"7d\"\nfreeze = \"2d\"\n",
        );
        // The train of the 8th is frozen on the 6th; a case of the 6th at noon makes the 15th at best.
        let case = affected("curl", "CVE-2024-6197", at("2024-09-06T12:00Z"));
        let imaged = deadlines(&case, &policy, at("2024-09-06T12:00Z")).pop().unwrap();
        assert_eq!((imaged.outcome, imaged.expected), (Outcome::Forecast, Some(at("2024-09-15T00:00Z"))));
    }

    #[test]
    fn a_package_that_left_has_no_deadlines_but_those_it_kept() {
        let policy = policy(HIGH);
        let left = CaseEvent::Left { version: Evr::of_log("8.8.0-1") };
        let mut case = affected("curl", "CVE-2024-6197", at("2024-09-02T00:00Z"));
        let mut looked_at = case.clone();
        case.apply(at("2024-09-04T00:00Z"), &left).unwrap();
        assert_eq!(deadlines(&case, &policy, at("2024-10-12T00:00Z")), []);
        looked_at.triaged = Some(at("2024-09-03T00:00Z"));
        looked_at.apply(at("2024-09-04T00:00Z"), &left).unwrap();
        let kept = deadlines(&looked_at, &policy, at("2024-10-12T00:00Z"));
        assert_eq!(kept.iter().map(|d| (d.stage, d.outcome)).collect::<Vec<_>>(), [(Stage::Triaged, Outcome::Met)]);
    }

    proptest! {
        #[test]
        fn what_counts_less_is_due_later(start in 0i64..3_000_000_000, hours in 1i64..2000, pause in 0i64..500) {
            let from = Timestamp::from_second(start).unwrap();
            let now = Timestamp::from_second(start + 10_000_000).unwrap();
            let pauses = [Pause { from, to: Some(Timestamp::from_second(start + pause * 3600).unwrap()), reason: PauseReason::Freeze }];
            let all = Policy::parse("").unwrap();
            let business = Policy::parse("[policy]\nbusiness_days = true\n").unwrap();
            let plain = later(from, hours * 3600, &all, &[], now);
            prop_assert_eq!(plain.as_second(), start + hours * 3600);
            prop_assert_eq!(later(from, hours * 3600, &all, &pauses, now).as_second(), start + (hours + pause) * 3600);
            prop_assert!(later(from, hours * 3600, &business, &[], now) >= plain);
        }
    }
}
