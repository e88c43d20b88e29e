use serde::{Deserialize, Serialize};

/// The severity of a vulnerability, in the words of CVSS v3 and later. `None` of an `Option<Severity>` means that nobody rated, which is
/// not the same as [`Severity::None`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A score of 0.0: a rating that found no impact.
    None,
    /// A score of 0.1 to 3.9.
    Low,
    /// A score of 4.0 to 6.9.
    Medium,
    /// A score of 7.0 to 8.9.
    High,
    /// A score of 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// The qualitative rating of a base score: CVSS v3.1 specification, section 5; for v2.0 as NVD maps it, where 9.0 and more is still
    /// high.
    #[must_use]
    pub fn of_score(score: f32, version: CvssVersion) -> Self {
        match score {
            s if s <= 0.0 => Self::None,
            s if s < 4.0 => Self::Low,
            s if s < 7.0 => Self::Medium,
            s if s < 9.0 || version == CvssVersion::V2 => Self::High,
            _ => Self::Critical,
        }
    }

    /// The severity by which deadlines, plans, rules and lists go: medium where nobody rated.
    ///
    /// ```
    /// use seaworthy_model::Severity;
    /// assert_eq!(Severity::effective(None), Severity::Medium);
    /// assert_eq!(Severity::effective(Some(Severity::None)), Severity::None);
    /// ```
    #[must_use]
    pub fn effective(rating: Option<Self>) -> Self {
        rating.unwrap_or(Self::Medium)
    }

    /// The word in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::None, Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|s| s.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("unknown severity {text:?}: expected none, low, medium, high or critical"))
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The version of the CVSS specification, the oldest first; the greatest is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CvssVersion {
    /// CVSS v2.0.
    #[serde(rename = "2.0")]
    V2,
    /// CVSS v3.0.
    #[serde(rename = "3.0")]
    V30,
    /// CVSS v3.1.
    #[serde(rename = "3.1")]
    V31,
    /// CVSS v4.0.
    #[serde(rename = "4.0")]
    V40,
}

/// The publisher of a rating, the least preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rater {
    /// CISA's Vulnrichment container (an authorized data publisher).
    Cisa,
    /// The CVE numbering authority that assigned the id, or another secondary source of NVD.
    Cna,
    /// NVD's own analysts.
    Nvd,
}

impl std::fmt::Display for Rater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Cisa => "CISA",
            Self::Cna => "CNA",
            Self::Nvd => "NVD",
        })
    }
}

/// A CVSS rating of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cvss {
    /// The specification.
    pub version: CvssVersion,
    /// The publisher of the rating.
    pub rater: Rater,
    /// The base score, 0.0 to 10.0.
    pub score: f32,
    /// The vector string as published; empty where only a score was given.
    pub vector: String,
}

impl Cvss {
    /// The severity that the score stands for.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of_score(self.score, self.version)
    }

    /// The preferred rating of several: v4.0 before v3.1, v3.0 and v2.0; within one version, NVD before the CNA before CISA; then the
    /// highest score. `None` where there is no rating.
    #[must_use]
    pub fn preferred(ratings: &[Self]) -> Option<&Self> {
        ratings.iter().max_by(|a, b| (a.version, a.rater).cmp(&(b.version, b.rater)).then(a.score.total_cmp(&b.score)))
    }
}
