use std::collections::BTreeMap;

use maud::{Markup, html};

use super::layout::{self, Columns, Shell};
use super::{data, package, path, words};
use crate::formats::paths;
use crate::{Advisory, Edition};

/// The number of advisories on the front page without scripts.
const NEWEST: usize = 200;

/// See [`super::index`].
pub(super) fn index(edition: &Edition) -> Vec<u8> {
    let newest = data::newest(edition);
    let shown = &newest[..newest.len().min(NEWEST)];
    let name = format!("{} {}", edition.distribution.name, edition.distribution.line);
    let main = html! {
        h1 { (name) " security" }
        p.lead { "Which vulnerabilities are fixed, since when and by what; and where not, when they will be." }
        section.panel.js hidden {
            h2 { "Am I fixed?" }
            (layout::widget(None, &[]))
        }
        section {
            h2 { "Advisories" }
            (filters(edition))
            p.count data-count role="status" aria-live="polite" { "The " (words::count(shown.len(), "advisory", "advisories")) " changed last, of " (newest.len()) "." }
            @if shown.is_empty() { p.empty { "Nothing has been published yet." } }
            @else { (layout::table(edition, "", Columns::All, "The newest change first", shown)) }
            p data-unadvised hidden role="status" {}
            p.empty data-none hidden { "No advisory matches. Take a filter away, or press Esc in the search to clear all." }
            button.more type="button" data-more hidden { "Show more" }
        }
        section {
            h2 { "By year" }
            p { "Every advisory, without scripts:" }
            ul.inline { @for (year, number) in years(edition) { li { (layout::to("", &path::list(year), &year.to_string())) " (" (number) ")" } } }
            @if newest.is_empty() { p.empty { "No year has any." } }
        }
        (programs(edition))
    };
    Shell {
        edition,
        root: "",
        title: "Security advisories",
        summary: "Which vulnerabilities are fixed, since when and by what",
        section: "Advisories",
        scripts: true,
    }
    .page(&main)
}

fn filters(edition: &Edition) -> Markup {
    html! {
        form.filters.js data-filters role="search" hidden {
            label.wide-field { span { "Search " kbd { "/" } } input name="q" type="search" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="CVE, package or advisory"; }
            label { span { "Status" } select name="status" {
                option value="" { "Any" }
                @for (word, label) in words::STATUSES { option value=(word) { (label) } }
            } }
            label { span { "Severity" } select name="severity" {
                option value="" { "Any" }
                @for (word, label) in words::SEVERITIES { option value=(word) { (label) } }
            } }
            label { span { "CVE year" } select name="year" {
                option value="" { "Any" }
                @for year in cve_years(edition) { option value=(year) { (year) } }
            } }
            label.tick { input name="exploited" type="checkbox" value="1"; span { "Known to be exploited" } }
            button type="reset" { "Clear" }
        }
    }
}

fn years(edition: &Edition) -> Vec<(u32, usize)> {
    let mut out: BTreeMap<u32, usize> = BTreeMap::new();
    for advisory in &edition.advisories {
        *out.entry(advisory.year()).or_default() += 1;
    }
    out.into_iter().rev().collect()
}

fn cve_years(edition: &Edition) -> Vec<u16> {
    let mut out: Vec<u16> = edition.advisories.iter().map(|a| a.cve.year()).collect();
    out.sort_unstable();
    out.dedup();
    out.reverse();
    out
}

fn programs(edition: &Edition) -> Markup {
    html! {
        section id="for-programs" {
            h2 { "For programs" }
            p { "The same in documents that scanners and tools read, each found by the id of the advisory or the CVE:" }
            dl.facts.formats {
                @for (name, target, what) in [
                    ("CSAF 2.0", format!("{}/index.txt", paths::CSAF), "the list of the advisories, signed"),
                    ("CSAF VEX", format!("{}/index.txt", paths::VEX), "the list of the documents on each CVE, signed"),
                    ("OSV", paths::OSV_INDEX.to_owned(), "the list of the records"),
                    ("OVAL", paths::oval(&edition.distribution), "definitions for scanners of hosts"),
                    ("CycloneDX", paths::CYCLONEDX.to_owned(), "all of it as one VEX document"),
                    ("JSON", paths::JSON_INDEX.to_owned(), "the list of the advisories, with all facts of each behind it"),
                    ("Atom", paths::ATOM.to_owned(), "the newest changes"),
                ] {
                    div { dt { (name) } dd { a href=(target) { code { (edition.distribution.site) "/" (target) } } ", " (what) } }
                }
                div { dt { "OpenVEX" } dd { "a document on each CVE, which its page links" } }
            }
        }
    }
}

/// See [`super::year`].
pub(super) fn year(edition: &Edition, year: u32, advisories: &[&Advisory]) -> Vec<u8> {
    let title = format!("Advisories of {year}");
    let main = html! {
        (layout::crumbs("../", &[("index.html".into(), "Advisories")], &year.to_string()))
        h1 { (title) }
        @if advisories.is_empty() { p.empty { "There are none of this year." } }
        @else {
            (layout::filter("Filter by CVE, package, advisory or status"))
            (layout::table(edition, "../", Columns::All, &words::count(advisories.len(), "advisory", "advisories"), advisories))
        }
    };
    Shell { edition, root: "../", title: &title, summary: &title, section: "Advisories", scripts: true }.page(&main)
}

/// See [`super::packages`].
pub(super) fn packages(edition: &Edition, groups: &BTreeMap<&str, Vec<&Advisory>>) -> Vec<u8> {
    let main = html! {
        h1 { "Packages" }
        p.lead { "Every source package that something is known of, and the version that has all of its fixes." }
        @if groups.is_empty() { p.empty { "Nothing is known of any package yet." } }
        @else {
            (layout::filter("Filter by name"))
            p data-unadvised hidden role="status" {}
            div.scroll {
                table.rows data-rows {
                    caption { (words::count(groups.len(), "package", "packages")) }
                    thead { tr {
                        th scope="col" { "Package" } th scope="col" { "Open" } th scope="col" { "Not known yet" } th scope="col" { "Fixed" }
                        th scope="col" { "Every fix is in" }
                    } }
                    tbody {
                        @for (name, advisories) in groups {
                            @let tally = package::tally(advisories);
                            tr {
                                td data-label="Package" { (layout::to("", &path::package(name), name)) }
                                td data-label="Open" { @if tally.open > 0 { b.open { (tally.open) } } @else { "0" } }
                                td data-label="Not known yet" { (tally.unknown) }
                                td data-label="Fixed" { (tally.fixed) }
                                td data-label="Every fix is in" {
                                    @match tally.newest_fix.and_then(Advisory::fixed) {
                                        Some(version) => { span.version { (version) } " and newer" }
                                        None if tally.open + tally.unknown > 0 => "no fix yet",
                                        None => "nothing to fix",
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Shell { edition, root: "", title: "Packages", summary: "What is known of each package", section: "Packages", scripts: true }.page(&main)
}
