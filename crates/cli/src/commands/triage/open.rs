use clap::Args;
use jiff::Timestamp;
use seaworthy_model::Severity;
use seaworthy_model::case::Embargo;
use seaworthy_pipeline::NewCase;

use super::case::{CaseArgs, NoteArgs, parse_until, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Open a case that no scan has found, such as a vulnerability that was reported in confidence; needs --embargoed.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// The version of the package, [EPOCH:]VERSION-RELEASE.
    #[arg(long)]
    version: String,
    /// The severity; none, low, medium, high or critical.
    #[arg(long)]
    severity: Option<Severity>,
    /// The end of the embargo: a day or time; takes --contact and --tracking.
    #[arg(long, value_name = "TIME", value_parser = parse_until, requires = "contact")]
    until: Option<Timestamp>,
    /// The coordinator of the disclosure.
    #[arg(long, value_name = "TEXT", requires = "until")]
    contact: Option<String>,
    /// The id under which the coordinator tracks it.
    #[arg(long, value_name = "TEXT", default_value = "", requires = "until")]
    tracking: String,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &OpenArgs) -> CommandResult {
    let contact = args.contact.clone().unwrap_or_default();
    let embargo = args.until.map(|until| Embargo { until, contact, tracking: args.tracking.clone() });
    let new = NewCase { version: args.version.clone(), severity: args.severity, embargo };
    show(&args.note.desk(&context.home()?)?.open(&args.case.name(), new, args.note.why())?);
    Ok(Ended::Well)
}
