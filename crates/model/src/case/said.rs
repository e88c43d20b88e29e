use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Justification;
use crate::{Evr, VexStatus};

/// The words of a VEX document on a case: of all its statements the one that holds.
///
/// A case keeps them of each document, so that the order in which documents are read decides nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The identifier of the document: `@id` of OpenVEX, the tracking id of CSAF with its publisher, the serial number of CycloneDX; the
    /// digest of its bytes where it has none.
    pub document: String,
    /// The version of the document, as it writes it; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revision: String,
    /// The name of the file.
    pub file: String,
    /// The time of the statement; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The status that it states; `None` where a newer version of the document says nothing of the case any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<VexStatus>,
    /// The justification; `None` where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    /// The impact or action statement; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement: String,
    /// The version of the package that the case had; what was said of it holds for no other.
    #[serde(default, with = "crate::evr::in_log_or_none", skip_serializing_if = "Option::is_none")]
    pub version: Option<Evr>,
}
