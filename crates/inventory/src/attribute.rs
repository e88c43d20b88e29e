use std::collections::{BTreeMap, HashMap};

use seaworthy_model::{Evr, compare_evr, compare_rpm_segments};

use crate::{Inventory, Problem, ProblemKind, SourcePackage};

/// Maps the binary packages of `image` (from [`crate::read_image_notes`] or [`crate::read_nevra_list`]) to the source
/// packages of `packages`, by the names of the binaries that those build.
///
/// Several binaries of one source and one version become one [`SourcePackage`] with the source's name, URL, sources, patches, decisions,
/// build requirements and components, with the components that the list has itself, and the **image's** version; an epoch that the list
/// does not print (`rpm -qa` does not) comes from the source. Where the image's version is older than the one of `packages`, a patch
/// may have come later, so the patches are left out: a history of fixes says which of them the version has. Where several sources claim a
/// binary, the one with the same version wins, then the one with the same upstream version, then the nearest newer one, then the newest; of
/// equals, the one that the binary is named after, as `kernel` before `kernel-signed`, which only packs signed files of it.
///
/// Binaries that no source claims keep their own name, and one [`Problem`] counts them.
pub fn attribute(image: &mut Inventory, packages: &Inventory) {
    let mut claims: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, package) in packages.packages.iter().enumerate() {
        let names = package.binaries.iter().map(|b| b.name.as_str());
        for name in names.chain([package.name.as_str()]) {
            let list = claims.entry(name).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
    }
    let mut groups: BTreeMap<(usize, String), Vec<Build>> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut unclaimed: Vec<String> = Vec::new();
    for package in std::mem::take(&mut image.packages) {
        // An entry without binaries (the image's own components) is nobody's binary.
        if package.binaries.is_empty() {
            kept.push(package);
            continue;
        }
        let chosen = claims.get(package.name.as_str()).and_then(|list| choose(&package, list, packages));
        let Some((at, source)) = chosen.and_then(|at| Some((at, packages.packages.get(at)?))) else {
            unclaimed.push(package.name.clone());
            kept.push(package);
            continue;
        };
        let mut evr = package.evr.clone();
        if evr.epoch == 0 {
            evr.epoch = source.evr.epoch;
        }
        // Binaries of one build share the release, even where a subpackage has a version of its own (Perl's modules). A
        // binary that is there twice, as kernels are, belongs to two builds.
        let builds = groups.entry((at, evr.release.clone())).or_default();
        let free = |build: &Build| build.iter().all(|(e, p)| p.name != package.name || *e == evr);
        match builds.iter_mut().find(|b| free(b)) {
            Some(build) => build.push((evr, package)),
            None => builds.push(vec![(evr, package)]),
        }
    }
    for ((at, _), builds) in groups {
        let Some(source) = packages.packages.get(at) else { continue };
        for build in builds {
            let mut entry = adopt(source, build_evr(source, &build));
            for (_, package) in build {
                entry.binaries.extend(package.binaries);
                // An SBOM names what is inside of a package.
                entry.components.extend(package.components);
            }
            entry.binaries.sort();
            entry.binaries.dedup();
            entry.components.sort();
            entry.components.dedup();
            kept.push(entry);
        }
    }
    image.packages = kept;
    if !unclaimed.is_empty() {
        let names: Vec<&str> = unclaimed.iter().take(20).map(String::as_str).collect();
        let more = if unclaimed.len() > names.len() { ", ..." } else { "" };
        let of = packages.origin.revision.as_deref().unwrap_or(&packages.origin.location);
        let (are, stand) = match unclaimed.len() {
            1 => ("1 binary package is".to_owned(), "stands under its own name"),
            n => (format!("{n} binary packages are"), "stand under their own names"),
        };
        let message = format!("{are} built by no source package of {of} and {stand}: {}{more}", names.join(", "));
        image.problems.push(Problem { kind: ProblemKind::Part, file: image.origin.location.clone(), line: None, message });
    }
    image.sort();
}

/// The binaries of one build, each with its version.
type Build = Vec<(Evr, SourcePackage)>;

/// The source package, among several, from which a binary was built; `None` where there is none.
fn choose(package: &SourcePackage, list: &[usize], packages: &Inventory) -> Option<usize> {
    if let [only] = list {
        return Some(*only);
    }
    let mut list: Vec<(usize, &SourcePackage)> = list.iter().filter_map(|at| Some((*at, packages.packages.get(*at)?))).collect();
    list.sort_by_key(|(_, source)| kinship(&source.name, &package.name));
    let order = |source: &SourcePackage| compare_rpm_segments(&source.evr.version, &package.evr.version);
    let same_release = |source: &SourcePackage| compare_rpm_segments(&source.evr.release, &package.evr.release).is_eq();
    let same = list.iter().find(|(_, source)| order(source).is_eq() && same_release(source));
    let same = same.or_else(|| list.iter().find(|(_, source)| order(source).is_eq()));
    let newer = || list.iter().filter(|(_, source)| order(source).is_gt()).min_by_key(|(_, source)| source.evr.sort_key());
    // Of equals the last one is taken, which is the nearest of kin in this order.
    let newest = || list.iter().rev().max_by_key(|(_, source)| source.evr.sort_key());
    same.or_else(newer).or_else(newest).map(|(at, _)| *at)
}

/// How far a binary package is from being named after a source package: by the same name, by one that it begins with, or not at all.
fn kinship(source: &str, binary: &str) -> u8 {
    match binary.strip_prefix(source) {
        Some("") => 0,
        Some(rest) if rest.starts_with('-') => 1,
        _ => 2,
    }
}

/// The version of a build: that of the binary with the source's name, or the source's own, or that of most binaries.
fn build_evr(source: &SourcePackage, build: &[(Evr, SourcePackage)]) -> Evr {
    let named = build.iter().find(|(_, p)| p.name == source.name);
    let same = || build.iter().find(|(e, _)| e.version == source.evr.version);
    let count = |evr: &Evr| build.iter().filter(|(e, _)| e == evr).count();
    let most = || build.iter().max_by_key(|(e, _)| (count(e), e.sort_key()));
    named.or_else(same).or_else(most).map_or_else(|| source.evr.clone(), |(e, _)| e.clone())
}

/// The source package with the image's version; patches are left out where that version is older.
fn adopt(source: &SourcePackage, evr: Evr) -> SourcePackage {
    let older = compare_evr(&evr, &source.evr).is_lt();
    let mut out = source.clone();
    out.evr = evr;
    out.binaries.clear();
    if older {
        out.patches.clear();
    }
    out
}
