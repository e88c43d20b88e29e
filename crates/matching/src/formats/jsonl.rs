//! JSON lines: one finding a line, each with the digests of the knowledge and the inventory that it came from.

use std::io::Write;

use seaworthy_model::{CveId, Cvss, Day, Evidence, Evr, Remark, Severity, Status};
use serde::Serialize;

use super::report::Report;

/// The version of the schema. It rises when a member goes or changes its meaning, not when one is added.
const SCHEMA_VERSION: u32 = 1;

/// A line: flat and borrowed, since a release has tens of thousands of them (`#[serde(flatten)]` would buffer each one).
#[derive(Serialize)]
struct Line<'a, K: Serialize> {
    schema_version: u32,
    package: &'a str,
    cve: CveId,
    status: Status,
    version: &'a Evr,
    severity: Option<Severity>,
    cvss: Option<&'a Cvss>,
    exploited_since: Option<Day>,
    epss: Option<f32>,
    product: Option<&'a str>,
    fixed_in: Option<&'a str>,
    published: Day,
    decided_by: Option<K>,
    evidence: &'a [Evidence],
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'a Remark>,
    knowledge: &'a str,
    inventory: &'a str,
    engine: &'a str,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let assessment = report.assessment;
    // Hexadecimal digests are made once, not once a line.
    let (knowledge, inventory) = (assessment.knowledge.to_string(), assessment.inventory.to_string());
    let mut line = Vec::with_capacity(2048);
    for f in report.listed() {
        line.clear();
        let row = Line {
            schema_version: SCHEMA_VERSION,
            package: &f.package,
            cve: f.cve,
            status: f.status,
            version: &f.version,
            severity: f.severity,
            cvss: f.cvss.as_ref(),
            exploited_since: f.exploited_since,
            epss: f.epss,
            product: f.product.as_deref(),
            fixed_in: f.fixed_in.as_deref(),
            published: f.published,
            decided_by: f.decided_by,
            evidence: &f.evidence,
            remark: f.remark.as_ref(),
            knowledge: &knowledge,
            inventory: &inventory,
            engine: assessment.engine,
        };
        serde_json::to_writer(&mut line, &row)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}
