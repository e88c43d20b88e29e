//! The command line.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use seaworthy_model::{CveId, Digest, Severity, Status};
use seaworthy_triage::Span;

use crate::keys::KeysCommand;
use crate::publish::PublishCommand;
use crate::render::Format;
use crate::serve_repo::ServeArgs;
use crate::triage::TriageCommand;
use crate::vex::VexCommand;

/// Security work of a Linux distribution: what is known, what is shipped, what is affected.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, color = ColorChoice::Auto, after_help = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 error.")]
pub(crate) struct Arguments {
    /// The folder of all state.
    #[arg(long, global = true, env = "SEAWORTHY_HOME", default_value = ".seaworthy")]
    pub(crate) home: PathBuf,
    /// Say only what was asked for, and errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// No progress on standard error: no bars on a terminal, no lines elsewhere.
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Colours in tables (NO_COLOR is respected).
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub(crate) color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the home folder with its settings, and say what comes next.
    Init,
    /// Bring what is known up to date: NVD, CVE List, KEV, EPSS, OSV, overrides. With options, only the sources they name;
    /// without, those of seaworthy.toml, and NVD, KEV and EPSS unless it says otherwise.
    Sync(SyncArgs),
    /// Show the age, size and state of each source.
    Status(StatusArgs),
    /// List, show or compare what is shipped.
    #[command(subcommand)]
    Inventory(InventoryCommand),
    /// Judge every package of an inventory.
    Scan(ScanArgs),
    /// Show a record, each source's view of it, and how it was judged for a package.
    Explain(ExplainArgs),
    /// Sync, scan, bring the cases up to what was found, and plan: one run that can be repeated.
    Cycle(CycleArgs),
    /// Work through the cases: the queue, decisions, suggestions, a terminal view.
    #[command(subcommand)]
    Triage(TriageCommand),
    /// Exchange what is said of cases with others, as OpenVEX or CSAF documents.
    #[command(subcommand)]
    Vex(VexCommand),
    /// Publish advisories, pages and the package repository, signed, in one step.
    #[command(subcommand)]
    Publish(PublishCommand),
    /// Create, import, rotate and show the keys that publications are signed with.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Serve what is published by HTTP, for a small site.
    ServeRepo(ServeArgs),
    /// Show what goes out of band now, what boards which train, what missed it, and what blocks the rest.
    Plan(PlanArgs),
    /// Show which deadlines were kept, which are broken, and which cannot be kept.
    Sla(SlaArgs),
    /// Check and show what must happen by when, and how fixes are delivered.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Show, check, copy and rebuild the log of what was done and decided.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Drive the program through history: records, packages, fixes and images take effect on their dates.
    Replay(ReplayArgs),
    /// Print a completion script for a shell.
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Default, Args)]
pub(crate) struct SyncArgs {
    /// NVD's JSON 2.0 feeds: a folder, a mirror's address, or `default`.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) nvd: Option<String>,
    /// Changes since the last sync by the CVE API 2.0, from NVD's address or another.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "default")]
    pub(crate) nvd_api: Option<String>,
    /// A key for the CVE API, which allows ten times the requests.
    #[arg(long, env = "NVD_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// CVE List v5: a folder or git checkout, a release zip, or its address.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) cvelist: Option<String>,
    /// CISA's Known Exploited Vulnerabilities: a file, an address, or `default`.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) kev: Option<String>,
    /// EPSS scores: a file, an address, or `default`.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) epss: Option<String>,
    /// OSV: a folder, a zip, an address, or the name of an ecosystem (`Go`, `PyPI`); may be repeated.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) osv: Vec<String>,
    /// Corrections in the layout of anchore/nvd-data-overrides: a folder, an archive, or its address.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) overrides: Option<String>,
    /// Build the whole index again from the raw records, without the network.
    #[arg(long, conflicts_with_all = ["nvd", "nvd_api", "cvelist", "kev", "epss", "osv", "overrides"])]
    pub(crate) rebuild: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to look at: exactly one source of packages, with additions.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selector {
    /// A packages file (JSON, may be gzipped). With --image-notes it tells the source packages of the image's binaries.
    #[arg(long, value_name = "FILE")]
    pub(crate) packages: Option<PathBuf>,
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind).
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// Node image notes (JSON lines, may be gzipped).
    #[arg(long, value_name = "FILE")]
    pub(crate) image_notes: Option<PathBuf>,
    /// The image version in the notes; the newest where none is given.
    #[arg(long, value_name = "VERSION", requires = "image_notes")]
    pub(crate) image: Option<String>,
    /// A tree of spec files: a folder, or GIT_DIR@REVISION.
    #[arg(long, value_name = "DIR[@REVISION]")]
    pub(crate) spec_tree: Option<String>,
    /// With --spec-tree: the value of %{dist}.
    #[arg(long, value_name = "DIST", requires = "spec_tree")]
    pub(crate) dist: Option<String>,
    /// With --spec-tree: ask `rpmspec` where a spec cannot be read without running it.
    #[arg(long, requires = "spec_tree")]
    pub(crate) rpmspec: bool,
    /// With --spec-tree: unpacked sources, a folder a package (NAME or NAME-VERSION), whose lock files name components.
    #[arg(long, value_name = "DIR", requires = "spec_tree")]
    pub(crate) sources: Option<PathBuf>,
    /// An RPM repository: the folder that holds repodata, or its http or https address.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) repository: Option<String>,
    /// A root filesystem with an RPM database.
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// RPM files.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) rpm: Vec<PathBuf>,
    /// A list of NAME-VERSION-RELEASE.ARCH, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) nevras: Option<PathBuf>,
    /// A CycloneDX or SPDX document (JSON).
    #[arg(long, value_name = "FILE")]
    pub(crate) sbom: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    /// List the source packages.
    List {
        #[command(flatten)]
        selector: Selector,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one package with all that is known of it.
    Show {
        /// The source package.
        package: String,
        #[command(flatten)]
        selector: Selector,
    },
    /// Compare two packages files or spec trees: what came, went and changed its version.
    Diff {
        /// The older one: a packages file, a folder of specs, or GIT_DIR@REVISION.
        from: String,
        /// The newer one, of the same forms.
        to: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Judging {
    /// Hide records and history of a later day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_of: Option<String>,
    /// A table of names and products to lay over the built-in one.
    #[arg(long, value_name = "FILE")]
    pub(crate) products: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing affected at or above --fail-on, 1 findings, 2 error.")]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) selector: Selector,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// The form of the result.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Write to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Keep only these statuses.
    #[arg(long, value_delimiter = ',', value_parser = parse_status)]
    pub(crate) status: Vec<Status>,
    /// Tell also the pairs that the version alone rules out.
    #[arg(long)]
    pub(crate) all: bool,
    /// Only CVEs that changed since the last scan of the same packages.
    #[arg(long)]
    pub(crate) changed: bool,
    /// Exit with 1 when a package is affected at this severity or above; an unknown one counts as medium.
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "never")]
    pub(crate) fail_on: FailOn,
}

/// When a scan fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    #[value(alias = "none")]
    Never,
    Low,
    Medium,
    High,
    Critical,
}

