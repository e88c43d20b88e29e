use clap::Args;
use seaworthy_model::case::Justification;
use seaworthy_model::{CveId, PackageName, ReleaseLine};
use seaworthy_pipeline::triage::Suggestion;
use seaworthy_pipeline::{CaseName, Suggested, SuggestionOverview};

use super::case::{NoteArgs, show};
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// The number of cases that are shown at once.
const CASES: usize = 10;

/// Show decisions on other cases that may hold for a case, or for the first cases of the queue; accept or refuse one.
#[derive(Debug, Args)]
pub(crate) struct SuggestArgs {
    /// The CVE.
    #[arg(requires = "package")]
    cve: Option<CveId>,
    /// The source package.
    package: Option<PackageName>,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// The number of the suggestion to decide by.
    #[arg(long, value_name = "NUMBER", requires = "cve", conflicts_with = "refuse")]
    accept: Option<usize>,
    /// The justification, for --accept where the suggestion has none: see `triage decide --help`.
    #[arg(long, value_name = "WORD", requires = "accept")]
    justification: Option<Justification>,
    /// The number of the suggestion never to show again for this case.
    #[arg(long, value_name = "NUMBER", requires = "cve")]
    refuse: Option<usize>,
    /// Show and use also cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// As JSON: the suggestions of all cases that have one.
    #[arg(long, conflicts_with_all = ["accept", "refuse"])]
    json: bool,
    #[command(flatten)]
    note: NoteArgs,
}

pub(super) fn run(context: &Context, args: &SuggestArgs) -> CommandResult {
    let home = context.home()?;
    let desk = args.note.desk(&home)?;
    let Some((cve, package)) = args.cve.zip(args.package.clone()) else {
        let suggested = desk.suggestion_overview(args.line.as_ref(), args.embargoed)?;
        if args.json {
            output::json(&suggested.document())?;
        } else {
            overview(&suggested);
        }
        return Ok(Ended::Well);
    };
    let name = CaseName { cve, package, line: args.line.clone(), part: String::new(), embargoed: args.embargoed };
    match (args.accept, args.refuse) {
        (Some(number), _) => show(&desk.accept(&name, number, args.justification, args.note.why())?),
        (None, Some(number)) => show(&desk.refuse(&name, number, args.note.why())?),
        (None, None) => {
            let suggested = desk.suggestions(&name)?;
            if args.json {
                output::json(&suggested.document())?;
                return Ok(Ended::Well);
            }
            if suggested.suggestions.is_empty() {
                say!("Nothing that was decided elsewhere fits {}", suggested.case.key);
            }
            list(&suggested.suggestions);
        }
    }
    Ok(Ended::Well)
}

fn overview(overview: &SuggestionOverview) {
    let SuggestionOverview { suggested, open } = overview;
    for Suggested { case, suggestions } in suggested.iter().take(CASES) {
        say!("{}", case.key);
        list(suggestions);
    }
    let more = if suggested.len() > CASES { format!("; the first {CASES} are shown") } else { String::new() };
    say!("{} of {open} open cases have a suggestion{more}", suggested.len());
    if !suggested.is_empty() {
        say!("`seaworthy triage suggest CVE PACKAGE --accept NUMBER` takes one, --refuse NUMBER never shows it again");
    }
}

fn list(suggestions: &[Suggestion]) {
    for (nth, suggestion) in suggestions.iter().enumerate() {
        let justification = suggestion.decision.justification.map(|j| format!(", {j}")).unwrap_or_default();
        say!("  {}. {}{justification}: {}", nth + 1, suggestion.decision.state, suggestion.decision.statement);
        say!("     since {}", suggestion.because);
    }
}
