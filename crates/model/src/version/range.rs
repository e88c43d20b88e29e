use serde::{Deserialize, Serialize};

use super::{Scheme, UpstreamVersion};

/// A bound of a range of upstream versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound<'a> {
    /// No bound on this side.
    Unbounded,
    /// The version itself belongs to the range.
    #[serde(borrow)]
    Including(&'a str),
    /// The version itself does not belong to the range.
    Excluding(&'a str),
}

/// A range of upstream versions. A side without a bound is open: without any bound, the range has all versions.
///
/// ```
/// use seaworthy_model::{Bound, UpstreamVersion, VersionRange};
/// let range = VersionRange { start: Bound::Including("8.6.0"), end: Bound::Excluding("8.9.0") };
/// assert!(range.contains(&UpstreamVersion::new("8.8.0")));
/// assert!(!range.contains(&UpstreamVersion::new("8.9")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange<'a> {
    /// The lower bound.
    #[serde(borrow)]
    pub start: Bound<'a>,
    /// The upper bound.
    #[serde(borrow)]
    pub end: Bound<'a>,
}

impl<'a> VersionRange<'a> {
    /// The range of all versions.
    pub const ALL: Self = Self { start: Bound::Unbounded, end: Bound::Unbounded };

    /// The range of exactly one version.
    #[must_use]
    pub fn only(version: &'a str) -> Self {
        Self { start: Bound::Including(version), end: Bound::Including(version) }
    }

    /// Whether the version lies between the bounds, by the order of [`UpstreamVersion`]. An included upper bound that ends with `.*` stands
    /// for its whole branch, as CVE JSON 5 says of `lessThanOrEqual`: `5.10.*` reaches to the last `5.10.N`.
    #[must_use]
    pub fn contains(&self, version: &UpstreamVersion<'_>) -> bool {
        let after_start = match self.start {
            Bound::Unbounded => true,
            Bound::Including(v) => *version >= UpstreamVersion::new(v),
            Bound::Excluding(v) => *version > UpstreamVersion::new(v),
        };
        after_start
            && match self.end {
                Bound::Unbounded => true,
                Bound::Including(v) => *version <= UpstreamVersion::new(v) || v.strip_suffix(".*").is_some_and(|b| version.is_of_branch(b)),
                Bound::Excluding(v) => *version < UpstreamVersion::new(v),
            }
    }

    /// Whether the bounds belong to the scheme of the version; [`VersionRange::contains`] means something only then.
    #[must_use]
    pub fn is_comparable(&self, version: &UpstreamVersion<'_>) -> bool {
        let scheme = Scheme::of(version.as_str());
        [self.start, self.end].iter().all(|bound| match bound {
            // Zero is where every scheme starts.
            Bound::Unbounded | Bound::Including("0" | "0.0" | "0.0.0") => true,
            // `unspecified` and `n/a` are no bounds; a single version in words is one that ours is not.
            Bound::Including(v) | Bound::Excluding(v) => {
                Scheme::of(v) == scheme && (self.start == self.end || v.bytes().any(|b| b.is_ascii_digit()))
            }
        })
    }

    /// Whether the range has no bound.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }
}

impl std::fmt::Display for VersionRange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.start, self.end) {
            (Bound::Unbounded, Bound::Unbounded) => return f.write_str("every version"),
            (Bound::Including(a), Bound::Including(b)) if a == b => return write!(f, "exactly {a}"),
            _ => {}
        }
        match self.start {
            Bound::Unbounded => {}
            Bound::Including(v) => write!(f, "from {v}")?,
            Bound::Excluding(v) => write!(f, "after {v}")?,
        }
        if self.start != Bound::Unbounded && self.end != Bound::Unbounded {
            f.write_str(" ")?;
        }
        match self.end {
            Bound::Unbounded => Ok(()),
            Bound::Including(v) => write!(f, "up to {v}"),
            Bound::Excluding(v) => write!(f, "before {v}"),
        }
    }
}
