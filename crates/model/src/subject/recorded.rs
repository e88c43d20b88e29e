//! The traits of subjects and events.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Digest;

/// The id of a subject: its kind and its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId {
    kind: &'static str,
    key: String,
}

impl SubjectId {
    /// The id of a subject. A key that is too long for an index, or contains a NUL character, is replaced by its digest.
    ///
    /// ```
    /// use seaworthy_model::subject::SubjectId;
    /// assert_eq!(SubjectId::new("image", "202608.20.0").to_string(), "image 202608.20.0");
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, key: impl AsRef<str>) -> Self {
        Self { kind, key: indexed(key.as_ref()) }
    }

    /// The id of a subject whose key is known to fit into an index.
    pub(crate) fn exact(kind: &'static str, key: String) -> Self {
        Self { kind, key }
    }

    /// The word of the kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The key, as an index has it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, " {}", self.key.replace('\u{1f}', " ")) }
    }
}

/// A text in the form of an index: itself, or its digest where it is longer than 512 bytes or contains a NUL character.
#[must_use]
pub fn indexed(text: &str) -> String {
    if text.len() <= 512 && !text.contains('\0') { text.to_owned() } else { Digest::of(text.as_bytes()).to_string() }
}

/// A kind of subject: a thing with a history, which is the fold over its events.
pub trait Subject: Sized {
    /// The word of the kind, in `snake_case`; never changed, since the log has it.
    const KIND: &'static str;
    /// The key that tells subjects of the kind apart.
    type Key;
    /// The events of the kind.
    type Event;
    /// The refusal of an event that may not follow on the ones before it.
    type Refusal: std::error::Error + Send + Sync + 'static;

    /// The id of the subject with this key.
    fn id(key: &Self::Key) -> SubjectId;

    /// The value after the first event.
    ///
    /// # Errors
    /// When the event cannot be the first.
    fn begin(key: &Self::Key, at: Timestamp, event: &Self::Event) -> Result<Self, Self::Refusal>;

    /// Applies the next event; a refused event leaves the value unchanged.
    ///
    /// # Errors
    /// When the event may not follow on the ones before it.
    fn apply(&mut self, at: Timestamp, event: &Self::Event) -> Result<(), Self::Refusal>;
}

/// A kind of event. The log stores it as a JSON object: the fields that serde writes, and `event` with the word of the kind.
///
/// The JSON of an event of a case has the case's key as `key`; that of a kind that is newer than version 0.1 has the key of another subject
/// as the text `subject`. So a version that does not know the kind can still file the event, and hide what is under embargo.
pub trait Recorded: Serialize + DeserializeOwned + fmt::Display {
    /// The word of its kind, in `snake_case`; never changed.
    const KIND: &'static str;
    /// The kind of subject that the event belongs to.
    type Subject: Subject + Serialize + DeserializeOwned;

    /// The key of the subject that the event belongs to.
    fn key(&self) -> <Self::Subject as Subject>::Key;

    /// The event as its subject folds it.
    fn happened(&self) -> <Self::Subject as Subject>::Event;

    /// The text by which the log finds the event, as [`indexed`] makes it; `None` where nothing looks for it.
    fn filed(&self) -> Option<String>;

    /// The other subjects whose versions rise with this event, so that a commit that read one of them before has to decide anew.
    fn concerns(&self) -> Vec<SubjectId> {
        Vec::new()
    }

    /// Checks whether the log can keep the event.
    ///
    /// # Errors
    /// The part of the event that the log cannot keep.
    fn check(&self) -> Result<(), Unfit> {
        Ok(())
    }
}

/// The reason why the log cannot keep an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A text is too long.
    #[error("{what} is {length} bytes long, and the ledger keeps {limit}: {begin:?}...")]
    TooLong {
        /// The meaning of the text, such as `the package`.
        what: &'static str,
        /// The length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
        /// The beginning of the text.
        begin: String,
    },
    /// A text of one line holds a control character.
    #[error("{what} {text:?} holds a control character")]
    Control {
        /// The meaning of the text.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// A text that the event needs is missing.
    #[error("{0}")]
    Missing(&'static str),
    /// The event cannot be written as JSON, or its JSON cannot be read again.
    #[error("its JSON cannot be written and read: {0}")]
    Json(String),
    /// The time of the event is later than now.
    #[error("its time {at} is later than now, {now}")]
    Future {
        /// The time of the event.
        at: Timestamp,
        /// The time of the machine.
        now: Timestamp,
    },
}

/// The greatest length of a name in bytes: of a release line, a package, a person.
pub const NAME_LIMIT: usize = 256;

/// Checks a name: a text of one line, of at most [`NAME_LIMIT`] bytes.
///
/// # Errors
/// When it is longer, or contains a control character.
pub fn check_name(what: &'static str, text: &str) -> Result<(), Unfit> {
    check_line(what, text, NAME_LIMIT)
}

/// Checks a text of one line, of at most `limit` bytes.
///
/// # Errors
/// When it is longer, or contains a control character.
pub fn check_line(what: &'static str, text: &str, limit: usize) -> Result<(), Unfit> {
    if text.len() > limit {
        return Err(Unfit::TooLong { what, length: text.len(), limit, begin: text.chars().take(40).collect() });
    }
    if text.chars().any(char::is_control) {
        return Err(Unfit::Control { what, text: text.to_owned() });
    }
    Ok(())
}

/// Implements [`Subject`] for events of which only the last one counts.
macro_rules! latest {
    ($($event:ty: $kind:literal by |$key:ident: $type:ty| $id:expr),* $(,)?) => {$(
        impl crate::subject::recorded::Subject for $event {
            const KIND: &'static str = $kind;
            type Key = $type;
            type Event = Self;
            type Refusal = std::convert::Infallible;

            fn id($key: &Self::Key) -> crate::subject::recorded::SubjectId {
                crate::subject::recorded::SubjectId::new($kind, $id)
            }

            fn begin(_: &Self::Key, _: jiff::Timestamp, event: &Self) -> Result<Self, Self::Refusal> {
                Ok(event.clone())
            }

            fn apply(&mut self, _: jiff::Timestamp, event: &Self) -> Result<(), Self::Refusal> {
                *self = event.clone();
                Ok(())
            }
        }
    )*};
}
pub(crate) use latest;
