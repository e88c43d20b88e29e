//! What is known of a CVE, and what each source says of it, as values that outlive the index.

use jiff::Timestamp;
use seaworthy_intelligence::records::{self, RecordState, View};
use seaworthy_intelligence::{Cve, Knowledge, ProductId};
use seaworthy_model::{CveId, Cvss, Day, RangeBuf, Severity, SourceKind};
use serde::Serialize;

/// So many versions of a product are named in a condition in words; the values have all of them.
const VERSIONS: usize = 8;

/// What is known of a CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedRecord {
    /// The CVE.
    pub cve: CveId,
    /// The state with the leading source.
    pub state: RecordState,
    /// The day on which it was published, by the source that states the earliest.
    pub published: Day,
    /// The last change, by the source that states the latest; `None` where none does.
    pub modified: Option<Timestamp>,
    /// The start of the description, as the index keeps it, of the first source that has one; empty where none has.
    pub description: String,
    /// What CISA says of its exploitation; `None` where it does not list it.
    pub exploitation: Option<Exploitation>,
    /// The probability of its exploitation; `None` where it is not known.
    pub epss: Option<ExploitPrediction>,
    /// What each source says, overrides first.
    pub views: Vec<RecordView>,
}

/// What CISA says of a CVE that is exploited (KEV).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Exploitation {
    /// The day on which it was listed.
    pub since: Day,
    /// Whether ransomware campaigns use it.
    pub ransomware: bool,
    /// The day by which CISA asks for a fix; `None` where it names none.
    pub due: Option<Day>,
}

/// The probability of exploitation (EPSS).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExploitPrediction {
    /// The probability within 30 days, 0 to 1.
    pub probability: f32,
    /// The part of all CVEs with a lower one, 0 to 1.
    pub percentile: f32,
}

/// What one source says of a CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordView {
    /// The source.
    pub source: SourceKind,
    /// The state of the record.
    pub state: RecordState,
    /// When it was published; `None` where the source does not say.
    pub published: Option<Timestamp>,
    /// The last change; `None` where the source does not say.
    pub modified: Option<Timestamp>,
    /// The source's own word for how far the analysis is; may be empty.
    pub analysis: String,
    /// The start of the description, as the index keeps it; may be empty.
    pub description: String,
    /// The CVSS ratings.
    pub ratings: Vec<Rating>,
    /// The weaknesses (`CWE-79`).
    pub weaknesses: Vec<String>,
    /// NVD's configurations: any one of them suffices.
    pub configurations: Vec<Configuration>,
    /// The affected products as the CVE List and OSV state them.
    pub affected: Vec<AffectedProduct>,
}

/// A CVSS rating in numbers and in a word.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rating {
    /// The rating.
    #[serde(flatten)]
    pub cvss: Cvss,
    /// The severity that it stands for.
    pub severity: Severity,
}

/// A configuration of NVD: nodes joined by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The configuration in words.
    pub condition: String,
    /// Whether all nodes must hold, or any.
    pub all: bool,
    /// Whether the result is turned round.
    pub negate: bool,
    /// The nodes.
    pub nodes: Vec<ConfigurationNode>,
}

/// A node of a configuration: products joined by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigurationNode {
    /// Whether all products must be there, or any.
    pub all: bool,
    /// Whether the result is turned round.
    pub negate: bool,
    /// The products.
    pub products: Vec<ConfigurationProduct>,
}

/// A product of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigurationProduct {
    /// The product (`a:VENDOR:PRODUCT`).
    pub product: String,
    /// Whether it is what is vulnerable, or only the platform that it runs on.
    pub vulnerable: bool,
    /// The versions: any one of them suffices.
    pub versions: Vec<ConfigurationVersion>,
}

/// A version or range of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigurationVersion {
    /// The version of the CPE name: `*` for any, `-` for none.
    pub version: String,
    /// The range; `None` where the record gives no bounds.
    pub range: Option<RangeBuf>,
    /// The only software that it runs on or with (`target_sw`); `None` where it is any.
    pub target_sw: Option<String>,
    /// The only hardware that it runs on (`target_hw`); `None` where it is any.
    pub target_hw: Option<String>,
}

/// An affected product as the CVE List or OSV states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AffectedProduct {
    /// The product (`purl:TYPE/NAME` or `cve:VENDOR:PRODUCT`).
    pub product: String,
    /// The ranges of versions in words; empty where there are none.
    pub condition: String,
    /// Whether a version that no range names is affected; `None` where that is not known.
    pub default: Option<bool>,
    /// The ranges.
    pub ranges: Vec<AffectedVersions>,
    /// The source files that the record names.
    pub files: Vec<String>,
    /// Whether CISA said it, and not the numbering authority.
    pub by_cisa: bool,
}

/// A range of an affected product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AffectedVersions {
    /// The versions.
    pub range: RangeBuf,
    /// Whether they are affected.
    pub affected: bool,
    /// Whether the bounds are commits, which no version can be held against.
    pub git: bool,
}

