//! The package repository of a site: packages in the pool, and snapshots.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_host::files::put_in_place;
use seaworthy_keys::{PublicKeys, Signers};
use seaworthy_model::{Digest, DigestWriter, Nevra};
use seaworthy_packages::repository::{
    ChunkStore, Compression, Entry, Extra, Limits, Manifest, Options, Package, PackageId, pool_path, write_metadata,
};
use seaworthy_packages::{RpmSigning, sign_rpm};

use super::PressError;
use super::contents::{Contents, Repo, RepositoryPackage};
use crate::Edition;
use crate::site::{Site, SiteError, create, replace};
use crate::updateinfo::{self, UpdatePackage};

/// The name of the repository of source packages.
pub(super) const SOURCE: &str = "source";

/// The package repository of a site.
pub struct Packages<'a> {
    site: &'a Site,
    store: ChunkStore,
    compression: Compression,
    arches: Vec<String>,
}

/// A package that was submitted to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedPackage {
    /// The package as the repository would have it.
    pub package: RepositoryPackage,
    /// The submitted file.
    pub file: PathBuf,
    /// Whether the channel has the same build already.
    pub known: bool,
    /// Whether another channel has the same build, so that the signed file is in the pool already.
    pub signed: bool,
}

impl<'a> Packages<'a> {
    /// The repository of a site, for these architectures; packages of no architecture go into all of them.
    #[must_use]
    pub fn new(site: &'a Site, compression: Compression, arches: &[String]) -> Self {
        Self { site, store: ChunkStore::new(&site.dir().join("state/chunks")), compression, arches: arches.to_vec() }
    }

    /// The contents of a snapshot.
    ///
    /// # Errors
    /// When there is no snapshot with this id, or its contents cannot be read.
    pub fn contents(&self, snapshot: &str) -> Result<Contents, PressError> {
        Contents::load(&self.site.snapshot(snapshot))
    }

    /// Checks packages that are to be published, without changing anything. A build that one of `others`, the contents of other channels,
    /// has already is taken from there, with its signature.
    ///
    /// # Errors
    /// When a package cannot be read or was withdrawn, when another build of its name and version is published or submitted, or when no
    /// repository takes its architecture.
    pub fn look(
        &self,
        base: &Contents,
        others: &[&Contents],
        files: &[PathBuf],
        recalled: &[String],
    ) -> Result<Vec<SubmittedPackage>, PressError> {
        let there = known(base);
        let elsewhere: HashMap<Nevra, &RepositoryPackage> = others.iter().flat_map(|c| c.packages()).map(|p| (p.nevra(), p)).collect();
        let read = files.par_iter().map(|file| {
            let (package, build) = read_package(file)?;
            self.repos_of(&package.arch, file)?;
            let held = RepositoryPackage::of(&package, pool_path(&package), build);
            refuse(&held, file, recalled)?;
            let known = same_build(there.get(&held.nevra()).copied(), &held, file)?;
            let other = elsewhere.get(&held.nevra()).copied();
            let held = if same_build(other.map(|p| p.build.as_str()), &held, file)? { other.cloned().unwrap_or(held) } else { held };
            Ok(SubmittedPackage { package: held, file: file.clone(), known, signed: other.is_some() })
        });
        let mut given: Vec<SubmittedPackage> = read.collect::<Result<_, PressError>>()?;
        given.sort_by(|a, b| (a.package.nevra().to_string(), &a.file).cmp(&(b.package.nevra().to_string(), &b.file)));
        for pair in given.windows(2) {
            if pair[0].package.nevra() == pair[1].package.nevra() && pair[0].package.build != pair[1].package.build {
                return Err(PressError::Package {
                    file: pair[1].file.clone(),
                    what: format!("it and {} are two builds of {}", pair[0].file.display(), pair[0].package.nevra()),
                });
            }
        }
        given.dedup_by(|b, a| a.package.nevra() == b.package.nevra());
        Ok(given)
    }

    /// The contents with the submitted packages; nothing is written.
    ///
    /// # Errors
    /// When no repository takes the architecture of a package.
    pub fn preview(&self, base: &Contents, given: &[SubmittedPackage]) -> Result<Contents, PressError> {
        let mut out = base.clone();
        for one in given.iter().filter(|g| !g.known) {
            for repo in self.repos_of(&one.package.arch, &one.file)? {
                out.arches.entry(repo.to_owned()).or_default().packages.push(one.package.clone());
            }
        }
        Ok(out)
    }

