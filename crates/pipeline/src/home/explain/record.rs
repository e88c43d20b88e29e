//! The facts of a CVE and the view of each source, as values that need no open index.

use jiff::Timestamp;
use seaworthy_intelligence::records::{self, RecordState, RecordText, View};
use seaworthy_intelligence::{Cve, IntelligenceError, Knowledge, ProductId};
use seaworthy_model::{CveId, Cvss, Day, RangeBuf, Reference, Severity, SourceKind};
use serde::Serialize;

use crate::about::AboutRecord;

/// The number of versions of a product that the words of a condition name; the values have all of them.
const VERSIONS: usize = 8;

/// The facts of a CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedRecord {
    /// The CVE.
    pub cve: CveId,
    /// The state over all sources.
    pub state: RecordState,
    /// The day of its publication, by the source that states the earliest.
    pub published: Day,
    /// The time of the last change, by the source that states the latest; `None` where none states one.
    pub modified: Option<Timestamp>,
    /// The description, the references and the weaknesses, over all sources.
    #[serde(flatten)]
    pub about: AboutRecord,
    /// The entry in KEV; `None` where CISA does not list the CVE.
    pub exploitation: Option<Exploitation>,
    /// The probability of its exploitation; `None` where EPSS has none.
    pub epss: Option<ExploitPrediction>,
    /// The views of the sources, overrides first.
    pub views: Vec<RecordView>,
}

/// The entry of an exploited CVE in KEV, CISA's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Exploitation {
    /// The day on which it was listed.
    pub since: Day,
    /// Whether ransomware campaigns are known to use it.
    pub ransomware: bool,
    /// The day by which CISA asks for a fix; `None` where it names none.
    pub due: Option<Day>,
}

/// The probability of exploitation (EPSS).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExploitPrediction {
    /// The probability of exploitation within 30 days, 0 to 1.
    pub probability: f32,
    /// The part of all CVEs with a lower probability, 0 to 1.
    pub percentile: f32,
}

/// The view of one source on a CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordView {
    /// The source.
    pub source: SourceKind,
    /// The state of the record.
    pub state: RecordState,
    /// The time of publication; `None` where the source states none.
    pub published: Option<Timestamp>,
    /// The time of the last change; `None` where the source states none.
    pub modified: Option<Timestamp>,
    /// The source's own word for the progress of its analysis; may be empty.
    pub analysis: String,
    /// The description; may be empty.
    pub description: String,
    /// The references, in the order of their kinds.
    pub references: Vec<Reference>,
    /// The CVSS ratings.
    pub ratings: Vec<Rating>,
    /// The weaknesses (`CWE-79`).
    pub weaknesses: Vec<String>,
    /// NVD's configurations: any one of them suffices.
    pub configurations: Vec<Configuration>,
    /// The affected products as the CVE List and OSV state them.
    pub affected: Vec<AffectedProduct>,
}

/// A CVSS rating with its severity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rating {
    /// The rating.
    #[serde(flatten)]
    pub cvss: Cvss,
    /// The severity of its score.
    pub severity: Severity,
}

/// A configuration of NVD: nodes joined by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The configuration in words.
    pub condition: String,
    /// Whether all nodes must hold; otherwise one is enough.
    pub all: bool,
    /// Whether the result is negated.
    pub negate: bool,
    /// The nodes.
    pub nodes: Vec<ConfigurationNode>,
}

/// A node of a configuration: products joined by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigurationNode {
    /// Whether all products must be there; otherwise one is enough.
    pub all: bool,
    /// Whether the result is negated.
    pub negate: bool,
    /// The products.
    pub products: Vec<ConfigurationProduct>,
}

/// A product of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigurationProduct {
    /// The product (`a:VENDOR:PRODUCT`).
    pub product: String,
    /// Whether it is vulnerable; otherwise it is only the platform.
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
    /// The only software that it runs on or with (`target_sw`); `None` for any.
    pub target_sw: Option<String>,
    /// The only hardware that it runs on (`target_hw`); `None` for any.
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
    /// The parts that the record names: source files, or import paths of Go.
    pub files: Vec<String>,
    /// Whether CISA stated it, and not the numbering authority.
    pub by_cisa: bool,
}

/// A range of an affected product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AffectedVersions {
    /// The versions.
    pub range: RangeBuf,
    /// Whether these versions are affected.
    pub affected: bool,
    /// Whether the bounds are commits, which cannot be compared with a version.
    pub git: bool,
}

impl ExplainedRecord {
    /// Whether the record is rejected, so that it opens nothing.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.state == RecordState::Rejected
    }

    /// The facts of a CVE. `due` is the day by which CISA asks for a fix, in days since 1970-01-01.
    ///
    /// # Errors
    /// When the texts of the index cannot be read.
    pub(super) fn of(knowledge: &Knowledge, cve: Cve, due: Option<i32>) -> Result<Self, IntelligenceError> {
        let texts = knowledge.texts(cve)?;
        let about = AboutRecord::gathered(knowledge, cve, &texts);
        let views: Vec<RecordView> = knowledge
            .views_with_products(cve)
            .zip(texts)
            .map(|((source, view), (_, text))| RecordView::of(knowledge, source, &view, text))
            .collect();
        let exploitation = knowledge.exploited(cve).map(|(since, ransomware)| Exploitation {
            since: Day::of_epoch_days(since),
            ransomware,
            due: due.map(Day::of_epoch_days),
        });
        let epss = knowledge.exploit_prediction(cve).map(|(probability, percentile)| ExploitPrediction { probability, percentile });
        Ok(Self {
            cve: knowledge.id(cve),
            state: knowledge.state(cve),
            published: Day::of_epoch_days(knowledge.published(cve).div_euclid(24 * 60)),
            modified: views.iter().filter_map(|view| view.modified).max(),
            about,
            exploitation,
            epss,
            views,
        })
    }
}

impl RecordView {
    /// The source with its own word for the analysis, and with the state where the record is disputed or rejected: `nvd (Analyzed)`,
    /// `cvelist (rejected)`.
    #[must_use]
    pub fn title(&self) -> String {
        let state = if self.state == RecordState::Published { "" } else { self.state.as_str() };
        let said = self.analysis.eq_ignore_ascii_case(state);
        let words: Vec<&str> =
            [self.analysis.as_str(), if said { "" } else { state }].into_iter().filter(|word| !word.is_empty()).collect();
        if words.is_empty() { self.source.to_string() } else { format!("{} ({})", self.source, words.join(", ")) }
    }

    fn of(knowledge: &Knowledge, source: SourceKind, view: &View<'_>, text: RecordText) -> Self {
        Self {
            source,
            state: view.state,
            published: view.published.and_then(|minutes| time(i64::from(minutes) * 60)),
            modified: view.modified.and_then(time),
            analysis: view.analysis.to_owned(),
            description: text.description,
            references: text.references,
            ratings: view.ratings.iter().map(Rating::of).collect(),
            weaknesses: view.weaknesses.iter().map(|&weakness| weakness.to_owned()).collect(),
            configurations: view.configurations.iter().map(|c| Configuration::of(knowledge, c)).collect(),
            affected: view.affected.iter().map(|a| AffectedProduct::of(knowledge, a)).collect(),
        }
    }
}

/// The time of seconds since 1970-01-01; `None` where there is no such time, as in a damaged index.
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
            files: affected.parts.iter().map(|&file| file.to_owned()).collect(),
            by_cisa: affected.added,
        }
    }
}
