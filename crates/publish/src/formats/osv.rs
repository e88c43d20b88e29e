//! OSV 1.7 (<https://ossf.github.io/osv-schema/>): the affected packages, and the versions with the fix.
//!
//! OSV has only vulnerable packages. A package that is not affected, or not known to be, has no record; but where an advisory has changed,
//! readers may have an older record, and a record that is marked as withdrawn takes it back.
//!
//! The schema knows only the ecosystems and the id prefixes that are registered with OSV. For a distribution without an ecosystem there (an
//! empty name) the record has the form that the schema allows a private database: an id that begins with `x_`, and the package, its
//! versions and its purl in `database_specific`.

use seaworthy_model::{CvssVersion, Reference, ReferenceKind};

use super::write::{List, Object, document};
use super::{cvss, paths, text};
use crate::advisory::links;
use crate::{Advisory, Edition, Standing};

/// The version of the schema.
const SCHEMA: &str = "1.7.3";

/// The record of an advisory; `None` where OSV has none for its standing.
#[must_use]
pub fn record(edition: &Edition, advisory: &Advisory) -> Option<Vec<u8>> {
    if !has_record(advisory) {
        return None;
    }
    let affected = is_affected(advisory);
    let distribution = &edition.distribution;
    let private = distribution.ecosystem.is_empty();
    let score = advisory.score.as_ref().filter(|score| cvss::is_vector(score));
    Some(document(|o| {
        o.text("schema_version", SCHEMA).text("id", &id(edition, advisory));
        o.shown("modified", advisory.updated()).shown("published", advisory.issued());
        if !affected {
            o.shown("withdrawn", advisory.updated());
        }
        o.texts("upstream", [advisory.cve.to_string()]);
        o.text("summary", &text::title(distribution, advisory));
        let mut details = text::join(&text::holds(advisory), &advisory.statement);
        if !advisory.description.trim().is_empty() {
            details = format!("{}\n\n{details}", advisory.description.trim());
        }
        o.text("details", &details);
        if let Some(score) = score {
            o.list("severity", |l| {
                l.object(|o| {
                    let kind = match score.version {
                        CvssVersion::V2 => "CVSS_V2",
                        CvssVersion::V30 | CvssVersion::V31 => "CVSS_V3",
                        CvssVersion::V40 => "CVSS_V4",
                    };
                    o.text("type", kind).text("score", &score.vector);
                });
            });
        }
        if affected && !private {
            o.list("affected", |l| {
                l.object(|o| {
                    o.object("package", |o| {
                        o.text("ecosystem", &distribution.ecosystem).text("name", &advisory.package);
                        o.text("purl", &distribution.purl(&advisory.package, ""));
                    });
                    o.list("ranges", |l| {
                        l.object(|o| {
                            o.text("type", "ECOSYSTEM");
                            o.list("events", |l| events(l, advisory));
                        });
                    });
                    if !advisory.binaries.is_empty() {
                        o.object("ecosystem_specific", |o| {
                            o.texts("binaries", &advisory.binaries);
                        });
                    }
                });
            });
        }
        o.list("references", |l| {
            l.object(|o| {
                o.text("type", "ADVISORY").text("url", &paths::url(edition, &paths::advisory_page(advisory)));
            });
            l.object(|o| {
                o.text("type", "WEB").text("url", &paths::nvd(advisory.cve));
            });
            for link in links([advisory]) {
                l.object(|o| {
                    o.text("type", kind(&link)).text("url", &link.url);
                });
            }
        });
        o.object("database_specific", |o| specific(o, edition, advisory, private && affected));
    }))
}

/// The type of a reference: OSV has one for each, so that it is the kind that helps most to act. An advisory that tells of a patch is no
/// address of the patch itself.
fn kind(reference: &Reference) -> &'static str {
    match reference.kinds.as_slice() {
        [ReferenceKind::Patch, ReferenceKind::Advisory, ..] | [ReferenceKind::Advisory, ..] => "ADVISORY",
        [ReferenceKind::Patch, ..] => "FIX",
        [ReferenceKind::Exploit, ..] => "EVIDENCE",
        [ReferenceKind::Report, ..] => "REPORT",
        [ReferenceKind::Discussion, ..] => "DISCUSSION",
        [ReferenceKind::Article, ..] => "ARTICLE",
        [ReferenceKind::Mitigation | ReferenceKind::ReleaseNotes | ReferenceKind::Broken, ..] | [] => "WEB",
    }
}

fn is_affected(advisory: &Advisory) -> bool {
    match advisory.standing {
        // Which versions are affected is not known.
        Standing::Fixed { or_before, .. } => !or_before,
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => true,
        Standing::NotAffected { .. } | Standing::UnderInvestigation | Standing::Withdrawn => false,
    }
}

/// Whether an advisory has a record.
#[must_use]
pub fn has_record(advisory: &Advisory) -> bool {
    is_affected(advisory) || is_taken_back(advisory)
}

fn is_taken_back(advisory: &Advisory) -> bool {
    !is_affected(advisory) && (advisory.revisions.len() > 1 || advisory.standing == Standing::Withdrawn)
}

fn id(edition: &Edition, advisory: &Advisory) -> String {
    if edition.distribution.ecosystem.is_empty() { format!("x_{}", advisory.id) } else { advisory.id.clone() }
}

fn events(l: &mut List<'_>, advisory: &Advisory) {
    l.object(|o| {
        o.text("introduced", "0");
    });
    if let Some(version) = advisory.fixed() {
        l.object(|o| {
            o.text("fixed", &version.to_string());
        });
    }
}

/// Writes the facts that have no field in OSV.
fn specific(o: &mut Object<'_>, edition: &Edition, advisory: &Advisory, private: bool) {
    o.text("standing", advisory.standing.as_str());
    if let Some(severity) = advisory.severity {
        o.text("severity", severity.as_str());
    }
    if let Some(due) = advisory.due {
        o.shown("due", due);
    }
    if let Some(Some(day)) = text::exploited(advisory) {
        o.shown("exploited_since", day);
    }
    if private {
        o.object("package", |o| {
            o.text("name", &advisory.package).text("purl", &edition.distribution.purl(&advisory.package, ""));
        });
        o.list("events", |l| events(l, advisory));
    }
    o.text("csaf", &paths::url(edition, &paths::csaf(advisory)));
}

/// `modified_id.csv`: the time of the last change and the id of each record, the newest first. A program that follows it stops at the first
/// line that it knows.
#[must_use]
pub fn modified_ids(edition: &Edition) -> Vec<u8> {
    let mut rows: Vec<&Advisory> = edition.advisories.iter().filter(|a| is_affected(a) || is_taken_back(a)).collect();
    rows.sort_by_key(|a| std::cmp::Reverse(a.updated()));
    rows.iter().flat_map(|a| format!("{},{}\n", a.updated(), id(edition, a)).into_bytes()).collect()
}
