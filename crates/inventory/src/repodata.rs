use std::path::{Component as PathPart, Path};

use seaworthy_host::xml::{Faults, Step, Xml, XmlError};
use seaworthy_model::hex;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::load::{MAX_BYTES, day_of_seconds, read_limited, unpack};
use crate::metadata_xml::{broken, left_out as record_left_out, utf8};
use crate::other::read_changelogs;
use crate::primary::parse_primary;
use crate::updateinfo::{apply_updates, parse_updateinfo};
use crate::{Inventory, InventoryError, Problem, ProblemKind};

/// A function that gets a file of a repository by its path below the repository's root (`repodata/repomd.xml`).
pub type Fetch<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, InventoryError>;

/// The path of a repository's index, below its root.
const INDEX: &str = "repodata/repomd.xml";

/// A `<data>` element of repomd.xml.
#[derive(Default)]
struct Data {
    kind: String,
    href: Option<String>,
    checksum: Option<(String, String)>,
    /// The reason why the element cannot be used.
    fault: Option<XmlError>,
}

/// The content of repomd.xml.
struct Index {
    revision: Option<String>,
    data: Vec<Data>,
    /// The parts that cannot be read and belong to no named file.
    faults: Vec<XmlError>,
}

/// Reads an RPM repository in a local folder (the one that has `repodata/`), see [`read_repository_with`].
///
/// # Errors
/// As [`read_repository_with`]; no file outside of the folder is read.
pub fn read_repository(dir: impl AsRef<Path>) -> Result<Inventory, InventoryError> {
    let dir = dir.as_ref();
    let root = dir.canonicalize().map_err(|e| InventoryError::read(dir, e))?;
    let fetch = |name: &str| {
        let path = dir.join(name);
        let real = path.canonicalize().map_err(|e| InventoryError::read(&path, e))?;
        if !real.starts_with(&root) {
            return Err(InventoryError::format(&path, "leads out of the repository by a link; refused"));
        }
        read_limited(&real, MAX_BYTES)
    };
    read_repository_with(&dir.display().to_string(), &fetch)
}

/// Reads an RPM repository through `fetch`: repomd.xml, then primary, other (changelogs) and updateinfo (plain, gzip, zstd or xz), each
/// checked against the checksum that repomd.xml states.
///
/// Binary packages are grouped by the name, version and release of their source RPM (`rpm:sourcerpm`); the source's epoch,
/// which metadata do not tell, is the one of a binary with the same version. `bundled(...)` provides become components.
/// Advisories of updateinfo become changelog entries of the packages at or above the fixed version. The format is the one
/// that `createrepo_c` writes.
///
/// # Errors
/// When a file is missing, its checksum or form is wrong, or a limit on size is passed. Changelogs and updateinfo that cannot be read are a
/// [`Problem`] only.
pub fn read_repository_with(location: &str, fetch: Fetch<'_>) -> Result<Inventory, InventoryError> {
    let place = |name: &str| Path::new(location).join(name);
    let index = fetch(INDEX)?;
    let Index { revision, data, faults } = parse_repomd(&index, &place(INDEX))?;
    let mut out = Inventory::new("repository", location);
    // createrepo_c writes the time as the revision unless told otherwise.
    out.date = revision.as_deref().and_then(|r| r.parse::<i64>().ok()).filter(|&s| s > 100_000_000).and_then(day_of_seconds);
    out.origin.revision = revision;
    out.problems.extend(faults.iter().map(|fault| record_left_out("an entry", "", INDEX, fault)));
    let find = |kind: &str| data.iter().find(|d| d.kind == kind);
    let primary = find("primary").ok_or_else(|| {
        InventoryError::format(
            place(INDEX),
            "names no primary metadata; a repository with only sqlite metadata must be indexed again with createrepo_c",
        )
    })?;
    let (bytes, name) = get(primary, location, fetch, &mut out.problems)?;
    parse_primary(&bytes, &place(&name), &mut out)?;
    let left_out = |what: &str, e: InventoryError| Problem {
        kind: ProblemKind::Part,
        file: INDEX.to_owned(),
        line: None,
        message: format!("{what} left out: {e}"),
    };
    if let Some(changelogs) = find("other") {
        let read =
            get(changelogs, location, fetch, &mut out.problems).and_then(|(bytes, name)| read_changelogs(&bytes, &place(&name), &mut out));
        out.problems.extend(read.err().map(|e| left_out("changelogs", e)));
    }
    if let Some(updates) = find("updateinfo") {
        let read = get(updates, location, fetch, &mut out.problems)
            .and_then(|(bytes, name)| parse_updateinfo(&bytes, &place(&name), &mut out.problems));
        match read {
            Ok(updates) => apply_updates(&mut out, &updates),
            Err(e) => out.problems.push(left_out("advisories", e)),
        }
    }
    out.sort();
    Ok(out)
}

