use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::Stage;
use seaworthy_pipeline::triage::Outcome;
use seaworthy_pipeline::{PlanRequest, Report};

use crate::arguments::parse_time;
use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use crate::output;

const SEVERITIES: [&str; 6] = ["critical", "high", "medium", "low", "unrated", "all"];

/// Show the deadlines: how many were met and missed, which are broken, and which cannot be met.
#[derive(Debug, Args)]
pub(crate) struct SlaArgs {
    /// Count only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// The time of the report; now without it.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// The greatest number of broken deadlines to show.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    limit: usize,
    /// Print JSON, with all broken deadlines.
    #[arg(long)]
    json: bool,
    /// The file for a chart (SVG) beside the report.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Count also cases under embargo.
    #[arg(long)]
    embargoed: bool,
}

pub(super) fn run(context: &Context, args: &SlaArgs) -> CommandResult {
    let sla = context.home()?.sla(&PlanRequest { line: args.line.clone(), at: args.at, embargoed: args.embargoed })?;
    if let Some(path) = &args.svg {
        output::file(path, |out| out.write_all(chart(&sla.report).as_bytes()).map_err(CommandError::file("write", path)))?;
    }
    if args.json {
        output::json(&sla)?;
        return Ok(Ended::Well);
    }
    table(&sla.report);
    let (breached, foretold): (Vec<_>, Vec<_>) = sla.late.iter().partition(|l| l.outcome == Outcome::Breached);
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
    Ok(Ended::Well)
}

/// Prints the table of a report, by severity and stage.
pub(super) fn table(report: &Report) {
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

/// The chart (SVG) of the deadlines that were met, by severity and stage, as bars.
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
