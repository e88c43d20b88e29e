use serde::{Deserialize, Serialize};

use super::{Order, Scheme, UpstreamVersion};

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

    /// Whether the version lies between the bounds, by the version's own order. An included upper bound that ends with `.*` stands for its
    /// whole branch, as CVE JSON 5 says of `lessThanOrEqual`: `5.10.*` reaches to the last `5.10.N`.
    ///
    /// By [`Order::Upstream`] a bound without an update has the later updates of its version, as NVD matches a CPE name whose update is
    /// any: `8.7p1` is not after 8.7, and up to 8.7 it is in.
    #[must_use]
    pub fn contains(&self, version: &UpstreamVersion<'_>) -> bool {
        let at = |text| version.like(text);
        let is_update = |bound: &str| version.order == Order::Upstream && version.is_update_of(bound);
        let after_start = match self.start {
            Bound::Unbounded => true,
            Bound::Including(v) => *version >= at(v),
            Bound::Excluding(v) => *version > at(v) && !is_update(v),
        };
        after_start
            && match self.end {
                Bound::Unbounded => true,
                Bound::Including(v) => *version <= at(v) || is_update(v) || v.strip_suffix(".*").is_some_and(|b| version.is_of_branch(b)),
                Bound::Excluding(v) => *version < at(v),
            }
    }

    /// Whether the bounds are versions of the scheme of the version; [`VersionRange::contains`] means something only then.
    #[must_use]
    pub fn is_comparable(&self, version: &UpstreamVersion<'_>) -> bool {
        let scheme = Scheme::of(version.as_str());
        [self.start, self.end].iter().all(|bound| match bound {
            // Zero is where every scheme starts.
            Bound::Unbounded | Bound::Including("0" | "0.0" | "0.0.0") => true,
            // `unspecified` and `n/a` are no bounds; a single version in words is one that ours is not.
            Bound::Including(v) | Bound::Excluding(v) => Scheme::of(v) == scheme && (self.start == self.end || is_version(v)),
        })
    }

    /// Whether the range has no bound.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }
}

/// Whether a bound is one version: letters, digits and the signs between them, with a number. No specification says what a bound of NVD may
/// be; lists (`9.4.53,10.0.16`), slips (`0)`) and branches (`12.1.x`) stand there too, which no order places.
fn is_version(bound: &str) -> bool {
    let bound = bound.trim();
    let bound = bound.strip_suffix(".*").unwrap_or(bound);
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+' | b'~' | b'^' | b' ');
    // 1.3.0 rc17 is a version, 1.3.0 1.4.0 are two.
    let is_list = || bound.split(' ').skip(1).any(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()));
    bound.bytes().any(|b| b.is_ascii_digit())
        && bound.bytes().all(is_sign)
        && !bound.split('.').any(|part| part.eq_ignore_ascii_case("x"))
        && !is_list()
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
