//! Events, entries of the log, and the digest that chains them.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use seaworthy_model::case::{CaseEvent, CaseKey, CaseStep};
use seaworthy_model::subject::{
    Adopted, AdvisoryDescribed, AdvisoryNumbered, AdvisoryStated, ImageReleased, KeyStep, Publication, Recorded, ReplayBegan, ReplayStep,
    Scan, SettingsChanged, Shipped, SubjectId, Synced, TimeCorrected, Undone, Unfit, check_line, check_name, indexed,
};
use seaworthy_model::{Digest, DigestWriter};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::LedgerError;
use crate::unreadable::{self, EventError};

/// Lists the kinds of events. A kind is a type that is [`Recorded`], which says all that the log has to know of it.
macro_rules! events {
    ($($(#[$about:meta])* $variant:ident($event:ty)),* $(,)?) => {
        /// An event: something that was done or decided.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "nearly all events are those of cases")]
        pub enum Event {
            $($(#[$about])* $variant($event),)*
            /// An event of a kind that this version does not know. It is kept, shown and exported as it is, and folded into no view.
            Other(Other),
        }

        impl Event {
            /// The words of the kinds that this version knows.
            pub const KINDS: &'static [&'static str] = &[$(<$event>::KIND),*];

            /// The word of the kind, as in the JSON.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => <$event>::KIND,)*
                    Self::Other(other) => &other.kind,
                }
            }

            /// The text by which the log finds the event; `None` where nothing looks for it.
            pub(crate) fn subject(&self) -> Option<String> {
                match self {
                    $(Self::$variant(event) => event.filed(),)*
                    Self::Other(other) => other.subject.clone(),
                }
            }

            /// The subjects whose versions rise with the event.
            #[must_use]
            pub fn moves(&self) -> Vec<SubjectId> {
                match self {
                    $(Self::$variant(event) => subjects(event),)*
                    Self::Other(_) => Vec::new(),
                }
            }

            /// Checks whether all databases can keep the event.
            pub(crate) fn check(&self) -> Result<(), Unfit> {
                match self {
                    $(Self::$variant(event) => event.check(),)*
                    Self::Other(other) => check_line("the kind of the event", &other.kind, 64),
                }
            }

            /// The event in its JSON. An unknown kind gives [`Event::Other`]; unknown fields are left out.
            ///
            /// # Errors
            /// When the JSON is no event of any version, or the content of a known kind has another form: it would be lost in silence
            /// otherwise.
            pub fn from_json(text: &str) -> Result<Self, EventError> {
                let kind = kind_of(text)?;
                match &*kind {
                    $(<$event>::KIND => of_kind::<$event>(text).map(Self::$variant),)*
                    _ => Ok(Self::Other(Other::new(kind.into_owned(), text)?)),
                }
            }

            /// Gives the event to a visitor of its type; `None` for a kind that this version does not know.
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
    /// A sync ended.
    Synced(Synced),
    /// An inventory was scanned.
    Scanned(Scan),
    /// A case got an event.
    Case(CaseStep),
    /// An image was released.
    ImageReleased(ImageReleased),
    /// A replay of history began.
    ReplayBegan(ReplayBegan),
    /// A step of a replay was made.
    ReplayStep(ReplayStep),
    /// An advisory got its id.
    AdvisoryNumbered(AdvisoryNumbered),
    /// The part of an advisory beside its case was recorded.
    AdvisoryDescribed(AdvisoryDescribed),
    /// An advisory was published: its content from then on.
    AdvisoryStated(AdvisoryStated),
    /// A publication was made: what the site has from then on.
    Publication(Publication),
    /// A key got an event.
    Key(KeyStep),
    /// Settings were found to differ from those before.
    Settings(SettingsChanged),
    /// The time of an earlier event was corrected.
    TimeCorrected(TimeCorrected),
    /// The log of an earlier version was taken over.
    Adopted(Adopted),
    /// The inventory of a release line that a cycle judged.
    Shipped(Shipped),
    /// A batch of events was undone.
    Undone(Undone),
}

fn of_kind<E: Recorded>(text: &str) -> Result<E, EventError> {
    serde_json::from_str(text).map_err(|e| {
        let trouble = |text: &str| serde_json::from_str::<E>(text).err().map(|e| unreadable::message(&e));
        let field = unreadable::field(text, &trouble);
        EventError::Content { kind: E::KIND.to_owned(), field, message: unreadable::message(&e) }
    })
}

/// A visitor of an event by its type.
pub(crate) trait Visitor {
    type Output;
    fn visit<E: Recorded>(self, event: &E) -> Self::Output;
}

/// The subject of an event, and the others that it concerns.
fn subjects<E: Recorded>(event: &E) -> Vec<SubjectId> {
    use seaworthy_model::subject::Subject as _;
    let mut out = vec![E::Subject::id(&event.key())];
    out.extend(event.concerns());
    out
}

/// The word of the kind of an event.
fn kind_of(text: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    // The fields of a struct are taken from a list as well.
    if text.trim_start().starts_with('[') {
        return Err(serde::de::Error::custom("it is a list"));
    }
    serde_json::from_str(text).map(|Tag { event }| event)
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

/// An event of a kind that this version does not know.
#[derive(Clone, Debug)]
pub struct Other {
    kind: String,
    subject: Option<String>,
    json: Box<RawValue>,
}

/// The subject of an event in its JSON, in the form of all versions.
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

    /// The word of the kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The text by which the log finds the event: a case, or another subject; `None` where its JSON names none.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The whole event as JSON.
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
    /// An event of a case.
    #[must_use]
    pub fn case(key: CaseKey, event: CaseEvent) -> Self {
        Self::Case(CaseStep { key, event })
    }
}

/// An event to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The time at which it happened.
    pub at: Timestamp,
    /// The actor: the person or program that did it.
    pub actor: String,
    /// The reason, in words; `None` where nobody gave one.
    pub why: Option<String>,
    /// The event.
    pub event: Event,
}

impl Draft {
    /// An event without a reason.
    #[must_use]
    pub fn new(at: Timestamp, actor: impl Into<String>, event: impl Into<Event>) -> Self {
        Self { at, actor: actor.into(), why: None, event: event.into() }
    }
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The number: the first is 1, and there are no gaps.
    pub seq: u64,
    /// The time at which it happened, as corrected.
    pub at: Timestamp,
    /// The time as it was written; `None` where it was not corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<Timestamp>,
    /// The actor.
    pub actor: String,
    /// The reason; `None` where nobody gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The digest of the entry before; `None` for the first.
    pub before: Option<Digest>,
    /// The digest of this entry, over all its parts.
    pub digest: Digest,
    /// The event.
    pub event: Event,
}

/// An entry as it is stored. Its digest is over these texts, byte for byte, so that a check does not depend on how JSON or times are
/// written.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// The number of the event.
    pub seq: u64,
    /// The time of the event.
    pub at: &'a str,
    /// The person or program that did it.
    pub actor: &'a str,
    /// The reason, where one was given.
    pub why: Option<&'a str>,
    /// The digest of the event before; `None` in the first.
    pub before: Option<&'a str>,
    /// The event as JSON.
    pub event: &'a str,
}

impl Stored<'_> {
    /// The digest of these texts.
    #[must_use]
    pub fn digest(&self) -> Digest {
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

    /// The entry that the texts are, with the digest that is stored beside them: whether it is theirs is for a check of the log to say.
    ///
    /// # Errors
    /// [`LedgerError::Event`] where the event is of a kind that is known and cannot be read; [`LedgerError::Unreadable`] where it is of no
    /// version, or another text cannot be read. Both name its number.
    pub fn read(&self, digest: &str) -> Result<Entry, LedgerError> {
        let unreadable = |message: String| LedgerError::Unreadable { what: format!("event {}", self.seq), message };
        Ok(Entry {
            seq: self.seq,
            at: self.at.parse().map_err(|e| unreadable(format!("{e}")))?,
            stated: None,
            actor: self.actor.to_owned(),
            why: self.why.map(str::to_owned),
            before: self.before.map(str::parse).transpose().map_err(|e| unreadable(format!("{e}")))?,
            digest: digest.parse().map_err(|e| unreadable(format!("{e}")))?,
            event: Event::from_json(self.event).map_err(|cause| match cause {
                EventError::NoEvent(_) => unreadable(cause.to_string()),
                EventError::Content { .. } => LedgerError::Event { seq: self.seq, cause },
            })?,
        })
    }
}

/// The greatest size of an event in bytes of JSON.
pub(crate) const EVENT_LIMIT: usize = 8 << 20;

/// The greatest size of a reason in bytes.
const WHY_LIMIT: usize = 64 << 10;

impl Draft {
    /// Checks whether all databases can keep the event.
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
