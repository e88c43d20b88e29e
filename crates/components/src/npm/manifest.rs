//! A package.json.

use serde_json::Value;

use crate::files::{Files, named};
use crate::purpose::Purpose;

/// The dependencies of a package of the sources.
#[derive(Debug)]
pub(super) struct Manifest {
    /// The names and ranges of what it needs, optional ones included, and those of development not.
    pub(super) needs: Vec<(String, String)>,
    pub(super) purpose: Purpose,
}

/// The manifests of the sources with their folders; one that is no JSON object says nothing.
///
/// Format: <https://docs.npmjs.com/cli/configuring-npm/package-json>.
pub(super) fn manifests(files: &Files) -> Vec<(&str, Manifest)> {
    let read = |(folder, path, bytes)| {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let parts = ["dependencies", "optionalDependencies"].map(|key| value.get(key).and_then(Value::as_object));
        let needs = parts.into_iter().flatten().flatten();
        let needs = needs.map(|(name, range)| (name.clone(), range.as_str().unwrap_or_default().to_owned())).collect();
        Some((folder, Manifest { needs, purpose: Purpose::of(path) }))
    };
    named(files, "package.json").filter_map(read).collect()
}
