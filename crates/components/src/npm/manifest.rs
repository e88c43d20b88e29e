//! A package.json.

use std::collections::HashSet;

use serde_json::Value;

use crate::files::{Files, named};
use crate::list::{List, NPM};

/// A package of the sources, and its dependencies.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    /// The names and ranges of what it needs, optional ones included, and those of development not.
    pub(super) needs: Vec<(String, String)>,
}

/// A package.json of the sources.
pub(super) struct OfFile<'a> {
    pub(super) folder: &'a str,
    /// What it says; `None` where it cannot be read.
    pub(super) manifest: Option<Manifest>,
    /// The list, which is not complete, that goes for it where nothing is locked, or where it cannot be read.
    pub(super) list: List,
}

/// The manifests of the sources.
pub(super) fn manifests(files: &Files) -> Vec<OfFile<'_>> {
    let read = |(folder, path, bytes)| {
        let mut list = List::new(NPM, path, false);
        OfFile { folder, manifest: parse(bytes, &mut list), list }
    };
    named(files, "package.json").map(read).collect()
}

/// Format: <https://docs.npmjs.com/cli/configuring-npm/package-json>.
fn parse(bytes: &[u8], list: &mut List) -> Option<Manifest> {
    let value = json(bytes, list)?;
    if !value.is_object() {
        list.problem(None, "left out: not a JSON object");
        return None;
    }
    let parts = ["dependencies", "optionalDependencies"].map(|key| value.get(key).and_then(Value::as_object));
    let needs = parts.into_iter().flatten().flatten();
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Manifest {
        name: text("name"),
        version: text("version"),
        needs: needs.map(|(name, range)| (name.clone(), range.as_str().unwrap_or_default().to_owned())).collect(),
    })
}

/// The value of a file; one that is no JSON is a problem of its list.
pub(super) fn json(bytes: &[u8], list: &mut List) -> Option<Value> {
    let text = list.text(bytes)?;
    serde_json::from_str(text).map_err(|e| list.problem(Some(e.line()), format!("left out: not JSON: {e}"))).ok()
}

/// The manifests to which a lock file is the nearest, in its folder and below: those of the packages of a workspace share it.
#[derive(Default)]
pub(super) struct Sharing<'a> {
    /// Those of the product.
    pub(super) product: Vec<&'a Manifest>,
    /// Those of examples, tests and tools.
    pub(super) aside: Vec<&'a Manifest>,
    /// Whether one of the product cannot be read.
    pub(super) unread: bool,
}

impl Sharing<'_> {
    /// The names of the packages.
    pub(super) fn names(&self) -> HashSet<&str> {
        self.product.iter().chain(&self.aside).filter_map(|manifest| manifest.name.as_deref()).collect()
    }
}
