use clap::Args;
use seaworthy_model::case::Case;
use seaworthy_model::text::shown;
use seaworthy_model::{CveId, CvssVersion, Evidence};
use seaworthy_pipeline::{ExplainRequest, Explained, ExplainedRecord, Judged, RecordView};

use super::about;
use super::selection::{JudgingArgs, Selector};
use super::triage::title;
use crate::columns::terminal_width;
use crate::context::Context;
use crate::error::{CommandResult, Ended};
use crate::output;

/// Show a record, the views of its sources, and how it is judged for a package of an inventory, or was judged by the last cycle.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 it was explained, whatever the verdict; 2 error.")]
pub(crate) struct ExplainArgs {
    /// The CVE.
    cve: CveId,
    /// The source package, or a binary package of the inventory; without it, only the record is shown.
    package: Option<String>,
    #[command(flatten)]
    selector: Selector,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Show the raw records as well.
    #[arg(long)]
    raw: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, args: &ExplainArgs) -> CommandResult {
    let request = ExplainRequest {
        cve: args.cve,
        package: args.package.clone(),
        selection: args.selector.named()?,
        judging: args.judging.judging(),
        raw: args.raw,
    };
    let explained = context.home()?.explain(&request)?;
    if args.json {
        output::json(&explained)?;
    } else {
        show(&explained);
        if let (Some(package), None) = (&args.package, &explained.judged) {
            cases(package, &explained.cases);
        }
    }
    Ok(Ended::Well)
}

fn show(explained: &Explained) {
    record(&explained.record);
    for raw in explained.raw.iter().flatten() {
        say!("\nraw record of {} ({})\n{}", raw.source, raw.location, raw.text);
    }
    if let Some(judged) = &explained.judged {
        verdict(judged, &explained.record);
        say!("  knowledge {}, inventory {}, {}", explained.knowledge.short(), judged.inventory.short(), judged.engine);
    }
}

/// Prints what the last cycle saw of a package, where no inventory was named.
fn cases(package: &str, cases: &[Case]) {
    for case in cases {
        say!("\n{}", title(case));
        case.facts.evidence.iter().for_each(evidence);
    }
    let seen = match cases {
        // The cases are those of source packages: of a binary package nothing follows from that.
        [] => format!("There is no case of a source package {}", shown(package)),
        _ => "That is what the last cycle saw".to_owned(),
    };
    say!("\n{seen}; --spec-tree DIR, or another source of packages, judges it now.");
}

fn evidence(evidence: &Evidence) {
    let rule = serde_json::to_value(evidence.kind).unwrap_or_default();
    say!("    {:<12} {}", rule.as_str().unwrap_or_default(), evidence.detail);
}

fn verdict(judged: &Judged, record: &ExplainedRecord) {
    if let Some(binary) = &judged.binary {
        say!("\n{binary} is a binary package of {}", judged.package);
    }
    say!("\n{} {}", judged.package, judged.versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    if let Some(would_raise) = judged.would_raise {
        let why = if record.is_rejected() { "the record is rejected" } else { "no evidence ties it to this record" };
        say!("  {why}: not raised\n  what would change that: {would_raise}");
    }
    for found in &judged.findings {
        say!("  verdict: {}", found.finding.status);
        found.finding.evidence.iter().for_each(evidence);
        say!("  what would change it: {}", found.would_change);
    }
}

fn record(record: &ExplainedRecord) {
    say!("{}  {} {}", record.cve, record.state.as_str(), record.published);
    for line in about::lines(&record.about, terminal_width()) {
        say!("  {}", shown(&line));
    }
    if let Some(exploitation) = &record.exploitation {
        let by = if exploitation.ransomware { ", by ransomware as well" } else { "" };
        let due = exploitation.due.map(|day| format!("; CISA asks for a fix by {day}")).unwrap_or_default();
        say!("  known to be exploited since {}{by}{due}", exploitation.since);
    }
    if let Some(epss) = &record.epss {
        say!("  EPSS {:.2} % (higher than {:.0} % of all)", epss.probability * 100.0, epss.percentile * 100.0);
    }
    record.views.iter().for_each(view);
}

fn view(view: &RecordView) {
    say!("\n{}", shown(&view.title()));
    for rating in &view.ratings {
        let version = match rating.cvss.version {
            CvssVersion::V2 => "2.0",
            CvssVersion::V30 => "3.0",
            CvssVersion::V31 => "3.1",
            CvssVersion::V40 => "4.0",
        };
        say!("  CVSS {version} {:.1} {} by {}  {}", rating.cvss.score, rating.severity, rating.cvss.rater, shown(&rating.cvss.vector));
    }
    if !view.weaknesses.is_empty() {
        say!("  {}", shown(&view.weaknesses.join(", ")));
    }
    for configuration in &view.configurations {
        say!("  affected: {}", shown(&configuration.condition));
    }
    for affected in &view.affected {
        say!("  affected: {} {}", shown(&affected.product), shown(&affected.condition));
    }
    if view.configurations.is_empty() && view.affected.is_empty() {
        say!("  names no product");
    }
}
