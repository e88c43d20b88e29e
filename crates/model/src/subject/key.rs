//! The keys that sign.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, Subject, SubjectId, Unfit, check_line, check_name, indexed};

/// Something happened to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStep {
    /// The key's fingerprint.
    #[serde(rename = "subject")]
    pub fingerprint: String,
    /// What happened to it.
    #[serde(rename = "step")]
    pub change: KeyChange,
}

/// What happens to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum KeyChange {
    /// It was made here.
    Created {
        /// Its user id.
        user_id: String,
        /// Until when it is valid; `None` for ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
    },
    /// It was made elsewhere, and taken over.
    Imported {
        /// Its user id.
        user_id: String,
        /// Until when it is valid; `None` for ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
        /// How it signs: `file`, `gpg` or `command`.
        by: String,
    },
    /// Another key took its place; it signs beside that one for a while.
    Rotated {
        /// The key that took its place.
        successor: String,
        /// Until when it signs.
        until: Timestamp,
    },
    /// It signs no more.
    Retired,
    /// Its secret is or may be known to others.
    Compromised,
}

/// Whether a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KeyStanding {
    /// It signs.
    Active,
    /// It signs until a time.
    Retiring {
        /// Until when.
        until: Timestamp,
    },
    /// It signs no more.
    Retired,
    /// It signs no more, and what it signed is not trusted.
    Compromised,
}

/// A key as its events made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyHistory {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its user id; empty for a key that is older than the events on keys.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_id: String,
    /// Since when the log knows it.
    pub since: Timestamp,
    /// Whether it signs.
    pub standing: KeyStanding,
    /// Since when it stands so.
    pub changed: Timestamp,
}

/// Why an event on a key is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key {0} is compromised, which is never taken back: make another one")]
pub struct KeyRefusal(pub String);

/// All keys together: what a publication that is signed has read.
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
