//! What `plan` and `run` publish.

use std::path::PathBuf;

use clap::Args;
use seaworthy_model::ReleaseLine;
use seaworthy_pipeline::{Promotion, PublicationRequest};

use super::show;

/// What to publish.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhatArgs {
    /// RPM files, or folders of them, to add to the channel. Those that are there already are passed over.
    packages: Vec<PathBuf>,
    /// The channel that packages are added to, or that is promoted to; `updates` where there is one.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Let the channel have what another one has.
    #[arg(long, value_name = "CHANNEL", conflicts_with = "packages")]
    promote: Option<String>,
    /// With --promote: packages that the other channel does not have go.
    #[arg(long, requires = "promote")]
    replace: bool,
    /// With --promote: what the other channel had in this snapshot.
    #[arg(long, value_name = "ID", requires = "promote")]
    snapshot: Option<String>,
    /// A packages file (JSON, may be gzipped) that names the binary packages of each source package, where the repository does not.
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// The release line; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    line: Option<ReleaseLine>,
    /// Every row.
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

    /// How many rows of each kind are shown.
    pub(super) fn rows(&self) -> usize {
        if self.all { usize::MAX } else { show::ROWS }
    }
}
