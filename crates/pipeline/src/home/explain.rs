//! Use case: a record is explained, and how it was judged for a package.

use std::collections::HashSet;

use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Cve, Knowledge};
use seaworthy_matching::{Assessment, Finding, assess};
use seaworthy_model::{CveId, Evr, Status};

use super::{Home, HomeError, Judging, Selection};

/// What is to be explained.
#[derive(Clone, Debug)]
pub struct ExplainRequest {
    /// The CVE.
    pub cve: CveId,
    /// The source package, and where it is; without one only the record is explained.
    pub package: Option<(String, Selection)>,
    /// How it is judged.
    pub judging: Judging,
    /// Whether the raw records are wanted.
    pub raw: bool,
}

/// A record, and a package's verdict.
#[derive(Debug)]
pub struct Explained {
    /// What is known.
    pub knowledge: Knowledge,
    /// The record in it.
    pub cve: Cve,
    /// The day, in days since 1970-01-01, by which CISA asks for a fix.
    pub due: Option<i32>,
    /// The raw records: the source, its location, the text.
    pub raw: Vec<(SourceKind, String, String)>,
    /// The verdict on the package.
    pub judged: Option<Judged>,
}

/// The verdict on a package.
#[derive(Debug)]
pub struct Judged {
    /// The source package.
    pub package: String,
    /// The versions that are shipped.
    pub versions: Vec<Evr>,
    /// What was concluded; its findings are those of the package.
    pub assessment: Assessment,
}

impl Home {
    /// Explains a record, and its verdict for a package.
    ///
    /// # Errors
    /// When the record is not known, or the package is not shipped.
    pub fn explain(&self, request: &ExplainRequest) -> Result<Explained, HomeError> {
        let store = self.store();
        let knowledge = store.open()?;
        let Some(cve) = knowledge.find(request.cve) else {
            return Err(HomeError::UnknownCve { cve: request.cve, known: knowledge.len() });
        };
        let due = if knowledge.exploited(cve).is_some() { store.due(request.cve)? } else { None };
        let raw = if request.raw { store.raw_records(&knowledge, request.cve)? } else { Vec::new() };
        let judged = match &request.package {
            Some((package, selection)) => Some(self.judge(&knowledge, request, package, selection)?),
            None => None,
        };
        Ok(Explained { knowledge, cve, due, raw, judged })
    }

    fn judge(&self, knowledge: &Knowledge, request: &ExplainRequest, package: &str, selection: &Selection) -> Result<Judged, HomeError> {
        let mut options = request.judging.options()?;
        options.only = Some(HashSet::from([request.cve]));
        options.keep_ruled_out = true;
        let inventory = self.inventory(selection, request.judging.as_of)?;
        let versions: Vec<Evr> = inventory.packages.iter().filter(|p| p.name == package).map(|p| p.evr.clone()).collect();
        if versions.is_empty() {
            return Err(HomeError::no_package(package, &inventory));
        }
        let mut assessment = assess(knowledge, &inventory, &options);
        assessment.findings.retain(|f| f.package == package);
        Ok(Judged { package: package.to_owned(), versions, assessment })
    }
}

/// What would change a verdict.
#[must_use]
pub fn what_would_change(finding: &Finding) -> String {
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
