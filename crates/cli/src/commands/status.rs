use clap::Args;
use seaworthy_pipeline::SourceKind;

use crate::columns::{Cell, Table, fixed, number, print, reason};
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Show the age, size and state of each source.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &StatusArgs) -> CommandResult {
    let home = context.home()?;
    let status = home.status()?;
    if args.json {
        output::json(&status)?;
        return Ok(Ended::Well);
    }
    let Some(knowledge) = status.knowledge else {
        say!("nothing is known yet in {}: run `seaworthy sync`", home.path().display());
        return Ok(Ended::Well);
    };
    say!("knowledge {}  {} CVEs", knowledge.short(), status.cves);
    let columns =
        vec![fixed("source"), fixed("age"), number("records"), number("refused"), number("files"), fixed("digest"), reason("from", 20)];
    let row = |kind: SourceKind| {
        let Some(source) = status.sources.get(&kind) else { return [kind.as_str(), "off", "", "", "", "", ""].map(Cell::plain).into() };
        let age = source.synced_at.map_or("never".into(), |at| age(home.now().as_second() - at));
        let counts = [source.records().to_string(), source.refused().to_string(), source.artefacts.len().to_string()];
        let (digest, location) = (source.digest().short(), source.location.clone());
        [kind.as_str().to_owned(), age].into_iter().chain(counts).chain([digest, location]).map(Cell::plain).collect()
    };
    print(&Table::new(columns, SourceKind::ALL.map(row).into()));
    for (kind, source) in &status.sources {
        if let Some(error) = &source.error {
            let kept = if source.artefacts.is_empty() { "nothing is known of it yet" } else { "its last good records stay" };
            say!("{kind} is late or broken, {kept}: {error}");
        }
    }
    Ok(Ended::Well)
}

/// An age in seconds, rounded down to one unit.
fn age(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < 120 => format!("{s} s"),
        s if s < 7200 => format!("{} min", s / 60),
        s if s < 172_800 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
