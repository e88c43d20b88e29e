use serde::{Deserialize, Serialize};

/// A kind of source. The order is the order in which a decision prefers them where two disagree and both are equally
/// specific: overrides were made to correct NVD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Corrections in the layout of anchore/nvd-data-overrides.
    Overrides,
    /// The National Vulnerability Database.
    Nvd,
    /// The CVE List, record format 5.
    // Older states have the alias.
    #[serde(rename = "cvelist", alias = "cve_list")]
    CveList,
    /// OSV.dev records.
    Osv,
    /// CISA's Known Exploited Vulnerabilities.
    Kev,
    /// FIRST's Exploit Prediction Scoring System.
    Epss,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Overrides, Self::Nvd, Self::CveList, Self::Osv, Self::Kev, Self::Epss];

    /// Whether it has one record of a CVE, so that a newer one replaces it. Several records of OSV may be about one CVE.
    #[must_use]
    pub fn has_one_record_of_a_cve(self) -> bool {
        match self {
            Self::Overrides | Self::Nvd | Self::CveList | Self::Kev | Self::Epss => true,
            Self::Osv => false,
        }
    }

    /// The name in options and outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overrides => "overrides",
            Self::Nvd => "nvd",
            Self::CveList => "cvelist",
            Self::Osv => "osv",
            Self::Kev => "kev",
            Self::Epss => "epss",
        }
    }
}

impl std::fmt::Display for SourceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
