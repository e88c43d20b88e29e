//! The kinds of events that cannot be undone.

use seaworthy_ledger::Event;
use serde::Serialize;

/// A kind of event that cannot be undone, since others may have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Irreversible {
    /// A publication, or what it said of a case.
    Publication,
    /// A key.
    Key,
    /// The release of an image, or a replay of the past.
    History,
    /// The log itself: a corrected time, a log that was taken over.
    Log,
    /// An event of another version of the program.
    Unknown,
}

impl Irreversible {
    /// The kind of an event; `None` where it can be undone.
    pub(super) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Publication(_) | Event::AdvisoryStated(_) | Event::AdvisoryNumbered(_) | Event::AdvisoryDescribed(_) => {
                Some(Self::Publication)
            }
            Event::Key(_) => Some(Self::Key),
            Event::ImageReleased(_) | Event::ReplayBegan(_) | Event::ReplayStep(_) => Some(Self::History),
            Event::TimeCorrected(_) | Event::Adopted(_) => Some(Self::Log),
            // A scan, a sync, the settings and the inventory of a cycle were what they were; an undoing is undone as all others are.
            Event::Case(_) | Event::Synced(_) | Event::Scanned(_) | Event::Settings(_) | Event::Shipped(_) | Event::Undone(_) => None,
            _ => Some(Self::Unknown),
        }
    }
}

impl std::fmt::Display for Irreversible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Publication => "what was published stays published; decide the cases, and the next publication revises what it said",
            Self::Key => "others may have trusted or dropped the key by now",
            Self::History => "an image was released, or a replay was made, and stays so",
            Self::Log => "it is about the log itself",
            Self::Unknown => "another version of the program wrote it",
        })
    }
}
