//! The adoption of the past: the fixes that a release line made before it had a ledger become cases, each on the day of its fix.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_inventory::{FixKind, FixRow, History, Inventory, in_epoch_of};
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState, Facts, Origin, RatedBy, Reach};
use seaworthy_model::{CveId, Cvss, Evidence, EvidenceKind, Evr, PackageName, ReleaseLine, Status, compare_evr};

use crate::chronicle::ratings;
use crate::timeline::start_of;

/// The outcome of an adoption, in pairs of package and CVE.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Adopted {
    /// The events, the oldest first.
    pub(crate) events: Vec<(Timestamp, CaseKey, CaseEvent)>,
    /// The number of pairs that became fixed and published cases.
    pub(crate) pairs: usize,
    /// The number of pairs that have a case already.
    pub(crate) known: usize,
    /// The number of pairs whose package is not shipped.
    pub(crate) not_shipped: usize,
    /// The number of pairs whose fix has no version that can be read, which get no case, or a version newer than the shipped one, which
    /// become cases that are fixed and not published.
    pub(crate) not_there: usize,
}

/// The input of an adoption.
pub(crate) struct Adoption<'a> {
    /// The release line.
    pub(crate) line: &'a ReleaseLine,
    /// The history of fixes.
    pub(crate) history: &'a History,
    /// The packages of the line at one or more times, the oldest first.
    pub(crate) shipped: &'a [Inventory],
    /// The knowledge, for severities; `None` where nothing was synced.
    pub(crate) knowledge: Option<&'a Knowledge>,
    /// The pairs that the version alone rules out, in the newest packages.
    pub(crate) ruled_out: &'a BTreeSet<(String, CveId)>,
    /// The last day (`YYYY-MM-DD`) of the fixes that are adopted; `None` for all days.
    pub(crate) until: Option<&'a str>,
    /// The channel in which the fixes were published.
    pub(crate) place: &'a str,
    /// Whether fixes of packages that are not shipped at any of the times are adopted as well.
    pub(crate) retired: bool,
}

