use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_model::subject::{Delivery, Revision, Standing};
use seaworthy_model::{CveId, Cvss, Evr, Reference, Severity, rpm_purl};
use serde::{Deserialize, Serialize};

/// A distribution with one release line, and the names under which it publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// The name, such as `Azure Linux`.
    pub name: String,
    /// The short name: lower-case letters, digits and `-`. It is the namespace of purls, and part of OVAL ids.
    pub vendor: String,
    /// The release line, such as `3.0`.
    pub line: String,
    /// The beginning of the ids of advisories, such as `AZL`.
    pub prefix: String,
    /// The address of the site, without a slash at its end.
    pub site: String,
    /// The contact of the security team: an address or a mail address; empty where readers are told of none.
    pub contact: String,
    /// The CPE 2.3 name of the release line.
    pub cpe: String,
    /// The ecosystem by its name in OSV, such as `Azure Linux:3`; empty where OSV has none.
    pub ecosystem: String,
}

/// An advisory: what is said publicly of one CVE in one source package of the release line. Its id never changes; its content does with its
/// revisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// The id, `PREFIX-YEAR-NUMBER`; empty in an export, for a case that was never published.
    pub id: String,
    /// The CVE.
    pub cve: CveId,
    /// The source package.
    pub package: String,
    /// The names of the binary packages that are built from it, sorted; empty where they are not known.
    pub binaries: Vec<String>,
    /// The version that was judged last; `None` where it is not known, or has a fix that is not delivered.
    #[serde(with = "seaworthy_model::evr::in_log_or_none")]
    pub version: Option<Evr>,
    /// The standing.
    pub standing: Standing,
    /// The meaning for the distribution, in the words of the person or program that decided; may be empty.
    pub statement: String,
    /// The severity: the distribution's own rating, or else the record's; `None` where there is neither.
    pub severity: Option<Severity>,
    /// The CVSS rating that is shown, with its vector where one was published; `None` where there is none.
    pub score: Option<Cvss>,
    /// The record's own description; empty where there is none.
    pub description: String,
    /// The weaknesses (`CWE-79`) that the record names.
    pub weaknesses: Vec<String>,
    /// The references of the record in the order of their kinds, without broken ones; empty where there are none.
    #[serde(default)]
    pub references: Vec<Reference>,
    /// The day (`YYYY-MM-DD`) since which exploitation is known; `None` where none is known.
    pub exploited_since: Option<String>,
    /// The fix that the specs have and no machine can get yet; `None` where there is none, or it is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<ReadyFix>,
    /// The deliveries of the fix, the oldest first; empty unless the standing is fixed.
    pub deliveries: Vec<Delivery>,
    /// The time by which a fix is promised; `None` where the policy promises none, or the fix is delivered.
    pub due: Option<Timestamp>,
    /// The revisions, the oldest first; never empty. They are numbered from 1 without a gap, and their times do not fall.
    pub revisions: Vec<Revision>,
}

/// A fix that is not delivered yet. The package is affected until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyFix {
    /// The first version of the source package with the fix; `None` where it is not known.
    #[serde(with = "seaworthy_model::evr::in_log_or_none")]
    pub version: Option<Evr>,
}

/// An image that was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageNote {
    /// The version, such as `202608.20.0`.
    pub version: String,
    /// The kind of image.
    pub sku: String,
    /// The time of its build.
    pub built: Timestamp,
    /// The number of its packages.
    pub packages: u32,
    /// The numbers of cases by what the image did to them: `fixed`, `carried_affected`, `carried_late` and so on.
    pub counts: BTreeMap<String, u64>,
}

/// An edition: the content of one publication in every format.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// The distribution that publishes it.
    pub distribution: Distribution,
    /// The time of the newest fact in it. No document has a later time.
    pub at: Timestamp,
    /// The advisories, by year and number.
    pub advisories: Vec<Advisory>,
    /// The images, the oldest first.
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
    /// The year and the number in the id, for sorting; zeros where the id has another form.
    #[must_use]
    pub fn order(&self) -> (u32, u32) {
        let mut parts = self.id.rsplit('-');
        let number = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        (parts.next().and_then(|y| y.parse().ok()).unwrap_or(0), number)
    }

    /// The year in the id; 0 where the id has another form.
    #[must_use]
    pub fn year(&self) -> u32 {
        self.order().0
    }

    /// The time of the first revision.
    #[must_use]
    pub fn issued(&self) -> Timestamp {
        self.revisions.first().map_or(Timestamp::UNIX_EPOCH, |r| r.at)
    }

    /// The time of the last revision.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        self.revisions.last().map_or(Timestamp::UNIX_EPOCH, |r| r.at)
    }

    /// The first version of the source package with a fix that is not delivered yet; `None` where there is none, or it is not known.
    #[must_use]
    pub fn ready_in(&self) -> Option<&Evr> {
        self.ready.as_ref().and_then(|ready| ready.version.as_ref())
    }

    /// The version of the source package with the fix, the first one as far as that is known; `None` unless the standing is fixed.
    #[must_use]
    pub fn fixed(&self) -> Option<&Evr> {
        match &self.standing {
            Standing::Fixed { version, .. } => Some(version),
            _ => None,
        }
    }

    /// The first version of the source package with the fix, so that every version before it is affected; `None` where it is not known, or
    /// the standing is not fixed.
    #[must_use]
    pub fn first_fixed(&self) -> Option<&Evr> {
        self.fixed().filter(|_| !matches!(self.standing, Standing::Fixed { or_before: true, .. }))
    }
}

/// The references of advisories whose addresses may stand in a link, whatever a log has, each once. Broken ones are left out, and those to
/// the record itself, which documents name in a place of its own.
pub(crate) fn links<'a>(advisories: impl IntoIterator<Item = &'a Advisory>) -> Vec<Reference> {
    let of_advisory = |advisory: &'a Advisory| {
        let is_record = move |reference: &Reference| is_record_of(&reference.url, advisory.cve);
        let links = advisory.references.iter().filter_map(|r| Reference::of(&r.url, r.kinds.iter().copied()));
        links.filter(move |reference| !reference.is_broken() && !is_record(reference))
    };
    Reference::gathered(advisories.into_iter().flat_map(of_advisory))
}

/// Whether an address is that of a CVE's record at NVD or at the CVE List.
fn is_record_of(url: &str, cve: CveId) -> bool {
    const RECORDS: [&str; 4] =
        ["nvd.nist.gov/vuln/detail/", "cve.org/CVERecord?id=", "cve.org/cverecord?id=", "cve.mitre.org/cgi-bin/cvename.cgi?name="];
    url.strip_suffix(&cve.to_string()).is_some_and(|before| RECORDS.iter().any(|record| before.ends_with(record)))
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
