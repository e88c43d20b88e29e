//! The records of NVD, JSON 2.0, in feeds and pages of the CVE API: <https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema>.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use seaworthy_model::{Bound, CpeAttribute, CpeName, CveId, CvssVersion, Rater, VersionRange};
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::{Reference, Score, Text};
use super::time::When;
use super::{
    BEGINNING_BYTES, Collector, Configuration, Node, ProductMatch, Rating, RecordState, RecordText, Refused, Update, VERSION_BYTES,
    VersionMatch, View, shortened,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    published: Cow<'a, str>,
    #[serde(borrow, default)]
    last_modified: Cow<'a, str>,
    #[serde(borrow, default)]
    vuln_status: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cve_tags: Option<Vec<CveTag<'a>>>,
    #[serde(borrow, default)]
    descriptions: Vec<Text<'a>>,
    #[serde(borrow, default)]
    metrics: Metrics<'a>,
    #[serde(borrow, default)]
    weaknesses: Vec<Weakness<'a>>,
    #[serde(borrow, default)]
    configurations: Vec<Config<'a>>,
    #[serde(borrow, default)]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
struct CveTag<'a> {
    #[serde(borrow, default)]
    tags: Vec<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
struct Metrics<'a> {
    #[serde(borrow, default, rename = "cvssMetricV40")]
    v40: Vec<Metric<'a>>,
    #[serde(borrow, default, rename = "cvssMetricV31")]
    v31: Vec<Metric<'a>>,
    #[serde(borrow, default, rename = "cvssMetricV30")]
    v30: Vec<Metric<'a>>,
    #[serde(borrow, default, rename = "cvssMetricV2")]
    v2: Vec<Metric<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric<'a> {
    #[serde(borrow, default)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    cvss_data: Score<'a>,
}

#[derive(Deserialize)]
struct Weakness<'a> {
    #[serde(borrow, default)]
    description: Vec<Text<'a>>,
}

/// A configuration, which the CVE List has in the same form.
#[derive(Deserialize)]
pub(super) struct Config<'a> {
    #[serde(borrow, default)]
    operator: Option<Cow<'a, str>>,
    #[serde(default)]
    negate: Option<bool>,
    #[serde(borrow, default)]
    nodes: Vec<ConfigNode<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigNode<'a> {
    #[serde(borrow, default)]
    operator: Option<Cow<'a, str>>,
    #[serde(default)]
    negate: Option<bool>,
    #[serde(borrow, default)]
    cpe_match: Vec<CpeMatch<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CpeMatch<'a> {
    #[serde(default = "yes")]
    vulnerable: bool,
    #[serde(borrow)]
    criteria: Cow<'a, str>,
    #[serde(borrow, default)]
    version_start_including: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    version_start_excluding: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    version_end_including: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    version_end_excluding: Option<Cow<'a, str>>,
    /// The end with the update of the name joined on.
    #[serde(skip)]
    updated_end: OnceCell<String>,
}

fn yes() -> bool {
    true
}

/// The values in the frame of a feed or an API page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NvdFeed {
    /// The version of the schema, such as `2.0`.
    pub version: String,
    /// The time of the feed, as its text.
    pub timestamp: String,
    /// The number of records that it announces.
    pub total: u64,
    /// The number of records that it had.
    pub seen: u64,
}

/// Parses a feed or an API page. A record that cannot be parsed is refused with its position; the others are kept.
///
/// # Errors
/// When the frame is no NVD JSON 2.x: no JSON, cut off, or of another schema; the message says what to do.
pub fn parse_nvd(json: &[u8], file: &str, out: &mut dyn Collector) -> Result<NvdFeed, String> {
    let text = std::str::from_utf8(json).map_err(|e| format!("not UTF-8 at byte {}: fetch it again", e.valid_up_to()))?;
    let mut feed = NvdFeed::default();
    let mut frame = Frame { base: text.as_ptr() as usize, len: text.len(), file, out, feed: &mut feed };
    let mut json = serde_json::Deserializer::from_str(text);
    frame.visit(&mut json).and_then(|()| json.end()).map_err(|e| {
        if e.is_eof() {
            format!("cut off at line {} column {}: fetch it again", e.line(), e.column())
        } else {
            format!("not an NVD JSON 2.0 feed: {e}")
        }
    })?;
    Ok(feed)
}