impl Adoption<'_> {
    /// The fixes of the history as cases that were opened, fixed and published on the day of the fix. A fix counts where a shipped package
    /// has it: by the version of the changelog entry, by a patch beside the spec, or because the version alone rules the CVE out; for the
    /// last two its version is the oldest shipped one that has the patch, or the oldest shipped one. A fix in a version that is not
    /// shipped yet becomes a case that is fixed and not published. Cases that are `known` stay as they are.
    #[must_use]
    pub(crate) fn adopt(&self, known: &BTreeSet<CaseKey>) -> Adopted {
        let versions = Versions::of(self.shipped);
        let mut fixes: BTreeMap<(&PackageName, CveId), &FixRow> = BTreeMap::new();
        for row in self.history.fixes(self.until, |name| versions.newest.get(name).copied()) {
            let first = fixes.entry((&row.package, row.cve)).or_insert(row);
            // Of several entries the first is the fix; one that says so counts more than one that only names the CVE.
            let rank = |r: &FixRow| (r.evr.is_none(), r.kind == FixKind::Mention);
            if (rank(row), &row.date) < (rank(first), &first.date) {
                *first = row;
            }
        }
        let named = |row: &FixRow| row.evr.clone().map(|evr| (evr, false));
        let mut out = Adopted::default();
        for ((package, cve), row) in fixes {
            let key = CaseKey { line: self.line.clone(), package: package.clone(), cve, part: String::new() };
            if known.contains(&key) {
                out.known += 1;
                continue;
            }
            let Some(at) = start_of(&row.date) else { continue };
            let (shipped, fixed) = match versions.newest.get(package.as_str()) {
                Some(shipped) => (Some(*shipped), self.fixed_in(package, row, shipped, &versions)),
                None if self.retired => (None, named(row)),
                None => {
                    out.not_shipped += 1;
                    continue;
                }
            };
            let Some((fixed, or_before)) = fixed.or_else(|| named(row)) else {
                out.not_there += 1;
                continue;
            };
            let delivered = shipped.is_none_or(|shipped| compare_evr(&fixed, shipped).is_le());
            if delivered {
                out.pairs += 1;
            } else {
                out.not_there += 1;
            }
            let words = format!("the changelog entry of {} ({fixed}) names it", row.date);
            let evidence = vec![Evidence::new(EvidenceKind::Changelog, words)];
            let facts = facts(self.knowledge, cve, shipped.unwrap_or(&fixed), &evidence, at);
            let opened = CaseEvent::Opened { facts, state: CaseState::Affected };
            let published = delivered.then(|| CaseEvent::Published { version: fixed.clone(), place: self.place.to_owned() });
            let fixed = CaseEvent::Fixed { version: Some(fixed), or_before, origin: Origin::Scan, evidence };
            out.events.extend([Some(opened), Some(fixed), published].into_iter().flatten().map(|event| (at, key.clone(), event)));
        }
        // Those of one day stay in the order of their keys, and of one case in the order in which they happened.
        out.events.sort_by_key(|(at, _, _)| *at);
        out
    }

    /// The version in which a shipped package has a fix, and whether earlier ones may have it too; `None` where the shipped packages do not
    /// have it.
    fn fixed_in(&self, package: &str, row: &FixRow, shipped: &Evr, versions: &Versions<'_>) -> Option<(Evr, bool)> {
        let named = row.evr.as_ref().map(|evr| in_epoch_of(evr, shipped)).filter(|evr| compare_evr(evr, shipped).is_le());
        let patched = || versions.patched.get(&(package, row.cve)).map(|evr| (*evr).clone());
        let by_version =
            || self.ruled_out.contains(&(package.to_owned(), row.cve)).then(|| versions.oldest.get(package).map(|e| (*e).clone()))?;
        named.map(|evr| (evr, false)).or_else(|| Some((patched().or_else(by_version)?, true)))
    }
}

/// The versions of the shipped packages, by name.
#[derive(Default)]
struct Versions<'a> {
    oldest: BTreeMap<&'a str, &'a Evr>,
    newest: BTreeMap<&'a str, &'a Evr>,
    /// The oldest version with a patch for a CVE.
    patched: BTreeMap<(&'a str, CveId), &'a Evr>,
}

impl<'a> Versions<'a> {
    fn of(shipped: &'a [Inventory]) -> Self {
        let mut out = Self::default();
        for package in shipped.iter().flat_map(|inventory| &inventory.packages) {
            let (name, evr) = (package.name.as_str(), &package.evr);
            let keep = |slot: &mut &'a Evr, better: fn(std::cmp::Ordering) -> bool| {
                if better(compare_evr(evr, slot)) {
                    *slot = evr;
                }
            };
            keep(out.newest.entry(name).or_insert(evr), std::cmp::Ordering::is_gt);
            keep(out.oldest.entry(name).or_insert(evr), std::cmp::Ordering::is_lt);
            for cve in package.patches.iter().filter(|p| p.applied != Some(false)).flat_map(|p| &p.cves) {
                keep(out.patched.entry((name, *cve)).or_insert(evr), std::cmp::Ordering::is_lt);
            }
        }
        out
    }
}

