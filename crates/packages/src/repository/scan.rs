use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use seaworthy_model::format::{Format, Remedy, Stamp, Version};
use serde::{Deserialize, Serialize};

use super::chunk::Entry;
use super::manifest::PackageId;
use super::package::Package;
use super::{RepositoryError, write_new};
use crate::rpm::Limits;

/// The format of the cache of a scan.
pub(super) static CACHE: Format =
    Format { name: "cache of a scan", version: Version::of(1), oldest: 1, newer: Remedy::DeleteCache, older: Remedy::DeleteCache };
const MAX_FILE: u64 = 1 << 30;
/// The depth to which folders are entered.
const MAX_DEPTH: usize = 32;

/// The time that the metadata gives for the file of a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileTime {
    /// The time of the build, which is the same in copies of a repository.
    #[default]
    Built,
    /// The time at which the file changed, as with createrepo_c.
    Modified,
}

/// The options of a scan.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// The prefix of each path from the scanned folder: empty, or ending with `/`.
    pub prefix: String,
    /// The time that the metadata gives for files.
    pub file_time: FileTime,
    /// The limits of each package.
    pub limits: Limits,
}

/// The cache of a scan for the next one: the size and time of each file, and the package in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanCache {
    version: u32,
    prefix: String,
    built: bool,
    files: BTreeMap<String, Known>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    size: u64,
    /// The time of the last change, in seconds and nanoseconds.
    time: (i64, i64),
    #[serde(flatten)]
    id: PackageId,
}

impl Default for ScanCache {
    fn default() -> Self {
        Self { version: CACHE.version.major, prefix: String::new(), built: true, files: BTreeMap::new() }
    }
}

/// The result of a scan.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The cache for the next scan.
    pub cache: ScanCache,
    /// The packages that the cache did not know, or knew at another path.
    pub added: Vec<Entry>,
    /// The packages that the cache knew and that are gone or changed.
    pub removed: Vec<PackageId>,
    /// The files and folders that were left out, with the reason.
    pub problems: Vec<(PathBuf, String)>,
}

impl ScanCache {
    /// The cache in a file; an empty one where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, is larger than 1 GiB, or is no cache of a version that this program reads.
    pub fn load(path: &Path) -> Result<Self, RepositoryError> {
        let failed = RepositoryError::io("reading what the last scan saw", path);
        let size = match fs::metadata(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            found => found.map_err(&failed)?.len(),
        };
        let unusable = |found: String| RepositoryError::Unusable { path: path.to_owned(), found };
        if size > MAX_FILE {
            return Err(unusable(format!("{size} bytes, where at most {MAX_FILE} are read; delete it and scan again")));
        }
        let bytes = fs::read(path).map_err(&failed)?;
        let unreadable = |e| unusable(format!("no cache of a scan: {e}; delete it and scan again"));
        let stamp: Stamp = serde_json::from_slice(&bytes).map_err(unreadable)?;
        CACHE.check(stamp.version()).map_err(RepositoryError::version(path))?;
        serde_json::from_slice(&bytes).map_err(unreadable)
    }

    /// Writes the cache to a file, which is replaced as a whole.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), RepositoryError> {
        write_new(path, |file| Ok(serde_json::to_writer(file, self)?))
    }
}

