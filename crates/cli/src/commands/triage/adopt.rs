use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::{AdoptRequest, Source};

use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Adopt the fixes from the time before the ledger, each as a case that was fixed and published on its day.
#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind). Without it the changelogs of the releases are the history.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Releases of the line, the oldest first: a fix counts where the line has it. Packages files, folders of specs, GIT_DIR@REVISION or
    /// repositories. Packages files have no changelog: with them --history tells the fixes. Of a repository, updateinfo is its changelog.
    #[arg(long = "packages", value_name = "WHERE", required = true, num_args = 1..)]
    releases: Vec<String>,
    /// Adopt only fixes up to this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<Date>,
    /// Adopt also fixes of packages that none of the files has, such as those that have left the line.
    #[arg(long)]
    retired: bool,
    /// The channel in which the fixes were published.
    #[arg(long, value_name = "NAME", default_value = "updates")]
    channel: String,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Count what would be adopted, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &AdoptArgs) -> CommandResult {
    let adopted = context.home()?.desk()?.trial(args.dry_run).adopt(&AdoptRequest {
        history: args.history.clone(),
        releases: args.releases.iter().map(|at| Source::release(at)).collect(),
        until: args.until,
        retired: args.retired,
        channel: args.channel.clone(),
        line: args.line.clone(),
    })?;
    if args.json {
        output::json(&adopted)?;
        return Ok(Ended::Well);
    }
    let taken = if args.dry_run { "would be" } else { "were" };
    say!("{} fixes {taken} taken over as cases that are fixed and published.", adopted.published);
    for (count, what) in [
        (adopted.not_there, "are fixed in a version that is not shipped, or that cannot be read: the first are cases that wait for it"),
        (adopted.known, "were passed over: they have a case already"),
        (adopted.not_shipped, "were passed over: their packages are not shipped (--retired takes them too)"),
    ] {
        if count > 0 {
            say!("  {count} {what}");
        }
    }
    Ok(Ended::Well)
}
