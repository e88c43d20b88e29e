//! The packages that machines can get: those that a request names, and those that the history of a spec tree knows.

use seaworthy_inventory::{Inventory, InventoryError, Source, newest_tag, read};

use super::{Home, HomeError};
use crate::baseline::{Delivered, DeliveredBy};

impl Home {
    /// The packages of a source that a request names, beside that of the packages at hand.
    pub(super) fn delivered(&self, source: &Source, at_hand: &Source) -> Result<Delivered, HomeError> {
        let inventory = read(&alike(source, at_hand)).map_err(HomeError::reading("what was delivered"))?;
        self.report_problems(&inventory.problems);
        Ok(Delivered::of(&inventory, DeliveredBy::Named(source.to_string())))
    }

    /// The packages of the newest tag in the history of the spec tree at hand; `None` where there is no such tag, or no spec at it.
    pub(super) fn delivered_by_tag(&self, at_hand: &Source) -> Result<Option<Delivered>, HomeError> {
        let Source::SpecTree { at, .. } = at_hand.of_packages() else { return Ok(None) };
        let Some(tag) = newest_tag(at).map_err(HomeError::reading("what was delivered"))? else { return Ok(None) };
        let source = Source::SpecTree { at: tag.tree, dist: None, rpmspec: false };
        let inventory = match read(&alike(&source, at_hand)) {
            // Other folders may have the specs of other release lines, with packages of the same names.
            Ok(mut inventory) => {
                inventory.packages.retain(|package| package.found_in.starts_with(&tag.folder));
                inventory
            }
            // The tag is from before the specs came.
            Err(InventoryError::NoSpecs { .. }) => return Ok(None),
            Err(e) => return Err(HomeError::reading("what was delivered")(e)),
        };
        self.report_problems(&inventory.problems);
        Ok(Some(Delivered::of(&inventory, DeliveredBy::Tag(tag.name))))
    }
}

/// The packages at hand as those that were delivered. A repository has what machines can get.
pub(super) fn delivered_as_at_hand(source: &Source, inventory: &Inventory) -> Delivered {
    let by = match source.of_packages() {
        Source::Repository(_) | Source::RepositoryAt(_) => DeliveredBy::Named(source.of_packages().to_string()),
        _ => DeliveredBy::Inventory,
    };
    Delivered::of(inventory, by)
}

/// A source whose specs are read as those of a selection are, so that versions can be compared.
fn alike(source: &Source, selection: &Source) -> Source {
    match (source, selection.of_packages()) {
        (Source::SpecTree { at, dist: None, .. }, Source::SpecTree { dist, rpmspec, .. }) => {
            Source::SpecTree { at: at.clone(), dist: dist.clone(), rpmspec: *rpmspec }
        }
        _ => source.clone(),
    }
}
