//! The changelog in a header.

use super::header::{Header, HeaderError, text};
use super::tag::Tag;

/// An entry of a package's changelog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The time, in seconds since 1970.
    pub time: u64,
    /// The author and, usually, the version.
    pub author: String,
    /// The text.
    pub text: String,
}

impl Header<'_> {
    /// The entries of the changelog, at most `limit`, in the header's order: the newest first.
    ///
    /// # Errors
    /// When times, authors and texts cannot be read, are not equally many, or are more than `limit`.
    pub fn changelog(&self, limit: usize) -> Result<impl ExactSizeIterator<Item = Change>, HeaderError> {
        let times = self.numbers(Tag::CHANGELOGTIME, limit)?;
        let authors = self.strings(Tag::CHANGELOGNAME, limit)?;
        let texts = self.strings(Tag::CHANGELOGTEXT, limit)?;
        HeaderError::unless_equal((Tag::CHANGELOGTIME, times.len()), (Tag::CHANGELOGNAME, authors.len()))?;
        HeaderError::unless_equal((Tag::CHANGELOGTIME, times.len()), (Tag::CHANGELOGTEXT, texts.len()))?;
        let entries = times.into_iter().zip(authors).zip(texts);
        Ok(entries.map(|((time, author), body)| Change { time, author: text(author), text: text(body) }))
    }
}
