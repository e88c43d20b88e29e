//! The reasons to doubt an inventory: one of another place, or of half a tree, would close cases by the thousand as "no longer shipped".

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use seaworthy_model::case::{Case, CaseKey};
use seaworthy_model::subject::Shipped;

/// The number of packages up to which a loss is not sudden, however small the line is.
const FEW: u64 = 3;

/// A reason not to believe an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The inventory has no package.
    Empty,
    /// The inventory is of another kind than that of the last cycle.
    OtherKind {
        /// The kind of the last cycle's inventory.
        before: String,
        /// The kind of the inventory.
        now: String,
    },
    /// The inventory has lost more than a fifth of the packages since the last cycle.
    Smaller {
        /// The number of source packages in the last cycle.
        before: u64,
        /// The number now.
        now: u64,
    },
    /// The inventory lacks more than a fifth of the packages that open cases are about.
    Missing {
        /// The packages that are not in it.
        missing: BTreeSet<String>,
        /// The number of packages with open cases.
        of: u64,
    },
}

/// Whether a loss of so many packages needs an explanation.
fn is_sudden(lost: u64, of: u64) -> bool {
    lost > FEW && lost.saturating_mul(5) > of
}

/// The reason to doubt an inventory of a release line, by the last cycle's and by the line's cases; `None` where there is none.
///
/// `kind` is the word of its kind, and `names` are the names of its source packages. The first reason in the order of [`Doubt`] is given.
#[must_use]
pub fn doubt(last: Option<&Shipped>, cases: &BTreeMap<CaseKey, Case>, kind: &str, names: &BTreeSet<&str>) -> Option<Doubt> {
    if names.is_empty() {
        return Some(Doubt::Empty);
    }
    if let Some(last) = last {
        if last.kind != kind {
            return Some(Doubt::OtherKind { before: last.kind.clone(), now: kind.to_owned() });
        }
        let now = names.len() as u64;
        if is_sudden(last.packages.saturating_sub(now), last.packages) {
            return Some(Doubt::Smaller { before: last.packages, now });
        }
    }
    let open = cases.iter().filter(|(_, case)| case.state.is_open()).map(|(key, _)| key.package.as_str());
    let open: BTreeSet<&str> = open.collect();
    let missing: BTreeSet<String> = open.iter().filter(|name| !names.contains(*name)).map(|&name| name.to_owned()).collect();
    let of = open.len() as u64;
    is_sudden(missing.len() as u64, of).then_some(Doubt::Missing { missing, of })
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it has no source package"),
            Self::OtherKind { before, now } => write!(f, "it is of the kind \"{now}\", and the one of the last cycle was \"{before}\""),
            Self::Smaller { before, now } => {
                let packages = if *now == 1 { "package" } else { "packages" };
                write!(f, "it has {now} source {packages}, and the one of the last cycle had {before}")
            }
            Self::Missing { missing, of } => {
                let shown: Vec<&str> = missing.iter().map(String::as_str).take(3).collect();
                write!(f, "it lacks {} of the {of} packages that have open cases, such as {}", missing.len(), shown.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::Digest;

    use super::*;
    use crate::tests::{affected, at};

    fn shipped(kind: &str, packages: u64) -> Shipped {
        Shipped {
            line: "3.0".parse().unwrap(),
            kind: kind.into(),
            inventory: Digest::of(b"inventory"),
            packages,
            delivered: None,
            names: Vec::new(),
        }
    }

    fn cases(count: usize) -> BTreeMap<CaseKey, Case> {
        let case = |n| affected(&format!("p{n:02}"), "CVE-2024-6197", at("2024-09-01T00:00Z"));
        (0..count).map(case).map(|case| (case.key.clone(), case)).collect()
    }

    #[test]
    fn reasons_not_to_believe_an_inventory() {
        // The last cycle's kind and number of packages, the number of packages with open cases, of which the first are missing; the
        // inventory's kind and number of packages.
        let rows = [
            ("the first cycle", None, (0, 0), ("spec tree", 8), "none"),
            ("the first cycle, at nothing", None, (0, 0), ("spec tree", 0), "it has no source package"),
            ("nothing is there any more", Some(("spec tree", 8)), (8, 8), ("spec tree", 0), "it has no source package"),
            ("as before", Some(("spec tree", 3000)), (100, 0), ("spec tree", 3000), "none"),
            ("a few went", Some(("spec tree", 3000)), (100, 3), ("spec tree", 2990), "none"),
            ("a fifth went", Some(("spec tree", 3000)), (100, 20), ("spec tree", 2400), "none"),
            (
                "more than a fifth went",
                Some(("spec tree", 3000)),
                (0, 0),
                ("spec tree", 2399),
                "it has 2399 source packages, and the one of the last cycle had 3000",
            ),
            ("three of four went from a small line", Some(("spec tree", 4)), (4, 3), ("spec tree", 1), "none"),
            (
                "four of five went from a small line",
                Some(("spec tree", 5)),
                (5, 4),
                ("spec tree", 1),
                "it has 1 source package, and the one of the last cycle had 5",
            ),
            ("it grew", Some(("spec tree", 10)), (10, 0), ("spec tree", 3000), "none"),
            (
                "another kind",
                Some(("spec tree", 3000)),
                (0, 0),
                ("image notes", 3000),
                "it is of the kind \"image notes\", and the one of the last cycle was \"spec tree\"",
            ),
            (
                "a ledger from before inventories were recorded",
                None,
                (10, 4),
                ("spec tree", 3000),
                "it lacks 4 of the 10 packages that have open cases, such as p00, p01, p02",
            ),
            (
                "as many packages as before, and others",
                Some(("spec tree", 100)),
                (10, 10),
                ("spec tree", 100),
                "it lacks 10 of the 10 packages that have open cases, such as p00, p01, p02",
            ),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, last, (open, gone), (kind, count), expected)| {
            let last = last.map(|(kind, count)| shipped(kind, count));
            let there: Vec<String> = (gone..open).map(|n| format!("p{n:02}")).collect();
            let others: Vec<String> = (there.len()..count).map(|n| format!("q{n:04}")).collect();
            let names: BTreeSet<&str> = there.iter().chain(&others).map(String::as_str).collect();
            let doubt = doubt(last.as_ref(), &cases(open), kind, &names);
            (why, expected.to_owned(), doubt.map_or_else(|| "none".to_owned(), |doubt| doubt.to_string()))
        }));
    }
}
