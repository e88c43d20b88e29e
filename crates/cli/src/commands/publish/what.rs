//! The content of a publication, as arguments of `publish plan` and `publish run`.

use std::path::PathBuf;

use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::{Promotion, PublicationRequest};

use super::show;

/// The arguments for the content of a publication.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhatArgs {
    /// RPM files, or folders of them, to add to the channel. Packages that the channel has already are passed over.
    packages: Vec<PathBuf>,
    /// The channel to which packages are added or promoted; without it, `updates` where there is such a channel.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Give the channel the packages of another channel.
    #[arg(long, value_name = "CHANNEL", conflicts_with = "packages")]
    promote: Option<String>,
    /// With --promote: remove packages that the other channel does not have.
    #[arg(long, requires = "promote")]
    replace: bool,
    /// With --promote: take the packages that the other channel had in this snapshot.
    #[arg(long, value_name = "ID", requires = "promote")]
    snapshot: Option<String>,
    /// A packages file (JSON, may be gzipped) with the binary packages of each source package, where the repository does not have them.
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// The release line; that of seaworthy.toml without it, else `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Show all rows.
    #[arg(long)]
    all: bool,
}

impl WhatArgs {
    pub(super) fn request(&self) -> PublicationRequest {
        let promotion = self.promote.clone().map(|from| Promotion { from, snapshot: self.snapshot.clone(), replace: self.replace });
        PublicationRequest {
            packages: self.packages.clone(),
            channel: self.channel.clone(),
            promotion,
            names: self.names.clone(),
            line: self.line.clone(),
        }
    }

    /// The number of rows of each kind to show.
    pub(super) fn rows(&self) -> usize {
        if self.all { usize::MAX } else { show::ROWS }
    }
}
