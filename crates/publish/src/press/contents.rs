//! The contents of a snapshot of the package repository.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use seaworthy_host::archive::{self, unpacked};
use seaworthy_model::format::{Format, Remedy, Stamp, Version};
use seaworthy_model::{Evr, Nevra, compare_evr};
use seaworthy_packages::repository::{Manifest, Package};
use serde::{Deserialize, Serialize};

use super::PressError;
use crate::site::replace;

/// The format of the contents.
pub(crate) static CONTENTS: Format =
    Format { name: "contents of a snapshot", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };
/// The name of the file in the folder of a snapshot.
const FILE: &str = "contents.json.zst";
/// The greatest size of the contents in bytes, unpacked; a million packages have less.
const MOST: u64 = 1 << 30;

/// The packages of a snapshot, by the architecture of their repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    version: u32,
    /// The repositories by architecture; that of source packages is `source`.
    pub arches: BTreeMap<String, Repo>,
}

/// One repository of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repo {
    /// The set of its packages, from which metadata is written.
    pub manifest: Manifest,
    /// The packages of the repository, by name, version and architecture.
    pub packages: Vec<RepositoryPackage>,
    /// The digest of all other inputs of its metadata: advisories, keys, compression.
    pub(super) stamp: String,
}

/// A package in a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryPackage {
    /// The name.
    pub name: String,
    /// The version.
    pub evr: Evr,
    /// The architecture.
    pub arch: String,
    /// The source package from which it was built.
    pub source: String,
    /// The version of the source package.
    pub source_evr: Evr,
    /// The path of the file below the folder of the repository.
    pub href: String,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub pkgid: String,
    /// The SHA-256 of the header, which is the same for the same build, since signing does not change it.
    pub build: String,
}

impl RepositoryPackage {
    /// Name, version and architecture.
    #[must_use]
    pub fn nevra(&self) -> Nevra {
        Nevra { name: self.name.clone(), evr: self.evr.clone(), arch: self.arch.clone() }
    }

    fn is_binary(&self) -> bool {
        self.arch != "src" && self.arch != "nosrc"
    }

    pub(super) fn of(package: &Package, href: String, build: String) -> Self {
        // A source package names none; its own name and version are the source's.
        let source = package.source_rpm.trim_end_matches(".rpm").parse::<Nevra>().ok();
        let (source, source_evr) = match source {
            // File names tell no epoch; packages of one source rarely differ in it.
            Some(nevra) => (nevra.name, Evr { epoch: package.epoch, ..nevra.evr }),
            None => (package.name.clone(), package.evr()),
        };
        Self {
            name: package.name.clone(),
            evr: package.evr(),
            arch: package.arch.clone(),
            source,
            source_evr,
            href,
            pkgid: package.pkgid.clone(),
            build,
        }
    }

    fn key(&self) -> (&str, Vec<u8>, &str) {
        (&self.name, self.evr.sort_key(), &self.arch)
    }
}

impl Repo {
    pub(super) fn sort(&mut self) {
        self.packages.sort_by_cached_key(|p| {
            let (name, evr, arch) = p.key();
            (name.to_owned(), evr, arch.to_owned())
        });
    }
}

impl Contents {
    /// Contents without a repository.
    #[must_use]
    pub fn new() -> Self {
        Self { version: CONTENTS.version.major, arches: BTreeMap::new() }
    }

    /// Every package, once for each repository that it is in.
    pub fn packages(&self) -> impl Iterator<Item = &RepositoryPackage> {
        self.arches.values().flat_map(|repo| &repo.packages)
    }

