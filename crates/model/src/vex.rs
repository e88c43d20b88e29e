//! The words of VEX in each format: the status of a package with regard to a vulnerability, and its justification.
//!
//! All documents map from [`VexStatus`], so that all formats say the same of one case at one moment.

use serde::{Deserialize, Serialize};

use crate::case::Justification;

/// The status of a package with regard to a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VexStatus {
    /// The package is not vulnerable.
    NotAffected,
    /// The package is vulnerable.
    Affected,
    /// The package is fixed, in a version that machines can get.
    Fixed,
    /// Nobody knows yet whether the package is vulnerable.
    UnderInvestigation,
}

impl VexStatus {
    /// The word of OpenVEX 0.2.0.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    /// The group of `product_status` in CSAF 2.0.
    #[must_use]
    pub fn csaf(self) -> &'static str {
        match self {
            Self::NotAffected => "known_not_affected",
            Self::Affected => "known_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    /// The state of an analysis in CycloneDX 1.6.
    #[must_use]
    pub fn cyclonedx(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Affected => "exploitable",
            Self::Fixed => "resolved",
            Self::UnderInvestigation => "in_triage",
        }
    }
}

impl Justification {
    /// The nearest word of CycloneDX 1.6.
    #[must_use]
    pub fn cyclonedx(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "requires_dependency",
            Self::VulnerableCodeNotPresent => "code_not_present",
            Self::VulnerableCodeNotInExecutePath => "code_not_reachable",
            Self::VulnerableCodeCannotBeControlledByAdversary => "requires_environment",
            Self::InlineMitigationsAlreadyExist => "protected_by_mitigating_control",
        }
    }
}
