use jiff::Timestamp;
use maud::{Markup, html};
use seaworthy_model::case::Justification;
use seaworthy_model::{CvssVersion, Severity};

use crate::{Advisory, Delivery, Edition, Place, Standing};

/// The greatest size of a foreign text on a page, in bytes.
const LONGEST: usize = 16 << 10;

/// The statuses in the order in which filters offer them, as word and label.
pub(super) const STATUSES: [(&str, &str); 8] = [
    ("fixed", "Fixed"),
    ("affected", "Affected"),
    ("deferred", "Fix put off"),
    ("will_not_fix", "Will not be fixed"),
    ("not_shipped", "No longer shipped"),
    ("under_investigation", "Under investigation"),
    ("not_affected", "Not affected"),
    ("withdrawn", "Withdrawn"),
];

/// The severities, the worst first, as word and label; the last is for unrated ones.
pub(super) const SEVERITIES: [(&str, &str); 6] =
    [("critical", "Critical"), ("high", "High"), ("medium", "Medium"), ("low", "Low"), ("none", "None"), ("unrated", "Unrated")];

/// The index of a standing in [`STATUSES`].
pub(super) fn status(standing: &Standing) -> usize {
    STATUSES.iter().position(|(word, _)| *word == standing.as_str()).unwrap_or(0)
}

/// The index of a severity in [`SEVERITIES`].
pub(super) fn severity(severity: Option<Severity>) -> usize {
    match severity {
        Some(Severity::Critical) => 0,
        Some(Severity::High) => 1,
        Some(Severity::Medium) => 2,
        Some(Severity::Low) => 3,
        Some(Severity::None) => 4,
        None => 5,
    }
}

/// The badge of a status: its label in its colour.
pub(super) fn status_badge(standing: &Standing) -> Markup {
    let (word, label) = STATUSES[status(standing)];
    html! { span class={ "badge s-" (word) } { (label) } }
}

/// The badge of a severity: its label in its colour.
pub(super) fn severity_badge(rating: Option<Severity>) -> Markup {
    let (word, label) = SEVERITIES[severity(rating)];
    html! { span class={ "sev v-" (word) } { (label) } }
}

/// The day in UTC, such as `2026-08-20`.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The day in UTC for tables.
pub(super) fn short_time(at: Timestamp) -> Markup {
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (at.strftime("%Y-%m-%d")) } }
}

/// The day in UTC for sentences.
pub(super) fn long_time(at: Timestamp) -> Markup {
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (at.strftime("%-d %B %Y")) } }
}

/// The day and the time in UTC for histories.
pub(super) fn full_time(at: Timestamp) -> Markup {
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (at.strftime("%Y-%m-%d %H:%M")) " UTC" } }
}

/// The day in a text: as a date where it is one, or else the text.
pub(super) fn day_text(text: &str) -> Markup {
    match text.parse::<jiff::civil::Date>() {
        Ok(date) => html! { time datetime=(date.strftime("%Y-%m-%d")) { (date.strftime("%-d %B %Y")) } },
        Err(_) => html! { (text) },
    }
}

/// Foreign text without control characters and without those that change the direction of writing, which could make it look like another
/// text; cut at [`LONGEST`].
pub(super) fn foreign(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = |c: &char| match c {
        '\n' | '\t' => true,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    };
    let mut out: String = text[..end].chars().filter(kept).collect();
    if end < text.len() {
        out.push_str(" … (cut here; the documents for programs have all of it)");
    }
    out
}

/// The first delivery of the fix to the package repository, and its channel; `None` where there is none.
pub(super) fn in_repository(advisory: &Advisory) -> Option<(&Delivery, &str)> {
    advisory.deliveries.iter().find_map(|d| match &d.place {
        Place::Repository(channel) => Some((d, channel.as_str())),
        Place::Image(_) | Place::Earlier => None,
    })
}

/// The first delivery of the fix by an image, and its version; `None` where there is none.
pub(super) fn in_image(advisory: &Advisory) -> Option<(&Delivery, &str)> {
    advisory.deliveries.iter().find_map(|d| match &d.place {
        Place::Image(version) => Some((d, version.as_str())),
        Place::Repository(_) | Place::Earlier => None,
    })
}

/// The first delivery of the fix whose time is known; `None` where there is none.
pub(super) fn delivered(advisory: &Advisory) -> Option<&Delivery> {
    advisory.deliveries.iter().find(|d| d.place != Place::Earlier)
}

/// The command that installs the fix; `None` where the repository does not have it, or the id would need quotes.
pub(super) fn command(advisory: &Advisory) -> Option<String> {
    in_repository(advisory)?;
    // Only an id that needs no quotes is shown as something to paste.
    let plain = advisory.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plain.then(|| format!("dnf upgrade --advisory={}", advisory.id))
}

