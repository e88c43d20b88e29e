//! The observations of a scan, for triage.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use seaworthy_intelligence::Knowledge;
use seaworthy_inventory::{ChangelogEntry, Inventory, SourcePackage, in_epoch_of};
use seaworthy_matching::Finding;
use seaworthy_model::case::{Facts, RatedBy, Reach};
use seaworthy_model::text::masked;
use seaworthy_model::{Day, Evr, Status, compare_evr};
use seaworthy_triage::{Closed, Observation};

/// The images in service.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnImage {
    /// The names of the source packages that are on an image; `None` where no image is known.
    pub(crate) packages: Option<BTreeSet<String>>,
}

/// The observations of triage for the findings of a scan. `day` hides later entries of changelogs, as it did for the scan. Pairs that the
/// version alone rules out are left out, since they are no cases.
pub(crate) fn observe(
    knowledge: &Knowledge,
    inventory: &Inventory,
    findings: &[Finding],
    images: &OnImage,
    day: Option<Day>,
) -> Vec<Observation> {
    let day = day.map(|day| day.to_string());
    let mut seen = Vec::with_capacity(findings.len());
    // Both are in the order of package names.
    let mut rest = inventory.packages.as_slice();
    for finding in findings {
        rest = &rest[rest.partition_point(|p| p.name < finding.package)..];
        let mut named = rest.iter().take_while(|p| p.name == finding.package);
        let package = named.find(|p| p.evr == finding.version);
        let closed = package.and_then(|p| closed(p, finding, inventory.date.as_deref(), day.as_deref()));
        // What the version alone rules out is no case.
        if closed.is_none() && matches!(finding.status, Status::NotAffected | Status::Fixed) {
            continue;
        }
        let reach = package.map_or(Reach::default(), |p| reach(p, images));
        // An inventory has left out, and reported, every package of another name.
        let Ok(name) = finding.package.parse() else { continue };
        seen.push(Observation { package: name, cve: finding.cve, facts: facts(knowledge, finding, reach), closed });
    }
    seen
}

/// The versions of each shipped package, the oldest first, since an inventory is in this order.
pub(crate) fn versions(inventory: &Inventory) -> BTreeMap<String, Vec<Evr>> {
    let mut versions: BTreeMap<String, Vec<Evr>> = BTreeMap::new();
    for package in &inventory.packages {
        versions.entry(package.name.clone()).or_default().push(package.evr.clone());
    }
    versions
}

fn facts(knowledge: &Knowledge, finding: &Finding, reach: Reach) -> Facts {
    let minutes = knowledge.find(finding.cve).map_or(0, |cve| knowledge.published(cve));
    Facts {
        status: finding.status,
        version: Some(finding.version.clone()),
        severity: finding.severity,
        rated_by: finding.cvss.as_ref().map(RatedBy::from),
        exploited_since: finding.exploited_since,
        epss: finding.epss,
        product: finding.product.clone(),
        fixed_in: finding.fixed_in.clone(),
        rule: finding.rule.clone(),
        record_published: Timestamp::from_second(i64::from(minutes) * 60).unwrap_or_default(),
        reach,
        evidence: finding.evidence.clone(),
    }
}

/// The reason why a finding is closed; `None` where it is raised. `read` is the day of the inventory, where that is known.
fn closed(package: &SourcePackage, finding: &Finding, read: Option<&str>, day: Option<&str>) -> Option<Closed> {
    match finding.status {
        Status::Fixed => {
            let named = package.entries_that_fix(finding.cve, read, day);
            let first = named.min_by(|a, b| a.date.cmp(&b.date)).and_then(|entry| fixed_in(package, entry, read));
            // Nothing says in which version a patch came.
            let or_before = first.is_none();
            let version = first.unwrap_or_else(|| package.evr.clone());
            Some(Closed::Fixed { version: Some(version), or_before, evidence: finding.evidence.clone() })
        }
        Status::NotAffected => {
            let decision = package.decisions.iter().find(|d| d.cve == finding.cve)?;
            // As the log keeps it: the text of the tree is compared with that of the decision.
            let statement = masked(decision.text.as_deref().unwrap_or_default().trim()).into_owned();
            Some(Closed::Recorded { file: decision.file.clone(), statement })
        }
        _ => None,
    }
}

/// The first version of a package with the fix that an entry of its changelog names; `None` where the entry has no version. What the
/// changelog said before the day of the inventory (`read`) is in the package, also where the entry names a version that there never was;
/// that is `None` too.
fn fixed_in(package: &SourcePackage, entry: &ChangelogEntry, read: Option<&str>) -> Option<Evr> {
    let named = in_epoch_of(entry.evr.as_ref()?, &package.evr);
    // A version from before there was an epoch is no bound for those of today.
    if named.epoch < package.evr.epoch {
        return None;
    }
    let is_older = read.is_some_and(|read| *entry.date < *read);
    // Of one day nobody can say which came first.
    (!is_older || compare_evr(&named, &package.evr).is_le()).then_some(named)
}

fn reach(package: &SourcePackage, images: &OnImage) -> Reach {
    const INERT: [&str; 6] = ["-devel", "-doc", "-docs", "-headers", "-static", "-debuginfo"];
    if images.packages.as_ref().is_some_and(|on| on.contains(&package.name)) {
        Reach::Image
    } else if !package.binaries.is_empty() && package.binaries.iter().all(|b| INERT.iter().any(|end| b.name.ends_with(end))) {
        Reach::Inert
    } else {
        Reach::Repository
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_with_a_fix_is_that_of_the_entry_that_names_it() {
        let fixed = |named: &str, date: &str, read: Option<&str>| {
            let package = SourcePackage::new("python-pip", "24.2-6".parse().unwrap(), "python-pip.spec");
            let entry = ChangelogEntry { date: date.into(), evr: named.parse().ok(), ..ChangelogEntry::default() };
            fixed_in(&package, &entry, read).map_or_else(|| "not known".to_owned(), |evr| evr.to_string())
        };
        for (why, named, date, read, expected) in [
            ("the version of the entry", "24.2-2", "2025-01-01", Some("2026-04-28"), "24.2-2"),
            ("a version that there never was", "24.2.1", "2025-01-01", Some("2026-04-28"), "not known"),
            ("of the day itself", "24.2-7", "2026-04-28", Some("2026-04-28"), "24.2-7"),
            ("a history that goes on behind the packages", "24.2-7", "2026-05-01", Some("2026-04-28"), "24.2-7"),
            ("packages of an unknown day", "24.2-7", "2025-01-01", None, "24.2-7"),
            ("an entry without a version", "", "2025-01-01", None, "not known"),
        ] {
            assert_eq!(fixed(named, date, read), expected, "{why}");
        }
    }

    #[test]
    fn a_fix_has_the_epoch_of_the_package() {
        let evr = |text: &str| text.parse::<Evr>().unwrap();
        for (fix, package, expected) in [
            ("3.0.8-1", "3.3.7-4", "3.0.8-1"),
            ("1:3.0.8-1", "3.3.7-4", "3.0.8-1"),
            ("1:3.0.8-1", "1:3.3.7-4", "1:3.0.8-1"),
            ("4.99-3", "4.99-2", "4.99-3"),
            ("1.9-3", "1:1.9-5", "1:1.9-3"),
            ("2.0-1", "1:1.9-5", "2.0-1"),
        ] {
            assert_eq!(in_epoch_of(&evr(fix), &evr(package)).to_string(), expected, "{fix} in {package}");
        }
    }
}
