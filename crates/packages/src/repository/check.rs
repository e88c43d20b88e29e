use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rayon::prelude::*;
use seaworthy_host::archive::{Packing, Unpacking};
use seaworthy_model::hex;
use sha2::{Digest, Sha256};

use super::RepositoryError;
use super::xml::KINDS;

const MAX_REPOMD: u64 = 4 << 20;
/// The greatest size of the text of a metadata file, in bytes. A hundred thousand packages have less than 2 GiB of file lists.
const MAX_OPEN: u64 = 8 << 30;

/// The depth of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The metadata, and the presence and size of each package.
    Sizes,
    /// The digest of each package as well.
    Digests,
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The number of metadata files that `repomd.xml` names.
    pub files: u64,
    /// The number of packages in primary.
    pub packages: u64,
    /// The faults, by file; empty for a good repository.
    pub findings: Vec<Finding>,
}

/// A fault of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// The fault, in words.
    pub message: String,
}

/// A metadata file in `repomd.xml`.
#[derive(Debug, Default)]
struct Named {
    kind: String,
    href: String,
    checksum: String,
    open_checksum: String,
    size: Option<u64>,
    open_size: Option<u64>,
}

/// A package in primary.
#[derive(Debug, Default)]
struct Listed {
    pkgid: String,
    href: String,
    size: Option<u64>,
}

/// Checks a repository as a client would: `repomd.xml` in the folder `repodata`, the files that it names, and the packages in primary.
/// Paths of packages are relative to the folder above `repodata` and must stay in `root`. Signatures are not checked.
///
/// # Errors
/// When `repomd.xml` cannot be read or understood. Every other fault is a finding.
pub fn check(repodata: &Path, root: &Path, depth: Depth) -> Result<Checked, RepositoryError> {
    let path = repodata.join("repomd.xml");
    let mut text = String::new();
    let file = File::open(&path).map_err(RepositoryError::io("reading", &path))?;
    file.take(MAX_REPOMD).read_to_string(&mut text).map_err(RepositoryError::io("reading", &path))?;
    let unusable = |found: String| RepositoryError::Unusable { path: path.clone(), found };
    let named = parse_repomd(&text).map_err(unusable)?;
    let mut out = Checked { files: named.len() as u64, ..Checked::default() };
    for kind in KINDS {
        if named.iter().filter(|n| n.kind == kind).count() != 1 {
            out.findings.push(Finding { path: path.clone(), message: format!("it does not name one file of type {kind}") });
        }
    }
    let absolute = |path: &Path| std::path::absolute(path).map_err(RepositoryError::io("looking for", path));
    let (repodata, root) = (absolute(repodata)?, absolute(root)?);
    let base = repodata.parent().unwrap_or(Path::new("/"));
    let read: Vec<(Vec<Listed>, Vec<Finding>)> = named.par_iter().map(|n| check_file(n, base)).collect();
    let mut sets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (named, (listed, findings)) in named.iter().zip(&read) {
        out.findings.extend_from_slice(findings);
        if let Some(kind) = KINDS.iter().find(|k| **k == named.kind) {
            let mut ids: Vec<&str> = listed.iter().map(|l| l.pkgid.as_str()).collect();
            ids.sort_unstable();
            if let Some([twice, _]) = ids.array_windows().find(|[a, b]| a == b) {
                out.findings.push(Finding { path: base.join(&named.href), message: format!("it lists the package {twice} twice") });
            }
            sets.insert(kind, ids);
        }
    }
    let primary = sets.get("primary").cloned().unwrap_or_default();
    out.packages = primary.len() as u64;
    for (kind, ids) in &sets {
        if *ids != primary {
            out.findings.push(Finding { path: path.clone(), message: format!("primary and {kind} list different packages") });
        }
    }
    let packages = named.iter().zip(&read).filter(|(n, _)| n.kind == "primary").flat_map(|(_, (listed, _))| listed);
    let packages: Vec<&Listed> = packages.collect();
    out.findings.par_extend(packages.into_par_iter().filter_map(|p| check_package(p, base, &root, depth)));
    out.findings.sort();
    Ok(out)
}

