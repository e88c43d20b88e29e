//! The records of the CVE List, format 5: <https://cveproject.github.io/cve-schema/schema/docs/>.

use std::borrow::Cow;

use seaworthy_model::{Bound, CpeName, CveId, CvssVersion, Rater, VersionRange};
use serde::Deserialize;

use super::json::{Reference, Score, Text, Word, too_long};
use super::nvd::product_name;
use super::time::When;
use super::{Affected, AffectedRange, BEGINNING_BYTES, Collector, Rating, RecordState, RecordText, VERSION_BYTES, View, shortened};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    data_version: Cow<'a, str>,
    #[serde(borrow)]
    cve_metadata: Metadata<'a>,
    #[serde(borrow)]
    containers: Containers<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    cve_id: Cow<'a, str>,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    date_published: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_reserved: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    date_updated: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Containers<'a> {
    #[serde(borrow)]
    cna: Container<'a>,
    #[serde(borrow, default)]
    adp: Vec<Container<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    provider_metadata: Provider<'a>,
    #[serde(borrow)]
    descriptions: Vec<Text<'a>>,
    #[serde(borrow)]
    affected: Vec<Product<'a>>,
    #[serde(borrow)]
    references: Vec<Reference<'a>>,
    #[serde(borrow)]
    metrics: Vec<Metric<'a>>,
    #[serde(borrow)]
    problem_types: Vec<ProblemType<'a>>,
    #[serde(borrow)]
    tags: Vec<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Provider<'a> {
    #[serde(borrow)]
    short_name: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Product<'a> {
    #[serde(borrow)]
    vendor: Cow<'a, str>,
    #[serde(borrow)]
    product: Cow<'a, str>,
    #[serde(borrow, rename = "collectionURL")]
    collection_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    package_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    repo: Option<Cow<'a, str>>,
    #[serde(borrow)]
    default_status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    versions: Vec<Version<'a>>,
    #[serde(borrow)]
    program_files: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    cpes: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    less_than: Option<Word<'a>>,
    #[serde(borrow, default)]
    less_than_or_equal: Option<Word<'a>>,
    #[serde(borrow, default)]
    version_type: Option<Cow<'a, str>>,
}

impl Version<'_> {
    /// The first text that is too long for a version; `None` where there is none.
    fn too_long(&self) -> Option<&str> {
        let texts = [Some(&*self.version), self.less_than.as_deref(), self.less_than_or_equal.as_deref()];
        texts.into_iter().flatten().find(|text| text.len() > VERSION_BYTES)
    }
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(borrow, default, rename = "cvssV4_0")]
    v40: Option<Score<'a>>,
    #[serde(borrow, default, rename = "cvssV3_1")]
    v31: Option<Score<'a>>,
    #[serde(borrow, default, rename = "cvssV3_0")]
    v30: Option<Score<'a>>,
    #[serde(borrow, default, rename = "cvssV2_0")]
    v2: Option<Score<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ProblemType<'a> {
    #[serde(borrow)]
    descriptions: Vec<Problem<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Problem<'a> {
    #[serde(borrow)]
    cwe_id: Option<Cow<'a, str>>,
}

