//! CSAF 2.0: an advisory as a document of the profile `csaf_security_advisory`, and what is known of a CVE in every package as one
//! of the profile `csaf_vex` (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>, sections 4.4 and 4.5).
//!
//! A withdrawn advisory stays as a `csaf_base` document that says so and names no product.

mod tree;
mod vulnerability;

use std::collections::HashSet;

use jiff::Timestamp;
use seaworthy_model::CveId;

use super::provider::Listing;
use super::write::{Object, document};
use super::{TOOL, TOOL_VERSION, paths, text};
use crate::{Advisory, Edition, Standing};
use tree::{Form, Product};

/// What is said of one advisory: its products by what holds of them.
struct Part<'a> {
    advisory: &'a Advisory,
    /// The products of which its standing is said.
    products: Vec<Product<'a>>,
    /// The versions before the fix, where the document names them.
    before: Vec<Product<'a>>,
}

/// The head of a document.
struct Head<'a> {
    category: &'a str,
    id: &'a str,
    title: &'a str,
    severity: Option<&'a str>,
    cve: CveId,
    /// Where it is published, and the page that says the same for people.
    path: &'a str,
    page: &'a str,
    /// A note's title and text.
    summary: (&'a str, &'a str),
    /// Times and summaries; the number is the place in the list.
    revisions: &'a [(Timestamp, String)],
}

/// The document of an advisory.
#[must_use]
pub fn advisory(edition: &Edition, advisory: &Advisory) -> Vec<u8> {
    let distribution = &edition.distribution;
    let revisions: Vec<(Timestamp, String)> = advisory.revisions.iter().map(|r| (r.at, r.summary.clone())).collect();
    let withdrawn = advisory.standing == Standing::Withdrawn;
    let head = Head {
        category: if withdrawn { "csaf_base" } else { "csaf_security_advisory" },
        id: &advisory.id,
        title: &text::title(distribution, advisory),
        severity: text::severity(advisory),
        cve: advisory.cve,
        path: &paths::csaf(advisory),
        page: &paths::advisory_page(advisory),
        summary: ("What holds", &text::join(&text::holds(advisory), &advisory.statement)),
        revisions: &revisions,
    };
    let (products, before) = match advisory.fixed() {
        Some(version) => {
            let version = version.to_string();
            (
                tree::products(distribution, advisory, Form::Version, &version),
                tree::products(distribution, advisory, Form::Before, &version),
            )
        }
        None if withdrawn => (Vec::new(), Vec::new()),
        None => {
            let looked_at = advisory.version.as_ref().map(ToString::to_string).unwrap_or_default();
            (tree::products(distribution, advisory, Form::Version, &looked_at), Vec::new())
        }
    };
    whole(edition, &head, &[Part { advisory, products, before }])
}

