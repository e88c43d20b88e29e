use std::fs::File;

use seaworthy_host::archive::{Visitor, Walk, WalkLimits};
use seaworthy_host::http::{below, parse};
use seaworthy_model::CveId;

use super::client::{Ask, Reply};
use super::{Client, FetchError, Known, Location, Validators, origin_of, stat};
use crate::records::SourceKind;

/// The archives of OSV, one `ECOSYSTEM/all.zip` each, <https://google.github.io/osv.dev/data/>.
pub const OSV_URL: &str = "https://osv-vulnerabilities.storage.googleapis.com/";

/// A record in a folder or archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The path within the source, with slashes; in an archive within an archive, the path within the inner one.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A receiver of documents as they are read. Every closure of this form is one.
pub trait Records {
    /// Takes a document.
    ///
    /// # Errors
    /// When the receiver cannot go on; the walk ends with the error.
    fn accept(&mut self, document: Document) -> Result<(), FetchError>;
}

impl<F: FnMut(Document) -> Result<(), FetchError>> Records for F {
    fn accept(&mut self, document: Document) -> Result<(), FetchError> {
        self(document)
    }
}

/// The outcome of a walk over a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Whether the source is unchanged: no document was read, and those that the caller has stay valid.
    pub unchanged: bool,
    /// The validators, which the caller keeps with the name of the source and gives back as [`Known`].
    pub validators: Validators,
    /// The number of documents that were delivered.
    pub documents: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The number of files that looked like records and were refused: above a limit, or with a path that leaves the source.
    pub refused: u64,
    /// The first 50 of those, each with its path and the reason.
    pub refusals: Vec<String>,
}

/// The address of an ecosystem's archive below a base such as [`OSV_URL`]; `Azure Linux:3` is written as in OSV.
///
/// # Errors
/// When the base is no address.
pub fn osv_ecosystem(base: &str, ecosystem: &str) -> Result<Location, FetchError> {
    Ok(Location::Url(below(&parse(base)?, &format!("{ecosystem}/all.zip")).into()))
}

/// Whether the path is that of a CVE record: `CVE-YYYY-N.json` at any depth. `delta.json` and `recent_activities.json` are beside them.
fn is_cve_record(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".json").is_some_and(|stem| stem.starts_with("CVE-") && stem.parse::<CveId>().is_ok())
}

/// Reads the records of a source of one-record files; [`Known`] has the source under its own name:
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
/// When the source cannot be fetched or read, a limit of the whole is exceeded, or `records` fails.
pub fn documents(
    client: &Client,
    kind: SourceKind,
    location: &Location,
    limits: WalkLimits,
    known: &Known,
    records: &mut dyn Records,
) -> Result<Walked, FetchError> {
    let wanted = match kind {
        SourceKind::Osv => is_json,
        SourceKind::CveList | SourceKind::Overrides | SourceKind::Nvd | SourceKind::Kev | SourceKind::Epss => is_cve_record,
    };
    let have = known.get(kind.as_str());
    let unchanged = |validators: Validators| Walked { unchanged: true, validators, ..Walked::default() };
    match location {
        Location::Path(path) if path.is_dir() => {
            let mut reading = Reading::new(wanted, records);
            Walk::new(path.display().to_string(), limits, &mut reading).folder(path)?;
            Ok(reading.found)
        }
        Location::Path(path) => {
            let (_, validators) = stat(path)?;
            if have.is_some_and(|h| *h == validators && h.can_be_asked()) {
                return Ok(unchanged(validators));
            }
            let file = File::open(path).map_err(|e| FetchError::io(path, "read", e))?;
            let mut reading = Reading::new(wanted, records);
            Walk::new(path.display().to_string(), limits, &mut reading).archive(file)?;
            Ok(Walked { validators, ..reading.found })
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
                    let mut reading = Reading::new(wanted, records);
                    Walk::new(origin_of(&url), limits, &mut reading).archive(file)?;
                    Ok(Walked { validators, ..reading.found })
                }
            }
        }
    }
}

fn is_json(path: &str) -> bool {
    path.ends_with(".json")
}

/// The number of refusals that are kept in words.
const REFUSALS: usize = 50;

/// The state of a walk whose records are being read.
struct Reading<'a> {
    wanted: fn(&str) -> bool,
    records: &'a mut dyn Records,
    found: Walked,
}

impl<'a> Reading<'a> {
    fn new(wanted: fn(&str) -> bool, records: &'a mut dyn Records) -> Self {
        Self { wanted, records, found: Walked::default() }
    }
}

impl Visitor for Reading<'_> {
    type Error = FetchError;

    fn wants(&self, path: &str) -> bool {
        (self.wanted)(path)
    }

    fn take(&mut self, path: String, content: Vec<u8>) -> Result<(), FetchError> {
        self.found.documents += 1;
        self.found.bytes += content.len() as u64;
        self.records.accept(Document { path, bytes: content })
    }

    fn refused(&mut self, origin: &str, path: &str, why: &str) {
        self.found.refused += 1;
        if self.found.refusals.len() < REFUSALS {
            self.found.refusals.push(format!("{origin}: {}: {why}", path.chars().take(200).collect::<String>()));
        }
    }
}
