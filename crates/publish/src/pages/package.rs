use std::cmp::Reverse;

use maud::{Markup, html};

use super::layout::{self, Columns, Shell};
use super::{data, words};
use crate::{Advisory, Edition, Standing};

const ROOT: &str = "../../";

/// The numbers of a package's advisories by standing.
#[derive(Default)]
pub(super) struct Tally<'a> {
    /// The number of affected ones: with or without a date, put off, or never to be fixed.
    pub(super) open: usize,
    pub(super) fixed: usize,
    pub(super) unknown: usize,
    pub(super) other: usize,
    /// The advisory with the newest fixed version, which has all other fixes as well; `None` where nothing is fixed.
    pub(super) newest_fix: Option<&'a Advisory>,
}

pub(super) fn tally<'a>(advisories: &[&'a Advisory]) -> Tally<'a> {
    let mut out = Tally::default();
    let mut newest_key = Vec::new();
    for &advisory in advisories {
        match &advisory.standing {
            Standing::Fixed { version, .. } => {
                out.fixed += 1;
                let key = version.sort_key();
                // Of several that are fixed by the same version any will do; the first keeps its place.
                if out.newest_fix.is_none() || key > newest_key {
                    (out.newest_fix, newest_key) = (Some(advisory), key);
                }
            }
            Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => out.open += 1,
            Standing::UnderInvestigation => out.unknown += 1,
            Standing::NotAffected { .. } | Standing::Withdrawn => out.other += 1,
        }
    }
    out
}

/// See [`super::package`].
pub(super) fn page(edition: &Edition, name: &str, advisories: &[&Advisory]) -> Vec<u8> {
    let tally = tally(advisories);
    let mut rows: Vec<&Advisory> = advisories.to_vec();
    // What is open stands first, then the newest.
    rows.sort_by_key(|a| (Reverse(open(&a.standing)), Reverse((a.updated(), a.order()))));
    let binaries = advisories.iter().max_by_key(|a| (a.updated(), !a.binaries.is_empty())).map_or(&[][..], |a| &a.binaries);
    let main = html! {
        (layout::crumbs(ROOT, &[("packages.html".into(), "Packages")], name))
        h1 { span.name { (name) } }
        (answer(name, &tally, advisories.is_empty()))
        @if !binaries.is_empty() { dl.facts { div.long { dt { "Binary packages" } dd { (binaries.join(", ")) } } } }
        section.js hidden {
            h2 { "Am I fixed?" }
            (layout::widget(Some(name), &data::images(edition)))
        }
        section {
            h2 { "Everything known" }
            @if rows.is_empty() { p.empty { "Nothing is known in this package." } }
            @else {
                @if rows.len() > 8 { (layout::filter("Filter by CVE, advisory or status")) }
                (layout::table(edition, ROOT, Columns::WithoutPackage, "What is open first, then the newest change", &rows))
            }
        }
    };
    let title = format!("{name}: {}", summary(&tally));
    Shell { edition, root: ROOT, title: &title, summary: &title, section: "Packages", scripts: true }.page(&main)
}

fn open(standing: &Standing) -> u8 {
    match standing {
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => 2,
        Standing::UnderInvestigation => 1,
        _ => 0,
    }
}

fn summary(tally: &Tally<'_>) -> String {
    format!("{} open, {} fixed", tally.open, tally.fixed)
}

fn answer(name: &str, tally: &Tally<'_>, empty: bool) -> Markup {
    let status = if tally.open > 0 {
        "affected"
    } else if tally.unknown > 0 {
        "under_investigation"
    } else if tally.fixed > 0 {
        "fixed"
    } else {
        "not_affected"
    };
    html! {
        section.answer.{ "s-" (status) } aria-label="Answer" {
            p.verdict {
                @if empty { "Nothing is known in " (name) "." }
                @else if tally.open > 0 { (words::count(tally.open, "vulnerability is", "vulnerabilities are")) " open in " (name) "." }
                @else { "Nothing is open in " (name) @if tally.unknown > 0 { ", as far as is known" } "." }
            }
            @if tally.unknown > 0 { p { (words::count(tally.unknown, "more is", "more are")) " under investigation." } }
            @if let Some(advisory) = tally.newest_fix && let Some(version) = advisory.fixed() {
                p {
                    "Version " span.version { (version) } " or newer has "
                    @if tally.fixed == 1 { "the one fix that is delivered" } @else { "all " (tally.fixed) " fixes that are delivered" }
                    @if let Some(first) = words::delivered(advisory) { "; it is there since " (words::long_time(first.at)) }
                    "."
                }
                @if let Some(command) = words::command(advisory) { (layout::shell_line(&command)) }
            }
            @if tally.other > 0 && !empty { p { (words::count(tally.other, "other", "others")) " did not affect it, or " (if tally.other == 1 { "was" } else { "were" }) " withdrawn." } }
        }
    }
}
