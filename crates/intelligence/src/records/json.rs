//! The parts of JSON that several sources have in common.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Refused, shortened};

/// A text that is borrowed even inside of options and lists, where serde copies a `Cow`, so that its position is known.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Word<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A text in a language.
#[derive(Deserialize)]
pub(super) struct Text<'a> {
    #[serde(borrow)]
    pub(super) lang: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) value: Cow<'a, str>,
}

/// A link, with tags as in NVD and the CVE List, or a type as in OSV.
#[derive(Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow, default)]
    pub(super) url: Cow<'a, str>,
    #[serde(borrow, default)]
    tags: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a RawValue>,
}

impl<'a> Reference<'a> {
    /// The words for what is there. Those of another form are none: no verdict depends on them, so that they cost no record.
    pub(super) fn words(&self) -> Vec<Word<'a>> {
        let tags = self.tags.and_then(|tags| serde_json::from_str::<Vec<Word<'a>>>(tags.get()).ok());
        let kind = self.kind.and_then(|kind| serde_json::from_str::<Word<'a>>(kind.get()).ok());
        tags.into_iter().flatten().chain(kind).collect()
    }
}

/// A CVSS rating in the form of its own JSON schemas.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Score<'a> {
    #[serde(default)]
    base_score: Option<f32>,
    #[serde(borrow, default)]
    vector_string: Cow<'a, str>,
}

impl Score<'_> {
    /// The score and the vector; `None` where there is no score from 0 to 10.
    pub(super) fn taken(&self) -> Option<(f32, &str)> {
        let score = self.base_score.filter(|s| (0.0..=10.0).contains(s))?;
        Some((score, shortened(&self.vector_string, 300)))
    }
}

/// The position of a part of a text, in bytes; 0 where the part was unescaped into memory of its own.
pub(super) fn place_of(part: &str, whole: &[u8]) -> u64 {
    let begin = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    if begin <= whole.len() { begin as u64 } else { 0 }
}

/// The refusal of a text that is too long for a version, with its position.
pub(super) fn too_long(version: &str, json: &[u8], file: &str, record: &str) -> Refused {
    let message = format!("{}: a version of {} bytes", shortened(record, 60), version.len());
    Refused { file: file.to_owned(), offset: place_of(version, json), message }
}
