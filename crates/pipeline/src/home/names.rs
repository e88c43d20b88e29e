//! The names of a release line's packages, kept in the home: what a list of RPM packages means that says no more than names and versions.
//!
//! An image's notes, a list of NEVRAs and an SBOM name binary packages without their source packages and homes, by which they are tied to
//! records. The release line's last cycle has read both.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use seaworthy_host::files::{Promise, Readers, replace_with};
use seaworthy_inventory::{Inventory, Source, attribute, read_packages_file, write_names};
use seaworthy_model::{Digest, ReleaseLine};

use super::remarks::provenance;
use super::{Home, HomeError, Selection};

/// The folder of names in a home.
const NAMES: &str = "names";

impl Home {
    /// Keeps the names of the packages of a release line, as a packages file without patches and decisions. A list that has names alone
    /// says nothing of what they mean.
    pub(super) fn keep_names(&self, line: &ReleaseLine, source: &Source, inventory: &Inventory) -> Result<(), HomeError> {
        if has_names_alone(source) {
            return Ok(());
        }
        let path = file_of(self.path(), line);
        let folder = self.path().join(NAMES);
        std::fs::create_dir_all(&folder).map_err(HomeError::io("create", &folder))?;
        replace_with(&path, Readers::Owner, Promise::Deferred, |out| write_names(inventory, out))
            .map_err(|e| HomeError::io(e.doing, &e.path)(e.source))
    }

    /// The inventory of a selection that is judged: as [`Home::inventory`] reads it, and the packages of a list that has names alone have
    /// the source packages and homes that their names have in the release line, where a cycle has kept them. `line` is the one that whoever
    /// asks has named.
    pub(super) fn inventory_to_judge(
        &self,
        selection: &Selection,
        as_of: Option<Date>,
        line: Option<&ReleaseLine>,
    ) -> Result<Inventory, HomeError> {
        let mut inventory = self.inventory(selection, as_of)?;
        let is_named = line.is_some();
        let line = self.line(line);
        let path = file_of(self.path(), &line);
        if has_names_alone(&selection.source) && provenance(&inventory, &line, is_named).is_some() && path.exists() {
            let mut names = read_packages_file(&path).map_err(HomeError::reading("the names of the release line"))?;
            names.origin.revision = Some(format!("the release line {line}"));
            attribute(&mut inventory, &names);
        }
        Ok(inventory)
    }
}

/// Whether a source has the names of binary packages without their homes.
fn has_names_alone(source: &Source) -> bool {
    matches!(source.of_packages(), Source::ImageNotes { packages: None, .. } | Source::Nevras(_) | Source::Sbom(_))
}

/// The file of a release line, which may have a name that no file has.
fn file_of(home: &Path, line: &ReleaseLine) -> PathBuf {
    home.join(NAMES).join(format!("{}.json", Digest::of(line.as_bytes()).short()))
}
