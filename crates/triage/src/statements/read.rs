//! The reading of VEX documents. All input is hostile: a statement that cannot be read costs that statement.

use seaworthy_model::Digest;
use seaworthy_model::text::masked;
use serde_json::Value;

use super::csaf::csaf;
use super::cyclonedx::cyclonedx;
use super::document::Document;
use super::json::short;
use super::openvex::openvex;

/// The greatest size of a document in bytes.
pub const MOST_BYTES: usize = 64 << 20;

/// The reason why a document cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VexError {
    /// The document is too large.
    #[error("it has {0} bytes; a VEX document has at most {MOST_BYTES}")]
    TooLarge(usize),
    /// The document is no JSON.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// The message of the parser.
        message: String,
    },
    /// The document is JSON of another format.
    #[error("it is neither OpenVEX (a @context of openvex.dev) nor CSAF (a document with csaf_version) nor CycloneDX (bomFormat): {0}")]
    Unknown(String),
}

/// Reads a document of any of the formats.
///
/// # Errors
/// When the document is too large, no JSON, or of another format.
pub fn parse(bytes: &[u8]) -> Result<Document, VexError> {
    if bytes.len() > MOST_BYTES {
        return Err(VexError::TooLarge(bytes.len()));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|e| VexError::Json {
        line: e.line(),
        column: e.column(),
        message: e.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    })?;
    let mut document = read(&value)?;
    if document.id.is_empty() {
        document.id = Digest::of(bytes).to_string();
    } else if masked(&document.id) != document.id {
        // The log would keep two such addresses as one.
        document.id = Digest::of(document.id.as_bytes()).to_string();
    }
    Ok(document)
}

fn read(value: &Value) -> Result<Document, VexError> {
    let context = value["@context"].as_str().unwrap_or_default();
    if context.contains("openvex.dev/ns") {
        return Ok(openvex(value));
    }
    if value["bomFormat"] == "CycloneDX" {
        return Ok(cyclonedx(value));
    }
    match value["document"]["csaf_version"].as_str() {
        Some("2.0" | "2.1") => Ok(csaf(value)),
        Some(other) => Err(VexError::Unknown(format!("csaf_version {:?} is not 2.0", short(other)))),
        None => Err(VexError::Unknown("it has none of them".into())),
    }
}
