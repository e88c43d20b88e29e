use clap::Args;
use seaworthy_pipeline::{Created, Home};

use crate::context::Context;
use crate::error::{CommandResult, Ended};

/// Create the home folder with its settings, and print the next steps.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {}

pub(super) fn run(context: &Context, _: &InitArgs) -> CommandResult {
    let Created { settings, written } = Home::create(&context.globals.home)?;
    if !context.is_quiet() {
        let home = context.globals.home.display();
        say!("{} {}", settings.display(), if written { "holds the settings, each with a comment." } else { "is kept as it was." });
        say!("{home} is ready.\nNext: seaworthy --home {home} sync        fetches NVD, KEV and EPSS (about 70 MB, the first time)");
        say!("  or: seaworthy --home {home} sync --nvd FOLDER --kev FILE        reads them from here");
    }
    Ok(Ended::Well)
}
