//! The remarks on the findings of a scan: what the cases of the release line, VEX documents and ignore files say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use seaworthy_host::files::read_named;
use seaworthy_inventory::{Image, Inventory, Problem, ProblemKind};
use seaworthy_ledger::Ledger;
use seaworthy_matching::Finding;
use seaworthy_model::case::{Case, CaseKey};
use seaworthy_model::{Basis, CveId, Limit, PackageName, ReleaseLine, Status};
use seaworthy_triage::ignore::{self, Ignore};
use seaworthy_triage::statements::{Ours, Statements, Told};
use seaworthy_triage::{Found, Provenance, Remarked, of_cases};

use super::error::IgnoreFileError;
use super::vex_file::{name_of, read_document};
use super::{Home, HomeError, Notice};

/// The request of remarks on the findings of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemarksRequest {
    /// The release line that the packages are builds of, where whoever asks knows it. Otherwise it is that of the settings, and the
    /// packages have to show that they are of it.
    pub line: Option<ReleaseLine>,
    /// Whether cases under embargo count.
    pub embargoed: bool,
    /// The files with VEX documents. The latest statement speaks, whatever the order of the files.
    pub vex: Vec<PathBuf>,
    /// The ignore files.
    pub ignore: Vec<PathBuf>,
}

/// The statements and entries of files, by what they are about.
pub(super) struct Files {
    /// The statements of VEX documents.
    statements: Statements,
    /// The entries by CVE, each with the name of its file.
    ignores: BTreeMap<CveId, Vec<(String, Ignore)>>,
}

/// The cases of a release line, as far as findings need them.
struct LineCases {
    provenance: Provenance,
    cases: BTreeMap<CaseKey, Case>,
    line: ReleaseLine,
}

impl Home {
    /// The statements and entries of the files of a request. Entries that have expired are told and left out.
    pub(super) fn remark_files(&self, request: &RemarksRequest, now: Timestamp) -> Result<Files, HomeError> {
        let documents = request.vex.iter().map(|path| read_document(path, now)).collect::<Result<Vec<_>, _>>()?;
        let (statements, told) = Statements::of(&documents);
        let mut files = Files { statements, ignores: BTreeMap::new() };
        let mut problems: Vec<Problem> = told.into_iter().map(of_document).collect();
        for path in &request.ignore {
            let bytes = read_named(path, ignore::MOST_BYTES as u64).map_err(|e| HomeError::io("read", path)(e.source))?;
            let no_text = |e| HomeError::io("read", path)(std::io::Error::new(std::io::ErrorKind::InvalidData, e));
            let text = String::from_utf8(bytes).map_err(no_text)?;
            let entries = ignore::parse(&text).map_err(|source| IgnoreFileError { path: path.clone(), source })?;
            let name = name_of(path);
            for entry in entries {
                if entry.has_expired(now) {
                    problems.push(problem_of(&name, &entry, &format!("expired on {} and does not count", entry.expires)));
                } else {
                    files.ignores.entry(entry.cve).or_default().push((name.clone(), entry));
                }
            }
        }
        self.tell(problems);
        Ok(files)
    }

    /// Reports the entries of ignore files that are of no open finding of a scan, whatever a case or a statement says of the finding.
    pub(super) fn report_unmatched(&self, files: &Files, findings: &[Finding]) {
        let open = findings.iter().filter(|finding| is_open(finding)).map(|finding| (finding.cve, finding.package.as_str()));
        let open: BTreeSet<(CveId, &str)> = open.collect();
        let is_matched = |entry: &Ignore| match &entry.package {
            Some(package) => open.contains(&(entry.cve, package.as_str())),
            None => open.range((entry.cve, "")..).next().is_some_and(|(cve, _)| *cve == entry.cve),
        };
        let unmatched = files.ignores.values().flatten().filter(|(_, entry)| !is_matched(entry));
        let problems: Vec<Problem> =
            unmatched.map(|(name, entry)| problem_of(name, entry, "matches no finding of this scan that is open")).collect();
        self.tell(problems);
    }

