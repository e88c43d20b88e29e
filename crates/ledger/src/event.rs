//! Events, entries of the log, and the digest that chains them.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use seaworthy_model::case::{CaseEvent, CaseKey, CaseStep};
use seaworthy_model::subject::{
    Adopted, AdvisoryDescribed, AdvisoryNumbered, AdvisoryStated, ImageReleased, KeyStep, Publication, Recorded, ReplayBegan, ReplayStep,
    Scan, SettingsChanged, SubjectId, Synced, TimeCorrected, Unfit, check_line, check_name, indexed,
};
use seaworthy_model::{Digest, DigestWriter};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::unreadable::{self, EventError};

/// Lists the kinds of events. A kind is a type that is [`Recorded`]; all that the log has to know of it is said there.
macro_rules! events {
    ($($(#[$about:meta])* $variant:ident($event:ty)),* $(,)?) => {
        /// Something that was done or decided.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "nearly all events are those of cases")]
        pub enum Event {
            $($(#[$about])* $variant($event),)*
            /// An event that this version does not know. It is kept, shown and handed on as it stands, and folded into no view.
            Other(Other),
        }

        impl Event {
            /// The words of the kinds that this version knows.
            pub const KINDS: &'static [&'static str] = &[$(<$event>::KIND),*];

            /// The word of its kind, as in its JSON.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => <$event>::KIND,)*
                    Self::Other(other) => &other.kind,
                }
            }

            /// What it is about, to find it by.
            pub(crate) fn subject(&self) -> Option<String> {
                match self {
                    $(Self::$variant(event) => event.filed(),)*
                    Self::Other(other) => other.subject.clone(),
                }
            }

            /// The subjects that go on by it.
            #[must_use]
            pub fn moves(&self) -> Vec<SubjectId> {
                match self {
                    $(Self::$variant(event) => subjects(event),)*
                    Self::Other(_) => Vec::new(),
                }
            }

            /// Whether it can be kept on every database.
            pub(crate) fn check(&self) -> Result<(), Unfit> {
                match self {
                    $(Self::$variant(event) => event.check(),)*
                    Self::Other(other) => check_line("the kind of the event", &other.kind, 64),
                }
            }

            /// An event of its JSON. One of a kind that is not known here is [`Event::Other`]; fields that are not known are passed over.
            ///
            /// # Errors
            /// When it is no event of any version, or one of a known kind whose content is not of its form: what it says would be lost
            /// without a word otherwise.
            pub fn from_json(text: &str) -> Result<Self, EventError> {
                let Tag { event: kind } = serde_json::from_str(text)?;
                match &*kind {
                    $(<$event>::KIND => of_kind::<$event>(text).map(Self::$variant),)*
                    _ => Ok(Self::Other(Other::new(kind.into_owned(), text)?)),
                }
            }

            /// Hands the event to a visitor of its type; one that is not known is passed over.
            pub(crate) fn visit<V: Visitor>(&self, visitor: V) -> Option<V::Output> {
                match self {
                    $(Self::$variant(event) => Some(visitor.visit(event)),)*
                    Self::Other(_) => None,
                }
            }
        }

        impl Serialize for Event {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(event) => Tagged { event: <$event>::KIND, body: event }.serialize(to),)*
                    Self::Other(other) => other.json.serialize(to),
                }
            }
        }

        impl fmt::Display for Event {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(event) => event.fmt(f),)*
                    Self::Other(other) => other.fmt(f),
                }
            }
        }

        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        })*
    };
}
events! {
    /// Sources were synced.
    Synced(Synced),
    /// An inventory was scanned.
    Scanned(Scan),
    /// Something happened to a case.
    Case(CaseStep),
    /// An image was released.
    ImageReleased(ImageReleased),
    /// A replay of history began.
    ReplayBegan(ReplayBegan),
    /// A step of a replay was made.
    ReplayStep(ReplayStep),
    /// A case got the id under which it is published.
    AdvisoryNumbered(AdvisoryNumbered),
    /// What an advisory shows beside its case was recorded.
    AdvisoryDescribed(AdvisoryDescribed),
    /// What an advisory says from a publication on.
    AdvisoryStated(AdvisoryStated),
    /// Something was published: from here on this is what the world is to see.
    Publication(Publication),
    /// Something happened to a key.
    Key(KeyStep),
    /// Settings were found to be others than before.
    Settings(SettingsChanged),
    /// The time of an earlier event was corrected.
    TimeCorrected(TimeCorrected),
    /// The log of an earlier version was taken over.
    Adopted(Adopted),
}

