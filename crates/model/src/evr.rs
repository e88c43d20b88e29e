//! The versions of RPM packages, and their form in the log.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A version of an RPM package: epoch, version and release, ordered by RPM's own rules (`~` and `^` included).
///
/// A missing epoch is 0. A missing release compares equal to every release, as it does in RPM dependencies:
/// use [`Evr::sort_key`] where a total order is needed.
///
/// ```
/// use seaworthy_model::{Evr, compare_evr};
/// let old: Evr = "5:1.63-2.azl3".parse()?;
/// let new: Evr = "5:1.63-10.azl3".parse()?;
/// assert!(compare_evr(&old, &new).is_lt());
/// # Ok::<(), seaworthy_model::EvrError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Evr {
    /// The epoch, 0 where none is written.
    pub epoch: u32,
    /// The upstream version as the package writes it.
    pub version: String,
    /// The release with its distribution tag; empty where none is written.
    pub release: String,
}

/// The refusal of a text that is no EVR or NEVRA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct EvrError {
    /// The refused text, cut to 120 characters.
    pub text: String,
    expected: &'static str,
}

impl EvrError {
    fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(120).collect(), expected }
    }
}

impl Evr {
    /// An EVR from its parts, unchecked.
    #[must_use]
    pub fn new(epoch: u32, version: impl Into<String>, release: impl Into<String>) -> Self {
        Self { epoch, version: version.into(), release: release.into() }
    }

    /// The EVR in a text of the log; `None` for the empty text. A text that cannot be a package's version is kept whole as the version, so
    /// that nothing of the log is lost; [`Evr::is_plain`] is false for it.
    #[must_use]
    pub fn of_log(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| Self::new(0, text, "")))
    }

    /// Whether a package can have this EVR: its text reads back as the same EVR. One that is not plain can be shown, and is not compared.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.to_string().parse().is_ok_and(|read: Self| read == *self)
    }

    /// The distribution tag of the release: the last of its parts between dots that is letters with a number behind them, and no name of an
    /// upstream pre-release or snapshot; `None` where there is none.
    ///
    /// ```
    /// use seaworthy_model::Evr;
    ///
    /// let tag = |release: &str| Evr::new(0, "1.0", release).dist_tag().map(str::to_owned);
    /// assert_eq!(tag("2.azl3").as_deref(), Some("azl3"));
    /// assert_eq!(tag("0.1.rc1.el9_2.1").as_deref(), Some("el9_2"));
    /// assert_eq!(tag("150600.3.4"), None);
    /// assert_eq!(tag("0.1.rc1"), None);
    /// ```
    #[must_use]
    pub fn dist_tag(&self) -> Option<&str> {
        self.release.rsplit('.').find(|part| is_dist_tag(part))
    }

    /// Whether two packages are the same but for the distribution tag, which changelogs and specs often leave out.
    #[must_use]
    pub fn is_same_but_tag(&self, other: &Self) -> bool {
        let same = |a: &str, b: &str| compare_rpm_segments(a, b).is_eq();
        self.epoch == other.epoch && same(&self.version, &other.version) && same(&self.untagged(), &other.untagged())
    }

    /// The release without its distribution tag.
    fn untagged(&self) -> String {
        let parts: Vec<&str> = self.release.split('.').collect();
        let tag = parts.iter().rposition(|part| is_dist_tag(part));
        parts.iter().enumerate().filter(|(at, _)| Some(*at) != tag).map(|(_, part)| *part).collect::<Vec<_>>().join(".")
    }

    /// The key whose bytes compare as RPM compares EVRs, with an empty release before every other. The order is total, so that a range of
    /// versions is a range of keys.
    #[must_use]
    pub fn sort_key(&self) -> Vec<u8> {
        rpm_version::Evr::new(self.epoch.to_string().as_str(), &*self.version, &*self.release).sortkey().as_bytes().to_vec()
    }
}

/// The beginnings of the names of upstream pre-releases and snapshots.
const UPSTREAM: [&str; 8] = ["rc", "alpha", "beta", "pre", "git", "svn", "snap", "dev"];

/// Whether a part of a release is a distribution tag: letters, digits, and perhaps `_` with more digits (`el9_2`).
fn is_dist_tag(part: &str) -> bool {
    let digits = part.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = part.strip_suffix(digits).unwrap_or_default().to_ascii_lowercase();
    // One letter is short for alpha, beta or patch.
    let is_upstream = UPSTREAM.iter().any(|name| letters.starts_with(name)) || ["a", "b", "p"].contains(&&*letters);
    digits.len() < part.len()
        && !is_upstream
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.split('_').all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The order of two EVRs by RPM's rules; releases are compared only where both sides have one.
#[must_use]
pub fn compare_evr(a: &Evr, b: &Evr) -> Ordering {
    a.epoch.cmp(&b.epoch).then_with(|| compare_rpm_segments(&a.version, &b.version)).then_with(|| {
        if a.release.is_empty() || b.release.is_empty() { Ordering::Equal } else { compare_rpm_segments(&a.release, &b.release) }
    })
}

/// The order of two versions, or of two releases, by RPM's `rpmvercmp`.
#[must_use]
pub fn compare_rpm_segments(a: &str, b: &str) -> Ordering {
    rpm_version::Evr::new("0", a, "0").cmp(&rpm_version::Evr::new("0", b, "0"))
}

impl FromStr for Evr {
    type Err = EvrError;

    fn from_str(text: &str) -> Result<Self, EvrError> {
        let refuse = || EvrError::new(text, "an RPM version [EPOCH:]VERSION[-RELEASE]");
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (epoch.parse().map_err(|_| refuse())?, rest),
            None => (0, text),
        };
        let (version, release) = rest.split_once('-').unwrap_or((rest, ""));
        let bad = |part: &str| part.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '/' | ':'));
        if version.is_empty() || bad(version) || bad(release) || release.contains('-') || (rest.contains('-') && release.is_empty()) {
            return Err(refuse());
        }
        Ok(Self::new(epoch, version, release))
    }
}