    /// Signs packages and puts them into the pool, where no index names them yet; gives the contents with them.
    ///
    /// # Errors
    /// When a package cannot be signed or written.
    pub fn add(&self, base: &Contents, given: &mut [SubmittedPackage], signers: &Signers, at: Timestamp) -> Result<Contents, PressError> {
        let added: Vec<(usize, RepositoryPackage, Entry)> = given
            .par_iter()
            .enumerate()
            .filter(|(_, g)| !g.known)
            .map(|(i, given)| {
                let (held, entry) = self.put(given, signers, at)?;
                Ok((i, held, entry))
            })
            .collect::<Result<_, PressError>>()?;
        let mut out = base.clone();
        let mut entries: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
        for (i, held, entry) in added {
            for repo in self.repos_of(&held.arch, &given[i].file)? {
                out.arches.entry(repo.to_owned()).or_default().packages.push(held.clone());
                entries.entry(repo).or_default().push(entry.clone());
            }
            given[i].package = held;
        }
        for (repo, entries) in entries {
            let Some(repo) = out.arches.get_mut(repo) else { continue };
            repo.manifest = self.updated(repo, &[], entries)?;
            repo.sort();
        }
        Ok(out)
    }

    fn put(&self, given: &SubmittedPackage, signers: &Signers, at: Timestamp) -> Result<(RepositoryPackage, Entry), PressError> {
        if given.signed {
            return pool_entry(self.site.dir(), &given.package.href);
        }
        put(self.site.dir(), &given.file, signers, at)
    }

    /// The folder of the site.
    pub(super) fn dir(&self) -> &Path {
        self.site.dir()
    }

    /// The contents without the packages for which `gone` is true, and those packages.
    ///
    /// # Errors
    /// When the set of the rest cannot be written.
    pub fn remove(
        &self,
        base: &Contents,
        gone: impl Fn(&RepositoryPackage) -> bool,
    ) -> Result<(Contents, Vec<RepositoryPackage>), PressError> {
        let mut out = base.clone();
        let mut removed: Vec<RepositoryPackage> = Vec::new();
        for repo in out.arches.values_mut() {
            let (out_of, stay): (Vec<RepositoryPackage>, Vec<RepositoryPackage>) =
                std::mem::take(&mut repo.packages).into_iter().partition(&gone);
            repo.packages = stay;
            if !out_of.is_empty() {
                let ids: Vec<PackageId> = out_of.iter().map(|p| PackageId { name: p.name.clone(), pkgid: p.pkgid.clone() }).collect();
                repo.manifest = self.updated(repo, &ids, Vec::new())?;
                removed.extend(out_of);
            }
        }
        removed.sort_by_key(|p| p.nevra().to_string());
        removed.dedup();
        Ok((out, removed))
    }

    /// Writes a snapshot with the advisories of an edition, and gives whether it did: not where the snapshot would be the same as
    /// `previous`. No channel points to it yet.
    ///
    /// # Errors
    /// When the snapshot cannot be written or signed.
    pub fn write(
        &self,
        id: &str,
        contents: &mut Contents,
        previous: Option<(&str, &Contents)>,
        edition: &Edition,
        signers: &Signers,
        at: Timestamp,
    ) -> Result<bool, PressError> {
        let mut updates = self.stamp_all(contents, edition, signers.public_keys());
        if previous.is_some_and(|(_, before)| before == contents) {
            return Ok(false);
        }
        let dir = self.site.snapshot(id);
        let beside = self.site.snapshot(&format!(".{id}"));
        for old in [&beside, &dir] {
            if old.exists() {
                fs::remove_dir_all(old).map_err(SiteError::file("remove", old))?;
            }
        }
        for (arch, repo) in &mut contents.arches {
            if !repo.manifest.is_stored(&self.store) {
                repo.manifest = self.built(repo)?;
            }
            let folder = beside.join(arch);
            create(&folder)?;
            // Paths of packages must not climb out of the repository: reposync refuses them.
            let pool = folder.join("pool");
            symlink("../../../pool", &pool).map_err(SiteError::file("link", &pool))?;
            let extra: Vec<Extra> =
                updates.remove(arch).flatten().into_iter().map(|bytes| Extra { kind: "updateinfo".into(), bytes }).collect();
            let options = Options {
                compression: self.compression,
                revision: at.as_second().to_string(),
                timestamp: at,
                previous: previous.map(|(id, _)| self.site.snapshot(id).join(arch).join("repodata")),
            };
            let repodata = folder.join("repodata");
            let repomd = write_metadata(&repo.manifest, &self.store, &repodata, &options, &extra)?;
            replace(&repodata.join("repomd.xml.asc"), &signers.detached(&repomd.bytes, at)?)?;
            // zypper looks for the keys beside the signature.
            replace(&repodata.join("repomd.xml.key"), &signers.public_keys().armored()?)?;
            replace(&repodata.join("repomd.xml"), &repomd.bytes)?;
        }
        contents.save(&beside)?;
        put_in_place(&beside, &dir).map_err(SiteError::from)?;
        Ok(true)
    }

