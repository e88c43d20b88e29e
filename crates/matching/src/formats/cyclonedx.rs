//! CycloneDX 1.6 with vulnerabilities: the source packages, and the analysis of each finding (VEX).
//!
//! <https://cyclonedx.org/docs/1.6/json/>. The document has no time of its own, so that the same assessment gives the same bytes.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use seaworthy_model::case::Justification;
use seaworthy_model::{CveId, Cvss, CvssVersion, DigestWriter, EvidenceKind, Evr, Rater, Says, Severity, Status, VexStatus, rpm_purl};
use serde::Serialize;

use super::report::{Report, cve_page, kind_word, percent};
use crate::Finding;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    tools: Tools,
    component: Subject<'a>,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Tools {
    components: [Program; 1],
}

#[derive(Serialize)]
struct Program {
    r#type: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Subject<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct Component<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    name: &'a str,
    version: String,
    purl: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    id: CveId,
    source: Source,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ratings: Vec<Rating<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    analysis: Analysis,
    affects: [Affects; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Rating<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Rated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'a str>,
}

#[derive(Serialize)]
struct Rated {
    name: &'static str,
}

#[derive(Serialize)]
struct Analysis {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<[&'static str; 1]>,
    detail: String,
}

#[derive(Serialize)]
struct Affects {
    r#ref: String,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

/// The references that are in use. They have to be unique in a document, and two packages may share name and version.
#[derive(Default)]
struct References(HashSet<String>);

impl References {
    fn unique(&mut self, wanted: String) -> String {
        let mut reference = wanted.clone();
        let mut n = 2;
        while !self.0.insert(reference.clone()) {
            reference = format!("{wanted}#{n}");
            n += 1;
        }
        reference
    }
}

fn rating(cvss: &Cvss) -> Rating<'_> {
    Rating {
        source: Some(Rated {
            name: match cvss.rater {
                Rater::Nvd => "NVD",
                Rater::Cna => "CNA",
                Rater::Cisa => "CISA",
            },
        }),
        score: Some(cvss.score),
        severity: cvss.severity().as_str(),
        method: Some(match cvss.version {
            CvssVersion::V2 => "CVSSv2",
            CvssVersion::V30 => "CVSSv3",
            CvssVersion::V31 => "CVSSv31",
            CvssVersion::V40 => "CVSSv4",
        }),
        vector: Some(cvss.vector.as_str()).filter(|v| !v.is_empty()),
    }
}

fn ratings(finding: &Finding) -> Vec<Rating<'_>> {
    match (&finding.cvss, finding.severity) {
        (Some(cvss), _) => vec![rating(cvss)],
        (None, Some(severity)) => {
            vec![Rating { source: None, score: None, severity: Severity::as_str(severity), method: None, vector: None }]
        }
        (None, None) => Vec::new(),
    }
}

/// The justification: that of the remark, or one for evidence of a kind for which CycloneDX has one. A recorded decision of the maintainers
/// is not: its text is in the detail.
fn justification(finding: &Finding) -> Option<&'static str> {
    if let Some(Says::NotAffected { justification }) = finding.remark.as_ref().map(|remark| &remark.says) {
        return justification.map(Justification::cyclonedx);
    }
    finding.evidence.iter().rev().find_map(|e| match e.kind {
        EvidenceKind::Decision => Some(None),
        EvidenceKind::Platform => Some(Some("requires_environment")),
        EvidenceKind::Components | EvidenceKind::Version | EvidenceKind::Branch => Some(Some("code_not_present")),
        _ => None,
    })?
}

/// The response of the distribution, where a remark says one.
fn response(finding: &Finding) -> Option<[&'static str; 1]> {
    match finding.remark.as_ref()?.says {
        Says::Fixed { .. } | Says::Deferred { .. } => Some(["update"]),
        Says::WillNotFix { .. } => Some(["will_not_fix"]),
        Says::NotAffected { .. } | Says::Ignored { .. } | Says::Affected | Says::UnderInvestigation => None,
    }
}

fn analysis(finding: &Finding) -> Analysis {
    let state = match finding.status {
        Status::Affected => VexStatus::Affected,
        Status::Suspected | Status::Undecided => VexStatus::UnderInvestigation,
        Status::Fixed => VexStatus::Fixed,
        Status::NotAffected => VexStatus::NotAffected,
    };
    let reasons: Vec<String> = finding.evidence.iter().map(|e| format!("{}: {}", kind_word(e.kind), e.detail)).collect();
    let justification = if finding.status == Status::NotAffected { justification(finding) } else { None };
    Analysis {
        state: state.cyclonedx(),
        justification,
        response: response(finding),
        detail: format!("{}. {}", finding.status.as_str().replace('_', " "), reasons.join("; ")),
    }
}

fn recommendation(finding: &Finding) -> Option<String> {
    match finding.remark.as_ref().map(|remark| &remark.says) {
        Some(Says::Fixed { version }) => Some(format!("Update to {} {version} or newer.", finding.package)),
        _ => finding.fixed_in.as_ref().map(|fixed| format!("Upstream fixed it in {fixed}.")),
    }
}

