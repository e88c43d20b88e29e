use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Justification;
use crate::VexStatus;

/// The words of a VEX document on a case: of all its statements the one that holds.
///
/// A case keeps them of each document, so that those of a document that is read later are compared with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The identifier of the document: `@id` of OpenVEX, the tracking id of CSAF with its publisher, the serial number of CycloneDX; the
    /// digest of its bytes where it has none.
    pub document: String,
    /// The version of the document (not a revision of ours), as it writes it; empty where it has none.
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
    /// The versions of the package that it is about, as `[EPOCH:]VERSION-RELEASE` or a range (vers); `None` for all. Of words that close a
    /// case it is the version that the case had: they hold for no other until they are read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
    /// Whether the case was opened again since, by a scan or since a decision had expired: the same words do not decide it once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overtaken: bool,
}
