//! How the program touches the machine: other programs, files, HTTP, XML. Each in one place, with limits, since what comes back is
//! foreign input.
//!
//! - [`Program`] runs another program without a shell, with limits on its time, its output and its environment.
//! - [`archive`] unpacks and packs, and walks through archives, within limits.
//! - [`files`] replaces files with one promise to the disk, locks them, and reads them up to a limit.
//! - [`machine`] says what the machine is called.
//! - [`root`] finds a path in a root filesystem, and never leaves it.
//! - [`http`] asks other hosts, with tries, waits and limits.
//! - [`serve`] serves a folder by HTTP, and nothing outside of it.
//! - [`xml`] reads XML with the place of everything that is wrong, and writes foreign text into it.

pub mod archive;
pub mod files;
pub mod http;
pub mod machine;
mod program;
pub mod root;
pub mod serve;
pub mod xml;

pub use program::{Failure, Program, ProgramError};
