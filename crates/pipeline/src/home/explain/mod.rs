//! Use case: a record is explained, and the verdict on a package.

mod record;

use std::collections::HashSet;

use seaworthy_intelligence::Knowledge;
use seaworthy_intelligence::records::RecordState;
use seaworthy_ledger::Query;
use seaworthy_matching::{Finding, assess};
use seaworthy_model::case::Case;
use seaworthy_model::{CveId, Digest, Evr, SourceKind, Status};
use serde::Serialize;

pub use record::{
    AffectedProduct, AffectedVersions, Configuration, ConfigurationNode, ConfigurationProduct, ConfigurationVersion, ExplainedRecord,
    ExploitPrediction, Exploitation, Rating, RecordView,
};

use super::{Home, HomeError, Judging, Selection};

/// The ways to get a verdict for a package that no evidence ties to a record.
const WOULD_RAISE: &str = "a line in a table of products (--products), a stated component, or a fix of the same product in its history";

/// The way to get a verdict where the record is rejected.
const WOULD_STAND: &str = "a record of the CVE List that is published again, or of another source that is not withdrawn";

/// The request of an explanation.
#[derive(Clone, Debug)]
pub struct ExplainRequest {
    /// The CVE.
    pub cve: CveId,
    /// The source package, or a binary package of the selection; `None` where only the record is explained.
    pub package: Option<String>,
    /// The selection that has the package; without one its cases tell what the last cycle saw.
    pub selection: Option<Selection>,
    /// The options of judging the package.
    pub judging: Judging,
    /// Whether the raw records are wanted.
    pub raw: bool,
}

/// A record, and the verdict on a package.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explained {
    /// The knowledge that the record is from.
    pub knowledge: Digest,
    /// The record.
    #[serde(flatten)]
    pub record: ExplainedRecord,
    /// The raw records, in the order of the views; `None` where they are not wanted.
    pub raw: Option<Vec<RawRecord>>,
    /// The verdict on the package; `None` where no package or no selection was named.
    pub judged: Option<Judged>,
    /// The cases of the source package of that name, of all release lines, where no selection was named.
    pub cases: Vec<Case>,
}

/// A record as its source published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawRecord {
    /// The source.
    pub source: SourceKind,
    /// The address or file that it was read from.
    pub location: String,
    /// The record, byte for byte.
    pub text: String,
}

/// The verdict on a package.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The source package.
    pub package: String,
    /// The binary package that was asked for; `None` where the source package was.
    pub binary: Option<String>,
    /// The versions that are shipped; never empty.
    pub versions: Vec<Evr>,
    /// The findings, at most one for each version; empty where no evidence ties the package to the record, or where that is rejected.
    pub findings: Vec<JudgedFinding>,
    /// The ways to get a verdict, in words; `None` where there are findings.
    pub would_raise: Option<&'static str>,
    /// The digest of the inventory that has the package.
    pub inventory: Digest,
    /// The version of the rules of matching.
    pub engine: &'static str,
}

/// A finding, with the ways to change it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgedFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The ways to change its status, in words.
    pub would_change: String,
}

impl Home {
    /// Explains a record, and the verdict on a package.
    ///
    /// # Errors
    /// When the record is not known, the package is not shipped, or the index or the inventory cannot be read.
    pub fn explain(&self, request: &ExplainRequest) -> Result<Explained, HomeError> {
        let store = self.store();
        let knowledge = store.open()?;
        let Some(cve) = knowledge.find(request.cve) else {
            return Err(HomeError::UnknownCve { cve: request.cve, known: knowledge.len() });
        };
        let due = if knowledge.exploited(cve).is_some() { store.due(request.cve)? } else { None };
        let record = ExplainedRecord::of(&knowledge, cve, due)?;
        let raw = request.raw.then(|| store.raw_records(&knowledge, request.cve)).transpose()?;
        let raw = raw.map(|records| records.into_iter().map(|(source, location, text)| RawRecord { source, location, text }).collect());
        let (judged, cases) = match (&request.package, &request.selection) {
            (Some(package), Some(selection)) => (Some(self.judge(&knowledge, request, package, selection)?), Vec::new()),
            (Some(package), None) => (None, self.cases_of(request.cve, package)?),
            (None, _) => (None, Vec::new()),
        };
        Ok(Explained { knowledge: knowledge.digest(), record, raw, judged, cases })
    }

    /// The cases of a source package and a CVE that are not under embargo, with their evidence.
    fn cases_of(&self, cve: CveId, package: &str) -> Result<Vec<Case>, HomeError> {
        let ledger = self.ledger_to_read()?;
        // A name that no package can have has no case.
        let Ok(package) = package.parse() else { return Ok(Vec::new()) };
        let query = Query { cve: Some(cve), package: Some(package), sight: self.sight(false), ..Query::default() };
        let mut cases = Vec::new();
        for case in ledger.cases(&query)?.cases {
            cases.extend(ledger.case(&case.key)?);
        }
        Ok(cases)
    }

    fn judge(&self, knowledge: &Knowledge, request: &ExplainRequest, package: &str, selection: &Selection) -> Result<Judged, HomeError> {
        let mut options = request.judging.options()?;
        options.only = Some(HashSet::from([request.cve]));
        options.keep_ruled_out = true;
        let inventory = self.inventory_to_judge(selection, request.judging.as_of, None)?;
        let versions = |name: &str| inventory.packages.iter().filter(|p| p.name == name).map(|p| p.evr.clone()).collect::<Vec<Evr>>();
        let (package, binary) = match (versions(package).is_empty(), inventory.source_of(package)) {
            (false, _) => (package, None),
            (true, Some(source)) => (source, Some(package.to_owned())),
            (true, None) => return Err(HomeError::no_package(package, &inventory)),
        };
        let versions = versions(package);
        let assessment = assess(knowledge, &inventory, &options);
        let is_rejected = knowledge.find(request.cve).is_some_and(|cve| knowledge.state(cve) == RecordState::Rejected);
        let would_raise = if is_rejected { WOULD_STAND } else { WOULD_RAISE };
        let of_package = assessment.findings.into_iter().filter(|finding| finding.package == package);
        let findings: Vec<JudgedFinding> =
            of_package.map(|finding| JudgedFinding { would_change: would_change(&finding), finding }).collect();
        Ok(Judged {
            package: package.to_owned(),
            binary,
            versions,
            would_raise: findings.is_empty().then_some(would_raise),
            findings,
            inventory: assessment.inventory,
            engine: assessment.engine,
        })
    }
}

/// The ways to change a verdict, in words.
fn would_change(finding: &Finding) -> String {
    let fixed = finding.fixed_in.as_ref().map(|v| format!("version {v} or later, or ")).unwrap_or_default();
    match finding.status {
        Status::Affected => {
            format!("{fixed}an applied patch named {}.patch, or a recorded decision {}.nopatch with its reason", finding.cve, finding.cve)
        }
        Status::Suspected => format!(
            "the version of the component (an SBOM, `Provides: bundled(...)` or a lock file), {fixed}a patch, or a recorded decision"
        ),
        Status::Undecided => {
            "a source that names the affected versions (the CVE List, OSV, an override), a patch, or a recorded decision".into()
        }
        Status::Fixed => "removing the patch or the changelog entry, or a patch that the spec no longer applies".into(),
        Status::NotAffected => "a record whose range takes this version in, or taking the decision back".into(),
    }
}
