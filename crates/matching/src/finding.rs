//! What is judged, and what comes of it.

use std::collections::{BTreeSet, HashSet};

use seaworthy_intelligence::records::SourceKind;
use seaworthy_model::{CveId, Cvss, Day, Evidence, Evr, Rule, Severity, Status, Verdict};
use serde::Serialize;

/// A verdict on one package and one CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The source package.
    pub package: String,
    /// The CVE.
    pub cve: CveId,
    /// The verdict.
    pub status: Status,
    /// The package's version.
    pub version: Evr,
    /// The severity, `None` where nobody rated it.
    pub severity: Option<Severity>,
    /// The rating it is taken from.
    pub cvss: Option<Cvss>,
    /// The day CISA added it to the known exploited ones.
    pub exploited_since: Option<Day>,
    /// EPSS: the probability of exploitation within 30 days.
    pub epss: Option<f32>,
    /// The product that the record is about, as this package is tied to it.
    pub product: Option<String>,
    /// The upstream version that is no longer affected, where the record says one.
    pub fixed_in: Option<String>,
    /// The day the record was published.
    pub published: Day,
    /// The source that allowed the decision.
    pub decided_by: Option<SourceKind>,
    /// The rule by which it was judged, which stays the same while nothing is said otherwise; `None` where no versions were judged.
    #[serde(skip)]
    pub rule: Option<Rule>,
    /// The conclusion on the version, with its numbers; `None` where no versions were judged.
    #[serde(skip)]
    pub verdict: Option<Verdict>,
    /// The reasons, the tie first.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// The order of findings in a scan: by package, CVE, and the text of the version.
    pub(crate) fn in_order(a: &Self, b: &Self) -> std::cmp::Ordering {
        (&a.package, a.cve).cmp(&(&b.package, b.cve)).then_with(|| a.version.to_string().cmp(&b.version.to_string()))
    }
}

/// The pairs to judge: these CVEs in every package, and these packages for every CVE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// CVEs.
    pub cves: HashSet<CveId>,
    /// Packages, by their place in the inventory.
    pub packages: BTreeSet<usize>,
}
