//! The report that every format writes: the findings in their order, and words for them.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use seaworthy_inventory::{Inventory, SourcePackage};
use seaworthy_model::{Basis, EvidenceKind, Evr, Says, Severity, Status};

use crate::numbers::thousands;
use crate::{Assessment, CannotTell, Finding, LeftOut};

/// An assessment with what the formats add to it.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The assessment.
    pub assessment: &'a Assessment,
    /// The inventory of the assessment.
    pub inventory: &'a Inventory,
    /// The folder of the checkout in which the files of the inventory lie, such as `specs/`; empty where it is its root, or not known.
    pub folder: String,
    /// The heading of the page.
    pub title: String,
    /// The short name of the distribution, which is the namespace of purls; empty where nobody named it.
    pub vendor: String,
    /// The findings that are not raised, counted by cause. Those that are only accepted may be missing in the assessment.
    pub left_out: &'a [LeftOut],
    /// The statuses whose findings are listed; empty for all. Counts are those of all findings.
    pub statuses: &'a [Status],
    /// Whether only CVEs were judged that changed since an earlier scan.
    pub only_changed: bool,
}

impl Report<'_> {
    /// Whether the findings of a status are listed.
    #[must_use]
    pub fn lists(&self, status: Status) -> bool {
        self.statuses.is_empty() || self.statuses.contains(&status)
    }

    /// The findings that are listed, in the order of the assessment.
    pub fn listed(&self) -> impl Iterator<Item = &Finding> {
        self.assessment.findings.iter().filter(|f| self.lists(f.status))
    }

    /// The listed findings of a status, the most urgent first: known exploited ones, then the most severe, then those with the highest EPSS
    /// probability.
    #[must_use]
    pub fn findings(&self, status: Status) -> Vec<&Finding> {
        let mut found: Vec<&Finding> = self.listed().filter(|f| f.status == status).collect();
        found.sort_by(|a, b| by_urgency(a, b));
        found
    }

    /// The number of findings of a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.assessment.findings.iter().filter(|f| f.status == status).count()
    }

    /// The statuses beside affected and suspected that were asked for by name, with their listed findings: what a person need not look at
    /// is shown only then.
    #[must_use]
    pub fn asked_for(&self) -> Vec<(Status, Vec<&Finding>)> {
        let quiet = [Status::Undecided, Status::Fixed, Status::NotAffected];
        quiet.into_iter().filter(|status| self.statuses.contains(status)).map(|status| (status, self.findings(status))).collect()
    }

    /// The number of findings that are not listed, in a sentence; `None` where all are.
    #[must_use]
    pub fn not_listed(&self) -> Option<String> {
        let hidden = Status::ALL.into_iter().filter(|status| !self.lists(*status));
        let hidden = hidden.map(|status| format!("{} {}", thousands(self.count(status) as u64), words(status)));
        let hidden: Vec<String> = hidden.collect();
        (!hidden.is_empty()).then(|| format!("Not listed here: {}.", hidden.join(", ")))
    }

    /// The blind spot in a sentence.
    #[must_use]
    pub fn blind_spot(&self) -> String {
        let spot = &self.assessment.blind_spot;
        let share = if spot.records == 0 { 0.0 } else { spot.records_without_products as f64 * 100.0 / spot.records as f64 };
        format!(
            "{} of {} records ({share:.1}%) name no product in any source, and {} of {} packages are tied to no product: of these \
             nothing is said.{}",
            thousands(spot.records_without_products),
            thousands(spot.records),
            thousands(spot.packages_without_product),
            thousands(self.inventory.packages.len() as u64),
            self.not_judged()
        )
    }

    /// The sentence on packages of kinds that are not judged; empty where there are none.
    fn not_judged(&self) -> String {
        let reasons = self.cannot_tell();
        let kinds = reasons.iter().find(|reason| matches!(reason, CannotTell::NotJudged { .. }));
        kinds.map(|reason| format!(" Also, {reason}.")).unwrap_or_default()
    }

    /// The reasons why a report without findings would be no all-clear.
    #[must_use]
    pub fn cannot_tell(&self) -> Vec<CannotTell> {
        CannotTell::of(self.assessment, self.inventory)
    }

    /// The sentence for a report without affected findings.
    #[must_use]
    pub fn nothing_affected(&self) -> String {
        let reasons: Vec<String> = self.cannot_tell().iter().map(ToString::to_string).collect();
        if !reasons.is_empty() {
            return format!("It cannot be told whether something is affected: {}.", reasons.join("; "));
        }
        let packages = plural(self.inventory.packages.len(), "source package", "source packages");
        let pairs = plural(self.assessment.judged as usize, "pair", "pairs");
        let accepted: usize = self.left_out.iter().filter(|cause| cause.is_accepted).map(|cause| cause.count).sum();
        if accepted == 0 {
            let what = if self.only_changed { "CVE that changed since the last scan" } else { "known vulnerability" };
            return format!("No {what} affects the {packages}; {pairs} were judged.");
        }
        let findings = plural(accepted, "finding is", "findings are");
        format!("No finding of the {packages} is raised as affected; {findings} accepted for a time. {pairs} were judged.")
    }
}

