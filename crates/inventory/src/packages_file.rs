use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use seaworthy_model::{CveId, Evr};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::fix_name::fixed_by_name;
use crate::load::{day, line_of, read_unpacked, text_of};
use crate::{BinaryPackage, Component, ComponentSource, Decision, Inventory, InventoryError, Patch, Problem, ProblemKind, SourcePackage};

/// A packages file with all its packages.
#[derive(Deserialize)]
struct File<'a, T> {
    #[serde(default)]
    revision: Option<String>,
    #[serde(borrow, default)]
    date: Option<Cow<'a, str>>,
    packages: Vec<T>,
}

/// A package of the file. Values that the inventory keeps are owned, all others borrowed.
#[derive(Deserialize)]
struct Row<'a> {
    name: String,
    #[serde(borrow, default)]
    epoch: Option<Cow<'a, str>>,
    version: String,
    release: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    subpackages: Vec<String>,
    #[serde(default)]
    patches: Vec<String>,
    #[serde(default)]
    build_requires: Vec<String>,
    #[serde(default)]
    bundled: Vec<Bundled>,
    #[serde(borrow, default)]
    section: Cow<'a, str>,
    #[serde(borrow, default)]
    spec: Cow<'a, str>,
    #[serde(default)]
    cve_patches: Vec<String>,
    #[serde(default)]
    cve_nopatches: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Bundled {
    Pair(String, Option<String>),
    Text(String),
}

/// Reads a packages file: one JSON object (plain or packed with gzip, zstd or xz) with the declarations of all specs of a tag of a spec
/// tree.
///
/// Keys: `revision`, `date`, and `packages` with `name`, `epoch`, `version`, `release`, `url`, `source`, `subpackages`,
/// `patches`, `build_requires`, `bundled` (pairs of name and version, or `bundled(name) = version`), `section`, `spec`,
/// `cve_patches`, `cve_nopatches`. A patch that the spec names counts as applied; a CVE patch that only lies beside the
/// spec has `applied: None`. The format has no texts of decisions.
///
/// A package that cannot be read, and a version with a macro left in it, becomes a [`Problem`].
///
/// # Errors
/// When the file cannot be read or unpacked, is larger than 1 GiB, or is not such an object.
pub fn read_packages_file(path: impl AsRef<Path>) -> Result<Inventory, InventoryError> {
    let path = path.as_ref();
    let bytes = read_unpacked(path)?;
    parse_packages_file(&bytes, path)
}

/// Reads as [`read_packages_file`] does, from unpacked bytes; `path` is only for messages and the origin.
///
/// # Errors
/// When the bytes are not such an object.
pub fn parse_packages_file(bytes: &[u8], path: &Path) -> Result<Inventory, InventoryError> {
    let mut out = Inventory::new("packages file", path.display().to_string());
    let file_name = path.file_name().map_or_else(|| "packages file".to_owned(), |n| n.to_string_lossy().into_owned());
    match serde_json::from_slice::<File<'_, Row<'_>>>(bytes) {
        Ok(file) => {
            header(&mut out, file.revision, file.date.as_deref(), &file_name);
            out.packages.reserve(file.packages.len());
            for row in file.packages {
                add(&mut out, row);
            }
        }
        // One bad package must not cost the others: read them one by one.
        Err(_) => {
            let bytes = &*text_of(bytes);
            let file: File<'_, &RawValue> = serde_json::from_slice(bytes).map_err(|e| InventoryError::Format {
                path: path.to_owned(),
                line: Some(e.line()),
                message: format!("not a packages file: {e}; expected {{\"revision\", \"date\", \"packages\": [...]}}"),
            })?;
            header(&mut out, file.revision, file.date.as_deref(), &file_name);
            // Counted on from the last bad package: many of them must not mean many passes over the file.
            let (mut counted, mut line) = (0, 1);
            for (at, raw) in file.packages.into_iter().enumerate() {
                match serde_json::from_str::<Row<'_>>(raw.get()) {
                    Ok(row) => add(&mut out, row),
                    Err(e) => {
                        let offset = (raw.get().as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
                        line += line_of(bytes.get(counted..).unwrap_or_default(), offset.saturating_sub(counted)) - 1;
                        counted = offset.max(counted);
                        let message = format!("package {} (byte {offset}) left out: {e}", at + 1);
                        out.problems.push(Problem { kind: ProblemKind::Part, file: file_name.clone(), line: Some(line), message });
                    }
                }
            }
        }
    }
    out.sort();
    Ok(out)
}

