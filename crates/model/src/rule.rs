//! The rule by which a record was judged, and the verdict with its numbers. Their `Display` is the sentence for people; no sentence is read
//! back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Bound, SourceKind, VersionRange};

/// One end of a [`RangeBuf`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// This version belongs to the range.
    Including(String),
    /// This version does not belong to the range.
    Excluding(String),
}

/// A [`VersionRange`] that owns its bounds.
///
/// ```
/// use seaworthy_model::{Bound, RangeBuf, VersionRange};
///
/// let range = VersionRange { start: Bound::Including("8.6.0"), end: Bound::Excluding("8.9.0") };
/// let kept = RangeBuf::from(range);
/// assert_eq!(kept.as_range(), range);
/// assert_eq!(kept.to_string(), "from 8.6.0 before 8.9.0");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RangeBuf {
    /// The lower end; `None` where the range has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Limit>,
    /// The upper end; `None` where the range has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Limit>,
}

impl RangeBuf {
    /// The range with borrowed bounds.
    #[must_use]
    pub fn as_range(&self) -> VersionRange<'_> {
        fn bound(limit: Option<&Limit>) -> Bound<'_> {
            match limit {
                None => Bound::Unbounded,
                Some(Limit::Including(version)) => Bound::Including(version),
                Some(Limit::Excluding(version)) => Bound::Excluding(version),
            }
        }
        VersionRange { start: bound(self.start.as_ref()), end: bound(self.end.as_ref()) }
    }
}

impl From<VersionRange<'_>> for RangeBuf {
    fn from(range: VersionRange<'_>) -> Self {
        let limit = |bound| match bound {
            Bound::Unbounded => None,
            Bound::Including(version) => Some(Limit::Including(String::from(version))),
            Bound::Excluding(version) => Some(Limit::Excluding(String::from(version))),
        };
        Self { start: limit(range.start), end: limit(range.end) }
    }
}

impl fmt::Display for RangeBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_range().fmt(f)
    }
}

/// The versions and platforms of a record that decided on a product. They do not depend on the version of the package, nor on the time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Extent {
    /// A range of affected versions.
    Affected {
        /// The range.
        range: RangeBuf,
    },
    /// A range of versions that are not affected, inside of a wider affected one.
    Unaffected {
        /// The range.
        range: RangeBuf,
    },
    /// The record names no version.
    NoVersion,
    /// The record's default for the versions that no entry names.
    Default,
    /// Only one edition of the product is affected (`target_sw` of a CPE).
    Edition {
        /// The edition.
        target: String,
    },
    /// Only one kind of hardware is affected (`target_hw` of a CPE).
    Hardware {
        /// The hardware.
        target: String,
    },
    /// The record needs a platform that the distribution is not.
    Platform {
        /// The platform, as `o:vendor:product`.
        product: String,
    },
    /// The record needs another product on the same machine.
    Companion {
        /// The product, as `a:vendor:product`.
        product: String,
    },
    /// The record names other versions only.
    Nothing,
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Affected { range } => range.fmt(f),
            Self::Unaffected { range } => write!(f, "not {range}"),
            Self::NoVersion => f.write_str("no version is named"),
            Self::Default => f.write_str("only a default is named"),
            Self::Edition { target } => write!(f, "only the {target} edition"),
            Self::Hardware { target } => write!(f, "only on {target}"),
            Self::Platform { product } => write!(f, "only on {product}"),
            Self::Companion { product } => write!(f, "only together with {product}"),
            Self::Nothing => f.write_str("no version fits"),
        }
    }
}

/// The source and the extent by which a package was judged. Two scans with the same grounds have equal rules, whatever the age of the
/// record, the version of the package, or the words of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rule {
    /// The rule of a scan.
    Judged {
        /// The source that decided.
        source: SourceKind,
        /// The extent that the source names.
        #[serde(flatten)]
        extent: Extent,
    },
    /// A sentence from an event of a version before 0.2, which can be shown and not compared.
    Stated(String),
}

impl Rule {
    /// Whether the rule can be compared with another.
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        matches!(self, Self::Judged { .. })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Judged { source, extent } => write!(f, "{source}: {extent}"),
            Self::Stated(text) => f.write_str(text),
        }
    }
}

/// The reason why a record applies to a version or does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The version is in this affected range.
    InRange(RangeBuf),
    /// The version is outside of this affected range.
    Outside(RangeBuf),
    /// The version is in this range, which an old record never gave an end.
    NoEnd(RangeBuf),
    /// The upstream version of the package is not known, so that it cannot be compared with this range.
    VersionUnknown(RangeBuf),
    /// The version and the bounds of this range belong to different schemes.
    Incomparable(RangeBuf),
    /// The record names this range as not affected.
    NamedUnaffected(RangeBuf),
    /// The record names all versions.
    EveryVersion,
    /// The record names no version.
    NoVersion,
    /// The record names only this version, an older one: its author tried that version, and no record says that a later one is fixed.
    OnlyTried(String),
    /// No entry of the record has the version, so that its default holds.
    Default,
    /// The record leaves the status of the version open, by its own word or since its words cannot be read.
    LeftOpen,
    /// Only this edition is affected.
    Edition(String),
    /// Only this hardware is affected.
    Hardware(String),
    /// The record needs this platform, which the distribution is not.
    Platform(String),
    /// The record needs this product as well, which may not be there.
    Companion(String),
    /// No version of the record fits.
    Nothing,
}

