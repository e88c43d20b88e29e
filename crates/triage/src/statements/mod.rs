//! What others say: the statements of VEX documents, and what they mean for the cases.
//!
//! Two formats: OpenVEX 0.2.0 (<https://github.com/openvex/spec>) and the VEX profile of CSAF 2.0
//! (<https://docs.oasis-open.org/csaf/csaf/v2.0/>, profile 5). A document of either becomes [`Statement`]s by [`parse`], and [`learn`] says
//! what they mean for the cases.

mod learn;
mod product;
mod read;
#[cfg(test)]
mod tests;

use seaworthy_model::CveId;
use seaworthy_model::VexStatus as Status;
use seaworthy_model::case::Justification;

pub use learn::{Learned, Passed, Why, learn};
pub use read::{Document, Problem, VexError, parse};

/// What a document says of one product and one CVE.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The CVE.
    pub cve: CveId,
    /// The package, as the purl or the text names it.
    pub package: String,
    /// The namespace of the purl, which names the distributor.
    pub namespace: Option<String>,
    /// The version it is said of; `None` where it is said of every one.
    pub version: Option<String>,
    /// What is said.
    pub status: Status,
    /// Why it is not affected.
    pub justification: Option<Justification>,
    /// The impact or action, in words.
    pub words: String,
}
