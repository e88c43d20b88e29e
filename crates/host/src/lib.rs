//! How the program touches the machine: other programs, files. Each in one place, with limits, since what comes back is
//! foreign input.
//!
//! - [`Program`] runs another program without a shell, with limits on its time, its output and its environment.
//! - [`files`] replaces files with one promise to the disk, locks them, and reads them up to a limit.

pub mod files;
mod program;

pub use program::{Failure, Program, ProgramError};
