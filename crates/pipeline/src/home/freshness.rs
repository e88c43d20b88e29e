//! The check of the knowledge before a conclusion: without records, or with those of half a year ago, "no known vulnerability" is no
//! all-clear.

use jiff::Timestamp;
use seaworthy_intelligence::Status;
use seaworthy_intelligence::records::SourceKind;
use seaworthy_triage::Span;

use super::{Home, HomeError, Notice};

/// The age of records from which people get a notice: sources are meant to be read twice a day.
const TOLD_FROM: Span = Span::of_hours(48);

/// The time at which a source was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Read {
    kind: SourceKind,
    at: Timestamp,
}

/// The source of records that was not read for the longest time; `None` where no source has any record.
fn oldest(status: &Status) -> Option<Read> {
    let of_records = status.sources.iter().filter(|(kind, source)| kind.brings_records() && source.records() > 0);
    let read = of_records.filter_map(|(kind, source)| {
        let at = Timestamp::from_second(source.synced_at?).ok()?;
        Some(Read { kind: *kind, at })
    });
    read.min_by_key(|read| read.at)
}

impl Home {
    /// Refuses knowledge without records, and records that were read longer ago than `max_age`; reports those that were read more than
    /// [`TOLD_FROM`] ago.
    pub(super) fn check_knowledge(&self, max_age: Option<Span>) -> Result<(), HomeError> {
        let Some(Read { kind, at }) = oldest(&self.store().status()?) else { return Err(HomeError::NoRecords) };
        let seconds = self.now().as_second().saturating_sub(at.as_second());
        if let Some(limit) = max_age.filter(|limit| seconds > limit.seconds()) {
            return Err(HomeError::OldRecords { kind, at, limit });
        }
        if seconds > TOLD_FROM.seconds() {
            self.options.progress.notice(&Notice::OldRecords { kind, at, days: seconds.div_euclid(24 * 3600) });
        }
        Ok(())
    }
}
