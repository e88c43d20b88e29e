use std::io::Write;

use clap::Args;

use crate::error::{CommandResult, Ended};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs, mut command: clap::Command) -> CommandResult {
    // Generated in memory, since the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "seaworthy", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Ended::Well)
}