fn vulnerability<'a>(finding: &'a Finding, reference: String, unique: &mut References) -> Vulnerability<'a> {
    let mut properties = vec![Property { name: "seaworthy:status", value: finding.status.to_string() }];
    if let Some(day) = finding.exploited_since {
        properties.push(Property { name: "seaworthy:kev", value: day.to_string() });
    }
    if finding.epss.is_some() {
        properties.push(Property { name: "seaworthy:epss", value: percent(finding.epss) });
    }
    Vulnerability {
        bom_ref: unique.unique(format!("{}:{reference}", finding.cve)),
        id: finding.cve,
        source: Source { name: "NVD", url: cve_page(finding) },
        ratings: ratings(finding),
        recommendation: recommendation(finding),
        // The member is a time, the records say a day.
        published: Some(format!("{}T00:00:00Z", finding.published)),
        analysis: analysis(finding),
        affects: [Affects { r#ref: reference }],
        properties,
    }
}

/// The UUID of an assessment: version 8 of RFC 9562, which leaves its bits to the application; version 5 would require SHA-1.
fn serial_number(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let mut digest = DigestWriter::new();
    digest.field("seaworthy cyclonedx 1");
    digest.field(assessment.knowledge.as_bytes());
    digest.field(assessment.inventory.as_bytes());
    digest.field(assessment.engine);
    for finding in report.listed() {
        // The same digests give other findings for other options, such as an earlier day.
        digest.field(&finding.package);
        digest.update(&finding.cve.key().to_le_bytes());
        digest.field(finding.status.as_str());
        if let Some(remark) = &finding.remark {
            digest.field(remark.to_string());
        }
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finish().as_bytes()[..16]);
    let n = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | 8 << 76 | 0x2 << 62;
    let hex = format!("{n:032x}");
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let (assessment, inventory) = (report.assessment, report.inventory);
    let mut unique = References::default();
    unique.unique("scanned".into());
    let mut references: HashMap<(&str, &Evr), String> = HashMap::new();
    let mut components = Vec::with_capacity(inventory.packages.len());
    let add = |name: &str, evr: &Evr, found_in: &str, unique: &mut References| {
        let purl = rpm_purl(&report.vendor, name, &evr.to_string());
        let bom_ref = unique.unique(purl.clone());
        let properties =
            if found_in.is_empty() { Vec::new() } else { vec![Property { name: "seaworthy:found_in", value: found_in.to_owned() }] };
        (bom_ref, purl, properties)
    };
    for package in &inventory.packages {
        let (bom_ref, purl, properties) = add(&package.name, &package.evr, &package.found_in, &mut unique);
        let version = package.evr.to_string();
        references.entry((&package.name, &package.evr)).or_insert_with(|| bom_ref.clone());
        components.push(Component { r#type: "library", bom_ref, name: &package.name, version, purl, properties });
    }
    let mut vulnerabilities = Vec::with_capacity(assessment.findings.len());
    for finding in report.listed() {
        let key = (finding.package.as_str(), &finding.version);
        let reference = match references.get(&key) {
            Some(reference) => reference.clone(),
            None => {
                // Every reference has to lead to a component, even if the caller cut the inventory down.
                let (bom_ref, purl, properties) = add(&finding.package, &finding.version, "", &mut unique);
                components.push(Component {
                    r#type: "library",
                    bom_ref: bom_ref.clone(),
                    name: &finding.package,
                    version: finding.version.to_string(),
                    purl,
                    properties,
                });
                references.insert(key, bom_ref.clone());
                bom_ref
            }
        };
        vulnerabilities.push(vulnerability(finding, reference, &mut unique));
    }
    let bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial_number(report),
        version: 1,
        metadata: Metadata {
            tools: Tools { components: [Program { r#type: "application", name: "Seaworthy", version: env!("CARGO_PKG_VERSION") }] },
            component: Subject {
                r#type: "operating-system",
                bom_ref: "scanned",
                name: &report.title,
                version: inventory.image.as_ref().map(|i| i.version.as_str()).or(inventory.date.as_deref()),
            },
            properties: [
                Property { name: "seaworthy:knowledge", value: assessment.knowledge.to_string() },
                Property { name: "seaworthy:inventory", value: assessment.inventory.to_string() },
                Property { name: "seaworthy:engine", value: assessment.engine.to_owned() },
            ]
            .into_iter()
            .chain(report.left_out.iter().map(|cause| Property { name: "seaworthy:left_out", value: cause.to_string() }))
            .chain(report.cannot_tell().iter().map(|reason| Property { name: "seaworthy:cannot_tell", value: reason.to_string() }))
            .collect(),
        },
        components,
        vulnerabilities,
    };
    serde_json::to_writer_pretty(&mut *out, &bom)?;
    out.write_all(b"\n")?;
    Ok(())
}
