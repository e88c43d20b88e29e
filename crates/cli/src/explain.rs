//! `explain`: a record, each source's view of it, and how it was judged for a package.

use std::collections::HashSet;

use anyhow::bail;
use seaworthy_intelligence::records::{Configuration, View};
use seaworthy_intelligence::{Cve, Knowledge, ProductId, Store};
use seaworthy_matching::{Finding, assess};
use seaworthy_model::{CvssVersion, Severity, Status};

use crate::args::{Arguments, ExplainArgs};

pub(crate) fn run(arguments: &Arguments, args: &ExplainArgs) -> anyhow::Result<u8> {
    let store = Store::new(&arguments.home);
    let knowledge = store.open()?;
    let Some(cve) = knowledge.find(args.cve) else {
        bail!("{} is not among the {} records known here: check the id, or sync again", args.cve, knowledge.len());
    };
    record(&store, &knowledge, cve)?;
    if args.raw {
        for (kind, origin, text) in store.raw_records(&knowledge, args.cve)? {
            say!("\nraw record of {kind} ({origin})\n{text}");
        }
    }
    let Some(package) = &args.package else { return Ok(0) };
    let mut options = args.judging.options()?;
    options.only = Some(HashSet::from([args.cve]));
    options.keep_ruled_out = true;
    let inventory = args.selector.read(options.as_of.as_ref().map(|m| &*m.day))?;
    let shipped: Vec<_> = inventory.packages.iter().filter(|p| p.name == *package).collect();
    if shipped.is_empty() {
        bail!("no source package {package} in {}", inventory.origin.location);
    }
    let assessment = assess(&knowledge, &inventory, &options);
    let findings: Vec<&Finding> = assessment.findings.iter().filter(|f| f.package == *package).collect();
    say!("\n{package} {}", shipped.iter().map(|p| p.evr.to_string()).collect::<Vec<_>>().join(", "));
    if findings.is_empty() {
        say!("  no evidence ties it to this record: not raised");
        say!(
            "  what would change that: a line in a table of products (--products), a stated component, or a fix of the same product in its history"
        );
    }
    for finding in &findings {
        say!("  verdict: {}", finding.status);
        for evidence in &finding.evidence {
            let rule = serde_json::to_value(evidence.kind)?;
            say!("    {:<12} {}", rule.as_str().unwrap_or_default(), evidence.detail);
        }
        say!("  what would change it: {}", what_would_change(finding));
    }
    say!("  knowledge {}, inventory {}, {}", assessment.knowledge.short(), assessment.inventory.short(), assessment.engine);
    Ok(u8::from(findings.iter().any(|f| f.status == Status::Affected)))
}

fn what_would_change(finding: &Finding) -> String {
    let fixed = finding.fixed_in.as_ref().map(|v| format!("version {v} or later, or ")).unwrap_or_default();
    match finding.status {
        Status::Affected => {
            format!("{fixed}an applied patch named {}.patch, or a recorded decision {}.nopatch with its reason", finding.cve, finding.cve)
        }
        Status::Suspected => format!(
            "the version of the component (an SBOM, `Provides: bundled(...)` or a lock file), {fixed}a patch, or a recorded decision"
        ),
        Status::Undecided => {
            "a source that names the affected versions (the CVE List, OSV, an override), a patch, or a recorded decision".into()
        }
        Status::Fixed => "removing the patch or the changelog entry, or a patch that the spec no longer applies".into(),
        Status::NotAffected => "a record whose range takes this version in, or taking the decision back".into(),
    }
}

/// `YYYY-MM-DD` of days since 1970-01-01.
fn date_of(day: i32) -> String {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).map(|d| d.to_string()).unwrap_or_default()
}

fn record(store: &Store, knowledge: &Knowledge, cve: Cve) -> anyhow::Result<()> {
    let published = date_of(knowledge.published(cve).div_euclid(1440));
    let state = serde_json::to_value(knowledge.state(cve)).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    say!("{}  {state} {published}", knowledge.id(cve));
    if let Some(text) = knowledge.views(cve).map(|(_, v)| v.description).find(|d| !d.is_empty()) {
        say!("  {}", clean(text));
    }
    if let Some((since, ransomware)) = knowledge.exploited(cve) {
        let by = if ransomware { ", by ransomware as well" } else { "" };
        let due = store.due(knowledge.id(cve))?.map(|day| format!("; CISA asks for a fix by {}", date_of(day))).unwrap_or_default();
        say!("  known to be exploited since {}{by}{due}", date_of(since));
    }
    if let Some((probability, percentile)) = knowledge.exploit_prediction(cve) {
        say!("  EPSS {:.2} % (higher than {:.0} % of all)", probability * 100.0, percentile * 100.0);
    }
    for (kind, view) in knowledge.views_with_products(cve) {
        say!("\n{kind}{}", if view.analysis.is_empty() { String::new() } else { format!(" ({})", clean(view.analysis)) });
        show(knowledge, &view);
    }
    Ok(())
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
            "  CVSS {version} {:.1} {} by {:?}  {}",
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

/// A configuration as a condition.
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
