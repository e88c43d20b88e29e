//! The closures: CVEs that a package itself says are fixed or do not affect it.

use std::collections::BTreeMap;

use seaworthy_inventory::SourcePackage;
use seaworthy_model::{CveId, Evidence, EvidenceKind, Status};

/// A closed CVE of a package, with the reason.
#[derive(Clone, Debug)]
pub(crate) struct Closure {
    pub(crate) status: Status,
    pub(crate) evidence: Vec<Evidence>,
}

/// The CVEs that patches, decisions and changelog entries of a package close, as of a day (`YYYY-MM-DD`). `snapshot` is the day of the
/// whole inventory, by which entries without a version are judged. `has_specs` says that the changelog is that of a branch, which may name
/// fixes of others.
pub(crate) fn closures_of(
    package: &SourcePackage,
    snapshot: Option<&str>,
    as_of: Option<&str>,
    has_specs: bool,
) -> BTreeMap<CveId, Closure> {
    let mut closed: BTreeMap<CveId, Closure> = BTreeMap::new();
    let mut close = |cve, status: Status, evidence: Evidence| {
        let closure = closed.entry(cve).or_insert_with(|| Closure { status, evidence: Vec::new() });
        // A patch that is there outweighs a decision not to make one.
        closure.status = closure.status.min(status);
        if !closure.evidence.contains(&evidence) {
            closure.evidence.push(evidence);
        }
    };
    for patch in &package.patches {
        // A patch that the spec names but never applies fixes nothing.
        if patch.applied == Some(false) {
            continue;
        }
        for cve in &patch.cves {
            let how = if patch.applied == Some(true) { "is applied" } else { "lies beside the spec" };
            close(*cve, Status::Fixed, Evidence::new(EvidenceKind::Patch, format!("{} {how}", patch.file)));
        }
    }
    for decision in &package.decisions {
        let reason = match decision.text.as_deref().map(str::trim) {
            None => String::new(),
            Some("") => ": it gives no reason and needs one".into(),
            Some(text) => format!(": {}", first_line(text)),
        };
        close(
            decision.cve,
            Status::NotAffected,
            Evidence::new(EvidenceKind::Decision, format!("{} records a decision{reason}", decision.file)),
        );
    }
    for (entry, cve) in package.named_fixes(snapshot, as_of) {
        let version = entry.evr.as_ref().map(|e| format!(" ({e})")).unwrap_or_default();
        let words = match &entry.advisory {
            Some(advisory) => format!("the advisory {advisory} of {}{version} fixes it", entry.date),
            None => format!("the changelog entry of {}{version} names it", entry.date),
        };
        close(cve, Status::Fixed, Evidence::new(EvidenceKind::Changelog, words));
    }
    for (entry, cve) in snapshot.filter(|_| has_specs).into_iter().flat_map(|read| package.fixes_of_other_branches(read, as_of)) {
        let version = entry.evr.as_ref().map(ToString::to_string).unwrap_or_default();
        let words = format!("the changelog entry of {} ({version}) names it, and is of another branch", entry.date);
        let evidence = || vec![Evidence::new(EvidenceKind::Changelog, words)];
        closed.entry(cve).or_insert_with(|| Closure { status: Status::Undecided, evidence: evidence() });
    }
    closed
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").chars().take(160).collect()
}
