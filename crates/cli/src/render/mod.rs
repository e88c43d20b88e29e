//! How a scan is shown: for a terminal, for programs, for CI and for a browser.
//!
//! Every format is a pure function of the [`Report`]: the same report gives the same bytes.

mod cyclonedx;
mod html;
mod json;
mod jsonl;
mod sarif;
mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::io::Write;

use seaworthy_inventory::{Inventory, SourcePackage};
use seaworthy_matching::{Assessment, Finding};
use seaworthy_model::{Basis, EvidenceKind, Severity, Status};

/// How to write a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal.
    Table,
    /// One finding a line.
    Jsonl,
    /// One JSON object with counts, blind spot and findings.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// CycloneDX 1.6 with vulnerabilities (VEX).
    Cyclonedx,
    /// One self-contained page.
    Html,
}

/// What is written.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    /// What was concluded.
    pub(crate) assessment: &'a Assessment,
    /// Of what.
    pub(crate) inventory: &'a Inventory,
    /// How a table looks.
    pub(crate) style: Style,
    /// The time of writing (RFC 3339), used only where a format demands one.
    pub(crate) generated: String,
    /// The heading.
    pub(crate) title: String,
}

/// How a table looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether severities are coloured.
    pub(crate) colour: bool,
    /// The terminal's width in columns.
    pub(crate) width: Option<usize>,
}

/// Writes a report.
///
/// # Errors
///
/// When `out` cannot be written.
pub(crate) fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    // The formats write piece by piece; not every caller's writer is buffered.
    let mut out = std::io::BufWriter::with_capacity(1 << 16, out);
    match format {
        Format::Table => table::write(report, &mut out)?,
        Format::Jsonl => jsonl::write(report, &mut out)?,
        Format::Json => json::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, &mut out)?,
        Format::Cyclonedx => cyclonedx::write(report, &mut out)?,
        Format::Html => html::write(report, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// The severities in the order of urgency: a rating that nobody gave may be any, so it stands before a rated `none`.
const SEVERITIES: [Option<Severity>; 6] =
    [Some(Severity::Critical), Some(Severity::High), Some(Severity::Medium), Some(Severity::Low), None, Some(Severity::None)];

fn rank(severity: Option<Severity>) -> usize {
    SEVERITIES.iter().position(|s| *s == severity).unwrap_or(SEVERITIES.len())
}

fn severity_word(severity: Option<Severity>) -> &'static str {
    severity.map_or("unknown", Severity::as_str)
}

/// Known exploited ones first, then the worst, then the likeliest to be exploited.
fn by_urgency(a: &Finding, b: &Finding) -> Ordering {
    let key = |f: &Finding| (Reverse(f.exploited_since.is_some()), rank(f.severity));
    key(a)
        .cmp(&key(b))
        .then_with(|| b.epss.unwrap_or(-1.0).total_cmp(&a.epss.unwrap_or(-1.0)))
        .then_with(|| (&a.package, a.cve, &a.version).cmp(&(&b.package, b.cve, &b.version)))
}

/// The findings of a status, the most urgent first.
fn findings_of(assessment: &Assessment, status: Status) -> Vec<&Finding> {
    let mut found: Vec<&Finding> = assessment.findings.iter().filter(|f| f.status == status).collect();
    found.sort_by(|a, b| by_urgency(a, b));
    found
}

/// Suspected findings of one source package.
struct Group<'a> {
    package: &'a str,
    version: &'a str,
    /// The most urgent first.
    findings: Vec<&'a Finding>,
}

impl Group<'_> {
    fn exploited(&self) -> usize {
        self.findings.iter().filter(|f| f.exploited_since.is_some()).count()
    }

    fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).min_by_key(|s| rank(*s)).flatten()
    }

    fn epss(&self) -> Option<f32> {
        self.findings.iter().filter_map(|f| f.epss).max_by(f32::total_cmp)
    }
}

