//! Before anything is published, what its readers will conclude from it is replayed, and must agree with what is meant.
//!
//! [`check`] is pure: models of how Trivy and Grype read OVAL, how a reader of OSV evaluates ranges and which advisories dnf finds
//! applicable. The models read the very bytes that are about to be published, with the quirks of their originals: what those
//! drop, refuse or overwrite, the models do too. [`replay`] runs the real programs, OpenSCAP and dnf, where they are installed.
//!
//! Each advisory is asked at several versions: the fixed one, versions just below and above it (`~`, `^`, other epochs, other
//! releases), and the one that is shipped. A difference stops the publication. One thing does not: where a reader takes the right
//! bound out of a file and then compares versions otherwise than RPM does (Trivy and Grype do not know `^`), nothing that we
//! could publish would help; that is a [`Concluded::limits`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use seaworthy_model::{Evr, compare_evr};

use crate::updateinfo::UpdatePackage;
use crate::{Advisory, Edition, Standing};

mod compare;
mod dnf;
mod errata;
mod grype;
mod openscap;
mod osv;
mod probe;
mod reading;
mod root;
mod trivy;
mod xml;

pub use grype::grype;
pub use osv::osv;
pub use reading::Reading;
pub use trivy::trivy;

use reading::How;

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

/// What is about to be published.
#[derive(Clone, Copy, Debug, Default)]
pub struct Published<'p> {
    /// The OVAL file.
    pub oval: Option<&'p [u8]>,
    /// The OSV records: all of them, or none.
    pub osv: Option<&'p [Vec<u8>]>,
    /// updateinfo.xml, and the packages of the repository that it describes.
    pub updateinfo: Option<(&'p [u8], &'p [UpdatePackage])>,
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

    fn compared(&mut self, consumer: Consumer) {
        *self.compared.entry(consumer).or_default() += 1;
    }
}

/// The real programs, and what they need.
#[derive(Clone, Copy, Debug)]
pub struct Programs<'p> {
    /// A folder for files that are thrown away.
    pub scratch: &'p Path,
    /// How long each program may run.
    pub time: Duration,
    /// On so many roots OpenSCAP is asked of every definition. Each has every package, each in another version of those that are asked.
    pub roots: usize,
    /// The repository that is about to be published, for dnf.
    pub repository: Option<Repository<'p>>,
}

/// A package repository on disk.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'p> {
    /// The folder that has `repodata`.
    pub folder: &'p Path,
    /// The file of the public keys that its metadata and packages must be signed with; `None` checks no signature.
    pub keys: Option<&'p Path>,
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

/// Replays what Trivy, Grype, a reader of OSV and dnf will conclude. Pure.
pub fn check(edition: &Edition, published: &Published<'_>) -> Concluded {
    let mut concluded = Concluded::default();
    let oval = |model: fn(&[u8]) -> Result<Reading, String>| published.oval.map(model);
    let readings = [
        (Consumer::Trivy, oval(trivy)),
        (Consumer::Grype, oval(grype)),
        (Consumer::Osv, published.osv.map(|records| osv(records, &edition.distribution.ecosystem))),
    ];
    for (consumer, reading) in readings {
        match reading {
            Some(Ok(reading)) => compare(edition, consumer, &reading, &mut concluded),
            Some(Err(why)) => concluded.refused.push((consumer, why)),
            None => {}
        }
    }
    if let Some((bytes, packages)) = published.updateinfo {
        errata::check(edition, bytes, packages, &mut concluded);
    }
    concluded
}

/// Runs OpenSCAP on the OVAL file and dnf on the repository, where they are installed, on roots made for it.
pub fn replay(edition: &Edition, published: &Published<'_>, programs: &Programs<'_>) -> Concluded {
    let mut concluded = Concluded::default();
    if let Some(oval) = published.oval {
        openscap::replay(edition, oval, programs, &mut concluded);
    }
    if let (Some((_, packages)), Some(repository)) = (published.updateinfo, programs.repository) {
        dnf::replay(edition, packages, repository, programs, &mut concluded);
    }
    concluded
}

fn compare(edition: &Edition, consumer: Consumer, reading: &Reading, concluded: &mut Concluded) {
    let mut meant: BTreeSet<(&str, String)> = BTreeSet::new();
    for advisory in &edition.advisories {
        let cve = advisory.cve.to_string();
        let ids = [cve.as_str(), advisory.id.as_str()];
        for version in probe::versions(advisory) {
            concluded.compared(consumer);
            let ours = expected(advisory, &version);
            let theirs = reading.verdict(&advisory.package, &ids, &version, How::Own);
            if ours == theirs {
                continue;
            }
            let found =
                Disagreement { consumer, package: advisory.package.clone(), cve: cve.clone(), version: version.to_string(), ours, theirs };
            if reading.verdict(&advisory.package, &ids, &version, How::Rpm) == ours {
                concluded.limits.push(found);
            } else {
                concluded.disagreements.push(found);
            }
        }
        meant.insert((&advisory.package, advisory.id.clone()));
        meant.insert((&advisory.package, cve));
    }
    for (package, id, fix) in reading.entries() {
        if !meant.contains(&(package, id.to_owned())) {
            concluded.disagreements.push(Disagreement {
                consumer,
                package: package.to_owned(),
                cve: id.to_owned(),
                version: String::new(),
                ours: Verdict::NotAffected,
                theirs: Verdict::Affected { fix },
            });
        }
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

#[cfg(test)]
mod tests;
