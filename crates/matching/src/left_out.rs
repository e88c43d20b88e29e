//! The findings that are not raised, since a remark closes them or says that they are accepted, counted by cause.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use seaworthy_model::{Day, Says, Speaker, Status};
use serde::{Serialize, Serializer};

use crate::Finding;
use crate::numbers::thousands;

/// The number of findings that are not raised for one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The speaker of the remarks.
    #[serde(serialize_with = "word")]
    pub by: Speaker,
    /// The release line, or the name of the file.
    pub source: String,
    /// The word of what the remarks say, as in [`Says::as_str`].
    pub says: &'static str,
    /// Whether the packages are affected all the same, and the findings only accepted for a time.
    #[serde(skip)]
    pub is_accepted: bool,
    /// The earliest time at which one of them ends; `None` where none does.
    pub until: Option<Timestamp>,
    /// The number of findings.
    pub count: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn word<S: Serializer>(by: &Speaker, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(by.as_str())
}

impl LeftOut {
    /// The number of findings that are not raised, by cause: first what is fixed and not affected, then what is accepted.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Vec<Self> {
        let mut causes: BTreeMap<(usize, Speaker, &str), Self> = BTreeMap::new();
        for finding in findings {
            let Some(remark) = finding.remark.as_ref().filter(|_| finding.is_left_out()) else { continue };
            let says = remark.says.as_str();
            let order = Says::WORDS.iter().position(|word| *word == says).unwrap_or(Says::WORDS.len());
            let cause = causes.entry((order, remark.by, &remark.source)).or_insert_with(|| Self {
                by: remark.by,
                source: remark.source.clone(),
                says,
                is_accepted: remark.says.is_accepted(),
                until: remark.says.until(),
                count: 0,
            });
            cause.count += 1;
            cause.until = [cause.until, remark.says.until()].into_iter().flatten().min();
        }
        causes.into_values().collect()
    }

    /// The sentence for people; empty where nothing is left out.
    #[must_use]
    pub fn sentence(left_out: &[Self]) -> String {
        if left_out.is_empty() {
            return String::new();
        }
        let causes: Vec<String> = left_out.iter().map(Self::to_string).collect();
        format!("Left out: {}.", causes.join(", "))
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, source, says, until, count, .. } = self;
        write!(f, "{} {}", thousands(*count as u64), says.replace('_', " "))?;
        match (by, *says) {
            (Speaker::Case, "fixed") => write!(f, " by the line {source}")?,
            (Speaker::Case, _) => write!(f, " by decision on the line {source}")?,
            (Speaker::Statement | Speaker::IgnoreFile, _) => write!(f, " by {source}")?,
        }
        // The first day on which one of them is raised again stands for all.
        let or_later = if *count == 1 { "" } else { " or later" };
        until.iter().try_for_each(|until| write!(f, " until {}{or_later}", Day::of(*until)))
    }
}

impl Finding {
    /// Whether the finding is not raised by its remark: it is fixed or not affected by it, or accepted for a time.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        self.remark.as_ref().is_some_and(|remark| match remark.says {
            Says::Fixed { .. } => self.status == Status::Fixed,
            Says::NotAffected { .. } => self.status == Status::NotAffected,
            _ => remark.says.is_accepted(),
        })
    }

    /// Whether the package is affected all the same, and the finding only accepted for a time.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.remark.as_ref().is_some_and(|remark| remark.says.is_accepted())
    }
}
