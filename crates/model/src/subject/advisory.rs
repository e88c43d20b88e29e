//! Advisories as they were published.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::publication::edition;
use super::recorded::{Recorded, Subject, SubjectId, Unfit, check_name};
use crate::case::{CaseKey, Justification, check_key};
use crate::{Cvss, Day, Evr, Severity};

/// What holds of a CVE in a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody can say yet.
    UnderInvestigation,
    /// It is affected, and a fix is being prepared.
    Affected,
    /// It is affected, and the fix waits until a time.
    Deferred {
        /// Until when; `None` where no time was given.
        until: Option<Timestamp>,
    },
    /// It is affected and stays so.
    WillNotFix,
    /// It is not affected.
    NotAffected {
        /// Why; `None` where it was recorded without a reason.
        justification: Option<Justification>,
    },
    /// It is fixed, and the fix is delivered: everything before this version of the source package is affected.
    Fixed {
        /// The first version that has the fix.
        version: Evr,
    },
    /// The record was rejected: nothing of it holds any more.
    Withdrawn,
}

impl Standing {
    /// The word of its kind: the status of VEX, or what the distribution makes of it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
            Self::Deferred { .. } => "deferred",
            Self::WillNotFix => "will_not_fix",
            Self::NotAffected { .. } => "not_affected",
            Self::Fixed { .. } => "fixed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One state of an advisory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u32,
    /// When it came into force.
    pub at: Timestamp,
    /// What changed, in a sentence for people.
    pub summary: String,
}

/// Where a fix has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When.
    pub at: Timestamp,
    /// The package's version there.
    #[serde(with = "crate::evr::in_log")]
    pub version: Evr,
    /// Where.
    pub place: Place,
}

/// A way by which a fix reaches machines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Place {
    /// The package repository: a channel.
    Repository(String),
    /// An image, by its version.
    Image(String),
}

/// What an advisory shows of its case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// What holds.
    #[serde(flatten)]
    pub standing: Standing,
    /// What it means here, in the words of whoever decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement: String,
    /// The version of the package that was looked at; `None` where none is known. Its name in the log differs from that of the fix
    /// beside it.
    #[serde(rename = "looked_at", with = "crate::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// How bad it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Since which day it is known to be exploited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited_since: Option<Day>,
    /// Where the fix has arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
}

/// What an advisory shows that is not in the events of its case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Described {
    /// The record's description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The record's rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Cvss>,
    /// The weaknesses that the record names, such as `CWE-79`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<String>,
    /// The names of the binary packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binaries: Vec<String>,
    /// Until when a fix is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// A case got the id under which it is published; it keeps it for good. Written by version 0.1; [`AdvisoryStated`] took its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisoryNumbered {
    /// The case.
    pub key: CaseKey,
    /// The id, such as `AZL-2026-0042`.
    pub id: String,
}

/// What an advisory shows beside its case. Written by version 0.1; [`AdvisoryStated`] took its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryDescribed {
    /// The case.
    pub key: CaseKey,
    /// What it shows.
    #[serde(flatten)]
    pub described: Described,
}

/// What an advisory says from a publication on, in the words that were published: no later version of the program words them anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryStated {
    /// The case.
    pub key: CaseKey,
    /// The id, where it is published for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it shows beside its case, where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub described: Option<Described>,
    /// What it shows of its case.
    pub view: View,
    /// The revisions that were not published before, numbered on from those that were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

/// What happens to an advisory.
#[derive(Clone, Debug, PartialEq)]
pub enum AdvisoryEvent {
    /// It got its id.
    Numbered(String),
    /// What it shows beside its case was recorded.
    Described(Described),
    /// It was published.
    Stated(Box<AdvisoryStated>),
}

/// An advisory as it was last published: what its own events amount to. What has happened to its case since is not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PublishedAdvisory {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it shows beside its case.
    #[serde(default)]
    pub described: Described,
    /// What it shows of its case; `None` where version 0.1 published it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// Its revisions in the words that were published; empty where version 0.1 published it last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

/// Why an event on an advisory is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvisoryRefusal {
    /// An id is kept for good.
    #[error("{key} is published as {has} and cannot become {new}")]
    OtherId {
        /// The case.
        key: String,
        /// Its id.
        has: String,
        /// The id that it was to get.
        new: String,
    },
    /// Revisions are published in their order.
    #[error("revision {found} of the advisory follows on revision {last}")]
    OutOfOrder {
        /// The last revision that was published.
        last: u32,
        /// The one that was to follow.
        found: u32,
    },
}