/// The severities, the most urgent first: an unrated one counts as medium and comes after those that are rated so.
pub(super) const SEVERITIES: [Option<Severity>; 6] =
    [Some(Severity::Critical), Some(Severity::High), Some(Severity::Medium), None, Some(Severity::Low), Some(Severity::None)];

pub(super) fn rank(severity: Option<Severity>) -> usize {
    SEVERITIES.iter().position(|s| *s == severity).unwrap_or(SEVERITIES.len())
}

/// The word of a severity; `unknown` where nobody rated.
#[must_use]
pub fn severity_word(severity: Option<Severity>) -> &'static str {
    severity.map_or("unknown", Severity::as_str)
}

/// The words of a status.
#[must_use]
pub fn words(status: Status) -> String {
    status.as_str().replace('_', " ")
}

fn by_urgency(a: &Finding, b: &Finding) -> Ordering {
    let key = |f: &Finding| (Reverse(f.exploited_since.is_some()), rank(f.severity));
    key(a).cmp(&key(b)).then_with(|| b.epss.unwrap_or(-1.0).total_cmp(&a.epss.unwrap_or(-1.0))).then_with(|| Finding::in_order(a, b))
}

/// The findings of one source package.
pub struct Group<'a> {
    /// The source package.
    pub package: &'a str,
    /// The version.
    pub version: &'a Evr,
    /// The findings, the most urgent first.
    pub findings: Vec<&'a Finding>,
}

impl Group<'_> {
    /// The number of findings that are known to be exploited.
    #[must_use]
    pub fn exploited(&self) -> usize {
        self.findings.iter().filter(|f| f.exploited_since.is_some()).count()
    }

    /// The most urgent severity, with an unrated finding as medium; `None` where the most urgent finding is unrated.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).min_by_key(|s| rank(*s)).flatten()
    }

    /// The highest EPSS probability, 0 to 1; `None` where EPSS has no score of any.
    #[must_use]
    pub fn epss(&self) -> Option<f32> {
        self.findings.iter().filter_map(|f| f.epss).max_by(f32::total_cmp)
    }
}

