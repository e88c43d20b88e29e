use std::fs::File;
use std::path::Path;

use seaworthy_host::http::{below, parse};
use seaworthy_model::CveId;

use super::client::{Ask, Reply};
use super::walk::{Packing, Walk, walk_folder, walk_tar_gz, walk_zip};
use super::{Client, FetchError, Known, Location, Validators, origin_of, stat};
use crate::records::SourceKind;

/// OSV's archives, one `ECOSYSTEM/all.zip` each, <https://google.github.io/osv.dev/data/>.
pub const OSV_URL: &str = "https://osv-vulnerabilities.storage.googleapis.com/";

/// One record of a folder or archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its path within the source, with slashes; within an archive of an archive, of the inner one.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Takes documents as they are read. Every closure of the right form is one.
pub trait Records {
    /// Takes one.
    ///
    /// # Errors
    /// Whatever keeps the receiver from going on; the walk ends with it.
    fn accept(&mut self, document: Document) -> Result<(), FetchError>;
}

impl<F: FnMut(Document) -> Result<(), FetchError>> Records for F {
    fn accept(&mut self, document: Document) -> Result<(), FetchError> {
        self(document)
    }
}

/// What the documents of one source may amount to. A single document above its limits is refused and counted; the
/// others end the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Most bytes of one document; 32 MiB by default (the largest CVE records have 2).
    pub each: u64,
    /// Most bytes of all; 32 GiB by default.
    pub total: u64,
    /// Most files of all, those passed over included; 3 million by default.
    pub files: u64,
    /// Most uncompressed for compressed bytes, looked at above 1 MiB; 200 by default.
    pub ratio: u64,
    /// Deepest folder; 8 by default.
    pub depth: u32,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { each: 32 << 20, total: 32 << 30, files: 3_000_000, ratio: 200, depth: 8 }
    }
}

/// What a walk over a source found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// The source is as it was: no document was read, keep those you have.
    pub unchanged: bool,
    /// To be kept with the source's name and given back as [`Known`].
    pub validators: Validators,
    /// Documents delivered.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that looked like records but were refused: above a limit, or with a path that leaves the source.
    pub refused: u64,
    /// The first 50 of those, each with its path and the reason.
    pub refusals: Vec<String>,
}

/// The address of an ecosystem's archive below a base such as [`OSV_URL`]; `Azure Linux:3` is written as OSV spells it.
///
/// # Errors
/// When the base is no address.
pub fn osv_ecosystem(base: &str, ecosystem: &str) -> Result<Location, FetchError> {
    Ok(Location::Url(below(&parse(base)?, &format!("{ecosystem}/all.zip")).into()))
}

/// `CVE-YYYY-N.json` at any depth; `delta.json` and `recent_activities.json` lie beside them.
fn is_cve_record(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".json").is_some_and(|stem| stem.starts_with("CVE-") && stem.parse::<CveId>().is_ok())
}

/// Reads the records of a source of one-record files, which [`Known`] holds by the source's own name:
///
/// - the CVE List in the CVE 5 format (<https://github.com/CVEProject/cvelistV5>): a checkout or folder with
///   `CVE-YYYY-N.json` below, a release's zip (of all records, which is a zip within a zip, or of a delta), or a URL of one;
/// - overrides in the layout of <https://github.com/anchore/nvd-data-overrides> (`data/YEAR/CVE-YYYY-N.json`): a folder, a
///   zip, a `.tar.gz`, or a URL of either archive;
/// - OSV (<https://ossf.github.io/osv-schema/>): a folder of `.json` files and zips of them, one zip, or a URL of one (see
///   [`osv_ecosystem`]).
///
/// In a folder the order is that of the paths; in an archive, its own.
///
/// # Errors
/// When the source cannot be had or read, a limit of the whole is passed, or `records` says so.
pub fn documents(
    client: &Client,
    kind: SourceKind,
    location: &Location,
    limits: DocumentLimits,
    known: &Known,
    records: &mut dyn Records,
) -> Result<Walked, FetchError> {
    let wanted = if kind == SourceKind::Osv { is_json } else { is_cve_record };
    let have = known.get(kind.as_str());
    let unchanged = |validators: Validators| Walked { unchanged: true, validators, ..Walked::default() };
    match location {
        Location::Path(path) if path.is_dir() => {
            let mut walk = Walk::new(path.display().to_string(), wanted, limits, records);
            walk_folder(&mut walk, path)?;
            Ok(walk.finish(Validators::default()))
        }
        Location::Path(path) => {
            let (_, validators) = stat(path)?;
            if have.is_some_and(|h| *h == validators && h.can_be_asked()) {
                return Ok(unchanged(validators));
            }
            let file = File::open(path).map_err(|e| FetchError::io(path, "read", e))?;
            archive(path, file, validators, Walk::new(path.display().to_string(), wanted, limits, records))
        }
        Location::Url(text) => {
            let url = parse(text)?;
            // On disk, not in memory: the CVE List has half a gigabyte. The file has no name and goes with the process.
            let temporary = |e| FetchError::io(std::env::temp_dir(), "write", e);
            let mut file = tempfile::tempfile().map_err(temporary)?;
            let ask = Ask { url: &url, known: have, api: false, max_bytes: client.options().max_archive_bytes };
            match client.get_into(ask, &mut file)? {
                Reply::Unchanged => Ok(unchanged(have.cloned().unwrap_or_default())),
                Reply::Arrived(validators) => {
                    archive(Path::new(url.path()), file, validators, Walk::new(origin_of(&url), wanted, limits, records))
                }
            }
        }
    }
}

fn is_json(path: &str) -> bool {
    path.ends_with(".json")
}

fn archive(name: &Path, file: File, validators: Validators, mut walk: Walk<'_>) -> Result<Walked, FetchError> {
    match Packing::of(&file).map_err(|e| FetchError::io(name, "read", e))? {
        Some(Packing::Zip) => walk_zip(&mut walk, file, true)?,
        Some(Packing::Gzip) => walk_tar_gz(&mut walk, file)?,
        None => return Err(walk.damaged("neither a zip nor a tar.gz by its first bytes")),
    }
    Ok(walk.finish(validators))
}
