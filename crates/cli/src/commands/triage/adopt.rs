use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::AdoptRequest;

use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Adopt the fixes from the time before the ledger, each as a case that was fixed and published on its day.
#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind).
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
    /// Packages files of the release line, the oldest first: a fix counts where the line has it.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    packages: Vec<PathBuf>,
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
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &AdoptArgs) -> CommandResult {
    let adopted = context.home()?.desk()?.adopt(&AdoptRequest {
        history: args.history.clone(),
        packages: args.packages.clone(),
        until: args.until,
        retired: args.retired,
        channel: args.channel.clone(),
        line: args.line.clone(),
    })?;
    if args.json {
        output::json(&adopted)?;
        return Ok(Ended::Well);
    }
    say!("{} fixes were taken over as cases that are fixed and published.", adopted.published);
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