fn of_kind<E: Recorded>(text: &str) -> Result<E, EventError> {
    serde_json::from_str(text).map_err(|e| {
        let trouble = |text: &str| serde_json::from_str::<E>(text).err().map(|e| unreadable::message(&e));
        let field = unreadable::field(text, &trouble);
        EventError::Content { kind: E::KIND.to_owned(), field, message: unreadable::message(&e) }
    })
}

/// What is done with an event by its type.
pub(crate) trait Visitor {
    type Output;
    fn visit<E: Recorded>(self, event: &E) -> Self::Output;
}

/// The subject that an event happens to, and the others that it concerns.
fn subjects<E: Recorded>(event: &E) -> Vec<SubjectId> {
    use seaworthy_model::subject::Subject as _;
    let mut out = vec![E::Subject::id(&event.key())];
    out.extend(event.concerns());
    out
}

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
}

#[derive(Serialize)]
struct Tagged<'a, E> {
    event: &'static str,
    #[serde(flatten)]
    body: &'a E,
}

/// An event that this version does not know.
#[derive(Clone, Debug)]
pub struct Other {
    kind: String,
    subject: Option<String>,
    json: Box<RawValue>,
}

/// What every event says of what it is about, whichever version wrote it.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    key: Option<CaseKey>,
    #[serde(default)]
    subject: Option<String>,
}

impl Other {
    fn new(kind: String, text: &str) -> Result<Self, serde_json::Error> {
        let about = serde_json::from_str::<About>(text).unwrap_or(About { key: None, subject: None });
        let subject = about.key.map(|key| key.id()).or_else(|| about.subject.as_deref().map(indexed));
        Ok(Self { kind, subject, json: RawValue::from_string(text.to_owned())? })
    }

    /// The word of its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it is filed under: a case, or another subject.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// All of it, as JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        self.json.get()
    }
}

impl PartialEq for Other {
    fn eq(&self, other: &Self) -> bool {
        self.json.get() == other.json.get()
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event that this version does not know: {}", self.kind)?;
        self.subject.as_ref().map_or(Ok(()), |subject| write!(f, " on {}", subject.replace('\u{1f}', " ")))
    }
}

impl Event {
    /// Something that happened to a case.
    #[must_use]
    pub fn case(key: CaseKey, event: CaseEvent) -> Self {
        Self::Case(CaseStep { key, event })
    }
}

/// An event that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it: a person or a program.
    pub actor: String,
    /// Why, in words, where somebody said.
    pub why: Option<String>,
    /// What.
    pub event: Event,
}

impl Draft {
    /// An event without words of its own.
    #[must_use]
    pub fn new(at: Timestamp, actor: impl Into<String>, event: impl Into<Event>) -> Self {
        Self { at, actor: actor.into(), why: None, event: event.into() }
    }
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its number; the first is 1, and none is left out.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The time that was written with it, where it was corrected since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<Timestamp>,
    /// Who did it.
    pub actor: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The digest of the entry before; `None` in the first.
    pub before: Option<Digest>,
    /// The digest of this entry, over all of it.
    pub digest: Digest,
    /// What.
    pub event: Event,
}

/// An entry as it is stored: its digest is over these texts, byte for byte, so that checking it needs no writer of JSON or times
/// that never changes.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) seq: u64,
    pub(crate) at: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) why: Option<&'a str>,
    pub(crate) before: Option<&'a str>,
    pub(crate) event: &'a str,
}

impl Stored<'_> {
    pub(crate) fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy ledger 1");
        out.field(self.seq.to_le_bytes());
        out.field(self.at);
        out.field(self.actor);
        for text in [self.why, self.before] {
            out.field([u8::from(text.is_some())]);
            out.field(text.unwrap_or_default());
        }
        out.field(self.event);
        out.finish()
    }
}

/// The most bytes that an event may have as JSON.
pub(crate) const EVENT_LIMIT: usize = 8 << 20;

/// The most bytes that a reason may have.
const WHY_LIMIT: usize = 64 << 10;

impl Draft {
    /// Whether it can be kept on every database.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        check_name("the actor", &self.actor)?;
        if self.actor.trim().is_empty() {
            return Err(Unfit::Missing("it has no actor: say who did it"));
        }
        if let Some(why) = &self.why {
            if why.len() > WHY_LIMIT {
                let begin = why.chars().take(40).collect();
                return Err(Unfit::TooLong { what: "the reason", length: why.len(), limit: WHY_LIMIT, begin });
            }
            if why.contains('\0') {
                return Err(Unfit::Control { what: "the reason", text: why.chars().take(256).collect() });
            }
        }
        self.event.check()
    }
}
