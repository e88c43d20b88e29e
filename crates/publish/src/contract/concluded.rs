//! The verdicts of readers, and their differences from the intended ones.

use std::collections::BTreeMap;
use std::fmt;

use seaworthy_model::{Evr, compare_evr};
use serde::Serialize;

use crate::{Advisory, Standing};

/// The verdict on a version of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Verdict {
    /// The version is not affected, or it is not known yet, for which no scanner has a word.
    NotAffected,
    /// The version is affected.
    Affected {
        /// Whether the reader names a version with a fix.
        fix: bool,
    },
}

/// A reader of publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Consumer {
    /// Trivy, which reads the OVAL file.
    Trivy,
    /// Grype, which reads the OVAL file.
    Grype,
    /// Any reader that follows the OSV specification.
    Osv,
    /// dnf, which reads updateinfo.xml.
    Dnf,
    /// OpenSCAP, which reads the OVAL file.
    OpenScap,
}

/// A difference between the intended verdict and that of a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The reader.
    pub consumer: Consumer,
    /// The source package.
    pub package: String,
    /// The CVE, or the id that the reader takes for it.
    pub cve: String,
    /// The version that was judged; empty where the reader should have no entry at all.
    pub version: String,
    /// The intended verdict.
    #[serde(rename = "meant")]
    pub ours: Verdict,
    /// The verdict of the reader.
    #[serde(rename = "concluded")]
    pub theirs: Verdict,
}

/// The result of the replay of readers.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Concluded {
    /// The number of verdicts that were compared, by reader.
    pub compared: BTreeMap<Consumer, u64>,
    /// The differences that a correct publication would not have.
    pub disagreements: Vec<Disagreement>,
    /// The differences that come only from the way in which a reader compares versions, which no publication could change.
    pub limits: Vec<Disagreement>,
    /// Readers that will refuse the publication as a whole, or that failed, with the reason.
    pub refused: Vec<(Consumer, String)>,
    /// Readers that could not be run here, with the reason. The publication is not at fault.
    pub not_run: Vec<(Consumer, String)>,
}

impl Concluded {
    /// Whether every reader that was run agrees, limits aside.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.disagreements.is_empty() && self.refused.is_empty()
    }

    /// The differences that a correct publication would not have.
    #[must_use]
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }

    /// A line for each reader: the number of verdicts and of differences.
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

    /// Adds the result of another replay.
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

/// The intended verdict on a version of the advisory's source package.
#[must_use]
pub fn expected(advisory: &Advisory, version: &Evr) -> Verdict {
    match &advisory.standing {
        Standing::Fixed { version: fixed, or_before: false } if compare_evr(version, fixed).is_lt() => Verdict::Affected { fix: true },
        Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped => Verdict::Affected { fix: false },
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
