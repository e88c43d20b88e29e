//! What we ship.
//!
//! Every reader of this crate ends in an [`Inventory`]: source packages with their binary packages, homes, patches,
//! recorded decisions and the components inside them, whatever they were read from. A reader never fails for one bad
//! package: it leaves a [`Problem`] with file and position and goes on.

mod git;
mod program;
mod spec;
mod types;

pub use spec::{SpecOptions, read_spec, read_spec_tree, spec_for_fuzzing};

pub use types::{
    BinaryPackage, ChangelogEntry, Component, ComponentSource, Decision, Image, Inventory, InventoryError, Origin, Patch, Problem,
    SourcePackage,
};