/// Scans a folder and those below it for packages (`*.rpm`). Files that `known` has with the same size and time are not read. Links are not
/// followed. Of several files with the same content the first path counts.
///
/// # Errors
/// When a folder cannot be listed. A file that cannot be used is a problem in the result.
pub fn scan(folder: &Path, known: &ScanCache, options: &ScanOptions) -> Result<Scan, RepositoryError> {
    let built = options.file_time == FileTime::Built;
    let mut out = Scan::default();
    out.cache.prefix.clone_from(&options.prefix);
    out.cache.built = built;
    let mut found = Vec::new();
    walk(folder, String::new(), 0, &mut found, &mut out.problems)?;
    found.sort();
    // With another prefix or time each entry says something else: all are read again.
    let usable = known.prefix == options.prefix && known.built == built;
    let nothing = BTreeMap::new();
    let seen = if usable { &known.files } else { &nothing };
    let mut fresh = Vec::new();
    for (path, size, time) in found {
        match seen.get(&path) {
            Some(k) if k.size == size && k.time == time => {
                out.cache.files.insert(path, k.clone());
            }
            _ => fresh.push((path, size, time)),
        }
    }
    let read = |(path, size, time): (String, u64, (i64, i64))| {
        let full = folder.join(&path);
        let result = Package::read(&full, &options.limits).map_err(|e| e.to_string()).and_then(|mut package| {
            if built {
                package.file_time = package.build_time;
            }
            if package.size == size { Ok(package) } else { Err("it changed while it was read; scan again".to_owned()) }
        });
        let entry = result.map(|package| Entry::new(&package, &format!("{}{path}", options.prefix)));
        (path, full, size, time, entry)
    };
    let read: Vec<_> = fresh.into_par_iter().map(read).collect();
    let mut added = BTreeMap::new();
    for (path, full, size, time, entry) in read {
        match entry {
            Ok(entry) => {
                out.cache.files.insert(path.clone(), Known { size, time, id: PackageId::from(entry.listing()) });
                added.insert(path, entry);
            }
            Err(message) => out.problems.push((full, message)),
        }
    }
    // The first path of each content stands for it.
    let first = |files: &BTreeMap<String, Known>| {
        let mut first: BTreeMap<PackageId, String> = BTreeMap::new();
        for (path, known) in files {
            first.entry(known.id.clone()).or_insert_with(|| path.clone());
        }
        first
    };
    let (before, after) = (first(&known.files), first(&out.cache.files));
    for (id, path) in &after {
        if usable && before.get(id) == Some(path) && !added.contains_key(path) {
            continue;
        }
        let entry = match added.remove(path) {
            Some(entry) => entry,
            // Known from before, but then another path stood for it.
            None => match read_again(folder, path, options, built) {
                Ok(entry) => entry,
                Err(message) => {
                    out.problems.push((folder.join(path), message));
                    continue;
                }
            },
        };
        out.added.push(entry);
    }
    out.removed = before.into_keys().filter(|id| !after.contains_key(id)).collect();
    out.problems.sort();
    Ok(out)
}

fn read_again(folder: &Path, path: &str, options: &ScanOptions, built: bool) -> Result<Entry, String> {
    let mut package = Package::read(&folder.join(path), &options.limits).map_err(|e| e.to_string())?;
    if built {
        package.file_time = package.build_time;
    }
    Ok(Entry::new(&package, &format!("{}{path}", options.prefix)))
}

type Found = (String, u64, (i64, i64));

fn walk(
    folder: &Path,
    below: String,
    depth: usize,
    found: &mut Vec<Found>,
    problems: &mut Vec<(PathBuf, String)>,
) -> Result<(), RepositoryError> {
    let failed = RepositoryError::io("listing the folder", folder);
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let kind = entry.file_type().map_err(&failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let package = name.ends_with(".rpm");
        let path = if below.is_empty() { name.to_string() } else { format!("{below}/{name}") };
        // Such a path would be another one once it is part of an address.
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '~' | '^' | ':' | '@' | ','));
        if !plain && (package || kind.is_dir()) {
            problems.push((entry.path(), "left out: its name has characters that do not stand for themselves in an address".to_owned()));
        } else if kind.is_dir() && depth < MAX_DEPTH {
            walk(&entry.path(), path, depth + 1, found, problems)?;
        } else if kind.is_dir() {
            problems.push((entry.path(), format!("left out: folders are entered {MAX_DEPTH} deep")));
        } else if package && kind.is_symlink() {
            problems.push((entry.path(), "left out: a link, and links are not followed".to_owned()));
        } else if package && kind.is_file() {
            let meta = entry.metadata().map_err(RepositoryError::io("looking at", &entry.path()))?;
            found.push((path, meta.size(), (meta.mtime(), meta.mtime_nsec())));
        }
    }
    Ok(())
}
