//! The versions of files on disk: those that this program reads, and the remedy for any other.
//!
//! Each crate that keeps files describes each of their formats as a [`Format`], and calls [`Format::check`] before it uses a file. So every
//! format has the same kind of error, and a test compares `docs/formats.md` with the code.

use std::fmt;

use serde::Deserialize;

/// A version of a format.
///
/// A step of the major number changes the format; one of the minor number only adds to it, so that earlier programs still read it. Only the
/// ledger needs that difference today: the other formats count major numbers, and their minor number is 0 and not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The number of steps that earlier programs cannot read.
    pub major: u32,
    /// The number of steps since then that only add.
    pub minor: u32,
}

impl Version {
    /// The version of a format that counts major numbers alone.
    #[must_use]
    pub const fn of(major: u32) -> Self {
        Self { major, minor: 0 }
    }

    /// The version in the first bytes of a binary file, as [`Format::mark`] makes them; `None` where they are no mark of that word.
    #[must_use]
    pub fn in_mark(bytes: &[u8], word: &[u8; 7]) -> Option<Self> {
        let digit = bytes.strip_prefix(word)?.first().filter(|digit| digit.is_ascii_digit())?;
        Some(Self::of(u32::from(digit - b'0')))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { major, minor: 0 } => write!(f, "{major}"),
            Self { major, minor } => write!(f, "{major}.{minor}"),
        }
    }
}

/// A format of files that this program writes and reads again.
///
/// ```
/// use seaworthy_model::format::{Format, FormatError, Remedy, Version};
///
/// static LOG: Format =
///     Format { name: "harbor log", version: Version::of(3), oldest: 2, newer: Remedy::NewerProgram, older: Remedy::Backup };
///
/// assert_eq!(LOG.check(Version::of(2)), Ok(()));
/// let error = LOG.check(Version::of(4)).unwrap_err();
/// assert!(matches!(error, FormatError::TooNew { .. }));
/// assert_eq!(error.to_string(), "the harbor log has version 4, and this seaworthy reads versions 2 to 3: use a newer seaworthy");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The name, as people read it after "the".
    pub name: &'static str,
    /// The version that is written, and the newest that is read; of its major number, later minor ones are read as well.
    pub version: Version,
    /// The oldest major number that is read.
    pub oldest: u32,
    /// The remedy for a file of a newer version.
    pub newer: Remedy,
    /// The remedy for a file of an older version that is not read any more.
    pub older: Remedy,
}

impl Format {
    /// The first bytes of a binary file of the format: a word, and the digit of the major version.
    ///
    /// # Panics
    /// When the major version has two digits, which stops the build where the mark is a constant.
    #[must_use]
    pub const fn mark(&self, word: &[u8; 7]) -> [u8; 8] {
        assert!(self.version.major < 10, "the version has one digit");
        let [a, b, c, d, e, f, g] = *word;
        [a, b, c, d, e, f, g, b'0' + self.version.major as u8]
    }

    /// Whether this program reads a version.
    ///
    /// # Errors
    /// When its major number is newer than this program knows, or older than it still reads.
    pub const fn check(&'static self, found: Version) -> Result<(), FormatError> {
        if found.major > self.version.major {
            return Err(FormatError::TooNew { format: self, found });
        }
        if found.major < self.oldest {
            return Err(FormatError::TooOld { format: self, found });
        }
        Ok(())
    }

    /// The versions that this program reads, for people: `version 7`, `versions 1 to 2.1`.
    fn reads(&self) -> String {
        let Self { version, oldest, .. } = self;
        if *oldest == version.major && version.minor == 0 {
            format!("version {version}")
        } else {
            format!("versions {oldest} to {version}")
        }
    }
}

/// The remedy for a file whose version this program does not read. Its text is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// A newer version of the program reads it.
    NewerProgram,
    /// The index of the knowledge is built again from the raw files.
    RebuildIndex,
    /// The cache is deleted: the next scan reads everything again.
    DeleteCache,
    /// The chunks and the set of packages are deleted, and made again from the packages.
    ScanAgain,
    /// The note is removed from the store: the next push sends everything.
    SendAgain,
    /// No program has written such a version: the file is damaged.
    Backup,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewerProgram => "use a newer seaworthy",
            Self::RebuildIndex => "run `seaworthy sync --rebuild`, which needs no network",
            Self::DeleteCache => "delete it and scan again",
            Self::ScanAgain => "delete the folder of chunks and the list of packages, then scan again",
            Self::SendAgain => "remove it there, and everything is sent anew",
            Self::Backup => "bring it back from a backup",
        })
    }
}