fn check_package(package: &Listed, base: &Path, root: &Path, depth: Depth) -> Option<Finding> {
    let finding = |path: &Path, message: String| Some(Finding { path: path.to_owned(), message });
    let Some(path) = resolve(base, &package.href, root) else {
        return finding(Path::new(&package.href), format!("the package {} lies outside of {}", package.pkgid, root.display()));
    };
    match fs::symlink_metadata(&path) {
        Err(e) => return finding(&path, format!("a package that primary lists: {e}")),
        Ok(meta) if !meta.is_file() => return finding(&path, "a package that primary lists is not a regular file".to_owned()),
        Ok(meta) if Some(meta.len()) != package.size => {
            return finding(&path, format!("{} bytes, where primary says {}", meta.len(), shown(package.size)));
        }
        Ok(_) => {}
    }
    if depth == Depth::Digests {
        let digest = File::open(&path).map(Hashing::new).and_then(|mut file| {
            io::copy(&mut file, &mut io::sink())?;
            Ok(hex(&file.hash.finalize()))
        });
        match digest {
            Err(e) => return finding(&path, format!("cannot be read: {e}")),
            Ok(found) if found != package.pkgid => {
                return finding(&path, format!("its digest is {found}, where primary says {}", package.pkgid));
            }
            Ok(_) => {}
        }
    }
    None
}

/// The file at a relative address; `None` where it lies outside of `root`. Links are not resolved, since no publication has any below the
/// root.
fn resolve(base: &Path, href: &str, root: &Path) -> Option<PathBuf> {
    let scheme = href.split('/').next().is_some_and(|first| first.contains(':'));
    if href.is_empty() || scheme || href.contains(['\\', '%', '?', '#', '\0']) {
        return None;
    }
    let mut out = base.to_path_buf();
    for part in Path::new(href).components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            _ => return None,
        }
    }
    out.starts_with(root).then_some(out)
}

fn shown(size: Option<u64>) -> String {
    size.map_or_else(|| "nothing".to_owned(), |s| s.to_string())
}

fn check_file(named: &Named, base: &Path) -> (Vec<Listed>, Vec<Finding>) {
    let name = named.href.strip_prefix("repodata/").unwrap_or_default();
    let path = base.join("repodata").join(name);
    let mut findings = Vec::new();
    let mut listed = Vec::new();
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        let message = format!("repomd.xml names {:?} as {}; only files in repodata are read", named.href, named.kind);
        return (listed, vec![Finding { path, message }]);
    }
    match read_file(named, &path, &mut listed) {
        Ok(messages) => findings.extend(messages.into_iter().map(|message| Finding { path: path.clone(), message })),
        Err(message) => findings.push(Finding { path, message }),
    }
    (listed, findings)
}

fn read_file(named: &Named, path: &Path, listed: &mut Vec<Listed>) -> Result<Vec<String>, String> {
    let unreadable = |e: io::Error| format!("cannot be read: {e}");
    let packed = Hashing::new(File::open(path).map_err(unreadable)?);
    let suffix = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let packed = BufReader::with_capacity(128 << 10, packed);
    let mut out = Vec::new();
    let packing = match suffix {
        "zst" => Some(Packing::Zstd),
        "gz" => Some(Packing::Gzip),
        "xml" => None,
        other => return Err(format!("files ending in .{other} are not read: .zst, .gz and .xml are")),
    };
    let mut stream = BufReader::new(Hashing::new(Unpacking::new(packing, packed).map_err(unreadable)?));
    content(named, &mut stream, listed)?;
    let hashing = stream.into_inner();
    // The packed side comes back, so that what is behind the stream is hashed too.
    let (open, mut packed) = (hashing.totals(), hashing.from.into_inner());
    io::copy(&mut packed, &mut io::sink()).map_err(unreadable)?;
    let closed = packed.get_ref().totals();
    if closed.0 != named.checksum {
        out.push(format!("its digest is {}, where repomd.xml says {:?}", closed.0, named.checksum));
    }
    if Some(closed.1) != named.size {
        out.push(format!("{} bytes, where repomd.xml says {}", closed.1, shown(named.size)));
    }
    if suffix != "xml" && open.0 != named.open_checksum {
        out.push(format!("the digest of its text is {}, where repomd.xml says {:?}", open.0, named.open_checksum));
    }
    if suffix != "xml" && Some(open.1) != named.open_size {
        out.push(format!("{} bytes of text, where repomd.xml says {}", open.1, shown(named.open_size)));
    }
    Ok(out)
}

