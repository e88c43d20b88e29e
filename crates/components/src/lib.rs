//! The content of the sources of a package: the components that lock files and module lists in them name, and whether these are all.
//!
//! [`Sources`] are the files that matter, of a folder or an archive; read together they give a [`LockFile`]: the
//! components, the lists that are complete, and a [`Problem`] for each file, line or entry that could not be read. What the files say is
//! judged from their content alone.

mod archive;
mod cargo;
mod component;
mod files;
mod go;
mod list;
mod npm;
mod pip;
mod pom;
mod problem;
mod purpose;
mod sources;

pub use component::{Component, ComponentList, ComponentSource};
pub use list::LockFile;
pub use problem::{Problem, ProblemKind};
pub use sources::{MAX_FILE, MAX_TOTAL, Sources};
