//! Contracts: before a publication is in force, the conclusions of its readers are replayed, and must agree with the intended verdicts.
//!
//! [`check`] is pure: models of how Trivy and Grype read OVAL, how a reader of OSV evaluates ranges and which advisories dnf finds
//! applicable. The models read the very bytes that are about to be published, with the quirks of their originals: the models drop, refuse
//! and overwrite what those do. [`replay`] runs the real programs, OpenSCAP and dnf, where they are installed.
//!
//! Each advisory is judged at several versions: the fixed one, versions just below and above it (`~`, `^`, other epochs, other releases),
//! and the shipped one. A difference stops the publication, with one exception: where a reader takes the right bound from a file and then
//! compares versions otherwise than RPM does (Trivy and Grype do not know `^`), no publication would help; that is one of
//! [`Concluded::limits`].

use std::collections::BTreeSet;

use crate::Edition;
use crate::updateinfo::UpdatePackage;

mod compare;
mod concluded;
mod dnf;
mod errata;
mod grype;
mod openscap;
mod osv;
mod probe;
mod programs;
mod reading;
mod root;
mod trivy;
mod xml;

pub use concluded::{Concluded, Consumer, Disagreement, Verdict, expected};
pub use grype::grype;
pub use osv::osv;
pub use programs::{Programs, Repository};
pub use reading::Reading;
pub use trivy::trivy;

use reading::Comparison;

/// The parts of a publication that readers conclude from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Published<'p> {
    /// The OVAL file; `None` leaves out its readers.
    pub oval: Option<&'p [u8]>,
    /// The OSV records, all of them; `None` leaves out their readers.
    pub osv: Option<&'p [Vec<u8>]>,
    /// The updateinfo.xml, and the packages of the repository that it describes; `None` leaves out dnf.
    pub updateinfo: Option<(&'p [u8], &'p [UpdatePackage])>,
}

/// Replays the conclusions of Trivy, Grype, a reader of OSV and dnf by their models.
pub fn check(edition: &Edition, published: &Published<'_>) -> Concluded {
    let oval = |model: fn(&[u8]) -> Result<Reading, String>| published.oval.map(model);
    let osv = || published.osv.map(|records| osv(records, &edition.distribution.ecosystem));
    let of = |consumer, reading: Option<Result<Reading, String>>| {
        let mut concluded = Concluded::default();
        match reading {
            Some(Ok(reading)) => compare(edition, consumer, &reading, &mut concluded),
            Some(Err(why)) => concluded.refused.push((consumer, why)),
            None => {}
        }
        concluded
    };
    let ((mut concluded, grype), osv) =
        rayon::join(|| rayon::join(|| of(Consumer::Trivy, oval(trivy)), || of(Consumer::Grype, oval(grype))), || of(Consumer::Osv, osv()));
    concluded.add(grype);
    concluded.add(osv);
    if let Some((bytes, packages)) = published.updateinfo {
        errata::check(edition, bytes, packages, &mut concluded);
    }
    concluded
}

/// Runs OpenSCAP on the OVAL file and dnf on the repository, where they are installed, on roots that are made for this.
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
            let theirs = reading.verdict(&advisory.package, &ids, &version, Comparison::Own);
            if ours == theirs {
                continue;
            }
            let found =
                Disagreement { consumer, package: advisory.package.clone(), cve: cve.clone(), version: version.to_string(), ours, theirs };
            if reading.verdict(&advisory.package, &ids, &version, Comparison::Rpm) == ours {
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

#[cfg(test)]
mod tests;