    /// Adds the remarks of cases and files to the findings of an inventory that are open. The cases are asked first, then the documents,
    /// then the ignore files; who is asked later speaks where those before have closed or accepted nothing. Statements that are about
    /// packages of others are told and left out.
    pub(super) fn remark(
        &self,
        findings: &mut [Finding],
        inventory: &Inventory,
        ledger: Option<&Ledger>,
        request: &RemarksRequest,
        mut files: Files,
        now: Timestamp,
    ) -> Result<(), HomeError> {
        let ours = self.ours(inventory, request);
        self.tell(files.statements.leave_out_others(&ours).into_iter().map(of_document).collect());
        let line = match ledger {
            Some(ledger) => self.line_cases(findings, inventory, ledger, request)?,
            None => None,
        };
        for finding in findings.iter_mut().filter(|finding| is_open(finding)) {
            let remarked = remark_of(finding, line.as_ref(), &mut files, &ours, now);
            if let Some(Remarked { status, remark }) = remarked {
                finding.add_remark(status, remark);
            }
        }
        self.tell(files.statements.passed().into_iter().map(of_document).collect());
        Ok(())
    }

    fn tell(&self, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.options.progress.notice(&Notice::Remarks(problems));
        }
    }

    /// The packages of an inventory, as statements of others name them.
    fn ours(&self, inventory: &Inventory, request: &RemarksRequest) -> Ours {
        let mut ours = self.settings.ours();
        ours.vendor = vendor(ours.vendor, inventory);
        let image = inventory.image.as_ref();
        // The version in an os-release may have a code name behind it: `12 (bookworm)`.
        let of_machine = image.and_then(|image| image.os_version.as_deref()?.split_whitespace().next());
        ours.is_machine = of_machine.is_some();
        ours.release = of_machine.map_or_else(|| self.line(request.line.as_ref()).to_string(), str::to_owned);
        ours.is_certain = inventory.has_specs();
        ours
    }

    /// The decided and closed cases of the open findings; `None` where the inventory is not of the release line.
    fn line_cases(
        &self,
        findings: &[Finding],
        inventory: &Inventory,
        ledger: &Ledger,
        request: &RemarksRequest,
    ) -> Result<Option<LineCases>, HomeError> {
        let line = self.line(request.line.as_ref());
        let Some(provenance) = provenance(inventory, &line, request.line.is_some()) else { return Ok(None) };
        let pair = |finding: &Finding| Some((finding.package.parse::<PackageName>().ok()?, finding.cve));
        let pairs: Vec<_> = findings.iter().filter(|finding| is_open(finding)).filter_map(pair).collect();
        let cases = ledger.decided_cases(&line, &pairs, self.sight(request.embargoed))?;
        Ok(Some(LineCases { provenance, cases, line }))
    }
}

/// The problem that is told of a VEX document.
fn of_document(Told { file, message }: Told) -> Problem {
    Problem { kind: ProblemKind::Part, file, line: None, message }
}

/// The vendor of the packages of an inventory: that of the settings, else the one that the os-release of a root names; empty where neither
/// is known.
fn vendor(of_settings: String, inventory: &Inventory) -> String {
    let image = inventory.image.as_ref().filter(|_| of_settings.is_empty() && inventory.origin.kind == "root filesystem");
    image.map_or(of_settings, |image| image.sku.clone())
}

/// The problem of an entry of an ignore file.
fn problem_of(file: &str, entry: &Ignore, what: &str) -> Problem {
    let package = entry.package.iter().map(|package| format!(" in {package}")).collect::<String>();
    let message = format!("the entry for {}{package} {what}", entry.cve);
    Problem { kind: ProblemKind::Part, file: file.to_owned(), line: Some(entry.line), message }
}

fn is_open(finding: &Finding) -> bool {
    matches!(finding.status, Status::Affected | Status::Suspected | Status::Undecided)
}

/// Whether, and how surely, the packages of an inventory are builds of a release line; `None` where they are not. `is_named` says that
/// whoever asks has named the line.
pub(super) fn provenance(inventory: &Inventory, line: &ReleaseLine, is_named: bool) -> Option<Provenance> {
    if inventory.has_specs() {
        return Some(Provenance::Specs);
    }
    if is_named {
        return Some(Provenance::Line);
    }
    let version = inventory.image.as_ref().and_then(|Image { os_version, .. }| os_version.as_deref());
    let is_other = version.is_some_and(|version| is_other_release(version, line));
    match &*inventory.origin.kind {
        _ if is_other => None,
        // The notes of the distribution's own images.
        "image notes" => Some(Provenance::Line),
        _ => Some(Provenance::Unknown),
    }
}

