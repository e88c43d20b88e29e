//! The question whether an assessment without findings is an all-clear.

use std::collections::BTreeMap;
use std::fmt;

use seaworthy_intelligence::records::ECOSYSTEMS;
use seaworthy_inventory::{Component, Inventory, ProblemKind};
use seaworthy_model::CpeName;
use serde::Serialize;

use crate::Assessment;
use crate::numbers::thousands;

/// The package URL types of components that are judged beside those of OSV: those that the CVE List has, and `generic`, which goes by its
/// name.
const JUDGED: [&str; 2] = ["cpan", "generic"];

/// The package URL types that stand for what a document is about, and for no package in it.
const NO_PACKAGES: [&str; 3] = ["docker", "oci", "swid"];

/// A reason why an assessment cannot tell whether anything is affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum CannotTell {
    /// The inventory has no package: an empty folder, database, list or document.
    NothingRead,
    /// No package of the inventory is tied to a product of any record.
    NothingTied {
        /// The number of packages.
        packages: usize,
    },
    /// The source does not list all packages that it has.
    NotListed,
    /// Components are of kinds that are not judged.
    NotJudged {
        /// The number of components by package URL type.
        kinds: BTreeMap<String, usize>,
    },
}

impl CannotTell {
    /// The reasons that hold of an assessment; none where it looked at everything that it was given.
    #[must_use]
    pub fn of(assessment: &Assessment, inventory: &Inventory) -> Vec<Self> {
        let packages = inventory.packages.len();
        if packages == 0 {
            return vec![Self::NothingRead];
        }
        let nothing_tied = assessment.findings.is_empty() && assessment.blind_spot.packages_without_product == packages as u64;
        let kinds = not_judged(inventory);
        let mut reasons = Vec::new();
        if nothing_tied {
            reasons.push(Self::NothingTied { packages });
        }
        if inventory.problems.iter().any(|problem| problem.kind == ProblemKind::NotListed) {
            reasons.push(Self::NotListed);
        }
        if !kinds.is_empty() {
            reasons.push(Self::NotJudged { kinds });
        }
        reasons
    }
}

/// The reason in words, which go on behind "cannot tell: ".
impl fmt::Display for CannotTell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingRead => f.write_str("no package was found"),
            Self::NothingTied { packages: 1 } => f.write_str("the only package is tied to no product of a record"),
            Self::NothingTied { packages } => {
                write!(f, "none of the {} packages is tied to a product of a record", thousands(*packages as u64))
            }
            Self::NotListed => f.write_str("the packages are not listed"),
            Self::NotJudged { kinds } => {
                let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{} {kind}", thousands(*count as u64))).collect();
                write!(f, "packages of these kinds are not judged: {}", kinds.join(", "))
            }
        }
    }
}

/// The numbers of components of kinds that are not judged, by package URL type (`deb`, `apk`): other distributions patch their packages
/// themselves, and no source of records here has the versions of others. A component with a CPE name is judged by it.
fn not_judged(inventory: &Inventory) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for component in inventory.packages.iter().flat_map(|package| &package.components).filter(|component| !is_judged(component)) {
        *kinds.entry(component.ecosystem.clone()).or_default() += 1;
    }
    kinds
}

fn is_judged(component: &Component) -> bool {
    let known = |types: &[&str]| types.contains(&component.ecosystem.as_str());
    let is_named = || component.cpe.as_deref().is_some_and(|cpe| CpeName::parse(cpe).is_ok());
    let has_source = || ECOSYSTEMS.iter().any(|(_, kind)| *kind == component.ecosystem);
    known(&JUDGED) || has_source() || known(&NO_PACKAGES) || is_named()
}
