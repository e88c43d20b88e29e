use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::PlanRequest;
use seaworthy_pipeline::triage::{Outcome, Report};

use crate::arguments::parse_time;
use crate::columns::{Cell, Table, fixed, number, print};
use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use crate::output;

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
        output::file(path, |out| out.write_all(sla.report.chart().as_bytes()).map_err(CommandError::file("write", path)))?;
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
    let columns = vec![
        fixed("severity"),
        number("cases"),
        number("open"),
        fixed("stage"),
        number("kept"),
        number("late"),
        number("broken"),
        number("running"),
    ];
    let mut rows = Vec::new();
    for (name, line) in report.lines() {
        // The numbers of all stages stand in the first row of a severity.
        let mut of_all = [name.to_owned(), line.opened.to_string(), line.open.to_string()];
        for (stage, kept) in &line.deadlines {
            let counts = [kept.met, kept.late, kept.breached, kept.running].map(|n| n.to_string());
            rows.push(std::mem::take(&mut of_all).into_iter().chain([stage.to_string()]).chain(counts).map(Cell::plain).collect());
        }
    }
    if rows.is_empty() { say!("no case has a deadline") } else { print(&Table::new(columns, rows)) }
}
