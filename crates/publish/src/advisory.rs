use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_model::subject::{Delivery, Revision, Standing};
use seaworthy_model::{CveId, Cvss, Evr, Severity, rpm_purl};
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
    /// Its id, `PREFIX-YEAR-NUMBER`; empty where it is told in an exchange and was never published.
    pub id: String,
    /// The CVE.
    pub cve: CveId,
    /// The source package.
    pub package: String,
    /// The names of the binary packages that are built from it, sorted; empty where nobody knows.
    pub binaries: Vec<String>,
    /// The version that was looked at last; `None` where it is not known.
    #[serde(with = "seaworthy_model::evr::in_log_or_none")]
    pub version: Option<Evr>,
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
    pub counts: BTreeMap<String, u64>,
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

impl Distribution {
    /// The purl of a package, the same in every document; `version` is `[EPOCH:]VERSION-RELEASE`, or empty for every version.
    #[must_use]
    pub fn purl(&self, name: &str, version: &str) -> String {
        rpm_purl(&self.vendor, name, version)
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

/// The advisories by CVE; those of a CVE by package.
pub(crate) fn by_cve<'a>(advisories: impl IntoIterator<Item = &'a Advisory>) -> BTreeMap<CveId, Vec<&'a Advisory>> {
    let mut by: BTreeMap<CveId, Vec<&Advisory>> = BTreeMap::new();
    for advisory in advisories {
        by.entry(advisory.cve).or_default().push(advisory);
    }
    for on in by.values_mut() {
        on.sort_by(|a, b| a.package.cmp(&b.package));
    }
    by
}
