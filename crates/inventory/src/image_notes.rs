use std::borrow::Cow;
use std::path::Path;

use seaworthy_model::text::cut;
use seaworthy_model::{Evr, Nevra};
use serde::Deserialize;
use serde_json::Value;

use crate::load::{read_unpacked, text_of, without_mark};
use crate::types::unfit_package;
use crate::{BinaryPackage, Component, ComponentSource, Image, Inventory, InventoryError, Problem, ProblemKind, SourcePackage};

/// The part of a line that says which image it is about.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Notes {
    #[serde(default)]
    sku: String,
    version: String,
    #[serde(default)]
    built: Option<String>,
    #[serde(default)]
    os_version: Option<String>,
    #[serde(default)]
    kernel: Option<String>,
    #[serde(default)]
    packages: Vec<Value>,
    #[serde(default)]
    components: Vec<Value>,
    #[serde(default, alias = "containers")]
    container_images: Vec<String>,
}

/// Reads the notes of node images: a file with one JSON object a line (plain or packed with gzip, zstd or xz), each with
/// `sku`, `version`, `built`, `os_version`, `kernel`, `packages` (NEVRAs), `components` (`NAME version VERSION`) and
/// `container_images`. Takes the image of `version`, or the newest.
///
/// The notes know binary packages only: each stands as a source package of its own name until
/// [`crate::attribute`] maps it to its source. Components outside of packages stand under one entry named after the
/// image's kind, which has no binaries. Lines that cannot be read and entries that are no NEVRA become [`Problem`]s; keys
/// of the RPM database (`gpg-pubkey`) are left out.
///
/// # Errors
/// When the file cannot be read, holds no image, or not the one asked for (the message names the nearest ones).
pub fn read_image_notes(path: impl AsRef<Path>, version: Option<&str>) -> Result<Inventory, InventoryError> {
    let path = path.as_ref();
    parse_image_notes(&read_unpacked(path)?, path, version)
}

/// All images of a file of notes, the oldest first; of equal versions the last line counts. Lines that cannot be read are [`Problem`]s of
/// the first image.
///
/// # Errors
/// When the file cannot be read or holds no image.
pub fn read_all_image_notes(path: impl AsRef<Path>) -> Result<Vec<Inventory>, InventoryError> {
    let path = path.as_ref();
    let bytes = read_unpacked(path)?;
    let newest = parse_image_notes(&bytes, path, None)?;
    let mut versions: Vec<(Vec<u64>, String)> = bytes
        .split(|&b| b == b'\n')
        .filter_map(|line| serde_json::from_slice::<Head<'_>>(line).ok())
        .map(|head| (version_key(&head.version), head.version.into_owned()))
        .collect();
    versions.sort();
    versions.dedup();
    let last = versions.pop();
    let mut images =
        versions.into_iter().map(|(_, version)| parse_image_notes(&bytes, path, Some(&version))).collect::<Result<Vec<_>, _>>()?;
    images.extend(last.map(|_| newest));
    let problems = images.first_mut().map(|first| std::mem::take(&mut first.problems)).unwrap_or_default();
    for image in &mut images {
        image.problems.retain(|p| !problems.contains(p));
    }
    if let Some(first) = images.first_mut() {
        first.problems = problems;
    }
    Ok(images)
}

/// Reads as [`read_image_notes`] does, from unpacked bytes; `path` is only for messages and the origin.
///
/// # Errors
/// As [`read_image_notes`].
pub fn parse_image_notes(bytes: &[u8], path: &Path, version: Option<&str>) -> Result<Inventory, InventoryError> {
    let file = file_name(path);
    let bytes = &*text_of(bytes);
    let mut problems = Vec::new();
    let mut images: Vec<(Vec<u64>, String, usize, &[u8])> = Vec::new();
    for (at, line) in bytes.split(|&b| b == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Head<'_>>(line) {
            Ok(head) => images.push((version_key(&head.version), head.version.into_owned(), at + 1, line)),
            Err(e) => problems.push(Problem {
                kind: ProblemKind::Part,
                file: file.clone(),
                line: Some(at + 1),
                message: format!("line left out: {e}"),
            }),
        }
    }
    images.sort();
    let Some(newest) = images.last() else {
        let line = problems.first().and_then(|p| p.line);
        return Err(InventoryError::Format {
            path: path.to_owned(),
            line,
            message: "no image notes in it; expected one JSON object a line".into(),
        });
    };
    let (_, _, line, chosen) = match version {
        None => newest,
        // The last of equal versions: notes are appended, a later line corrects an earlier one.
        Some(wanted) => images.iter().rev().find(|i| i.1 == wanted).ok_or_else(|| unknown(path, wanted, &images, &newest.1))?,
    };
    let notes: Notes = serde_json::from_slice(chosen).map_err(|e| InventoryError::Format {
        path: path.to_owned(),
        line: Some(*line),
        message: format!("the notes of the image cannot be read: {e}"),
    })?;
    let mut out = Inventory::new("image notes", path.display().to_string());
    out.problems = problems;
    fill(&mut out, notes, &file, *line);
    out.sort();
    Ok(out)
}

