//! The reading of values in JSON, which the formats share.

use serde_json::Value;

/// The number of characters at which texts are cut.
const MOST_WORDS: usize = 4000;

/// The beginning of a text, for messages.
pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The text of a member; empty where it is none.
pub(super) fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().chars().take(MOST_WORDS).collect()
}

/// The elements of a member; none where it is no list.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
