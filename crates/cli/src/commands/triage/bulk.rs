use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::CaseState;
use seaworthy_pipeline::triage::Rule;

use super::case::{DecisionArgs, NoteArgs};
use super::list;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// The number of cases that are shown before they are decided.
const SHOWN: usize = 20;

/// Decide all cases that a rule selects, all or none. Without --yes the cases are only shown.
#[derive(Debug, Args)]
pub(crate) struct BulkArgs {
    /// The rule: conditions separated by spaces, such as "package=python-* severity<=low state=affected age>30d".
    #[arg(long = "where", value_name = "RULE")]
    rule: Rule,
    /// The new state of the cases.
    state: CaseState,
    #[command(flatten)]
    decision: DecisionArgs,
    /// Select only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Make the decisions.
    #[arg(long)]
    yes: bool,
    /// Select also cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// As JSON: every case.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &BulkArgs) -> CommandResult {
    let home = context.home()?;
    let desk = args.note.desk(&home)?;
    let bulk = desk.choose(&args.rule, args.line.as_ref(), args.embargoed, args.decision.decision(args.state))?;
    let count = bulk.cases.len();
    let decided = args.yes && !desk.is_trial();
    if args.yes {
        desk.decide_all(&bulk, args.note.why())?;
    }
    if args.json {
        output::json(&bulk.document(decided))?;
    } else if count == 0 {
        say!("No case is chosen by {}", args.rule);
    } else if decided {
        say!("{count} cases became {}", args.state);
    } else {
        let shown: Vec<_> = bulk.cases.iter().take(SHOWN).map(|case| (case, None)).collect();
        list::table(&shown, home.now());
        if count > SHOWN {
            say!("and {} more", count - SHOWN);
        }
        let how = if args.yes { "that was a trial" } else { "--yes does it" };
        say!("\n{count} cases would become {}. Nothing was changed: {how}.", args.state);
    }
    Ok(Ended::Well)
}