/// Reads the text of a metadata file to its end, and adds the packages that it lists.
fn content(named: &Named, stream: &mut impl BufRead, listed: &mut Vec<Listed>) -> Result<(), String> {
    let mut limited = stream.take(MAX_OPEN);
    if KINDS.contains(&named.kind.as_str()) {
        parse_packages(&mut limited, listed)?;
    }
    io::copy(&mut limited, &mut io::sink()).map_err(|e| format!("cannot be read: {e}"))?;
    if limited.limit() == 0 { Err(format!("more than {MAX_OPEN} bytes of text")) } else { Ok(()) }
}

fn parse_packages(from: &mut impl BufRead, out: &mut Vec<Listed>) -> Result<(), String> {
    let mut reader = Reader::from_reader(from);
    let mut buffer = Vec::new();
    let mut count: Option<u64> = None;
    let mut now: Option<Listed> = None;
    let mut checksum = false;
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event_into(&mut buffer).map_err(|e| format!("byte {at} of its text: {e}"))?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => match start.name().as_ref() {
                "metadata" | "filelists" | "otherdata" => count = attribute(start, "packages")?.and_then(|n| n.parse().ok()),
                "package" => now = Some(Listed { pkgid: attribute(start, "pkgid")?.unwrap_or_default(), ..Listed::default() }),
                "checksum" => checksum = true,
                "size" => {
                    if let Some(now) = &mut now {
                        now.size = attribute(start, "package")?.and_then(|n| n.parse().ok());
                    }
                }
                "location" => {
                    if let Some(now) = &mut now {
                        now.href = attribute(start, "href")?.unwrap_or_default();
                    }
                }
                _ => {}
            },
            Event::Text(text) if checksum => {
                if let Some(now) = &mut now {
                    now.pkgid.push_str(&text);
                }
            }
            Event::End(end) => match end.name().as_ref() {
                "checksum" => checksum = false,
                "package" => out.extend(now.take()),
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    if count != Some(out.len() as u64) {
        return Err(format!("it lists {} packages and says that it lists {}", out.len(), shown(count)));
    }
    Ok(())
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let found = start.try_get_attribute(name).map_err(|e| format!("an attribute that is no XML: {e}"))?;
    let Some(found) = found else { return Ok(None) };
    let value = quick_xml::escape::unescape(&found.value).map_err(|e| format!("an attribute that is no XML: {e}"))?;
    Ok(Some(value.into_owned()))
}

fn parse_repomd(text: &str) -> Result<Vec<Named>, String> {
    let mut reader = Reader::from_str(text);
    let mut out = Vec::new();
    let mut now: Option<Named> = None;
    let mut element = String::new();
    let mut root = false;
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(|e| format!("byte {at}: {e}"))? {
            Event::Start(start) | Event::Empty(start) => {
                element = start.name().as_ref().to_owned();
                match element.as_str() {
                    "repomd" => root = true,
                    "data" => now = Some(Named { kind: attribute(&start, "type")?.unwrap_or_default(), ..Named::default() }),
                    "location" => {
                        if let Some(now) = &mut now {
                            now.href = attribute(&start, "href")?.unwrap_or_default();
                        }
                    }
                    "checksum" | "open-checksum" => {
                        let kind = attribute(&start, "type")?.unwrap_or_default();
                        if kind != "sha256" {
                            return Err(format!("byte {at}: a checksum of type {kind:?}, where sha256 is expected"));
                        }
                    }
                    _ => {}
                }
            }
            Event::Text(text) => {
                let text = text.trim().to_owned();
                if let Some(now) = now.as_mut().filter(|_| !text.is_empty()) {
                    match element.as_str() {
                        "checksum" => now.checksum = text,
                        "open-checksum" => now.open_checksum = text,
                        "size" => now.size = text.parse().ok(),
                        "open-size" => now.open_size = text.parse().ok(),
                        _ => {}
                    }
                }
            }
            Event::End(end) => {
                element.clear();
                if end.name().as_ref() == "data" {
                    out.extend(now.take());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if root { Ok(out) } else { Err("not the metadata of a repository: expected <repomd>".to_owned()) }
}

/// A reader that hashes and counts the bytes read through it.
struct Hashing<R> {
    from: R,
    hash: Sha256,
    size: u64,
}

impl<R> Hashing<R> {
    fn new(from: R) -> Self {
        Self { from, hash: Sha256::new(), size: 0 }
    }

    fn totals(&self) -> (String, u64) {
        (hex(&self.hash.clone().finalize()), self.size)
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(into)?;
        self.hash.update(into.get(..n).unwrap_or_default());
        self.size += n as u64;
        Ok(n)
    }
}
