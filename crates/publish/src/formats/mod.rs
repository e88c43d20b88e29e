//! The advisories in the formats that programs read: CSAF and its VEX profile, OSV, OpenVEX, CycloneDX, Atom, and plain JSON.
//!
//! Each is a pure function of an edition to bytes; every time in them is one of the edition's. Foreign texts (descriptions, statements) are
//! cut at 64 KiB and lose the control characters that some readers refuse. [`paths`] has the path of each document, by which documents
//! refer to each other.

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

/// The name of the program that writes the documents.
const TOOL: &str = "seaworthy";
/// The version of that program.
const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests;
