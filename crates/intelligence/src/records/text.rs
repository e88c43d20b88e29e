//! The making of a record's text: its description and its references.

use std::borrow::Cow;

use seaworthy_model::text::abridged;
use seaworthy_model::{Reference, ReferenceKind};

use super::{RecordText, json};

/// The greatest length of a description, in bytes: the longest of NVD have 4,000.
const DESCRIPTION_BYTES: usize = 4 << 10;

/// The kinds by the words of a record. NVD calls nearly everything of others a third party's advisory, exploits and commits too: the word
/// counts where it stands alone.
fn kinds(words: &[json::Word<'_>]) -> Vec<ReferenceKind> {
    let is_vague = |word: &str| ["Third Party Advisory", "third-party-advisory"].iter().any(|vague| word.eq_ignore_ascii_case(vague));
    let telling: Vec<ReferenceKind> = words.iter().filter(|word| !is_vague(word)).filter_map(|word| ReferenceKind::of_tag(word)).collect();
    if telling.is_empty() { words.iter().filter_map(|word| ReferenceKind::of_tag(word)).collect() } else { telling }
}

impl RecordText {
    /// The text of a record with this description and these references.
    pub(super) fn of<'r>(description: Cow<'_, str>, references: impl IntoIterator<Item = &'r json::Reference<'r>>) -> Self {
        let reference = |r: &json::Reference<'_>| Reference::of(&r.url, kinds(&r.words()));
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
