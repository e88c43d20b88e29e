//! The records of the CVE List, format 5: <https://cveproject.github.io/cve-schema/schema/docs/>.

mod expression;
mod products;
mod versions;

use std::borrow::Cow;

use seaworthy_model::{CveId, CvssVersion, Rater};
use serde::Deserialize;

use self::products::{Product, Statement};
use super::json::{Reference, Score, Text, too_long};
use super::nvd::{Config, configurations_of};
use super::time::When;
use super::{Affected, BEGINNING_BYTES, Collector, Rating, RecordState, RecordText, View, shortened};

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
    #[serde(borrow)]
    cpe_applicability: Vec<Config<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Provider<'a> {
    #[serde(borrow)]
    short_name: Cow<'a, str>,
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

/// The greatest length of the name of a product, in bytes.
const NAME_BYTES: usize = 400;

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
    let containers = || std::iter::once(cna).chain(&record.containers.adp);
    let mut ratings = Vec::new();
    let mut statements: Vec<(Statement<'_>, bool)> = Vec::new();
    let mut weaknesses = Vec::new();
    for container in containers() {
        let by_cisa = container.provider_metadata.short_name == "CISA-ADP";
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
        let added = !std::ptr::eq(container, cna);
        for product in &container.affected {
            let mut refuse = |text: &str| out.refuse(too_long(text, json, file, &metadata.cve_id));
            statements.push((Statement::of(product, added, &mut refuse), added));
        }
    }
    let mut affected = Vec::with_capacity(statements.len());
    for (statement, added) in &statements {
        for name in &statement.names {
            affected.push(Affected {
                product: out.product(shortened(name, NAME_BYTES)),
                default: statement.default,
                ranges: statement.entries.ranges(),
                unknown: statement.entries.unknown(),
                parts: statement.files.clone(),
                added: *added,
            });
        }
    }
    // Those of the authority that assigned the id; others repeat or guess them.
    let applicability = containers().map(|container| &container.cpe_applicability).find(|list| !list.is_empty());
    let place = 0..json.len();
    let configurations = applicability.map(|list| configurations_of(&id, file, list, &place, out)).unwrap_or_default();
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
        configurations,
        affected,
        weaknesses,
    };
    let mut homes =
        containers().flat_map(|c| c.references.iter().map(|r| &*r.url).chain(c.affected.iter().filter_map(Product::repository)));
    let text = RecordText::of(description.into(), containers().flat_map(|c| &c.references));
    out.view(&view, text, &mut homes, place);
    Ok(())
}
