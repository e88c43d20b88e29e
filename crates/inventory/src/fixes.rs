//! The fixes that the changelog of a package names, and that it still has.

use std::cmp::Ordering;

use seaworthy_model::{CveId, Day, Evr, compare_evr, compare_rpm_segments};

use crate::{ChangelogEntry, SourcePackage};

impl SourcePackage {
    /// The fixes that the changelog names and that the package has, with their entries, in the order of the changelog.
    ///
    /// The version of an entry says whether it is of this package or of a later one; only where it has none, or another epoch in which it
    /// is newer, the day does: `read` is that of the inventory (`YYYY-MM-DD`). Entries of a later day than `until` are left out. A later
    /// entry of the same upstream version takes a fix back that it names so. So does a spec that has a patch named after the CVE and
    /// applies none: the spec is what is built.
    pub fn named_fixes<'a>(&'a self, read: Option<&'a str>, until: Option<&'a str>) -> impl Iterator<Item = (&'a ChangelogEntry, CveId)> {
        let taking = self.taking(read, until, |entry| !entry.taken_back.is_empty());
        let counted = self.changelog.iter().enumerate().filter(move |(_, entry)| self.counts(entry, read, until));
        counted.flat_map(move |(place, entry)| {
            let stand: Vec<CveId> = entry.cves.iter().copied().filter(|cve| self.stands(place, entry, *cve, &taking)).collect();
            stand.into_iter().map(move |cve| (entry, cve))
        })
    }

    /// The entries of [`SourcePackage::named_fixes`] that name a fix of one CVE.
    pub fn entries_that_fix<'a>(
        &'a self,
        cve: CveId,
        read: Option<&'a str>,
        until: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ChangelogEntry> {
        let taking = self.taking(read, until, |entry| entry.taken_back.contains(&cve));
        let named = self.changelog.iter().enumerate().filter(move |(_, entry)| entry.cves.contains(&cve));
        let stand = named.filter(move |(place, entry)| self.counts(entry, read, until) && self.stands(*place, entry, cve, &taking));
        stand.map(|(_, entry)| entry)
    }

    /// Whether an entry is of this package or an earlier one, and no later than a day.
    fn counts(&self, entry: &ChangelogEntry, read: Option<&str>, until: Option<&str>) -> bool {
        until.is_none_or(|day| &*entry.date <= day) && self.has(entry, read)
    }

    /// The entries that may take fixes back, of those that are wanted, with their places in the changelog.
    fn taking(&self, read: Option<&str>, until: Option<&str>, wanted: impl Fn(&ChangelogEntry) -> bool) -> Vec<(usize, &ChangelogEntry)> {
        // Of packages of an unknown day, what stands above an entry that the package has, it has too.
        let is_above = |(place, entry): (usize, &ChangelogEntry)| {
            let is_early = until.is_none_or(|day| &*entry.date <= day);
            let below = || self.changelog.iter().skip(place + 1).any(|older| self.counts(older, read, until));
            read.is_none() && entry.evr.is_none() && is_early && below()
        };
        let all = self.changelog.iter().enumerate().filter(|(_, entry)| wanted(entry));
        all.filter(|of| self.counts(of.1, read, until) || is_above(*of)).collect()
    }

    /// Whether a fix stands that an entry names at a place of the changelog.
    fn stands(&self, place: usize, entry: &ChangelogEntry, cve: CveId, taking: &[(usize, &ChangelogEntry)]) -> bool {
        let takes = |(at, later): &(usize, &ChangelogEntry)| {
            let order = || order_of_version((later.evr.as_ref(), &later.date), (entry.evr.as_ref(), &entry.date), Some(&self.evr));
            // The newest stands first: of one version and day, the place says which came later.
            later.taken_back.contains(&cve) && order().is_some_and(|order| order.is_gt() || order.is_eq() && *at < place)
        };
        let is_unpatched = entry.is_of_version(&self.evr) && self.leaves_unpatched(cve);
        !(is_unpatched || taking.iter().any(takes))
    }

    /// The CVEs of which an entry of this package or an earlier one says that they are not fixed, or not any more: the package was looked
    /// at, and has what they are about. The days are those of [`SourcePackage::named_fixes`].
    pub fn fixes_taken_back(&self, read: Option<&str>, until: Option<&str>) -> impl Iterator<Item = CveId> {
        let taking = self.changelog.iter().filter(|entry| !entry.taken_back.is_empty());
        taking.filter(move |entry| self.counts(entry, read, until)).flat_map(|entry| entry.taken_back.iter().copied())
    }

    /// The CVEs of entries of a later version that are older than [`UNMERGED_DAYS`] before a day, that of a spec tree: they tell of another
    /// branch, and whether this one has the changes nobody can tell by its changelog.
    pub fn fixes_of_other_branches(&self, read: &str, until: Option<&str>) -> impl Iterator<Item = (&ChangelogEntry, CveId)> {
        let is_other =
            move |entry: &&ChangelogEntry| entry.evr.is_some() && is_of_other_branch(&entry.date, read) && !self.has(entry, Some(read));
        let early = self.changelog.iter().filter(move |entry| until.is_none_or(|day| &*entry.date <= day));
        early.filter(is_other).flat_map(|entry| entry.cves.iter().map(move |cve| (entry, *cve)))
    }

    /// Whether the package has what an entry tells.
    fn has(&self, entry: &ChangelogEntry, read: Option<&str>) -> bool {
        let is_old = || read.is_some_and(|day| &*entry.date <= day);
        // An advisory is there only where the package has reached it.
        let Some(evr) = &entry.evr else { return entry.advisory.is_some() || is_old() };
        let own = in_epoch_of(evr, &self.evr);
        match evr.epoch.cmp(&self.evr.epoch) {
            // An epoch that was given up, or a version from before there was one: its number says nothing beside ours.
            Ordering::Greater if own != *evr => is_old(),
            Ordering::Less if own == *evr && evr.epoch == 0 => is_old(),
            _ => compare_evr(&own, &self.evr).is_le(),
        }
    }

    /// Whether the spec has a patch for a CVE, and applies none.
    fn leaves_unpatched(&self, cve: CveId) -> bool {
        let mut patches = self.patches.iter().filter(|patch| patch.cves.contains(&cve)).peekable();
        patches.peek().is_some() && patches.all(|patch| patch.applied == Some(false))
    }
}

