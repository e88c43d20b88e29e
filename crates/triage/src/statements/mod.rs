//! The statements of VEX documents, and the decisions that follow from them.
//!
//! Three formats are read: OpenVEX 0.2.0 (<https://github.com/openvex/spec>), the VEX profile of CSAF 2.0
//! (<https://docs.oasis-open.org/csaf/csaf/v2.0/>, profile 5) and CycloneDX 1.4 to 1.6 (<https://cyclonedx.org/docs/1.6/json/>). [`parse`]
//! reads [`Statement`]s from a document of any of them; [`learn`] gives the decisions that follow from them, and [`remark`] what they say
//! of a finding. Both ask the same of a statement before it counts ([`Why`] has the reasons why it does not), and of several that count
//! the latest one holds.

mod collection;
mod csaf;
mod csaf_tree;
mod cyclonedx;
mod document;
mod holding;
mod json;
mod learn;
mod openvex;
mod ours;
mod product;
mod read;
mod refused;
mod remark;
#[cfg(test)]
mod tests;
mod unsupported;
mod versions;

use jiff::Timestamp;
use seaworthy_model::CveId;
use seaworthy_model::VexStatus as Status;
use seaworthy_model::case::Justification;

pub use collection::{Statements, Told};
pub use document::{Document, Problem};
pub use learn::{Learned, learn};
pub use ours::{Ours, Place};
pub use read::{MOST_BYTES, VexError, parse};
pub use refused::{Passed, Why};
pub use unsupported::{Lack, Unsupported, unsupported};
pub use versions::{Range, Versions};

/// A statement of a document on one product and one CVE.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The place in the document, as a JSON pointer (RFC 6901).
    pub at: String,
    /// The CVE.
    pub cve: CveId,
    /// The package: the name in the purl, or the plain name of the product.
    pub package: String,
    /// The namespace of the purl, which names the distributor; `None` where it has none, and for a plain name.
    pub namespace: Option<String>,
    /// The places of which the package is a part; none where the document names none.
    pub places: Vec<Place>,
    /// The versions of the package that the statement is about.
    pub versions: Versions,
    /// The builds of the package that the statement is about, in words, where these are not all; `None` for all.
    pub narrowed: Option<String>,
    /// The components inside of the package that the statement is about, as products; none for the whole package.
    pub parts: Vec<String>,
    /// The time of the statement; `None` where neither it nor the document has one.
    pub time: Option<Timestamp>,
    /// Whether the document is no draft.
    pub is_final: bool,
    /// The status that it states.
    pub status: Status,
    /// The justification; `None` where it states none.
    pub justification: Option<Justification>,
    /// The impact or action statement; empty where there is none.
    pub words: String,
}
