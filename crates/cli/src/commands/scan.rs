use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use seaworthy_model::{ReleaseLine, Severity, Status};
use seaworthy_pipeline::matching::LeftOut;
use seaworthy_pipeline::matching::formats::{self, Format, Report, plural};
use seaworthy_pipeline::triage::Span;
use seaworthy_pipeline::{Conclusion, RemarksRequest, ScanRequest, Scanned};

use super::selection::{JudgingArgs, Selector};
use crate::columns::{Style, style_of_output};
use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};
use crate::output;
use crate::say::{Cleaned, Reader};
use crate::table;

/// Judge the packages of an inventory.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing affected at or above --fail-on that is not accepted, 1 findings, 2 error, 3 nothing was found \
                  and it cannot be told whether there is something (nothing was read, no package is known, kinds are not judged)."
)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    selector: Selector,
    #[command(flatten)]
    judging: JudgingArgs,
    /// The format of the result.
    #[arg(long, value_enum, default_value = "table")]
    format: FormatArg,
    /// The file to write to, instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The statuses whose findings are listed, separated by commas; the others are counted only.
    #[arg(long, value_delimiter = ',', value_parser = parse_status)]
    status: Vec<Status>,
    /// Show also the pairs that the version alone rules out, and the findings that are accepted for a time.
    #[arg(long)]
    all: bool,
    /// The release line that the packages are builds of, whose cases count; the one of the settings, where the packages show it.
    #[arg(long, value_name = "LINE")]
    line: Option<ReleaseLine>,
    /// Use also cases under embargo.
    #[arg(long)]
    embargoed: bool,
    /// A VEX document (OpenVEX, CSAF or CycloneDX) whose statements count for this scan; may be given several times.
    #[arg(long, value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// A file of findings that are accepted until a day (TOML, `[[ignore]]` with cve, package, reason and expires); may be given several
    /// times.
    #[arg(long, value_name = "FILE")]
    ignore: Vec<PathBuf>,
    /// Judge only CVEs that changed since the last scan of the same inventory.
    #[arg(long)]
    changed: bool,
    /// The longest time since the sources of records were read, such as 48h or 7d; older records make the scan fail.
    #[arg(long, value_name = "SPAN")]
    max_age: Option<Span>,
    /// The severity from which an affected package makes the exit code 1; an unrated one counts as medium.
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "never")]
    fail_on: FailOn,
}

/// The format of a scan's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// A table for people at a terminal.
    Table,
    /// JSON lines: one finding a line.
    Jsonl,
    /// One JSON object with counts, blind spot and findings.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// CycloneDX 1.6 with vulnerabilities (VEX).
    Cyclonedx,
    /// An HTML page that needs no other file.
    Html,
}

impl FormatArg {
    fn write(self, report: &Report<'_>, style: Style, out: &mut dyn Write) -> std::io::Result<()> {
        let format = match self {
            Self::Table => return table::write(report, style, out),
            Self::Jsonl => Format::Jsonl,
            Self::Json => Format::Json,
            Self::Sarif => Format::Sarif,
            Self::Cyclonedx => Format::Cyclonedx,
            Self::Html => Format::Html,
        };
        match format {
            // The page cleans what it shows by itself.
            Format::Html => formats::write(format, report, out),
            _ => formats::write(format, report, &mut Cleaned::new(out, Reader::Json)),
        }
    }
}

/// The least severity of an affected package at which a scan fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    #[value(alias = "none")]
    Never,
    Low,
    Medium,
    High,
    Critical,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Never => None,
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

pub(super) fn run(context: &Context, args: &ScanArgs) -> CommandResult {
    let home = context.home()?;
    let scanned = home.scan(&ScanRequest {
        selection: args.selector.selection()?,
        judging: args.judging.judging(),
        keep_all: args.all,
        remarks: RemarksRequest { line: args.line.clone(), embargoed: args.embargoed, vex: args.vex.clone(), ignore: args.ignore.clone() },
        changed: args.changed,
        max_age: args.max_age,
    })?;
    show(context, args, &scanned)?;
    let bar = args.fail_on.severity();
    let ended = match scanned.conclusion(bar) {
        Conclusion::Affected(found) => {
            if let Some(bar) = bar.filter(|_| !context.is_quiet()) {
                note!(
                    "note: the exit code is 1, since {} affected at {} or above (--fail-on)",
                    plural(found, "finding is", "findings are"),
                    bar.as_str()
                );
            }
            Ended::Found
        }
        Conclusion::CannotTell(reasons) => {
            reasons.iter().for_each(|reason| note!("warning: cannot tell whether something is affected: {reason}"));
            Ended::CannotTell
        }
        Conclusion::Clear => Ended::Well,
    };
    // Freeing tens of thousands of packages and findings takes longer than the system needs to forget the process.
    std::mem::forget(scanned);
    Ok(ended)
}

/// Writes the findings; where the format has no sentences, what was left out is told beside it.
fn show(context: &Context, args: &ScanArgs, scanned: &Scanned) -> Result<(), CommandError> {
    let style = if args.output.is_none() { style_of_output(&context.globals) } else { Style::default() };
    let report = Report {
        assessment: &scanned.assessment,
        inventory: &scanned.inventory,
        folder: scanned.folder.clone(),
        title: scanned.title.clone(),
        vendor: scanned.vendor.clone(),
        left_out: &scanned.left_out,
        statuses: &args.status,
        only_changed: scanned.only_changed,
    };
    if !(matches!(args.format, FormatArg::Table | FormatArg::Html) || scanned.left_out.is_empty() || context.is_quiet()) {
        note!("{}", LeftOut::sentence(&scanned.left_out));
    }
    match &args.output {
        None => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            args.format.write(&report, style, &mut out)?;
            out.flush()?;
            Ok(())
        }
        Some(path) => output::file(path, |out| Ok(args.format.write(&report, style, out)?)),
    }
}

fn parse_status(text: &str) -> Result<Status, String> {
    let known = || Status::ALL.map(Status::as_str).join(", ");
    Status::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| format!("expected one of {}", known()))
}
