use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{CaseEvent, CaseState};
use seaworthy_model::text::cut;
use seaworthy_pipeline::matching::formats::plural;
use seaworthy_pipeline::{CycleRequest, Cycled, DeliveredBy, Source, TakenOver};

use super::plan;
use super::selection::{JudgingArgs, Selector};
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// The number of events that are shown one by one.
const SHOWN: usize = 20;
/// The number of characters that are shown of an event; `triage show` has statements whole.
const LONGEST: usize = 300;
/// The number of rows that are shown of each part of the plan.
const PLAN_ROWS: usize = 5;

/// Sync, scan, bring the cases up to date and plan, in one run that can be repeated. `triage undo` takes back what it did to cases.
#[derive(Debug, Args)]
pub(crate) struct CycleArgs {
    #[command(flatten)]
    selector: Selector,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Judge by the records at hand, without a sync before.
    #[arg(long)]
    no_sync: bool,
    /// The release line of the packages; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// The notes of the image in service (JSON lines; the newest image counts). Cases of packages on it come first in the queue, and fixes
    /// on it count as delivered.
    #[arg(long, value_name = "FILE")]
    image_in_service: Option<PathBuf>,
    /// What machines can get already: a repository (folder or address), a packages file, a folder of specs or GIT_DIR@REVISION. Fixes in
    /// it count as published. Without it the first cycle takes the newest tag of the spec tree, else the packages at hand.
    #[arg(long, value_name = "WHERE")]
    delivered: Option<String>,
    /// Believe an inventory that is empty, of another kind than the last cycle's, or much smaller: the cases of packages that are not in
    /// it are closed.
    #[arg(long)]
    accept_inventory: bool,
    /// Show what would happen to cases by the records at hand, and change nothing: nothing is synced either.
    #[arg(long)]
    dry_run: bool,
    /// Show all events, not only the first 20.
    #[arg(long)]
    all: bool,
    /// Show also cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// As JSON: every change and the whole plan.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &CycleArgs) -> CommandResult {
    let cycled = context.home_for(args.json)?.cycle(&CycleRequest {
        selection: args.selector.selection()?,
        judging: args.judging.judging(),
        sync: !args.no_sync,
        line: args.line.clone(),
        image_in_service: args.image_in_service.clone(),
        delivered: args.delivered.as_deref().map(Source::release),
        embargoed: args.embargoed,
        accept_inventory: args.accept_inventory,
        is_trial: args.dry_run,
    })?;
    if args.json {
        output::json(&cycled)?;
    } else {
        show(&cycled, args.all);
    }
    Ok(Ended::Well)
}

fn show(cycled: &Cycled, all: bool) {
    if cycled.events.is_empty() {
        let changed = if cycled.written { "changed" } else { "would change" };
        say!("Nothing {changed} since the last cycle: {} cases, {} open.", cycled.cases, cycled.open);
        return;
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for step in cycled.lasting() {
        *kinds.entry(word(&step.event)).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(word, n)| format!("{n} {word}")).collect();
    let changed = match (cycled.written, cycled.first) {
        (false, _) => "Would change: ",
        (true, true) => "First cycle: ",
        (true, false) => "Changed: ",
    };
    say!("{changed}{}", kinds.join(", "));
    cycled.taken_over.iter().for_each(history);
    let most = if all { usize::MAX } else { SHOWN };
    for step in cycled.events.iter().take(most) {
        say!("  {}", cut(&step.to_string(), LONGEST));
    }
    if cycled.events.len() > most {
        say!("  and {} more (--all tells them; `seaworthy triage list` shows the queue)", cycled.events.len() - most);
    }
    say!("");
    if !cycled.written {
        say!("Nothing was changed: that was a trial. The plan after it would be:\n");
    }
    plan::show(&cycled.plan, PLAN_ROWS);
}

/// Prints what was taken over as history, and where that is known from.
fn history(taken: &TakenOver) {
    let fixes = plural(taken.fixes, "fix", "fixes");
    say!("Taken over as history: {fixes} of {} to {}, which {} had before this cycle.", taken.from, taken.to, taken.delivered);
    if taken.delivered == DeliveredBy::Inventory {
        say!("  Nothing says what had been delivered: --delivered names a repository, a packages file or a revision that does.");
    }
}

fn word(event: &CaseEvent) -> &'static str {
    match event {
        CaseEvent::Opened { state: CaseState::Affected, .. } => "affected",
        CaseEvent::Opened { .. } => "to investigate",
        CaseEvent::Observed { .. } => "seen otherwise",
        CaseEvent::Reopened { .. } => "reopened",
        CaseEvent::Decided(_) => "decided",
        CaseEvent::Expired => "expired",
        CaseEvent::Fixed { .. } => "fixed",
        CaseEvent::Left { .. } => "no longer shipped",
        CaseEvent::Withdrawn { .. } => "withdrawn",
        CaseEvent::Published { .. } => "published",
        CaseEvent::Shipped { .. } => "on the image",
        _ => "other",
    }
}
