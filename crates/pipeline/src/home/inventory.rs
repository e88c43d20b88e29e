//! The selection of an inventory, and use cases that read one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use jiff::civil::Date;
use seaworthy_inventory::{Inventory, Source, SourcePackage, read, read_history};
use seaworthy_matching::{Options, ProductTable};
use seaworthy_model::Day;
use serde::Serialize;

use super::{Home, HomeError};

/// A source of packages, with a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The source.
    pub source: Source,
    /// The file with the history of fixes.
    pub history: Option<PathBuf>,
}

/// The selection in words, by which the log names it.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        self.history.iter().try_for_each(|history| write!(f, ", history {}", history.display()))
    }
}

/// The options of judging packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judging {
    /// The day after which records and history are ignored; `None` for all of them.
    pub as_of: Option<Date>,
    /// The file with a table of names and products that adds to the built-in one.
    pub products: Option<PathBuf>,
}

impl Judging {
    /// The options of an assessment.
    pub(super) fn options(&self) -> Result<Options, HomeError> {
        let mut products = ProductTable::built_in();
        if let Some(path) = &self.products {
            let text = std::fs::read_to_string(path).map_err(HomeError::io("read", path))?;
            let table = ProductTable::parse(&text).map_err(|source| HomeError::Products { path: path.clone(), source: source.into() })?;
            products.overlay(table);
        }
        Ok(Options { as_of: self.as_of.map(|day| Day::from(day).end().into()), products, ..Options::default() })
    }
}

/// A package whose version differs between two releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionChange {
    /// The source package.
    pub package: String,
    /// The version in the older release; `None` where it was added.
    pub from: Option<String>,
    /// The version in the newer release; `None` where it was removed.
    pub to: Option<String>,
}

/// The differences between two releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseChanges {
    /// The packages that were added or removed or changed their version, by name.
    pub changes: Vec<VersionChange>,
}

/// The source packages of one name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShippedPackages {
    /// The packages, by version; never empty.
    pub packages: Vec<SourcePackage>,
}

impl Home {
    /// The source packages of a name, with all fields of the inventory.
    ///
    /// # Errors
    /// When the source or the history cannot be read, or there is no such package.
    pub fn shipped_packages(&self, name: &str, selection: &Selection) -> Result<ShippedPackages, HomeError> {
        let mut inventory = self.inventory(selection, None)?;
        if !inventory.packages.iter().any(|p| p.name == name) {
            return Err(HomeError::no_package(name, &inventory));
        }
        inventory.packages.retain(|p| p.name == name);
        Ok(ShippedPackages { packages: inventory.packages })
    }

    /// The packages that were added or removed or changed their version between two releases.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn compare_releases(&self, from: &Source, to: &Source) -> Result<ReleaseChanges, HomeError> {
        let versions = |source: &Source| -> Result<BTreeMap<String, String>, HomeError> {
            let inventory = self.inventory(&Selection { source: source.clone(), history: None }, None)?;
            Ok(inventory.packages.iter().map(|p| (p.name.clone(), p.evr.to_string())).collect())
        };
        let (from, to) = (versions(from)?, versions(to)?);
        let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
        let change = |name: &String| VersionChange { package: name.clone(), from: from.get(name).cloned(), to: to.get(name).cloned() };
        Ok(ReleaseChanges { changes: names.into_iter().map(change).filter(|change| change.from != change.to).collect() })
    }

    /// The inventory of a selection, with its problems reported.
    ///
    /// # Errors
    /// When the source or the history cannot be read.
    pub fn read_inventory(&self, selection: &Selection) -> Result<Inventory, HomeError> {
        let inventory = self.inventory(selection, None)?;
        self.report_problems(&inventory.problems);
        Ok(inventory)
    }

    /// The inventory of a selection. `as_of` hides later entries of the history.
    ///
    /// # Errors
    /// When the source or the history cannot be read.
    pub fn inventory(&self, selection: &Selection, as_of: Option<Date>) -> Result<Inventory, HomeError> {
        let mut inventory = read(&selection.source).map_err(HomeError::reading("what is shipped"))?;
        if let Some(path) = &selection.history {
            let history = read_history(path).map_err(HomeError::reading("the history of fixes"))?;
            history.apply(&mut inventory, as_of.map(|day| day.to_string()).as_deref());
        }
        Ok(inventory)
    }
}