/// The reason why a file is not read: this program does not know its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A newer program wrote the file.
    #[error("the {} has version {found}, and this seaworthy reads {}: {}", format.name, format.reads(), format.newer)]
    TooNew {
        /// The format.
        format: &'static Format,
        /// The version of the file.
        found: Version,
    },
    /// An older program wrote the file, and its version is not read any more.
    #[error("the {} has version {found}, and this seaworthy reads {}: {}", format.name, format.reads(), format.older)]
    TooOld {
        /// The format.
        format: &'static Format,
        /// The version of the file.
        found: Version,
    },
}

impl FormatError {
    /// The format of the file.
    #[must_use]
    pub const fn format(&self) -> &'static Format {
        match self {
            Self::TooNew { format, .. } | Self::TooOld { format, .. } => format,
        }
    }

    /// The remedy for the file.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::TooNew { format, .. } => format.newer,
            Self::TooOld { format, .. } => format.older,
        }
    }
}

/// The version of a JSON document, read before its other members: additions of a newer program must not count as damage.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Stamp {
    /// The number, a major one.
    #[serde(alias = "layout", alias = "schema_version")]
    version: u64,
}

impl Stamp {
    /// The version. A number beyond every format's is the newest.
    #[must_use]
    pub fn version(self) -> Version {
        Version::of(u32::try_from(self.version).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FORMAT: Format =
        Format { name: "log", version: Version { major: 3, minor: 1 }, oldest: 2, newer: Remedy::NewerProgram, older: Remedy::Backup };

    #[test]
    fn what_is_read_follows_from_the_versions() {
        let rows = [
            (Version { major: 3, minor: 1 }, "read"),
            (Version { major: 3, minor: 9 }, "read"),
            (Version::of(3), "read"),
            (Version { major: 2, minor: 7 }, "read"),
            (Version::of(4), "the log has version 4, and this seaworthy reads versions 2 to 3.1: use a newer seaworthy"),
            (
                Version { major: 1, minor: 9 },
                "the log has version 1.9, and this seaworthy reads versions 2 to 3.1: bring it back from a backup",
            ),
        ];
        let got = |found| FORMAT.check(found).map_or_else(|e| e.to_string(), |()| "read".to_owned());
        seaworthy_testing::hold(rows.iter().map(|(found, expected)| ("a version", (*expected).to_owned(), got(*found))));
    }

    #[test]
    fn a_format_that_reads_one_version_says_one() {
        static ONE: Format = Format { version: Version::of(7), oldest: 7, older: Remedy::RebuildIndex, ..FORMAT };
        let error = ONE.check(Version::of(6)).unwrap_err();
        assert_eq!((error.remedy(), error.format()), (Remedy::RebuildIndex, &ONE));
        assert!(error.to_string().contains("reads version 7: run `seaworthy sync --rebuild`"), "{error}");
    }

    #[test]
    fn a_mark_has_the_version_as_a_digit() {
        assert_eq!(FORMAT.mark(b"SWHARBR"), *b"SWHARBR3");
        for (bytes, expected) in [
            (&b"SWHARBR3 and more"[..], Some(Version::of(3))),
            (b"SWHARBR9", Some(Version::of(9))),
            (b"SWHARBRx", None),
            (b"SWHARBR", None),
            (b"SWOTHER3", None),
        ] {
            assert_eq!(Version::in_mark(bytes, b"SWHARBR"), expected);
        }
    }

    #[test]
    fn a_stamp_is_read_whatever_else_stands_there() {
        for (text, expected) in [
            (r#"{"colour":[1],"version":2}"#, Some(Version::of(2))),
            (r#"{"layout":7,"knowledge":null}"#, Some(Version::of(7))),
            (r#"{"schema_version":99999999999}"#, Some(Version::of(u32::MAX))),
            (r#"{"version":-1}"#, None),
            ("{}", None),
        ] {
            assert_eq!(serde_json::from_str::<Stamp>(text).ok().map(Stamp::version), expected, "{text}");
        }
    }
}
