//! The one place that asks the system for the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01 (UTC); `SOURCE_DATE_EPOCH` stands in for the clock, so that a run can be repeated.
pub(crate) fn now() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|v| v.parse().ok());
    fixed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs().cast_signed()))
}

/// The same as a timestamp.
pub(crate) fn timestamp() -> jiff::Timestamp {
    jiff::Timestamp::from_second(now()).unwrap_or_default()
}

/// RFC 3339, in UTC.
pub(crate) fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}
