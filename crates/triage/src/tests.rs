//! Values that the tests of this crate share.

use jiff::Timestamp;
use seaworthy_model::case::{Case, CaseEvent, CaseKey, CaseState, Facts, Reach};
use seaworthy_model::{Bound, Evr, Extent, Rule, Severity, SourceKind, Status, VersionRange};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A rule of a source for all versions before `end`.
pub(crate) fn range(source: SourceKind, end: &str) -> Rule {
    let range = VersionRange { start: Bound::Unbounded, end: Bound::Excluding(end) };
    Rule::Judged { source, extent: Extent::Affected { range: range.into() } }
}

pub(crate) fn facts() -> Facts {
    Facts {
        status: Status::Affected,
        version: Evr::of_log("8.8.0-1"),
        severity: Some(Severity::High),
        rated_by: None,
        exploited_since: None,
        epss: None,
        product: None,
        fixed_in: None,
        rule: Some(range(SourceKind::Nvd, "8.9.0")),
        record_published: at("2024-07-24T00:00Z"),
        reach: Reach::Repository,
        evidence: Vec::new(),
    }
}

pub(crate) fn key(package: &str, cve: &str) -> CaseKey {
    CaseKey { line: "3.0".parse().unwrap(), package: package.parse().unwrap(), cve: cve.parse().unwrap(), part: String::new() }
}

pub(crate) fn affected(package: &str, cve: &str, opened: Timestamp) -> Case {
    Case::open(&key(package, cve), opened, &CaseEvent::Opened { facts: facts(), state: CaseState::Affected }).unwrap()
}