impl FailOn {
    /// Whether a finding of this severity fails the scan.
    pub(crate) fn is_reached(self, severity: Option<Severity>) -> bool {
        let bar = match self {
            Self::Never => return false,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        };
        severity.unwrap_or(Severity::Medium) >= bar
    }
}

#[derive(Debug, Args)]
pub(crate) struct CycleArgs {
    #[command(flatten)]
    pub(crate) selector: Selector,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Do not sync first.
    #[arg(long)]
    pub(crate) no_sync: bool,
    /// The release line that the packages belong to; that of seaworthy.toml, or `default`.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
    /// The notes of the image in service (JSON lines, the newest counts): what is on it comes first in the queue, and fixes on it
    /// are delivered.
    #[arg(long, value_name = "FILE")]
    pub(crate) image_in_service: Option<PathBuf>,
    /// Tell every change and the whole plan.
    #[arg(long)]
    pub(crate) all: bool,
    /// Tell also what is under embargo.
    #[arg(long)]
    pub(crate) embargoed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Only cases of this release line.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
    /// As of a time; now where none is given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) at: Option<Timestamp>,
    /// Every row.
    #[arg(long)]
    pub(crate) all: bool,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Plan also what is under embargo.
    #[arg(long)]
    pub(crate) embargoed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SlaArgs {
    /// Only cases of this release line.
    #[arg(long, value_name = "NAME")]
    pub(crate) line: Option<String>,
    /// As of a time; now where none is given.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) at: Option<Timestamp>,
    /// No more rows than this of broken deadlines.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) limit: usize,
    /// As JSON, with every broken deadline.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a chart as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Count also what is under embargo.
    #[arg(long)]
    pub(crate) embargoed: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check the policy of a settings file; errors point at the line.
    Check {
        /// The file; seaworthy.toml of the home where none is given.
        file: Option<PathBuf>,
    },
    /// Show the policy in force.
    Show,
    /// Print the standard policy, to start one's own from.
    Template,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A folder of packages files, one a release, each with its date.
    #[arg(long, value_name = "DIR")]
    pub(crate) packages_dir: PathBuf,
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind).
    #[arg(long, value_name = "FILE")]
    pub(crate) history: PathBuf,
    /// Node image notes (JSON lines, may be gzipped).
    #[arg(long, value_name = "FILE")]
    pub(crate) images: Option<PathBuf>,
    /// The time of the first step: a day, or a time such as 2024-09-20T06:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) from: Timestamp,
    /// The last step is not after it.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) to: Timestamp,
    /// How often it scans.
    #[arg(long, value_name = "SPAN", default_value = "12h")]
    pub(crate) every: Span,
    /// The release line that the packages belong to.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(crate) line: String,
    /// Where the replay keeps its ledger, apart from the real one: a file or a PostgreSQL address. A replay that was cut short goes
    /// on there.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) ledger: Option<String>,
    /// Judge everything from nothing again after every so many steps, and stop where the cases should be others. Slow.
    #[arg(long, value_name = "STEPS")]
    pub(crate) audit: Option<NonZeroU32>,
    /// The report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A day is its first moment (UTC).
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<jiff::civil::Date>().ok().and_then(|d| jiff::tz::Offset::UTC.to_timestamp(d.at(0, 0, 0, 0)).ok());
    text.parse().ok().or_else(day).ok_or_else(|| "write a day, 2024-09-20, or a time, 2024-09-20T06:00:00Z".into())
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The CVE.
    pub(crate) cve: CveId,
    /// The source package; without one only the record is shown.
    pub(crate) package: Option<String>,
    #[command(flatten)]
    pub(crate) selector: Selector,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Show the raw records as well.
    #[arg(long)]
    pub(crate) raw: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Show events, the newest first: when, who, what and why.
    Log(LogArgs),
    /// Compute the digest of every event again, and say at which event the log is not what was written.
    #[command(after_help = "Exit codes: 0 the log is what was written, 1 it is not, 2 error.")]
    Verify {
        /// A digest that an earlier check has printed: it has to be in the log still. Tells a log whose end was cut off.
        #[arg(long, value_name = "DIGEST")]
        known: Option<Digest>,
    },
    /// Write the events as JSON lines, with their digests: a backup, or a ledger to go on with elsewhere.
    Export {
        /// Write to a file instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Begin with this event.
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        from: u64,
        /// Write it even though cases under embargo are in it. An export is always whole.
        #[arg(long)]
        embargoed: bool,
    },
    /// Take over an export: all of it or nothing, into an empty ledger or one that ends where the export begins. Every line is
    /// checked.
    Import {
        /// The export; - for standard input.
        file: PathBuf,
    },
    /// Build the views from the log again. They come out as they were, unless something had changed them.
    Rebuild,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Only events of the cases of a CVE, or of a CVE in one package.
    #[arg(long, num_args = 1..=2, value_names = ["CVE", "PACKAGE"])]
    pub(crate) case: Vec<String>,
    /// Only events of a kind: synced, scanned, case, image_released, planned.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// No more than this; 0 for all.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub(crate) limit: u64,
    /// As JSON, one event a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Also events of cases under embargo, which are not shown otherwise.
    #[arg(long)]
    pub(crate) embargoed: bool,
}

fn parse_status(text: &str) -> Result<Status, String> {
    let known = || Status::ALL.map(Status::as_str).join(", ");
    Status::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| format!("expected one of {}", known()))
}
