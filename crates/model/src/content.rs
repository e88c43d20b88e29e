//! The encoding over which digests of values are taken.

use std::collections::BTreeMap;

use crate::{CveId, Digest, DigestWriter, Evr, Severity};

/// A value with an encoding for digests. The encoding depends on the value alone and not on how the type is written in Rust: a renamed
/// type, field or variant gives the same digest.
///
/// The encoding; no two values of one type have the same:
///
/// | value | bytes |
/// | --- | --- |
/// | text | its length, then UTF-8 |
/// | number (`u64`, `i64`) | 8 bytes |
/// | `true`, `false` | the number 1, 0 |
/// | `None`, `Some` | the number 0; the number 1, then the value |
/// | list | the number of elements, then each in its order |
/// | map | the number of entries, then each key and value in the order of the keys |
/// | struct | its fields one after another, in an order that is never changed; a field that is added comes last |
/// | enum | the word of its variant in the files and documents of Seaworthy, as a text, then its fields |
/// | CVE, EVR | [`CveId::key`]; epoch, version and release |
///
/// Lengths and numbers are written with the least significant byte first.
///
/// ```
/// use seaworthy_model::{Content, Digest};
/// assert_ne!(Digest::of_content(&["ab", "c"]), Digest::of_content(&["a", "bc"]));
/// assert_ne!(Digest::of_content(&None::<u64>), Digest::of_content(&Some(0_u64)));
/// ```
pub trait Content {
    /// Adds the encoding of the value to `out`.
    fn encode(&self, out: &mut DigestWriter);
}

impl Digest {
    /// The digest of a value's encoding.
    #[must_use]
    pub fn of_content<T: Content + ?Sized>(value: &T) -> Self {
        let mut out = DigestWriter::new();
        value.encode(&mut out);
        out.finish()
    }
}

impl<T: Content + ?Sized> Content for &T {
    fn encode(&self, out: &mut DigestWriter) {
        (**self).encode(out);
    }
}

impl Content for str {
    fn encode(&self, out: &mut DigestWriter) {
        out.field(self);
    }
}

impl Content for String {
    fn encode(&self, out: &mut DigestWriter) {
        out.field(self);
    }
}

impl Content for u64 {
    fn encode(&self, out: &mut DigestWriter) {
        out.update(&self.to_le_bytes());
    }
}

impl Content for i64 {
    fn encode(&self, out: &mut DigestWriter) {
        out.update(&self.to_le_bytes());
    }
}

impl Content for bool {
    fn encode(&self, out: &mut DigestWriter) {
        u64::from(*self).encode(out);
    }
}

impl<T: Content> Content for Option<T> {
    fn encode(&self, out: &mut DigestWriter) {
        self.is_some().encode(out);
        if let Some(value) = self {
            value.encode(out);
        }
    }
}

impl<T: Content> Content for [T] {
    fn encode(&self, out: &mut DigestWriter) {
        (self.len() as u64).encode(out);
        for value in self {
            value.encode(out);
        }
    }
}

impl<T: Content, const N: usize> Content for [T; N] {
    fn encode(&self, out: &mut DigestWriter) {
        self.as_slice().encode(out);
    }
}

impl<T: Content> Content for Vec<T> {
    fn encode(&self, out: &mut DigestWriter) {
        self.as_slice().encode(out);
    }
}

impl<K: Content, V: Content> Content for BTreeMap<K, V> {
    fn encode(&self, out: &mut DigestWriter) {
        (self.len() as u64).encode(out);
        for (key, value) in self {
            key.encode(out);
            value.encode(out);
        }
    }
}

impl Content for CveId {
    fn encode(&self, out: &mut DigestWriter) {
        self.key().encode(out);
    }
}

impl Content for Evr {
    fn encode(&self, out: &mut DigestWriter) {
        let Self { epoch, version, release } = self;
        u64::from(*epoch).encode(out);
        version.encode(out);
        release.encode(out);
    }
}

impl Content for Digest {
    fn encode(&self, out: &mut DigestWriter) {
        out.field(self.as_bytes());
    }
}

impl Content for Severity {
    fn encode(&self, out: &mut DigestWriter) {
        self.as_str().encode(out);
    }
}

impl Content for jiff::Timestamp {
    /// The encoding: seconds since 1970-01-01 UTC, then the nanoseconds of the second.
    fn encode(&self, out: &mut DigestWriter) {
        self.as_second().encode(out);
        i64::from(self.subsec_nanosecond()).encode(out);
    }
}

impl Content for jiff::civil::Date {
    /// The encoding: the text `YYYY-MM-DD`.
    fn encode(&self, out: &mut DigestWriter) {
        self.to_string().encode(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digests are kept in logs: the encoding is not to change.
    #[test]
    fn the_encoding_is_the_one_that_is_written_down() {
        let mut by_hand = DigestWriter::new();
        by_hand.update(&2_u64.to_le_bytes());
        for (severity, days) in [("low", 90_u64), ("high", 7)] {
            by_hand.update(&(severity.len() as u64).to_le_bytes());
            by_hand.update(severity.as_bytes());
            by_hand.update(&1_u64.to_le_bytes());
            by_hand.update(&days.to_le_bytes());
        }
        let map: BTreeMap<Severity, Option<u64>> = [(Severity::High, Some(7)), (Severity::Low, Some(90))].into();
        assert_eq!(Digest::of_content(&map), by_hand.finish());
    }

    #[test]
    fn lists_and_what_is_not_there_are_told_apart() {
        let text = |text: &str| Some(text.to_owned());
        let values: [Vec<Vec<Option<String>>>; 7] = [
            vec![],
            vec![vec![]],
            vec![vec![], vec![text("a")]],
            vec![vec![text("a")], vec![]],
            vec![vec![text("a"), None]],
            vec![vec![None, text("a")]],
            vec![vec![text(""), text("a")]],
        ];
        let distinct: std::collections::BTreeSet<Digest> = values.iter().map(Digest::of_content).collect();
        assert_eq!(distinct.len(), values.len());
    }
}
