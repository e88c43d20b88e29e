//! The statements of VEX documents, and the decisions that follow from them.
//!
//! Three formats are read: OpenVEX 0.2.0 (<https://github.com/openvex/spec>), the VEX profile of CSAF 2.0
//! (<https://docs.oasis-open.org/csaf/csaf/v2.0/>, profile 5) and CycloneDX 1.4 to 1.6 (<https://cyclonedx.org/docs/1.6/json/>). [`parse`]
//! reads [`Statement`]s from a document of any of them; [`learn`] gives the decisions that follow from them, and [`remark`] what they say
//! of a finding.

mod cyclonedx;
mod document;
mod learn;
mod product;
mod read;
mod remark;
#[cfg(test)]
mod tests;

use seaworthy_model::CveId;
use seaworthy_model::VexStatus as Status;
use seaworthy_model::case::Justification;

pub use document::{Document, Problem};
pub use learn::{Learned, Passed, Why, learn};
pub use read::{MOST_BYTES, VexError, parse};
pub use remark::{Stated, remark};

/// A statement of a document on one product and one CVE.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The CVE.
    pub cve: CveId,
    /// The package: the name in the purl, or the plain name of the product.
    pub package: String,
    /// The namespace of the purl, which names the distributor; `None` for a plain name.
    pub namespace: Option<String>,
    /// The version that the statement is about, `[EPOCH:]VERSION-RELEASE`; `None` for all versions.
    pub version: Option<String>,
    /// The status that it states.
    pub status: Status,
    /// The justification; `None` where it states none.
    pub justification: Option<Justification>,
    /// The impact or action statement; empty where there is none.
    pub words: String,
}