/// A packages file as it is written.
#[derive(Serialize)]
struct Written<'a> {
    revision: Option<&'a str>,
    date: Option<&'a str>,
    packages: Vec<WrittenRow<'a>>,
}

#[derive(Serialize)]
struct WrittenRow<'a> {
    name: &'a str,
    epoch: String,
    version: &'a str,
    release: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subpackages: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    build_requires: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bundled: Vec<(String, Option<&'a str>)>,
}

impl<'a> WrittenRow<'a> {
    fn of(package: &'a SourcePackage) -> Self {
        let binaries = package.binaries.iter().map(|binary| binary.name.as_str()).filter(|name| *name != package.name);
        let bundled = package.components.iter().filter(|component| component.source == ComponentSource::Bundled);
        Self {
            name: &package.name,
            epoch: package.evr.epoch.to_string(),
            version: &package.evr.version,
            release: &package.evr.release,
            url: package.url.as_deref(),
            source: package.sources.first().map(String::as_str),
            subpackages: binaries.collect(),
            build_requires: &package.build_requires,
            bundled: bundled.map(|component| (bundled_name(component), component.version.as_deref())).collect(),
        }
    }
}

/// Writes a packages file that says what the names of an inventory's packages mean: their versions, homes, first source archives, binary
/// packages, build requirements and bundled libraries. Patches and decisions are left out, since they belong to one version.
///
/// # Errors
/// When it cannot be written.
pub fn write_names(inventory: &Inventory, out: impl Write) -> io::Result<()> {
    let packages = inventory.packages.iter().map(WrittenRow::of).collect();
    let file = Written { revision: inventory.origin.revision.as_deref(), date: inventory.date.as_deref(), packages };
    serde_json::to_writer(out, &file).map_err(io::Error::from)
}

fn header(out: &mut Inventory, revision: Option<String>, date: Option<&str>, file: &str) {
    out.origin.revision = revision;
    out.date = date.and_then(day).map(str::to_owned);
    if let (Some(text), None) = (date, &out.date) {
        let message = format!("the date {text:?} does not start with YYYY-MM-DD; taken as unknown");
        out.problems.push(Problem { kind: ProblemKind::Part, file: file.to_owned(), line: None, message });
    }
}

fn add(out: &mut Inventory, row: Row<'_>) {
    let found_in = format!("{}/{}/{}", row.section, row.name, row.spec);
    let mut problem = |kind, message: String| out.problems.push(Problem { kind, file: found_in.clone(), line: None, message });
    let epoch = match row.epoch.as_deref().map(str::parse::<u32>) {
        None => 0,
        Some(Ok(epoch)) => epoch,
        Some(Err(_)) => {
            problem(ProblemKind::Part, format!("the epoch {:?} is no number; taken as 0", row.epoch.as_deref().unwrap_or_default()));
            0
        }
    };
    for (what, text) in [("name", &row.name), ("version", &row.version), ("release", &row.release)] {
        if text.contains('%') {
            problem(
                ProblemKind::Macro,
                format!("the {what} {text:?} still has a macro in it; kept as it stands, so comparisons with it are not reliable"),
            );
        } else if text.is_empty() {
            problem(ProblemKind::Part, format!("the {what} is empty"));
        }
    }
    let mut decisions = Vec::with_capacity(row.cve_nopatches.len());
    for file in row.cve_nopatches {
        let mut ids = CveId::find_all(&file).peekable();
        if ids.peek().is_none() {
            problem(ProblemKind::Part, format!("the decision file {file:?} names no CVE; left out"));
        }
        decisions.extend(ids.map(|cve| Decision { cve, file: file.clone(), text: None }));
    }
    let source = row.source.map(|s| expand(s, &row.name, &row.version, row.url.as_deref()));
    let components = row
        .bundled
        .into_iter()
        .filter_map(|b| match b {
            Bundled::Pair(name, version) => Some((name, version)),
            Bundled::Text(text) => parse_bundled(&text),
        })
        .map(|(name, version)| bundled_component(name, version, &row.spec))
        .collect();
    let mut binaries = Vec::with_capacity(row.subpackages.len() + 1);
    binaries.push(BinaryPackage { name: row.name.clone(), evr: None, arch: None });
    binaries.extend(row.subpackages.into_iter().map(|name| BinaryPackage { name, evr: None, arch: None }));
    out.packages.push(SourcePackage {
        evr: Evr::new(epoch, row.version, row.release),
        url: row.url,
        sources: source.into_iter().collect(),
        binaries,
        patches: patches(row.patches, row.cve_patches),
        decisions,
        build_requires: row.build_requires,
        components,
        lists: Vec::new(),
        changelog: Vec::new(),
        found_in,
        name: row.name,
    });
}

