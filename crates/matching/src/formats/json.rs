//! One JSON object: the inventory, the knowledge, the counts, the blind spot and all findings.

use std::collections::BTreeMap;
use std::io::Write;

use seaworthy_inventory::{Image, Origin, Problem};
use seaworthy_model::{Digest, Status};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::report::{Report, SEVERITIES, rank, severity_word};
use crate::{BlindSpot, CannotTell, Finding, LeftOut};

/// The version of the schema. It rises when a member goes or changes its meaning, not when one is added.
const SCHEMA_VERSION: u32 = 1;

#[derive(serde::Serialize)]
struct Document<'a> {
    schema_version: u32,
    title: &'a str,
    engine: &'a str,
    knowledge: Digest,
    inventory: Digest,
    origin: &'a Origin,
    date: Option<&'a str>,
    image: Option<&'a Image>,
    packages: usize,
    judged: u64,
    counts: Counts,
    blind_spot: &'a BlindSpot,
    problems: &'a [Problem],
    #[serde(skip_serializing_if = "<[LeftOut]>::is_empty")]
    left_out: &'a [LeftOut],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cannot_tell: Vec<CannotTell>,
    findings: Vec<&'a Finding>,
}

/// The number of findings by status, in all and by severity; all keys are always present.
struct Counts(BTreeMap<Status, [usize; SEVERITIES.len()]>);

impl Counts {
    fn of(findings: &[Finding]) -> Self {
        let mut counts: BTreeMap<_, _> = Status::ALL.into_iter().map(|s| (s, [0; SEVERITIES.len()])).collect();
        for finding in findings {
            if let Some(n) = counts.get_mut(&finding.status).and_then(|c| c.get_mut(rank(finding.severity))) {
                *n += 1;
            }
        }
        Self(counts)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("status", &InOrder(self.0.iter().map(|(s, n)| (s.as_str(), n.iter().sum())).collect::<Vec<(_, usize)>>()))?;
        let by_severity: Vec<_> = self
            .0
            .iter()
            .map(|(status, n)| (status.as_str(), InOrder(SEVERITIES.iter().map(|s| severity_word(*s)).zip(n.iter().copied()).collect())))
            .collect();
        map.serialize_entry("severity", &InOrder(by_severity))?;
        map.end()
    }
}

/// A JSON object whose members keep their order.
struct InOrder<T>(Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for InOrder<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(k, v)| (k, v)))
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let (assessment, inventory) = (report.assessment, report.inventory);
    let document = Document {
        schema_version: SCHEMA_VERSION,
        title: &report.title,
        engine: assessment.engine,
        knowledge: assessment.knowledge,
        inventory: assessment.inventory,
        origin: &inventory.origin,
        date: inventory.date.as_deref(),
        image: inventory.image.as_ref(),
        packages: inventory.packages.len(),
        judged: assessment.judged,
        counts: Counts::of(&assessment.findings),
        blind_spot: &assessment.blind_spot,
        problems: &inventory.problems,
        left_out: report.left_out,
        cannot_tell: report.cannot_tell(),
        findings: report.listed().collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")?;
    Ok(())
}
