//! The command line of `publish`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use seaworthy_model::Digest;

#[derive(Debug, Subcommand)]
pub(crate) enum PublishCommand {
    /// Show what a publication would change: packages, advisories, channels, and what consumers would conclude. Nothing is written.
    Plan {
        #[command(flatten)]
        what: What,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Publish: packages, advisories and pages in one step, or nothing. A second run with nothing new changes nothing; one that was cut
    /// short is completed first.
    #[command(
        after_help = "Exit codes: 0 published, or nothing to publish; 1 consumers would conclude something else, nothing was published; 2 error."
    )]
    Run {
        #[command(flatten)]
        what: What,
        /// Only if the plan is this one, by the digest that `publish plan` prints.
        #[arg(long, value_name = "DIGEST")]
        plan: Option<Digest>,
        /// Do not ask OpenSCAP and dnf what they conclude; the models of Trivy, Grype and OSV are asked all the same.
        #[arg(long)]
        no_programs: bool,
    },
    /// Read everything that is published: digests, signatures, pointers, and what consumers conclude.
    #[command(after_help = "Exit codes: 0 everything is as it was published, 1 it is not, 2 error.")]
    Verify {
        /// Read every package as well, not only its size; and of a store every object.
        #[arg(long)]
        packages: bool,
        /// Do not ask OpenSCAP and dnf what they conclude.
        #[arg(long)]
        no_programs: bool,
    },
    /// Take packages back, or let a channel point to an earlier snapshot, and say so in the advisories, in one step.
    Withdraw(WithdrawArgs),
    /// Show what differs between two publications: the packages of each channel, the documents.
    Diff {
        /// The older one; the one before the newest where none is given.
        from: Option<String>,
        /// The newer one; the one in force where none is given.
        to: Option<String>,
    },
}

/// What to publish.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct What {
    /// RPM files, or folders of them, to add to the channel. Those that are there already are passed over.
    pub(crate) packages: Vec<PathBuf>,
    /// The channel that packages are added to, or that is promoted to; `updates` where there is one.
    #[arg(long, value_name = "NAME")]
    pub(crate) channel: Option<String>,
    /// Let the channel have what another one has.
    #[arg(long, value_name = "CHANNEL", conflicts_with = "packages")]
    pub(crate) promote: Option<String>,
    /// With --promote: packages that the other channel does not have go.
    #[arg(long, requires = "promote")]
    pub(crate) replace: bool,
    /// With --promote: what the other channel had in this snapshot.
    #[arg(long, value_name = "ID", requires = "promote")]
    pub(crate) snapshot: Option<String>,
    /// A packages file (JSON, may be gzipped) that names the binary packages of each source package, where the repository does not.
    #[arg(long, value_name = "FILE")]
    pub(crate) names: Option<PathBuf>,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
    /// Every row.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// Packages to take back, as NAME-VERSION-RELEASE or NAME-VERSION-RELEASE.ARCH, with all that the newest build of their source is
    /// made of. They cannot be published again.
    #[arg(required_unless_present = "to", conflicts_with = "to")]
    pub(crate) packages: Vec<String>,
    /// From this channel; from all where none is given.
    #[arg(long, value_name = "NAME")]
    pub(crate) channel: Option<String>,
    /// Let the channel point to this earlier snapshot of its own.
    #[arg(long, value_name = "SNAPSHOT", requires = "channel")]
    pub(crate) to: Option<String>,
    /// Why, in words: it is told in the advisories of fixes that go with them, and kept in the log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
}
