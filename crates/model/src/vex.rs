//! The words of VEX in each format: the status of a package with regard to a vulnerability, and its justification.
//!
//! All documents map from [`VexStatus`], so that all formats say the same of one case at one moment.

use crate::case::Justification;
use crate::subject::Standing;

/// The status of a package with regard to a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl Standing {
    /// The status of VEX; `None` for what was withdrawn.
    #[must_use]
    pub fn vex(&self) -> Option<VexStatus> {
        Some(match self {
            Self::UnderInvestigation => VexStatus::UnderInvestigation,
            Self::Affected | Self::Deferred { .. } | Self::WillNotFix | Self::NotShipped => VexStatus::Affected,
            Self::NotAffected { .. } => VexStatus::NotAffected,
            Self::Fixed { .. } => VexStatus::Fixed,
            Self::Withdrawn => return None,
        })
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
