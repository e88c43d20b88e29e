use clap::Args;
use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseState, priority};
use seaworthy_model::{CveId, PackageName, ReleaseLine, Severity};
use seaworthy_pipeline::QueueRequest;
use seaworthy_pipeline::ledger::Cursor;

use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Show the queue, the most urgent first.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Show only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Show only cases in this state; may be repeated. Without it, cases that are open.
    #[arg(long, value_name = "STATE")]
    state: Vec<CaseState>,
    /// Show only cases of this severity or above; an unrated one counts as medium.
    #[arg(long)]
    severity: Option<Severity>,
    /// Show only cases of a source package.
    #[arg(long, value_name = "NAME")]
    package: Option<PackageName>,
    /// Show only cases of a CVE.
    #[arg(long)]
    cve: Option<CveId>,
    /// Show only cases that are assigned to a person, or to `nobody`.
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// Show only decisions that still need a reason.
    #[arg(long)]
    asks_for_reason: bool,
    /// The greatest number of cases to show.
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    limit: u64,
    /// The beginning of the page, as the page before it named it.
    #[arg(long, value_name = "PLACE", value_parser = parse_place)]
    after: Option<Cursor>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Show also cases under embargo.
    #[arg(long)]
    embargoed: bool,
}

pub(super) fn run(context: &Context, args: &ListArgs) -> CommandResult {
    let home = context.home()?;
    let request = QueueRequest {
        line: args.line.clone(),
        states: args.state.clone(),
        severity: args.severity,
        package: args.package.clone(),
        cve: args.cve,
        assignee: args.assignee.as_ref().map(|name| Some(name.clone()).filter(|n| n != "nobody")),
        asks_for_reason: args.asks_for_reason,
        limit: args.limit,
        after: args.after.clone(),
        embargoed: args.embargoed,
    };
    let queue = home.desk()?.queue(&request)?;
    if args.json {
        output::json(&queue.document()?)?;
        return Ok(Ended::Well);
    }
    let (cases, next) = (&queue.cases, queue.next_place()?);
    if cases.is_empty() {
        let why = if request.is_open_only() { "the queue is empty, or `seaworthy cycle` has not run yet" } else { "none is like that" };
        say!("No case: {why}");
        return Ok(Ended::Well);
    }
    table(cases, home.now());
    if let Some(next) = next.filter(|_| !context.is_quiet()) {
        say!("\nThe next page: --after '{next}'");
    }
    Ok(Ended::Well)
}

fn parse_place(text: &str) -> Result<Cursor, String> {
    serde_json::from_str(text).map_err(|_| "--after takes a place as the page before it named it".to_owned())
}

/// Prints rows of the queue in columns as wide as their widest value.
pub(super) fn table(cases: &[Case], now: Timestamp) {
    let mut rows = vec![["", "severity", "state", "CVE", "package", "version", "since", "who"].map(str::to_owned)];
    rows.extend(cases.iter().map(|case| row(case, now)));
    let widths: Vec<usize> = (0..8).map(|i| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // The first column is a number.
            let cell = if i == 0 { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            line.push_str(&cell);
            line.push_str("  ");
        }
        say!("{}", line.trim_end());
    }
}

fn row(case: &Case, now: Timestamp) -> [String; 8] {
    let exploited = if case.facts.exploited_since.is_some() { " KEV" } else { "" };
    let severity = case.severity().map_or("unrated", Severity::as_str);
    let part = if case.key.part.is_empty() { String::new() } else { format!("/{}", case.key.part) };
    let hidden = if case.is_disclosed(now) { "" } else { "  [embargo]" };
    let days = (now.as_second() - case.opened.as_second()).div_euclid(86_400);
    [
        priority(case).score.to_string(),
        format!("{severity}{exploited}"),
        format!("{}{hidden}", case.state),
        case.key.cve.to_string(),
        format!("{}{part}", case.key.package),
        case.facts.version.as_ref().map(ToString::to_string).unwrap_or_default(),
        format!("{days} d"),
        case.assignee.clone().unwrap_or_default(),
    ]
}
