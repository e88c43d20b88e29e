//! The lock file of npm.

use serde_json::Value;

use crate::lock_file::{Finder, LockFile};

/// The components of a package-lock.json of version 1 (nested `dependencies`), 2 or 3 (`packages`); links to folders do not count.
///
/// Format: <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>.
#[must_use]
pub fn package_lock(bytes: &[u8], file: &str) -> LockFile {
    let mut found = Finder::new(file, "npm");
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(e) => {
            found.problem(Some(e.line()), format!("left out: not JSON: {e}"));
            return found.out;
        }
    };
    if let Some(packages) = value.get("packages").and_then(Value::as_object) {
        for (path, package) in packages {
            let text = |key: &str| package.get(key).and_then(Value::as_str);
            // The project itself, its workspaces, and links to them.
            let Some((_, name)) = path.rsplit_once("node_modules/") else { continue };
            if package.get("link").and_then(Value::as_bool) != Some(true) {
                // An alias keeps the real name beside it.
                found.add(text("name").unwrap_or(name), text("version"));
            }
        }
    } else if value.get("dependencies").is_some() {
        nested(&value, &mut found);
    } else if value.get("lockfileVersion").is_none() {
        found.problem(None, "left out: neither \"packages\" nor \"dependencies\"; not a package-lock.json");
    }
    found.out
}

/// The JSON parser's limit of 128 levels bounds the recursion.
fn nested(value: &Value, found: &mut Finder<'_>) {
    for (name, package) in value.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        let version = package.get("version").and_then(Value::as_str);
        match version.and_then(|v| v.strip_prefix("npm:")).and_then(|v| v.rsplit_once('@')) {
            Some((real, version)) => found.add(real, Some(version)),
            // A URL is no version.
            None => found.add(name, version.filter(|v| !v.contains([':', '/']))),
        }
        nested(package, found);
    }
}
