use serde::{Deserialize, Serialize};

/// A kind of source. Where two sources disagree and are equally specific, the first in this order decides: overrides were made to correct
/// NVD.
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
    /// All kinds, in the order of preference.
    pub const ALL: [Self; 6] = [Self::Overrides, Self::Nvd, Self::CveList, Self::Osv, Self::Kev, Self::Epss];

    /// Whether the source has at most one record of a CVE, so that a newer one replaces it. OSV may have several.
    #[must_use]
    pub fn has_one_record_of_a_cve(self) -> bool {
        match self {
            Self::Overrides | Self::Nvd | Self::CveList | Self::Kev | Self::Epss => true,
            Self::Osv => false,
        }
    }

    /// Whether it has records that say which products are affected. The others add to such records: corrections, exploitation, a
    /// prediction.
    #[must_use]
    pub fn brings_records(self) -> bool {
        match self {
            Self::Nvd | Self::CveList | Self::Osv => true,
            Self::Overrides | Self::Kev | Self::Epss => false,
        }
    }

    /// The word in options and outputs.
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
