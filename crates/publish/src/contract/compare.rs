//! The orders of RPM versions in Trivy and Grype: by runs of letters, runs of digits and `~`. All other characters, even `^`, only
//! separate.

use std::cmp::Ordering;

/// A version in the parts that Trivy and Grype compare.
pub(crate) struct Loose<'v> {
    /// The epoch, where one is written.
    pub(crate) epoch: Option<i64>,
    version: &'v str,
    release: &'v str,
}

impl<'v> Loose<'v> {
    /// The parts of `[EPOCH:]VERSION[-RELEASE]`; `None` where the epoch is no number.
    pub(crate) fn of(text: &'v str) -> Option<Self> {
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (Some(epoch.trim_start().parse().ok()?), rest),
            None => (None, text),
        };
        let (version, release) = rest.split_once('-').unwrap_or((rest, ""));
        Some(Self { epoch, version, release })
    }
}

/// The order of Trivy: a missing epoch is 0.
pub(crate) fn trivy(a: &Loose<'_>, b: &Loose<'_>) -> Ordering {
    let rest = || segments(a.version, b.version, false).then_with(|| segments(a.release, b.release, false));
    a.epoch.unwrap_or(0).cmp(&b.epoch.unwrap_or(0)).then_with(rest)
}

/// The order of Grype: epochs count only where both are written, and parts of zeros alone do not count.
pub(crate) fn grype(a: &Loose<'_>, b: &Loose<'_>) -> Ordering {
    let rest = || segments(a.version, b.version, true).then_with(|| segments(a.release, b.release, true));
    a.epoch.zip(b.epoch).map_or(Ordering::Equal, |(a, b)| a.cmp(&b)).then_with(rest)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tilde,
    Letters,
    Digits,
}

fn split(text: &str) -> Vec<(Kind, &str)> {
    let kind = |c: char| match c {
        '~' => Some(Kind::Tilde),
        'a'..='z' | 'A'..='Z' => Some(Kind::Letters),
        '0'..='9' => Some(Kind::Digits),
        _ => None,
    };
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((from, first)) = chars.next() {
        let Some(found) = kind(first) else { continue };
        let mut end = from + 1;
        while let Some((at, _)) = chars.next_if(|(_, c)| found != Kind::Tilde && kind(*c) == Some(found)) {
            end = at + 1;
        }
        out.push((found, text.get(from..end).unwrap_or_default()));
    }
    out
}

fn segments(a: &str, b: &str, zeros_are_nothing: bool) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (split(a), split(b));
    for ((kind, left), (other, right)) in a.iter().zip(&b) {
        let found = match (kind, other) {
            (Kind::Digits, Kind::Digits) => {
                let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
                left.len().cmp(&right.len()).then_with(|| left.cmp(right))
            }
            (Kind::Tilde, Kind::Tilde) => Ordering::Equal,
            (Kind::Tilde, _) | (Kind::Letters, Kind::Digits) => Ordering::Less,
            (_, Kind::Tilde) | (Kind::Digits, Kind::Letters) => Ordering::Greater,
            (Kind::Letters, Kind::Letters) => left.cmp(right),
        };
        if found.is_ne() {
            return found;
        }
    }
    let common = a.len().min(b.len());
    let (left, right) = (a.get(common..).unwrap_or_default(), b.get(common..).unwrap_or_default());
    if left.first().is_some_and(|s| s.0 == Kind::Tilde) {
        return Ordering::Less;
    }
    if right.first().is_some_and(|s| s.0 == Kind::Tilde) {
        return Ordering::Greater;
    }
    if zeros_are_nothing && left.iter().chain(right).all(|s| s.1 == "0") {
        return Ordering::Equal;
    }
    left.len().cmp(&right.len())
}

#[cfg(test)]
mod tests {
    use super::{Loose, grype, trivy};
    use std::cmp::Ordering::{self, Equal, Greater, Less};

    fn both(a: &str, b: &str) -> (Ordering, Ordering) {
        let (a, b) = (Loose::of(a).unwrap(), Loose::of(b).unwrap());
        (trivy(&a, &b), grype(&a, &b))
    }

    #[test]
    fn orders_as_the_scanners_do() {
        assert_eq!(both("0:1.0~rc1-1", "0:1.0-1"), (Less, Less));
        assert_eq!(both("0:1.0-1", "0:1.0^git1-1"), (Less, Less));
        // RPM says less.
        assert_eq!(both("0:1.0^20240101-1", "0:1.0.1-1"), (Greater, Greater));
        assert_eq!(both("0:1.0-1", "0:1.0.0-1"), (Less, Equal));
        assert_eq!(both("1:1.0-1", "1.0-2"), (Greater, Less));
        assert_eq!(both("0:1.1.1k-29.azl3", "0:1.1.1k-30.azl3"), (Less, Less));
        assert_eq!(both("0:2024d-1", "0:2024e3-1"), (Less, Less));
        assert_eq!(both("0:007-1", "0:7-1"), (Equal, Equal));
        assert!(Loose::of("x:1-1").is_none());
    }
}
