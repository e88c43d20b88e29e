use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::str::FromStr;

use packageurl::PackageUrl;
use seaworthy_model::{Evr, Nevra};
use serde_json::Value;

use crate::built::{Built, group};
use crate::load::{day, read_unpacked, text_of};
use crate::types::unfit_package;
use crate::{Component, ComponentSource, Image, Inventory, InventoryError, Problem, ProblemKind, SourcePackage};

/// The greatest number of entries of a document.
const MAX_ITEMS: usize = 2_000_000;
const MAX_UPWARDS: usize = 64;

/// A component or package of either format.
#[derive(Default)]
struct Item {
    name: String,
    version: Option<String>,
    purl: Option<String>,
    cpe: Option<String>,
    /// The source package, where the document names it beside the package URL.
    source: Option<SourceName>,
    /// The item that contains it.
    parent: Option<usize>,
    /// The place in the document, as a JSON pointer.
    place: String,
}

/// The source package of an RPM package.
#[derive(Clone, Default)]
struct SourceName {
    /// The name, version and release, as the file of a source RPM is called; or the name alone.
    rpm: String,
    epoch: Option<u32>,
}

/// A document in the form that both formats share.
#[derive(Default)]
struct Document {
    items: Vec<Item>,
    /// The name and version of the subject of the document.
    about: Option<(String, Option<String>)>,
    image: Option<Image>,
    /// The operating system, where the document names it so that it can be judged.
    system: Option<Item>,
    date: Option<String>,
    revision: Option<String>,
    notes: Vec<(String, String)>,
}

/// Reads an SBOM: CycloneDX 1.4 to 1.6 or SPDX 2.3, as JSON (plain or packed with gzip, zstd or xz).
///
/// Packages with a `pkg:rpm` URL become binaries of the source package that the qualifier `upstream` (or `source`) names, or that the
/// document names beside it: Trivy in the properties `aquasecurity:trivy:SrcName`, `SrcVersion`, `SrcRelease` and `SrcEpoch` of CycloneDX
/// and in `sourceInfo` of SPDX, Syft in the property `syft:metadata:sourceRpm`. The epoch of a package is that of the qualifier `epoch`.
/// All others become components of the RPM package that contains them, else of one entry for the subject of the document. CPE names of
/// components are kept; that of an RPM package is not, since its version says nothing of the distribution's patches. What has no package
/// URL counts as `generic`.
///
/// # Errors
/// When the file cannot be read, is neither format, or is an SPDX 3 document. An entry that cannot be read is a [`Problem`]
/// that names its place as a JSON pointer.
pub fn read_sbom(path: impl AsRef<Path>) -> Result<Inventory, InventoryError> {
    let path = path.as_ref();
    parse_sbom(&read_unpacked(path)?, path)
}

