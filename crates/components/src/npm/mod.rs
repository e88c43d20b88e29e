//! The lock files of npm and Yarn.

mod manifest;
mod package_lock;
mod yarn;

use std::collections::{HashMap, HashSet};

use crate::files::{Files, above, join, named};
use crate::list::List;
use crate::purpose::Purpose;
use manifest::{Manifest, OfFile, Sharing, manifests};
use package_lock::PackageLock;
use yarn::YarnLock;

pub(crate) fn lists(files: &Files) -> Vec<List> {
    // npm does not look at a package-lock.json beside an npm-shrinkwrap.json.
    let is_read = |folder: &str| !files.contains_key(&join(folder, "npm-shrinkwrap.json"));
    let locks = named(files, "package-lock.json").filter(|(folder, ..)| is_read(folder)).chain(named(files, "npm-shrinkwrap.json"));
    let npm: HashMap<&str, PackageLock> = locks.map(|(folder, path, bytes)| (folder, PackageLock::parse(bytes, path))).collect();
    let locks = named(files, "yarn.lock");
    let yarn: HashMap<&str, YarnLock<'_>> = locks.map(|(folder, path, bytes)| (folder, YarnLock::parse(bytes, path))).collect();
    let manifests = manifests(files);
    let mut sharing: HashMap<&str, Sharing<'_>> = HashMap::new();
    for OfFile { folder, manifest, list } in &manifests {
        let Some(lock) = above(folder).find(|folder| npm.contains_key(folder) || yarn.contains_key(folder)) else { continue };
        let sharing = sharing.entry(lock).or_default();
        match (manifest, list.purpose) {
            (Some(manifest), Purpose::Product) => sharing.product.push(manifest),
            (Some(manifest), _) => sharing.aside.push(manifest),
            (None, purpose) => sharing.unread |= purpose == Purpose::Product,
        }
    }
    let names: HashMap<&str, HashSet<&str>> = sharing.iter().map(|(folder, sharing)| (*folder, sharing.names())).collect();
    let is_locked = |folder: &str, manifest: &Manifest| {
        above(folder).any(|lock| {
            let below = folder.get(lock.len()..).unwrap_or_default().trim_start_matches('/');
            npm.get(lock).is_some_and(|lock| lock.is_of(below))
                || yarn.get(lock).is_some_and(|of| below.is_empty() || of.has_all(&manifest.needs, names.get(lock)))
        })
    };
    // A package for which nothing is locked: what its build takes is not known. A lock file above it is of its build where it names it.
    let is_open = |of_file: &OfFile<'_>| match &of_file.manifest {
        Some(manifest) => !manifest.needs.is_empty() && !is_locked(of_file.folder, manifest),
        None => true,
    };
    let open: Vec<bool> = manifests.iter().map(is_open).collect();
    let none = Sharing::default();
    let mut out: Vec<List> = yarn.into_iter().map(|(folder, lock)| lock.into_list(sharing.get(folder).unwrap_or(&none))).collect();
    out.extend(npm.into_values().map(|lock| lock.list));
    out.extend(manifests.into_iter().zip(open).filter(|(_, open)| *open).map(|(of_file, _)| of_file.list));
    out
}