/// Parses an override of anchore/nvd-data-overrides: `{"cve": {"id", "configurations", ...}}` beside an annotation.
///
/// # Errors
/// When the text is no JSON of that layout.
pub fn parse_override(json: &[u8], file: &str, out: &mut dyn Collector) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Override<'a> {
        #[serde(borrow)]
        cve: &'a RawValue,
    }
    let text = std::str::from_utf8(json).map_err(|e| format!("not UTF-8 at byte {}", e.valid_up_to()))?;
    let over: Override<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    // The annotation's id names the record where the cve object does not.
    let cve: Cve<'_> = match serde_json::from_str(over.cve.get()) {
        Ok(cve) => cve,
        Err(error) => {
            #[derive(Deserialize)]
            struct Named<'a> {
                #[serde(borrow, rename = "_annotation")]
                annotation: Annotation<'a>,
                #[serde(borrow)]
                cve: Configured<'a>,
            }
            #[derive(Deserialize)]
            struct Annotation<'a> {
                #[serde(borrow)]
                cve_id: Cow<'a, str>,
            }
            #[derive(Deserialize)]
            struct Configured<'a> {
                #[serde(borrow, default)]
                configurations: Vec<Config<'a>>,
                #[serde(borrow, default)]
                references: Vec<Reference<'a>>,
            }
            let named: Named<'_> = serde_json::from_str(text).map_err(|_| error.to_string())?;
            Cve {
                id: named.annotation.cve_id,
                published: Cow::Borrowed(""),
                last_modified: Cow::Borrowed(""),
                vuln_status: None,
                cve_tags: None,
                descriptions: Vec::new(),
                metrics: Metrics::default(),
                weaknesses: Vec::new(),
                configurations: named.cve.configurations,
                references: named.cve.references,
            }
        }
    };
    // An override has no date of its own: it corrects the record whenever that was published.
    let published = if cve.published.is_empty() { None } else { Some(published(&cve)?) };
    take(&cve, published.flatten(), file, 0..json.len(), out)
}

/// The outer object of a feed, read in one pass without keeping the records in memory.
struct Frame<'a, 'o> {
    base: usize,
    len: usize,
    file: &'a str,
    out: &'o mut dyn Collector,
    feed: &'o mut NvdFeed,
}

impl Frame<'_, '_> {
    fn visit<'de>(&mut self, json: &mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> serde_json::Result<()> {
        use serde::Deserializer as _;
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Frame<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with vulnerabilities")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "version" => {
                    self.feed.version = map.next_value::<String>()?;
                    if !self.feed.version.starts_with("2.") && self.feed.version != "2" {
                        return Err(serde::de::Error::custom(format!(
                            "schema version {} is not known here (2.x is): upgrade seaworthy, or give it a feed of version 2.0",
                            self.feed.version
                        )));
                    }
                }
                "timestamp" => self.feed.timestamp = map.next_value()?,
                "totalResults" => self.feed.total = map.next_value()?,
                "vulnerabilities" => {
                    found = true;
                    map.next_value_seed(Records(self))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found { Ok(()) } else { Err(serde::de::Error::missing_field("vulnerabilities")) }
    }
}

struct Records<'f, 'a, 'o>(&'f mut Frame<'a, 'o>);

impl<'de> DeserializeSeed<'de> for Records<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        struct Record<'a> {
            #[serde(borrow)]
            cve: Cve<'a>,
        }
        let frame = self.0;
        // The raw value first: its bounds give the record's position, and a record that does not fit the types costs
        // itself only.
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            frame.feed.seen += 1;
            let text = raw.get();
            let start = (text.as_ptr() as usize).wrapping_sub(frame.base).min(frame.len);
            let taken = serde_json::from_str::<Record<'_>>(text)
                .map_err(|e| e.to_string())
                .and_then(|record| take(&record.cve, published(&record.cve)?, frame.file, start..start + text.len(), frame.out));
            if let Err(message) = taken {
                frame.out.refuse(Refused { file: frame.file.to_owned(), offset: start as u64, message });
            }
        }
        Ok(())
    }
}

fn id_of(cve: &Cve<'_>) -> Result<CveId, String> {
    cve.id.parse().map_err(|e: seaworthy_model::CveIdError| e.to_string())
}

