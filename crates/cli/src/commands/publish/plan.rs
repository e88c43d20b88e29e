use clap::Args;

use super::show;
use super::what::WhatArgs;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

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
    let plan = context.home()?.plan_publication(&args.what.request())?;
    if args.json {
        output::json(&plan.document())?;
    } else {
        show::plan(&plan, args.what.rows());
    }
    Ok(Ended::found(plan.concluded().is_some_and(|concluded| !concluded.agrees())))
}
