//! The part of a record that is for people, over all sources.

use seaworthy_intelligence::records::RecordText;
use seaworthy_intelligence::{Cve, IntelligenceError, Knowledge};
use seaworthy_model::{Reference, SourceKind, weakness_name};
use serde::Serialize;

/// What the sources say of a CVE for people. No verdict depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AboutRecord {
    /// The description, of the first source that has one; empty where none has. It is whole up to 4 KiB, and cut at the end of a word, with
    /// a mark, where it is longer.
    pub description: String,
    /// The references of all sources, each once, in the order of their kinds.
    pub references: Vec<Reference>,
    /// The weaknesses of all sources, in the order of their ids.
    pub weaknesses: Vec<Weakness>,
}

/// A weakness that a record names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weakness {
    /// The id (`CWE-79`).
    pub id: String,
    /// The name; `None` where it is not known here.
    pub name: Option<&'static str>,
}

impl AboutRecord {
    /// What the sources say of a CVE.
    ///
    /// # Errors
    /// When the texts of the index cannot be read.
    pub(crate) fn of(knowledge: &Knowledge, cve: Cve) -> Result<Self, IntelligenceError> {
        Ok(Self::gathered(knowledge, cve, &knowledge.texts(cve)?))
    }

    /// What the sources say of a CVE, whose texts were read.
    pub(crate) fn gathered(knowledge: &Knowledge, cve: Cve, texts: &[(SourceKind, RecordText)]) -> Self {
        let description = texts.iter().map(|(_, text)| &text.description).find(|text| !text.is_empty()).cloned().unwrap_or_default();
        let mut ids: Vec<String> =
            knowledge.views(cve).flat_map(|(_, view)| view.weaknesses.iter().map(|&id| id.to_owned()).collect::<Vec<_>>()).collect();
        ids.sort();
        ids.dedup();
        Self {
            description,
            references: Reference::gathered(texts.iter().flat_map(|(_, text)| text.references.iter().cloned())),
            weaknesses: ids.into_iter().map(|id| Weakness { name: weakness_name(&id), id }).collect(),
        }
    }
}