/// The time of publication of a record; `None` where its date means that it is unknown.
fn published(cve: &Cve<'_>) -> Result<Option<When>, String> {
    let id = id_of(cve)?;
    let when = When::parse(&cve.published).ok_or_else(|| format!("{id}: {:?} is no date of publication", shortened(&cve.published, 40)))?;
    Ok(when.known())
}

/// Gives a record to the collector.
fn take(cve: &Cve<'_>, published: Option<When>, file: &str, place: std::ops::Range<usize>, out: &mut dyn Collector) -> Result<(), String> {
    let id = id_of(cve)?;
    let modified = When::parse(&cve.last_modified).and_then(When::known).or(published);
    let status = cve.vuln_status.as_deref().unwrap_or("");
    let disputed = cve.cve_tags.iter().flatten().flat_map(|t| &t.tags).any(|t| t == "disputed");
    let state = match status {
        "Rejected" => RecordState::Rejected,
        _ if disputed => RecordState::Disputed,
        _ => RecordState::Published,
    };
    let mut ratings = Vec::new();
    for (version, metrics) in [
        (CvssVersion::V40, &cve.metrics.v40),
        (CvssVersion::V31, &cve.metrics.v31),
        (CvssVersion::V30, &cve.metrics.v30),
        (CvssVersion::V2, &cve.metrics.v2),
    ] {
        for metric in metrics {
            let Some((score, vector)) = metric.cvss_data.taken() else { continue };
            let rater = match &*metric.source {
                "nvd@nist.gov" => Rater::Nvd,
                // CISA's authorized data publisher.
                "134c704f-9b21-4f2e-91b3-4a467353bcc0" => Rater::Cisa,
                _ => Rater::Cna,
            };
            ratings.push(Rating { version, rater, score, vector });
        }
    }
    let configurations = configurations_of(&id, file, &cve.configurations, &place, out);
    let mut weaknesses: Vec<&str> = cve
        .weaknesses
        .iter()
        .flat_map(|w| &w.description)
        .map(|d| &*d.value)
        .filter(|w| w.starts_with("CWE-"))
        .map(|w| shortened(w, 16))
        .collect();
    weaknesses.sort_unstable();
    weaknesses.dedup();
    let description = cve.descriptions.iter().find(|d| d.lang == "en").map_or("", |d| &*d.value);
    let view = View {
        key: id.key(),
        state,
        published: published.map(|when| when.minute),
        modified: modified.map(|when| when.second),
        analysis: shortened(status, 40),
        beginning: shortened(description, BEGINNING_BYTES),
        ratings,
        configurations,
        affected: Vec::new(),
        weaknesses,
    };
    let text = RecordText::of(description.into(), &cve.references);
    out.view(&view, text, &mut cve.references.iter().map(|r| &*r.url), place);
    Ok(())
}

/// The configurations of a record. A match whose name or version cannot be read is refused by itself.
pub(super) fn configurations_of<'m>(
    id: &CveId,
    file: &str,
    configs: &'m [Config<'_>],
    place: &std::ops::Range<usize>,
    out: &mut dyn Collector,
) -> Vec<Configuration<'m>> {
    let mut configurations = Vec::with_capacity(configs.len());
    for config in configs {
        let mut nodes = Vec::with_capacity(config.nodes.len());
        for node in &config.nodes {
            nodes.push(Node {
                all: is_and(&node.operator),
                negate: node.negate.unwrap_or(false),
                products: grouped(id, file, &node.cpe_match, place, out),
            });
        }
        configurations.push(Configuration { all: is_and(&config.operator), negate: config.negate.unwrap_or(false), nodes });
    }
    configurations
}

fn is_and(operator: &Option<Cow<'_, str>>) -> bool {
    operator.as_deref() == Some("AND")
}

/// The matches of a node by product.
fn grouped<'m>(
    id: &CveId,
    file: &str,
    matches: &'m [CpeMatch<'_>],
    place: &std::ops::Range<usize>,
    out: &mut dyn Collector,
) -> Vec<ProductMatch<'m>> {
    let mut products: Vec<ProductMatch<'m>> = Vec::new();
    let mut name = String::new();
    for entry in matches {
        let parsed =
            CpeName::parse(&entry.criteria).map_err(|e| e.to_string()).and_then(|cpe| version_match(entry, &cpe).map(|v| (cpe, v)));
        let (cpe, version) = match parsed {
            Ok(parsed) => parsed,
            Err(message) => {
                out.refuse(Refused { file: file.to_owned(), offset: place.start as u64, message: format!("{id}: {message}") });
                continue;
            }
        };
        product_name(&cpe, &mut name);
        let product = out.product(&name);
        match products.last_mut() {
            Some(last) if last.product == product && last.vulnerable == entry.vulnerable => last.versions.push(version),
            _ => products.push(ProductMatch { product, vulnerable: entry.vulnerable, versions: vec![version] }),
        }
    }
    products
}

