//! Advisories: their events, and the fold of what was published.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::publication::edition;
use super::recorded::{Recorded, Subject, SubjectId, Unfit, check_name};
use crate::case::{CaseKey, Justification, check_key};
use crate::{Cvss, Day, Evr, Reference, Severity, VexStatus};

/// The standing of a CVE in a package, as an advisory says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody knows yet whether the package is affected.
    UnderInvestigation,
    /// The package is affected, and a fix is being prepared.
    Affected,
    /// The package is affected, and the fix waits until a time.
    Deferred {
        /// The time; `None` where none was given.
        until: Option<Timestamp>,
    },
    /// The package is affected and stays so.
    WillNotFix,
    /// The package is affected in every version that was shipped, and is no longer shipped.
    NotShipped,
    /// The package is not affected.
    NotAffected {
        /// The justification; `None` where the decision was recorded without one.
        justification: Option<Justification>,
    },
    /// The fix is delivered: every version of the source package before this one is affected, unless nothing says which is the first.
    Fixed {
        /// The first version that has the fix, as far as that is known.
        version: Evr,
        /// Whether earlier versions may have the fix too: nothing says which is the first.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        or_before: bool,
    },
    /// The record was rejected by its publisher: nothing that the advisory said holds any more.
    Withdrawn,
}

impl Standing {
    /// The status of VEX; `None` for what was withdrawn.
    #[must_use]
    pub fn vex(&self) -> Option<VexStatus> {
        Some(match self {
            Self::UnderInvestigation => VexStatus::UnderInvestigation,
            Self::Affected | Self::Deferred { .. } | Self::WillNotFix | Self::NotShipped => VexStatus::Affected,
            Self::NotAffected { .. } => VexStatus::NotAffected,
            Self::Fixed { .. } => VexStatus::Fixed,
            Self::Withdrawn => return None,
        })
    }

    /// The word of the standing, in `snake_case`: a status of VEX, or one of the distribution's own.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
            Self::Deferred { .. } => "deferred",
            Self::WillNotFix => "will_not_fix",
            Self::NotShipped => "not_shipped",
            Self::NotAffected { .. } => "not_affected",
            Self::Fixed { .. } => "fixed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A revision: an advisory at a time, with the summary of what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The number, counted from 1.
    pub number: u32,
    /// The time from which the revision is in force.
    pub at: Timestamp,
    /// The summary of what changed, a sentence for people.
    pub summary: String,
}

/// A delivery of a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The time.
    pub at: Timestamp,
    /// The package's version there, with the fix.
    #[serde(with = "crate::evr::in_log")]
    pub version: Evr,
    /// The channel or image.
    pub place: Place,
}

/// A channel or image through which a fix reaches machines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "PlaceInLog", into = "PlaceInLog")]
pub enum Place {
    /// A channel of the package repository, by its name.
    Repository(String),
    /// An image, by its version.
    Image(String),
    /// The ways before the cases of the release line were kept, which nobody has written down.
    Earlier,
}

/// A place in the log. Earlier versions know channels and images alone: for them the ways before are a channel without a name.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
enum PlaceInLog {
    Repository(String),
    Image(String),
}

impl From<Place> for PlaceInLog {
    fn from(place: Place) -> Self {
        match place {
            Place::Repository(channel) => Self::Repository(channel),
            Place::Image(image) => Self::Image(image),
            Place::Earlier => Self::Repository(String::new()),
        }
    }
}

impl From<PlaceInLog> for Place {
    fn from(place: PlaceInLog) -> Self {
        match place {
            PlaceInLog::Repository(channel) if channel.is_empty() => Self::Earlier,
            PlaceInLog::Repository(channel) => Self::Repository(channel),
            PlaceInLog::Image(image) => Self::Image(image),
        }
    }
}

