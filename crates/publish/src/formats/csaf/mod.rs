//! CSAF 2.0 (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>, sections 4.4 and 4.5): an advisory as a document of the profile
//! `csaf_security_advisory`, and the status of a CVE in each package, or of chosen cases, as one of the profile `csaf_vex`.
//!
//! A withdrawn advisory stays as a `csaf_base` document that says so and names no product.

mod part;
mod tree;
mod vulnerability;

use jiff::Timestamp;
use seaworthy_model::CveId;

use super::names::{Scope, scopes};
use super::provider::Listing;
use super::publisher::publisher;
use super::write::{Object, document};
use super::{TOOL, TOOL_VERSION, paths, text};
use crate::advisory::by_cve;
use crate::{Advisory, Distribution, Edition, Standing};
use part::{Form, Part};

/// The head of a document.
struct Head<'a> {
    category: &'a str,
    id: &'a str,
    title: &'a str,
    severity: Option<&'a str>,
    /// The readers who may have the document, as a label of the Traffic Light Protocol; `None` for no label.
    tlp: Option<&'a str>,
    /// The references.
    references: &'a [Reference],
    /// The title and the text of a note.
    summary: (&'a str, &'a str),
    /// The times and summaries of the revisions, which are numbered by their places in the list.
    revisions: &'a [(Timestamp, String)],
}

/// The category, the summary and the address of a reference.
type Reference = (&'static str, &'static str, String);

/// The label of documents for everybody.
const WHITE: Option<&str> = Some("WHITE");

/// The references to the document itself, to its page for people, and to the record in NVD.
fn published(edition: &Edition, path: &str, page: &str, cve: CveId) -> [Reference; 3] {
    [
        ("self", "This document", paths::url(edition, path)),
        ("self", "The same for people", paths::url(edition, page)),
        ("external", "The record in NVD", paths::nvd(cve)),
    ]
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
        tlp: WHITE,
        references: &published(edition, &paths::csaf(advisory), &paths::advisory_page(advisory), advisory.cve),
        summary: ("What holds", &text::join(&text::holds(advisory), &advisory.statement)),
        revisions: &revisions,
    };
    let version = advisory.fixed().or(advisory.version.as_ref()).map(ToString::to_string).unwrap_or_default();
    let products = |form| scopes(&[advisory]).iter().flat_map(|scope| tree::products(distribution, scope, form, &version)).collect();
    let before = if advisory.first_fixed().is_some() { products(Form::Before) } else { Vec::new() };
    whole(edition, &head, &[Part { advisory, products: products(Form::Version), before }])
}

/// The VEX document of a CVE: the status of each of the packages. `advisories` are all advisories of the CVE, by package. Where all of them
/// are withdrawn, or there are none, it is a `csaf_base` document that says so.
///
/// A fix is stated for its version. Every other status is stated for the package in the release line without a version, since it follows
/// the newest build, and older ones were not judged by themselves.
#[must_use]
pub fn vex(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Vec<u8> {
    let parts = parts(&edition.distribution, advisories);
    let withdrawn = parts.is_empty();
    let line = text::line(&edition.distribution);
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
        severity: worst(advisories.iter().copied()),
        tlp: WHITE,
        references: &published(edition, &paths::vex(cve), &paths::cve_page(cve), cve),
        summary: ("Packages", &summary),
        revisions: &history(advisories),
    };
    whole(edition, &head, &parts)
}

/// An edition as one VEX document that is not published, with a tracking id of its own. Of each CVE it has the statements of the CVE's own
/// document. Without any statement it is a `csaf_base` document. A `restricted` document has content that is not for everybody, and is
/// marked TLP:RED.
#[must_use]
pub fn export(edition: &Edition, id: &str, restricted: bool) -> Vec<u8> {
    let line = text::line(&edition.distribution);
    let of_cves = by_cve(&edition.advisories);
    let parts: Vec<Part<'_>> = of_cves.values().flat_map(|advisories| parts(&edition.distribution, advisories)).collect();
    let head = Head {
        category: if parts.is_empty() { "csaf_base" } else { "csaf_vex" },
        id,
        title: &format!("Vulnerabilities in the packages of {line}"),
        severity: worst(parts.iter().map(|part| part.advisory)),
        tlp: restricted.then_some("RED"),
        references: &[],
        summary: ("What it is", &format!("What the cases of {line} say at the time of the document.")),
        revisions: &[(edition.at, "The cases at that time.".to_owned())],
    };
    whole(edition, &head, &parts)
}

/// The packages of one CVE that have a status.
fn parts<'a>(distribution: &Distribution, advisories: &[&'a Advisory]) -> Vec<Part<'a>> {
    let part = |scope: Scope<'a>| {
        let products = match scope.advisory.fixed() {
            Some(version) => tree::products(distribution, &scope, Form::Version, &version.to_string()),
            None => tree::products(distribution, &scope, Form::Any, ""),
        };
        Part { advisory: scope.advisory, products, before: Vec::new() }
    };
    scopes(advisories).into_iter().map(part).collect()
}

/// The word of the highest severity.
fn worst<'a>(advisories: impl Iterator<Item = &'a Advisory>) -> Option<&'static str> {
    let rated = advisories.filter(|a| a.severity.is_some());
    rated.reduce(|worst, a| if a.severity > worst.severity { a } else { worst }).and_then(text::severity)
}

/// The entry of an advisory's document in the feeds and lists of the provider.
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

/// The entry of a CVE's VEX document in the feeds and lists of the provider; `advisories` as for [`vex`].
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

/// The revisions of all advisories in one list, by time.
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
            o.list("vulnerabilities", |l| {
                for of_cve in parts.chunk_by(|a, b| a.advisory.cve == b.advisory.cve) {
                    l.object(|o| vulnerability::write(o, of_cve));
                }
            });
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
    if let Some(label) = head.tlp {
        o.object("distribution", |o| {
            o.object("tlp", |o| {
                o.text("label", label).text("url", "https://www.first.org/tlp/");
            });
        });
    }
    o.text("lang", "en");
    let (title, summary) = head.summary;
    o.list("notes", |l| {
        l.object(|o| {
            o.text("category", "summary").text("text", summary).text("title", title);
        });
    });
    o.object("publisher", |o| publisher(o, edition));
    if !head.references.is_empty() {
        o.list("references", |l| {
            for (category, summary, url) in head.references {
                l.object(|o| {
                    o.text("category", category).text("summary", summary).text("url", url);
                });
            }
        });
    }
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