    /// The number of packages, each file counted once.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packages().map(|p| &p.pkgid).collect::<std::collections::HashSet<_>>().len()
    }

    /// Whether there is no package.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packages().next().is_none()
    }

    /// The version of each source package that machines can get as a whole: in each repository, the newest of each of its binary packages
    /// was built from at least that version. A source package alone delivers no fix.
    #[must_use]
    pub fn reachable(&self) -> BTreeMap<String, Evr> {
        let mut least: HashMap<&str, &Evr> = HashMap::new();
        for held in self.newest(|_| true) {
            let at = least.entry(&held.source).or_insert(&held.source_evr);
            if compare_evr(&held.source_evr, at).is_lt() {
                *at = &held.source_evr;
            }
        }
        least.into_iter().map(|(source, evr)| (source.to_owned(), evr.clone())).collect()
    }

    /// The binary packages of the sources in `of` that are the newest of their name in a repository, and were built from an older version
    /// than other packages of their source; each with the newest version of the source. Until they have followed, or are withdrawn, the fix
    /// in the others counts as not delivered. They are sorted, each once.
    #[must_use]
    pub fn behind(&self, of: &HashSet<&str>) -> Vec<(Nevra, Evr)> {
        let newest = self.newest(|source| of.contains(source));
        let sources = self.newest_builds();
        let late = newest.into_iter().filter_map(|held| {
            let source = *sources.get(held.source.as_str())?;
            compare_evr(&held.source_evr, source).is_lt().then(|| (held.nevra(), source.clone()))
        });
        let by_name: BTreeMap<String, (Nevra, Evr)> = late.map(|(nevra, evr)| (nevra.to_string(), (nevra, evr))).collect();
        by_name.into_values().collect()
    }

    /// The newest version of each source package from which a binary package was built.
    #[must_use]
    pub fn newest_builds(&self) -> HashMap<&str, &Evr> {
        let mut out: HashMap<&str, &Evr> = HashMap::new();
        for package in self.packages().filter(|p| p.is_binary()) {
            let at = out.entry(&package.source).or_insert(&package.source_evr);
            if compare_evr(&package.source_evr, at).is_gt() {
                *at = &package.source_evr;
            }
        }
        out
    }

    /// The newest binary package of each name, for the wanted sources, in each repository.
    fn newest(&self, wanted: impl Fn(&str) -> bool) -> Vec<&RepositoryPackage> {
        let mut out = Vec::new();
        for repo in self.arches.values() {
            let mut newest: HashMap<(&str, &str), &RepositoryPackage> = HashMap::new();
            for package in repo.packages.iter().filter(|p| p.is_binary() && wanted(&p.source)) {
                let at = newest.entry((&package.source, &package.name)).or_insert(package);
                if compare_evr(&package.source_evr, &at.source_evr).is_gt() {
                    *at = package;
                }
            }
            out.extend(newest.into_values());
        }
        out
    }

    /// The names of the binary packages of each source package, sorted.
    #[must_use]
    pub fn binaries(&self) -> BTreeMap<String, Vec<String>> {
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for package in self.packages().filter(|p| p.is_binary()) {
            out.entry(package.source.clone()).or_default().push(package.name.clone());
        }
        for names in out.values_mut() {
            names.sort();
            names.dedup();
        }
        out
    }

    pub(super) fn load(snapshot: &Path) -> Result<Self, PressError> {
        let path = snapshot.join(FILE);
        let damaged = |what: String| PressError::Snapshot { path: path.clone(), what };
        let packed = std::fs::read(&path).map_err(|e| damaged(format!("cannot be read: {e}")))?;
        let bytes = unpacked(&packed, MOST).map_err(|e| damaged(format!("cannot be unpacked: {e}")))?;
        let other = |source| PressError::Version { path: path.clone(), source };
        let contents: Self = match serde_json::from_slice(&bytes) {
            Ok(contents) => contents,
            Err(e) => {
                // A newer one may be laid out otherwise. The file is large: its version alone is read where all of it is not.
                let stamp: Option<Stamp> = serde_json::from_slice(&bytes).ok();
                stamp.map_or(Ok(()), |stamp| CONTENTS.check(stamp.version())).map_err(other)?;
                return Err(damaged(format!("is no list of packages: {e}")));
            }
        };
        CONTENTS.check(Version::of(contents.version)).map_err(other)?;
        contents.arches.values().try_for_each(|repo| repo.manifest.check_version()).map_err(other)?;
        Ok(contents)
    }

    pub(super) fn save(&self, snapshot: &Path) -> Result<(), PressError> {
        let path = snapshot.join(FILE);
        let damaged = |what: String| PressError::Snapshot { path: path.clone(), what };
        let bytes = serde_json::to_vec(self).map_err(|e| damaged(format!("cannot be written: {e}")))?;
        let packed = archive::zstd(&bytes, 3).map_err(|e| damaged(format!("cannot be packed: {e}")))?;
        Ok(replace(&path, &packed)?)
    }
}
