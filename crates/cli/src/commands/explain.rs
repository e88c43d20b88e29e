use clap::Args;
use seaworthy_intelligence::records::{Configuration, View};
use seaworthy_intelligence::{Knowledge, ProductId};
use seaworthy_model::{CveId, CvssVersion, Day, Severity, Status};
use seaworthy_pipeline::{ExplainRequest, Explained, Judged, what_would_change};

use super::selection::{JudgingArgs, Selector};
use crate::context::Context;
use crate::error::{CommandError, CommandResult, Ended};

/// Show a record, the views of its sources, and how it was judged for a package.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The CVE.
    cve: CveId,
    /// The source package; without it, only the record is shown.
    package: Option<String>,
    #[command(flatten)]
    selector: Selector,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Show the raw records as well.
    #[arg(long)]
    raw: bool,
}

pub(super) fn run(context: &Context, args: &ExplainArgs) -> CommandResult {
    let package = args.package.clone().map(|package| Ok::<_, CommandError>((package, args.selector.selection()?))).transpose()?;
    let explained = context.home()?.explain(&ExplainRequest { cve: args.cve, package, judging: args.judging.judging(), raw: args.raw })?;
    record(&explained);
    for (kind, origin, text) in &explained.raw {
        say!("\nraw record of {kind} ({origin})\n{text}");
    }
    let Some(judged) = &explained.judged else { return Ok(Ended::Well) };
    verdict(judged);
    Ok(Ended::found(judged.assessment.findings.iter().any(|f| f.status == Status::Affected)))
}

fn verdict(judged: &Judged) {
    let assessment = &judged.assessment;
    say!("\n{} {}", judged.package, judged.versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    if assessment.findings.is_empty() {
        say!("  no evidence ties it to this record: not raised");
        say!(
            "  what would change that: a line in a table of products (--products), a stated component, or a fix of the same product in \
             its history"
        );
    }
    for finding in &assessment.findings {
        say!("  verdict: {}", finding.status);
        for evidence in &finding.evidence {
            let rule = serde_json::to_value(evidence.kind).unwrap_or_default();
            say!("    {:<12} {}", rule.as_str().unwrap_or_default(), evidence.detail);
        }
        say!("  what would change it: {}", what_would_change(finding));
    }
    say!("  knowledge {}, inventory {}, {}", assessment.knowledge.short(), assessment.inventory.short(), assessment.engine);
}

fn record(explained: &Explained) {
    let Explained { knowledge, cve, due, .. } = explained;
    let cve = *cve;
    let published = Day::of_epoch_days(knowledge.published(cve).div_euclid(1440));
    let state = serde_json::to_value(knowledge.state(cve)).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    say!("{}  {state} {published}", knowledge.id(cve));
    if let Some(text) = knowledge.views(cve).map(|(_, v)| v.description).find(|d| !d.is_empty()) {
        say!("  {}", clean(text));
    }
    if let Some((since, ransomware)) = knowledge.exploited(cve) {
        let by = if ransomware { ", by ransomware as well" } else { "" };
        let due = due.map(|day| format!("; CISA asks for a fix by {}", Day::of_epoch_days(day))).unwrap_or_default();
        say!("  known to be exploited since {}{by}{due}", Day::of_epoch_days(since));
    }
    if let Some((probability, percentile)) = knowledge.exploit_prediction(cve) {
        say!("  EPSS {:.2} % (higher than {:.0} % of all)", probability * 100.0, percentile * 100.0);
    }
    for (kind, view) in knowledge.views_with_products(cve) {
        say!("\n{kind}{}", if view.analysis.is_empty() { String::new() } else { format!(" ({})", clean(view.analysis)) });
        show(knowledge, &view);
    }
}

fn show(knowledge: &Knowledge, view: &View<'_>) {
    for rating in &view.ratings {
        let version = match rating.version {
            CvssVersion::V2 => "2.0",
            CvssVersion::V30 => "3.0",
            CvssVersion::V31 => "3.1",
            CvssVersion::V40 => "4.0",
        };
        say!(
            "  CVSS {version} {:.1} {} by {}  {}",
            rating.score,
            Severity::of_score(rating.score, rating.version),
            rating.rater,
            clean(rating.vector)
        );
    }
    if !view.weaknesses.is_empty() {
        say!("  {}", clean(&view.weaknesses.join(", ")));
    }
    for configuration in &view.configurations {
        say!("  affected: {}", condition(knowledge, configuration));
    }
    for affected in &view.affected {
        let ranges: Vec<String> =
            affected.ranges.iter().filter(|r| !r.git).map(|r| format!("{}{}", if r.affected { "" } else { "not " }, r.versions)).collect();
        say!("  affected: {} {}", clean(knowledge.product_name(ProductId(affected.product))), clean(&ranges.join("; ")));
    }
    if view.configurations.is_empty() && view.affected.is_empty() {
        say!("  names no product");
    }
}

/// A configuration of a record as a condition in words.
fn condition(knowledge: &Knowledge, configuration: &Configuration<'_>) -> String {
    const SHOWN: usize = 8;
    let joined = |all: bool| if all { " and " } else { " or " };
    let nodes: Vec<String> = configuration
        .nodes
        .iter()
        .map(|node| {
            let mut products: Vec<String> = Vec::new();
            for product in &node.products {
                let name = knowledge.product_name(ProductId(product.product));
                let role = if product.vulnerable { "" } else { "on " };
                for version in product.versions.iter().take(SHOWN) {
                    let range = match (&*version.version, version.range) {
                        (_, Some(range)) => range.to_string(),
                        ("*", None) => "every version".into(),
                        ("-", None) => "no version named".into(),
                        (exact, None) => exact.to_owned(),
                    };
                    let target = version.target_sw.as_ref().map(|t| format!(" for {t}")).unwrap_or_default();
                    products.push(format!("{role}{name} {range}{target}"));
                }
                if product.versions.len() > SHOWN {
                    products.push(format!("{} more versions of {name}", product.versions.len() - SHOWN));
                }
            }
            format!("{}({})", if node.negate { "not " } else { "" }, products.join(joined(node.all)))
        })
        .collect();
    let text = format!("{}{}", if configuration.negate { "not " } else { "" }, nodes.join(joined(configuration.all)));
    clean(&text)
}

/// Text of a record without control characters, which a terminal would obey.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
