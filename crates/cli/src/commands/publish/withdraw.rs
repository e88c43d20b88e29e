use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::{PublishOptions, Withdrawal, WithdrawalRequest};

use super::show;
use crate::context::Context;
use crate::error::CommandResult;

/// Take packages back, or let a channel point to an earlier snapshot, and say so in the advisories, in one step.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// Packages to take back, as NAME-VERSION-RELEASE or NAME-VERSION-RELEASE.ARCH, with all that the newest build of their source is
    /// made of. They cannot be published again.
    #[arg(required_unless_present = "to", conflicts_with = "to")]
    packages: Vec<String>,
    /// From this channel; from all where none is given.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Let the channel point to this earlier snapshot of its own.
    #[arg(long, value_name = "SNAPSHOT", requires = "channel")]
    to: Option<String>,
    /// Why, in words: it is told in the advisories of fixes that go with them, and kept in the log.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
}

pub(super) fn run(context: &Context, args: &WithdrawArgs) -> CommandResult {
    let home = context.home()?;
    let what = match (args.to.clone(), args.channel.clone()) {
        (Some(snapshot), Some(channel)) => Withdrawal::ToSnapshot { channel, snapshot },
        (_, channel) => Withdrawal::Packages { packages: args.packages.clone(), channel },
    };
    let request = WithdrawalRequest { what, why: args.why.clone(), line: args.line.clone() };
    show::outcome(&home, home.withdraw(&request, PublishOptions { expected: None, programs: true })?, show::ROWS)
}
