use maud::{Markup, html};

use super::layout::{self, Columns, Shell};
use super::{cve, data, path, words};
use crate::{Advisory, Edition, ImageNote};

/// See [`super::image`].
pub(super) fn page(edition: &Edition, version: &str, advisories: &[&Advisory]) -> Vec<u8> {
    const ROOT: &str = "../";
    let notes: Vec<&ImageNote> = edition.images.iter().filter(|i| i.version == version).collect();
    let versions = data::images(edition);
    let place = versions.iter().position(|v| *v == version);
    let before = place.and_then(|p| p.checked_sub(1)).and_then(|p| versions.get(p));
    let after = place.and_then(|p| versions.get(p + 1));
    let main = html! {
        (layout::crumbs(ROOT, &[("images.html".into(), "Images")], version))
        h1 { "Image " span.version { (version) } }
        section.answer.{ "s-" (if advisories.is_empty() { "withdrawn" } else { "fixed" }) } aria-label="Answer" {
            p.verdict {
                @if advisories.is_empty() { "No fix came first with this image." }
                @else { (words::count(advisories.len(), "fix", "fixes")) " came first with this image." }
            }
            p {
                "Every newer image has " @if advisories.len() == 1 { "it" } @else { "them" } " too, and this one has what came with older ones. "
                @match after {
                    Some(newer) => { "The next image is " (layout::to(ROOT, &path::image(newer), newer)) "." }
                    None => "It is the newest image.",
                }
            }
        }
        @for note in &notes {
            section {
                h2 { (note.sku) }
                dl.facts {
                    div { dt { "Built" } dd { (words::long_time(note.built)) } }
                    div { dt { "Packages" } dd { (note.packages) } }
                    @for (kind, number) in &note.counts { div { dt { (kind_label(kind)) } dd { (number) } } }
                }
            }
        }
        @if notes.is_empty() { p.empty { "Nothing else is recorded of this image." } }
        section {
            h2 { "Fixes that came first with it" }
            @if advisories.is_empty() { p.empty { "None. What it fixes came with an older image." } }
            @else {
                @if advisories.len() > 8 { (layout::filter("Filter by CVE, package or severity")) }
                (layout::table(edition, ROOT, Columns::All, "By package", advisories))
            }
        }
        nav.pager aria-label="Other images" {
            @match before {
                Some(older) => a rel="prev" href={ (ROOT) (path::link(&path::image(older))) } { "Older: " (older) },
                None => span { "This is the oldest image." },
            }
            @if let Some(newer) = after { a rel="next" href={ (ROOT) (path::link(&path::image(newer))) } { "Newer: " (newer) } }
        }
    };
    let title = format!("Image {version}: {}", words::count(advisories.len(), "new fix", "new fixes"));
    Shell { edition, root: ROOT, title: &title, summary: &title, section: "Images", scripts: true }.page(&main)
}

/// The label of a count for people.
fn kind_label(kind: &str) -> String {
    match kind {
        "fixed" => "Fixed by this image".into(),
        "carried_affected" => "Open on it".into(),
        "carried_late" => "Fixed, but too late for it".into(),
        "carried_suspected" => "Under investigation".into(),
        "brought_in" => "New by a new package".into(),
        "newly_known" => "Became known since the last image".into(),
        other => cve::capital(&words::foreign(other).replace('_', " ")),
    }
}

/// See [`super::images`].
pub(super) fn list(edition: &Edition) -> Vec<u8> {
    let mut first: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for advisory in &edition.advisories {
        if let Some((_, image)) = words::in_image(advisory) {
            *first.entry(image).or_default() += 1;
        }
    }
    let main: Markup = html! {
        h1 { "Images" }
        p.lead { "What each image brought, the newest first. Every image has the fixes of those before it." }
        @if edition.images.is_empty() { p.empty { "No image has been released yet." } }
        @else {
            div.scroll {
                table.rows {
                    caption { (words::count(edition.images.len(), "image", "images")) }
                    thead { tr {
                        th scope="col" { "Image" } th scope="col" { "Kind" } th scope="col" { "Built" } th scope="col" { "Packages" }
                        th scope="col" { "Fixes that came first with it" }
                    } }
                    tbody {
                        @for note in edition.images.iter().rev() {
                            tr {
                                td data-label="Image" { (layout::to("", &path::image(&note.version), &note.version)) }
                                td data-label="Kind" { (note.sku) }
                                td data-label="Built" { (words::short_time(note.built)) }
                                td data-label="Packages" { (note.packages) }
                                td data-label="New fixes" { (first.get(note.version.as_str()).copied().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    };
    Shell { edition, root: "", title: "Images", summary: "Images and the fixes that came with them", section: "Images", scripts: false }
        .page(&main)
}
