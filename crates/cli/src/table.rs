//! The table of a scan for people at a terminal: affected packages, suspected ones, and the blind spot.

use std::io::Write;

use seaworthy_model::{Severity, Status};
use seaworthy_pipeline::matching::formats::{Report, clean, fixed_in, grouped, percent, plural, severity_word, thousands, why};
use seaworthy_pipeline::matching::{Finding, LeftOut};

/// The width in columns where there is no terminal.
const WIDTH: usize = 120;
/// The number of affected findings above which each has one line.
const LONG: usize = 60;
/// The number of suspected findings up to which they are listed; more are counted by package.
const FEW: usize = 15;
/// The width in columns below which the reasons are below the rows.
const NARROW: usize = 100;
/// The indent in columns of reasons below rows.
const INDENT: usize = 4;
/// The number of blanks between two columns.
const GAP: usize = 2;

/// The style of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether severities are coloured.
    pub(crate) colour: bool,
    /// The terminal's width in columns; `None` where there is no terminal.
    pub(crate) width: Option<usize>,
}

const BOLD: &str = "1";
const DIM: &str = "2";

fn severity_colour(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "1;31",
        Some(Severity::High) => "31",
        Some(Severity::Medium) => "33",
        Some(Severity::Low) => "36",
        Some(Severity::None) | None => DIM,
    }
}

/// A column: its heading, whether it is aligned to the right, and the least width to which it may shrink.
struct Column {
    heading: &'static str,
    right: bool,
    least: Option<usize>,
}

const fn fixed(heading: &'static str) -> Column {
    Column { heading, right: false, least: None }
}

const fn number(heading: &'static str) -> Column {
    Column { heading, right: true, least: None }
}

const fn text(heading: &'static str, least: usize) -> Column {
    Column { heading, right: false, least: Some(least) }
}

struct Cell {
    text: String,
    colour: Option<&'static str>,
}

impl Cell {
    fn plain(text: impl AsRef<str>) -> Self {
        Self { text: clean(text.as_ref()).into_owned(), colour: None }
    }

