use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Cvss, Day, Evidence, Evr, Rater, Rule, Severity, Status};

/// How near a package is to an attacker: where it ends up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Only headers or documentation come of it.
    Inert,
    /// In the repository, on no image.
    #[default]
    Repository,
    /// On an image.
    Image,
}

impl Reach {
    /// The word as rules write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inert => "inert",
            Self::Repository => "repository",
            Self::Image => "image",
        }
    }

    /// For people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inert => "headers or documentation only",
            Self::Repository => "in the repository",
            Self::Image => "on an image",
        }
    }
}

/// The rating that a severity is taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RatedBy {
    /// A rating of a record.
    Record {
        /// Who rated.
        rater: Rater,
        /// The base score, 0.0 to 10.0.
        score: f32,
    },
    /// As events of versions before 0.2 have it: words.
    Stated(String),
}

impl From<&Cvss> for RatedBy {
    fn from(rating: &Cvss) -> Self {
        Self::Record { rater: rating.rater, score: rating.score }
    }
}

impl std::fmt::Display for RatedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record { rater, score } => write!(f, "{rater} {score:.1}"),
            Self::Stated(text) => f.write_str(text),
        }
    }
}

/// The facts that a scan saw of a package and a CVE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The verdict.
    pub status: Status,
    /// The package's version; `None` where it is not known.
    #[serde(with = "crate::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// The severity by the records.
    pub severity: Option<Severity>,
    /// The rating that the severity is taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_by: Option<RatedBy>,
    /// The day CISA added it to the known exploited ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited_since: Option<Day>,
    /// EPSS: the probability of exploitation within 30 days, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<f32>,
    /// The product the record is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The upstream version that is no longer affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_in: Option<String>,
    /// The rule by which it was judged; `None` where no versions were judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// When the record was published.
    pub record_published: Timestamp,
    /// Where the package ends up.
    #[serde(default)]
    pub reach: Reach,
    /// The reasons, the tie first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}