/// Whether the version of an operating system, such as `3.0.20260429`, is none of a release line that is a number, such as `3.0`.
fn is_other_release(version: &str, line: &str) -> bool {
    let is_number = line.starts_with(|c: char| c.is_ascii_digit());
    let rest = version.strip_prefix(line);
    is_number && rest.is_none_or(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
}

fn remark_of(finding: &Finding, line: Option<&LineCases>, files: &mut Files, ours: &Ours, now: Timestamp) -> Option<Remarked> {
    let found = found(finding);
    let by_case = line.and_then(|line| {
        let key = CaseKey { line: line.line.clone(), package: finding.package.parse().ok()?, cve: finding.cve, part: String::new() };
        let cases = line.cases.range(&key..).take_while(|(k, _)| k.is_part_of(&key)).map(|(_, case)| case);
        of_cases(cases, &found, line.provenance, now)
    });
    let by_statement = files.statements.remark(&finding.package, finding.cve, &found, ours);
    if by_case.as_ref().is_some_and(Remarked::is_settled) {
        return by_case;
    }
    if by_statement.as_ref().is_some_and(Remarked::is_settled) {
        return by_statement;
    }
    let mut entries = files.ignores.get(&finding.cve).into_iter().flatten();
    let entry = entries.find(|(_, entry)| entry.package.as_ref().is_none_or(|package| *package == *finding.package));
    entry.map(|(name, entry)| entry.remark(name, &found)).or(by_case).or(by_statement)
}

fn found(finding: &Finding) -> Found<'_> {
    // Where a component was judged, its versions are no versions of the package.
    let judged = finding.verdict.as_ref().filter(|verdict| verdict.version.as_deref() == Some(&*finding.version.version));
    let since = match judged.map(|verdict| &verdict.basis) {
        Some(Basis::InRange(range) | Basis::NoEnd(range)) => range.start.as_ref().map(|start| match start {
            Limit::Including(version) | Limit::Excluding(version) => version.as_str(),
        }),
        _ => None,
    };
    Found {
        version: &finding.version,
        status: finding.status,
        rule: finding.rule.as_ref(),
        since,
        product: finding.product.as_deref(),
        is_exploited: finding.exploited_since.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_statements_count() {
        let rows = [
            ("the settings", "harbor", "root filesystem", Some("fedora"), "harbor"),
            ("a root", "", "root filesystem", Some("fedora"), "fedora"),
            ("a root that says nothing", "", "root filesystem", None, ""),
            ("the notes of an image, which name no distribution", "", "image notes", Some("gen2"), ""),
            ("an SBOM", "", "SBOM", Some("fedora"), ""),
        ];
        seaworthy_testing::hold(rows.map(|(why, settings, kind, sku, expected)| {
            let mut inventory = Inventory::new(kind, "somewhere");
            inventory.image = sku.map(|sku| Image { sku: sku.into(), ..Image::default() });
            (why, expected.to_owned(), vendor(settings.to_owned(), &inventory))
        }));
    }

    #[test]
    fn whose_packages_an_inventory_has() {
        let rows = [
            ("specs", "spec tree", None, "3.0", false, "Specs"),
            ("specs of a named line", "packages file", None, "3.0", true, "Specs"),
            ("an image of the line", "image notes", Some("3.0.20260809"), "3.0", false, "Line"),
            ("an image of the next line", "image notes", Some("4.0.20260809"), "3.0", false, "other"),
            ("a line whose number only begins so", "image notes", Some("3.01"), "3.0", false, "other"),
            ("an image that says nothing", "image notes", None, "3.0", false, "Line"),
            ("a root of the line", "root filesystem", Some("3.0.20260809"), "3.0", false, "Unknown"),
            ("a root of Debian", "root filesystem", Some("12 (bookworm)"), "3.0", false, "other"),
            ("a root of a line that is a name", "root filesystem", Some("12 (bookworm)"), "stable", false, "Unknown"),
            ("a repository", "repository", None, "3.0", false, "Unknown"),
            ("a repository of a named line", "repository", None, "3.0", true, "Line"),
            ("a root of a named line", "root filesystem", Some("12 (bookworm)"), "3.0", true, "Line"),
        ];
        seaworthy_testing::hold(rows.map(|(why, kind, version, line, is_named, expected)| {
            let mut inventory = Inventory::new(kind, "somewhere");
            inventory.image = version.map(|version| Image { os_version: Some(version.into()), ..Image::default() });
            let provenance = match provenance(&inventory, &line.parse().unwrap(), is_named) {
                None => "other",
                Some(Provenance::Specs) => "Specs",
                Some(Provenance::Line) => "Line",
                Some(Provenance::Unknown) => "Unknown",
            };
            (why, expected.to_owned(), provenance.to_owned())
        }));
    }
}
