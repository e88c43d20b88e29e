//! SARIF 2.1.0: a rule for each CVE, a result for each affected or suspected finding.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;
use std::io::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use seaworthy_model::{CveId, Day, Digest, DigestWriter, Evidence, Evr, Remark, Severity, Status};
use serde::Serialize;

use super::report::{Report, clean, cve_page, packages, severity_word, why};
use crate::{CannotTell, Finding, LeftOut};

/// The characters that are encoded in the URI of a file: those that RFC 3986 does not allow in a path, and the colon, which would end a
/// scheme.
const IN_URI: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'@').remove(b'+').remove(b',').remove(b'=');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    automation_details: Automation,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
    properties: RunProperties<'a>,
}

#[derive(Serialize)]
struct Automation {
    id: String,
}

#[derive(Serialize)]
struct RunProperties<'a> {
    title: &'a str,
    engine: &'a str,
    knowledge: Digest,
    inventory: Digest,
    #[serde(rename = "leftOut", skip_serializing_if = "<[LeftOut]>::is_empty")]
    left_out: &'a [LeftOut],
    #[serde(rename = "cannotTell", skip_serializing_if = "Vec::is_empty")]
    cannot_tell: Vec<CannotTell>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: CveId,
    short_description: Text,
    help_uri: String,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct RuleProperties {
    /// The score as a string, from which GitHub takes the severity; a rule without one is shown by its level.
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security_severity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epss: Option<f32>,
    #[serde(rename = "exploitedSince", skip_serializing_if = "Option::is_none")]
    exploited_since: Option<Day>,
    published: Day,
    tags: Vec<&'static str>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: CveId,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Text,
    locations: [Location<'a>; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: OutcomeProperties<'a>,
}

/// The reason why a result is not raised (3.27.23): it was decided outside of the source.
#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

fn suppressions(finding: &Finding) -> Vec<Suppression> {
    let remark = finding.remark.as_ref().filter(|_| finding.is_accepted());
    let justification = remark.map(|remark| clean(&remark.to_string()).into_owned());
    justification.into_iter().map(|justification| Suppression { kind: "external", status: "accepted", justification }).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeProperties<'a> {
    package: &'a str,
    version: &'a Evr,
    status: Status,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in: Option<&'a str>,
    evidence: &'a [Evidence],
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'a Remark>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical,
    logical_locations: [Logical<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

#[derive(Serialize)]
struct Logical<'a> {
    name: &'a str,
    kind: &'static str,
}

/// The level and kind of a result. The standard (3.27.10) demands the level `none` of every kind but `fail`, so a
/// suspicion that a person has to review cannot be a `note`.
fn level(finding: &Finding) -> (&'static str, &'static str) {
    match (finding.status, finding.severity) {
        (Status::Affected, Some(Severity::Critical | Severity::High)) => ("fail", "error"),
        (Status::Affected, Some(Severity::Medium)) => ("fail", "warning"),
        (Status::Affected, _) => ("fail", "note"),
        _ => ("review", "none"),
    }
}

/// The fingerprint of an alert. It does not depend on the version, so that the next version of a package continues the alert.
fn fingerprint(finding: &Finding, found_in: &str) -> String {
    let mut digest = DigestWriter::new();
    digest.field("seaworthy package cve 1");
    digest.field(&finding.package);
    digest.field(finding.cve.to_string());
    digest.field(found_in);
    digest.finish().hex()
}

fn message(finding: &Finding) -> String {
    let verb = if finding.status == Status::Affected { "is affected by" } else { "may be affected by" };
    let mut text = format!("{} {} {verb} {} ({})", finding.package, finding.version, finding.cve, severity_word(finding.severity));
    if let Some(day) = &finding.exploited_since {
        text.push_str(&format!(", known to be exploited since {day}"));
    }
    text.push_str(&format!(": {}.", why(finding)));
    if let Some(fixed) = &finding.fixed_in {
        text.push_str(&format!(" Upstream fixed it in {fixed}."));
    }
    clean(&text).into_owned()
}

fn rule(finding: &Finding) -> Rule {
    let product = finding.product.as_deref().unwrap_or(&finding.package);
    let mut tags = vec!["security", "vulnerability"];
    if finding.exploited_since.is_some() {
        tags.push("known-exploited");
    }
    Rule {
        id: finding.cve,
        short_description: Text { text: format!("{} in {}", finding.cve, clean(product)) },
        help_uri: cve_page(finding),
        properties: RuleProperties {
            security_severity: finding.cvss.as_ref().map(|c| format!("{:.1}", c.score)),
            epss: finding.epss,
            exploited_since: finding.exploited_since,
            published: finding.published,
            tags,
        },
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let assessment = report.assessment;
    let packages = packages(report.inventory);
    let shown = || report.listed().filter(|f| matches!(f.status, Status::Affected | Status::Suspected));
    // A record is described as the affected packages know it, before those that are only suspected.
    let mut rules: BTreeMap<CveId, &Finding> = BTreeMap::new();
    for finding in shown() {
        let before = rules.entry(finding.cve).or_insert(finding);
        if finding.status < before.status {
            *before = finding;
        }
    }
    let index: BTreeMap<CveId, usize> = rules.keys().enumerate().map(|(i, cve)| (*cve, i)).collect();
    let results = shown()
        .map(|finding| {
            let found_in = packages.get(&(finding.package.as_str(), &finding.version)).map_or("", |p| p.found_in.as_str());
            let (kind, level) = level(finding);
            // An empty URI would name the log itself. Services look for a relative one from the root of the checkout.
            let file = if found_in.is_empty() { &finding.package } else { found_in };
            let uri = utf8_percent_encode(&format!("{}{file}", report.folder), IN_URI).to_string();
            Outcome {
                rule_id: finding.cve,
                rule_index: index.get(&finding.cve).copied().unwrap_or_default(),
                kind,
                level,
                message: Text { text: message(finding) },
                locations: [Location {
                    physical_location: Physical { artifact_location: Artifact { uri }, region: Region { start_line: 1 } },
                    logical_locations: [Logical { name: &finding.package, kind: "package" }],
                }],
                partial_fingerprints: BTreeMap::from([("packageCve/v1", fingerprint(finding, found_in))]),
                suppressions: suppressions(finding),
                properties: OutcomeProperties {
                    package: &finding.package,
                    version: &finding.version,
                    status: finding.status,
                    severity: severity_word(finding.severity),
                    product: finding.product.as_deref(),
                    fixed_in: finding.fixed_in.as_deref(),
                    evidence: &finding.evidence,
                    remark: finding.remark.as_ref(),
                },
            }
        })
        .collect();
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver { name: "Seaworthy", version: env!("CARGO_PKG_VERSION"), rules: rules.values().map(|f| rule(f)).collect() },
            },
            automation_details: Automation { id: format!("seaworthy/{}", assessment.inventory.short()) },
            column_kind: "unicodeCodePoints",
            results,
            properties: RunProperties {
                title: &report.title,
                engine: assessment.engine,
                knowledge: assessment.knowledge,
                inventory: assessment.inventory,
                left_out: report.left_out,
                cannot_tell: report.cannot_tell(),
            },
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")?;
    Ok(())
}
