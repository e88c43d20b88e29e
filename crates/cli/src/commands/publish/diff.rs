use clap::Args;

use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Show what differs between two publications: the packages of each channel, the documents.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The older one; the one before the newest where none is given.
    from: Option<String>,
    /// The newer one; the one in force where none is given.
    to: Option<String>,
}

pub(super) fn run(context: &Context, args: &DiffArgs) -> CommandResult {
    let difference = context.home()?.compare_publications(args.from.as_deref(), args.to.as_deref())?;
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