impl fmt::Display for Evr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if self.epoch != 0 {
            out = format!("{}:", self.epoch);
        }
        out.push_str(&self.version);
        if !self.release.is_empty() {
            out.push('-');
            out.push_str(&self.release);
        }
        f.pad(&out)
    }
}

impl Serialize for Evr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Evr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An EVR inside a sentence: `none` for `None`.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub Option<&'a Evr>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(evr) => evr.fmt(f),
            None => f.pad("none"),
        }
    }
}

/// The serde functions for an EVR that an event of the log always has.
pub mod in_log {
    use super::{Deserialize, Deserializer, Evr, Serialize, Serializer};

    /// Writes the text of the EVR.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<S: Serializer>(evr: &Evr, serializer: S) -> Result<S::Ok, S::Error> {
        evr.serialize(serializer)
    }

    /// Reads a text by [`Evr::of_log`]; the empty text is the EVR with an empty version.
    ///
    /// # Errors
    /// When the value is no text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Evr, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Ok(Evr::of_log(&text).unwrap_or_else(|| Evr::new(0, "", "")))
    }
}

/// The serde functions for an EVR that an event of the log may lack: the empty text stands for `None`, as in all versions of the log.
pub mod in_log_or_none {
    use super::{Deserialize, Deserializer, Evr, Serializer};

    /// Writes the text of the EVR; the empty text for `None`.
    ///
    /// # Errors
    /// When the serializer fails.
    #[allow(clippy::ref_option, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(evr: &Option<Evr>, serializer: S) -> Result<S::Ok, S::Error> {
        match evr {
            Some(evr) => serializer.collect_str(evr),
            None => serializer.serialize_str(""),
        }
    }

    /// Reads a text by [`Evr::of_log`].
    ///
    /// # Errors
    /// When the value is no text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Evr>, D::Error> {
        Ok(Evr::of_log(&std::borrow::Cow::<str>::deserialize(deserializer)?))
    }
}

/// The name, EVR and architecture of a binary or source package: `bash-5.2.15-3.azl3.x86_64`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Nevra {
    /// The package's name.
    pub name: String,
    /// The EVR.
    pub evr: Evr,
    /// The architecture, such as `x86_64`, `noarch` or `src`; empty where none is written.
    pub arch: String,
}

/// The architectures that may end a NEVRA. A text after the last dot that is not one of them belongs to the release.
const ARCHITECTURES: [&str; 22] = [
    "x86_64",
    "noarch",
    "aarch64",
    "src",
    "nosrc",
    "i386",
    "i486",
    "i586",
    "i686",
    "x86_64_v2",
    "x86_64_v3",
    "x86_64_v4",
    "armv7hl",
    "armv7l",
    "ppc64",
    "ppc64le",
    "s390",
    "s390x",
    "riscv64",
    "loongarch64",
    "amd64",
    "sparc64",
];

impl FromStr for Nevra {
    type Err = EvrError;

    fn from_str(text: &str) -> Result<Self, EvrError> {
        let refuse = || EvrError::new(text, "a package NAME-[EPOCH:]VERSION-RELEASE[.ARCH]");
        let text_only = text.strip_suffix(".rpm").unwrap_or(text);
        let (body, arch) = match text_only.rsplit_once('.') {
            Some((body, arch)) if ARCHITECTURES.contains(&arch) => (body, arch),
            _ => (text_only, ""),
        };
        // dnf also writes EPOCH:NAME-VERSION-RELEASE.
        let (front_epoch, body) = match body.split_once(':') {
            Some((epoch, rest)) if !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit()) => (Some(epoch), rest),
            _ => (None, body),
        };
        let (rest, release) = body.rsplit_once('-').ok_or_else(refuse)?;
        let (name, version) = rest.rsplit_once('-').ok_or_else(refuse)?;
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '/') {
            return Err(refuse());
        }
        let mut evr: Evr = format!("{version}-{release}").parse().map_err(|_| refuse())?;
        if let Some(epoch) = front_epoch {
            evr.epoch = epoch.parse().map_err(|_| refuse())?;
        }
        Ok(Self { name: name.to_owned(), evr, arch: arch.to_owned() })
    }
}

impl fmt::Display for Nevra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.arch.is_empty() { "" } else { "." };
        f.pad(&format!("{}-{}{dot}{}", self.name, self.evr, self.arch))
    }
}
