//! All facts of the advisories as plain JSON of our own, for programs that want them without a format of others.
//!
//! Version 1. Every key is always there unless it says "where". Times are RFC 3339 in UTC, versions are EPOCH:VERSION-RELEASE with
//! an epoch of 0 left out. New keys may come within a version; what a key means stays.
//!
//! | key | meaning |
//! | --- | --- |
//! | `version` | 1 |
//! | `id`, `cve`, `package` | the advisory's id, the CVE, the source package |
//! | `purl` | the purl of the source package, whatever its version |
//! | `binaries` | the binary packages that are built from it; empty where nobody knows |
//! | `looked_at` | the version that was looked at last, where it is known and has no fix that is still to be delivered |
//! | `standing` | `under_investigation`, `affected`, `deferred`, `will_not_fix`, `not_shipped`, `not_affected`, `fixed` or `withdrawn` |
//! | `until` | where deferred: until when, if a time was given |
//! | `justification` | where not affected: why, in the words of VEX, if it was recorded |
//! | `fixed` | where fixed: the first version of the source package that has the fix, where it is known |
//! | `fixed_by` | where fixed without a first version that is known: a version that has the fix, as earlier ones may |
//! | `ready` | where a fix is ready and no machine can get it yet: `version`, the first version that has it, where it is known |
//! | `statement`, `description` | the words of whoever decided; the record's own |
//! | `severity` | `none`, `low`, `medium`, `high` or `critical`, where somebody rated it |
//! | `cvss` | where there is a rating: `version`, `score`, `vector` (may be empty), `rater` (`nvd`, `cna`, `cisa`) |
//! | `weaknesses` | the CWE ids of the record |
//! | `references` | the references of the record, those that help to act first: `url`, and `kinds` (`patch`, `advisory`, `mitigation`, ...) |
//! | `exploited_since` | where it is known to be exploited: since which day |
//! | `deliveries` | where the fix has arrived, oldest first: `at`, `version`, and `repository` (a channel), `image` or `earlier` |
//! | `earlier` | of a delivery, `true` where it was before the line's cases were kept: `at` is the day of the fix, `version` has it |
//! | `due` | where a fix is promised: until when |
//! | `issued`, `updated` | the times of the first and the last revision |
//! | `revisions` | `number`, `at`, `summary`, the oldest first |

use seaworthy_model::{CvssVersion, Rater};

use super::paths;
use super::write::{Object, document as whole};
use crate::advisory::links;
use crate::{Advisory, Edition, Place, Standing};

/// The version of these documents.
const VERSION: u32 = 1;

/// The document of an advisory.
#[must_use]
pub fn document(edition: &Edition, advisory: &Advisory) -> Vec<u8> {
    whole(|o| {
        o.bare("version", VERSION);
        facts(o, edition, advisory);
        o.texts("binaries", &advisory.binaries);
        if let Some(version) = &advisory.version {
            o.text("looked_at", &version.to_string());
        }
        if advisory.ready.is_some() {
            o.object("ready", |o| {
                if let Some(version) = advisory.ready_in() {
                    o.text("version", &version.to_string());
                }
            });
        }
        if let Standing::Deferred { until: Some(until) } = advisory.standing {
            o.shown("until", until);
        }
        if let Standing::NotAffected { justification: Some(justification) } = advisory.standing {
            o.text("justification", justification.as_str());
        }
        o.text("statement", &advisory.statement).text("description", &advisory.description);
        if let Some(score) = &advisory.score {
            o.object("cvss", |o| {
                let version = match score.version {
                    CvssVersion::V2 => "2.0",
                    CvssVersion::V30 => "3.0",
                    CvssVersion::V31 => "3.1",
                    CvssVersion::V40 => "4.0",
                };
                let rater = match score.rater {
                    Rater::Nvd => "nvd",
                    Rater::Cna => "cna",
                    Rater::Cisa => "cisa",
                };
                o.text("version", version).bare("score", format_args!("{:.1}", score.score));
                o.text("vector", &score.vector).text("rater", rater);
            });
        }
        o.texts("weaknesses", &advisory.weaknesses);
        o.list("references", |l| {
            for link in links([advisory]) {
                l.object(|o| {
                    o.text("url", &link.url).texts("kinds", link.kinds.iter().map(|kind| kind.as_str()));
                });
            }
        });
        if let Some(since) = &advisory.exploited_since {
            o.text("exploited_since", since);
        }
        o.list("deliveries", |l| {
            for delivery in &advisory.deliveries {
                l.object(|o| {
                    o.shown("at", delivery.at).text("version", &delivery.version.to_string());
                    match &delivery.place {
                        Place::Repository(channel) => o.text("repository", channel),
                        Place::Image(version) => o.text("image", version),
                        Place::Earlier => o.bare("earlier", true),
                    };
                });
            }
        });
        o.list("revisions", |l| {
            for revision in &advisory.revisions {
                l.object(|o| {
                    o.bare("number", revision.number).shown("at", revision.at).text("summary", &revision.summary);
                });
            }
        });
    })
}

/// Writes the keys that the document of an advisory and the list of all have in common.
fn facts(o: &mut Object<'_>, edition: &Edition, advisory: &Advisory) {
    o.text("id", &advisory.id).shown("cve", advisory.cve).text("package", &advisory.package);
    o.text("purl", &edition.distribution.purl(&advisory.package, ""));
    o.text("standing", advisory.standing.as_str());
    if let Some(version) = advisory.fixed() {
        // Readers take `fixed` as the first one.
        o.text(if advisory.first_fixed().is_some() { "fixed" } else { "fixed_by" }, &version.to_string());
    }
    if let Some(severity) = advisory.severity {
        o.text("severity", severity.as_str());
    }
    if let Some(due) = advisory.due {
        o.shown("due", due);
    }
    o.shown("issued", advisory.issued()).shown("updated", advisory.updated());
}

/// All advisories in one list: `version`; `distribution` (`name`, `vendor`, `line`); `updated`, the time of the edition; and
/// `advisories`, each with `id`, `cve`, `package`, `purl`, `standing`, `fixed`, `fixed_by`, `severity`, `due`, `issued`, `updated` as
/// above, and `url`, the address of its own document.
#[must_use]
pub fn index(edition: &Edition) -> Vec<u8> {
    whole(|o| {
        o.bare("version", VERSION);
        o.object("distribution", |o| {
            let distribution = &edition.distribution;
            o.text("name", &distribution.name).text("vendor", &distribution.vendor).text("line", &distribution.line);
        });
        o.shown("updated", edition.at);
        o.list("advisories", |l| {
            for advisory in &edition.advisories {
                l.object(|o| {
                    facts(o, edition, advisory);
                    o.text("url", &paths::url(edition, &paths::json(advisory)));
                });
            }
        });
    })
}
