//! OpenVEX 0.2.0 (<https://github.com/openvex/spec>): a document for each CVE that is published, and one of chosen cases for an exchange.
//!
//! A fix is stated for its version; every other status is stated for the package without a version.

use jiff::Timestamp;
use seaworthy_model::{CveId, VexStatus};

use super::names::scopes;
use super::write::{self, List, Object};
use super::{TOOL, TOOL_VERSION, paths, text};
use crate::advisory::by_cve;
use crate::{Advisory, Edition, Standing};

/// The document of a CVE: the status of each of the packages. `advisories` are all advisories of the CVE, by package. `None` where all of
/// them are withdrawn, which OpenVEX cannot express.
///
/// The version of the document is the number of revisions of all advisories, which rises with each.
#[must_use]
pub fn document(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Option<Vec<u8>> {
    if !has_document(advisories) {
        return None;
    }
    let first = advisories.iter().map(|a| a.issued()).min().unwrap_or(edition.at);
    let last = advisories.iter().map(|a| a.updated()).max();
    let version = advisories.iter().map(|a| a.revisions.len()).sum::<usize>().max(1);
    Some(write::document(|o| {
        head(o, edition, &paths::url(edition, &paths::openvex(cve)), (first, last), version);
        o.list("statements", |l| statements(l, edition, cve, advisories));
    }))
}

/// Whether a CVE with these advisories has a document.
#[must_use]
pub fn has_document(advisories: &[&Advisory]) -> bool {
    advisories.iter().any(|a| a.standing.vex().is_some())
}

/// An edition as one document that is not published, with an id of its own, an IRI. Its statements are those of the documents of its CVEs;
/// an advisory without an id is stated without the names that only a publication gives.
#[must_use]
pub fn export(edition: &Edition, id: &str) -> Vec<u8> {
    write::document(|o| {
        head(o, edition, id, (edition.at, None), 1);
        o.list("statements", |l| {
            for (cve, advisories) in by_cve(&edition.advisories) {
                statements(l, edition, cve, &advisories);
            }
        });
    })
}

fn head(o: &mut Object<'_>, edition: &Edition, id: &str, (first, last): (Timestamp, Option<Timestamp>), version: usize) {
    o.text("@context", "https://openvex.dev/ns/v0.2.0").text("@id", id);
    o.text("author", &edition.distribution.name).text("role", "Distribution");
    o.shown("timestamp", first);
    if let Some(last) = last {
        o.shown("last_updated", last);
    }
    o.bare("version", version);
    o.text("tooling", &format!("{TOOL} {TOOL_VERSION}"));
}

/// Writes the statements of a CVE, one for each advisory.
fn statements(l: &mut List<'_>, edition: &Edition, cve: CveId, advisories: &[&Advisory]) {
    for scope in scopes(advisories) {
        let Some(status) = scope.advisory.standing.vex() else { continue };
        let version = scope.advisory.fixed().map(ToString::to_string).unwrap_or_default();
        let products: Vec<String> = scope.names().map(|name| edition.distribution.purl(name, &version)).collect();
        l.object(|o| statement(o, edition, (cve, status), scope.advisory, &products));
    }
}

fn statement(o: &mut Object<'_>, edition: &Edition, (cve, status): (CveId, VexStatus), advisory: &Advisory, products: &[String]) {
    let published = !advisory.id.is_empty();
    if published {
        o.text("@id", &format!("{}#{}", paths::url(edition, &paths::openvex(cve)), advisory.id));
    }
    o.object("vulnerability", |o| {
        if published {
            o.text("@id", &paths::url(edition, &paths::cve_page(cve)));
        }
        o.shown("name", cve).some_text("description", advisory.description.trim());
    });
    o.shown("timestamp", advisory.updated());
    o.list("products", |l| {
        for purl in products {
            l.object(|o| {
                o.text("@id", purl).object("identifiers", |o| {
                    o.text("purl", purl);
                });
            });
        }
    });
    o.text("status", status.as_str());
    let notes = match &advisory.standing {
        Standing::NotAffected { justification } => {
            if let Some(justification) = justification {
                o.text("justification", justification.as_str());
            }
            o.text("impact_statement", text::impact(advisory));
            text::holds(advisory)
        }
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => {
            o.text("action_statement", &text::action(advisory));
            text::holds(advisory)
        }
        _ => text::join(&text::holds(advisory), &advisory.statement),
    };
    o.text("status_notes", &notes);
}
