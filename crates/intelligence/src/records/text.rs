//! The part of a record that is for people: its description and its references.

use std::borrow::Cow;

use seaworthy_model::text::abridged;
use seaworthy_model::{Reference, ReferenceKind};
use serde::{Deserialize, Serialize};

use super::{json, list};

/// The greatest length of a description, in bytes: the longest of NVD have 4,000.
const DESCRIPTION_BYTES: usize = 4 << 10;

/// The part of a record that is for people. No verdict depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordText {
    /// The English description, of at most 4 KiB, cut at the end of a word where it is longer; empty where there is none. It is foreign
    /// text, with whatever characters it has.
    pub description: String,
    /// The references in the order of their kinds, at most [`Reference::MOST`].
    #[serde(deserialize_with = "list")]
    pub references: Vec<Reference>,
}

impl RecordText {
    /// The text of a record with this description and these references.
    pub(super) fn of<'r>(description: Cow<'_, str>, references: impl IntoIterator<Item = &'r json::Reference<'r>>) -> Self {
        let reference = |r: &json::Reference<'_>| Reference::of(&r.url, r.words().filter_map(ReferenceKind::of_tag));
        Self {
            description: match abridged(description.trim(), DESCRIPTION_BYTES) {
                Cow::Owned(cut) => cut,
                Cow::Borrowed(whole) if whole.len() == description.len() => description.into_owned(),
                Cow::Borrowed(whole) => whole.to_owned(),
            },
            references: Reference::gathered(references.into_iter().filter_map(reference)),
        }
    }
}
