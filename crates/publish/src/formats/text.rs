//! Sentences that several formats have in common.

use jiff::Timestamp;
use seaworthy_model::Evr;

use crate::{Advisory, Distribution, Place, Standing};

/// The day of a time, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    let mut text = at.to_string();
    text.truncate(10);
    text
}

/// The release line, such as `Azure Linux 3.0`.
pub(super) fn line(distribution: &Distribution) -> String {
    format!("{} {}", distribution.name, distribution.line)
}

/// The title of an advisory, on one line.
pub(super) fn title(distribution: &Distribution, advisory: &Advisory) -> String {
    let withdrawn = if advisory.standing == Standing::Withdrawn { "Withdrawn: " } else { "" };
    format!("{withdrawn}{}: {} in {}", line(distribution), advisory.cve, advisory.package)
}

/// The standing in a sentence or two, without the statement of the person or program that decided.
pub(super) fn holds(advisory: &Advisory) -> String {
    let package = &advisory.package;
    match &advisory.standing {
        Standing::UnderInvestigation => format!("Whether {package} is affected is being investigated."),
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => {
            format!("{package} is affected. {}", plan(advisory))
        }
        Standing::NotAffected { .. } => format!("{package} is not affected."),
        Standing::Fixed { version, or_before: false } => format!("{package} is fixed from version {version} on."),
        Standing::Fixed { version, or_before: true } => {
            format!("{package} is fixed in version {version}, or before: the first version with the fix is not known.")
        }
        Standing::Withdrawn => "The record of the vulnerability was rejected; nothing of it holds any more.".to_owned(),
    }
}

/// The plan for an affected package, in sentences.
pub(super) fn plan(advisory: &Advisory) -> String {
    let mut plan = match advisory.standing {
        Standing::WillNotFix => "It will not be fixed.".to_owned(),
        Standing::NotShipped => "No fix is planned: the package is no longer shipped.".to_owned(),
        Standing::Deferred { until: Some(until) } => format!("The fix is put off until {}.", day(until)),
        Standing::Deferred { until: None } => "The fix is put off.".to_owned(),
        _ if advisory.ready.is_some() => "Its fix waits for delivery.".to_owned(),
        _ => "A fix is being prepared.".to_owned(),
    };
    if let Some(due) = advisory.due {
        plan = format!("{plan} It is promised by {}.", day(due));
    }
    plan
}

/// The plan, and the statement of the person or program that decided.
pub(super) fn action(advisory: &Advisory) -> String {
    join(&plan(advisory), &advisory.statement)
}

/// The reason why a package is not affected, in words; never empty.
pub(super) fn impact(advisory: &Advisory) -> &str {
    match advisory.statement.trim() {
        "" => "The distribution has recorded that it is not affected, without a statement.",
        words => words,
    }
}

/// A sentence, followed by `more` where that is not empty.
pub(super) fn join(sentence: &str, more: &str) -> String {
    let more = more.trim();
    if more.is_empty() { sentence.to_owned() } else { format!("{sentence} {more}") }
}

/// The way to get a delivered fix, in words.
pub(super) fn taking(advisory: &Advisory, version: &Evr, place: &Place) -> String {
    let package = &advisory.package;
    match place {
        Place::Repository(channel) => {
            let how = if advisory.id.is_empty() { String::new() } else { format!(": dnf upgrade --advisory={}", advisory.id) };
            format!("Update to {package} {version} or newer from the repository, channel {channel}{how}")
        }
        Place::Image(image) => format!("Use image {image} or newer, which has {package} {version}."),
        Place::Earlier => format!("Use {package} {version} or newer, which had been delivered before this was written down."),
    }
}

/// The severity as a word with a capital letter; `None` where nobody rated it.
pub(super) fn severity(advisory: &Advisory) -> Option<&'static str> {
    use seaworthy_model::Severity::{Critical, High, Low, Medium, None as Nothing};
    advisory.severity.map(|severity| match severity {
        Critical => "Critical",
        High => "High",
        Medium => "Medium",
        Low => "Low",
        Nothing => "None",
    })
}

/// The day since which exploitation is known: `None` where none is known, `Some(None)` where the text is no day.
pub(super) fn exploited(advisory: &Advisory) -> Option<Option<jiff::civil::Date>> {
    advisory.exploited_since.as_ref().map(|day| if day.len() == 10 { day.parse().ok() } else { None })
}
