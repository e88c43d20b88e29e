//! What a snapshot of the package repository holds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use seaworthy_host::archive::{self, unpacked};
use seaworthy_model::format::{Format, Remedy, Stamp, Version};
use seaworthy_model::{Evr, Nevra, compare_evr};
use seaworthy_packages::repository::{Manifest, Package};
use serde::{Deserialize, Serialize};

use super::PressError;
use crate::site::replace;

/// What a snapshot holds.
pub(crate) static CONTENTS: Format =
    Format { name: "contents of a snapshot", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };
/// The file's name in a snapshot's folder.
const FILE: &str = "contents.json.zst";
/// A million packages have less.
const MOST: u64 = 1 << 30;

/// The packages of a snapshot, by the architecture of the repository that they are in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    version: u32,
    /// The repositories.
    pub arches: BTreeMap<String, Repo>,
}

/// One repository of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repo {
    /// The set of its packages, as metadata is written of it.
    pub manifest: Manifest,
    /// Its packages, by name, version and architecture.
    pub packages: Vec<RepositoryPackage>,
    /// The digest of everything else that its metadata was made from: advisories, keys, compression.
    pub(super) stamp: String,
}

/// A package in a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub evr: Evr,
    /// Its architecture.
    pub arch: String,
    /// The source package that it was built from.
    pub source: String,
    /// That one's version.
    pub source_evr: Evr,
    /// The path of its file, below the repository's folder.
    pub href: String,
    /// The SHA-256 of its file.
    pub pkgid: String,
    /// The SHA-256 of its header, which signing leaves as it is: the same build has the same one.
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
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { version: CONTENTS.version.major, arches: BTreeMap::new() }
    }

    /// Every package, once for each repository that it is in.
    pub fn packages(&self) -> impl Iterator<Item = &RepositoryPackage> {
        self.arches.values().flat_map(|repo| &repo.packages)
    }

    /// How many packages there are, each counted once.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packages().map(|p| &p.pkgid).collect::<std::collections::HashSet<_>>().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packages().next().is_none()
    }

    /// The version of each source package that machines can get whole: of each of its binary packages, in each repository that has it,
    /// the newest is at least of that one. A source package alone brings a fix to nobody.
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

    /// The binary packages that are the newest of their name in a repository, and older than others of their source: until they have
    /// come as well, or are taken back, a fix in the others counts as not delivered. Of these sources alone; sorted, each once.
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

    /// The newest version of each source package that binary packages here were built from.
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

    /// The newest of each name of the binary packages of some sources, in each repository.
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