/// The part of an advisory that follows from its case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The standing.
    #[serde(flatten)]
    pub standing: Standing,
    /// The meaning for this distribution, in the words of the decision; empty where there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement: String,
    /// The version of the package that was judged; `None` where it is not known. The field's name in the log, beside that of the fix, is
    /// another.
    #[serde(rename = "looked_at", with = "crate::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// The severity; `None` where nobody rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The day from which the CVE is known to be exploited; `None` where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited_since: Option<Day>,
    /// The deliveries of the fix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
}

/// The part of an advisory that does not follow from the events of its case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Described {
    /// The description of the CVE in the record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The rating of the CVE in the record; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Cvss>,
    /// The weaknesses that the record names, such as `CWE-79`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<String>,
    /// The references of the record, without broken ones. Events of earlier versions have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The names of the binary packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binaries: Vec<String>,
    /// The deadline of the fix; `None` where none is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// The assignment of an id to the advisory of a case, which keeps it for good. Version 0.1 wrote this event; [`AdvisoryStated`] took its
/// place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvisoryNumbered {
    /// The case.
    pub key: CaseKey,
    /// The id, such as `AZL-2026-0042`.
    pub id: String,
}

/// The part of an advisory beside its case. Version 0.1 wrote this event; [`AdvisoryStated`] took its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryDescribed {
    /// The case.
    pub key: CaseKey,
    /// The part beside the case.
    #[serde(flatten)]
    pub described: Described,
}

/// The content of an advisory from a publication on, in the words that were published: no later version of the program rewords them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvisoryStated {
    /// The case.
    pub key: CaseKey,
    /// The id, where the advisory is published for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The part beside the case, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub described: Option<Described>,
    /// The part that follows from the case.
    pub view: View,
    /// The revisions that were not published before; their numbers follow on those that were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

/// An event of an advisory.
#[derive(Clone, Debug, PartialEq)]
pub enum AdvisoryEvent {
    /// The advisory got its id.
    Numbered(String),
    /// The part beside the case was recorded.
    Described(Described),
    /// The advisory was published.
    Stated(Box<AdvisoryStated>),
}

/// An advisory as it was last published: the fold over its own events. Later events of its case are not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PublishedAdvisory {
    /// The id; `None` where the log has none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The part beside the case.
    #[serde(default)]
    pub described: Described,
    /// The part that follows from the case; `None` where version 0.1 published it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// The revisions in the words that were published; empty where version 0.1 published it last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

/// The refusal of an event of an advisory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvisoryRefusal {
    /// The advisory has an id already, which it keeps for good.
    #[error("{key} is published as {has} and cannot become {new}")]
    OtherId {
        /// The case, in words.
        key: String,
        /// The id of the advisory.
        has: String,
        /// The refused id.
        new: String,
    },
    /// The number of a revision does not follow on that of the last.
    #[error("revision {found} of the advisory follows on revision {last}")]
    OutOfOrder {
        /// The number of the last revision that was published; 0 before the first.
        last: u32,
        /// The number of the refused revision.
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
            Standing::NotShipped,
            Standing::NotAffected { justification: Some(Justification::ComponentNotPresent) },
            Standing::Fixed { version: "1:8.8.0-2".parse().unwrap(), or_before: false },
            Standing::Fixed { version: "1:8.8.0-2".parse().unwrap(), or_before: true },
            Standing::Withdrawn,
        ];
        let delivery = |place| Delivery { at: Timestamp::UNIX_EPOCH, version: "8.8.0-2".parse().unwrap(), place };
        let places = [Place::Repository("updates".into()), Place::Image("1".into()), Place::Earlier];
        for standing in standings {
            let view = View {
                standing,
                statement: "s".into(),
                version: Evr::of_log("8.8.0-1"),
                severity: Some(Severity::High),
                exploited_since: None,
                deliveries: places.iter().cloned().map(delivery).collect(),
            };
            let text = serde_json::to_string(&view).unwrap();
            assert_eq!(serde_json::from_str::<View>(&text).unwrap(), view, "{text}");
        }
    }
}
