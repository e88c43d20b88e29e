use clap::Args;
use seaworthy_model::case::PauseReason;

use super::case::{CaseArgs, NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Pause the deadlines of a case.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The reason: waiting_for_upstream, waiting_for_reporter, embargo or freeze.
    #[arg(long, value_name = "WORD")]
    reason: PauseReason,
    #[command(flatten)]
    note: NoteArgs,
}

/// Let the deadlines of a case run again.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    case: CaseArgs,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn pause(context: &Context, args: &PauseArgs) -> CommandResult {
    show(&args.note.desk(&context.home()?)?.pause(&args.case.name(), args.reason, args.note.why())?);
    Ok(Ended::Well)
}

pub(super) fn resume(context: &Context, args: &ResumeArgs) -> CommandResult {
    show(&args.note.desk(&context.home()?)?.resume(&args.case.name(), args.note.why())?);
    Ok(Ended::Well)
}