impl Basis {
    /// The extent of the record that is behind this reason.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::InRange(range) | Self::Outside(range) | Self::NoEnd(range) | Self::VersionUnknown(range) | Self::Incomparable(range) => {
                Extent::Affected { range: range.clone() }
            }
            Self::NamedUnaffected(range) => Extent::Unaffected { range: range.clone() },
            Self::EveryVersion => Extent::Affected { range: VersionRange::ALL.into() },
            Self::NoVersion => Extent::NoVersion,
            Self::OnlyTried(version) => Extent::Affected { range: VersionRange::only(version).into() },
            Self::Default | Self::LeftOpen => Extent::Default,
            Self::Edition(target) => Extent::Edition { target: target.clone() },
            Self::Hardware(target) => Extent::Hardware { target: target.clone() },
            Self::Platform(product) => Extent::Platform { product: product.clone() },
            Self::Companion(product) => Extent::Companion { product: product.clone() },
            Self::Nothing => Extent::Nothing,
        }
    }
}

/// The conclusion of matching on one product in one version, with the values behind it.
///
/// ```
/// use seaworthy_model::{Basis, Bound, SourceKind, Verdict, VersionRange};
///
/// let range = VersionRange { start: Bound::Unbounded, end: Bound::Excluding("8.9.0") };
/// let verdict = Verdict { source: SourceKind::Nvd, version: Some("8.8.0".into()), basis: Basis::InRange(range.into()) };
/// assert_eq!(verdict.to_string(), "nvd: 8.8.0 is in the affected range: before 8.9.0");
/// assert_eq!(verdict.rule().to_string(), "nvd: before 8.9.0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// The source that decided.
    pub source: SourceKind,
    /// The upstream version that was judged: that of the package, or of a component inside it; `None` where it is not known.
    pub version: Option<String>,
    /// The reason.
    pub basis: Basis,
}

impl Verdict {
    /// The rule behind the verdict.
    #[must_use]
    pub fn rule(&self) -> Rule {
        Rule::Judged { source: self.source, extent: self.basis.extent() }
    }

    /// The reason as a sentence, without the name of the source.
    #[must_use]
    pub fn reason(&self) -> impl fmt::Display + '_ {
        Reason(self)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.reason())
    }
}

struct Reason<'v>(&'v Verdict);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.0.version.as_deref().unwrap_or("its version");
        match &self.0.basis {
            Basis::InRange(range) => write!(f, "{version} is in the affected range: {range}"),
            Basis::Outside(range) => write!(f, "{version} is outside of {range}"),
            Basis::NoEnd(range) => write!(f, "affects {range}, and the record was never given an end"),
            Basis::VersionUnknown(range) => write!(f, "affects {range}; the version inside this package is not known"),
            Basis::Incomparable(range) => write!(f, "affects {range}; {version} does not compare with that"),
            Basis::NamedUnaffected(range) => write!(f, "the record names {range} as not affected"),
            Basis::EveryVersion => f.write_str("the record says every version"),
            Basis::NoVersion => f.write_str("the record names no version"),
            Basis::OnlyTried(tried) => write!(f, "the record names only {tried}; nobody says that a later version is fixed"),
            Basis::Default => write!(f, "no entry of the record names {version}, and its default holds"),
            Basis::LeftOpen => write!(f, "the record leaves open whether {version} is affected"),
            Basis::Edition(target) => write!(f, "only the {target} edition is affected"),
            Basis::Hardware(target) => write!(f, "only on {target}"),
            Basis::Platform(product) => write!(f, "needs {product}, which this distribution is not"),
            Basis::Companion(product) => write!(f, "applies only together with {product}, which may not be there"),
            Basis::Nothing => f.write_str("no version of the record fits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_kept_as_values_and_sentences_of_old_logs_are_read() {
        let range = VersionRange { start: Bound::Including("1.0"), end: Bound::Unbounded };
        let rule = Rule::Judged { source: SourceKind::CveList, extent: Extent::Affected { range: range.into() } };
        let text = r#"{"source":"cvelist","says":"affected","range":{"start":{"including":"1.0"}}}"#;
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        assert_eq!(serde_json::from_str::<Rule>(text).unwrap(), rule);
        let old: Rule = serde_json::from_str("\"nvd: before 8.9.0\"").unwrap();
        assert_eq!(old, Rule::Stated("nvd: before 8.9.0".into()));
        assert!(!old.is_comparable());
    }

    #[test]
    fn age_and_version_change_a_verdict_and_not_its_rule() {
        let range = RangeBuf::from(VersionRange { start: Bound::Including("1.0"), end: Bound::Unbounded });
        let verdict = |version: &str, basis| Verdict { source: SourceKind::Nvd, version: Some(version.into()), basis };
        let (young, old) = (verdict("1.2", Basis::InRange(range.clone())), verdict("1.3", Basis::NoEnd(range)));
        assert_ne!(young.to_string(), old.to_string());
        assert_eq!(young.rule(), old.rule());
    }
}
