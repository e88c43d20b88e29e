use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Cvss, Day, Evidence, Evr, Rater, Rule, Severity, Status};

/// The reach of a package: whether it arrives on an image, only in the repository, or has no code to run. The greater, the nearer to an
/// attacker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The package has only headers or documentation.
    Inert,
    /// The package is in the repository and on no image.
    #[default]
    Repository,
    /// The package is on an image.
    Image,
}

impl Reach {
    /// The word in conditions of rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inert => "inert",
            Self::Repository => "repository",
            Self::Image => "image",
        }
    }

    /// The words for people.
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
        /// The publisher of the rating.
        rater: Rater,
        /// The base score, 0.0 to 10.0.
        #[serde(deserialize_with = "finite")]
        score: f32,
    },
    /// Words from an event of a version before 0.2.
    Stated(String),
}

/// A number that can be written again: one that is too large for its type would become infinite, which JSON does not have.
fn finite<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    let number = f32::deserialize(from)?;
    if number.is_finite() { Ok(number) } else { Err(D::Error::custom("the number is too large")) }
}

fn finite_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    let number = Option::<f32>::deserialize(from)?;
    if number.is_none_or(f32::is_finite) { Ok(number) } else { Err(D::Error::custom("the number is too large")) }
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

/// The facts of a scan about one package and one CVE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The status of the finding.
    pub status: Status,
    /// The package's version; `None` where it is not known.
    #[serde(with = "crate::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// The severity that follows from the records; `None` where nobody rated.
    pub severity: Option<Severity>,
    /// The rating behind the severity; `None` where nobody rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated_by: Option<RatedBy>,
    /// The day on which CISA listed the CVE as exploited (KEV); `None` where it is not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited_since: Option<Day>,
    /// The probability of exploitation within 30 days by EPSS, 0 to 1; `None` where EPSS has no score.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "finite_or_none")]
    pub epss: Option<f32>,
    /// The product of the record, as matching names it; `None` where the record names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The first upstream version that is no longer affected; `None` where the record names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_in: Option<String>,
    /// The rule by which the package was judged; `None` where no versions were judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// The time at which the record was published.
    pub record_published: Timestamp,
    /// The reach of the package.
    #[serde(default)]
    pub reach: Reach,
    /// The evidence of the verdict, the tie first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}
