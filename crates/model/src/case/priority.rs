use serde::Serialize;

use super::{Case, Reach};
use crate::{Severity, Status};

/// The urgency of a case, with the reasons for it, so that nobody has to believe a bare number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Priority {
    /// The score, 0 to 1000; the greater, the more urgent.
    pub score: i32,
    /// The reasons with their points, those with the most first.
    pub reasons: Vec<String>,
}

/// The EPSS probability from which exploitation counts as likely: only a few per cent of all records have more.
const EPSS_LIKELY: f32 = 0.1;

/// The priority of a case by its facts alone. It does not depend on the time of asking, so that the store can keep the queue in order.
#[must_use]
pub fn priority(case: &Case) -> Priority {
    let mut parts: Vec<(i32, String)> = Vec::new();
    let facts = &case.facts;
    if let Some(since) = &facts.exploited_since {
        parts.push((400, format!("known to be exploited since {since}")));
    }
    let (points, word) = match Severity::effective(case.severity()) {
        Severity::Critical => (300, "critical"),
        Severity::High => (220, "high"),
        Severity::Medium => (120, "medium"),
        Severity::Low => (40, "low"),
        Severity::None => (0, "no impact"),
    };
    let rated = match (&case.rating, case.severity()) {
        (Some((_, reason)), _) => format!("{word} by our own rating ({reason})"),
        (None, None) => "not rated, so taken as medium".into(),
        (None, Some(_)) => format!("{word} by the records"),
    };
    parts.push((points, rated));
    match facts.reach {
        Reach::Image => parts.push((120, "on an image".into())),
        Reach::Repository => parts.push((40, "in the repository, on no image".into())),
        Reach::Inert => parts.push((0, "only headers or documentation".into())),
    }
    if facts.status == Status::Affected {
        parts.push((100, "the version is in the affected range".into()));
    } else {
        parts.push((0, "only suspected".into()));
    }
    if let Some(epss) = facts.epss {
        let points = if epss >= EPSS_LIKELY { 80 } else { (epss * 400.0) as i32 };
        parts.push((points, format!("EPSS {:.1} %", epss * 100.0)));
    }
    parts.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    Priority {
        score: parts.iter().map(|(points, _)| points).sum(),
        reasons: parts.into_iter().map(|(points, text)| format!("+{points} {text}")).collect(),
    }
}
