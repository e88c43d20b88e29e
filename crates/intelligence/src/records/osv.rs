//! OSV records: <https://ossf.github.io/osv-schema/>.

use std::borrow::Cow;

use seaworthy_model::{Bound, CveId, VersionRange};
use serde::Deserialize;

use super::json::Reference;
use super::time::When;
use super::{Affected, AffectedRange, Collector, RecordState, View, shortened};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    schema_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    modified: Cow<'a, str>,
    #[serde(borrow, default)]
    published: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    withdrawn: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    aliases: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    summary: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    details: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    affected: Vec<Product<'a>>,
    #[serde(borrow, default)]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
struct Product<'a> {
    #[serde(borrow, default)]
    package: Option<Package<'a>>,
    #[serde(borrow, default)]
    ranges: Vec<Range<'a>>,
    #[serde(borrow, default)]
    versions: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    ecosystem: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Range<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    introduced: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fixed: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    last_affected: Option<Cow<'a, str>>,
}

/// Parses one OSV record and hands out a view for each CVE that it is an alias of; a record of no CVE gives none.
///
/// # Errors
/// When it is not an OSV record of schema 1.
pub fn parse_osv(json: &[u8], out: &mut dyn Collector) -> Result<(), String> {
    let record: Record<'_> = serde_json::from_slice(json).map_err(|e| format!("not an OSV record: {e}"))?;
    if let Some(version) = record.schema_version.as_deref().filter(|v| !v.starts_with("1.")) {
        return Err(format!(
            "{}: schema version {} is not known here (1.x is): upgrade seaworthy",
            shortened(&record.id, 60),
            shortened(version, 20)
        ));
    }
    let ids: Vec<CveId> = std::iter::once(&record.id).chain(&record.aliases).filter_map(|a| a.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let date = record.published.as_deref().unwrap_or(&record.modified);
    let published = When::parse(date)
        .ok_or_else(|| format!("{}: {:?} is no date of publication", shortened(&record.id, 60), shortened(date, 40)))?
        .known();
    let modified = When::parse(&record.modified).and_then(When::known).or(published);
    let mut affected = Vec::new();
    for product in &record.affected {
        let Some(package) = &product.package else { continue };
        let ecosystem = match package.ecosystem.split(':').next().unwrap_or("") {
            "Go" => "golang",
            "npm" => "npm",
            "PyPI" => "pypi",
            "crates.io" => "cargo",
            "RubyGems" => "gem",
            "Maven" => "maven",
            "Packagist" => "composer",
            "NuGet" => "nuget",
            "CRAN" => "cran",
            "Hackage" => "hackage",
            // Distributions: their own statement, about their own builds, decides nothing for ours.
            _ => continue,
        };
        let name = package.name.to_ascii_lowercase().replace(':', "/");
        let ranges = ranges_of(product);
        affected.push(Affected {
            product: out.product(shortened(&format!("purl:{ecosystem}/{name}"), 400)),
            default: Some(false),
            ranges,
            files: Vec::new(),
            by_cisa: false,
        });
    }
    for id in ids {
        let view = View {
            key: id.key(),
            state: if record.withdrawn.is_some() { RecordState::Rejected } else { RecordState::Published },
            published: published.map(|when| when.minute),
            modified: modified.map(|when| when.second),
            analysis: "",
            description: shortened(record.summary.as_deref().or(record.details.as_deref()).unwrap_or(""), 240),
            ratings: Vec::new(),
            configurations: Vec::new(),
            affected: affected.clone(),
            weaknesses: Vec::new(),
        };
        out.view(&view, &mut record.references.iter().map(|r| &*r.url), 0..json.len());
    }
    Ok(())
}

fn ranges_of<'a>(product: &'a Product<'_>) -> Vec<AffectedRange<'a>> {
    let mut ranges = Vec::new();
    for range in &product.ranges {
        let git = range.kind == "GIT";
        let mut start = None;
        let mut push = |start: Bound<'a>, end| ranges.push(AffectedRange { versions: VersionRange { start, end }, affected: true, git });
        for event in &range.events {
            if let Some(version) = event.introduced.as_deref() {
                start = Some(if version == "0" { Bound::Unbounded } else { Bound::Including(version) });
            } else if let Some(end) = event.fixed.as_deref().map(Bound::Excluding).or(event.last_affected.as_deref().map(Bound::Including))
            {
                push(start.take().unwrap_or(Bound::Unbounded), end);
            }
        }
        if let Some(start) = start {
            push(start, Bound::Unbounded);
        }
    }
    if ranges.iter().all(|r| r.git) {
        ranges.extend(product.versions.iter().filter(|v| v.len() <= 256).map(|v| AffectedRange {
            versions: VersionRange::only(v),
            affected: true,
            git: false,
        }));
    }
    ranges
}
