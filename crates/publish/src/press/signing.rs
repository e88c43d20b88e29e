//! The signatures of packages in the pool: checking them, and making new ones where a key is gone.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_keys::{PublicKeys, Signers};
use seaworthy_packages::repository::{Entry, PackageId};
use seaworthy_packages::{RpmSignature, rpm_signature};

use super::PressError;
use super::contents::{Contents, RepositoryPackage};
use super::repository::{Packages, SubmittedPackage, put};

/// The packages that replace others in every channel, by the digest of the replaced file.
pub type Replaced = HashMap<String, (RepositoryPackage, Entry)>;

impl Packages<'_> {
    /// Checks the signature of each package in some channels. Gives the number of good ones, and the faults in words.
    #[must_use]
    pub fn signatures<'c>(&self, channels: impl Iterator<Item = &'c Contents>, keys: &PublicKeys, at: Timestamp) -> (usize, Vec<String>) {
        let all: Vec<&RepositoryPackage> = files(channels).into_values().collect();
        let wrong: Vec<String> = all
            .par_iter()
            .filter_map(|held| {
                let path = self.path(held);
                let why = match rpm_signature(&path, keys, at) {
                    Ok(RpmSignature::Signed(_)) => return None,
                    Ok(RpmSignature::Unsigned) => "it is not signed".to_owned(),
                    Ok(RpmSignature::Foreign { issuer }) => {
                        format!("it is signed by {issuer} alone, which clients do not know any more: `seaworthy publish run` signs it anew")
                    }
                    Ok(RpmSignature::Bad { why }) => why,
                    Err(e) => e.to_string(),
                };
                Some(format!("{}: {why}", path.display()))
            })
            .collect();
        (all.len() - wrong.len(), wrong)
    }

    /// Signs the packages in some channels that have no good signature by any of these keys, into new files of the pool. The old files stay
    /// for clients that use an older snapshot.
    ///
    /// # Errors
    /// When a package cannot be read, signed or written.
    pub fn signed_again<'c>(
        &self,
        channels: impl Iterator<Item = &'c Contents>,
        signers: &Signers,
        at: Timestamp,
    ) -> Result<Replaced, PressError> {
        let all: Vec<&RepositoryPackage> = files(channels).into_values().collect();
        let again = all.par_iter().filter_map(|held| {
            let path = self.path(held);
            match rpm_signature(&path, signers.public_keys(), at) {
                Ok(RpmSignature::Signed(_)) => None,
                Ok(_) => Some(put(self.dir(), &path, signers, at).map(|new| (held.pkgid.clone(), new))),
                Err(e) => Some(Err(e.into())),
            }
        });
        again.collect()
    }

    /// Signs submitted packages that the channel has already, but whose files are not in the pool any more.
    ///
    /// # Errors
    /// When a package cannot be read, signed or written.
    pub fn restored(&self, base: &Contents, given: &[SubmittedPackage], signers: &Signers, at: Timestamp) -> Result<Replaced, PressError> {
        let held: HashMap<String, &RepositoryPackage> = base.packages().map(|p| (p.nevra().to_string(), p)).collect();
        let mut out = Replaced::new();
        for one in given.iter().filter(|g| g.known) {
            if let Some(held) = held.get(&one.package.nevra().to_string()).filter(|held| !self.path(held).is_file()) {
                out.insert(held.pkgid.clone(), put(self.dir(), &one.file, signers, at)?);
            }
        }
        Ok(out)
    }

    /// The contents with packages in the place of others.
    ///
    /// # Errors
    /// When the set of packages cannot be written.
    pub fn replace(&self, base: &Contents, replaced: &Replaced) -> Result<Contents, PressError> {
        let mut out = base.clone();
        for repo in out.arches.values_mut() {
            let (mut old, mut new) = (Vec::new(), Vec::new());
            for package in &mut repo.packages {
                if let Some((held, entry)) = replaced.get(&package.pkgid) {
                    old.push(PackageId { name: package.name.clone(), pkgid: package.pkgid.clone() });
                    new.push(entry.clone());
                    *package = held.clone();
                }
            }
            if !old.is_empty() {
                repo.manifest = self.updated(repo, &old, new)?;
                repo.sort();
            }
        }
        Ok(out)
    }

    fn path(&self, held: &RepositoryPackage) -> PathBuf {
        self.dir().join(&held.href)
    }
}

/// The packages of some channels by the digests of their files, each once.
fn files<'c>(channels: impl Iterator<Item = &'c Contents>) -> BTreeMap<&'c str, &'c RepositoryPackage> {
    channels.flat_map(Contents::packages).map(|p| (p.pkgid.as_str(), p)).collect()
}
