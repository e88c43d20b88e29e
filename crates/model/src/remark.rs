//! Remarks on findings: what is known of a package and a CVE beside what a scan concludes.

use std::fmt;

use jiff::Timestamp;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::case::Justification;
use crate::{Day, EvidenceKind, Evr};

/// The speaker of a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// A case of a release line.
    Case,
    /// A statement of a VEX document.
    Statement,
    /// An entry of an ignore file.
    IgnoreFile,
}

impl Speaker {
    /// All speakers, those who are asked first before the others.
    pub const ALL: [Self; 3] = [Self::Case, Self::Statement, Self::IgnoreFile];

    /// The word in outputs, in `snake_case`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Statement => "statement",
            Self::IgnoreFile => "ignore_file",
        }
    }

    /// The kind of the evidence that a remark of the speaker is.
    #[must_use]
    pub fn evidence(self) -> EvidenceKind {
        match self {
            Self::Case => EvidenceKind::Case,
            Self::Statement => EvidenceKind::Statement,
            Self::IgnoreFile => EvidenceKind::Ignored,
        }
    }
}

/// The content of a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// The package is fixed from a version on, which the finding's version may be older than.
    Fixed {
        /// The first version of the package with the fix.
        version: Evr,
    },
    /// The package is not affected.
    NotAffected {
        /// The justification; `None` where none was stated.
        justification: Option<Justification>,
    },
    /// The fix waits.
    Deferred {
        /// The time until which it waits; `None` where none was given.
        until: Option<Timestamp>,
    },
    /// The package stays as it is.
    WillNotFix {
        /// The time until which that holds; `None` where it has no end.
        until: Option<Timestamp>,
    },
    /// The finding is to be ignored.
    Ignored {
        /// The time until which it is.
        until: Timestamp,
    },
    /// The package is affected.
    Affected,
    /// Nobody knows yet whether the package is affected.
    UnderInvestigation,
}

impl Says {
    /// The words of all contents, in outputs, in `snake_case`.
    pub const WORDS: [&'static str; 7] =
        ["fixed", "not_affected", "deferred", "will_not_fix", "ignored", "affected", "under_investigation"];

    /// The word in outputs, in `snake_case`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::NotAffected { .. } => "not_affected",
            Self::Deferred { .. } => "deferred",
            Self::WillNotFix { .. } => "will_not_fix",
            Self::Ignored { .. } => "ignored",
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    /// Whether a finding is not raised while this holds, although its package is affected.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Deferred { .. } | Self::WillNotFix { .. } | Self::Ignored { .. })
    }

    /// The time until which this holds; `None` where it has no end.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Deferred { until } | Self::WillNotFix { until } => *until,
            Self::Ignored { until } => Some(*until),
            Self::Fixed { .. } | Self::NotAffected { .. } | Self::Affected | Self::UnderInvestigation => None,
        }
    }
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed { version } => write!(f, "fixed in {version}")?,
            Self::NotAffected { justification: None } => f.write_str("not affected")?,
            Self::NotAffected { justification: Some(justification) } => write!(f, "not affected, {justification}")?,
            Self::Deferred { .. } => f.write_str("deferred")?,
            Self::WillNotFix { .. } => f.write_str("not to be fixed")?,
            Self::Ignored { .. } => f.write_str("ignored")?,
            Self::Affected => f.write_str("affected")?,
            Self::UnderInvestigation => f.write_str("under investigation")?,
        }
        self.until().iter().try_for_each(|until| write!(f, " until {}", Shown(*until)))
    }
}

/// A time in a sentence: its day where it is the beginning of one.
struct Shown(Timestamp);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = Day::of(self.0);
        if day.start() == self.0 { day.fmt(f) } else { self.0.fmt(f) }
    }
}

/// A remark on a finding.
///
/// ```
/// use seaworthy_model::{Remark, Says, Speaker};
///
/// let says = Says::Fixed { version: "3.3.5-4".parse().unwrap() };
/// let remark = Remark { by: Speaker::Case, source: "3.0".into(), says, statement: String::new() };
/// assert_eq!(remark.to_string(), "fixed in 3.3.5-4 (case of 3.0)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The speaker.
    pub by: Speaker,
    /// The release line of the case, or the name of the file.
    pub source: String,
    /// The content.
    pub says: Says,
    /// The reason in the words of the speaker; may be empty.
    pub statement: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.by {
            Speaker::Case => "case of ",
            Speaker::Statement | Speaker::IgnoreFile => "",
        };
        write!(f, "{} ({by}{})", self.says, self.source)?;
        if self.statement.is_empty() { Ok(()) } else { write!(f, ": {}", self.statement) }
    }
}

/// The form in outputs: the same members for each content, null where it has none of the kind.
impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (version, justification) = match &self.says {
            Says::Fixed { version } => (Some(version), None),
            Says::NotAffected { justification } => (None, justification.as_ref()),
            _ => (None, None),
        };
        let mut out = serializer.serialize_struct("Remark", 7)?;
        out.serialize_field("by", self.by.as_str())?;
        out.serialize_field("source", &self.source)?;
        out.serialize_field("says", self.says.as_str())?;
        out.serialize_field("version", &version)?;
        out.serialize_field("justification", &justification)?;
        out.serialize_field("until", &self.says.until())?;
        out.serialize_field("statement", &self.statement)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_has_one_form_for_programs_and_a_sentence_for_people() {
        let until = "2026-12-31T00:00:00Z".parse().unwrap();
        let noon = "2026-12-31T12:00:00Z".parse().unwrap();
        let justification = Some(Justification::ComponentNotPresent);
        let rows = [
            (Speaker::Case, "3.0", Says::Fixed { version: "1:2-3".parse().unwrap() }, "", "fixed in 1:2-3 (case of 3.0)"),
            (
                Speaker::Statement,
                "their.json",
                Says::NotAffected { justification },
                "not built",
                "not affected, component_not_present (their.json): not built",
            ),
            (Speaker::Case, "3.0", Says::Deferred { until: Some(until) }, "later", "deferred until 2026-12-31 (case of 3.0): later"),
            (Speaker::Case, "3.0", Says::WillNotFix { until: None }, "", "not to be fixed (case of 3.0)"),
            (Speaker::IgnoreFile, "ci.toml", Says::Ignored { until: noon }, "", "ignored until 2026-12-31T12:00:00Z (ci.toml)"),
            (Speaker::Case, "3.0", Says::Affected, "", "affected (case of 3.0)"),
            (Speaker::Case, "3.0", Says::UnderInvestigation, "", "under investigation (case of 3.0)"),
        ];
        for (by, source, says, statement, words) in rows {
            assert!(Says::WORDS.contains(&says.as_str()));
            let remark = Remark { by, source: source.into(), says, statement: statement.into() };
            assert_eq!(remark.to_string(), words);
            let json: serde_json::Value = serde_json::from_str(&serde_json::to_string(&remark).unwrap()).unwrap();
            let members: Vec<&String> = json.as_object().unwrap().keys().collect();
            assert_eq!(members, ["by", "justification", "says", "source", "statement", "until", "version"]);
            assert_eq!(json["says"], remark.says.as_str());
        }
    }
}
