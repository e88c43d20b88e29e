//! Packages as they were built, grouped by the source packages that they come from.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::{Evr, Nevra, compare_rpm_segments};

use crate::packages_file::bundled_component;
use crate::{BinaryPackage, ChangelogEntry, Component, Inventory, Problem, ProblemKind, SourcePackage};

/// A binary or source package as it describes itself, in the form that all readers share.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) arch: String,
    pub(crate) epoch: u32,
    pub(crate) version: String,
    pub(crate) release: String,
    pub(crate) url: Option<String>,
    /// The file name of the source RPM; `None` for a source package.
    pub(crate) source_rpm: Option<String>,
    /// The epoch of the source package, where the list says it.
    pub(crate) source_epoch: Option<u32>,
    pub(crate) bundled: Vec<(String, Option<String>)>,
    /// The components that were found in its files.
    pub(crate) components: Vec<Component>,
    pub(crate) changelog: Vec<ChangelogEntry>,
    pub(crate) found_in: String,
}

/// Groups binaries by the name, version and release of their source RPM.
///
/// Neither metadata nor headers have the epoch of the source. It is that of the binaries with the source's own version and release; where
/// there is none, that of the newest changelog entry of this version; else 0, since the epoch of a subpackage with a version of its own is
/// its own as well.
pub(crate) fn group(built: Vec<Built>, out: &mut Inventory) {
    let mut groups: BTreeMap<(String, String, String), Vec<Built>> = BTreeMap::new();
    let mut orphans: Vec<String> = Vec::new();
    for mut package in built {
        // Source packages name no source RPM; they are one.
        if package.source_rpm.is_none() && matches!(package.arch.as_str(), "src" | "nosrc") {
            let key = (package.name.clone(), package.version.clone(), package.release.clone());
            groups.entry(key).or_default().push(package);
            continue;
        }
        let parsed = package.source_rpm.as_deref().map(str::parse::<Nevra>);
        let key = match parsed {
            Some(Ok(source)) => (source.name, source.evr.version, source.evr.release),
            _ => {
                orphans.push(match package.source_rpm.take() {
                    Some(text) => format!("{} ({text:?})", package.name),
                    None => package.name.clone(),
                });
                (package.name.clone(), package.version.clone(), package.release.clone())
            }
        };
        groups.entry(key).or_default().push(package);
    }
    for ((name, version, release), members) in groups {
        let same = members.iter().find(|m| m.version == version && m.release == release);
        let Some(first) = same.or_else(|| members.first()) else { continue };
        let told = members.iter().find_map(|m| m.source_epoch).or(same.map(|m| m.epoch));
        let logged = || {
            let entries = members.iter().flat_map(|m| &m.changelog).filter_map(|entry| entry.evr.as_ref());
            entries.filter(|evr| compare_rpm_segments(&evr.version, &version).is_eq()).map(|evr| evr.epoch).next()
        };
        let epoch = told.or_else(logged).unwrap_or_default();
        let mut package = SourcePackage::new(name, Evr::new(epoch, version, release), first.found_in.clone());
        package.url = members.iter().find_map(|m| m.url.clone());
        let mut seen = BTreeSet::new();
        for member in members {
            let Built { name, arch, epoch, version, release, bundled, components, changelog, found_in, .. } = member;
            if !matches!(arch.as_str(), "src" | "nosrc") {
                package.binaries.push(BinaryPackage {
                    evr: Some(Evr::new(epoch, version, release).to_string()),
                    arch: (!arch.is_empty()).then_some(arch),
                    name,
                });
            }
            let own = bundled.into_iter().map(|(name, version)| bundled_component(name, version, &found_in)).chain(components);
            // The same library may be named by each binary.
            package.components.extend(own.filter(|c| seen.insert((c.ecosystem.clone(), c.name.clone(), c.version.clone(), c.source))));
            if package.changelog.is_empty() {
                package.changelog = changelog;
            }
        }
        package.binaries.sort();
        package.binaries.dedup();
        package.components.sort();
        out.packages.push(package);
    }
    if !orphans.is_empty() {
        let names: Vec<&str> = orphans.iter().take(20).map(String::as_str).collect();
        let message = format!("{} packages name no source package and stand under their own names: {}", orphans.len(), names.join(", "));
        out.problems.push(Problem { kind: ProblemKind::Part, file: out.origin.location.clone(), line: None, message });
    }
}
