use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use seaworthy_model::ReleaseLine;
use seaworthy_model::subject::ImageReleased;
use seaworthy_pipeline::ledger::Event;
use seaworthy_pipeline::triage::{Span, Spread};
use seaworthy_pipeline::{ReplayRequest, Replayed};

use super::sla;
use crate::arguments::parse_time;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Drive the program through history: records, packages, fixes and images take effect on their dates.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A folder of packages files, one for each release, each with its date.
    #[arg(long, value_name = "DIR")]
    packages_dir: PathBuf,
    /// A history of fixes (CSV, may be gzipped: package,cve,evr,date,kind).
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
    /// Node image notes (JSON lines, may be gzipped).
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,
    /// The time of the first step: a day, or a time such as 2024-09-20T06:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    from: Timestamp,
    /// The end: no step is after this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    to: Timestamp,
    /// The time between two scans.
    #[arg(long, value_name = "SPAN", default_value = "12h")]
    every: Span,
    /// The release line of the packages.
    #[arg(long, value_name = "NAME", default_value = "default")]
    line: ReleaseLine,
    /// The ledger of the replay, apart from the real one: a file or a PostgreSQL address. An interrupted replay continues there.
    #[arg(long, value_name = "LOCATION")]
    ledger: Option<String>,
    /// Judge everything again after every STEPS steps, and stop where the cases would be others. Slow.
    #[arg(long, value_name = "STEPS")]
    audit: Option<NonZeroU32>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &ReplayArgs) -> CommandResult {
    let replayed = context.home()?.replay(&ReplayRequest {
        packages: args.packages_dir.clone(),
        history: args.history.clone(),
        images: args.images.clone(),
        from: args.from,
        to: args.to,
        every: args.every,
        line: args.line.clone(),
        ledger: args.ledger.clone(),
        audit: args.audit,
    })?;
    if args.json {
        output::json(&replayed)?;
    } else {
        show(&replayed);
    }
    Ok(Ended::Well)
}

fn show(replayed: &Replayed) {
    let Replayed { report, images, audited, head } = replayed;
    say!("Replay from {} to {}\n", report.from, report.to);
    say!("Days from publication to detection, to fix, to image, and from fix to image: median, three quarters, nine of ten");
    let spread = |s: &Spread| match s.count {
        0 => format!("{:>24}", "-"),
        n => format!("{:>6.1}{:>6.1}{:>6.1} {:>5}", s.median / 24.0, s.p75 / 24.0, s.p90 / 24.0, n),
    };
    say!(
        "{:<9} {:>6} {:>6} {:>8} {:>24} {:>24} {:>24} {:>24}",
        "",
        "cases",
        "open",
        "out/band",
        "detection",
        "fix",
        "image",
        "fix to image"
    );
    for (name, line) in &report.severities {
        let spreads = [&line.to_detection, &line.to_fix, &line.to_image, &line.fix_to_image].map(spread);
        say!("{name:<9} {:>6} {:>6} {:>8} {}", line.opened, line.open, line.out_of_band, spreads.join(" "));
    }
    say!("\nDeadlines");
    sla::table(report);
    say!(
        "\n{:<16} {:>8} {:>6} {:>8} {:>9} {:>9} {:>8} {:>8}",
        "image",
        "packages",
        "fixed",
        "affected",
        "suspected",
        "fix late",
        "brought",
        "new"
    );
    for event in images {
        let Event::ImageReleased(ImageReleased { image, packages, counts, .. }) = event else { continue };
        let n = |name: &str| counts.get(name).copied().unwrap_or(0);
        say!(
            "{image:<16} {packages:>8} {:>6} {:>8} {:>9} {:>9} {:>8} {:>8}",
            n("fixed"),
            n("carried_affected"),
            n("carried_suspected"),
            n("carried_late"),
            n("brought_in"),
            n("newly_known")
        );
    }
    if let Some(digest) = &head.digest {
        say!("\n{} events, the last is {digest}", head.seq);
    }
    if *audited > 0 {
        say!("{audited} steps were judged again from nothing, and came to the same cases");
    }
}
