//! The table for people.

use std::collections::BTreeMap;
use std::io::Write;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table};
use seaworthy_matching::Finding;
use seaworthy_model::{EvidenceKind, Severity, Status};

use super::Report;

/// The width off a terminal.
const WIDTH: u16 = 120;
/// So many suspected findings are shown one by one; more are counted by package.
const FEW_SUSPECTED: usize = 12;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let findings = &report.assessment.findings;
    let of = |status: Status| findings.iter().filter(move |f| f.status == status);
    let mut affected: Vec<&Finding> = of(Status::Affected).collect();
    affected.sort_by(|a, b| rank(b).partial_cmp(&rank(a)).unwrap_or(std::cmp::Ordering::Equal).then_with(|| (&a.package, a.cve).cmp(&(&b.package, b.cve))));
    let suspected: Vec<&Finding> = of(Status::Suspected).collect();
    writeln!(out, "{}\n", plain(&report.title))?;
    if affected.is_empty() {
        writeln!(out, "No package is known to be affected.")?;
    } else {
        writeln!(out, "Affected: the version in each package is in the range of a record")?;
        writeln!(out, "{}", table(report, &affected))?;
    }
    if !suspected.is_empty() {
        writeln!(out, "\nSuspected: a person has to look")?;
        let shown = if suspected.len() <= FEW_SUSPECTED { table(report, &suspected) } else { by_package(report, &suspected) };
        writeln!(out, "{shown}")?;
    }
    let counts: Vec<String> = Status::ALL.iter().map(|s| format!("{} {}", of(*s).count(), s.as_str().replace('_', " "))).collect();
    let blind = &report.assessment.blind_spot;
    writeln!(out, "\n{} packages: {}", report.inventory.packages.len(), counts.join(", "))?;
    let share = if blind.records == 0 { 0.0 } else { blind.records_without_products as f64 * 100.0 / blind.records as f64 };
    writeln!(
        out,
        "Blind spot: {} of {} records ({share:.0} %) name no product in any source; {} packages are tied to no product",
        blind.records_without_products, blind.records, blind.packages_without_product
    )?;
    writeln!(out, "knowledge {}  inventory {}  {}", report.assessment.knowledge.short(), report.assessment.inventory.short(), report.assessment.engine)?;
    Ok(())
}

/// Known exploited first, then by severity and likelihood.
fn rank(finding: &Finding) -> (bool, Option<Severity>, f32) {
    (finding.exploited_since.is_some(), finding.severity, finding.epss.unwrap_or(0.0))
}

fn new_table(report: &Report<'_>) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    match report.style.width {
        Some(width) => drop(table.set_width(u16::try_from(width).unwrap_or(u16::MAX))),
        None if !table.is_tty() => drop(table.set_width(WIDTH)),
        None => {}
    }
    if report.style.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
        if table.width().is_none() {
            table.set_width(WIDTH);
        }
    }
    table
}

fn table(report: &Report<'_>, findings: &[&Finding]) -> Table {
    let mut table = new_table(report);
    let head = ["Severity", "KEV", "EPSS", "CVE", "Package", "Version", "Fixed in", "Why"].map(|h| Cell::new(h).add_attribute(Attribute::Bold));
    table.set_header(head);
    for finding in findings {
        let kev = finding.exploited_since.as_ref().map_or_else(|| Cell::new(""), |_| Cell::new("yes").fg(Color::Red).add_attribute(Attribute::Bold));
        let epss = finding.epss.map(|p| format!("{:.1} %", p * 100.0)).unwrap_or_default();
        table.add_row([
            severity_cell(finding.severity),
            kev,
            Cell::new(epss),
            Cell::new(finding.cve),
            Cell::new(plain(&finding.package)),
            Cell::new(plain(&finding.version)),
            Cell::new(finding.fixed_in.as_deref().map(plain).unwrap_or_default()),
            Cell::new(why(finding)),
        ]);
    }
    // An id, a name or a version that is broken over two lines can be neither read nor copied.
    for i in 0..7 {
        if let Some(column) = table.column_mut(i) {
            column.set_constraint(comfy_table::ColumnConstraint::ContentWidth);
        }
    }
    table
}

fn by_package(report: &Report<'_>, findings: &[&Finding]) -> Table {
    let mut packages: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        packages.entry(&finding.package).or_default().push(finding);
    }
    let mut rows: Vec<(&str, Vec<&Finding>)> = packages.into_iter().collect();
    rows.sort_by_key(|(name, list)| (std::cmp::Reverse(list.iter().filter_map(|f| f.severity).max()), std::cmp::Reverse(list.len()), *name));
    let mut table = new_table(report);
    table.set_header(["Worst", "Package", "CVEs", "Such as", "Why"].map(|h| Cell::new(h).add_attribute(Attribute::Bold)));
    for (name, list) in rows {
        let Some(worst) = list.iter().max_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal)) else { continue };
        table.add_row([severity_cell(worst.severity), Cell::new(plain(name)), Cell::new(list.len()), Cell::new(worst.cve), Cell::new(why(worst))]);
    }
    for i in 0..4 {
        if let Some(column) = table.column_mut(i) {
            column.set_constraint(comfy_table::ColumnConstraint::ContentWidth);
        }
    }
    table
}

fn severity_cell(severity: Option<Severity>) -> Cell {
    let (text, colour) = match severity {
        Some(Severity::Critical) => ("critical", Some(Color::Magenta)),
        Some(Severity::High) => ("high", Some(Color::Red)),
        Some(Severity::Medium) => ("medium", Some(Color::Yellow)),
        Some(Severity::Low) => ("low", Some(Color::Green)),
        Some(Severity::None) => ("none", None),
        None => ("unrated", None),
    };
    let cell = Cell::new(text);
    colour.map_or(cell.clone(), |c| cell.fg(c))
}

/// The strongest reason in a few words: the tie, and for a person to look at, what is missing.
fn why(finding: &Finding) -> String {
    let deciding = |k: EvidenceKind| matches!(k, EvidenceKind::Version | EvidenceKind::Platform | EvidenceKind::Branch | EvidenceKind::Record);
    let tie = finding.evidence.iter().find(|e| !deciding(e.kind)).map(|e| plain(&e.detail));
    let rule = finding.evidence.iter().find(|e| deciding(e.kind)).map(|e| plain(&e.detail));
    let text = match (finding.status, tie, rule) {
        (Status::Affected, _, Some(rule)) => rule,
        (_, Some(tie), _) => tie,
        (_, None, rule) => rule.unwrap_or_default(),
    };
    text
}

/// Text from outside without the control characters that a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
