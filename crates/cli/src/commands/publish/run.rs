use clap::Args;
use seaworthy_model::Digest;
use seaworthy_pipeline::PublishOptions;

use super::show;
use super::what::WhatArgs;
use crate::context::Context;
use crate::error::CommandResult;

/// Publish packages, advisories and pages in one step, or nothing. A second run without news changes nothing; a run that was interrupted is
/// completed first. `publish plan` shows what it would change. What was published cannot be taken back; packages can be withdrawn.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 published, or nothing to publish; 1 consumers would conclude something else, and nothing was; 2 error."
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// Publish only if the plan has this digest, which `publish plan` prints.
    #[arg(long, value_name = "DIGEST")]
    plan: Option<Digest>,
    /// Do not run OpenSCAP and dnf for their conclusions; the models of Trivy, Grype and OSV conclude in any case.
    #[arg(long)]
    no_programs: bool,
    /// Go on with a first publication that calls many packages affected although the spec tree has the fix.
    #[arg(long)]
    accept_undelivered: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &RunArgs) -> CommandResult {
    let home = context.home_for(args.json)?;
    let options = PublishOptions { expected: args.plan, programs: !args.no_programs, accept_undelivered: args.accept_undelivered };
    show::outcome(&home, home.publish(&args.what.request(), options)?, args.json, args.what.rows())
}
