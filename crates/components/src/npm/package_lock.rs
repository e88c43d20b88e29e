//! The lock file of npm.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::manifest::json;
use crate::files::{join, split};
use crate::list::{List, NPM};
use crate::purpose::Purpose;

/// A package-lock.json or npm-shrinkwrap.json.
pub(super) struct PackageLock {
    pub(super) list: List,
    /// The folders of the packages of the sources that it names, relative to its own.
    folders: HashSet<String>,
}

impl PackageLock {
    /// The components of version 1 (nested `dependencies`), 2 or 3 (`packages`), the project itself and its workspaces included. Those of
    /// development, and what was left behind, lie aside; links to folders do not count.
    ///
    /// Format: <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>.
    pub(super) fn parse(bytes: &[u8], file: &str) -> Self {
        let mut list = List::new(NPM, file, true);
        let mut folders = HashSet::new();
        if let Some(value) = json(bytes, &mut list) {
            let packages = value.get("packages").and_then(Value::as_object);
            if let Some(packages) = packages {
                flat(packages, &mut list);
                folders.extend(packages.keys().filter(|path| name_of(path).is_none()).cloned());
            } else if value.get("dependencies").is_some() {
                nested(&value, true, &mut list);
            } else if value.get("lockfileVersion").is_none() {
                list.problem(None, "left out: neither \"packages\" nor \"dependencies\"; not a package-lock.json");
            }
            let root = |key: &str| packages.and_then(|packages| packages.get("")?.get(key)).or_else(|| value.get(key))?.as_str();
            if let Some(name) = root("name") {
                list.add(name, root("version"));
            }
        }
        Self { list, folders }
    }

    /// Whether it is that of a package of the sources, by its folder, relative to that of the lock file.
    pub(super) fn is_of(&self, folder: &str) -> bool {
        folder.is_empty() || self.folders.contains(folder)
    }
}

fn is(package: &Value, key: &str) -> bool {
    package.get(key).and_then(Value::as_bool) == Some(true)
}

/// The name in the path of a package; `None` for the project itself and its workspaces.
fn name_of(path: &str) -> Option<&str> {
    path.rsplit_once("node_modules/").map(|(_, name)| name)
}

/// The name of a package of the sources: its folder's, with the scope before it, where it is not called otherwise.
fn name_of_folder(path: &str) -> &str {
    let (above, name) = split(path);
    let scope = split(above).1;
    let scoped = path.len().saturating_sub(scope.len() + 1 + name.len());
    if scope.starts_with('@') { path.get(scoped..).unwrap_or(name) } else { name }
}

/// The names of what a package needs, with optional dependencies, and with peers, which npm installs as well (since version 7) unless they
/// are optional.
fn needs(package: &Value) -> impl Iterator<Item = &str> {
    let part = |key: &str| package.get(key).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
    let of_peers = package.get("peerDependenciesMeta");
    let is_optional = move |name: &str| of_peers.and_then(|of| of.get(name)).is_some_and(|peer| is(peer, "optional"));
    let peers = part("peerDependencies").filter(move |name| !is_optional(name));
    part("dependencies").chain(part("optionalDependencies")).chain(peers)
}

/// Adds the packages by their paths (`node_modules/a/node_modules/b`, and the folders of workspaces), without the project itself.
fn flat(packages: &Map<String, Value>, list: &mut List) {
    // Not installed, or for development alone.
    let is_out = |package: &Value| is(package, "dev") || is(package, "extraneous");
    // `devOptional` is what development needs, and what the product needs only if it can be had: as an optional dependency, which is
    // installed, or as an optional peer, which is not.
    let is_open = |package: &Value| is(package, "devOptional");
    let mut open: HashMap<&str, Vec<&Value>> = HashMap::new();
    for (path, package) in packages.iter().filter(|(_, package)| !is_out(package) && is_open(package)) {
        open.entry(name_of(path).unwrap_or_else(|| name_of_folder(path))).or_default().push(package);
    }
    let certain = packages.values().filter(|package| !is_out(package) && !is_open(package));
    let mut to_follow: Vec<&str> = certain.flat_map(needs).collect();
    let mut needed: HashSet<&str> = HashSet::new();
    while let Some(name) = to_follow.pop() {
        if needed.insert(name) {
            to_follow.extend(open.get(name).into_iter().flatten().flat_map(|package| needs(package)));
        }
    }
    for (path, package) in packages {
        if path.is_empty() || is(package, "link") {
            continue;
        }
        let text = |key: &str| package.get(key).and_then(Value::as_str);
        let name = name_of(path).unwrap_or_else(|| name_of_folder(path));
        let is_aside = name_of(path).is_none() && Purpose::of(&join(path, "package.json")) != Purpose::Product;
        let is_taken = !is_out(package) && (!is_open(package) || needed.contains(name));
        // An alias keeps the real name beside it.
        list.put(text("name").unwrap_or(name), text("version"), is_taken && !is_aside);
    }
}

/// Adds the packages below a package that is taken, or is not. The JSON parser's limit of 128 levels bounds the recursion.
fn nested(value: &Value, is_taken: bool, list: &mut List) {
    for (name, package) in value.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        let is_taken = is_taken && !is(package, "dev");
        let version = package.get("version").and_then(Value::as_str);
        match version.and_then(|v| v.strip_prefix("npm:")).and_then(|v| v.rsplit_once('@')) {
            Some((real, version)) => list.put(real, Some(version), is_taken),
            // A URL is no version.
            None => list.put(name, version.filter(|v| !v.contains([':', '/'])), is_taken),
        }
        nested(package, is_taken, list);
    }
}
