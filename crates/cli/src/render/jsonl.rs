//! JSON: a line a finding, or one object.

use std::collections::BTreeMap;
use std::io::Write;

use seaworthy_inventory::Image;
use seaworthy_matching::{BlindSpot, Finding};
use seaworthy_model::{Digest, Status};
use serde::Serialize;

use super::Report;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    knowledge: &'a str,
    inventory: &'a str,
    engine: &'a str,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let assessment = report.assessment;
    let (knowledge, inventory) = (assessment.knowledge.to_string(), assessment.inventory.to_string());
    let mut line = Vec::with_capacity(1024);
    for finding in &assessment.findings {
        line.clear();
        serde_json::to_writer(&mut line, &Line { finding, knowledge: &knowledge, inventory: &inventory, engine: assessment.engine })?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Object<'a> {
    schema: &'static str,
    knowledge: Digest,
    inventory: Digest,
    engine: &'a str,
    title: &'a str,
    image: Option<&'a Image>,
    counts: BTreeMap<&'static str, usize>,
    judged: u64,
    blind_spot: &'a BlindSpot,
    findings: &'a [Finding],
}

pub(super) fn write_object(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let assessment = report.assessment;
    let object = Object {
        schema: "seaworthy scan 1",
        knowledge: assessment.knowledge,
        inventory: assessment.inventory,
        engine: assessment.engine,
        title: &report.title,
        image: report.inventory.image.as_ref(),
        counts: Status::ALL.iter().map(|s| (s.as_str(), assessment.findings.iter().filter(|f| f.status == *s).count())).collect(),
        judged: assessment.judged,
        blind_spot: &assessment.blind_spot,
        findings: &assessment.findings,
    };
    serde_json::to_writer_pretty(&mut *out, &object)?;
    out.write_all(b"\n")?;
    Ok(())
}
