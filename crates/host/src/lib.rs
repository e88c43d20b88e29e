//! The effects on the machine: other programs, files, HTTP and XML. Each is in one place, with limits, since the results are foreign input.
//!
//! - [`Program`] runs another program without a shell, with limits on its time, its output and its environment.
//! - [`archive`] unpacks and packs, and walks through archives, within limits.
//! - [`files`] replaces files with one promise to the disk, locks them, and reads them up to a limit.
//! - [`machine`] gives the name of the machine.
//! - [`root`] finds a path in a root filesystem, and never leaves it.
//! - [`http`] sends requests to other hosts, with tries, waits and limits.
//! - [`serve`] serves a folder by HTTP, and nothing outside of it.
//! - [`xml`] reads XML with the place of every fault, and writes foreign text into it.

pub mod archive;
pub mod files;
pub mod http;
pub mod machine;
mod program;
pub mod root;
pub mod serve;
pub mod xml;

pub use program::{Failure, Program, ProgramError};