/// Parses a record of the CVE List from a file. A version that is too long is refused by itself, with its position.
///
/// # Errors
/// When the text is no JSON of format 5, or the record has another format, no CVE id, or a date of publication that cannot be read.
pub fn parse_cve5(json: &[u8], file: &str, out: &mut dyn Collector) -> Result<(), String> {
    let record: Record<'_> = serde_json::from_slice(json).map_err(|e| format!("not a CVE record of format 5: {e}"))?;
    if !record.data_version.starts_with("5.") {
        return Err(format!("record format {} is not known here (5.x is): upgrade seaworthy", shortened(&record.data_version, 20)));
    }
    let metadata = &record.cve_metadata;
    let id: CveId = metadata.cve_id.parse().map_err(|e: seaworthy_model::CveIdError| e.to_string())?;
    // The schema asks for neither.
    let published = match metadata.date_published.as_deref().or(metadata.date_reserved.as_deref()) {
        Some(date) => When::parse(date).ok_or_else(|| format!("{id}: {:?} is no date of publication", shortened(date, 40)))?.known(),
        None => None,
    };
    let modified = metadata.date_updated.as_deref().and_then(When::parse).and_then(When::known).or(published);
    let cna = &record.containers.cna;
    let state = match &*metadata.state {
        "REJECTED" => RecordState::Rejected,
        _ if cna.tags.iter().any(|t| t == "disputed") => RecordState::Disputed,
        _ => RecordState::Published,
    };
    let containers =
        || std::iter::once((cna, false)).chain(record.containers.adp.iter().map(|a| (a, a.provider_metadata.short_name == "CISA-ADP")));
    let mut ratings = Vec::new();
    let mut affected = Vec::new();
    let mut weaknesses = Vec::new();
    for (container, by_cisa) in containers() {
        for metric in &container.metrics {
            let rater = if by_cisa { Rater::Cisa } else { Rater::Cna };
            for (version, score) in [
                (CvssVersion::V40, &metric.v40),
                (CvssVersion::V31, &metric.v31),
                (CvssVersion::V30, &metric.v30),
                (CvssVersion::V2, &metric.v2),
            ] {
                if let Some((score, vector)) = score.as_ref().and_then(Score::taken) {
                    ratings.push(Rating { version, rater, score, vector });
                }
            }
        }
        weaknesses.extend(container.problem_types.iter().flat_map(|p| &p.descriptions).filter_map(|d| d.cwe_id.as_deref()));
        for product in &container.affected {
            let mut ranges: Vec<AffectedRange<'_>> = Vec::with_capacity(product.versions.len());
            for version in &product.versions {
                match version.too_long() {
                    Some(text) => out.refuse(too_long(text, json, file, &metadata.cve_id)),
                    None => ranges.extend(range_of(version)),
                }
            }
            take_product(product, ranges, by_cisa, out, &mut affected);
        }
    }
    weaknesses.sort_unstable();
    weaknesses.dedup();
    let description = cna.descriptions.iter().find(|d| d.lang.starts_with("en")).map_or("", |d| &*d.value);
    let view = View {
        key: id.key(),
        state,
        published: published.map(|when| when.minute),
        modified: modified.map(|when| when.second),
        analysis: "",
        beginning: shortened(description, BEGINNING_BYTES),
        ratings,
        configurations: Vec::new(),
        affected,
        weaknesses,
    };
    let mut homes =
        containers().flat_map(|(c, _)| c.references.iter().map(|r| &*r.url).chain(c.affected.iter().filter_map(|p| p.repo.as_deref())));
    let text = RecordText::of(description.into(), containers().flat_map(|(c, _)| &c.references));
    out.view(&view, text, &mut homes, 0..json.len());
    Ok(())
}

fn take_product<'a>(
    product: &'a Product<'_>,
    ranges: Vec<AffectedRange<'a>>,
    by_cisa: bool,
    out: &mut dyn Collector,
    affected: &mut Vec<Affected<'a>>,
) {
    let default = match product.default_status.as_deref() {
        Some("affected") => Some(true),
        Some("unaffected") => Some(false),
        _ => None,
    };
    let files: Vec<&str> = product.program_files.iter().map(|f| &**f).filter(|f| f.len() <= 300).collect();
    let mut names = Vec::new();
    for cpe in &product.cpes {
        if let Ok(cpe) = CpeName::parse(cpe) {
            let mut name = String::new();
            product_name(&cpe, &mut name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if let (Some(package), Some(ecosystem)) = (product.package_name.as_deref(), product.collection_url.as_deref().and_then(ecosystem_of)) {
        names.push(format!("purl:{ecosystem}/{}", package.to_ascii_lowercase()));
    }
    let plain = |text: &str| text.to_lowercase().replace(':', " ").trim().replace(' ', "_");
    if names.is_empty() && !product.product.is_empty() {
        names.push(format!("a:{}:{}", plain(&product.vendor), plain(&product.product)));
    }
    for name in names {
        affected.push(Affected {
            product: out.product(shortened(&name, 400)),
            default,
            ranges: ranges.clone(),
            files: files.clone(),
            by_cisa,
        });
    }
}

/// The package URL type of a package collection, by its address; `None` for others.
fn ecosystem_of(url: &str) -> Option<&'static str> {
    [
        ("pkg.go.dev", "golang"),
        ("golang", "golang"),
        ("npmjs", "npm"),
        ("pypi", "pypi"),
        ("crates.io", "cargo"),
        ("rubygems", "gem"),
        ("maven", "maven"),
        ("packagist", "composer"),
        ("nuget", "nuget"),
        ("cpan", "cpan"),
    ]
    .iter()
    .find(|(host, _)| url.contains(host))
    .map(|&(_, ecosystem)| ecosystem)
}

fn range_of<'a>(version: &'a Version<'_>) -> Option<AffectedRange<'a>> {
    let wild = |v: &str| matches!(v, "*" | "0" | "" | "n/a" | "unspecified" | "-" | "all");
    let upper = version.less_than.as_deref().map(Bound::Excluding).or(version.less_than_or_equal.as_deref().map(Bound::Including));
    let end = match upper {
        Some(Bound::Including("*") | Bound::Excluding("*")) => Bound::Unbounded,
        // 5.10.* means the whole branch.
        Some(bound) => bound,
        None if version.version == "*" || version.version == "all" => Bound::Unbounded,
        None if wild(&version.version) && version.version != "0" => return None,
        None => Bound::Including(&version.version),
    };
    let start = if wild(&version.version) { Bound::Unbounded } else { Bound::Including(&version.version) };
    let affected = match &*version.status {
        "affected" => true,
        "unaffected" => false,
        _ => return None,
    };
    Some(AffectedRange { versions: VersionRange { start, end }, affected, git: version.version_type.as_deref() == Some("git") })
}
