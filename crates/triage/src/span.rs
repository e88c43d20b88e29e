//! Lengths of time as people write them, such as `7d`.

use std::fmt;
use std::str::FromStr;

/// A length of time such as `36h`, `7d` or `2w`, in hours. Whether a day has 24 hours or only those of a business day, the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    hours: i64,
}

/// The refusal of a text that is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no length of time: write a number and h, d or w, such as 36h, 7d or 2w")]
pub struct SpanError(String);

/// The longest length of time: ten years, in hours.
const MOST_HOURS: i64 = 10 * 366 * 24;

impl Span {
    /// The length of time of `hours` hours.
    #[must_use]
    pub const fn of_hours(hours: i64) -> Self {
        Self { hours }
    }

    /// The number of hours; a day has 24.
    #[must_use]
    pub const fn hours(self) -> i64 {
        self.hours
    }

    /// The number of seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.hours * 3600
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError(text.chars().take(40).collect());
        let trimmed = text.trim();
        let unit = trimmed.chars().last().ok_or_else(wrong)?;
        let number: i64 = trimmed[..trimmed.len() - unit.len_utf8()].trim().parse().map_err(|_| wrong())?;
        let factor = match unit {
            'h' => 1,
            'd' => 24,
            'w' => 7 * 24,
            _ => return Err(wrong()),
        };
        let hours = number.checked_mul(factor).filter(|h| (1..=MOST_HOURS).contains(h)).ok_or_else(wrong)?;
        Ok(Self { hours })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hours % 24 == 0 { write!(f, "{}d", self.hours / 24) } else { write!(f, "{}h", self.hours) }
    }
}

impl seaworthy_model::Content for Span {
    /// The encoding: the hours.
    fn encode(&self, out: &mut seaworthy_model::DigestWriter) {
        self.hours.encode(out);
    }
}

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_written() {
        for (text, hours) in [("36h", 36), ("7d", 168), ("2w", 336), (" 1 d", 24)] {
            assert_eq!(text.parse::<Span>().unwrap().hours(), hours, "{text}");
        }
        for text in ["", "d", "7", "-1d", "0h", "7m", "99999999999999d", "1é"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        assert_eq!("2w".parse::<Span>().unwrap().to_string(), "14d");
    }
}
