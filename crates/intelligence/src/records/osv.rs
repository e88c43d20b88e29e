//! OSV records: <https://ossf.github.io/osv-schema/>.

use std::borrow::Cow;

use seaworthy_model::CveId;
use serde::Deserialize;

use super::json::{Reference, Word, too_long};
use super::osv_ranges::{Range, ranges_of};
use super::time::When;
use super::{Affected, BEGINNING_BYTES, Collector, RecordState, RecordText, View, shortened};

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
    versions: Vec<Word<'a>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    ecosystem: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// The greatest number of CVEs that a record may name.
const IDS: usize = 256;

/// Parses an OSV record from a file and gives a view for each CVE that it is or has as an alias; a record without a CVE gives none. A
/// version that is too long is refused by itself, with its position.
///
/// # Errors
/// When the text is no OSV record of schema 1.
pub fn parse_osv(json: &[u8], file: &str, out: &mut dyn Collector) -> Result<(), String> {
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
    // Each gets a view of its own: the most that a record of today has is 16.
    if ids.len() > IDS {
        return Err(format!("{}: it names {} CVEs, and may name {IDS}", shortened(&record.id, 60), ids.len()));
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
        let ranges = ranges_of(&product.ranges, &product.versions, &mut |version| {
            out.refuse(too_long(version, json, file, &record.id));
        });
        affected.push(Affected {
            product: out.product(shortened(&format!("purl:{ecosystem}/{name}"), 400)),
            default: Some(false),
            ranges,
            files: Vec::new(),
            by_cisa: false,
        });
    }
    let (summary, details) = (record.summary.as_deref().unwrap_or_default(), record.details.as_deref().unwrap_or_default());
    // The summary is the title; some records repeat it where the details begin.
    let description: Cow<'_, str> = match (summary.trim(), details.trim()) {
        (title, "") => title.into(),
        ("", text) => text.into(),
        (title, text) if text.starts_with(title) => text.into(),
        (title, text) => format!("{title}\n\n{text}").into(),
    };
    let text = RecordText::of(description, &record.references);
    for id in ids {
        let view = View {
            key: id.key(),
            state: if record.withdrawn.is_some() { RecordState::Rejected } else { RecordState::Published },
            published: published.map(|when| when.minute),
            modified: modified.map(|when| when.second),
            analysis: "",
            beginning: shortened(record.summary.as_deref().or(record.details.as_deref()).unwrap_or(""), BEGINNING_BYTES),
            ratings: Vec::new(),
            configurations: Vec::new(),
            affected: affected.clone(),
            weaknesses: Vec::new(),
        };
        out.view(&view, text.clone(), &mut record.references.iter().map(|r| &*r.url), 0..json.len());
    }
    Ok(())
}
