use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A CVE identifier, ordered by year and then by number, so `CVE-2024-9` sorts before `CVE-2024-10000`.
///
/// Format: <https://www.cve.org/ResourcesSupport/AllResources/CNARules>, `CVE-YYYY-N` with at least four digits in N.
///
/// ```
/// use seaworthy_model::CveId;
/// let id: CveId = "cve-2024-6197".parse()?;
/// assert_eq!(id.to_string(), "CVE-2024-6197");
/// assert_eq!(CveId::from_key(id.key()), id);
/// # Ok::<(), seaworthy_model::CveIdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CveId {
    year: u16,
    number: u64,
}

/// The refusal of a text that is no CVE id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a CVE id: expected CVE-YYYY-N with a year from 1999 on and four or more digits")]
pub struct CveIdError {
    /// The text that was refused, cut to 40 characters.
    pub text: String,
}

/// The number of bits of [`CveId::key`] that the number after the year has; a greater one is no CVE id here.
const NUMBER_BITS: u32 = 48;

impl CveId {
    /// The year in the id: the year in which the id was reserved, not that of publication.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The id packed into one integer that sorts as the id does: 16 bits of year, 48 bits of number.
    #[must_use]
    pub fn key(self) -> u64 {
        (u64::from(self.year) << NUMBER_BITS) | self.number
    }

    /// The id from its [`CveId::key`].
    #[must_use]
    pub fn from_key(key: u64) -> Self {
        Self { year: (key >> NUMBER_BITS) as u16, number: key & ((1 << NUMBER_BITS) - 1) }
    }

    /// The longest id at the start of `text`, in any case, with its length in bytes; `None` where the text does not start with one.
    #[must_use]
    pub fn prefix_of(text: &str) -> Option<(Self, usize)> {
        let b = text.as_bytes();
        if b.len() < 13 || !b[..4].eq_ignore_ascii_case(b"CVE-") || b[8] != b'-' {
            return None;
        }
        let mut year = 0u16;
        for &d in &b[4..8] {
            year = year * 10 + u16::from(digit(d)?);
        }
        let mut number = 0u64;
        let mut end = 9;
        while let Some(d) = b.get(end).and_then(|&c| digit(c)) {
            number = number.checked_mul(10)?.checked_add(u64::from(d))?;
            end += 1;
        }
        if end - 9 < 4 || year < 1999 || number >> NUMBER_BITS != 0 {
            return None;
        }
        Some((Self { year, number }, end))
    }

    /// All ids in `text`, in order, repeats included, in any case (`fix_cve-2020-1234.patch`).
    ///
    /// ```
    /// use seaworthy_model::CveId;
    /// let ids: Vec<String> = CveId::find_all("CVE-2012-2677_cve-2015-9251.patch").map(|i| i.to_string()).collect();
    /// assert_eq!(ids, ["CVE-2012-2677", "CVE-2015-9251"]);
    /// ```
    pub fn find_all(text: &str) -> impl Iterator<Item = Self> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            while let Some(found) = memchr::memchr2(b'C', b'c', text.as_bytes().get(at..)?) {
                at += found;
                if let Some((id, len)) = text.get(at..).and_then(Self::prefix_of) {
                    at += len;
                    return Some(id);
                }
                at += 1;
            }
            None
        })
    }
}

fn digit(c: u8) -> Option<u8> {
    c.is_ascii_digit().then(|| c - b'0')
}

impl FromStr for CveId {
    type Err = CveIdError;

    fn from_str(text: &str) -> Result<Self, CveIdError> {
        match Self::prefix_of(text) {
            Some((id, len)) if len == text.len() => Ok(id),
            _ => Err(CveIdError { text: text.chars().take(40).collect() }),
        }
    }
}

impl fmt::Display for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad` keeps the width that tables ask for.
        f.pad(&format!("CVE-{}-{:04}", self.year, self.number))
    }
}

impl Serialize for CveId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CveId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_id() {
        for text in
            ["", "CVE-2024-123", "CVE-24-1234", "CVE-1998-1234", "CVE-2024-12345 ", "GHSA-2024-1234", "CVE-2024-99999999999999999999"]
        {
            assert!(text.parse::<CveId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn prints_and_parses(year in 1999u16..3000, number in 0u64..(1 << 48)) {
            let id = CveId { year, number };
            prop_assert_eq!(id.to_string().parse::<CveId>().unwrap(), id);
            prop_assert_eq!(CveId::from_key(id.key()), id);
        }

        #[test]
        fn keys_sort_as_ids(a in (1999u16..3000, 0u64..(1 << 48)), b in (1999u16..3000, 0u64..(1 << 48))) {
            let (a, b) = (CveId { year: a.0, number: a.1 }, CveId { year: b.0, number: b.1 });
            prop_assert_eq!(a.cmp(&b), a.key().cmp(&b.key()));
        }

        #[test]
        fn any_text_is_searched_without_panic(text in "\\PC{0,80}") {
            let _ = CveId::find_all(&text).count();
        }
    }
}
