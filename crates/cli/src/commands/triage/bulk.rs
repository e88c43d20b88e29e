use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::CaseState;
use seaworthy_pipeline::triage::Rule;

use super::case::{DecisionArgs, NoteArgs};
use super::list;
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// So many are shown before they are decided.
const SHOWN: usize = 20;

/// Decide every case that a rule chooses, all or none. Without --yes it only shows them.
#[derive(Debug, Args)]
pub(crate) struct BulkArgs {
    /// Conditions parted by spaces, such as "package=python-* severity<=low state=affected age>30d".
    #[arg(long = "where", value_name = "RULE")]
    rule: Rule,
    /// What they are from now on.
    state: CaseState,
    #[command(flatten)]
    decision: DecisionArgs,
    /// Only cases of this release line.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Do it.
    #[arg(long)]
    yes: bool,
    /// Among them also what is under embargo.
    #[arg(long)]
    embargoed: bool,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &BulkArgs) -> CommandResult {
    let home = context.home()?;
    let mut desk = home.desk()?;
    let bulk = desk.choose(&args.rule, args.line.as_ref(), args.embargoed, args.decision.decision(args.state))?;
    let count = bulk.cases.len();
    if count == 0 {
        say!("No case is chosen by {}", args.rule);
    } else if args.yes {
        desk.decide_all(&bulk, args.note.why())?;
        say!("{count} cases became {}", args.state);
    } else {
        list::table(&bulk.cases[..count.min(SHOWN)], home.now());
        if count > SHOWN {
            say!("and {} more", count - SHOWN);
        }
        say!("\n{count} cases would become {}. Nothing was changed: --yes does it.", args.state);
    }
    Ok(Ended::Well)
}