    /// The set of the packages that a repository holds now, made from its set of before: without some, and with others of the pool.
    pub(super) fn updated(&self, repo: &Repo, removed: &[PackageId], added: Vec<Entry>) -> Result<Manifest, PressError> {
        if !repo.manifest.is_stored(&self.store) {
            return self.built(repo);
        }
        Ok(repo.manifest.update(&self.store, removed, added)?)
    }

    /// The set of the packages that a repository holds now, made from the pool: where chunks are gone, or of a version that is not read.
    fn built(&self, repo: &Repo) -> Result<Manifest, PressError> {
        let entry = |package: &RepositoryPackage| Ok(pool_entry(self.site.dir(), &package.href)?.1);
        let entries = repo.packages.par_iter().map(entry).collect::<Result<Vec<Entry>, PressError>>()?;
        Ok(Manifest::build(&self.store, entries)?)
    }

    /// Whether the snapshot with these contents has the advisories of an edition and is signed by these keys, so that none is written anew.
    #[must_use]
    pub fn is_current(&self, contents: &Contents, edition: &Edition, keys: &PublicKeys) -> bool {
        let mut stamped = contents.clone();
        self.stamp_all(&mut stamped, edition, keys);
        stamped == *contents
    }

    /// Gives each repository the stamp of this edition, and gives `updateinfo` for each; `None` for source packages.
    fn stamp_all(&self, contents: &mut Contents, edition: &Edition, keys: &PublicKeys) -> BTreeMap<String, Option<Vec<u8>>> {
        for arch in &self.arches {
            contents.arches.entry(arch.clone()).or_default();
        }
        let mut updates = BTreeMap::new();
        for (arch, repo) in &mut contents.arches {
            let bytes = if arch == SOURCE { None } else { Some(updateinfo::document(edition, &update_packages(repo))) };
            repo.stamp = self.stamp(bytes.as_deref().unwrap_or_default(), keys);
            updates.insert(arch.clone(), bytes);
        }
        updates
    }

    fn stamp(&self, updateinfo: &[u8], keys: &PublicKeys) -> String {
        let mut out = DigestWriter::new();
        out.field(updateinfo);
        out.field(self.compression.suffix());
        for key in keys.fingerprints() {
            out.field(key);
        }
        out.finish().to_string()
    }

    /// The repositories for an architecture.
    fn repos_of(&self, arch: &str, file: &Path) -> Result<Vec<&str>, PressError> {
        match arch {
            "noarch" => Ok(self.arches.iter().map(String::as_str).collect()),
            "src" | "nosrc" => Ok(vec![SOURCE]),
            arch => self.arches.iter().find(|a| *a == arch).map(|a| vec![a.as_str()]).ok_or_else(|| PressError::Package {
                file: file.to_owned(),
                what: format!("no repository takes {arch}: there are {} (architectures in seaworthy.toml)", self.arches.join(", ")),
            }),
        }
    }
}