/// The findings by package: packages with known exploited findings first, then those with the most severe, then those with the most
/// findings.
#[must_use]
pub fn grouped<'a>(findings: &[&'a Finding]) -> Vec<Group<'a>> {
    let mut index: HashMap<(&str, &Evr), usize> = HashMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for finding in findings {
        let at = *index.entry((&finding.package, &finding.version)).or_insert_with(|| {
            groups.push(Group { package: &finding.package, version: &finding.version, findings: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.findings.push(finding);
        }
    }
    groups.sort_by_key(|g| (Reverse(g.exploited() > 0), rank(g.worst()), Reverse(g.findings.len()), g.package, g.version.to_string()));
    groups
}

fn decides(kind: EvidenceKind) -> bool {
    matches!(
        kind,
        EvidenceKind::Version
            | EvidenceKind::Platform
            | EvidenceKind::Branch
            | EvidenceKind::Patch
            | EvidenceKind::Changelog
            | EvidenceKind::Decision
            | EvidenceKind::Record
    )
}

fn is_remark(kind: EvidenceKind) -> bool {
    matches!(kind, EvidenceKind::Case | EvidenceKind::Statement | EvidenceKind::Ignored)
}

/// The reason of a finding in a few words: the remark on it, then the deciding evidence without its source, then the tie. A remark by which
/// it is not raised is reason enough.
#[must_use]
pub fn why(finding: &Finding) -> String {
    match &finding.remark {
        Some(remark) if finding.is_left_out() => remark.to_string(),
        Some(remark) => format!("{remark}; {}", judged(finding)),
        None => judged(finding),
    }
}

/// The reason of the scan itself.
fn judged(finding: &Finding) -> String {
    let tie = finding.evidence.iter().filter(|e| !decides(e.kind) && !is_remark(e.kind)).min_by_key(|e| e.kind);
    let Some(decided) = finding.evidence.iter().rfind(|e| decides(e.kind)) else {
        return tie.map_or_else(|| "no reason is recorded".to_owned(), |t| t.detail.clone());
    };
    // The row has the package's own version already; a component's is said, since nothing else shows it.
    let detail = match &finding.verdict {
        Some(verdict) => match (&verdict.basis, verdict.version.as_deref()) {
            (Basis::InRange(range), Some(version)) if version != finding.version.version => {
                format!("contains {version}, affects {range}")
            }
            (Basis::InRange(range), _) => format!("affects {range}"),
            _ => verdict.reason().to_string(),
        },
        None => decided.detail.clone(),
    };
    match tie.map(|t| kind_word(t.kind)) {
        Some(word) => format!("{detail} (by {word})"),
        None => detail,
    }
}

pub(super) fn kind_word(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Mapping => "mapping",
        EvidenceKind::Identity => "identity",
        EvidenceKind::Home => "home",
        EvidenceKind::Precedent => "precedent",
        EvidenceKind::Cohort => "cohort",
        EvidenceKind::Name => "name",
        EvidenceKind::Components => "components",
        EvidenceKind::Version => "version",
        EvidenceKind::Platform => "platform",
        EvidenceKind::Branch => "branch",
        EvidenceKind::Patch => "patch",
        EvidenceKind::Changelog => "changelog",
        EvidenceKind::Decision => "decision",
        EvidenceKind::Record => "record",
        EvidenceKind::Case => "case",
        EvidenceKind::Statement => "statement",
        EvidenceKind::Ignored => "ignored",
    }
}

/// The version with the fix in few words: that of the package where a remark names one, else the upstream one; empty where neither is
/// known.
#[must_use]
pub fn fixed_in(finding: &Finding) -> Cow<'_, str> {
    match finding.remark.as_ref().map(|remark| &remark.says) {
        Some(Says::Fixed { version }) => version.to_string().into(),
        _ => finding.fixed_in.as_deref().unwrap_or_default().into(),
    }
}

/// An EPSS probability as a percentage; empty for `None`. `<0.1%` stands for less, since `0.0%` would say that exploitation is ruled out.
#[must_use]
pub fn percent(epss: Option<f32>) -> String {
    match epss {
        None => String::new(),
        Some(p) if p < 0.001 => "<0.1%".to_owned(),
        Some(p) => format!("{:.1}%", p * 100.0),
    }
}

/// A number with its noun in the singular or plural.
#[must_use]
pub fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n as u64), if n == 1 { one } else { many })
}

/// Foreign text for one line: control characters, marks of direction and characters without width are replaced.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\n' | '\t' | '\r' => ' ',
                c if is_unsafe(c) => '\u{fffd}',
                c => c,
            })
            .collect(),
    )
}

pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The packages of the inventory by name and version.
pub(super) fn packages(inventory: &Inventory) -> HashMap<(&str, &Evr), &SourcePackage> {
    let mut found = HashMap::with_capacity(inventory.packages.len());
    for package in &inventory.packages {
        found.entry((package.name.as_str(), &package.evr)).or_insert(package);
    }
    found
}

/// The address of NVD's page on a CVE.
pub(super) fn cve_page(finding: &Finding) -> String {
    format!("https://nvd.nist.gov/vuln/detail/{}", finding.cve)
}
