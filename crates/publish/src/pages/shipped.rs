use std::collections::BTreeMap;

use seaworthy_model::text::json_safe;
use seaworthy_model::{Evr, compare_evr};
use serde::Serialize;

/// The source packages that are told of; those that users get from the package repository with their newest version there and the names of
/// their binary packages. The pages ask it for packages without an advisory, so that none of them needs a page of its own.
#[derive(Debug, Default)]
pub struct Shipped(BTreeMap<String, (Option<Evr>, Vec<String>)>);

#[derive(Serialize)]
struct Data<'a> {
    /// The version of this document.
    v: u32,
    /// By source package: its version in the repository, which is empty where it is not there, and the names of its binary packages.
    packages: BTreeMap<&'a str, (String, &'a [String])>,
}

impl Shipped {
    /// Source packages by their names alone.
    #[must_use]
    pub fn of(names: &[String]) -> Self {
        Self(names.iter().map(|name| (name.clone(), (None, Vec::new()))).collect())
    }

    /// Adds a source package as a channel has it; the newest version stays.
    pub fn add(&mut self, source: &str, version: &Evr, binaries: Vec<String>) {
        let (there, names) = self.0.entry(source.to_owned()).or_default();
        if there.as_ref().is_none_or(|there| compare_evr(version, there).is_gt()) {
            *there = Some(version.clone());
        }
        names.extend(binaries);
        names.sort();
        names.dedup();
    }

    /// The document for the scripts.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn data(&self) -> Result<Vec<u8>, serde_json::Error> {
        let packages = self.0.iter().map(|(source, (version, binaries))| {
            (source.as_str(), (version.as_ref().map(ToString::to_string).unwrap_or_default(), binaries.as_slice()))
        });
        let data = Data { v: 1, packages: packages.collect() };
        Ok(json_safe(&serde_json::to_string(&data)?).into_owned().into_bytes())
    }
}
