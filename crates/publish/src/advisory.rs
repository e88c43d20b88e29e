use jiff::Timestamp;
use seaworthy_model::case::Justification;
use seaworthy_model::{CveId, Cvss, Evr, Severity};
use serde::{Deserialize, Serialize};

/// Who publishes, and under which names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// The distribution's name, such as `Azure Linux`.
    pub name: String,
    /// Its short name: lower-case letters, digits and `-`. The namespace of its purls, and part of its OVAL ids.
    pub vendor: String,
    /// The release line, such as `3.0`.
    pub line: String,
    /// What the ids of its advisories begin with, such as `AZL`.
    pub prefix: String,
    /// The address under which everything is published, without a slash at its end.
    pub site: String,
    /// Where its security team is reached: an address or a mail address.
    pub contact: String,
    /// The CPE 2.3 name of the release line.
    pub cpe: String,
    /// What OSV calls it, such as `Azure Linux:3`.
    pub ecosystem: String,
}

/// What is said of one CVE in one source package of the release line. Its id stays what it is; what is said changes with its
/// revisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its id, `PREFIX-YEAR-NUMBER`.
    pub id: String,
    /// The CVE.
    pub cve: CveId,
    /// The source package.
    pub package: String,
    /// The names of the binary packages that are built from it, sorted; empty where nobody knows.
    pub binaries: Vec<String>,
    /// The version, EPOCH:VERSION-RELEASE, that was looked at last; empty where it is not known.
    pub version: String,
    /// What holds now.
    pub standing: Standing,
    /// What it means here, in the words of whoever decided; may be empty.
    pub statement: String,
    /// How bad it is: the distribution's own rating, else the record's. `None` where nobody rated it.
    pub severity: Option<Severity>,
    /// The CVSS rating that is shown, with its vector where one was published.
    pub score: Option<Cvss>,
    /// The record's own description; empty where there is none.
    pub description: String,
    /// The weaknesses (`CWE-79`) that the record names.
    pub weaknesses: Vec<String>,
    /// Since which day (`YYYY-MM-DD`) it is known to be exploited.
    pub exploited_since: Option<String>,
    /// Where the fix has arrived, the oldest first; empty unless it is fixed.
    pub deliveries: Vec<Delivery>,
    /// Until when a fix is promised, where the policy promises one and it is not delivered yet.
    pub due: Option<Timestamp>,
    /// How it came to be what it is, oldest first; never empty. Numbers count from 1 without a gap, times do not fall.
    pub revisions: Vec<Revision>,
}

/// What holds of a CVE in a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Standing {
    /// Nobody can say yet.
    UnderInvestigation,
    /// It is affected, and a fix is being prepared.
    Affected,
    /// It is affected, and the fix waits until a time.
    Deferred {
        /// Until when; `None` where no time was given.
        until: Option<Timestamp>,
    },
    /// It is affected and stays so.
    WillNotFix,
    /// It is not affected.
    NotAffected {
        /// Why; `None` where it was recorded without a reason.
        justification: Option<Justification>,
    },
    /// It is fixed, and the fix is delivered: everything before this version of the source package is affected.
    Fixed {
        /// The first version that has the fix.
        version: Evr,
    },
    /// The record was rejected: nothing of it holds any more.
    Withdrawn,
}

/// One state of an advisory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u32,
    /// When it came into force.
    pub at: Timestamp,
    /// What changed, in a sentence for people.
    pub summary: String,
}

/// Where a fix has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When.
    pub at: Timestamp,
    /// The package's version there, EPOCH:VERSION-RELEASE.
    pub version: String,
    /// Where.
    pub place: Place,
}

/// A way by which a fix reaches machines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Place {
    /// The package repository: a channel.
    Repository(String),
    /// An image, by its version.
    Image(String),
}

/// An image that was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageNote {
    /// Its version, such as `202608.20.0`.
    pub version: String,
    /// What kind of image it is.
    pub sku: String,
    /// When it was built.
    pub built: Timestamp,
    /// How many packages are on it.
    pub packages: u32,
    /// Cases by what it did to them: `fixed`, `carried_affected`, `carried_late` and so on.
    pub counts: std::collections::BTreeMap<String, u64>,
}

/// Everything that one publication says.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// Who says it.
    pub distribution: Distribution,
    /// The time of the newest thing that it tells of. No document carries a later one.
    pub at: Timestamp,
    /// The advisories, by year and number.
    pub advisories: Vec<Advisory>,
    /// The images, oldest first.
    pub images: Vec<ImageNote>,
}

impl Standing {
    /// The word of its kind: the status of VEX, or what the distribution makes of it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
            Self::Deferred { .. } => "deferred",
            Self::WillNotFix => "will_not_fix",
            Self::NotAffected { .. } => "not_affected",
            Self::Fixed { .. } => "fixed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Advisory {
    /// The year and number in its id, to sort by; zeros where it has another form.
    #[must_use]
    pub fn order(&self) -> (u32, u32) {
        let mut parts = self.id.rsplit('-');
        let number = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        (parts.next().and_then(|y| y.parse().ok()).unwrap_or(0), number)
    }

    /// The year in its id.
    #[must_use]
    pub fn year(&self) -> u32 {
        self.order().0
    }

    /// When it was first published.
    #[must_use]
    pub fn issued(&self) -> Timestamp {
        self.revisions.first().map_or(Timestamp::UNIX_EPOCH, |r| r.at)
    }

    /// When it last changed.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.revisions.last().map_or(Timestamp::UNIX_EPOCH, |r| r.at)
    }

    /// The first version of the source package that has the fix, where it is delivered.
    #[must_use]
    pub fn fixed(&self) -> Option<&Evr> {
        match &self.standing {
            Standing::Fixed { version } => Some(version),
            _ => None,
        }
    }
}
