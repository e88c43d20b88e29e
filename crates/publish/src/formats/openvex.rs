//! OpenVEX 0.2.0 (<https://github.com/openvex/spec>): a document for each CVE.
//!
//! Products are purls with as little in them as names them, because scanners compare what is there. A fix holds for its version;
//! everything else is said of the package, whatever its version.

use std::collections::HashSet;

use seaworthy_model::CveId;

use super::purl::{Detail, purl};
use super::write;
use super::{TOOL, TOOL_VERSION, paths, text};
use crate::{Advisory, Edition, Standing};

/// The document of a CVE: what holds of it in each of the packages. Give it all advisories of the CVE, in the edition's order.
/// `None` where all of them are withdrawn, for OpenVEX has no word for that.
///
/// Its version is the number of revisions of all of them, so that it rises with each.
#[must_use]
pub fn document(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Option<Vec<u8>> {
    let told: Vec<(&Advisory, &str)> = advisories.iter().filter_map(|a| Some((*a, a.standing.vex()?.as_str()))).collect();
    if told.is_empty() {
        return None;
    }
    let distribution = &edition.distribution;
    // A binary package that two source packages build has what is said first.
    let mut named = HashSet::new();
    Some(write::document(|o| {
        o.text("@context", "https://openvex.dev/ns/v0.2.0").text("@id", &paths::url(edition, &paths::openvex(cve)));
        o.text("author", &distribution.name).text("role", "Distribution");
        if let (Some(first), Some(last)) = (advisories.iter().map(|a| a.issued()).min(), advisories.iter().map(|a| a.updated()).max()) {
            o.shown("timestamp", first).shown("last_updated", last);
        }
        o.bare("version", advisories.iter().map(|a| a.revisions.len()).sum::<usize>().max(1));
        o.text("tooling", &format!("{TOOL} {TOOL_VERSION}"));
        o.list("statements", |l| {
            for (advisory, status) in told {
                let version = advisory.fixed().map(ToString::to_string).unwrap_or_default();
                let packages = std::iter::once(&advisory.package).chain(&advisory.binaries);
                let products = packages.map(|package| purl(distribution, package, &version, Detail::Least));
                let products: Vec<String> = products.filter(|purl| named.insert(purl.clone())).collect();
                if products.is_empty() {
                    continue;
                }
                l.object(|o| {
                    o.text("@id", &format!("{}#{}", paths::url(edition, &paths::openvex(cve)), advisory.id));
                    o.object("vulnerability", |o| {
                        o.text("@id", &paths::url(edition, &paths::cve_page(cve))).shown("name", cve);
                        o.some_text("description", advisory.description.trim());
                    });
                    o.shown("timestamp", advisory.updated());
                    o.list("products", |l| {
                        for purl in &products {
                            l.object(|o| {
                                o.text("@id", purl).object("identifiers", |o| {
                                    o.text("purl", purl);
                                });
                            });
                        }
                    });
                    o.text("status", status);
                    let notes = match &advisory.standing {
                        Standing::NotAffected { justification } => {
                            if let Some(justification) = justification {
                                o.text("justification", justification.as_str());
                            }
                            o.text("impact_statement", text::impact(advisory));
                            text::holds(advisory)
                        }
                        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix => {
                            o.text("action_statement", &text::action(advisory));
                            text::holds(advisory)
                        }
                        _ => text::join(&text::holds(advisory), &advisory.statement),
                    };
                    o.text("status_notes", &notes);
                });
            }
        });
    }))
}
