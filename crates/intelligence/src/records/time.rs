//! The times in records of the sources.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// A time of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// The time in minutes since 1970-01-01 (UTC).
    pub(super) minute: i32,
    /// The time in seconds since 1970-01-01 (UTC).
    pub(super) second: i64,
}

impl When {
    /// The time in a text of ISO 8601, or the midnight at which its day begins. Without a zone it is in UTC, as in NVD and by the schema of
    /// the CVE List. `None` where the text is no time.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // Some records of NVD were cut behind the hours of the zone by whoever kept them: `2021-02-03T15:20:28+00:`.
        let pieces = Pieces::parse(text.strip_suffix(':').unwrap_or(text)).ok()?;
        let offset = match pieces.to_numeric_offset() {
            Some(offset) => offset,
            // The name of a zone, with the rules of which no source counts.
            None if pieces.time_zone_annotation().is_some() => return None,
            None => Offset::UTC,
        };
        let time = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
        Self::of(offset.to_timestamp(time).ok()?)
    }

    fn of(time: Timestamp) -> Option<Self> {
        let second = time.as_second();
        Some(Self { minute: i32::try_from(second.div_euclid(60)).ok()?, second })
    }

    /// The time, or `None` for one at which a clock begins (`0001-01-01`, `1970-01-01`), which means an unknown time.
    pub(super) fn known(self) -> Option<Self> {
        (self.second > 0).then_some(self)
    }
}
