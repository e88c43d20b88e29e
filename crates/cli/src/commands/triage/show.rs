use clap::Args;
use seaworthy_model::Severity;
use seaworthy_model::case::Case;
use seaworthy_model::evr::Shown;
use seaworthy_model::text::shown;

use super::case::CaseArgs;
use crate::columns::terminal_width;
use crate::commands::about;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Show a case: what its record says, its facts, its priority with the reasons, its deadlines, and its events.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    case: CaseArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &ShowArgs) -> CommandResult {
    let home = context.home()?;
    let desk = home.desk()?;
    let file = desk.file(&args.case.name())?;
    // The case stands in the log, whatever became of the index.
    let record = desk.about(file.case.key.cve).unwrap_or_else(|error| {
        note!("warning: what the record says cannot be shown: {error}");
        None
    });
    if args.json {
        output::json(&file.document(record.as_ref()))?;
        return Ok(Ended::Well);
    }
    say!("{}", title(&file.case));
    if let Some(record) = &record {
        for line in about::lines(record, terminal_width()) {
            say!("  {}", shown(&line));
        }
    }
    for (heading, lines) in file.sections() {
        if !lines.is_empty() {
            say!("\n{heading}");
            for line in lines {
                say!("  {line}");
            }
        }
    }
    Ok(Ended::Well)
}

/// The title of a case in one line.
pub(in crate::commands) fn title(case: &Case) -> String {
    let severity = case.severity().map_or("unrated", Severity::as_str);
    format!("{}  {}, {severity}, version {}", case.key, case.state, Shown(case.facts.version.as_ref()))
}