    fn coloured(text: impl AsRef<str>, colour: &'static str) -> Self {
        Self { colour: Some(colour), ..Self::plain(text) }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The widths of the columns: as wide as the content; text columns shrink until the line fits, the last one first, so that the values
    /// that identify a row stay whole for longest.
    fn widths(&self, columns: usize, total: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().take(columns).map(|c| width(c.heading)).collect();
        for row in &self.rows {
            for (w, cell) in widths.iter_mut().zip(row) {
                *w = (*w).max(width(&cell.text));
            }
        }
        let last = columns.saturating_sub(1);
        loop {
            let excess = (widths.iter().sum::<usize>() + GAP * last).saturating_sub(total);
            if excess == 0 {
                return widths;
            }
            let room =
                |i: usize, comfortable: usize| self.columns[i].least.map_or(0, |least| widths[i].saturating_sub(least.max(comfortable)));
            // The reason gives first, down to what still reads well; then the widest.
            let at = if room(last, 36) > 0 { Some(last) } else { (0..=last).filter(|i| room(*i, 0) > 0).max_by_key(|i| widths[*i]) };
            let Some(at) = at else { return widths };
            let step = if room(last, 36) > 0 { room(last, 36).min(excess) } else { 1 };
            widths[at] -= step;
        }
    }

    fn write(&self, out: &mut dyn Write, total: usize, colour: bool, one_line: bool) -> std::io::Result<()> {
        // In a narrow terminal the reason stands below its row: beside it, it would be a tower of single words.
        let below = !one_line && total < NARROW;
        let columns = self.columns.len() - usize::from(below);
        let widths = self.widths(columns, total);
        let heading: Vec<Cell> = self.columns.iter().map(|c| Cell::coloured(c.heading, BOLD)).collect();
        self.write_row(out, &heading, &widths, colour, true)?;
        let rule: Vec<Cell> = widths.iter().map(|w| Cell::coloured("─".repeat(*w), DIM)).collect();
        self.write_row(out, &rule, &widths, colour, true)?;
        for row in &self.rows {
            self.write_row(out, row, &widths, colour, one_line)?;
            if let Some(reason) = row.last().filter(|_| below) {
                wrap(&reason.text, total - INDENT)
                    .iter()
                    .try_for_each(|line| writeln!(out, "{:INDENT$}{}", "", paint(line, Some(DIM), colour)))?;
            }
        }
        Ok(())
    }

    fn write_row(&self, out: &mut dyn Write, row: &[Cell], widths: &[usize], colour: bool, one_line: bool) -> std::io::Result<()> {
        let lines: Vec<Vec<String>> =
            row.iter().zip(widths).map(|(c, w)| if one_line { vec![cut(&c.text, *w)] } else { wrap(&c.text, *w) }).collect();
        for n in 0..lines.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            // Blanks are owed rather than written, so that no line ends in them.
            let mut owed = 0;
            for (((column, cell), parts), w) in self.columns.iter().zip(row).zip(&lines).zip(widths) {
                let part = parts.get(n).map_or("", String::as_str);
                let pad = w.saturating_sub(width(part));
                if part.is_empty() {
                    owed += w + GAP;
                    continue;
                }
                owed += if column.right { pad } else { 0 };
                line.push_str(&" ".repeat(owed));
                line.push_str(&paint(part, cell.colour, colour));
                owed = GAP + if column.right { 0 } else { pad };
            }
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

fn paint(text: &str, code: Option<&str>, colour: bool) -> String {
    match code.filter(|_| colour) {
        Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
        None => text.to_owned(),
    }
}

/// The text in one line of at most `most` columns.
fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// The text in lines of at most `most` columns, broken at blanks, and long words after `-`, `.`, `/` or anywhere. A CVE id is never broken,
/// so that a search finds it.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if !line.is_empty() && width(&line) + 1 + width(word) <= most {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest) > most && !rest.contains("CVE-") {
            let hard = rest.char_indices().nth(most.max(1)).map_or(rest.len(), |(i, _)| i);
            let head = &rest[..hard];
            let at = head.rfind(['-', '.', '/', '_', ',']).map(|i| i + 1).filter(|i| *i * 2 > hard).unwrap_or(hard);
            lines.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
        line.push_str(rest);
    }
    lines.push(line);
    lines
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
        text("Why", 17),
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
    Table { columns, rows: findings.iter().map(row).collect() }
}

fn summarised(findings: &[&Finding]) -> Table {
    let columns = vec![
        fixed("Worst"),
        number("KEV"),
        number("EPSS"),
        number("CVEs"),
        text("Package", 10),
        text("Version", 9),
        text("Why (the most urgent one)", 17),
    ];
    let rows = grouped(findings)
        .iter()
        .map(|group| {
            let worst = group.worst();
            let kev = group.exploited();
            let reason = group.findings.first().map(|f| format!("{}: {}", f.cve, why(f))).unwrap_or_default();
            vec![
                Cell::coloured(severity_word(worst), severity_colour(worst)),
                Cell::coloured(if kev == 0 { String::new() } else { kev.to_string() }, "1;35"),
                Cell::plain(percent(group.epss())),
                Cell::plain(group.findings.len().to_string()),
                Cell::coloured(group.package, BOLD),
                Cell::plain(group.version.to_string()),
                Cell::plain(reason),
            ]
        })
        .collect();
    Table { columns, rows }
}

pub(crate) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> std::io::Result<()> {
    let (assessment, colour) = (report.assessment, style.colour);
    let total = style.width.unwrap_or(WIDTH).max(40);
    let bold = |text: &str| paint(&clean(text), Some(BOLD), colour);
    let paragraph = |out: &mut dyn Write, text: &str| wrap(&clean(text), total).iter().try_for_each(|line| writeln!(out, "{line}"));
    if !report.title.is_empty() {
        writeln!(out, "{}\n", bold(&report.title))?;
    }
    let affected = report.findings(Status::Affected);
    if affected.is_empty() {
        paragraph(out, &report.nothing_affected())?;
    } else {
        writeln!(out, "{}", bold(&format!("Affected: {}", plural(affected.len(), "finding", "findings"))))?;
        detailed(&affected).write(out, total, colour, affected.len() > LONG)?;
    }
    let suspected = report.findings(Status::Suspected);
    if !suspected.is_empty() {
        writeln!(out, "\n{}", bold(&format!("Suspected, to be looked at: {}", plural(suspected.len(), "finding", "findings"))))?;
        let many = suspected.len() > FEW;
        let table = if many { summarised(&suspected) } else { detailed(&suspected) };
        table.write(out, total, colour, many && table.rows.len() > FEW)?;
    }
    let counts: Vec<String> =
        Status::ALL.iter().map(|s| format!("{} {}", thousands(report.count(*s) as u64), s.as_str().replace('_', " "))).collect();
    writeln!(out, "\n{}", bold(&counts.join(", ")))?;
    if !report.left_out.is_empty() {
        paragraph(out, &LeftOut::sentence(report.left_out))?;
    }
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