/// Signs a package and puts it into the pool of the site in the folder `site`, where no index names it yet.
pub(super) fn put(site: &Path, file: &Path, signers: &Signers, at: Timestamp) -> Result<(RepositoryPackage, Entry), PressError> {
    let pool = site.join("pool");
    create(&pool)?;
    let beside = tempfile::Builder::new().prefix(".new-").suffix(".rpm").tempfile_in(&pool);
    let beside = beside.map_err(SiteError::file("write into", &pool))?;
    match sign_rpm(signers, file, beside.path(), at)? {
        RpmSigning::Kept(_) | RpmSigning::Signed(_) => {}
    }
    let (mut package, build) = read_package(beside.path())?;
    // The time of the copy says nothing; that of the build is the same wherever it is published.
    package.file_time = package.build_time;
    let href = pool_path(&package);
    let path = site.join(&href);
    if !path.is_file() {
        if let Some(above) = path.parent() {
            create(above)?;
        }
        let readable = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
        fs::set_permissions(beside.path(), readable).map_err(SiteError::file("write", &path))?;
        put_in_place(beside.path(), &path).map_err(SiteError::from)?;
    }
    let entry = Entry::new(&package, &href);
    Ok((RepositoryPackage::of(&package, href, build), entry))
}

/// A package in the pool of a site's folder.
fn pool_entry(site: &Path, href: &str) -> Result<(RepositoryPackage, Entry), PressError> {
    let (mut package, build) = read_package(&site.join(href))?;
    // The time of the copy says nothing; that of the build is the same wherever it is published.
    package.file_time = package.build_time;
    let entry = Entry::new(&package, href);
    Ok((RepositoryPackage::of(&package, href.to_owned(), build), entry))
}

/// The builds in the contents, by name, version and architecture.
fn known(contents: &Contents) -> HashMap<Nevra, &str> {
    contents.packages().map(|p| (p.nevra(), p.build.as_str())).collect()
}

/// Whether the build that is published under the same name and version is this one.
fn same_build(there: Option<&str>, held: &RepositoryPackage, file: &Path) -> Result<bool, PressError> {
    match there {
        None => Ok(false),
        Some(build) if build == held.build => Ok(true),
        Some(_) => Err(PressError::Package {
            file: file.to_owned(),
            what: format!("another build of {} is published already, and clients have it: give it a new release", held.nevra()),
        }),
    }
}

fn refuse(held: &RepositoryPackage, file: &Path, recalled: &[String]) -> Result<(), PressError> {
    if recalled.contains(&held.build) {
        let what = format!("{} was taken back; build it anew with a new release", held.nevra());
        return Err(PressError::Package { file: file.to_owned(), what });
    }
    Ok(())
}

/// A package and the digest of its header.
fn read_package(file: &Path) -> Result<(Package, String), PressError> {
    let package = Package::read(file, &Limits::default())?;
    let (start, end) = package.header;
    let mut header = Vec::new();
    let read = File::open(file).and_then(|mut f| {
        f.seek(SeekFrom::Start(start))?;
        f.take(end.saturating_sub(start)).read_to_end(&mut header)
    });
    read.map_err(SiteError::file("read", file))?;
    Ok((package, Digest::of(&header).hex()))
}

pub(super) fn update_packages(repo: &Repo) -> Vec<UpdatePackage> {
    let package = |p: &RepositoryPackage| UpdatePackage {
        source: p.source.clone(),
        source_evr: p.source_evr.clone(),
        name: p.name.clone(),
        evr: p.evr.clone(),
        arch: p.arch.clone(),
        file: p.href.rsplit('/').next().unwrap_or(&p.href).to_owned(),
    };
    repo.packages.iter().map(package).collect()
}

/// The difference between two contents: the builds that are added and those that are removed, sorted.
#[must_use]
pub fn difference(before: &Contents, after: &Contents) -> (Vec<Nevra>, Vec<Nevra>) {
    let only = |of: &Contents, other: &Contents| {
        let there: HashSet<&str> = other.packages().map(|p| p.build.as_str()).collect();
        let alone = of.packages().filter(|p| !there.contains(p.build.as_str())).map(|p| (p.nevra().to_string(), p.nevra()));
        // Packages of no architecture are in several repositories.
        alone.collect::<BTreeMap<_, _>>().into_values().collect()
    };
    (only(after, before), only(before, after))
}
