//! The advisories in the formats that programs read: CSAF and its VEX profile, OSV, OpenVEX, CycloneDX, Atom, and plain JSON.
//!
//! Each is a pure function of an edition to bytes; every time in them is one of the edition's. Texts of others (descriptions,
//! statements) are cut at 64 KiB and lose the control characters that some readers choke on. [`paths`] says where each document
//! is published, and what they say of each other is built on it.

pub mod atom;
pub mod csaf;
mod cvss;
pub mod cyclonedx;
pub mod json;
mod names;
pub mod openvex;
pub mod osv;
pub mod paths;
pub mod provider;
mod publisher;
mod text;
mod write;

/// What wrote the documents, as they name it.
const TOOL: &str = "seaworthy";
/// Its version.
const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests;