/// The patches that the spec names, then the CVE patches that only lie beside it.
fn patches(named: Vec<String>, beside: Vec<String>) -> Vec<Patch> {
    let last = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let declared: HashSet<String> = if beside.is_empty() { HashSet::new() } else { named.iter().map(|f| last(f)).collect() };
    let extra = beside.into_iter().filter(|f| !declared.contains(&last(f)));
    let mut out: Vec<Patch> = named.into_iter().map(|f| Patch { cves: fixed_by_name(&f), file: f, applied: Some(true) }).collect();
    out.extend(extra.map(|f| Patch { cves: fixed_by_name(&f), file: f, applied: None }));
    out
}

/// The source with three macros replaced whose values are in the same row; the writer of the file left them where the URL was missing.
fn expand(source: String, name: &str, version: &str, url: Option<&str>) -> String {
    if !source.contains("%{") {
        return source;
    }
    let source = source.replace("%{name}", name).replace("%{version}", version);
    match url {
        Some(url) => source.replace("%{url}", url),
        None => source,
    }
}

/// The name and version of `bundled(name) = version`; `None` for the version where it has none.
pub(crate) fn parse_bundled(text: &str) -> Option<(String, Option<String>)> {
    let (name, rest) = text.trim().strip_prefix("bundled(")?.rsplit_once(')')?;
    let version = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '<' | '>')).trim();
    if name.is_empty() {
        return None;
    }
    Some((name.to_owned(), (!version.is_empty()).then(|| version.to_owned())))
}

/// A bundled library as a component. Fedora's guidelines write language packages as `golang(path)`, `npm(x)`, `python3dist(x)`
/// or `crate(x)` inside it, and many specs as `nodejs-x` or `js-x`; only the unmistakable forms get an ecosystem.
pub(crate) fn bundled_component(name: String, version: Option<String>, found_in: &str) -> Component {
    let inner = |prefix: &str| name.strip_prefix(prefix).map(|rest| rest.trim_end_matches(')').to_owned()).filter(|r| !r.is_empty());
    let (ecosystem, plain) = if let Some(path) = inner("golang(") {
        ("golang", path)
    } else if let Some(path) = inner("npm(") {
        ("npm", path)
    } else if let Some(path) = inner("crate(") {
        ("cargo", path)
    } else if let Some(path) = inner("python3dist(") {
        ("pypi", path)
    } else {
        ("generic", name)
    };
    Component {
        ecosystem: ecosystem.to_owned(),
        name: plain,
        version,
        cpe: None,
        source: ComponentSource::Bundled,
        found_in: found_in.to_owned(),
        shipped: true,
    }
}

/// The name of a component as a spec writes it within `bundled(...)`: [`bundled_component`] the other way round.
fn bundled_name(component: &Component) -> String {
    match component.ecosystem.as_str() {
        "golang" => format!("golang({})", component.name),
        "npm" => format!("npm({})", component.name),
        "cargo" => format!("crate({})", component.name),
        "pypi" => format!("python3dist({})", component.name),
        _ => component.name.clone(),
    }
}
