use clap::Args;
use jiff::Timestamp;
use seaworthy_model::case::Embargo;

use super::case::{CaseArgs, NoteArgs, parse_until, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Keep a case from people without the right to it until a day. Its fix is prepared all the same.
#[derive(Debug, Args)]
pub(crate) struct EmbargoArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// Until when: a day, a time, or a span such as 30d.
    #[arg(long, value_name = "TIME", value_parser = parse_until)]
    until: Timestamp,
    /// Who coordinates the disclosure.
    #[arg(long, value_name = "TEXT")]
    contact: String,
    /// The number it is tracked under there.
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
    show(&context.home()?.desk()?.embargo(&args.case.name(), embargo, args.note.why())?);
    Ok(Ended::Well)
}

pub(super) fn disclose(context: &Context, args: &DiscloseArgs) -> CommandResult {
    show(&context.home()?.desk()?.disclose(&args.case.name(), args.note.why())?);
    Ok(Ended::Well)
}
