use clap::Args;
use seaworthy_model::Severity;

use super::case::{CaseArgs, NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Give a case the distribution's own severity, which wins over that of every record.
#[derive(Debug, Args)]
pub(crate) struct RateArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The severity: none, low, medium, high or critical.
    severity: Severity,
    /// The reason why it differs from the records.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &RateArgs) -> CommandResult {
    show(&args.note.desk(&context.home()?)?.rate(&args.case.name(), args.severity, args.reason.clone(), args.note.why())?);
    Ok(Ended::Well)
}
