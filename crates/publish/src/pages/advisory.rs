use maud::{Markup, html};
use seaworthy_model::{CveId, Evr, weakness_name};

use super::layout::{self, Shell};
use super::{path, words};
use crate::advisory::links;
use crate::{Advisory, Edition, Place, Standing};

const ROOT: &str = "../../";

/// See [`super::advisory`].
pub(super) fn page(edition: &Edition, a: &Advisory) -> Vec<u8> {
    let cve = a.cve.to_string();
    let label = words::STATUSES[words::status(&a.standing)].1;
    let main = html! {
        (layout::crumbs(ROOT, &[("index.html".into(), "Advisories"), (path::link(&path::package(&a.package)), &a.package)], &a.id))
        h1 { (cve) " in " span.name { (a.package) } }
        (answer(edition, a))
        (facts(a))
        @if words::delivered(a).is_some() { (deliveries(a)) }
        @if !a.statement.trim().is_empty() {
            section { h2 { "What it means here" } (layout::prose(&a.statement)) }
        }
        (vulnerability(a.cve, &[a]))
        section {
            h2 { "History" }
            ol.history reversed {
                @for revision in a.revisions.iter().rev() {
                    li value=(revision.number) { (words::full_time(revision.at)) span { (words::foreign(&revision.summary)) } }
                }
            }
        }
        (related(a))
        (programs(&path::documents(a)))
    };
    Shell {
        edition,
        root: ROOT,
        title: &format!("{label}: {cve} in {} ({})", a.package, a.id),
        summary: &format!("{cve} in {}: {}", a.package, label.to_lowercase()),
        section: "",
        scripts: false,
    }
    .page(&main)
}

fn answer(edition: &Edition, a: &Advisory) -> Markup {
    html! {
        section.answer.{ "s-" (a.standing.as_str()) } aria-label="Answer" {
            p.verdict { (words::verdict(edition, a)) }
            @match &a.standing {
                Standing::Fixed { version, or_before } => {
                    @let earlier = a.deliveries.iter().any(|d| d.place == Place::Earlier);
                    @if earlier { p { "It had been delivered when this advisory was first written." } }
                    @if let (Some(command), Some((delivery, channel))) = (words::command(a), words::in_repository(a)) {
                        p { "By packages, from the repository (" (channel) ") since " (words::long_time(delivery.at)) ":" }
                        (layout::shell_line(&command))
                    } @else if !earlier {
                        p { "The package repository does not have it." }
                    }
                    @if let Some((delivery, image)) = words::in_image(a) {
                        p { "By image: " (layout::to(ROOT, &path::image(image), image)) " or a newer one, since " (words::long_time(delivery.at)) "." }
                    } @else if !earlier {
                        p { "No image has it yet." }
                    }
                    @if !or_before { p { "Every version before " span.version { (version) } " is affected." } }
                    (check(a, version))
                }
                Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => p {
                    @match (&a.ready, &a.version) {
                        (Some(ready), _) => {
                            "Every version that is delivered is affected; a fix is ready"
                            @if let Some(version) = &ready.version { " in " span.version { (version) } }
                            " and not delivered yet."
                        }
                        (None, Some(version)) => {
                            "Every version is affected, " span.version { (version) } " too, which was looked at last."
                        }
                        (None, None) => "Every version is affected.",
                    }
                },
                Standing::UnderInvestigation | Standing::NotAffected { .. } => {
                    @if let Some(version) = &a.version { p { "Looked at last: version " span.version { (version) } "." } }
                }
                Standing::Withdrawn => {}
            }
        }
    }
}

/// The command that shows the installed version. RPM prints an epoch only where its format asks for it.
fn check(a: &Advisory, fixed: &Evr) -> Markup {
    let plain = |name: &&String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b)) && !name.starts_with('-');
    let names: Vec<&str> = a.binaries.iter().filter(plain).map(String::as_str).take(4).collect();
    let format = if fixed.epoch > 0 { "--qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' " } else { "" };
    html! {
        @if !names.is_empty() {
            p { "What is installed:" }
            (layout::shell_line(&format!("rpm -q {format}{}", names.join(" "))))
        }
    }
}

