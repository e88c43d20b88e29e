use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use seaworthy_model::case::CaseState;
use seaworthy_model::{ReleaseLine, Severity};
use seaworthy_pipeline::PlanRequest;
use seaworthy_pipeline::triage::{Item, Plan, Restart};

use crate::arguments::parse_time;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// The number of rows that are shown of each part.
const ROWS: usize = 20;

/// Show the plan: fixes that go out of band now, fixes that board a train or missed one, and cases that are blocked.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Show only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// The time of the plan; now without it.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// Show all rows.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Plan also cases under embargo.
    #[arg(long)]
    embargoed: bool,
}

pub(super) fn run(context: &Context, args: &PlanArgs) -> CommandResult {
    let plan = context.home()?.plan(&PlanRequest { line: args.line.clone(), at: args.at, embargoed: args.embargoed })?;
    if args.json {
        output::json(&plan)?;
    } else {
        show(&plan, if args.all { usize::MAX } else { ROWS });
    }
    Ok(Ended::Well)
}

pub(super) fn show(plan: &Plan, rows: usize) {
    say!("Plan as of {}\n", plan.at);
    say!("Out of band now: {}", plan.out_of_band.len());
    for item in plan.out_of_band.iter().take(rows) {
        say!("  {}\n      {}", row(item), item.why);
    }
    more(plan.out_of_band.len(), rows);
    for train in &plan.trains {
        say!(
            "\n{}, leaves {}, frozen {}: {} board, {} missed",
            train.train,
            train.release,
            train.freeze,
            train.boards.len(),
            train.missed.len()
        );
        for boarding in train.boards.iter().take(rows) {
            say!("  {}{}", row(&boarding.item), if boarding.published { "  (published already)" } else { "" });
        }
        more(train.boards.len(), rows);
        for missed in train.missed.iter().take(rows) {
            say!("  missed: {} in {}: {}", missed.key.cve, missed.key.package, missed.why);
        }
        more(train.missed.len(), rows);
    }
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for blocked in &plan.blocked {
        reasons.entry(blocked.by.summary()).or_default().push(format!("{} in {}", blocked.key.cve, blocked.key.package));
    }
    say!("\nBlocked: {}", plan.blocked.len());
    for (reason, keys) in reasons {
        let some: Vec<&str> = keys.iter().take(3).map(String::as_str).collect();
        say!("  {:>6}  {reason}, such as {}", keys.len(), some.join(", "));
    }
    let deferred = plan.waiting.iter().filter(|w| w.state == CaseState::Deferred).count();
    say!("Waiting by decision: {} ({deferred} deferred, {} will not be fixed)", plan.waiting.len(), plan.waiting.len() - deferred);
}

fn row(item: &Item) -> String {
    let restart = item.hosts.values().filter(|r| **r == Restart::Reboot).count();
    let severity = item.severity.map_or("unrated", Severity::as_str);
    let reboot = if restart > 0 { "  reboot" } else { "" };
    format!("{severity:<9} {:<16} {:<28} {}{reboot}", item.key.cve.to_string(), item.key.package, item.version)
}

fn more(all: usize, rows: usize) {
    if all > rows {
        say!("  and {} more (--all shows them)", all - rows);
    }
}
