use clap::Args;
use seaworthy_pipeline::{CaseBatch, CaseBatches, Undoing};

use super::case::NoteArgs;
use crate::columns::{Cell, Table, fixed, number, print, reason, text};
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// The number of cases that are shown of an undoing.
const SHOWN: usize = 20;

/// Show the latest batches of events that changed cases, or undo one of them, all of it or nothing: its cases are as they were before.
/// What was published stays published.
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The number of the batch, or of an event in it. Without it, the latest batches are shown.
    #[arg(value_name = "NUMBER")]
    event: Option<u64>,
    /// The greatest number of batches to show.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, conflicts_with = "event")]
    limit: usize,
    /// Show and undo also what was done to cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// As JSON: the batches, or every case of the undoing.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &UndoArgs) -> CommandResult {
    let home = context.home()?;
    let desk = args.note.desk(&home)?;
    let Some(event) = args.event else {
        let batches = desk.batches(args.limit, args.embargoed)?;
        if args.json {
            output::json(&batches)?;
        } else {
            list(&batches);
        }
        return Ok(Ended::Well);
    };
    let undoing = desk.undoing(event, args.embargoed)?;
    desk.undo(&undoing, args.note.why())?;
    if args.json {
        output::json(&undoing.document(!desk.is_trial()))?;
    } else {
        show(&undoing, desk.is_trial());
    }
    Ok(Ended::Well)
}

fn list(CaseBatches { batches }: &CaseBatches) {
    if batches.is_empty() {
        say!("No batch of events changed a case yet.");
        return;
    }
    let columns = vec![number("batch"), fixed("when"), text("who", 6), number("cases"), text("what", 20), reason("why", 20)];
    let row = |batch: &CaseBatch| {
        let mut what = batch.in_words();
        if batch.undone {
            what.push_str("; undone");
        } else if batch.irreversible.is_some() {
            what.push_str("; cannot be undone");
        }
        let why = batch.why.clone().unwrap_or_default();
        [batch.batch.to_string(), batch.at.to_string(), batch.actor.clone(), batch.cases.to_string(), what, why].map(Cell::plain).into()
    };
    print(&Table::new(columns, batches.iter().map(row).collect()));
    say!("`seaworthy triage undo NUMBER --dry-run` shows what a batch's undoing would change.");
}

fn show(undoing: &Undoing, is_trial: bool) {
    let cases = &undoing.cases;
    for case in cases.iter().take(SHOWN) {
        say!("  {case}");
    }
    if cases.len() > SHOWN {
        say!("  and {} more (--json tells them)", cases.len() - SHOWN);
    }
    say!("{}.{}", undoing.in_words(!is_trial), if is_trial { " Nothing was changed." } else { "" });
}