impl PublishedAdvisory {
    fn number(&mut self, id: &str) -> Result<(), AdvisoryRefusal> {
        match &self.id {
            Some(has) if has != id => Err(AdvisoryRefusal::OtherId { key: "the case".into(), has: has.clone(), new: id.to_owned() }),
            _ => {
                self.id = Some(id.to_owned());
                Ok(())
            }
        }
    }
}

impl Subject for PublishedAdvisory {
    const KIND: &'static str = "advisory";
    type Key = CaseKey;
    type Event = AdvisoryEvent;
    type Refusal = AdvisoryRefusal;

    fn id(key: &CaseKey) -> SubjectId {
        SubjectId::new(Self::KIND, key.id())
    }

    fn begin(_: &CaseKey, at: Timestamp, event: &AdvisoryEvent) -> Result<Self, AdvisoryRefusal> {
        let mut advisory = Self::default();
        advisory.apply(at, event)?;
        Ok(advisory)
    }

    fn apply(&mut self, _: Timestamp, event: &AdvisoryEvent) -> Result<(), AdvisoryRefusal> {
        match event {
            AdvisoryEvent::Numbered(id) => self.number(id)?,
            AdvisoryEvent::Described(described) => self.described = described.clone(),
            AdvisoryEvent::Stated(stated) => {
                let mut last = self.revisions.last().map_or(0, |r| r.number);
                for revision in &stated.revisions {
                    if revision.number != last + 1 {
                        return Err(AdvisoryRefusal::OutOfOrder { last, found: revision.number });
                    }
                    last = revision.number;
                }
                if let Some(id) = &stated.id {
                    self.number(id)?;
                }
                if let Some(described) = &stated.described {
                    self.described = described.clone();
                }
                self.view = Some(stated.view.clone());
                self.revisions.extend(stated.revisions.iter().cloned());
            }
        }
        Ok(())
    }
}

macro_rules! recorded {
    ($($event:ty, $kind:literal, |$this:ident| $happened:expr, $check:expr, $said:expr;)*) => {$(
        impl Recorded for $event {
            const KIND: &'static str = $kind;
            type Subject = PublishedAdvisory;

            fn key(&self) -> CaseKey {
                self.key.clone()
            }

            fn happened(&self) -> AdvisoryEvent {
                let $this = self;
                $happened
            }

            // By its case, so that whoever may not see the case does not see that it has an id.
            fn filed(&self) -> Option<String> {
                Some(self.key.id())
            }

            fn concerns(&self) -> Vec<SubjectId> {
                vec![edition(&self.key.line)]
            }

            fn check(&self) -> Result<(), Unfit> {
                check_key(&self.key)?;
                let $this = self;
                $check
            }
        }

        impl fmt::Display for $event {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $this = self;
                write!(f, "{}: {}", self.key, $said)
            }
        }
    )*};
}
recorded! {
    AdvisoryNumbered, "advisory_numbered", |this| AdvisoryEvent::Numbered(this.id.clone()), check_name("the id", &this.id),
        format_args!("published as {}", this.id);
    AdvisoryDescribed, "advisory_described", |this| AdvisoryEvent::Described(this.described.clone()), { let _ = this; Ok(()) },
        { let _ = this; "description, rating and binary packages of the advisory recorded" };
    AdvisoryStated, "advisory_stated", |this| AdvisoryEvent::Stated(Box::new(this.clone())),
        this.id.as_deref().map_or(Ok(()), |id| check_name("the id", id)),
        match (&this.id, this.revisions.last()) {
            (Some(id), _) => format!("advisory {id} issued: {}", this.view.standing.as_str()),
            (None, Some(last)) => format!("advisory revised ({}): {}", last.number, last.summary),
            (None, None) => "advisory recorded as it was published".to_owned(),
        };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_as_it_was_written_whatever_holds() {
        let standings = [
            Standing::UnderInvestigation,
            Standing::Affected,
            Standing::Deferred { until: Some(Timestamp::UNIX_EPOCH) },
            Standing::WillNotFix,
            Standing::NotAffected { justification: Some(Justification::ComponentNotPresent) },
            Standing::Fixed { version: "1:8.8.0-2".parse().unwrap() },
            Standing::Withdrawn,
        ];
        for standing in standings {
            let view = View {
                standing,
                statement: "s".into(),
                version: Evr::of_log("8.8.0-1"),
                severity: Some(Severity::High),
                exploited_since: None,
                deliveries: Vec::new(),
            };
            let text = serde_json::to_string(&view).unwrap();
            assert_eq!(serde_json::from_str::<View>(&text).unwrap(), view, "{text}");
        }
    }
}
