use clap::Args;

use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Show the differences between two publications: the packages of each channel, and the documents.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The id of the older publication; the one before the newest without it.
    from: Option<String>,
    /// The id of the newer publication; the one in force without it.
    to: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &DiffArgs) -> CommandResult {
    let difference = context.home()?.compare_publications(args.from.as_deref(), args.to.as_deref())?;
    if args.json {
        output::json(&difference.document())?;
        return Ok(Ended::Well);
    }
    say!("From {} to {}", difference.from, difference.to);
    for (channel, packages) in &difference.channels {
        say!("Channel {channel}: {} come, {} go", packages.added.len(), packages.removed.len());
        for nevra in &packages.added {
            say!("  + {nevra}");
        }
        for nevra in &packages.removed {
            say!("  - {nevra}");
        }
    }
    say!("Documents: {} differ", difference.documents.len());
    for path in &difference.documents {
        say!("  {path}");
    }
    Ok(Ended::Well)
}
