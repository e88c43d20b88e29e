//! Readers of what is shipped: spec trees, repositories, root filesystems, images, lists and SBOMs.
//!
//! Each reader gives an [`Inventory`]: source packages with their binary packages, homes, patches, recorded decisions and the components
//! inside them. A reader never fails because of one bad package: it adds a [`Problem`] with file and position and goes on.

mod git;
mod spec;
mod types;

pub use spec::{SpecOptions, Tag, newest_tag, read_spec, read_spec_tree, spec_for_fuzzing};

pub use seaworthy_components::{Component, ComponentList, ComponentSource, Problem, ProblemKind};
pub use types::{BinaryPackage, ChangelogEntry, Decision, Image, Inventory, InventoryError, Origin, Patch, SourcePackage};

mod attribute;
mod changelog;
mod entry_words;
mod fix_name;
mod fixes;
mod history;
mod image_notes;
mod load;
mod packages_file;

pub use attribute::attribute;
pub use fixes::in_epoch_of;
pub use history::{FixKind, FixRow, History, parse_history, read_history};
pub use image_notes::{parse_image_notes, parse_nevra_list, read_all_image_notes, read_image_notes, read_nevra_list};
pub use packages_file::{parse_packages_file, read_packages_file, write_names};

mod built;
mod metadata_xml;
mod other;
mod primary;
mod repodata;
mod updateinfo;

pub use primary::parse_primary;
pub use repodata::{Fetch, read_repository, read_repository_with};
pub use updateinfo::{Update, parse_updateinfo};

mod executables;
mod from_header;
mod go_buildinfo;
mod manifest;
mod root;
mod rpm_file;

pub use go_buildinfo::{GoBuildInfo, go_build_info};
pub use root::read_root;
pub use rpm_file::read_rpm_files;

mod sbom;

pub use sbom::{parse_sbom, read_sbom};

mod source_package;
mod sources;

pub use sources::add_sources;

mod source;

pub use source::{Source, read};

/// Functions for the fuzz targets only.
#[doc(hidden)]
pub mod fuzzing {
    use seaworthy_packages::rpm::Header;

    use crate::from_header::FromHeader;

    /// Parses a list of installed packages.
    pub fn manifest(bytes: &[u8]) {
        let _ = crate::manifest::parse_manifest(bytes, "manifest", &mut Vec::new());
    }

    /// Parses the changelogs of a repository.
    pub fn changelogs(bytes: &[u8]) {
        let mut out = crate::Inventory::new("repository", "fuzz");
        let _ = crate::other::read_changelogs(bytes, std::path::Path::new("other.xml"), &mut out);
    }

    /// Parses a header and reads everything that an inventory has of one.
    pub fn header(bytes: &[u8]) {
        if let Ok(header) = Header::from_blob(bytes)
            && let Ok(mut found) = FromHeader::read(&header)
        {
            found.paths(&header);
            found.source_parts(&header);
        }
    }
}
