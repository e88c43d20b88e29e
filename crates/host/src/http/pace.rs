//! The pace of requests: the time at which the next one may start.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// The only clock and the only wait of the HTTP client, so that a test can replace both.
pub trait Timer: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;
    /// Waits.
    fn sleep(&self, wait: Duration);
}

/// The clock of the system and a real sleep.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTimer;

impl Timer for SystemTimer {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, wait: Duration) {
        std::thread::sleep(wait);
    }
}

/// The number of requests that may start within a rolling window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The number of requests in a window; 0 counts as 1.
    pub requests: usize,
    /// The length of the window.
    pub window: Duration,
}

/// Keeps requests to a pace, which all requests that share the pacer share.
#[derive(Debug)]
pub struct Pacer {
    pace: Pace,
    /// The starts of the latest requests.
    starts: Mutex<VecDeque<Timestamp>>,
}

impl Pacer {
    /// A pacer before its first request.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self { pace, starts: Mutex::default() }
    }

    /// Waits until one more request is allowed, and counts it.
    pub(super) fn take(&self, timer: &dyn Timer) {
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        while starts.len() >= self.pace.requests.max(1) {
            if let Some(oldest) = starts.pop_front() {
                // A clock set back must not make the wait longer than the window itself.
                let passed = Duration::try_from(timer.now().duration_since(oldest)).unwrap_or_default();
                if let Some(wait) = self.pace.window.checked_sub(passed).filter(|w| !w.is_zero()) {
                    timer.sleep(wait);
                }
            }
        }
        starts.push_back(timer.now());
    }
}

/// The wait before try `tries + 1`: the base, doubled for each try after the first, up to `most`. It has no jitter, since one client per
/// team overloads no host, and a replay of a run has the same waits.
pub(super) fn backoff(base: Duration, most: Duration, tries: u32) -> Duration {
    let factor = 1u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    base.checked_mul(factor).unwrap_or(most).min(most)
}

/// Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or an HTTP date, which is measured from `now`
/// (best the `Date` of the same answer, so that a wrong local clock does no harm). A date in the past is no wait.
///
/// ```
/// use std::time::Duration;
/// use seaworthy_host::http::retry_after;
/// let now = "2026-11-24T10:00:00Z".parse()?;
/// assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
/// assert_eq!(retry_after("Tue, 24 Nov 2026 10:00:30 GMT", now), Some(Duration::from_secs(30)));
/// assert_eq!(retry_after("soon", now), None);
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let at = http_date(value)?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// An HTTP date in the form that RFC 9110 asks senders to use; it is that of RFC 2822 with `GMT`.
pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        let waits: Vec<u64> = (1..8).map(|n| backoff(Duration::from_secs(2), Duration::from_secs(60), n).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(Duration::from_secs(2), Duration::from_secs(60), 400).as_secs(), 60);
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_retry_after(text in "[ 0-9A-Za-z:,+-]{0,40}", n in any::<u64>(), seconds in -1_000_000_000i64..4_000_000_000) {
            let at = Timestamp::from_second(seconds).unwrap();
            let _ = retry_after(&text, at);
            prop_assert_eq!(retry_after(&n.to_string(), at), Some(Duration::from_secs(n)));
        }
    }
}
