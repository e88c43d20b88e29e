use clap::Args;

use super::case::{CaseArgs, NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Assign a case to a person, or to nobody.
#[derive(Debug, Args)]
pub(crate) struct AssignArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The person.
    #[arg(required_unless_present = "nobody", conflicts_with = "nobody")]
    to: Option<String>,
    /// Assign the case to nobody.
    #[arg(long)]
    nobody: bool,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &AssignArgs) -> CommandResult {
    show(&args.note.desk(&context.home()?)?.assign(&args.case.name(), args.to.clone(), args.note.why())?);
    Ok(Ended::Well)
}
