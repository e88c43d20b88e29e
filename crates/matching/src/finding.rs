//! The findings, and the scope of a judging.

use std::collections::{BTreeSet, HashSet};

use seaworthy_intelligence::records::SourceKind;
use seaworthy_model::{CveId, Cvss, Day, Evidence, Evr, Remark, Rule, Severity, Status, Verdict};
use serde::Serialize;

/// A finding: the verdict on one package and one CVE, with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The source package.
    pub package: String,
    /// The CVE.
    pub cve: CveId,
    /// The status.
    pub status: Status,
    /// The package's version.
    pub version: Evr,
    /// The severity; `None` where nobody rated.
    pub severity: Option<Severity>,
    /// The rating behind the severity.
    pub cvss: Option<Cvss>,
    /// The day on which CISA listed the CVE as exploited (KEV); `None` where it is not listed.
    pub exploited_since: Option<Day>,
    /// The probability of exploitation within 30 days by EPSS, 0 to 1; `None` where EPSS has no score.
    pub epss: Option<f32>,
    /// The product of the record to which the package is tied; `None` where no tie led to the finding.
    pub product: Option<String>,
    /// The first upstream version that is no longer affected; `None` where the record names none.
    pub fixed_in: Option<String>,
    /// The day on which the record was published.
    pub published: Day,
    /// The source that decided; `None` where no source did.
    pub decided_by: Option<SourceKind>,
    /// The rule by which the package was judged: the same for as long as its source says the same; `None` where no versions were judged.
    #[serde(skip)]
    pub rule: Option<Rule>,
    /// The conclusion on the version, with its numbers; `None` where no versions were judged.
    #[serde(skip)]
    pub verdict: Option<Verdict>,
    /// The evidence, the tie first.
    pub evidence: Vec<Evidence>,
    /// The remark of a case, a VEX statement or an ignore file, which is the last of the evidence as well; `None` where none is known. An
    /// assessment gives none: it is added to its findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<Remark>,
}

impl Finding {
    /// Adds a remark, by which the finding has another status.
    pub fn add_remark(&mut self, status: Status, remark: Remark) {
        self.status = status;
        self.evidence.push(Evidence::new(remark.by.evidence(), remark.to_string()));
        self.remark = Some(remark);
    }

    /// The order of findings in a scan: by package, CVE, and the text of the version.
    pub(crate) fn in_order(a: &Self, b: &Self) -> std::cmp::Ordering {
        (&a.package, a.cve).cmp(&(&b.package, b.cve)).then_with(|| a.version.to_string().cmp(&b.version.to_string()))
    }
}

/// The pairs to judge: some CVEs in all packages, and all CVEs in some packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The CVEs that are judged in all packages.
    pub cves: HashSet<CveId>,
    /// The packages for which all CVEs are judged, by their place in the inventory.
    pub packages: BTreeSet<usize>,
}
