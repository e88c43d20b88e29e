//! The content of the sources of a package: the components that lock files and module lists in them name.
//!
//! A reader takes bytes and gives a [`LockFile`]: components, and a [`Problem`] for each line or entry that it could not read.
//! [`components_in`] reads all lock files of unpacked sources.

mod cargo;
mod component;
mod folder;
mod go;
mod lock_file;
mod npm;
mod pip;
mod pom;
mod problem;

pub use cargo::cargo_lock;
pub use component::{Component, ComponentSource};
pub use folder::components_in;
pub use go::{go_mod, go_sum, modules_txt};
pub use lock_file::LockFile;
pub use npm::package_lock;
pub use pip::requirements;
pub use pom::pom_xml;
pub use problem::{Problem, ProblemKind};
