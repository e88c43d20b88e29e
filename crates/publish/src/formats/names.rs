//! The packages of the advisories on one CVE: a name has one purl, so that it may have only one status.

use std::collections::HashMap;

use crate::{Advisory, Standing};

/// An advisory with the packages whose status it states.
pub(super) struct Scope<'a> {
    pub(super) advisory: &'a Advisory,
    /// Whether its source package is one of them.
    pub(super) source: bool,
    /// Those of its binary packages, each once.
    pub(super) binaries: Vec<&'a str>,
}

impl<'a> Scope<'a> {
    /// The names of the packages, each once, the source package first.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let source: &'a str = &self.advisory.package;
        let others = self.binaries.iter().copied().filter(move |binary| !self.source || *binary != source);
        self.source.then_some(source).into_iter().chain(others)
    }
}

/// The packages of each advisory on a CVE, without withdrawn advisories and those that no package is left for. Machines have binary
/// packages installed: a name that several advisories have belongs to the first with a binary package of that name, or else to the first of
/// all.
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