fn unknown(path: &Path, wanted: &str, images: &[(Vec<u64>, String, usize, &[u8])], newest: &str) -> InventoryError {
    let key = version_key(wanted);
    let at = images.partition_point(|i| i.0 < key);
    let near: Vec<&str> = images.iter().skip(at.saturating_sub(2)).take(4).map(|i| i.1.as_str()).collect();
    InventoryError::format(path, format!("no image {wanted:?} in it; the nearest are {}; the newest is {newest}", near.join(", ")))
}

/// The numbers between the dots of a version; a part that is no number counts as 0.
fn version_key(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

fn fill(out: &mut Inventory, notes: Notes, file: &str, line: usize) {
    let some = |text: Option<String>| text.filter(|t| !t.is_empty());
    let built = some(notes.built);
    let kernel = some(notes.kernel);
    out.origin.revision = Some(notes.version.clone());
    out.date = built.as_deref().and_then(built_day).or_else(|| day_of_version(&notes.version));
    let mut bad = Vec::new();
    let mut found: Vec<Nevra> = Vec::with_capacity(notes.packages.len());
    for entry in &notes.packages {
        let Some(text) = entry.as_str() else {
            bad.push(format!("{} is no text", cut(&entry.to_string(), 80)));
            continue;
        };
        if is_key(text) {
            continue;
        }
        match nevra(text) {
            Ok(nevra) => found.push(nevra),
            Err(e) => bad.push(e),
        }
    }
    let problem = |kind, message: String| Problem { kind, file: file.to_owned(), line: Some(line), message };
    let part = |message: String| problem(ProblemKind::Part, message);
    if !bad.is_empty() {
        let some: Vec<&str> = bad.iter().take(8).map(String::as_str).collect();
        out.problems.push(part(format!("{} entries of the package list are left out: {}", bad.len(), some.join("; "))));
    }
    if found.is_empty() {
        let message = "the notes of this image list no package: nothing can be said about its packages, except for the kernel".to_owned();
        out.problems.push(problem(ProblemKind::NotListed, message));
    }
    if let Some(kernel) = &kernel {
        let listed: Vec<String> = found.iter().filter(|n| is_kernel(&n.name)).map(|n| n.evr.to_string()).collect();
        match kernel.parse::<Evr>().map_err(|e| e.to_string()).and_then(|evr| unfit_package("kernel", &evr).map_or(Ok(evr), Err)) {
            _ if listed.contains(kernel) => {}
            _ if !listed.is_empty() => {
                let said = listed.join(", ");
                out.problems.push(part(format!("the notes say kernel {kernel}, their package list says {said}; the list is used")));
            }
            // An image has a kernel also where nobody listed its packages.
            Ok(evr) => found.push(Nevra { name: "kernel".to_owned(), evr, arch: String::new() }),
            Err(e) => out.problems.push(part(format!("the kernel that the notes state is left out: {e}"))),
        }
    }
    out.packages = group(found, file);
    let components: Vec<Component> = notes.components.iter().filter_map(|entry| component(entry.as_str()?)).collect();
    if !components.is_empty() {
        let name = if notes.sku.is_empty() { "image" } else { &notes.sku };
        let mut package = SourcePackage::new(name, Evr::new(0, notes.version.clone(), ""), file);
        package.components = components;
        package.components.sort();
        package.components.dedup();
        out.packages.push(package);
    }
    out.image = Some(Image {
        sku: notes.sku,
        version: notes.version,
        built,
        os_version: some(notes.os_version),
        kernel,
        containers: notes.container_images,
    });
}

/// A package of a list, or why it can be none.
fn nevra(text: &str) -> Result<Nevra, String> {
    let nevra: Nevra = text.parse().map_err(|e| format!("{e}"))?;
    match unfit_package(&nevra.name, &nevra.evr) {
        None => Ok(nevra),
        Some(unfit) => Err(unfit),
    }
}

fn is_kernel(name: &str) -> bool {
    name == "kernel" || name.starts_with("kernel-")
}

/// Whether a package is a signing key, which rpm keeps as a package without files.
fn is_key(text: &str) -> bool {
    text.starts_with("gpg-pubkey-")
}

/// The component in a text `NAME version VERSION`.
fn component(text: &str) -> Option<Component> {
    let (name, version) = text.rsplit_once(" version ").map_or((text, None), |(n, v)| (n, Some(v.trim())));
    (!name.trim().is_empty()).then(|| Component {
        ecosystem: "generic".to_owned(),
        name: name.trim().to_owned(),
        version: version.filter(|v| !v.is_empty()).map(str::to_owned),
        cpe: None,
        source: ComponentSource::Sbom,
        found_in: "components of the image notes".to_owned(),
        shipped: true,
    })
}

/// The source packages by name and version; several architectures of one package are its binaries.
fn group(mut found: Vec<Nevra>, found_in: &str) -> Vec<SourcePackage> {
    found.sort_by_cached_key(|n| (n.name.clone(), n.evr.sort_key(), n.arch.clone()));
    let mut out: Vec<SourcePackage> = Vec::with_capacity(found.len());
    for nevra in found {
        let binary = BinaryPackage {
            name: nevra.name.clone(),
            evr: Some(nevra.evr.to_string()),
            arch: (!nevra.arch.is_empty()).then_some(nevra.arch),
        };
        match out.last_mut() {
            Some(last) if last.name == nevra.name && last.evr == nevra.evr => {
                if !last.binaries.contains(&binary) {
                    last.binaries.push(binary);
                }
            }
            _ => {
                let mut package = SourcePackage::new(nevra.name, nevra.evr, found_in);
                package.binaries.push(binary);
                out.push(package);
            }
        }
    }
    out
}

/// The day in a text like `Tue May 5 18:52:01 UTC 2026`, as `YYYY-MM-DD`.
fn built_day(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, .., year] = words.as_slice() else { return None };
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|m| m == month)? + 1;
    let (day, year): (u8, u16) = (day.parse().ok()?, year.parse().ok()?);
    ((1..=31).contains(&day) && year >= 1990).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The day in a version like `202608.20.0`, as `YYYY-MM-DD`.
