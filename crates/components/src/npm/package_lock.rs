//! The lock file of npm.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::list::{List, NPM};

/// The components of a package-lock.json or npm-shrinkwrap.json of version 1 (nested `dependencies`), 2 or 3 (`packages`), without those
/// of development; links to folders do not count.
///
/// Format: <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>.
pub(super) fn package_lock(bytes: &[u8], file: &str) -> List {
    let mut list = List::new(NPM, file, true);
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(e) => {
            list.problem(Some(e.line()), format!("left out: not JSON: {e}"));
            return list;
        }
    };
    if let Some(packages) = value.get("packages").and_then(Value::as_object) {
        flat(packages, &mut list);
    } else if value.get("dependencies").is_some() {
        nested(&value, &mut list);
    } else if value.get("lockfileVersion").is_none() {
        list.problem(None, "left out: neither \"packages\" nor \"dependencies\"; not a package-lock.json");
    }
    list
}

fn is(package: &Value, key: &str) -> bool {
    package.get(key).and_then(Value::as_bool) == Some(true)
}

/// The name in the path of a package; `None` for the project itself and its workspaces.
fn name_of(path: &str) -> Option<&str> {
    path.rsplit_once("node_modules/").map(|(_, name)| name)
}

/// The names of what a package needs, optional dependencies included.
fn needs(package: &Value) -> impl Iterator<Item = &str> {
    let parts = ["dependencies", "optionalDependencies"].map(|key| package.get(key).and_then(Value::as_object));
    parts.into_iter().flatten().flatten().map(|(name, _)| name.as_str())
}

/// Adds the packages by their paths (`node_modules/a/node_modules/b`).
fn flat(packages: &Map<String, Value>, list: &mut List) {
    // Not installed, or for development alone.
    let is_out = |package: &Value| is(package, "dev") || is(package, "extraneous");
    // `devOptional` is what development needs, and what the product needs only if it can be had: as an optional dependency, which is
    // installed, or as an optional peer, which is not.
    let is_open = |package: &Value| is(package, "devOptional");
    let mut open: HashMap<&str, Vec<&Value>> = HashMap::new();
    for (path, package) in packages.iter().filter(|(_, package)| !is_out(package) && is_open(package)) {
        open.entry(name_of(path).unwrap_or_default()).or_default().push(package);
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
        let text = |key: &str| package.get(key).and_then(Value::as_str);
        let Some(name) = name_of(path) else { continue };
        if !is(package, "link") && !is_out(package) && (!is_open(package) || needed.contains(name)) {
            // An alias keeps the real name beside it.
            list.add(text("name").unwrap_or(name), text("version"));
        }
    }
}

/// The JSON parser's limit of 128 levels bounds the recursion.
fn nested(value: &Value, list: &mut List) {
    for (name, package) in value.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        if is(package, "dev") {
            continue;
        }
        let version = package.get("version").and_then(Value::as_str);
        match version.and_then(|v| v.strip_prefix("npm:")).and_then(|v| v.rsplit_once('@')) {
            Some((real, version)) => list.add(real, Some(version)),
            // A URL is no version.
            None => list.add(name, version.filter(|v| !v.contains([':', '/']))),
        }
        nested(package, list);
    }
}
