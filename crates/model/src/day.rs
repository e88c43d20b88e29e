use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Content, DigestWriter};

/// A day of the calendar in UTC, written `YYYY-MM-DD`, from year 0 to 9999.
///
/// ```
/// use seaworthy_model::Day;
/// let day: Day = "2024-02-29".parse()?;
/// assert_eq!(day, Day::of_epoch_days(19_782));
/// assert_eq!(day.start().to_string(), "2024-02-29T00:00:00Z");
/// assert!("2023-02-29".parse::<Day>().is_err());
/// # Ok::<(), seaworthy_model::DayError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// The refusal of a text that is no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no day: write it as 2026-12-25")]
pub struct DayError {
    /// The refused text, cut to 40 characters.
    pub text: String,
}

impl Day {
    /// The day that is `days` after 1970-01-01 (before, for a negative number), at least 0000-01-01 and at most 9999-12-31.
    #[must_use]
    pub fn of_epoch_days(days: i32) -> Self {
        let span = Span::new().days(days.clamp(-719_528, 2_932_896));
        Self(Date::constant(1970, 1, 1).saturating_add(span))
    }

    /// The day in UTC that contains a time.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(Offset::UTC.to_datetime(at).date())
    }

    /// The first second of the day, UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        // Only the last day of year 9999 begins after the last time stamp.
        Offset::UTC.to_timestamp(self.0.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
    }

    /// The last second of the day, UTC.
    #[must_use]
    pub fn end(self) -> Timestamp {
        Offset::UTC.to_timestamp(self.0.at(23, 59, 59, 0)).unwrap_or(Timestamp::MAX)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl From<Day> for Date {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let shape =
            text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        let date = shape.then(|| text.parse().ok()).flatten();
        date.map(Self).ok_or_else(|| DayError { text: text.chars().take(40).collect() })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day()))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Content for Day {
    fn encode(&self, out: &mut DigestWriter) {
        self.to_string().encode(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (19_783, "2024-03-01"),
            (-719_528, "0000-01-01"),
            (2_932_896, "9999-12-31"),
            (i32::MAX, "9999-12-31"),
            (i32::MIN, "0000-01-01"),
        ] {
            assert_eq!(Day::of_epoch_days(days).to_string(), text);
            assert_eq!(Day::of_epoch_days(days), text.parse().unwrap());
        }
    }

    #[test]
    fn other_texts_are_no_days() {
        for text in ["", "yesterday", "2024-2-9", "2024-02-30", "20240229", "2024-02-29T00:00:00Z", "+002024-02-29", "\u{661}024-02-29"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_has_86_400_seconds() {
        let last: Day = "9999-12-31".parse().unwrap();
        assert_eq!((last.start(), last.end()), (Timestamp::MAX, Timestamp::MAX), "the last day that has a time stamp is the one before");
        let day: Day = "2024-02-29".parse().unwrap();
        assert_eq!(day.end().as_second() - day.start().as_second(), 86_399);
        assert_eq!((Day::of(day.start()), Day::of(day.end())), (day, day));
        let text = serde_json::to_string(&day).unwrap();
        assert_eq!((text.as_str(), serde_json::from_str::<Day>(&text).unwrap()), ("\"2024-02-29\"", day));
    }
}
