//! The findings of a scan as triage reads them.

use seaworthy_model::case::Facts;
use seaworthy_model::{CveId, Evidence, Evr, PackageName};

/// The reason why a finding is closed in the scan itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Closed {
    /// A patch or a changelog entry of the package names the CVE.
    Fixed {
        /// The package's version with the fix; `None` where it is not known.
        version: Option<Evr>,
        /// Whether earlier versions may have the fix too: nothing says which is the first.
        or_before: bool,
        /// The evidence.
        evidence: Vec<Evidence>,
    },
    /// A decision is recorded beside the spec.
    Recorded {
        /// The path of the file.
        file: String,
        /// The words of the file; empty where it has none.
        statement: String,
    },
}

/// A finding of a scan: one source package and one CVE.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The source package.
    pub package: PackageName,
    /// The CVE.
    pub cve: CveId,
    /// The facts of the scan.
    pub facts: Facts,
    /// The reason why it is closed; `None` where it is raised.
    pub closed: Option<Closed>,
}