/// The days within which an entry of a later version tells of a change that is to come. An older one tells of another branch.
const UNMERGED_DAYS: i64 = 60;

/// Whether an entry of a day tells of another branch, on a day.
fn is_of_other_branch(day: &str, read: &str) -> bool {
    let days = |text: &str| text.parse::<Day>().ok().map(|day| day.start().as_second() / 86_400);
    days(day).zip(days(read)).is_some_and(|(day, read)| read - day >= UNMERGED_DAYS)
}

impl ChangelogEntry {
    fn is_of_version(&self, evr: &Evr) -> bool {
        self.evr.as_ref().is_none_or(|own| is_same_version(own, evr))
    }
}

/// Whether an event that takes a fix back, of a version and day, is of the fix's upstream version and later than the fix. Where one of them
/// has no version, the day decides; one without a version may be of any upgrade, unless the fix is of the version of the package.
pub(crate) fn takes_back(event: (Option<&Evr>, &str), fix: (Option<&Evr>, &str), package: Option<&Evr>) -> bool {
    order_of_version(event, fix, package).is_some_and(Ordering::is_gt)
}

/// The order of two events by version and day; `None` where they are of different upstream versions, or may be.
fn order_of_version(event: (Option<&Evr>, &str), fix: (Option<&Evr>, &str), package: Option<&Evr>) -> Option<Ordering> {
    let order = match (event.0, fix.0) {
        (Some(event), Some(fix)) if !is_same_version(event, fix) => return None,
        (Some(event), Some(fix)) => compare_rpm_segments(&event.release, &fix.release),
        (None, Some(fix)) if package.is_some_and(|own| !is_same_version(fix, own)) => return None,
        _ => Ordering::Equal,
    };
    Some(order.then_with(|| event.1.cmp(fix.1)))
}

