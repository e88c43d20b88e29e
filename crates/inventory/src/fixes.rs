//! The fixes that the changelog of a package names, and that it still has.

use std::cmp::Ordering;

use seaworthy_model::{CveId, Day, Evr, compare_evr, compare_rpm_segments};

use crate::{ChangelogEntry, SourcePackage};

impl SourcePackage {
    /// The fixes that the changelog names and that the package has, with their entries, in the order of the changelog.
    ///
    /// The version of an entry says whether it is of this package or of a later one; only where it has none, or a higher epoch that the
    /// package gave up since, or where it is long ago, the day does: `read` is that of the inventory (`YYYY-MM-DD`). Entries of a later day than `until` are left
    /// out. A later entry of the same upstream version takes a fix back that it names so. So does a spec that has a patch named after the
    /// CVE and applies none: the spec is what is built.
    pub fn named_fixes<'a>(&'a self, read: Option<&str>, until: Option<&str>) -> impl Iterator<Item = (&'a ChangelogEntry, CveId)> {
        let counts = |entry: &ChangelogEntry| until.is_none_or(|day| &*entry.date <= day) && self.has(entry, read);
        let entries: Vec<(usize, &ChangelogEntry)> = self.changelog.iter().enumerate().filter(|(_, entry)| counts(entry)).collect();
        // What stands above an entry that the package has, it has too.
        let oldest = entries.last().map_or(0, |(place, _)| *place);
        let is_above = |(place, entry): &(usize, &ChangelogEntry)| read.is_none() && entry.evr.is_none() && *place < oldest;
        let all = self.changelog.iter().enumerate().filter(|of| counts(of.1) || is_above(of));
        let taking: Vec<(usize, &ChangelogEntry)> = all.filter(|(_, entry)| !entry.taken_back.is_empty()).collect();
        entries.into_iter().flat_map(move |(place, entry)| {
            let stands: Vec<CveId> = entry
                .cves
                .iter()
                .filter(|cve| {
                    let takes = |(at, later): &(usize, &ChangelogEntry)| {
                        // The newest stands first: of one version and day, the place says which came later.
                        let order = order_of_version((later.evr.as_ref(), &later.date), (entry.evr.as_ref(), &entry.date));
                        // A removal without a version may be of any: of the package's own it is where the fix is.
                        let is_known = later.evr.is_some() || entry.is_of_version(&self.evr);
                        is_known && order.is_some_and(|order| order.is_gt() || order.is_eq() && *at < place)
                    };
                    !taking.iter().any(|later| later.1.taken_back.contains(cve) && takes(later))
                })
                .filter(|cve| !(self.leaves_unpatched(**cve) && entry.is_of_version(&self.evr)))
                .copied()
                .collect();
            stands.into_iter().map(move |cve| (entry, cve))
        })
    }

    /// The CVEs of which an entry of this package or an earlier one says that they are not fixed, or not any more: the package was looked
    /// at, and has what they are about. The days are those of [`SourcePackage::named_fixes`].
    pub fn fixes_taken_back(&self, read: Option<&str>, until: Option<&str>) -> impl Iterator<Item = CveId> {
        let counts = move |entry: &&ChangelogEntry| until.is_none_or(|day| &*entry.date <= day) && self.has(entry, read);
        self.changelog.iter().filter(counts).flat_map(|entry| entry.taken_back.iter().copied())
    }

    /// Whether the package has what an entry tells.
    fn has(&self, entry: &ChangelogEntry, read: Option<&str>) -> bool {
        let is_old = || read.is_some_and(|day| &*entry.date <= day);
        match &entry.evr {
            None => is_old(),
            // Many headers leave the epoch out: it may be of another branch, or of the version from before the epoch.
            Some(evr) if evr.epoch == 0 && self.evr.epoch > 0 => {
                compare_evr(&Evr { epoch: self.evr.epoch, ..evr.clone() }, &self.evr).is_le() || is_old()
            }
            Some(evr) => {
                let is_of_other_branch = || read.is_some_and(|read| is_merged(&entry.date, read));
                compare_evr(evr, &self.evr).is_le() || is_of_other_branch() || in_epoch_of(evr, &self.evr) != *evr && is_old()
            }
        }
    }

    /// Whether the spec has a patch for a CVE, and applies none.
    fn leaves_unpatched(&self, cve: CveId) -> bool {
        let mut patches = self.patches.iter().filter(|patch| patch.cves.contains(&cve)).peekable();
        patches.peek().is_some() && patches.all(|patch| patch.applied == Some(false))
    }
}

/// The days within which an entry of a later version tells of a change that is not merged yet. An older one tells of another branch, whose
/// changes the package has.
const UNMERGED_DAYS: i64 = 60;

/// Whether an entry of a day tells of a change that had been merged on another day.
fn is_merged(day: &str, read: &str) -> bool {
    let days = |text: &str| text.parse::<Day>().ok().map(|day| day.start().as_second() / 86_400);
    days(day).zip(days(read)).is_some_and(|(day, read)| read - day > UNMERGED_DAYS)
}

impl ChangelogEntry {
    fn is_of_version(&self, evr: &Evr) -> bool {
        self.evr.as_ref().is_none_or(|own| is_same_version(own, evr))
    }
}

/// Whether an event that takes a fix back, of a version and day, is of the fix's upstream version and later than the fix. Where one of them
/// has no version, the day decides.
pub(crate) fn takes_back(event: (Option<&Evr>, &str), fix: (Option<&Evr>, &str)) -> bool {
    order_of_version(event, fix).is_some_and(Ordering::is_gt)
}

/// The order of two events by version and day; `None` where they are of different upstream versions.
fn order_of_version(event: (Option<&Evr>, &str), fix: (Option<&Evr>, &str)) -> Option<Ordering> {
    let order = match (event.0, fix.0) {
        (Some(event), Some(fix)) if !is_same_version(event, fix) => return None,
        (Some(event), Some(fix)) => compare_rpm_segments(&event.release, &fix.release),
        _ => Ordering::Equal,
    };
    Some(order.then_with(|| event.1.cmp(fix.1)))
}

/// Whether two versions are releases of one upstream version. Many headers leave the epoch out.
fn is_same_version(a: &Evr, b: &Evr) -> bool {
    (a.epoch == b.epoch || a.epoch == 0 || b.epoch == 0) && compare_rpm_segments(&a.version, &b.version).is_eq()
}

/// The version of a fix that a changelog names. It gets the package's epoch where its own is higher and it is not newer otherwise: the
/// package has given up the higher epoch since. A fix that is newer in either epoch stays as it is: the package does not have it yet.
#[must_use]
pub fn in_epoch_of(fix: &Evr, package: &Evr) -> Evr {
    let same_epoch = Evr { epoch: package.epoch, ..fix.clone() };
    if fix.epoch > package.epoch && compare_evr(&same_epoch, package).is_le() { same_epoch } else { fix.clone() }
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
            ("of a later version, long ago: another branch", "0.6.1-6", &["2023-07-26 0.6.2.2-1 4802"], READ, "4802"),
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
