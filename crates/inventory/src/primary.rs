use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use seaworthy_host::xml::{Faults, Step, Xml};
use seaworthy_model::{Evr, Nevra};

use crate::packages_file::bundled_component;
use crate::repodata::{broken, file_of, left_out, utf8};
use crate::{BinaryPackage, ChangelogEntry, Component, Inventory, InventoryError, Problem, SourcePackage};

/// What one binary package (or source package) says of itself, whatever it was read from.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) arch: String,
    pub(crate) epoch: u32,
    pub(crate) version: String,
    pub(crate) release: String,
    pub(crate) url: Option<String>,
    /// The file name of the source RPM; none for a source package.
    pub(crate) source_rpm: Option<String>,
    pub(crate) bundled: Vec<(String, Option<String>)>,
    /// Components found in its files.
    pub(crate) components: Vec<Component>,
    pub(crate) changelog: Vec<ChangelogEntry>,
    pub(crate) found_in: String,
}

/// Parses primary metadata into `out`; `path` is only for messages.
///
/// # Errors
/// When it is no such XML. A package without name or version, or with an unknown entity in what is read of it, is a [`Problem`].
pub fn parse_primary(bytes: &[u8], path: &Path, out: &mut Inventory) -> Result<(), InventoryError> {
    let file = file_of(path);
    let mut xml = Xml::new(utf8(bytes, path)?);
    let mut built: Vec<Built> = Vec::new();
    let mut now = Built::default();
    let mut faults = Faults::default();
    let mut root = false;
    while let Some(step) = xml.next().map_err(|e| broken(path, e))? {
        match step {
            Step::Open(start) => {
                root |= xml.depth() == 1 && xml.inside(&["metadata"]);
                if xml.inside(&["metadata", "package"]) {
                    faults = Faults::default();
                    now = Built { found_in: file.clone(), ..Built::default() };
                } else if xml.inside(&["package", "version"]) {
                    let mut get = |name| faults.keep(xml.attribute(&start, name)).unwrap_or_default();
                    now.epoch = get("epoch").parse().unwrap_or(0);
                    now.version = get("ver");
                    now.release = get("rel");
                } else if xml.inside(&["package", "location"]) {
                    now.found_in = faults.keep(xml.attribute(&start, "href")).unwrap_or_else(|| file.clone());
                } else if xml.inside(&["format", "provides", "entry"])
                    && let Some(name) = faults.keep(xml.attribute(&start, "name"))
                    && let Some((name, _)) = crate::packages_file::parse_bundled(&name)
                {
                    let version = faults.keep(xml.attribute(&start, "ver")).filter(|v| !v.is_empty());
                    now.bundled.push((name, version));
                }
            }
            Step::Close { name, text } if xml.inside(&["metadata", "package"]) => match name.as_str() {
                "name" => now.name = faults.keep(text),
                "arch" => now.arch = faults.keep(text),
                "url" => now.url = Some(faults.keep(text)).filter(|url| !url.is_empty()),
                _ => {}
            },
            Step::Close { name, text } if name == "sourcerpm" && xml.inside(&["package", "format"]) => {
                now.source_rpm = Some(faults.keep(text)).filter(|file| !file.is_empty());
            }
            Step::Close { name, .. } if name == "package" && xml.inside(&["metadata"]) => {
                let done = std::mem::take(&mut now);
                if let Some(fault) = faults.take() {
                    out.problems.push(left_out("a package", if done.name.is_empty() { &done.found_in } else { &done.name }, &file, &fault));
                } else if done.name.is_empty() || done.version.is_empty() {
                    let message = format!("a package without name or version before byte {} left out", xml.at());
                    out.problems.push(Problem { file: file.clone(), line: Some(xml.line()), message });
                } else {
                    built.push(done);
                }
            }
            Step::Close { .. } => {}
        }
    }
    if !root {
        return Err(InventoryError::format(path, "not primary metadata of an RPM repository: expected <metadata>"));
    }
    group(built, out);
    Ok(())
}

/// Groups binaries by the name, version and release of their source RPM.
///
/// Neither metadata nor headers tell the source's epoch. It is almost always the one of the binaries with the source's own
/// version and release, and so it is taken from them, else from the first binary.
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
        let mut package = SourcePackage::new(name, Evr::new(first.epoch, version, release), first.found_in.clone());
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
        out.problems.push(Problem { file: out.origin.location.clone(), line: None, message });
    }
}
