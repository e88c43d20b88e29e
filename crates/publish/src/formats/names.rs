//! The packages that advisories of one CVE speak of: a name has one purl, so that it may have one status.

use std::collections::HashMap;

use crate::{Advisory, Standing};

/// What an advisory speaks of.
pub(super) struct Scope<'a> {
    pub(super) advisory: &'a Advisory,
    /// Whether its source package is among them.
    pub(super) source: bool,
    /// Its binary packages that are among them, each once.
    pub(super) binaries: Vec<&'a str>,
}

impl<'a> Scope<'a> {
    /// The names of its packages, each once, the source package first.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let source: &'a str = &self.advisory.package;
        let others = self.binaries.iter().copied().filter(move |binary| !self.source || *binary != source);
        self.source.then_some(source).into_iter().chain(others)
    }
}

/// What each advisory of a CVE speaks of; those of which nothing is left, and withdrawn ones, are left out. Machines have binary packages
/// installed: a name that two advisories have is told by the first that has a binary package of it, else by the first at all.
pub(super) fn scopes<'a>(advisories: &[&'a Advisory]) -> Vec<Scope<'a>> {
    let advisories: Vec<&'a Advisory> = advisories.iter().copied().filter(|a| a.standing != Standing::Withdrawn).collect();
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for (nth, advisory) in advisories.iter().enumerate() {
        for binary in &advisory.binaries {
            owners.entry(binary).or_insert(nth);
        }
    }
    for (nth, advisory) in advisories.iter().enumerate() {
        owners.entry(&advisory.package).or_insert(nth);
    }
    let is_owner = |name: &str, nth: usize| owners.get(name) == Some(&nth);
    let all = advisories.iter().enumerate().map(|(nth, advisory)| {
        // They are sorted, and each counts once.
        let names = advisory.binaries.chunk_by(|a, b| a == b).filter_map(|same| same.first()).map(String::as_str);
        Scope { advisory, source: is_owner(&advisory.package, nth), binaries: names.filter(|name| is_owner(name, nth)).collect() }
    });
    all.filter(|scope| scope.source || !scope.binaries.is_empty()).collect()
}