fn get(data: &Data, location: &str, fetch: Fetch<'_>, problems: &mut Vec<Problem>) -> Result<(Vec<u8>, String), InventoryError> {
    let href = data.href.as_deref().unwrap_or_default();
    let path = Path::new(location).join(href);
    if let Some(fault) = &data.fault {
        let message = format!("the entry of {}: byte {}: {}", data.kind, fault.at, fault.message);
        return Err(InventoryError::Format { path: Path::new(location).join(INDEX), line: Some(fault.line), message });
    }
    let plain = !href.is_empty()
        && !href.contains("://")
        && Path::new(href).components().all(|c| matches!(c, PathPart::Normal(_) | PathPart::CurDir));
    if !plain {
        return Err(InventoryError::format(&path, format!("the location {href:?} of {} leads out of the repository; refused", data.kind)));
    }
    let packed = fetch(href)?;
    match &data.checksum {
        None => problems.push(Problem {
            kind: ProblemKind::Part,
            file: href.to_owned(),
            line: None,
            message: "repomd.xml states no checksum for it; read unverified".into(),
        }),
        Some((kind, wanted)) => {
            let found = match kind.as_str() {
                "sha256" => hex(&Sha256::digest(&packed)),
                "sha384" => hex(&Sha384::digest(&packed)),
                "sha512" => hex(&Sha512::digest(&packed)),
                other => {
                    let message = format!(
                        "the checksum type {other:?} proves nothing; index the repository again with createrepo_c --checksum sha256"
                    );
                    return Err(InventoryError::format(&path, message));
                }
            };
            if !found.eq_ignore_ascii_case(wanted) {
                let message = format!("{kind} is {found}, repomd.xml says {wanted}; the copy is broken or half updated: fetch it again");
                return Err(InventoryError::format(&path, message));
            }
        }
    }
    Ok((unpack(&path, packed, MAX_BYTES)?, href.to_owned()))
}

fn parse_repomd(bytes: &[u8], path: &Path) -> Result<Index, InventoryError> {
    let mut xml = Xml::new(utf8(bytes, path)?);
    let mut out = Index { revision: None, data: Vec::new(), faults: Vec::new() };
    let mut now = Data::default();
    let mut checksum_kind = String::new();
    let mut faults = Faults::default();
    let mut root = false;
    while let Some(step) = xml.next().map_err(|e| broken(path, e))? {
        match step {
            Step::Open(start) if xml.inside(&["repomd", "data"]) => {
                now = Data { kind: faults.keep(xml.attribute(&start, "type")).unwrap_or_default(), ..Data::default() };
            }
            Step::Open(start) if xml.inside(&["data", "location"]) => now.href = faults.keep(xml.attribute(&start, "href")),
            Step::Open(start) if xml.inside(&["data", "checksum"]) => {
                checksum_kind = faults.keep(xml.attribute(&start, "type")).unwrap_or_default();
            }
            Step::Open(_) => root |= xml.depth() == 1 && xml.inside(&["repomd"]),
            Step::Close { name, text } if name == "checksum" && xml.inside(&["data"]) => {
                now.checksum = Some((std::mem::take(&mut checksum_kind), faults.keep(text)));
            }
            Step::Close { name, .. } if name == "data" && xml.inside(&["repomd"]) => {
                let mut done = std::mem::take(&mut now);
                done.fault = faults.take();
                match done.fault {
                    Some(fault) if done.kind.is_empty() => out.faults.push(fault),
                    _ => out.data.push(done),
                }
            }
            Step::Close { name, text } if name == "revision" && xml.inside(&["repomd"]) => match text {
                Ok(text) => out.revision = (!text.is_empty()).then_some(text),
                Err(fault) => out.faults.push(fault),
            },
            Step::Close { .. } => {}
        }
    }
    if !root {
        return Err(InventoryError::format(path, "not the index of an RPM repository: expected <repomd>"));
    }
    Ok(out)
}