fn facts(knowledge: Option<&Knowledge>, cve: CveId, shipped: &Evr, evidence: &[Evidence], at: Timestamp) -> Facts {
    let record = knowledge.and_then(|k| k.find(cve).map(|cve| (k, cve)));
    let rating = record.and_then(|(k, cve)| Cvss::preferred(&ratings(k, cve)).cloned());
    let published = record.map(|(k, cve)| Timestamp::from_second(i64::from(k.published(cve)) * 60).unwrap_or(at));
    Facts {
        status: Status::Fixed,
        version: Some(shipped.clone()),
        severity: rating.as_ref().map(Cvss::severity),
        rated_by: rating.as_ref().map(RatedBy::from),
        exploited_since: None,
        epss: None,
        product: None,
        fixed_in: None,
        rule: None,
        record_published: published.unwrap_or(at),
        reach: Reach::default(),
        evidence: evidence.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_inventory::{Patch, SourcePackage};

    use super::*;

    const CVES: [&str; 6] = ["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003", "CVE-2024-0004", "CVE-2024-0005", "CVE-2024-0006"];

    fn cve(n: usize) -> CveId {
        CVES[n].parse().unwrap()
    }

    fn row(n: usize, evr: &str, date: &str, kind: FixKind) -> FixRow {
        FixRow { package: "curl".parse().unwrap(), cve: cve(n), evr: evr.parse().ok(), date: date.into(), kind }
    }

    fn shipped(version: &str, patched: &[usize]) -> Inventory {
        let mut package = SourcePackage::new("curl", version.parse().unwrap(), "curl.spec");
        package.patches =
            patched.iter().map(|n| Patch { file: format!("{}.patch", cve(*n)), cves: vec![cve(*n)], applied: None }).collect();
        Inventory { packages: vec![package], ..Inventory::new("packages file", "a") }
    }

    #[test]
    fn a_fix_is_taken_over_where_what_is_shipped_has_it() {
        let rows = vec![
            row(0, "8.0-1", "2024-01-01", FixKind::Mention),
            row(0, "8.0-2", "2024-01-02", FixKind::Patch),
            row(1, "9.0-1", "2024-01-03", FixKind::Patch),
            row(2, "9.0-1", "2024-01-04", FixKind::Upgrade),
            row(3, "9.0-1", "2024-01-05", FixKind::Patch),
            row(4, "8.0-1", "2024-01-06", FixKind::Remove),
            row(5, "8.0-1", "2024-02-01", FixKind::Patch),
        ];
        let history = History { rows, ..History::default() };
        let inventories = [shipped("8.0-2", &[]), shipped("8.1-1", &[1]), shipped("8.1-2", &[1])];
        let ruled_out = [("curl".to_owned(), cve(2))].into();
        let adoption = Adoption {
            line: &"1.0".parse().unwrap(),
            history: &history,
            shipped: &inventories,
            knowledge: None,
            ruled_out: &ruled_out,
            until: Some("2024-01-31"),
            place: "updates",
            retired: false,
        };
        let adopted = adoption.adopt(&BTreeSet::new());
        let fixed = |n: usize| {
            adopted.events.iter().find_map(|(at, key, event)| match event {
                CaseEvent::Fixed { .. } if key.cve == cve(n) => Some((at.to_string(), event.to_string())),
                _ => None,
            })
        };
        assert_eq!(
            fixed(0),
            Some(("2024-01-02T00:00:00Z".into(), "fixed in 8.0-2".into())),
            "the entry that says so, not the one that mentions it"
        );
        assert_eq!(fixed(1), Some(("2024-01-03T00:00:00Z".into(), "fixed in 8.1-1 or before".into())), "the first packages with the patch");
        assert_eq!(fixed(2), Some(("2024-01-04T00:00:00Z".into(), "fixed in 8.0-2 or before".into())), "the version rules it out");
        assert_eq!(fixed(3), Some(("2024-01-05T00:00:00Z".into(), "fixed in 9.0-1".into())), "it is not shipped yet");
        let published = |n: usize| adopted.events.iter().any(|(_, k, e)| k.cve == cve(n) && matches!(e, CaseEvent::Published { .. }));
        assert_eq!([0, 1, 2, 3, 4, 5].map(published), [true, true, true, false, false, false]);
        assert_eq!((adopted.pairs, adopted.not_there, fixed(4), fixed(5)), (3, 1, None, None));
        let known = adopted.events.iter().map(|(_, key, _)| key.clone()).collect();
        assert_eq!(adoption.adopt(&known).events, []);
    }
}
