use clap::Args;

use super::case::{CaseArgs, NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Give a case to somebody, or back to nobody.
#[derive(Debug, Args)]
pub(crate) struct AssignArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// Who.
    #[arg(required_unless_present = "nobody", conflicts_with = "nobody")]
    to: Option<String>,
    /// Give it back.
    #[arg(long)]
    nobody: bool,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &AssignArgs) -> CommandResult {
    show(&context.home()?.desk()?.assign(&args.case.name(), args.to.clone(), args.note.why())?);
    Ok(Ended::Well)
}
