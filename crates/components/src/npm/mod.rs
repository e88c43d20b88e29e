//! The lock files of npm and Yarn.

mod manifest;
mod package_lock;
mod yarn;

use crate::files::{Files, above, join, named};
use crate::list::{List, NPM};
use manifest::{Manifest, manifests};

const LOCKS: [&str; 3] = ["npm-shrinkwrap.json", "package-lock.json", "yarn.lock"];

pub(crate) fn lists(files: &Files) -> Vec<List> {
    let manifests = manifests(files);
    let has = |folder: &str, name: &str| files.contains_key(&join(folder, name));
    let mut out: Vec<List> = named(files, "npm-shrinkwrap.json").map(|(_, path, bytes)| package_lock::package_lock(bytes, path)).collect();
    // npm does not look at a package-lock.json beside an npm-shrinkwrap.json.
    let locks = named(files, "package-lock.json").filter(|(folder, ..)| !has(folder, "npm-shrinkwrap.json"));
    out.extend(locks.map(|(_, path, bytes)| package_lock::package_lock(bytes, path)));
    let nearest = |folder: &str| above(folder).find(|folder| LOCKS.iter().any(|lock| has(folder, lock))).map(str::to_owned);
    for (folder, path, bytes) in named(files, "yarn.lock") {
        // The packages of a workspace share the lock file above them.
        let own: Vec<&Manifest> =
            manifests.iter().filter(|(below, _)| nearest(below).as_deref() == Some(folder)).map(|(_, manifest)| manifest).collect();
        out.push(yarn::yarn_lock(bytes, path, &own));
    }
    // A package for which nothing is locked: what its build takes is not known.
    let open = manifests.iter().filter(|(folder, manifest)| !manifest.needs.is_empty() && nearest(folder).is_none());
    out.extend(open.map(|(folder, _)| List::new(NPM, &join(folder, "package.json"), false)));
    out
}
