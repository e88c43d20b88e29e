//! `sla`: which deadlines were kept, which are broken, and which will be.

use std::fmt::Write as _;

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_ledger::Sight;
use seaworthy_model::case::{Case, CaseKey, Stage};
use seaworthy_pipeline::{Report, report};
use seaworthy_triage::{Outcome, deadlines};
use serde::Serialize;

use crate::args::{Arguments, SlaArgs};
use crate::config::Config;
use crate::{cases, clock, ledger};

const SEVERITIES: [&str; 6] = ["critical", "high", "medium", "low", "unrated", "all"];

/// A deadline that is broken or will be.
#[derive(Serialize)]
struct Late<'a> {
    #[serde(flatten)]
    key: &'a CaseKey,
    stage: Stage,
    due: Timestamp,
    expected: Option<Timestamp>,
    outcome: Outcome,
}

pub(crate) fn run(arguments: &Arguments, args: &SlaArgs) -> anyhow::Result<u8> {
    let config = Config::read(&arguments.home)?;
    let policy = cases::policy(&arguments.home)?;
    let now = args.at.unwrap_or_else(clock::timestamp);
    // A look into the future discloses nothing.
    let sight = if args.embargoed { Sight::All } else { Sight::DisclosedAt(clock::timestamp()) };
    let cases = cases::load(&mut ledger::open(arguments, &config)?, args.line.as_deref(), sight)?;
    let first = cases.values().map(|c| c.opened).min().unwrap_or(now);
    let report = report(cases.values(), &policy, first, now);
    let mut late: Vec<Late<'_>> = cases.values().flat_map(|case| overdue(case, &policy, now)).collect();
    late.sort_by(|a, b| (a.outcome, a.due, a.key).cmp(&(b.outcome, b.due, b.key)));
    if let Some(path) = &args.svg {
        std::fs::write(path, chart(&report)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        say!("{}", serde_json::to_string_pretty(&serde_json::json!({ "report": report, "late": late }))?);
        return Ok(0);
    }
    table(&report);
    let (breached, foretold): (Vec<_>, Vec<_>) = late.iter().partition(|l| l.outcome == Outcome::Breached);
    for (title, rows) in [("Broken and still open", breached), ("Cannot be kept as things stand", foretold)] {
        say!("\n{title}: {}", rows.len());
        for late in rows.iter().take(args.limit) {
            let expected = late.expected.map(|e| format!(", possible {e}")).unwrap_or_default();
            say!("  {:<10} due {}{expected}  {} in {}", late.stage.as_str(), late.due, late.key.cve, late.key.package);
        }
        if rows.len() > args.limit {
            say!("  and {} more (--limit shows more)", rows.len() - args.limit);
        }
    }
    Ok(0)
}

fn overdue<'a>(case: &'a Case, policy: &seaworthy_triage::Policy, now: Timestamp) -> Vec<Late<'a>> {
    let of = deadlines(case, policy, now).into_iter().filter(|d| matches!(d.outcome, Outcome::Breached | Outcome::Forecast));
    of.map(|d| Late { key: &case.key, stage: d.stage, due: d.due, expected: d.expected, outcome: d.outcome }).collect()
}

/// The table of a report, by severity and stage.
pub(crate) fn table(report: &Report) {
    say!("{:<9} {:>6} {:>6}   {}", "", "cases", "open", Stage::ALL.map(|s| format!("{:^26}", s.as_str())).join(" "));
    say!("{:<9} {:>6} {:>6}   {}", "", "", "", ["  kept   late broken   open"; 4].join(" "));
    for name in SEVERITIES {
        let Some(line) = report.severities.get(name) else { continue };
        let cells = Stage::ALL.map(|stage| match line.deadlines.get(&stage) {
            Some(k) => format!("{:>6} {:>6} {:>6} {:>5}", k.met, k.late, k.breached, k.running),
            None => format!("{:>26}", ""),
        });
        say!("{name:<9} {:>6} {:>6}   {}", line.opened, line.open, cells.join(" ").trim_end());
    }
}

/// Deadlines kept, by severity and stage, as bars.
fn chart(report: &Report) -> String {
    const COLOURS: [(&str, &str); 4] = [("kept", "#2e7d32"), ("late", "#f9a825"), ("broken", "#c62828"), ("open", "#90a4ae")];
    const WIDTH: f64 = 420.0;
    let rows: Vec<(String, [u64; 4])> = SEVERITIES
        .iter()
        .filter_map(|name| Some((name, report.severities.get(*name)?)))
        .flat_map(|(name, line)| {
            line.deadlines.iter().map(move |(stage, k)| (format!("{name}, {stage}"), [k.met, k.late, k.breached, k.running]))
        })
        .collect();
    let height = 70 + rows.len() * 24;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 {height}\" width=\"660\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"660\" height=\"{height}\" fill=\"#ffffff\"/>\n<text x=\"12\" y=\"22\" font-size=\"15\" fill=\"#212121\">Deadlines as of {}</text>\n",
        report.to
    );
    for (i, (word, colour)) in COLOURS.iter().enumerate() {
        let x = 150 + i * 90;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"34\" width=\"12\" height=\"12\" fill=\"{colour}\"/><text x=\"{}\" y=\"45\" fill=\"#212121\">{word}</text>",
            x + 17
        );
    }
    for (i, (name, counts)) in rows.iter().enumerate() {
        let y = 60 + i * 24;
        let all: u64 = counts.iter().sum();
        let _ = writeln!(out, "<text x=\"140\" y=\"{}\" text-anchor=\"end\" fill=\"#212121\">{name}</text>", y + 13);
        let mut x = 150.0;
        for (count, (word, colour)) in counts.iter().zip(COLOURS) {
            let width = *count as f64 / all.max(1) as f64 * WIDTH;
            if *count > 0 {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"18\" fill=\"{colour}\"><title>{count} {word}</title></rect>"
                );
            }
            x += width;
        }
        let _ = writeln!(out, "<text x=\"580\" y=\"{}\" fill=\"#212121\">{all}</text>", y + 13);
    }
    out.push_str("</svg>\n");
    out
}
