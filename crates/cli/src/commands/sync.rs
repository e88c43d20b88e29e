use clap::Args;
use seaworthy_pipeline::{Sources, SyncRequest};

use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Bring the knowledge up to date from its sources: NVD, CVE List, KEV, EPSS, OSV, overrides. With options, only the sources that they name
/// are synced; without, those of seaworthy.toml, and NVD, KEV and EPSS unless it says otherwise.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// NVD's JSON 2.0 feeds: a folder, a mirror's address, or `default`.
    #[arg(long, value_name = "LOCATION")]
    nvd: Option<String>,
    /// The address of the CVE API 2.0, for changes since the last sync; NVD's own without a value.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "default")]
    nvd_api: Option<String>,
    /// A key for the CVE API, which allows ten times the requests.
    #[arg(long, env = "NVD_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// CVE List v5: a folder or git checkout, a release zip, or its address.
    #[arg(long, value_name = "LOCATION")]
    cvelist: Option<String>,
    /// CISA's Known Exploited Vulnerabilities: a file, an address, or `default`.
    #[arg(long, value_name = "LOCATION")]
    kev: Option<String>,
    /// EPSS scores: a file, an address, or `default`.
    #[arg(long, value_name = "LOCATION")]
    epss: Option<String>,
    /// OSV: a folder, a zip, an address, or the name of an ecosystem (`Go`, `PyPI`); may be repeated.
    #[arg(long, value_name = "LOCATION")]
    osv: Vec<String>,
    /// Corrections in the layout of anchore/nvd-data-overrides: a folder, an archive, or its address.
    #[arg(long, value_name = "LOCATION")]
    overrides: Option<String>,
    /// Build the whole index again from the raw records, without the network.
    #[arg(long, conflicts_with_all = ["nvd", "nvd_api", "cvelist", "kev", "epss", "osv", "overrides"])]
    rebuild: bool,
    /// As JSON: what changed, what was not taken, and which sources failed.
    #[arg(long)]
    json: bool,
}

// What a sync came to is said as a notice, so that a cycle says it as well.
pub(super) fn run(context: &Context, args: &SyncArgs) -> CommandResult {
    let home = context.home_for(args.json)?;
    let sources = Sources {
        nvd: args.nvd.clone(),
        nvd_api: args.nvd_api.clone(),
        kev: args.kev.clone(),
        epss: args.epss.clone(),
        cvelist: args.cvelist.clone(),
        overrides: args.overrides.clone(),
        osv: args.osv.clone(),
    };
    let request = SyncRequest { sources, api_key: args.api_key.clone() };
    let synced = if args.rebuild { home.rebuild_index()? } else { home.sync(&request)? };
    if args.json {
        output::json(&synced)?;
    }
    Ok(Ended::Well)
}
