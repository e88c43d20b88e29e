use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::{PublishOptions, Withdrawal, WithdrawalRequest};

use super::show;
use crate::context::Context;
use crate::error::CommandResult;

/// Withdraw packages, or let a channel point to an earlier snapshot, and publish that in the advisories, in one step. This cannot be taken
/// back.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// The packages to withdraw, as NAME-VERSION-RELEASE or NAME-VERSION-RELEASE.ARCH, together with all packages of the newest build of
    /// their source. They cannot be published again.
    #[arg(required_unless_present = "to", conflicts_with = "to")]
    packages: Vec<String>,
    /// The only channel to withdraw from; all channels without it.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// The earlier snapshot of the channel to which it points from now on.
    #[arg(long, value_name = "SNAPSHOT", requires = "channel")]
    to: Option<String>,
    /// The reason, in words: it is published in the advisories of fixes that are withdrawn, and kept in the log.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Show the plan, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &WithdrawArgs) -> CommandResult {
    let home = context.home_for(args.json)?;
    let what = match (args.to.clone(), args.channel.clone()) {
        (Some(snapshot), Some(channel)) => Withdrawal::ToSnapshot { channel, snapshot },
        (_, channel) => Withdrawal::Packages { packages: args.packages.clone(), channel },
    };
    let request = WithdrawalRequest { what, why: args.why.clone(), line: args.line.clone() };
    if args.dry_run {
        return show::planned(&home.plan_withdrawal(&request)?, args.json, show::ROWS);
    }
    let options = PublishOptions { expected: None, programs: true, accept_undelivered: false };
    show::outcome(&home, home.withdraw(&request, options)?, args.json, show::ROWS)
}
