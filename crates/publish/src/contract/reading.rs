//! The statements that a reader has taken from a file.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use seaworthy_model::{Evr, compare_evr};

use super::compare::{Loose, grype, trivy};
use super::concluded::Verdict;

/// The way of comparing versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The way of RPM.
    Rpm,
    /// The way of the reader.
    Own,
}

/// The program whose order of versions is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Rpm,
    Trivy,
    Grype,
}

/// A condition on a version. Its text is that of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Less(String),
    LessOrEqual(String),
    Greater(String),
    GreaterOrEqual(String),
}

/// A statement about a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The affected ranges. A version is in a range where all conditions of the range hold; a range without conditions has every version.
    pub(crate) ranges: Vec<Vec<Bound>>,
    /// Whether the statement names a version with a fix.
    pub(crate) fix: bool,
}

/// The statements that a reader takes from a publication.
#[derive(Clone, Debug)]
pub struct Reading {
    /// By source package, and by the id that the reader uses. A kernel has thousands.
    entries: BTreeMap<String, BTreeMap<String, Entry>>,
    order: Order,
}

impl Reading {
    pub(crate) fn new(order: Order) -> Self {
        Self { entries: BTreeMap::new(), order }
    }

    /// Adds the statement of an id, which replaces an earlier one with the same id.
    pub(crate) fn put(&mut self, package: &str, id: &str, entry: Entry) {
        self.entries.entry(package.to_owned()).or_default().insert(id.to_owned(), entry);
    }

    /// The number of statements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(BTreeMap::len).sum()
    }

    /// Whether there is no statement.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The package, the id and whether a fix is named, for each statement with a range.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        let all = self.entries.iter().flat_map(|(package, entries)| entries.iter().map(move |(id, e)| (package, id, e)));
        all.filter(|(_, _, e)| !e.ranges.is_empty()).map(|(package, id, e)| (package.as_str(), id.as_str(), e.fix))
    }

    /// The verdict on a version of a source package, for a vulnerability with one of `ids`.
    pub(crate) fn verdict(&self, package: &str, ids: &[&str], version: &Evr, how: Comparison) -> Verdict {
        let order = if how == Comparison::Rpm { Order::Rpm } else { self.order };
        let written = if version.epoch == 0 { format!("0:{version}") } else { version.to_string() };
        let mut found = Verdict::NotAffected;
        for entry in self.entries.get(package).into_iter().flat_map(|entries| ids.iter().filter_map(|id| entries.get(*id))) {
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
