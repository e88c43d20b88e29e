//! Taking over the past: the fixes that a release line made before it kept a ledger become cases, each at its own day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_inventory::{FixKind, FixRow, History, Inventory};
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState, Facts, Origin, Reach};
use seaworthy_model::{CveId, Cvss, Evidence, EvidenceKind, Evr, Status, compare_evr};

use crate::chronicle::ratings;
use crate::observe::within;
use crate::timeline::start_of_day;

/// What taking over has come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adopted {
    /// What happened, oldest first.
    pub events: Vec<(Timestamp, CaseKey, CaseEvent)>,
    /// Pairs that were taken over.
    pub pairs: usize,
    /// Pairs that have a case already.
    pub known: usize,
    /// Pairs of packages that are not shipped.
    pub not_shipped: usize,
    /// Pairs whose fix has no version that can be read, or is newer than what is shipped.
    pub not_there: usize,
}

/// The fixes that a history tells of, up to a day (`YYYY-MM-DD`), as cases that are fixed and delivered: opened and fixed on the
/// day of the fix, and out on that day in `place`. `shipped` holds the release line's packages at one or more times, the newest last:
/// a fix counts where the newest has it. Where a package came into the line with the fix already in it, the version of the changelog
/// stands, which is older.
#[must_use]
pub fn adopt(
    line: &str,
    history: &History,
    shipped: &[Inventory],
    knowledge: Option<&Knowledge>,
    known: &BTreeSet<CaseKey>,
    until: Option<&str>,
    place: &str,
) -> Adopted {
    let mut newest: BTreeMap<&str, &Evr> = BTreeMap::new();
    for package in shipped.iter().flat_map(|inventory| &inventory.packages) {
        let slot = newest.entry(&package.name).or_insert(&package.evr);
        if compare_evr(&package.evr, slot).is_gt() {
            *slot = &package.evr;
        }
    }
    let mut fixes: BTreeMap<(&str, CveId), &FixRow> = BTreeMap::new();
    for row in history.rows.iter().filter(|r| r.kind != FixKind::Remove && until.is_none_or(|day| &*r.date <= day)) {
        let first = fixes.entry((&row.package, row.cve)).or_insert(row);
        // Of several entries the first is the fix; one that says so counts more than one that only names the CVE.
        let rank = |r: &FixRow| (r.evr.is_none(), r.kind == FixKind::Mention);
        if (rank(row), &row.date) < (rank(first), &first.date) {
            *first = row;
        }
    }
    let mut out = Adopted::default();
    for ((package, cve), row) in fixes {
        let key = CaseKey { line: line.to_owned(), package: package.to_owned(), cve, part: String::new() };
        if known.contains(&key) {
            out.known += 1;
            continue;
        }
        let Some(shipped) = newest.get(package) else {
            out.not_shipped += 1;
            continue;
        };
        let version = row.evr.as_ref().map(|evr| within(evr, shipped)).filter(|evr| compare_evr(evr, shipped).is_le());
        let (Some(version), Some(at)) = (version, start_of_day(&row.date)) else {
            out.not_there += 1;
            continue;
        };
        let version = version.to_string();
        let evidence = vec![Evidence::new(EvidenceKind::Changelog, format!("the changelog entry of {} ({version}) names it", row.date))];
        out.pairs += 1;
        let opened = CaseEvent::Opened { facts: facts(knowledge, cve, shipped, &evidence, at), state: CaseState::Affected };
        let fixed = CaseEvent::Fixed { version: version.clone(), origin: Origin::Scan, evidence };
        let published = CaseEvent::Published { version, place: place.to_owned() };
        out.events.extend([opened, fixed, published].map(|event| (at, key.clone(), event)));
    }
    // Those of one day stay in the order of their keys, and of one case in the order in which they happened.
    out.events.sort_by_key(|(at, _, _)| *at);
    out
}

fn facts(knowledge: Option<&Knowledge>, cve: CveId, shipped: &Evr, evidence: &[Evidence], at: Timestamp) -> Facts {
    let record = knowledge.and_then(|k| k.find(cve).map(|cve| (k, cve)));
    let rating = record.and_then(|(k, cve)| Cvss::preferred(&ratings(k, cve)).cloned());
    let published = record.map(|(k, cve)| Timestamp::from_second(i64::from(k.published(cve)) * 60).unwrap_or(at));
    Facts {
        status: Status::Fixed,
        version: shipped.to_string(),
        severity: rating.as_ref().map(Cvss::severity),
        rated_by: rating.as_ref().map(|c| format!("{:?} {:.1}", c.rater, c.score)),
        exploited_since: None,
        epss: None,
        product: None,
        fixed_in: None,
        rule: String::new(),
        record_published: published.unwrap_or(at),
        reach: Reach::default(),
        evidence: evidence.to_vec(),
    }
}
