//! The settings in force, with their history.

use std::convert::Infallible;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::recorded::{Recorded, Subject, SubjectId, Unfit, check_name, indexed};
use crate::Digest;

/// The finding that settings differ from those in force before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// The name of the settings: `policy`, or `home` for all others.
    #[serde(rename = "subject")]
    pub name: String,
    /// The digest of the content.
    pub digest: Digest,
    /// The content, without secrets.
    pub content: String,
}

impl SettingsChanged {
    /// The event of settings with this content, and its digest.
    #[must_use]
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        let content = content.into();
        Self { name: name.into(), digest: Digest::of(content.as_bytes()), content }
    }
}

/// Settings that are or were in force, with the time from which they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The time from which they are in force.
    pub since: Timestamp,
    /// The digest of the content.
    pub digest: Digest,
    /// The content, without secrets.
    pub content: String,
}

/// The settings of one name with their history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The contents that were in force, the oldest first; never empty.
    pub history: Vec<InForce>,
}

impl Settings {
    /// The name of the policy's settings.
    pub const POLICY: &'static str = "policy";
    /// The name of the other settings of a home.
    pub const HOME: &'static str = "home";

    /// The content in force at a time; before the first known content, the first.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> Option<&InForce> {
        self.history.iter().rev().find(|s| s.since <= time).or_else(|| self.history.first())
    }

    /// The content in force now.
    #[must_use]
    pub fn last(&self) -> Option<&InForce> {
        self.history.last()
    }

    fn take(&mut self, at: Timestamp, event: &SettingsChanged) {
        // Times do not fall, also where a clock was wrong.
        let since = self.history.last().map_or(at, |last| last.since.max(at));
        self.history.push(InForce { since, digest: event.digest, content: event.content.clone() });
    }
}

impl Subject for Settings {
    const KIND: &'static str = "settings";
    type Key = String;
    type Event = SettingsChanged;
    type Refusal = Infallible;

    fn id(name: &String) -> SubjectId {
        SubjectId::new(Self::KIND, name)
    }

    fn begin(_: &String, at: Timestamp, event: &SettingsChanged) -> Result<Self, Infallible> {
        let mut settings = Self { history: Vec::new() };
        settings.take(at, event);
        Ok(settings)
    }

    fn apply(&mut self, at: Timestamp, event: &SettingsChanged) -> Result<(), Infallible> {
        self.take(at, event);
        Ok(())
    }
}

impl Recorded for SettingsChanged {
    const KIND: &'static str = "settings";
    type Subject = Settings;

    fn key(&self) -> String {
        self.name.clone()
    }

    fn happened(&self) -> Self {
        self.clone()
    }

    fn filed(&self) -> Option<String> {
        Some(indexed(&self.name))
    }

    fn check(&self) -> Result<(), Unfit> {
        check_name("the name of the settings", &self.name)?;
        if self.digest != Digest::of(self.content.as_bytes()) {
            return Err(Unfit::Missing("the digest of the settings is not that of their content"));
        }
        Ok(())
    }
}

impl fmt::Display for SettingsChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.name.as_str() {
            Settings::POLICY => "the policy",
            Settings::HOME => "the settings",
            other => other,
        };
        write!(f, "{what} in force: {}", self.digest.short())
    }
}
