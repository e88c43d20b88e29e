//! What a reader has taken out of a file.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use seaworthy_model::{Evr, compare_evr};

use super::compare::{Loose, grype, trivy};
use super::concluded::Verdict;

/// How versions are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// As RPM does.
    Rpm,
    /// As the reader does.
    Own,
}

/// Whose way of comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Rpm,
    Trivy,
    Grype,
}

/// A condition on a version. The text is as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Less(String),
    LessOrEqual(String),
    Greater(String),
    GreaterOrEqual(String),
}

/// One statement about a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What the reader will call it.
    pub(crate) id: String,
    /// Versions in one of these are affected; each is a set of conditions that all must hold. An empty set holds always.
    pub(crate) ranges: Vec<Vec<Bound>>,
    /// Whether it names a version with a fix.
    pub(crate) fix: bool,
}

/// What a reader takes out of what is published: statements by source package.
#[derive(Clone, Debug)]
pub struct Reading {
    entries: BTreeMap<String, Vec<Entry>>,
    order: Order,
}

impl Reading {
    pub(crate) fn new(order: Order) -> Self {
        Self { entries: BTreeMap::new(), order }
    }

    /// Adds a statement, in place of an earlier one of the same id.
    pub(crate) fn put(&mut self, package: &str, entry: Entry) {
        let of_package = self.entries.entry(package.to_owned()).or_default();
        match of_package.iter_mut().find(|e| e.id == entry.id) {
            Some(earlier) => *earlier = entry,
            None => of_package.push(entry),
        }
    }

    /// How many statements it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Package, id and whether a fix is named, of each statement that can hold of some version.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        let all = self.entries.iter().flat_map(|(package, entries)| entries.iter().map(move |e| (package, e)));
        all.filter(|(_, e)| !e.ranges.is_empty()).map(|(package, e)| (package.as_str(), e.id.as_str(), e.fix))
    }

    /// What it says of a version of a source package, of a vulnerability that goes by one of `ids`.
    pub(crate) fn verdict(&self, package: &str, ids: &[&str], version: &Evr, how: Comparison) -> Verdict {
        let order = if how == Comparison::Rpm { Order::Rpm } else { self.order };
        let written = if version.epoch == 0 { format!("0:{version}") } else { version.to_string() };
        let mut found = Verdict::NotAffected;
        for entry in self.entries.get(package).into_iter().flatten().filter(|e| ids.contains(&e.id.as_str())) {
            if entry.ranges.iter().any(|range| range.iter().all(|bound| holds(order, version, &written, bound))) {
                found = found.max(Verdict::Affected { fix: entry.fix });
            }
        }
        found
    }
}

fn holds(order: Order, version: &Evr, written: &str, bound: &Bound) -> bool {
    let (text, wanted): (&str, &[Ordering]) = match bound {
        Bound::Less(text) => (text, &[Ordering::Less]),
        Bound::LessOrEqual(text) => (text, &[Ordering::Less, Ordering::Equal]),
        Bound::Greater(text) => (text, &[Ordering::Greater]),
        Bound::GreaterOrEqual(text) => (text, &[Ordering::Greater, Ordering::Equal]),
    };
    let found = match order {
        Order::Rpm => text.trim().parse().ok().map(|bound: Evr| compare_evr(version, &bound)),
        Order::Trivy | Order::Grype => Loose::of(written).zip(Loose::of(text)).map(|(version, bound)| match order {
            Order::Grype => grype(&version, &bound),
            _ => trivy(&version, &bound),
        }),
    };
    // A bound that is no version is no bound that holds.
    found.is_some_and(|found| wanted.contains(&found))
}
