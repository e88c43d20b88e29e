//! CycloneDX 1.6 (<https://cyclonedx.org/docs/1.6/json/>): one VEX document of the whole release line.

use std::collections::BTreeSet;

use seaworthy_model::{CvssVersion, Rater, ReferenceKind, VexStatus, hex, rpm_vers};
use sha2::{Digest, Sha256};

use super::write::{List, Object, document};
use super::{TOOL, TOOL_VERSION, cvss, paths, text};
use crate::advisory::links;
use crate::{Advisory, Edition, Standing};

/// The document: the release line, the source packages of its advisories, and a vulnerability for each advisory. Its serial number does not
/// change, and its version is the number of revisions of all advisories.
#[must_use]
pub fn vex(edition: &Edition) -> Vec<u8> {
    let distribution = &edition.distribution;
    let line = format!("{}-{}", distribution.vendor, distribution.line);
    let reference = |package: &str| distribution.purl(package, "");
    let packages: BTreeSet<&str> = edition.advisories.iter().map(|a| a.package.as_str()).collect();
    document(|o| {
        o.text("bomFormat", "CycloneDX").text("specVersion", "1.6").text("serialNumber", &serial(edition));
        o.bare("version", edition.advisories.iter().map(|a| a.revisions.len()).sum::<usize>().max(1));
        o.object("metadata", |o| {
            o.shown("timestamp", edition.at);
            o.object("tools", |o| {
                o.list("components", |l| {
                    l.object(|o| {
                        o.text("type", "application").text("name", TOOL).text("version", TOOL_VERSION);
                    });
                });
            });
            o.object("component", |o| {
                o.text("type", "operating-system").text("bom-ref", &line);
                o.text("name", &distribution.name).text("version", &distribution.line).some_text("cpe", &distribution.cpe);
            });
            o.object("supplier", |o| {
                o.text("name", &distribution.name).texts("url", [&distribution.site]);
            });
        });
        o.list("components", |l| {
            for package in packages {
                let purl = reference(package);
                l.object(|o| {
                    o.text("type", "library").text("bom-ref", &purl).text("name", package).text("purl", &purl);
                });
            }
        });
        o.list("vulnerabilities", |l| {
            for advisory in &edition.advisories {
                l.object(|o| vulnerability(o, edition, advisory, &reference(&advisory.package)));
            }
        });
    })
}

/// The UUID of the release line (RFC 9562, version 8, from a digest).
fn serial(edition: &Edition) -> String {
    let digest = Sha256::digest(format!("{}\n{}\ncyclonedx-vex", edition.distribution.site, edition.distribution.line));
    let digits = hex(&digest);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn vulnerability(o: &mut Object<'_>, edition: &Edition, advisory: &Advisory, reference: &str) {
    o.text("bom-ref", &advisory.id).shown("id", advisory.cve);
    o.object("source", |o| {
        o.text("name", "NVD").text("url", &paths::nvd(advisory.cve));
    });
    if advisory.severity.is_some() || advisory.score.is_some() {
        o.list("ratings", |l| ratings(l, edition, advisory));
    }
    let weaknesses = || advisory.weaknesses.iter().filter_map(|w| w.strip_prefix("CWE-")?.parse::<u32>().ok()).filter(|n| *n > 0);
    if weaknesses().next().is_some() {
        o.list("cwes", |l| weaknesses().for_each(|number| l.bare(number)));
    }
    o.some_text("description", advisory.description.trim());
    if let Some(version) = advisory.fixed() {
        o.text("recommendation", &format!("Update to {} {version} or newer.", advisory.package));
    }
    o.list("advisories", |l| {
        l.object(|o| {
            o.text("title", &advisory.id).text("url", &paths::url(edition, &paths::advisory_page(advisory)));
        });
        for link in links([advisory]).into_iter().filter(|link| link.kinds.contains(&ReferenceKind::Advisory)) {
            l.object(|o| {
                o.text("url", &link.url);
            });
        }
    });
    o.shown("published", advisory.issued()).shown("updated", advisory.updated());
    if advisory.standing == Standing::Withdrawn {
        o.shown("rejected", advisory.updated());
    }
    o.object("analysis", |o| analysis(o, advisory));
    o.list("affects", |l| {
        l.object(|o| {
            o.text("ref", reference);
            let mut ranges: Vec<(String, &str)> = Vec::with_capacity(2);
            match &advisory.standing {
                Standing::Fixed { version, or_before } => {
                    let version = version.to_string();
                    ranges.push((rpm_vers("<", &version), if *or_before { "unknown" } else { "affected" }));
                    ranges.push((rpm_vers(">=", &version), "unaffected"));
                }
                // What the world can get decides: a fix that waits for delivery ends no range.
                Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => {
                    ranges.push(("vers:rpm/*".into(), "affected"));
                }
                Standing::UnderInvestigation => ranges.push(("vers:rpm/*".into(), "unknown")),
                Standing::NotAffected { .. } | Standing::Withdrawn => ranges.push(("vers:rpm/*".into(), "unaffected")),
            }
            o.list("versions", |l| {
                for (range, status) in &ranges {
                    l.object(|o| {
                        o.text("range", range).text("status", status);
                    });
                }
            });
        });
    });
}

/// The distribution's own rating, and the CVSS rating that is shown.
fn ratings(l: &mut List<'_>, edition: &Edition, advisory: &Advisory) {
    if let Some(score) = &advisory.score {
        l.object(|o| {
            let rater = match score.rater {
                Rater::Nvd => "NVD",
                Rater::Cna => "CNA",
                Rater::Cisa => "CISA",
            };
            o.object("source", |o| {
                o.text("name", rater);
            });
            o.bare("score", format_args!("{:.1}", score.score)).text("severity", score.severity().as_str());
            let method = match score.version {
                CvssVersion::V2 => "CVSSv2",
                CvssVersion::V30 => "CVSSv3",
                CvssVersion::V31 => "CVSSv31",
                CvssVersion::V40 => "CVSSv4",
            };
            o.text("method", method);
            if cvss::is_vector(score) {
                o.text("vector", &score.vector);
            }
        });
    }
    if let Some(severity) = advisory.severity {
        l.object(|o| {
            o.object("source", |o| {
                o.text("name", &edition.distribution.name);
            });
            o.text("severity", severity.as_str()).text("method", "other");
        });
    }
}

fn analysis(o: &mut Object<'_>, advisory: &Advisory) {
    let state = advisory.standing.vex().map_or("false_positive", VexStatus::cyclonedx);
    let response = match advisory.standing {
        Standing::Affected | Standing::Deferred { .. } | Standing::Fixed { .. } => Some("update"),
        Standing::WillNotFix | Standing::NotShipped => Some("will_not_fix"),
        Standing::UnderInvestigation | Standing::NotAffected { .. } | Standing::Withdrawn => None,
    };
    o.text("state", state);
    if let Standing::NotAffected { justification: Some(justification) } = advisory.standing {
        o.text("justification", justification.cyclonedx());
    }
    if let Some(response) = response {
        o.texts("response", [response]);
    }
    let detail = match advisory.standing {
        Standing::NotAffected { .. } => text::impact(advisory).to_owned(),
        _ => text::join(&text::holds(advisory), &advisory.statement),
    };
    o.text("detail", &detail).shown("firstIssued", advisory.issued()).shown("lastUpdated", advisory.updated());
}