/// Reads as [`read_sbom`] does, from unpacked bytes; `path` is only for messages and the origin.
///
/// # Errors
/// As [`read_sbom`].
pub fn parse_sbom(bytes: &[u8], path: &Path) -> Result<Inventory, InventoryError> {
    let value: Value = serde_json::from_slice(&text_of(bytes)).map_err(|e| InventoryError::Format {
        path: path.to_owned(),
        line: Some(e.line()),
        message: format!("not JSON: {e}; SBOMs are read as CycloneDX or SPDX 2.3 JSON"),
    })?;
    let document = if text(&value, "bomFormat").as_deref() == Some("CycloneDX") {
        cyclonedx(&value)
    } else if let Some(version) = text(&value, "spdxVersion") {
        spdx(&value, &version)
    } else if value.get("@graph").is_some() {
        return Err(InventoryError::format(path, "an SPDX 3 document; write it as SPDX 2.3 or CycloneDX JSON"));
    } else {
        return Err(InventoryError::format(path, "neither CycloneDX (\"bomFormat\") nor SPDX 2 (\"spdxVersion\")"));
    };
    if document.items.len() >= MAX_ITEMS {
        return Err(InventoryError::format(path, format!("more than {MAX_ITEMS} entries; refused")));
    }
    Ok(assemble(document, path))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn cyclonedx(value: &Value) -> Document {
    let mut out = Document { revision: text(value, "serialNumber"), ..Document::default() };
    let version = text(value, "specVersion").unwrap_or_default();
    if !matches!(version.as_str(), "1.4" | "1.5" | "1.6") {
        out.notes.push(("/specVersion".to_owned(), format!("CycloneDX {version:?} is read as if it were 1.6")));
    }
    if let Some(metadata) = value.get("metadata") {
        out.date = text(metadata, "timestamp");
        if let Some(about) = metadata.get("component") {
            out.about = text(about, "name").map(|name| (name, text(about, "version")));
            walk(about, "/metadata/component", None, &mut out, true);
        }
    }
    for (at, component) in list(value, "components").iter().enumerate() {
        walk(component, &format!("/components/{at}"), None, &mut out, false);
    }
    out
}

/// Adds a component and all inside it. The limit of 128 levels in the JSON parser bounds the recursion.
fn walk(value: &Value, place: &str, parent: Option<usize>, out: &mut Document, about: bool) {
    if out.items.len() >= MAX_ITEMS {
        return;
    }
    let kind = text(value, "type").unwrap_or_default();
    let mut inner = parent;
    match (text(value, "name"), kind.as_str()) {
        (None, _) => out.notes.push((place.to_owned(), "a component without a name left out".to_owned())),
        (Some(name), "operating-system") => {
            let version = text(value, "version");
            let (purl, cpe) = (text(value, "purl"), text(value, "cpe"));
            if purl.is_some() || cpe.is_some() {
                let (name, version) = (name.clone(), version.clone());
                out.system = Some(Item { name, version, purl, cpe, source: None, parent: None, place: place.to_owned() });
            }
            out.image = Some(Image { sku: name, version: version.clone().unwrap_or_default(), os_version: version, ..Image::default() });
        }
        // Files, data and devices have no version that could be judged.
        (Some(_), "file" | "data" | "device" | "machine-learning-model") => {}
        // What the document is about counts when it is a package itself.
        (Some(_), _) if about && text(value, "purl").is_none() => {}
        (Some(name), _) => {
            let name = match text(value, "group") {
                Some(group) => format!("{group}/{name}"),
                None => name,
            };
            inner = Some(out.items.len());
            out.items.push(Item {
                name,
                version: text(value, "version"),
                purl: text(value, "purl"),
                cpe: text(value, "cpe"),
                source: source_in_properties(value),
                parent,
                place: place.to_owned(),
            });
        }
    }
    for (at, component) in list(value, "components").iter().enumerate() {
        walk(component, &format!("{place}/components/{at}"), inner, out, false);
    }
}

/// The source package that the properties of a component name.
fn source_in_properties(component: &Value) -> Option<SourceName> {
    let property = |name: &str| {
        let found = list(component, "properties").iter().find(|p| p.get("name").and_then(Value::as_str) == Some(name))?;
        text(found, "value")
    };
    if let Some(rpm) = property("syft:metadata:sourceRpm") {
        return Some(SourceName { rpm, epoch: None });
    }
    let trivy = |part: &str| property(&format!("aquasecurity:trivy:{part}"));
    let name = trivy("SrcName")?;
    let version = trivy("SrcVersion").map(|version| match trivy("SrcRelease") {
        Some(release) => format!("{version}-{release}"),
        None => version,
    });
    let epoch = trivy("SrcEpoch").and_then(|epoch| epoch.parse().ok());
    Some(SourceName::of(&name, version.as_deref(), epoch))
}

/// The source package in a text `built package from: NAME [EPOCH:]VERSION-RELEASE`, which Trivy writes.
fn source_in_text(text: &str) -> Option<SourceName> {
    let (name, version) = text.trim().strip_prefix("built package from:")?.trim().split_once(' ')?;
    let evr: Evr = version.trim().parse().ok()?;
    let version = if evr.release.is_empty() { evr.version } else { format!("{}-{}", evr.version, evr.release) };
    Some(SourceName::of(name, Some(&version), Some(evr.epoch)))
}

impl SourceName {
    /// The source package of a name, and of a version with its release where they are known.
    fn of(name: &str, version: Option<&str>, epoch: Option<u32>) -> Self {
        let rpm = version.filter(|v| v.contains('-')).map_or_else(|| name.to_owned(), |version| format!("{name}-{version}.src.rpm"));
        Self { rpm, epoch }
    }
}

fn spdx(value: &Value, version: &str) -> Document {
    let mut out = Document { revision: text(value, "documentNamespace"), ..Document::default() };
    if version != "SPDX-2.3" {
        out.notes.push(("/spdxVersion".to_owned(), format!("{version:?} is read as if it were SPDX-2.3")));
    }
    out.date = value.get("creationInfo").and_then(|c| text(c, "created"));
    let mut ids: HashMap<String, usize> = HashMap::new();
    for (at, package) in list(value, "packages").iter().enumerate().take(MAX_ITEMS) {
        let place = format!("/packages/{at}");
        let Some(name) = text(package, "name") else {
            out.notes.push((place, "a package without a name left out".to_owned()));
            continue;
        };
        let refer = |kind: &str| {
            let found = list(package, "externalRefs").iter().find(|r| text(r, "referenceType").as_deref() == Some(kind));
            found.and_then(|r| text(r, "referenceLocator"))
        };
        if let Some(id) = text(package, "SPDXID") {
            ids.insert(id, out.items.len());
        }
        let version = text(package, "versionInfo").filter(|v| v != "NOASSERTION");
        let source = text(package, "sourceInfo").and_then(|text| source_in_text(&text));
        let cpe = refer("cpe23Type").or_else(|| refer("cpe22Type"));
        out.items.push(Item { name, version, purl: refer("purl"), cpe, source, parent: None, place });
    }
    let described = list(value, "documentDescribes").iter().filter_map(Value::as_str).map(str::to_owned);
    let mut about: Vec<String> = described.collect();
    for relation in list(value, "relationships") {
        let (from, to) = (text(relation, "spdxElementId"), text(relation, "relatedSpdxElement"));
        let (Some(from), Some(to)) = (from, to) else { continue };
        match text(relation, "relationshipType").as_deref() {
            Some("DESCRIBES") => about.push(to),
            Some("DESCRIBED_BY") => about.push(from),
            Some("CONTAINS") => contain(&mut out.items, ids.get(&from), ids.get(&to)),
            Some("CONTAINED_BY") => contain(&mut out.items, ids.get(&to), ids.get(&from)),
            _ => {}
        }
    }
    if let Some(item) = about.iter().find_map(|id| ids.get(id)).and_then(|&at| out.items.get_mut(at)) {
        out.about = Some((item.name.clone(), item.version.clone()));
        if item.purl.is_none() {
            // It stands as the entry for the document, not as a component of itself.
            item.name.clear();
        }
    }
    out
}

fn contain(items: &mut [Item], outer: Option<&usize>, inner: Option<&usize>) {
    if let (Some(&outer), Some(item)) = (outer, inner.and_then(|&at| items.get_mut(at))) {
        item.parent.get_or_insert(outer);
    }
}

fn assemble(document: Document, path: &Path) -> Inventory {
    let file = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut out = Inventory::new("SBOM", path.display().to_string());
    out.date = document.date.as_deref().and_then(day).map(str::to_owned);
    out.origin.revision = document.revision;
    out.image = document.image;
    let problem = |place: &str, message: String| Problem {
        kind: ProblemKind::Part,
        file: file.clone(),
        line: None,
        message: format!("{place}: {message}"),
    };
    out.problems.extend(document.notes.into_iter().map(|(place, note)| problem(&place, note)));
    let mut built: Vec<Built> = Vec::new();
    let mut rpm_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut rest: Vec<(usize, Component)> = Vec::new();
    for (at, item) in document.items.iter().enumerate().filter(|(_, i)| !i.name.is_empty()) {
        let purl = match item.purl.as_deref().map(PackageUrl::from_str) {
            Some(Err(e)) => {
                out.problems.push(problem(
                    &item.place,
                    format!("the package URL {:?} cannot be read ({e}); taken by its name", cut(item.purl.as_deref())),
                ));
                None
            }
            Some(Ok(purl)) => Some(purl),
            None => None,
        };
        match purl {
            Some(purl) if purl.ty() == "rpm" => match rpm(&purl, item, &file) {
                Ok(package) => {
                    rpm_of.insert(at, built.len());
                    built.push(package);
                }
                Err(e) => out.problems.push(problem(&item.place, format!("RPM package left out: {e}"))),
            },
            purl => rest.push((at, component(purl.as_ref(), item, &file))),
        }
    }
    let mut own = Vec::new();
    for (mut at, found) in rest {
        let mut owner = None;
        for _ in 0..MAX_UPWARDS {
            let Some(parent) = document.items.get(at).and_then(|i| i.parent) else { break };
            owner = rpm_of.get(&parent).and_then(|&b| built.get_mut(b));
            if owner.is_some() {
                break;
            }
            at = parent;
        }
        match owner {
            Some(package) => package.components.push(found),
            None => own.push(found),
        }
    }
    // The packages of a distribution say more of it than its name does.
    if let Some(system) = document.system.filter(|_| built.is_empty()) {
        let purl = system.purl.as_deref().and_then(|purl| PackageUrl::from_str(purl).ok());
        own.push(component(purl.as_ref(), &system, &file));
    }
    group(built, &mut out);
    if !own.is_empty() {
        let (name, version) = document.about.unwrap_or_else(|| (file.clone(), None));
        let mut package = SourcePackage::new(name, Evr::new(0, version.unwrap_or_default(), ""), file);
        own.sort();
        own.dedup();
        package.components = own;
        out.packages.push(package);
    }
    out.sort();
    out
}

fn cut(text: Option<&str>) -> String {
    text.unwrap_or_default().chars().take(200).collect()
}

fn rpm(purl: &PackageUrl<'_>, item: &Item, file: &str) -> Result<Built, String> {
    let get = |key: &str| purl.qualifiers().get(key).map(|v| v.as_ref()).filter(|v: &&str| !v.is_empty());
    let version = purl.version().or(item.version.as_deref()).ok_or("its package URL has no version")?;
    let evr: Evr = version.parse().map_err(|e| format!("{e}"))?;
    let epoch = match get("epoch") {
        Some(text) => text.parse().map_err(|_| format!("the epoch {text:?} is no number"))?,
        None => evr.epoch,
    };
    if let Some(unfit) = unfit_package(purl.name(), &evr) {
        return Err(unfit);
    }
    let arch = get("arch").unwrap_or_default().to_owned();
    let beside = item.source.as_ref();
    let stated = get("upstream").or_else(|| get("source"));
    let source_rpm = stated.or(beside.map(|source| source.rpm.as_str())).map(|source| match source.parse::<Nevra>() {
        Ok(_) => source.to_owned(),
        // A bare name: the source has the binary's version.
        Err(_) => format!("{source}-{}-{}.src.rpm", evr.version, evr.release),
    });
    Ok(Built {
        name: purl.name().to_owned(),
        arch,
        epoch,
        version: evr.version,
        release: evr.release,
        source_rpm,
        source_epoch: beside.and_then(|source| source.epoch),
        found_in: file.to_owned(),
        ..Built::default()
    })
}

fn component(purl: Option<&PackageUrl<'_>>, item: &Item, file: &str) -> Component {
    let (ecosystem, name, version) = match purl {
        Some(purl) => {
            let name = purl.namespace().map_or_else(|| purl.name().to_owned(), |space| format!("{space}/{}", purl.name()));
            (purl.ty().to_owned(), name, purl.version().map(str::to_owned))
        }
        None => ("generic".to_owned(), item.name.clone(), None),
    };
    Component {
        ecosystem,
        name,
        version: version.or_else(|| item.version.clone()),
        cpe: item.cpe.clone(),
        source: ComponentSource::Sbom,
        found_in: file.to_owned(),
        shipped: true,
    }
}
