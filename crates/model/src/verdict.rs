use serde::{Deserialize, Serialize};

/// The status of a package with regard to a CVE: the conclusion of matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is evidence that this version is vulnerable.
    Affected,
    /// The package may contain the component, or its version cannot be compared: a person has to review it.
    Suspected,
    /// The package is tied to the record, but no source allows a decision: the blind spot.
    Undecided,
    /// A patch, a changelog entry or a statement closed it.
    Fixed,
    /// The version is outside of the range, the platform is another, or a recorded decision says so.
    NotAffected,
}

impl Status {
    /// All statuses, the most urgent first.
    pub const ALL: [Self; 5] = [Self::Affected, Self::Suspected, Self::Undecided, Self::Fixed, Self::NotAffected];

    /// The word in every output, in `snake_case`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Suspected => "suspected",
            Self::Undecided => "undecided",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The kind of a piece of evidence: the rule of matching that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// The reviewed table of names and products, or the user's own.
    Mapping,
    /// An identity that both sides state: purl, CPE, `bundled()`, build info, lock file.
    Identity,
    /// The same upstream home.
    Home,
    /// This package was already fixed or ruled out for a CVE of the product.
    Precedent,
    /// Packages built the same way were already fixed for this CVE or product.
    Cohort,
    /// The name, where vendor or ecosystem agree.
    Name,
    /// A list of all components of the package, which has none of what the record is about.
    Components,
    /// The version against the affected range.
    Version,
    /// The configuration tree: platforms, conditions.
    Platform,
    /// The kernel's branch.
    Branch,
    /// A patch applied by the package.
    Patch,
    /// A changelog entry.
    Changelog,
    /// A recorded decision of the maintainers.
    Decision,
    /// The record's own state: rejected, disputed, without product.
    Record,
    /// A case of the release line: its fix, or the decision on it.
    Case,
    /// A statement of a VEX document.
    Statement,
    /// An entry of an ignore file.
    Ignored,
}

/// A reason for a verdict, in words, with the rule that it came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The rule.
    pub kind: EvidenceKind,
    /// The reason, with the file, source or version that it is about.
    pub detail: String,
}

impl Evidence {
    /// A reason of a rule.
    #[must_use]
    pub fn new(kind: EvidenceKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}