/// Writes the product of a CPE name as `a:vendor:product`, unescaped and in lower case. A colon inside a component becomes a space, which
/// no CPE name has.
pub(crate) fn product_name(cpe: &CpeName<'_>, name: &mut String) {
    name.clear();
    name.push(cpe.part.letter());
    for attribute in [&cpe.vendor, &cpe.product] {
        name.push(':');
        match attribute {
            CpeAttribute::Any => name.push('*'),
            CpeAttribute::Na => name.push('-'),
            CpeAttribute::Value(v) => name.extend(v.chars().map(|c| if c == ':' { ' ' } else { c.to_ascii_lowercase() })),
        }
    }
}

fn version_match<'m>(entry: &'m CpeMatch<'_>, cpe: &CpeName<'_>) -> Result<VersionMatch<'m>, String> {
    let bound = |including: &'m Option<Cow<'_, str>>, excluding: &'m Option<Cow<'_, str>>| -> Result<Bound<'m>, String> {
        let (text, make): (&'m str, fn(&'m str) -> Bound<'m>) = match (including, excluding) {
            (Some(v), _) if !v.is_empty() => (v, Bound::Including),
            (_, Some(v)) if !v.is_empty() => (v, Bound::Excluding),
            _ => return Ok(Bound::Unbounded),
        };
        if text.len() > VERSION_BYTES { Err(format!("a version bound of {} bytes", text.len())) } else { Ok(make(text)) }
    };
    let mut range = VersionRange {
        start: bound(&entry.version_start_including, &entry.version_start_excluding)?,
        end: bound(&entry.version_end_including, &entry.version_end_excluding)?,
    };
    let update = match &cpe.update {
        CpeAttribute::Any => Update::Any,
        CpeAttribute::Na => Update::Without,
        CpeAttribute::Value(update) if update.len() > VERSION_BYTES => return Err(format!("an update of {} bytes", update.len())),
        CpeAttribute::Value(_) => Update::Named,
    };
    let version = match (&cpe.version, cpe.update.value()) {
        (CpeAttribute::Any, update) => {
            // No specification says of which bound the update is: in NVD it stands beside an end alone, in all but two of 2,922 rows.
            if let Some(update) = update {
                let joined = |end| &**entry.updated_end.get_or_init(|| with_update(end, update));
                range.end = match range.end {
                    Bound::Unbounded => Bound::Unbounded,
                    Bound::Including(end) => Bound::Including(joined(end)),
                    Bound::Excluding(end) => Bound::Excluding(joined(end)),
                };
            }
            Cow::Borrowed("*")
        }
        (CpeAttribute::Na, _) => Cow::Borrowed("-"),
        (CpeAttribute::Value(v), _) if v.len() > VERSION_BYTES => return Err(format!("a version of {} bytes", v.len())),
        (CpeAttribute::Value(v), None) => Cow::Owned(v.to_string()),
        (CpeAttribute::Value(v), Some(update)) => Cow::Owned(with_update(v, update)),
    };
    let other = |attribute: &CpeAttribute<'_>| attribute.value().map(|v| Cow::Owned(v.to_ascii_lowercase()));
    Ok(VersionMatch {
        version,
        update,
        range: (!range.is_all()).then_some(range),
        target_sw: other(&cpe.target_sw),
        target_hw: other(&cpe.target_hw),
    })
}

/// A version with an update: 9.8 and p1 are 9.8p1; words such as `update_3` and numbers stand apart. A version that has it already stays.
fn with_update(version: &str, update: &str) -> String {
    if update.starts_with(|c: char| c.is_ascii_alphabetic()) && version.ends_with(update) {
        return version.to_owned();
    }
    let apart = update.len() > 4 || update.starts_with(|c: char| c.is_ascii_digit());
    format!("{version}{}{update}", if apart { "-" } else { "" })
}
