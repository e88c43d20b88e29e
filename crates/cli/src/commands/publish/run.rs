use clap::Args;
use seaworthy_model::Digest;
use seaworthy_pipeline::PublishOptions;

use super::show;
use super::what::WhatArgs;
use crate::context::Context;
use crate::error::CommandResult;

/// Publish: packages, advisories and pages in one step, or nothing. A second run with nothing new changes nothing; one that was cut
/// short is completed first.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 published, or nothing to publish; 1 consumers would conclude something else, and nothing was; 2 error."
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// Only if the plan is this one, by the digest that `publish plan` prints.
    #[arg(long, value_name = "DIGEST")]
    plan: Option<Digest>,
    /// Do not ask OpenSCAP and dnf what they conclude; the models of Trivy, Grype and OSV are asked all the same.
    #[arg(long)]
    no_programs: bool,
}

pub(super) fn run(context: &Context, args: &RunArgs) -> CommandResult {
    let home = context.home()?;
    let options = PublishOptions { expected: args.plan, programs: !args.no_programs };
    show::outcome(&home, home.publish(&args.what.request(), options)?, args.what.rows())
}
