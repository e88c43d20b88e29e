//! The changes of a sync, and those over several syncs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use seaworthy_model::{CveId, Digest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::folder::Store;
use super::state::{IntelligenceError, write_new};
use crate::knowledge::{Cve, Knowledge};
use crate::records::{RecordState, Refused, SourceKind};

/// The number of syncs whose changes are kept for `scan --changed`.
pub(super) const KEPT_CHANGES: usize = 60;

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The CVE was not known before.
    New,
    /// The view of a source on it, the product that its words mean, or its entry in KEV, is another.
    Changed,
    /// The record was withdrawn.
    Rejected,
}

/// A CVE that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// The CVE.
    pub cve: CveId,
    /// The kind of the change.
    pub kind: ChangeKind,
}

/// The report of a sync.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncReport {
    /// The knowledge before; `None` where there is none with which the new one can be compared.
    pub from: Option<Digest>,
    /// The knowledge after; `None` where nothing is in force, since nothing was known and nothing arrived.
    pub to: Option<Digest>,
    /// The number of new CVEs.
    pub new: u64,
    /// The number of changed CVEs.
    pub changed: u64,
    /// The number of CVEs that were withdrawn.
    pub rejected: u64,
    /// The changes one by one; empty where all CVEs are new because nothing could be compared.
    pub changes: Vec<Change>,
    /// The artefacts that were parsed.
    #[serde(skip)]
    pub parsed: Vec<String>,
    /// The records and artefacts that were refused.
    #[serde(skip)]
    pub refused: Vec<Refused>,
    /// The sources that are late or broken, with the reason.
    #[serde(skip)]
    pub errors: BTreeMap<SourceKind, String>,
}

/// A report on disk, with the digest of its text.
#[derive(Serialize, Deserialize)]
struct KeptChanges<'a> {
    digest: Digest,
    #[serde(borrow)]
    report: &'a RawValue,
}

impl Store {
    pub(super) fn changes_path(&self, digest: Digest) -> PathBuf {
        self.root.join("changes").join(format!("{}.json", digest.hex()))
    }

    /// The report of the sync that led to a knowledge; `None` where it is not kept, or its digest does not fit.
    pub(super) fn changes_of(&self, digest: Digest) -> Option<SyncReport> {
        let bytes = fs::read(self.changes_path(digest)).ok()?;
        let kept: KeptChanges<'_> = serde_json::from_slice(&bytes).ok()?;
        let is_whole = Digest::of(kept.report.get().as_bytes()) == kept.digest;
        serde_json::from_str(kept.report.get()).ok().filter(|_| is_whole)
    }

    pub(super) fn keep_changes(&self, digest: Digest, report: &SyncReport) -> Result<(), IntelligenceError> {
        write_new(&self.changes_path(digest), |out| {
            let report = serde_json::value::to_raw_value(report)?;
            let digest = Digest::of(report.get().as_bytes());
            serde_json::to_writer(out, &KeptChanges { digest, report: &report }).map_err(io::Error::other)
        })
    }

    /// The CVEs that changed from one knowledge to another; `None` where the reports between them are not kept, so that all CVEs have to be
    /// judged again.
    #[must_use]
    pub fn changes_since(&self, from: Digest, to: Digest) -> Option<Vec<Change>> {
        let mut changes: BTreeMap<CveId, ChangeKind> = BTreeMap::new();
        let mut at = to;
        for _ in 0..=KEPT_CHANGES {
            if at == from {
                return Some(changes.into_iter().map(|(cve, kind)| Change { cve, kind }).collect());
            }
            let report = self.changes_of(at)?;
            for change in report.changes {
                changes.entry(change.cve).or_insert(change.kind);
            }
            at = report.from?;
        }
        None
    }
}

/// Adds the differences between two knowledges to a report. A view in the same form and row of its segment did not change.
pub(super) fn compare(old: Option<&Knowledge>, new: &Knowledge, report: &mut SyncReport) {
    let Some(old) = old else {
        report.new = new.len() as u64;
        return;
    };
    let text = |k: &Knowledge, cve| {
        let named = k.mapped_views(cve).zip(k.raw_views(cve)).map(|((kind, mut view), (segment, _))| {
            let name = |local: u32| k.segments.get(segment).map_or("", |(_, s)| s.products().get(local as usize)).to_owned();
            let mut names: Vec<String> =
                view.configurations.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.products).map(|p| name(p.product)).collect();
            names.extend(view.affected.iter().map(|a| name(a.product)));
            for product in view.configurations.iter_mut().flat_map(|c| &mut c.nodes).flat_map(|n| &mut n.products) {
                product.product = 0;
            }
            view.affected.iter_mut().for_each(|a| a.product = 0);
            (kind, names, postcard::to_stdvec(&view).unwrap_or_default())
        });
        (named.collect::<Vec<_>>(), k.exploited(cve))
    };
    let same_place = |a: Cve, b: Cve| {
        let place = |k: &Knowledge, c| {
            k.raw_views(c).map(|(s, row)| (k.segments.get(s).map(|(_, s)| s.blob(row).to_vec()), row)).collect::<Vec<_>>()
        };
        old.exploited(a) == new.exploited(b) && old.state(a) == new.state(b) && place(old, a) == place(new, b)
    };
    // The same words of a record may lead to another product, since another record tells what they mean.
    let same_products = |a: Cve, b: Cve| {
        let (before, now) = (old.cve_products(a).map(|p| old.product_name(p)), new.cve_products(b).map(|p| new.product_name(p)));
        before.eq(now)
    };
    for cve in new.cves() {
        let id = new.id(cve);
        let kind = match old.find(id) {
            None => ChangeKind::New,
            Some(before) if same_products(before, cve) && (same_place(before, cve) || text(old, before) == text(new, cve)) => continue,
            Some(before) if new.state(cve) != old.state(before) && new.state(cve) == RecordState::Rejected => ChangeKind::Rejected,
            Some(_) => ChangeKind::Changed,
        };
        match kind {
            ChangeKind::New => report.new += 1,
            ChangeKind::Changed => report.changed += 1,
            ChangeKind::Rejected => report.rejected += 1,
        }
        report.changes.push(Change { cve: id, kind });
    }
}
