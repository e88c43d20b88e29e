//! Verdicts of readers, and where they differ from what is meant.

use std::collections::BTreeMap;
use std::fmt;

use seaworthy_model::{Evr, compare_evr};

use crate::{Advisory, Standing};

/// What holds of a version of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing is reported: it is not affected, or nobody can say yet, which no scanner has a word for.
    NotAffected,
    /// It is affected.
    Affected {
        /// Whether a version with a fix is named.
        fix: bool,
    },
}

/// Who reads what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consumer {
    /// Trivy, of the OVAL file.
    Trivy,
    /// Grype, of the OVAL file.
    Grype,
    /// A reader that follows the OSV specification.
    Osv,
    /// dnf, of updateinfo.xml.
    Dnf,
    /// OpenSCAP, of the OVAL file.
    OpenScap,
}

/// A difference between what is meant and what a reader will conclude.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The reader.
    pub consumer: Consumer,
    /// The source package.
    pub package: String,
    /// The CVE, or what the reader takes for it.
    pub cve: String,
    /// The version that was asked about; empty where it is the whole entry that should not be there.
    pub version: String,
    /// What is meant.
    pub ours: Verdict,
    /// What it will conclude.
    pub theirs: Verdict,
}

/// What a replay found.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Concluded {
    /// How many verdicts were compared.
    pub compared: BTreeMap<Consumer, u64>,
    /// Where a reader will conclude something else than is meant.
    pub disagreements: Vec<Disagreement>,
    /// Where it would too, but only because it compares versions in its own way: no publication could change it.
    pub limits: Vec<Disagreement>,
    /// Readers that will refuse what is published as a whole, or that stopped, and why.
    pub refused: Vec<(Consumer, String)>,
    /// Readers that could not be asked here, and why. No fault of what is published.
    pub not_run: Vec<(Consumer, String)>,
}

impl Concluded {
    /// Whether every reader that was asked agrees.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.disagreements.is_empty() && self.refused.is_empty()
    }

    /// Where a reader will conclude something else than is meant.
    #[must_use]
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }

    /// A line for each reader: what it was asked and how often it agrees.
    #[must_use]
    pub fn consumers(&self) -> Vec<String> {
        let mut out: Vec<String> = self.compared.iter().map(|(consumer, count)| self.line(*consumer, *count)).collect();
        out.extend(self.refused.iter().map(|(consumer, why)| format!("{consumer} will take nothing: {why}")));
        out.extend(self.not_run.iter().map(|(consumer, why)| format!("{consumer} was not asked: {why}")));
        out
    }

    fn line(&self, consumer: Consumer, count: u64) -> String {
        let of = |list: &[Disagreement]| list.iter().filter(|d| d.consumer == consumer).count();
        let mut out = format!("{consumer}: {count} verdicts compared, {} differ", of(&self.disagreements));
        match of(&self.limits) {
            0 => {}
            n => out.push_str(&format!("; in {n} it compares versions otherwise than RPM does")),
        }
        out
    }

    /// Adds what another replay found.
    pub fn add(&mut self, other: Self) {
        for (consumer, count) in other.compared {
            *self.compared.entry(consumer).or_default() += count;
        }
        self.disagreements.extend(other.disagreements);
        self.limits.extend(other.limits);
        self.refused.extend(other.refused);
        self.not_run.extend(other.not_run);
    }

    pub(super) fn compared(&mut self, consumer: Consumer) {
        *self.compared.entry(consumer).or_default() += 1;
    }
}

/// What is meant of a version of the advisory's source package.
#[must_use]
pub fn expected(advisory: &Advisory, version: &Evr) -> Verdict {
    match &advisory.standing {
        Standing::Fixed { version: fixed } if compare_evr(version, fixed).is_lt() => Verdict::Affected { fix: true },
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix => Verdict::Affected { fix: false },
        Standing::Fixed { .. } | Standing::NotAffected { .. } | Standing::UnderInvestigation | Standing::Withdrawn => Verdict::NotAffected,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotAffected => "not affected",
            Self::Affected { fix: true } => "affected, fix available",
            Self::Affected { fix: false } => "affected, no fix",
        })
    }
}

impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Trivy => "Trivy",
            Self::Grype => "Grype",
            Self::Osv => "OSV",
            Self::Dnf => "dnf",
            Self::OpenScap => "OpenSCAP",
        })
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { consumer, package, cve, version, ours, theirs } = self;
        let version = if version.is_empty() { "whatever its version" } else { version };
        write!(f, "{package} {version}, {cve}: meant is \"{ours}\", {consumer} will say \"{theirs}\"")
    }
}