/// Findings by package, the package with the most urgent one first, then the one with the most.
fn grouped<'a>(findings: &[&'a Finding]) -> Vec<Group<'a>> {
    let mut index: HashMap<(&str, &str), usize> = HashMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for finding in findings {
        let at = *index.entry((&finding.package, &finding.version)).or_insert_with(|| {
            groups.push(Group { package: &finding.package, version: &finding.version, findings: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.findings.push(finding);
        }
    }
    groups.sort_by_key(|g| (Reverse(g.exploited() > 0), rank(g.worst()), Reverse(g.findings.len()), g.package, g.version));
    groups
}

/// How many findings there are of each status.
fn count(assessment: &Assessment, status: Status) -> usize {
    assessment.findings.iter().filter(|f| f.status == status).count()
}

fn decides(kind: EvidenceKind) -> bool {
    matches!(
        kind,
        EvidenceKind::Version
            | EvidenceKind::Platform
            | EvidenceKind::Branch
            | EvidenceKind::Patch
            | EvidenceKind::Changelog
            | EvidenceKind::Decision
            | EvidenceKind::Record
    )
}

/// The reason in a few words: what decided, without the name of its source, and what ties the package to the record.
fn why(finding: &Finding) -> String {
    let tie = finding.evidence.iter().filter(|e| !decides(e.kind)).min_by_key(|e| e.kind);
    let Some(decided) = finding.evidence.iter().rfind(|e| decides(e.kind)) else {
        return tie.map_or_else(|| "no reason is recorded".to_owned(), |t| t.detail.clone());
    };
    // The row has the package's own version already; a component's is said, since nothing else shows it.
    let detail = match &finding.verdict {
        Some(verdict) => match (&verdict.basis, verdict.version.as_deref()) {
            (Basis::InRange(range), Some(version)) if version != upstream(&finding.version) => {
                format!("contains {version}, affects {range}")
            }
            (Basis::InRange(range), _) => format!("affects {range}"),
            _ => verdict.reason().to_string(),
        },
        None => decided.detail.clone(),
    };
    match tie.map(|t| kind_word(t.kind)) {
        Some(word) => format!("{detail} (by {word})"),
        None => detail,
    }
}

/// The upstream part of `EPOCH:VERSION-RELEASE`.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, v)| v);
    version.rsplit_once('-').map_or(version, |(v, _)| v)
}

fn kind_word(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Mapping => "mapping",
        EvidenceKind::Identity => "identity",
        EvidenceKind::Home => "home",
        EvidenceKind::Precedent => "precedent",
        EvidenceKind::Cohort => "cohort",
        EvidenceKind::Name => "name",
        EvidenceKind::Version => "version",
        EvidenceKind::Platform => "platform",
        EvidenceKind::Branch => "branch",
        EvidenceKind::Patch => "patch",
        EvidenceKind::Changelog => "changelog",
        EvidenceKind::Decision => "decision",
        EvidenceKind::Record => "record",
    }
}

/// A probability in words; `0.0%` would say that exploitation is ruled out.
fn percent(epss: Option<f32>) -> String {
    match epss {
        None => String::new(),
        Some(p) if p < 0.001 => "<0.1%".to_owned(),
        Some(p) => format!("{:.1}%", p * 100.0),
    }
}

pub(crate) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n as u64), if n == 1 { one } else { many })
}

/// `12 345` reads as 12,345.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The blind spot in a sentence.
fn blind_spot(report: &Report<'_>) -> String {
    let spot = &report.assessment.blind_spot;
    let share = if spot.records == 0 { 0.0 } else { spot.records_without_products as f64 * 100.0 / spot.records as f64 };
    format!(
        "{} of {} records ({share:.1}%) name no product in any source, and {} of {} packages are tied to no product: of these nothing is said.",
        thousands(spot.records_without_products),
        thousands(spot.records),
        thousands(spot.packages_without_product),
        thousands(report.inventory.packages.len() as u64)
    )
}

/// What an empty list of affected ones means.
fn nothing_affected(report: &Report<'_>) -> String {
    let packages = plural(report.inventory.packages.len(), "source package", "source packages");
    format!("No known vulnerability affects the {packages}; {} were judged.", plural(report.assessment.judged as usize, "pair", "pairs"))
}

/// Text from outside without what would steer a terminal or reorder a line: control characters, marks of direction and
/// characters without width.
fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\n' | '\t' | '\r' => ' ',
                c if is_unsafe(c) => '\u{fffd}',
                c => c,
            })
            .collect(),
    )
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The packages of the inventory by name and version as findings write them.
fn packages(inventory: &Inventory) -> HashMap<(&str, String), &SourcePackage> {
    let mut found = HashMap::with_capacity(inventory.packages.len());
    for package in &inventory.packages {
        found.entry((package.name.as_str(), package.evr.to_string())).or_insert(package);
    }
    found
}

/// Percent-encodes all but unreserved characters and those of `keep`.
fn percent_encode(text: &str, keep: &[u8]) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The page about a CVE.
fn cve_page(finding: &Finding) -> String {
    format!("https://nvd.nist.gov/vuln/detail/{}", finding.cve)
}
