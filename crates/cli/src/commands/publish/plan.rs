use clap::Args;

use super::show;
use super::what::WhatArgs;
use crate::context::Context;
use crate::error::CommandResult;

/// Show the changes of the next publication: packages, advisories, channels, and the conclusions of consumers. Nothing is written.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &PlanArgs) -> CommandResult {
    show::planned(&context.home()?.plan_publication(&args.what.request())?, args.json, args.what.rows())
}
