//! The commands `publish ...`: publications of a release line.

mod diff;
mod plan;
mod run;
mod show;
mod verify;
mod what;
mod withdraw;

use clap::Subcommand;

use crate::context::Context;
use crate::error::CommandResult;

/// Publish advisories, pages and the package repository, signed, in one step.
#[derive(Debug, Subcommand)]
pub(crate) enum PublishCommand {
    Plan(plan::PlanArgs),
    Run(run::RunArgs),
    Verify(verify::VerifyArgs),
    Withdraw(withdraw::WithdrawArgs),
    Diff(diff::DiffArgs),
}

pub(super) fn run(context: &Context, command: &PublishCommand) -> CommandResult {
    match command {
        PublishCommand::Plan(args) => plan::run(context, args),
        PublishCommand::Run(args) => run::run(context, args),
        PublishCommand::Verify(args) => verify::run(context, args),
        PublishCommand::Withdraw(args) => withdraw::run(context, args),
        PublishCommand::Diff(args) => diff::run(context, args),
    }
}