/// Whether two versions are releases of one upstream version. Many headers leave the epoch out.
fn is_same_version(a: &Evr, b: &Evr) -> bool {
    (a.epoch == b.epoch || a.epoch == 0 || b.epoch == 0) && compare_rpm_segments(&a.version, &b.version).is_eq()
}

/// The version of a fix that a changelog names. It gets the package's epoch where it is not newer otherwise, and its own is higher, which
/// the package has given up since, or 0, which many headers mean by leaving it out. A fix that is newer in either epoch stays as it is.
#[must_use]
pub fn in_epoch_of(fix: &Evr, package: &Evr) -> Evr {
    let same_epoch = Evr { epoch: package.epoch, ..fix.clone() };
    let may_be_other = fix.epoch > package.epoch || fix.epoch == 0;
    if may_be_other && compare_evr(&same_epoch, package).is_le() { same_epoch } else { fix.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Patch;

    /// An entry `DAY EVR FIXED|TAKEN_BACK`, where `-` stands for no version and a number for CVE-2025-NUMBER.
    fn entry(text: &str) -> ChangelogEntry {
        let [date, evr, cves] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("no entry: {text}") };
        let (fixed, taken_back) = cves.split_once('|').unwrap_or((cves, ""));
        let ids = |text: &str| text.split(',').filter(|t| !t.is_empty()).map(|n| format!("CVE-2025-{n}").parse().unwrap()).collect();
        ChangelogEntry { date: date.into(), evr: evr.parse().ok(), cves: ids(fixed), taken_back: ids(taken_back), advisory: None }
    }

    #[test]
    fn a_package_has_the_fixes_that_stand() {
        const READ: Option<&str> = Some("2025-06-02");
        type Row<'a> = (&'a str, &'a str, &'a [&'a str], Option<&'a str>, &'a str);
        let rows: Vec<Row<'_>> = vec![
            ("an entry of this version", "2.38-10", &["2025-05-22 2.38-10 4802"], READ, "4802"),
            ("of an earlier one", "2.38-10", &["2025-05-22 2.37-1 4802"], READ, "4802"),
            ("of a later one, on an earlier day: a branch that is not shipped yet", "2.38-10", &["2025-05-22 2.38-11 4802"], READ, ""),
            ("without a version, on an earlier day", "2.38-10", &["2025-05-22 - 4802"], READ, "4802"),
            ("without a version, on a later day", "2.38-10", &["2025-06-03 - 4802"], READ, ""),
            ("without a version, of packages of an unknown day", "2.38-10", &["2025-05-22 - 4802"], None, ""),
            ("of an epoch that was given up", "3.3.5-5", &["2023-07-27 1:3.1.1-1 4802"], READ, "4802"),
            ("the same of packages of an unknown day", "3.3.5-5", &["2023-07-27 1:3.1.1-1 4802"], None, ""),
            ("of a later version, long ago: another branch", "0.6.1-6", &["2023-07-26 0.6.2.2-1 4802"], READ, ""),
            ("taken back in a later release", "1.9.5-5", &["2025-01-09 1.9.5-5 |4802", "2024-12-20 1.9.5-4 4802"], READ, ""),
            ("in a release that is not shipped yet", "1.9.5-4", &["2025-01-09 1.9.5-5 |4802", "2024-12-20 1.9.5-4 4802"], READ, "4802"),
            ("by the upgrade that has it", "2.0-1", &["2025-01-09 2.0-1 |4802", "2024-12-20 1.9.5-4 4802"], READ, "4802"),
            ("and fixed again", "1-4", &["2025-01-10 1-4 4802", "2025-01-09 1-3 |4802", "2024-12-20 1-2 4802"], READ, "4802"),
            ("another fix", "1-3", &["2025-01-09 1-3 |0001", "2024-12-20 1-2 4802"], READ, "4802"),
            ("on a later day, where one has no version", "1-3", &["2025-01-09 - |4802", "2024-12-20 1-2 4802"], READ, ""),
            (
                "in an entry without a version, which may be of the upgrade",
                "24.2-2",
                &["2024-10-23 - |4802", "2024-08-28 24.0-2 4802"],
                READ,
                "4802",
            ),
            ("on the same day, in an entry above", "1-3", &["2025-05-01 - |4802", "2025-05-01 - 4802"], READ, ""),
            ("on the same day, in an entry below", "1-3", &["2025-05-01 - 4802", "2025-05-01 - |4802"], READ, "4802"),
            (
                "in an entry without a version, of packages of an unknown day",
                "1-3",
                &["2025-05-02 - |4802", "2025-05-01 1-2 4802"],
                None,
                "",
            ),
            ("the removal has the epoch that the fix leaves out", "1:1-3", &["2025-05-02 1:1-3 |4802", "2025-05-01 1-2 4802"], READ, ""),
            ("of another branch, whose header leaves the epoch out", "1:1.9-1", &["2025-06-03 2.0-1 4802"], READ, ""),
            ("of the version from before the epoch", "1:1.9-1", &["2024-06-03 2.0-1 4802"], READ, "4802"),
            ("on an earlier day", "1-3", &["2024-12-19 - |4802", "2024-12-20 1-2 4802"], READ, "4802"),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, evr, log, read, expected)| {
            let changelog = log.iter().map(|text| entry(text)).collect();
            let package = SourcePackage { changelog, ..SourcePackage::new("p", evr.parse().unwrap(), "p.spec") };
            let found: Vec<String> = package.named_fixes(read, None).map(|(_, cve)| cve.to_string().replace("CVE-2025-", "")).collect();
            (why, expected.to_owned(), found.join(" "))
        }));
    }

    #[test]
    fn the_patches_of_a_spec_outweigh_its_changelog() {
        type Row<'a> = (&'a str, &'a [(&'a str, Option<bool>)], &'a str, usize);
        let rows: Vec<Row<'_>> = vec![
            ("a patch by that name is not applied", &[("CVE-2025-4802.patch", Some(false))], "2025-01-01 1-2 4802", 0),
            ("one of two is", &[("CVE-2025-4802.patch", Some(false)), ("CVE-2025-4802-2.patch", Some(true))], "2025-01-01 1-2 4802", 1),
            ("whether it is applied is not known", &[("CVE-2025-4802.patch", None)], "2025-01-01 1-2 4802", 1),
            ("no patch has the name", &[("fix.patch", Some(false))], "2025-01-01 1-2 4802", 1),
            ("its header leaves the epoch out", &[("CVE-2025-4802.patch", Some(false))], "2025-01-01 1-1 4802", 0),
            ("left over from an older version", &[("CVE-2025-4802.patch", Some(false))], "2025-01-01 0.9-2 4802", 1),
        ];
        seaworthy_testing::hold(rows.into_iter().map(|(why, patches, log, expected)| {
            let patch = |(file, applied): &(&str, Option<bool>)| Patch {
                file: (*file).into(),
                cves: crate::fix_name::fixed_by_name(file),
                applied: *applied,
            };
            let package = SourcePackage {
                changelog: vec![entry(log)],
                patches: patches.iter().map(patch).collect(),
                ..SourcePackage::new("p", "1-3".parse().unwrap(), "p.spec")
            };
            (why, expected.to_string(), package.named_fixes(None, None).count().to_string())
        }));
    }
}