fn day_of_version(version: &str) -> Option<String> {
    let (month, rest) = version.split_once('.')?;
    let day: u8 = rest.split('.').next()?.parse().ok()?;
    let (year, month) = (month.get(..4)?, month.get(4..)?);
    let ok = year.bytes().all(|b| b.is_ascii_digit()) && (1..=12).contains(&month.parse::<u8>().ok()?) && (1..=31).contains(&day);
    ok.then(|| format!("{year}-{month:0>2}-{day:02}"))
}

/// Reads a list of packages: one NEVRA a line as `rpm -qa` prints them, empty lines and `#` comments ignored, the keys of
/// the RPM database (`gpg-pubkey`) left out.
///
/// The list knows binary packages only; see [`crate::attribute`]. A line that is no NEVRA becomes a [`Problem`].
///
/// # Errors
/// When the file cannot be read or unpacked, or not one line of it is a NEVRA.
pub fn read_nevra_list(path: impl AsRef<Path>) -> Result<Inventory, InventoryError> {
    let path = path.as_ref();
    parse_nevra_list(&read_unpacked(path)?, path)
}

/// Reads as [`read_nevra_list`] does, from unpacked bytes; `path` is only for messages and the origin.
///
/// # Errors
/// When there are lines and none of them is a NEVRA.
pub fn parse_nevra_list(bytes: &[u8], path: &Path) -> Result<Inventory, InventoryError> {
    let mut out = Inventory::new("package list", path.display().to_string());
    let file = file_name(path);
    let mut found = Vec::new();
    for (at, line) in without_mark(bytes).split(|&b| b == b'\n').enumerate() {
        let text = String::from_utf8_lossy(line);
        let text = text.split('#').next().unwrap_or_default().trim();
        if text.is_empty() || is_key(text) {
            continue;
        }
        match nevra(text) {
            Ok(nevra) => found.push(nevra),
            Err(e) => out.problems.push(Problem {
                kind: ProblemKind::Part,
                file: file.clone(),
                line: Some(at + 1),
                message: format!("line left out: {e}"),
            }),
        }
        if found.is_empty() && out.problems.len() >= 1000 {
            break;
        }
    }
    if let (true, Some(first)) = (found.is_empty(), out.problems.first()) {
        let message = format!("no line is a package NAME-VERSION-RELEASE.ARCH: {}", first.message);
        return Err(InventoryError::Format { path: path.to_owned(), line: first.line, message });
    }
    out.packages = group(found, &file);
    out.sort();
    Ok(out)
}
