use clap::{Args, value_parser};
use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseState, priority};
use seaworthy_model::{CveId, PackageName, ReleaseLine, Severity};
use seaworthy_pipeline::ledger::Cursor;
use seaworthy_pipeline::matching::formats::{plural, thousands};
use seaworthy_pipeline::triage::{Deadline, Span};
use seaworthy_pipeline::{Queue, QueueRequest};

use crate::columns::{Cell, Table, fixed, number, print};
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
    /// Show only cases whose next deadline is due within a time such as 7d, those that are overdue first, by their deadlines.
    #[arg(long, value_name = "TIME")]
    due: Option<Span>,
    /// The greatest number of cases on a page.
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = value_parser!(u64).range(1..=10_000))]
    limit: u64,
    /// The number of the page.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = value_parser!(u64).range(1..=1_000_000))]
    page: u64,
    /// The place where the page begins, for programs: `next` of the page before it, as --json prints it.
    #[arg(long, value_name = "PLACE", value_parser = parse_place, conflicts_with_all = ["page", "due", "asks_for_reason"])]
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
        due: args.due,
        limit: args.limit,
        skip: (args.page - 1) * args.limit,
        after: args.after.clone(),
        embargoed: args.embargoed,
    };
    let queue = home.desk()?.queue(&request)?;
    if args.json {
        output::json(&queue.document()?)?;
        return Ok(Ended::Well);
    }
    if queue.total == 0 {
        let why = match args.due {
            Some(due) => format!("nothing like that is due within {due}"),
            None if request.is_open_only() => "the queue is empty, or `seaworthy cycle` has not run yet".to_owned(),
            None => "none is like that".to_owned(),
        };
        say!("No case: {why}");
        return Ok(Ended::Well);
    }
    let rows: Vec<_> = queue.cases.iter().map(|queued| (&queued.case, queued.due.as_ref())).collect();
    if !rows.is_empty() {
        table(&rows, home.now());
    }
    if !context.is_quiet() {
        say!("{}", place(args, &queue));
    }
    Ok(Ended::Well)
}

/// The place of a page among all, in words.
fn place(args: &ListArgs, queue: &Queue) -> String {
    let cases = plural(queue.total as usize, "case", "cases");
    let (shown, before) = (queue.cases.len() as u64, (args.page - 1) * args.limit);
    if shown == 0 {
        return format!("No page {}: {cases} fill {}", args.page, plural(queue.total.div_ceil(args.limit) as usize, "page", "pages"));
    }
    if args.after.is_some() {
        return format!("\nShowing {} of {cases}", thousands(shown));
    }
    let more = if before + shown < queue.total { format!("; the next page: --page {}", args.page + 1) } else { String::new() };
    format!("\nShowing {} to {} of {cases}{more}", thousands(before + 1), thousands(before + shown))
}

fn parse_place(text: &str) -> Result<Cursor, String> {
    serde_json::from_str(text).map_err(|_| "--after takes a place as the page before it named it in --json".to_owned())
}

/// Prints rows of the queue.
pub(super) fn table(cases: &[(&Case, Option<&Deadline>)], now: Timestamp) {
    let columns = vec![
        number(""),
        fixed("severity"),
        fixed("due"),
        fixed("state").spare(3),
        fixed("CVE"),
        fixed("package"),
        fixed("version").spare(0),
        fixed("since").spare(1),
        fixed("who").spare(2),
    ];
    print(&Table::new(columns, cases.iter().map(|(case, due)| row(case, *due, now)).collect()));
}

fn row(case: &Case, deadline: Option<&Deadline>, now: Timestamp) -> Vec<Cell> {
    let exploited = if case.facts.exploited_since.is_some() { " KEV" } else { "" };
    let severity = case.severity().map_or("unrated", Severity::as_str);
    let part = if case.key.part.is_empty() { String::new() } else { format!("/{}", case.key.part) };
    let hidden = if case.is_disclosed(now) { "" } else { " [embargo]" };
    let days = (now.as_second() - case.opened.as_second()).div_euclid(86_400);
    [
        priority(case).score.to_string(),
        format!("{severity}{exploited}"),
        deadline.map(|deadline| deadline.in_words(now)).unwrap_or_default(),
        format!("{}{hidden}", case.state),
        case.key.cve.to_string(),
        format!("{}{part}", case.key.package),
        case.facts.version.as_ref().map(ToString::to_string).unwrap_or_default(),
        format!("{days} d"),
        case.assignee.clone().unwrap_or_default(),
    ]
    .map(Cell::plain)
    .into()
}