/// The reasons for which a package is not affected, in words that follow `Not affected: `.
pub(super) fn reasons() -> Vec<&'static str> {
    [UNTOLD, IN_WORDS].into_iter().chain(Justification::ALL.map(|why| reason(Some(why), ""))).collect()
}

const UNTOLD: &str = "no reason was recorded";
const IN_WORDS: &str = "the advisory tells why";

/// The reason for which a package is not affected: one of [`reasons`].
pub(super) fn reason(justification: Option<Justification>, statement: &str) -> &'static str {
    match justification {
        Some(Justification::ComponentNotPresent) => "the vulnerable component is not in the package",
        Some(Justification::VulnerableCodeNotPresent) => "the vulnerable code is not in the package",
        Some(Justification::VulnerableCodeNotInExecutePath) => "the vulnerable code is never run",
        Some(Justification::VulnerableCodeCannotBeControlledByAdversary) => "no attacker can reach the vulnerable code",
        Some(Justification::InlineMitigationsAlreadyExist) => "something else already prevents it",
        None if statement.trim().is_empty() => UNTOLD,
        None => IN_WORDS,
    }
}

/// The answer as a sentence: since when it is fixed, or when it will be.
pub(super) fn verdict(edition: &Edition, advisory: &Advisory) -> Markup {
    let package = &advisory.package;
    html! {
        @match &advisory.standing {
            Standing::Fixed { version, or_before } => {
                "Fixed in " span.name { (package) } " " span.version { (version) } " and newer"
                @if let Some(first) = delivered(advisory) { ", since " (long_time(first.at)) } "."
                @if *or_before { " The first version with the fix may be an older one: it is not known." }
            }
            Standing::Affected => {
                "Not fixed yet in " span.name { (package) }
                @if advisory.ready.is_some() { ": a fix is ready, and waits for delivery" }
                ". " (promise(edition, advisory.due))
            }
            Standing::Deferred { until: Some(until) } => { "Not fixed in " span.name { (package) } ": the fix is put off until " (long_time(*until)) "." }
            Standing::Deferred { until: None } => { "Not fixed in " span.name { (package) } ": the fix is put off, and no date is set." }
            Standing::WillNotFix => { "Affected: " span.name { (package) } " will not be fixed." }
            Standing::NotShipped => { "Affected: " span.name { (package) } " is no longer shipped, and no fix is planned." }
            Standing::NotAffected { justification: Some(why) } => { span.name { (package) } " is not affected: " (reason(Some(*why), "")) "." }
            Standing::NotAffected { justification: None } => { span.name { (package) } " is not affected." }
            Standing::UnderInvestigation => {
                "Not known yet: whether " span.name { (package) } " is affected is being looked into."
                @if advisory.due.is_some() { " " (promise(edition, advisory.due)) }
            }
            Standing::Withdrawn => { "Withdrawn: the CVE record was rejected. There is nothing to fix in " span.name { (package) } "." }
        }
    }
}

fn promise(edition: &Edition, due: Option<Timestamp>) -> Markup {
    html! {
        @match due {
            None => "No date is promised.",
            Some(due) if due < edition.at => { "It was promised by " (long_time(due)) " and is late." }
            Some(due) => { "The fix is promised by " (long_time(due)) "." }
        }
    }
}

/// The answer in a few words, for a table.
pub(super) fn brief(edition: &Edition, advisory: &Advisory) -> Markup {
    html! {
        @match &advisory.standing {
            // That holds as well where it is not the first one with the fix.
            Standing::Fixed { version, .. } => { "in " span.version { (version) } " and newer" }
            Standing::Affected => {
                @match advisory.due {
                    None => "no date promised",
                    Some(due) if due < edition.at => { "was promised by " (short_time(due)) ", late" }
                    Some(due) => { "promised by " (short_time(due)) }
                }
            }
            Standing::Deferred { until: Some(until) } => { "until " (short_time(*until)) }
            Standing::Deferred { until: None } => "no date set",
            Standing::WillNotFix => "every version is affected",
            Standing::NotShipped => "every version that was shipped is affected",
            Standing::NotAffected { justification } => (reason(*justification, &advisory.statement)),
            Standing::UnderInvestigation => "not known yet",
            Standing::Withdrawn => "the record was rejected",
        }
    }
}

/// The name and version of a CVSS specification.
pub(super) fn cvss(version: CvssVersion) -> &'static str {
    match version {
        CvssVersion::V2 => "CVSS 2.0",
        CvssVersion::V30 => "CVSS 3.0",
        CvssVersion::V31 => "CVSS 3.1",
        CvssVersion::V40 => "CVSS 4.0",
    }
}

/// A number and its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
