//! The table of a scan for people at a terminal: affected packages, suspected ones, and the blind spot.

use std::io::Write;

use seaworthy_model::text::wrap;
use seaworthy_model::{Severity, Status};
use seaworthy_pipeline::matching::formats::{Report, clean, fixed_in, grouped, percent, plural, severity_word, thousands, why, words};
use seaworthy_pipeline::matching::{Finding, LeftOut};

use crate::columns::{BOLD, Cell, DIM, Style, Table, fixed, number, paint, reason, text};

/// The number of affected findings above which a reason beside its row has one line.
const LONG: usize = 60;
/// The number of suspected findings up to which they are listed; more are counted by package.
const FEW: usize = 15;

fn severity_colour(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "1;31",
        Some(Severity::High) => "31",
        Some(Severity::Medium) => "33",
        Some(Severity::Low) => "36",
        Some(Severity::None) | None => DIM,
    }
}

fn detailed(findings: &[&Finding]) -> Table {
    let columns = vec![
        fixed("Severity"),
        fixed("KEV"),
        number("EPSS"),
        fixed("CVE"),
        text("Package", 10),
        text("Version", 9),
        text("Fixed in", 8),
        reason("Why", 17),
    ];
    let row = |f: &&Finding| {
        vec![
            Cell::coloured(severity_word(f.severity), severity_colour(f.severity)),
            Cell::coloured(if f.exploited_since.is_some() { "yes" } else { "" }, "1;35"),
            Cell::plain(percent(f.epss)),
            Cell::plain(f.cve.to_string()),
            Cell::coloured(&f.package, BOLD),
            Cell::plain(f.version.to_string()),
            Cell::plain(fixed_in(f)),
            Cell::plain(why(f)),
        ]
    };
    Table::new(columns, findings.iter().map(row).collect())
}

fn summarised(findings: &[&Finding]) -> Table {
    let columns = vec![
        fixed("Worst"),
        number("KEV"),
        number("EPSS"),
        number("CVEs"),
        text("Package", 10),
        text("Version", 9),
        reason("Why (the most urgent one)", 17),
    ];
    let rows = grouped(findings)
        .iter()
        .map(|group| {
            let worst = group.worst();
            let kev = group.exploited();
            let urgent = group.findings.first().map(|f| format!("{}: {}", f.cve, why(f))).unwrap_or_default();
            vec![
                Cell::coloured(severity_word(worst), severity_colour(worst)),
                Cell::coloured(if kev == 0 { String::new() } else { kev.to_string() }, "1;35"),
                Cell::plain(percent(group.epss())),
                Cell::plain(group.findings.len().to_string()),
                Cell::coloured(group.package, BOLD),
                Cell::plain(group.version.to_string()),
                Cell::plain(urgent),
            ]
        })
        .collect();
    Table::new(columns, rows)
}

pub(crate) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> std::io::Result<()> {
    let (assessment, colour) = (report.assessment, style.colour);
    let bold = |text: &str| paint(&clean(text), Some(BOLD), colour);
    let paragraph = |out: &mut dyn Write, text: &str| wrap(&clean(text), style.total()).iter().try_for_each(|line| writeln!(out, "{line}"));
    if !report.title.is_empty() {
        writeln!(out, "{}\n", bold(&report.title))?;
    }
    let listed = |out: &mut dyn Write, what: &str, findings: &[&Finding]| {
        writeln!(out, "{}", bold(&format!("{what}: {}", plural(findings.len(), "finding", "findings"))))?;
        if findings.is_empty() { Ok(()) } else { detailed(findings).write(out, style, findings.len() > LONG) }
    };
    let affected = report.findings(Status::Affected);
    if !affected.is_empty() {
        listed(out, "Affected", &affected)?;
    } else if report.lists(Status::Affected) {
        paragraph(out, &report.nothing_affected())?;
    }
    let suspected = report.findings(Status::Suspected);
    if !suspected.is_empty() {
        writeln!(out, "\n{}", bold(&format!("Suspected, to be looked at: {}", plural(suspected.len(), "finding", "findings"))))?;
        // Who asks for them by name gets each one.
        let many = suspected.len() > FEW && report.statuses.is_empty();
        let table = if many { summarised(&suspected) } else { detailed(&suspected) };
        table.write(out, style, many && table.count() > FEW)?;
    }
    for (status, findings) in report.asked_for() {
        writeln!(out)?;
        listed(out, &words(status), &findings)?;
    }
    let counts: Vec<String> = Status::ALL.iter().map(|s| format!("{} {}", thousands(report.count(*s) as u64), words(*s))).collect();
    writeln!(out, "\n{}", bold(&counts.join(", ")))?;
    if !report.left_out.is_empty() {
        paragraph(out, &LeftOut::sentence(report.left_out))?;
    }
    report.not_listed().iter().try_for_each(|hidden| paragraph(out, hidden))?;
    paragraph(out, &format!("Not judged: {}", report.blind_spot()))?;
    let problems = report.inventory.problems.len();
    if problems > 0 {
        paragraph(out, &format!("{} of the inventory could not be read in full.", plural(problems, "place", "places")))?;
    }
    let sources = format!("Knowledge {}, inventory {}, {}", assessment.knowledge.short(), assessment.inventory.short(), assessment.engine);
    writeln!(out, "{}", paint(&sources, Some(DIM), colour))?;
    Ok(())
}

#[cfg(test)]
mod tests;
