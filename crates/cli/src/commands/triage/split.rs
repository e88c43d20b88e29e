use clap::Args;

use super::case::{CaseArgs, NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Split parts off a case, which are decided separately from then on.
#[derive(Debug, Args)]
pub(crate) struct SplitArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The parts: components or binary packages.
    #[arg(required = true)]
    parts: Vec<String>,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &SplitArgs) -> CommandResult {
    show(&args.note.desk(&context.home()?)?.split(&args.case.name(), &args.parts, args.note.why())?);
    Ok(Ended::Well)
}
