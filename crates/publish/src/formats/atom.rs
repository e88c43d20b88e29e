//! An Atom feed (RFC 4287) of the revisions.

use std::cmp::Reverse;
use std::fmt::Write;

use seaworthy_host::xml;
use seaworthy_model::text::printable;

use super::write::plain;
use super::{TOOL, TOOL_VERSION, paths, text};
use crate::{Advisory, Edition, Revision};

/// The feed of the newest revisions, at most `most`, the newest first; revisions of the same time are in the order of the advisories. An
/// entry is a revision and keeps its id, a `tag:` URI (RFC 4151).
#[must_use]
pub fn feed(edition: &Edition, most: usize) -> Vec<u8> {
    let mut all: Vec<(&Advisory, &Revision)> = edition.advisories.iter().flat_map(|a| a.revisions.iter().map(move |r| (a, r))).collect();
    // What comes later in an advisory comes first here, also at one time.
    all.sort_by_cached_key(|(advisory, revision)| (Reverse(revision.at), advisory.order(), Reverse(revision.number)));
    all.truncate(most);
    let site = &edition.distribution.site;
    let line = text::line(&edition.distribution);
    let mut out = String::with_capacity(1024 + all.len() * 900);
    out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n");
    element(&mut out, "title", &format!("Security advisories of {line}"));
    let first = edition.advisories.iter().map(Advisory::issued).min().unwrap_or(edition.at);
    element(&mut out, "id", &tag(site, &text::day(first), &format!("advisories-{}", edition.distribution.line)));
    element(&mut out, "updated", &edition.at.to_string());
    link(&mut out, "self", "application/atom+xml", &paths::url(edition, paths::ATOM));
    link(&mut out, "alternate", "text/html", &paths::url(edition, "index.html"));
    out.push_str("<author>");
    element(&mut out, "name", &edition.distribution.name);
    element(&mut out, "uri", site);
    out.push_str("</author>\n");
    let _ = writeln!(out, "<generator version=\"{TOOL_VERSION}\">{TOOL}</generator>");
    for (advisory, revision) in all {
        out.push_str("<entry>\n");
        let newest = revision.number as usize == advisory.revisions.len();
        let severity = text::severity(advisory).map(|s| format!(", {}", s.to_lowercase())).unwrap_or_default();
        element(&mut out, "title", &format!("{}: {} in {}{severity}", advisory.id, advisory.cve, advisory.package));
        element(&mut out, "id", &tag(site, &text::day(advisory.issued()), &format!("{}:{}", advisory.id, revision.number)));
        element(&mut out, "published", &revision.at.to_string());
        element(&mut out, "updated", &revision.at.to_string());
        link(&mut out, "alternate", "text/html", &paths::url(edition, &paths::advisory_page(advisory)));
        link(&mut out, "related", "application/json", &paths::url(edition, &paths::csaf(advisory)));
        if newest {
            out.push_str("<category term=\"");
            escape(&mut out, advisory.standing.as_str());
            out.push_str("\"/>\n");
        }
        out.push_str("<summary>");
        escape(&mut out, &revision.summary);
        if newest {
            out.push(' ');
            escape(&mut out, &text::join(&text::holds(advisory), &advisory.statement));
        }
        out.push_str("</summary>\n</entry>\n");
    }
    out.push_str("</feed>\n");
    out.into_bytes()
}

/// A `tag:` URI of the host of the site on a day.
fn tag(site: &str, day: &str, what: &str) -> String {
    let host = site.split_once("://").map_or(site, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    format!("tag:{host},{day}:{what}")
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    escape(out, text);
    let _ = writeln!(out, "</{name}>");
}

fn link(out: &mut String, rel: &str, kind: &str, href: &str) {
    let _ = write!(out, "<link rel=\"{rel}\" type=\"{kind}\" href=\"");
    escape(out, href);
    out.push_str("\"/>\n");
}

/// Text that is safe in an element and between quotes, as people may be shown it; what XML cannot hold is left out.
fn escape(out: &mut String, text: &str) {
    xml::push(out, &printable(&plain(text)));
}
