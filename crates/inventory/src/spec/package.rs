//! The source package from the content of its spec and the files beside it.

use std::collections::BTreeMap;

use seaworthy_model::{CveId, Evr};

use super::parse::{Reading, file_name};
use crate::changelog;
use crate::fix_name::{fixed_by_name, named};
use crate::{BinaryPackage, Component, ComponentSource, Decision, Patch, Problem, ProblemKind, SourcePackage};

/// The package; `None` with a problem where the spec has no name or no version.
pub(super) fn build(path: &str, reading: Reading, beside: &BTreeMap<String, Option<String>>) -> (Option<SourcePackage>, Vec<Problem>) {
    let mut problems = reading.problems;
    let mut problem = |kind, message: String| problems.push(Problem { kind, file: path.to_owned(), line: None, message });
    let tag = |name: &str| reading.tags.get(name).cloned();
    let (Some(name), Some(version)) = (tag("name"), tag("version")) else {
        problem(ProblemKind::Part, "it states no Name or no Version; left out".into());
        return (None, problems);
    };
    let epoch = tag("epoch").map(|e| e.parse::<u32>().map_err(|_| e));
    let epoch = match epoch {
        Some(Err(text)) => {
            problem(ProblemKind::Part, format!("Epoch {text:?} is no number; taken as 0"));
            0
        }
        Some(Ok(epoch)) => epoch,
        None => 0,
    };
    let release = tag("release").unwrap_or_default();
    for (what, value) in [("Name", &name), ("Version", &version), ("Release", &release)] {
        if value.contains('%') {
            problem(
                ProblemKind::Macro,
                format!("{what} {value:?} holds a macro that the spec and the tree do not define; define it, or use rpmspec"),
            );
        }
    }
    let evr = Evr::new(epoch, version.as_str(), release.as_str());
    let mut package = SourcePackage::new(name.as_str(), evr, path);
    package.url = tag("url");
    package.patches = patches(&reading.patches, &reading.sources, &reading.prep, beside);
    package.decisions = decisions(beside);
    package.sources = reading.sources.into_values().collect();
    package.build_requires = reading.build_requires.into_iter().collect();
    if reading.with_files.contains(&name) {
        package.binaries.push(BinaryPackage { name, evr: None, arch: reading.noarch.then(|| "noarch".into()) });
    }
    for sub in reading.subpackages {
        let own = sub.version.is_some() || sub.release.is_some();
        let evr = own
            .then(|| Evr::new(epoch, sub.version.as_deref().unwrap_or(&version), sub.release.as_deref().unwrap_or(&release)).to_string());
        let binary = BinaryPackage { name: sub.name, evr, arch: (sub.noarch || reading.noarch).then(|| "noarch".into()) };
        if !binary.name.is_empty() && !package.binaries.contains(&binary) {
            package.binaries.push(binary);
        }
    }
    package.components = reading.bundled.into_iter().map(|(inside, version)| component(&inside, version, path)).collect();
    package.changelog = changelog::entries(reading.changelog);
    (Some(package), problems)
}

fn is_patch(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".patch") || lower.ends_with(".diff")
}

fn patches(
    declared: &BTreeMap<u32, String>,
    sources: &BTreeMap<u32, String>,
    prep: &super::prep::Prep,
    beside: &BTreeMap<String, Option<String>>,
) -> Vec<Patch> {
    let mut out: Vec<Patch> = Vec::new();
    let cves = |file: &str| cves_of(file, beside.get(file).and_then(Option::as_deref));
    for (number, value) in declared {
        let file = file_name(value);
        out.push(Patch { file: file.to_owned(), cves: cves(file), applied: Some(prep.applies(Some(*number), file)) });
    }
    // A patch may be declared as a source and applied by hand, or lie beside the spec unused.
    let as_sources = sources.values().map(|v| file_name(v)).filter(|f| is_patch(f) && prep.applies(None, f));
    let lying = beside.keys().map(String::as_str).filter(|f| is_patch(f) && !named(f).is_empty());
    for file in as_sources.chain(lying) {
        if !out.iter().any(|p| p.file == file) {
            out.push(Patch { file: file.to_owned(), cves: cves(file), applied: Some(prep.applies(None, file)) });
        }
    }
    out
}

/// The CVEs that a patch fixes: those of its name, and those on `CVE:` lines before its changes, unless the name says that it is no fix of
/// the CVEs that it has.
fn cves_of(file: &str, text: Option<&str>) -> Vec<CveId> {
    let mut out = fixed_by_name(file);
    let is_no_fix = out.is_empty() && !named(file).is_empty();
    if is_no_fix || file.to_ascii_lowercase().starts_with("test-") {
        return Vec::new();
    }
    for line in text.unwrap_or_default().lines().take(2000) {
        if let Some(head) = line.get(..4)
            && head.eq_ignore_ascii_case("cve:")
        {
            out.extend(CveId::find_all(line));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn decisions(beside: &BTreeMap<String, Option<String>>) -> Vec<Decision> {
    let files = beside.iter().filter(|(name, _)| name.to_ascii_lowercase().ends_with(".nopatch"));
    files.flat_map(|(name, text)| CveId::find_all(name).map(move |cve| Decision { cve, file: name.clone(), text: text.clone() })).collect()
}

/// The component of a `bundled(...)` provide, in the ecosystem that its name shows.
fn component(inside: &str, version: Option<String>, path: &str) -> Component {
    let wrapped = |prefix: &str| inside.strip_prefix(prefix).and_then(|r| r.strip_prefix('(')).map(|r| r.trim_end_matches(')'));
    let dashed = |prefix: &str| inside.strip_prefix(prefix).and_then(|r| r.strip_prefix('-')).filter(|r| !r.is_empty());
    let (ecosystem, name) = if let Some(name) = wrapped("golang") {
        ("golang", name)
    } else if let Some(name) = wrapped("npm").or_else(|| dashed("nodejs")).or_else(|| dashed("npm")) {
        ("npm", name)
    } else if let Some(name) = wrapped("python3dist")
        .or_else(|| wrapped("python3.12dist"))
        .or_else(|| wrapped("pypi"))
        .or_else(|| dashed("python3"))
        .or_else(|| dashed("python"))
    {
        ("pypi", name)
    } else if let Some(name) = wrapped("crate").or_else(|| wrapped("cargo")) {
        ("cargo", name)
    } else if let Some(name) = wrapped("rubygem").or_else(|| dashed("rubygem")) {
        ("gem", name)
    } else if let Some(name) = wrapped("mvn") {
        ("maven", name)
    } else {
        ("generic", inside)
    };
    // A feature of a crate or an extra of a distribution is the same component.
    let name = name.split(['/', '[']).next().filter(|_| ecosystem == "cargo" || ecosystem == "pypi").unwrap_or(name);
    Component {
        ecosystem: ecosystem.into(),
        name: name.to_owned(),
        version,
        cpe: None,
        source: ComponentSource::Bundled,
        found_in: path.to_owned(),
        shipped: true,
    }
}