fn facts(a: &Advisory) -> Markup {
    html! {
        dl.facts {
            div { dt { "Advisory" } dd { (a.id) } }
            div { dt { "Status" } dd { (words::status_badge(&a.standing)) } }
            div { dt { "Severity" } dd { (words::severity_badge(a.severity)) } }
            @if let Some(score) = &a.score {
                div { dt { (words::cvss(score.version)) } dd { (format!("{:.1}", score.score)) @if !score.vector.is_empty() { " " span.vector { (score.vector) } } } }
            }
            @if let Some(since) = &a.exploited_since { div { dt { "Exploited" } dd { span.exploited { "known to be exploited" } " since " (words::day_text(since)) } } }
            div { dt { "Published" } dd { (words::long_time(a.issued())) } }
            div { dt { "Changed" } dd { (words::long_time(a.updated())) } }
            @if !a.binaries.is_empty() { div.long { dt { "Binary packages" } dd { (a.binaries.join(", ")) } } }
        }
    }
}

fn deliveries(a: &Advisory) -> Markup {
    html! {
        section {
            h2 { "Where the fix is" }
            div.scroll {
                table {
                    thead { tr { th scope="col" { "Since" } th scope="col" { "Place" } th scope="col" { "Version there" } } }
                    tbody {
                        @for delivery in a.deliveries.iter().filter(|d| d.place != Place::Earlier) {
                            tr {
                                td data-label="Since" { (words::full_time(delivery.at)) }
                                td data-label="Place" {
                                    @match &delivery.place {
                                        Place::Repository(channel) => { "Package repository, " (channel) }
                                        Place::Image(image) => { "Image " (layout::to(ROOT, &path::image(image), image)) }
                                        Place::Earlier => {}
                                    }
                                }
                                td data-label="Version there" { span.version { (delivery.version) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The section on the record. The advisories of one CVE have the same record, of which the longest description is taken.
pub(super) fn vulnerability(cve: CveId, advisories: &[&Advisory]) -> Markup {
    let description = advisories.iter().map(|a| a.description.as_str()).max_by_key(|d| d.len()).unwrap_or_default();
    let mut weaknesses: Vec<&str> = advisories.iter().flat_map(|a| a.weaknesses.iter().map(String::as_str)).collect();
    weaknesses.sort_unstable();
    weaknesses.dedup();
    let links = links(advisories.iter().copied());
    html! {
        section {
            h2 { "The vulnerability" }
            @if description.trim().is_empty() { p.empty { "The record has no description." } } @else { (layout::prose(description)) }
            @if !weaknesses.is_empty() {
                p { "Weakness: "
                    @for (at, weakness) in weaknesses.iter().enumerate() {
                        @if at > 0 { "; " }
                        @match weakness.strip_prefix("CWE-").filter(|n| !n.is_empty() && n.len() < 6 && n.bytes().all(|b| b.is_ascii_digit())) {
                            Some(number) => (layout::outside(&format!("https://cwe.mitre.org/data/definitions/{number}.html"), weakness)),
                            None => (words::foreign(weakness)),
                        }
                        @if let Some(name) = weakness_name(weakness) { " " (name) }
                    }
                }
            }
            p { "Elsewhere: " (layout::outside(&format!("https://nvd.nist.gov/vuln/detail/{cve}"), "NVD")) ", "
                (layout::outside(&format!("https://www.cve.org/CVERecord?id={cve}"), "CVE List")) }
            @if !links.is_empty() {
                h3 { "References of the record" }
                ul.plain {
                    @for link in &links {
                        li { (layout::outside(&link.url, &link.url)) @if !link.kinds.is_empty() { " (" (link.words()) ")" } }
                    }
                }
            }
        }
    }
}

fn related(a: &Advisory) -> Markup {
    html! {
        section {
            h2 { "Related" }
            ul.plain {
                li { (layout::to(ROOT, &path::cve(a.cve), &format!("{} in every package", a.cve))) }
                li { (layout::to(ROOT, &path::package(&a.package), &format!("Everything known in {}", a.package))) }
                li { (layout::to(ROOT, &path::list(a.year()), &format!("All advisories of {}", a.year()))) }
            }
        }
    }
}

/// Links to the documents for programs.
pub(super) fn programs(documents: &[(&'static str, String)]) -> Markup {
    html! {
        section {
            h2 { "For programs" }
            ul.inline { @for (name, target) in documents { li { (layout::to(ROOT, target, name)) } } }
        }
    }
}
