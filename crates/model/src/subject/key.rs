//! The keys with which publications are signed.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, Subject, SubjectId, Unfit, check_line, check_name, indexed};

/// An event of a key with the fingerprint of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStep {
    /// The key's fingerprint.
    #[serde(rename = "subject")]
    pub fingerprint: String,
    /// The event.
    #[serde(rename = "step")]
    pub change: KeyChange,
}

/// An event of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum KeyChange {
    /// The key was made in this home.
    Created {
        /// The user id.
        user_id: String,
        /// The end of its validity; `None` for a key without an end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
    },
    /// The key was made elsewhere and imported.
    Imported {
        /// The user id.
        user_id: String,
        /// The end of its validity; `None` for a key without an end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
        /// The way in which it signs: `file`, `gpg` or `command`.
        by: String,
    },
    /// Another key took its place; both sign for a while.
    Rotated {
        /// The key that took its place.
        successor: String,
        /// The time until which the old key signs.
        until: Timestamp,
    },
    /// The key no longer signs.
    Retired,
    /// The secret part of the key is or may be known to others.
    Compromised,
}

/// The standing of a key: whether it signs, and whether its signatures are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KeyStanding {
    /// The key signs.
    Active,
    /// The key signs until a time, beside its successor.
    Retiring {
        /// The time.
        until: Timestamp,
    },
    /// The key no longer signs.
    Retired,
    /// The key no longer signs, and its signatures are not trusted.
    Compromised,
}

/// A key: the fold over its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyHistory {
    /// The fingerprint.
    pub fingerprint: String,
    /// The user id; empty for a key that is older than the events of keys.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_id: String,
    /// The time of its first event in the log.
    pub since: Timestamp,
    /// The standing.
    pub standing: KeyStanding,
    /// The time of its last event.
    pub changed: Timestamp,
}

/// The refusal of an event of a compromised key, by the fingerprint of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key {0} is compromised, which is never taken back: make another one")]
pub struct KeyRefusal(pub String);

/// The subject of all keys together, which a signed publication has read.
#[must_use]
pub fn keys() -> SubjectId {
    SubjectId::new("keys", "")
}

impl KeyHistory {
    fn take(&mut self, at: Timestamp, event: &KeyChange) {
        self.changed = at;
        self.standing = match event {
            KeyChange::Created { user_id, .. } | KeyChange::Imported { user_id, .. } => {
                self.user_id.clone_from(user_id);
                KeyStanding::Active
            }
            KeyChange::Rotated { until, .. } => KeyStanding::Retiring { until: *until },
            KeyChange::Retired => KeyStanding::Retired,
            KeyChange::Compromised => KeyStanding::Compromised,
        };
    }
}

impl Subject for KeyHistory {
    const KIND: &'static str = "key";
    type Key = String;
    type Event = KeyChange;
    type Refusal = KeyRefusal;

    fn id(fingerprint: &String) -> SubjectId {
        SubjectId::new(Self::KIND, fingerprint)
    }

    // A key may be older than the events on keys, so that any may be the first.
    fn begin(fingerprint: &String, at: Timestamp, event: &KeyChange) -> Result<Self, KeyRefusal> {
        let standing = KeyStanding::Active;
        let mut key = Self { fingerprint: fingerprint.clone(), user_id: String::new(), since: at, standing, changed: at };
        key.take(at, event);
        Ok(key)
    }

    fn apply(&mut self, at: Timestamp, event: &KeyChange) -> Result<(), KeyRefusal> {
        if self.standing == KeyStanding::Compromised && *event != KeyChange::Compromised {
            return Err(KeyRefusal(self.fingerprint.clone()));
        }
        self.take(at, event);
        Ok(())
    }
}

impl Recorded for KeyStep {
    const KIND: &'static str = "key";
    type Subject = KeyHistory;

    fn key(&self) -> String {
        self.fingerprint.clone()
    }

    fn happened(&self) -> KeyChange {
        self.change.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(indexed(&self.fingerprint))
    }

    fn concerns(&self) -> Vec<SubjectId> {
        vec![keys()]
    }

    fn check(&self) -> Result<(), Unfit> {
        check_name("the fingerprint", &self.fingerprint)?;
        match &self.change {
            KeyChange::Created { user_id, .. } | KeyChange::Imported { user_id, .. } => check_line("the user id", user_id, 1024),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for KeyStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {} ", self.fingerprint)?;
        let valid = |f: &mut fmt::Formatter<'_>, expires: &Option<Timestamp>| match expires {
            Some(until) => write!(f, ", valid until {until}"),
            None => f.write_str(", valid for ever"),
        };
        match &self.change {
            KeyChange::Created { user_id, expires } => write!(f, "created for {user_id}").and_then(|()| valid(f, expires)),
            KeyChange::Imported { user_id, expires, by } => {
                write!(f, "imported for {user_id}, signs by {by}").and_then(|()| valid(f, expires))
            }
            KeyChange::Rotated { successor, until } => write!(f, "replaced by {successor}, signs beside it until {until}"),
            KeyChange::Retired => f.write_str("retired"),
            KeyChange::Compromised => f.write_str("compromised: what it signed is not trusted any more"),
        }
    }
}