/// The VEX document of a CVE: what holds of it in each of the packages. Give it all advisories of the CVE, in the edition's order.
/// Where all of them are withdrawn (or there are none) it is a `csaf_base` document that says so.
///
/// A fix holds for its version; everything else is said of the package in the release line, whatever its version, because the
/// statement follows the newest build and an older one has not had its own look.
#[must_use]
pub fn vex(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Vec<u8> {
    let distribution = &edition.distribution;
    let mut parts: Vec<Part<'_>> = Vec::with_capacity(advisories.len());
    let mut seen = HashSet::new();
    for advisory in advisories.iter().filter(|a| a.standing != Standing::Withdrawn) {
        let mut products = match advisory.fixed() {
            Some(version) => tree::products(distribution, advisory, Form::Version, &version.to_string()),
            None => tree::products(distribution, advisory, Form::Any, ""),
        };
        // Two source packages may build binaries of one name: what is said first holds, for a product has one status.
        products.retain(|product| seen.insert(product.id.clone()));
        parts.push(Part { advisory, products, before: Vec::new() });
    }
    parts.retain(|part| !part.products.is_empty());
    let withdrawn = parts.is_empty();
    let worst: Option<&Advisory> =
        advisories.iter().copied().filter(|a| a.severity.is_some()).reduce(|worst, a| if a.severity > worst.severity { a } else { worst });
    let line = text::line(distribution);
    let summary = if withdrawn {
        "The record of the vulnerability was rejected; nothing of it holds any more.".to_owned()
    } else {
        let names: Vec<&str> = parts.iter().map(|p| p.advisory.package.as_str()).collect();
        format!("What {cve} means for these packages of {line}: {}.", names.join(", "))
    };
    let head = Head {
        category: if withdrawn { "csaf_base" } else { "csaf_vex" },
        id: &cve.to_string(),
        title: &vex_title(edition, cve, withdrawn),
        severity: worst.and_then(text::severity),
        cve,
        path: &paths::vex(cve),
        page: &paths::cve_page(cve),
        summary: ("Packages", &summary),
        revisions: &history(advisories),
    };
    whole(edition, &head, &parts)
}

/// What the feeds and lists of the provider say of an advisory's document.
#[must_use]
pub fn listing(edition: &Edition, advisory: &Advisory) -> Listing {
    Listing {
        id: advisory.id.clone(),
        title: text::title(&edition.distribution, advisory),
        path: paths::csaf(advisory),
        issued: advisory.issued(),
        updated: advisory.updated(),
    }
}

/// What the feeds and lists of the provider say of a CVE's VEX document; `advisories` as for [`vex`].
#[must_use]
pub fn vex_listing(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Listing {
    let withdrawn = advisories.iter().all(|a| a.standing == Standing::Withdrawn);
    Listing {
        id: cve.to_string(),
        title: vex_title(edition, cve, withdrawn),
        path: paths::vex(cve),
        issued: advisories.iter().map(|a| a.issued()).min().unwrap_or_default(),
        updated: advisories.iter().map(|a| a.updated()).max().unwrap_or_default(),
    }
}

fn vex_title(edition: &Edition, cve: CveId, withdrawn: bool) -> String {
    let withdrawn = if withdrawn { "Withdrawn: " } else { "" };
    format!("{withdrawn}{}: {cve}", text::line(&edition.distribution))
}

/// The revisions of all advisories in one row, by time.
fn history(advisories: &[&Advisory]) -> Vec<(Timestamp, String)> {
    let of_one = |a: &Advisory| -> Vec<(Timestamp, String)> {
        a.revisions.iter().map(|r| (r.at, format!("{}: {}", a.package, r.summary))).collect()
    };
    let mut all: Vec<(Timestamp, String)> = advisories.iter().flat_map(|a| of_one(a)).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

fn whole(edition: &Edition, head: &Head<'_>, parts: &[Part<'_>]) -> Vec<u8> {
    document(|o| {
        o.object("document", |o| self::head(o, edition, head));
        if parts.iter().any(|part| !part.products.is_empty()) {
            o.object("product_tree", |o| tree::write(o, &edition.distribution, parts));
            o.list("vulnerabilities", |l| l.object(|o| vulnerability::write(o, head.cve, parts)));
        }
    })
}

fn head(o: &mut Object<'_>, edition: &Edition, head: &Head<'_>) {
    if let Some(severity) = head.severity {
        o.object("aggregate_severity", |o| {
            o.text("text", severity);
        });
    }
    o.text("category", head.category).text("csaf_version", "2.0");
    o.object("distribution", |o| {
        o.object("tlp", |o| {
            o.text("label", "WHITE").text("url", "https://www.first.org/tlp/");
        });
    });
    o.text("lang", "en");
    let (title, summary) = head.summary;
    o.list("notes", |l| {
        l.object(|o| {
            o.text("category", "summary").text("text", summary).text("title", title);
        });
    });
    o.object("publisher", |o| publisher(o, edition));
    o.list("references", |l| {
        let mut add = |category: &str, summary: &str, url: &str| {
            l.object(|o| {
                o.text("category", category).text("summary", summary).text("url", url);
            });
        };
        add("self", "This document", &paths::url(edition, head.path));
        add("self", "The same for people", &paths::url(edition, head.page));
        add("external", "The record in NVD", &paths::nvd(head.cve));
    });
    o.text("title", head.title);
    o.object("tracking", |o| {
        let first = head.revisions.first().map_or(Timestamp::UNIX_EPOCH, |r| r.0);
        let last = head.revisions.last().map_or(Timestamp::UNIX_EPOCH, |r| r.0);
        o.shown("current_release_date", last);
        o.object("generator", |o| {
            o.object("engine", |o| {
                o.text("name", TOOL).text("version", TOOL_VERSION);
            });
        });
        o.text("id", head.id).shown("initial_release_date", first);
        o.list("revision_history", |l| {
            for (number, (at, summary)) in (1..).zip(head.revisions) {
                l.object(|o| {
                    o.shown("date", at).shown("number", number);
                    o.text("summary", if summary.is_empty() { "Changed." } else { summary });
                });
            }
        });
        o.text("status", "final").shown("version", head.revisions.len().max(1));
    });
}

/// Who publishes: the same in every document and in the provider's metadata.
pub(super) fn publisher(o: &mut Object<'_>, edition: &Edition) {
    let distribution = &edition.distribution;
    o.text("category", "vendor").some_text("contact_details", &distribution.contact);
    o.text("name", &distribution.name).text("namespace", &distribution.site);
}
