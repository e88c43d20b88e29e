//! Subjects and events: what each of them has to say of itself.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Digest;

/// The name of one subject: what kind it is of, and which of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId {
    kind: &'static str,
    key: String,
}

impl SubjectId {
    /// A subject of a kind. A key that is too long for an index, or holds a NUL character, stands by its digest.
    ///
    /// ```
    /// use seaworthy_model::subject::SubjectId;
    /// assert_eq!(SubjectId::new("image", "202608.20.0").to_string(), "image 202608.20.0");
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, key: impl AsRef<str>) -> Self {
        Self { kind, key: indexed(key.as_ref()) }
    }

    /// A subject whose key is known to fit into an index.
    pub(crate) fn exact(kind: &'static str, key: String) -> Self {
        Self { kind, key }
    }

    /// The word of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Which of its kind.
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

/// A text as it stands in an index; a long one by its digest, since an index has a limit.
#[must_use]
pub fn indexed(text: &str) -> String {
    if text.len() <= 512 && !text.contains('\0') { text.to_owned() } else { Digest::of(text.as_bytes()).to_string() }
}

/// Something that has a history, and is what its events amount to.
pub trait Subject: Sized {
    /// The word of the kind.
    const KIND: &'static str;
    /// What tells one from another of its kind.
    type Key;
    /// What happens to it.
    type Event;
    /// Why an event may not follow on the ones before it.
    type Refusal: std::error::Error + Send + Sync + 'static;

    /// Its name.
    fn id(key: &Self::Key) -> SubjectId;

    /// What the first event makes.
    ///
    /// # Errors
    /// When it is not one to begin with.
    fn begin(key: &Self::Key, at: Timestamp, event: &Self::Event) -> Result<Self, Self::Refusal>;

    /// Takes the next event. Where it is refused, nothing changes.
    ///
    /// # Errors
    /// When it may not follow on the ones before it.
    fn apply(&mut self, at: Timestamp, event: &Self::Event) -> Result<(), Self::Refusal>;
}

/// A kind of event. It is stored as a JSON object: what serde makes of it, and `event` with the word of its kind.
///
/// The JSON of an event about a case has the case's key as `key`; that of a kind that came later than version 0.1 has another subject's
/// key as the text `subject`. By that, a version that does not know the kind still files it, and keeps what is under embargo hidden.
pub trait Recorded: Serialize + DeserializeOwned + fmt::Display {
    /// The word of its kind, in `snake_case`; never changed.
    const KIND: &'static str;
    /// What it happens to.
    type Subject: Subject + Serialize + DeserializeOwned;

    /// Which one it happens to.
    fn key(&self) -> <Self::Subject as Subject>::Key;

    /// What happens to it.
    fn happened(&self) -> <Self::Subject as Subject>::Event;

    /// The text that it is found by in the log, as [`indexed`] makes it.
    fn filed(&self) -> Option<String>;

    /// Other subjects that go on by it: whoever decided by one of them, and did not know of this event, decides anew.
    fn concerns(&self) -> Vec<SubjectId> {
        Vec::new()
    }

    /// Whether it can be kept.
    ///
    /// # Errors
    /// What does not fit.
    fn check(&self) -> Result<(), Unfit> {
        Ok(())
    }
}

/// Why an event cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A text is too long.
    #[error("{what} is {length} bytes long, and the ledger keeps {limit}: {begin:?}...")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
        /// How it begins.
        begin: String,
    },
    /// A text of one line holds a control character.
    #[error("{what} {text:?} holds a control character")]
    Control {
        /// Which text.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// A text that has to be there is missing.
    #[error("{0}")]
    Missing(&'static str),
    /// It cannot be written as JSON, or the JSON not be read again.
    #[error("its JSON cannot be written and read: {0}")]
    Json(String),
    /// It has a time that is later than now.
    #[error("its time {at} is later than now, {now}")]
    Future {
        /// Its time.
        at: Timestamp,
        /// The time of the machine.
        now: Timestamp,
    },
}

/// The longest name, in bytes: a line, a package, a person.
pub const NAME_LIMIT: usize = 256;

/// Checks a text of one line: a name of at most [`NAME_LIMIT`] bytes.
///
/// # Errors
/// When it is longer, or holds a control character.
pub fn check_name(what: &'static str, text: &str) -> Result<(), Unfit> {
    check_line(what, text, NAME_LIMIT)
}

/// Checks a text of one line, of at most so many bytes.
///
/// # Errors
/// When it is longer, or holds a control character.
pub fn check_line(what: &'static str, text: &str, limit: usize) -> Result<(), Unfit> {
    if text.len() > limit {
        return Err(Unfit::TooLong { what, length: text.len(), limit, begin: text.chars().take(40).collect() });
    }
    if text.chars().any(char::is_control) {
        return Err(Unfit::Control { what, text: text.to_owned() });
    }
    Ok(())
}

/// A subject of which only the last event counts.
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
