use maud::{Markup, html};
use seaworthy_model::CveId;

use super::layout::{self, Columns, Shell};
use super::{advisory, path, words};
use crate::{Advisory, Edition, Standing};

const ROOT: &str = "../../";

/// See [`super::cve`].
pub(super) fn page(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Vec<u8> {
    let text = cve.to_string();
    // What needs an answer most stands first.
    let mut advisories: Vec<&Advisory> = advisories.to_vec();
    advisories.sort_by_key(|a| std::cmp::Reverse(rank(&a.standing)));
    let advisories = advisories.as_slice();
    let sum = sum(advisories);
    let main = html! {
        (layout::crumbs(ROOT, &[("index.html".into(), "Advisories")], &text))
        h1 { (text) }
        (answer(edition, advisories, &sum))
        (facts(advisories))
        section {
            h2 { "By package" }
            @if advisories.is_empty() { p.empty { "No package of this release is known to have to do with it." } }
            @else { (layout::table(edition, ROOT, Columns::WithoutCve, "What holds in each package", advisories)) }
        }
        (advisory::vulnerability(cve, advisories))
        @if !advisories.is_empty() { (advisory::programs(&path::cve_documents(cve, advisories))) }
    };
    let title = if sum.is_empty() { text.clone() } else { format!("{text}: {sum}") };
    Shell { edition, root: ROOT, title: &title, summary: &title, section: "", scripts: false }.page(&main)
}

/// The numbers of packages by status, such as `fixed in 2 packages, affected in 1`.
fn sum(advisories: &[&Advisory]) -> String {
    let mut out = String::new();
    for (place, (_, label)) in words::STATUSES.iter().enumerate() {
        let number = advisories.iter().filter(|a| words::status(&a.standing) == place).count();
        if number > 0 {
            if !out.is_empty() {
                out.push_str(", ");
            }
            out.push_str(&label.to_lowercase());
            if advisories.len() > 1 {
                out.push_str(" in ");
                out.push_str(&if out.contains("package") { number.to_string() } else { words::count(number, "package", "packages") });
            }
        }
    }
    out
}

fn answer(edition: &Edition, advisories: &[&Advisory], sum: &str) -> Markup {
    let worst = advisories.first().map_or("withdrawn", |a| a.standing.as_str());
    let has_command = advisories.iter().any(|a| words::command(a).is_some());
    html! {
        section.answer.{ "s-" (worst) } aria-label="Answer" {
            @match advisories {
                [] => p.verdict { "Nothing is known of it here: no package of this release is recorded as affected by it." },
                [one] => p.verdict { (words::verdict(edition, one)) },
                many => {
                    p.verdict { (capital(sum)) "." }
                    ul.verdicts { @for one in many { li { (words::verdict(edition, one)) } } }
                }
            }
            @if has_command {
                p { "By packages:" }
                (layout::shell_line(&format!("dnf upgrade --cve={}", advisories[0].cve)))
            }
            @for (image, package) in advisories.iter().filter_map(|a| Some((words::in_image(a)?, &a.package))) {
                p { "By image: " (layout::to(ROOT, &path::image(image.1), image.1)) " or a newer one has the fix of " (package) ", since " (words::long_time(image.0.at)) "." }
            }
        }
    }
}

fn facts(advisories: &[&Advisory]) -> Markup {
    let severity = advisories.iter().filter_map(|a| a.severity).max();
    let exploited = advisories.iter().filter_map(|a| a.exploited_since.as_deref()).min();
    let score = advisories.iter().find_map(|a| a.score.as_ref());
    html! {
        @if !advisories.is_empty() {
            dl.facts {
                div { dt { "Severity" } dd { (words::severity_badge(severity)) @if advisories.len() > 1 { " the worst of the packages" } } }
                @if let Some(score) = score {
                    div { dt { (words::cvss(score.version)) } dd { (format!("{:.1}", score.score)) @if !score.vector.is_empty() { " " span.vector { (score.vector) } } } }
                }
                @if let Some(since) = exploited { div { dt { "Exploited" } dd { span.exploited { "known to be exploited" } " since " (words::day_text(since)) } } }
            }
        }
    }
}

/// The urgency of a standing for a reader: the higher, the more urgent.
fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::Affected => 7,
        Standing::WillNotFix => 6,
        Standing::Deferred { .. } => 5,
        Standing::NotShipped => 4,
        Standing::UnderInvestigation => 3,
        Standing::Fixed { .. } => 2,
        Standing::NotAffected { .. } => 1,
        Standing::Withdrawn => 0,
    }
}

/// The text with a capital letter at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