impl ExplainedRecord {
    /// What is known of a CVE. `due` is the day, in days since 1970-01-01, by which CISA asks for a fix.
    pub(super) fn of(knowledge: &Knowledge, cve: Cve, due: Option<i32>) -> Self {
        let views: Vec<RecordView> =
            knowledge.views_with_products(cve).map(|(source, view)| RecordView::of(knowledge, source, &view)).collect();
        let exploitation = knowledge.exploited(cve).map(|(since, ransomware)| Exploitation {
            since: Day::of_epoch_days(since),
            ransomware,
            due: due.map(Day::of_epoch_days),
        });
        let epss = knowledge.exploit_prediction(cve).map(|(probability, percentile)| ExploitPrediction { probability, percentile });
        Self {
            cve: knowledge.id(cve),
            state: knowledge.state(cve),
            published: Day::of_epoch_days(knowledge.published(cve).div_euclid(24 * 60)),
            modified: views.iter().filter_map(|view| view.modified).max(),
            description: views.iter().map(|view| &view.description).find(|text| !text.is_empty()).cloned().unwrap_or_default(),
            exploitation,
            epss,
            views,
        }
    }
}

impl RecordView {
    fn of(knowledge: &Knowledge, source: SourceKind, view: &View<'_>) -> Self {
        Self {
            source,
            state: view.state,
            published: view.published.and_then(|minutes| time(i64::from(minutes) * 60)),
            modified: view.modified.and_then(time),
            analysis: view.analysis.to_owned(),
            description: view.description.to_owned(),
            ratings: view.ratings.iter().map(Rating::of).collect(),
            weaknesses: view.weaknesses.iter().map(|&weakness| weakness.to_owned()).collect(),
            configurations: view.configurations.iter().map(|c| Configuration::of(knowledge, c)).collect(),
            affected: view.affected.iter().map(|a| AffectedProduct::of(knowledge, a)).collect(),
        }
    }
}

/// A time in seconds since 1970-01-01; `None` where it is none, as a damaged index may say.
fn time(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

impl Rating {
    fn of(rating: &records::Rating<'_>) -> Self {
        let cvss = Cvss { version: rating.version, rater: rating.rater, score: rating.score, vector: rating.vector.to_owned() };
        Self { severity: cvss.severity(), cvss }
    }
}

impl Configuration {
    fn of(knowledge: &Knowledge, configuration: &records::Configuration<'_>) -> Self {
        let node = |node: &records::Node<'_>| ConfigurationNode {
            all: node.all,
            negate: node.negate,
            products: node.products.iter().map(|product| ConfigurationProduct::of(knowledge, product)).collect(),
        };
        let nodes: Vec<ConfigurationNode> = configuration.nodes.iter().map(node).collect();
        let words: Vec<String> = nodes.iter().map(ConfigurationNode::condition).collect();
        let condition = format!("{}{}", negation(configuration.negate), words.join(operator(configuration.all)));
        Self { condition, all: configuration.all, negate: configuration.negate, nodes }
    }
}

fn operator(all: bool) -> &'static str {
    if all { " and " } else { " or " }
}

fn negation(negate: bool) -> &'static str {
    if negate { "not " } else { "" }
}

impl ConfigurationNode {
    /// The node in words.
    fn condition(&self) -> String {
        let mut products: Vec<String> = Vec::new();
        for product in &self.products {
            let (name, role) = (&product.product, if product.vulnerable { "" } else { "on " });
            products.extend(product.versions.iter().take(VERSIONS).map(|version| format!("{role}{name} {}", version.condition())));
            if product.versions.len() > VERSIONS {
                products.push(format!("{} more versions of {name}", product.versions.len() - VERSIONS));
            }
        }
        format!("{}({})", negation(self.negate), products.join(operator(self.all)))
    }
}

impl ConfigurationProduct {
    fn of(knowledge: &Knowledge, product: &records::ProductMatch<'_>) -> Self {
        let version = |version: &records::VersionMatch<'_>| ConfigurationVersion {
            version: version.version.to_string(),
            range: version.range.map(RangeBuf::from),
            target_sw: version.target_sw.as_deref().map(str::to_owned),
            target_hw: version.target_hw.as_deref().map(str::to_owned),
        };
        Self {
            product: knowledge.product_name(ProductId(product.product)).to_owned(),
            vulnerable: product.vulnerable,
            versions: product.versions.iter().map(version).collect(),
        }
    }
}

impl ConfigurationVersion {
    /// The version or range in words.
    fn condition(&self) -> String {
        let versions = match (self.version.as_str(), &self.range) {
            (_, Some(range)) => range.to_string(),
            ("*", None) => "every version".into(),
            ("-", None) => "no version named".into(),
            (exact, None) => exact.to_owned(),
        };
        let target = self.target_sw.as_ref().map(|target| format!(" for {target}")).unwrap_or_default();
        format!("{versions}{target}")
    }
}

impl AffectedProduct {
    fn of(knowledge: &Knowledge, affected: &records::Affected<'_>) -> Self {
        let range = |range: &records::AffectedRange<'_>| AffectedVersions {
            range: range.versions.into(),
            affected: range.affected,
            git: range.git,
        };
        let ranges: Vec<AffectedVersions> = affected.ranges.iter().map(range).collect();
        // Commits say nothing to people.
        let shown = ranges.iter().filter(|versions| !versions.git);
        let words: Vec<String> = shown.map(|versions| format!("{}{}", negation(!versions.affected), versions.range)).collect();
        Self {
            product: knowledge.product_name(ProductId(affected.product)).to_owned(),
            condition: words.join("; "),
            default: affected.default,
            ranges,
            files: affected.files.iter().map(|&file| file.to_owned()).collect(),
            by_cisa: affected.by_cisa,
        }
    }
}
