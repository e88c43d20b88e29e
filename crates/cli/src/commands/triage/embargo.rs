use clap::Args;
use jiff::Timestamp;
use seaworthy_model::case::Embargo;

use super::case::{CaseArgs, NoteArgs, parse_until, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Put a case under embargo until a time: without the right to it, nobody sees the case. Its fix is prepared all the same.
#[derive(Debug, Args)]
pub(crate) struct EmbargoArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The end of the embargo: a day, a time, or a span such as 30d.
    #[arg(long, value_name = "TIME", value_parser = parse_until)]
    until: Timestamp,
    /// The coordinator of the disclosure.
    #[arg(long, value_name = "TEXT")]
    contact: String,
    /// The id under which the coordinator tracks it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    tracking: String,
    #[command(flatten)]
    note: NoteArgs,
}

/// End the embargo of a case now.
#[derive(Debug, Args)]
pub(crate) struct DiscloseArgs {
    #[command(flatten)]
    case: CaseArgs,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &EmbargoArgs) -> CommandResult {
    let embargo = Embargo { until: args.until, contact: args.contact.clone(), tracking: args.tracking.clone() };
    show(&args.note.desk(&context.home()?)?.embargo(&args.case.name(), embargo, args.note.why())?);
    Ok(Ended::Well)
}

pub(super) fn disclose(context: &Context, args: &DiscloseArgs) -> CommandResult {
    show(&args.note.desk(&context.home()?)?.disclose(&args.case.name(), args.note.why())?);
    Ok(Ended::Well)
}
