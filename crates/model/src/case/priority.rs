use serde::Serialize;

use super::{Case, Reach};
use crate::{Severity, Status};

/// How urgent a case is, with the reasons. A number alone would have to be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Priority {
    /// The greater, the more urgent; 0 to 1000.
    pub score: i32,
    /// Its parts, the weightiest first.
    pub reasons: Vec<String>,
}

/// EPSS from which exploitation is likely: the highest few per cent of all records score more.
const EPSS_LIKELY: f32 = 0.1;

/// The priority of a case by its facts alone: the same case has the same priority whenever it is asked for, so that the queue
/// can be kept in order by the store.
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
