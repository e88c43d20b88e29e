use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use seaworthy_host::http::{Url, below, parse};

use super::client::{Ask, Reply};
use super::verify::{verify_plain, verify_reader};
use super::{Artefact, Body, Client, FetchError, Known, Location, Meta, Sink, origin_of, stat, verify_gzip};

/// NVD's yearly feeds, <https://nvd.nist.gov/vuln/data-feeds>.
pub const NVD_FEEDS_URL: &str = "https://nvd.nist.gov/feeds/json/cve/2.0/";
/// CISA's catalogue of known exploited vulnerabilities, <https://www.cisa.gov/known-exploited-vulnerabilities-catalog>.
pub const KEV_URL: &str = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
/// FIRST's daily scores, <https://www.first.org/epss/data_stats>.
pub const EPSS_URL: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

const FIRST_YEAR: i16 = 2002;
/// The greatest size of a `.meta` in bytes. A real one has some 170.
const META_BYTES: u64 = 64 << 10;

/// Fetches the NVD feeds: the years in order, then `recent` (from folders only) and `modified`, so that the latest change of a record comes
/// last. A folder has `nvdcve-2.0-*.json.gz` or `.json`, with or without a `.meta` beside; other files are ignored. From a URL, the years
/// up to that of `now` are fetched; the current one may be missing, as in the first days of January.
///
/// # Errors
/// When a feed cannot be fetched, or its content does not fit its `.meta`. The feeds before it were delivered.
pub fn nvd_feeds(client: &Client, location: &Location, now: Timestamp, known: &Known, sink: &mut dyn Sink) -> Result<(), FetchError> {
    match location {
        Location::Path(folder) => {
            for (path, name) in feed_files(folder)? {
                sink.accept(local_feed(client, &path, name, known)?)?;
            }
        }
        Location::Url(base) => {
            let base = parse(base)?;
            let current = jiff::tz::Offset::UTC.to_datetime(now).year();
            let feeds = (FIRST_YEAR..=current).map(|y| (y.to_string(), y == current)).chain([("modified".to_owned(), false)]);
            for (feed, optional) in feeds {
                match remote_feed(client, &base, &feed, known) {
                    Err(FetchError::NotFound { .. }) if optional => {}
                    artefact => sink.accept(artefact?)?,
                }
            }
        }
    }
    Ok(())
}

/// The feeds in a folder, in their order. Of a feed that is there twice, the compressed one is taken.
fn feed_files(folder: &Path) -> Result<Vec<(PathBuf, String)>, FetchError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| FetchError::io(folder, "list", e))? {
        let entry = entry.map_err(|e| FetchError::io(folder, "list", e))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some(rest) = name.strip_prefix("nvdcve-2.0-") else { continue };
        let Some((feed, packed)) = rest.strip_suffix(".json.gz").map(|f| (f, true)).or(rest.strip_suffix(".json").map(|f| (f, false)))
        else {
            continue;
        };
        let rank = match feed {
            "modified" => 2,
            "recent" => 1,
            _ => 0,
        };
        found.push(((rank, feed.to_owned(), !packed), entry.path(), name));
    }
    found.sort();
    found.dedup_by(|b, a| (a.0.0, &a.0.1) == (b.0.0, &b.0.1));
    if found.is_empty() {
        return Err(FetchError::NotFound { origin: folder.display().to_string(), detail: " (no nvdcve-2.0-*.json.gz in it)".into() });
    }
    Ok(found.into_iter().map(|(_, path, name)| (path, name)).collect())
}

fn local_feed(client: &Client, path: &Path, name: String, known: &Known) -> Result<Artefact, FetchError> {
    let origin = path.display().to_string();
    let (length, mut validators) = stat(path)?;
    let stem = name.trim_end_matches(".gz").trim_end_matches(".json");
    let meta_path = path.with_file_name(format!("{stem}.meta"));
    if meta_path.is_file() {
        let text = std::fs::read(&meta_path).map_err(|e| FetchError::io(&meta_path, "read", e))?;
        validators.sha256 = Some(read_meta(&meta_path.display().to_string(), &text)?.sha256);
    }
    let have = known.get(&name);
    if have.is_some_and(|k| *k == validators && k.can_be_asked()) {
        return Ok(Artefact { name, origin, body: Body::Unchanged, validators });
    }
    if validators.sha256.is_some() {
        let file = File::open(path).map_err(|e| FetchError::io(path, "read", e))?;
        let (reader, limits) = (BufReader::with_capacity(256 << 10, file), client.options().limits);
        if name.ends_with(".gz") {
            verify_reader(&origin, reader, length, validators.sha256, limits)?;
        } else {
            verify_plain(&origin, reader, validators.sha256, limits)?;
        }
        // Copied anew, but the same content.
        if have.is_some_and(|k| k.sha256 == validators.sha256) {
            return Ok(Artefact { name, origin, body: Body::Unchanged, validators });
        }
    }
    Ok(Artefact { name, origin, body: Body::File(path.to_owned()), validators })
}

fn read_meta(origin: &str, bytes: &[u8]) -> Result<Meta, FetchError> {
    Meta::parse(&String::from_utf8_lossy(bytes))
        .ok_or_else(|| FetchError::Damaged { origin: origin.to_owned(), detail: "no sha256 line of 64 hexadecimal digits".into() })
}

fn remote_feed(client: &Client, base: &Url, feed: &str, known: &Known) -> Result<Artefact, FetchError> {
    let name = format!("nvdcve-2.0-{feed}.json.gz");
    let (meta_url, url) = (below(base, &format!("nvdcve-2.0-{feed}.meta")), below(base, &name));
    let have = known.get(&name);
    // An update between the two requests, or a cache that is behind, shows as a wrong digest: the pair is asked for once
    // more, the second time without condition.
    let mut again = false;
    loop {
        let sha256 = match client.get_bytes(Ask { url: &meta_url, known: None, api: false, max_bytes: META_BYTES }) {
            Ok((_, text)) => Some(read_meta(&origin_of(&meta_url), &text)?.sha256),
            // A mirror may leave it out.
            Err(FetchError::NotFound { .. }) => None,
            Err(e) => return Err(e),
        };
        let origin = origin_of(&url);
        if let Some(have) = have.filter(|h| sha256.is_some() && h.sha256 == sha256) {
            return Ok(Artefact { name, origin, body: Body::Unchanged, validators: have.clone() });
        }
        let ask = Ask { url: &url, known: have.filter(|_| !again), api: false, max_bytes: client.options().max_bytes };
        let (mut validators, bytes) = match (client.get_bytes(ask)?, have) {
            ((Reply::Arrived(validators), bytes), _) => (validators, bytes),
            ((Reply::Unchanged, _), Some(have)) if sha256.is_none() => {
                return Ok(Artefact { name, origin, body: Body::Unchanged, validators: have.clone() });
            }
            // The .meta is ahead of the feed in a cache on the way; only the content itself can tell.
            ((Reply::Unchanged, _), _) => {
                again = true;
                continue;
            }
        };
        match verify_gzip(&origin, &bytes, sha256, client.options().limits) {
            Ok(_) => {
                validators.sha256 = sha256;
                return Ok(Artefact { name, origin, body: Body::Bytes(bytes), validators });
            }
            Err(FetchError::WrongHash { .. }) if !again => again = true,
            Err(e) => return Err(e),
        }
    }
}

/// Fetches the KEV catalogue from a `.json` or `.json.gz`, as `kev.json` or `kev.json.gz`.
///
/// # Errors
/// When it cannot be fetched, or a `.gz` is damaged.
pub fn kev(client: &Client, location: &Location, known: &Known, sink: &mut dyn Sink) -> Result<(), FetchError> {
    single(client, location, "kev.json", known, sink)
}

/// Fetches the EPSS scores from a `.csv` or `.csv.gz`, as `epss.csv` or `epss.csv.gz`.
///
/// # Errors
/// When they cannot be fetched, or a `.gz` is damaged.
pub fn epss(client: &Client, location: &Location, known: &Known, sink: &mut dyn Sink) -> Result<(), FetchError> {
    single(client, location, "epss.csv", known, sink)
}

fn single(client: &Client, location: &Location, plain: &str, known: &Known, sink: &mut dyn Sink) -> Result<(), FetchError> {
    let named = |packed: bool| if packed { format!("{plain}.gz") } else { plain.to_owned() };
    let limits = client.options().limits;
    let artefact = match location {
        Location::Path(path) => {
            let name = named(path.extension().is_some_and(|e| e == "gz"));
            let (length, validators) = stat(path)?;
            let origin = path.display().to_string();
            if known.get(&name).is_some_and(|k| *k == validators && k.can_be_asked()) {
                Artefact { name, origin, body: Body::Unchanged, validators }
            } else {
                if name.ends_with(".gz") {
                    let file = File::open(path).map_err(|e| FetchError::io(path, "read", e))?;
                    verify_reader(&origin, BufReader::new(file), length, None, limits)?;
                }
                Artefact { name, origin, body: Body::File(path.clone()), validators }
            }
        }
        Location::Url(text) => {
            let url = parse(text)?;
            let name = named(url.path().ends_with(".gz"));
            let have = known.get(&name);
            let (reply, bytes) = client.get_bytes(Ask { url: &url, known: have, api: false, max_bytes: client.options().max_bytes })?;
            let origin = origin_of(&url);
            match (reply, have) {
                (Reply::Arrived(validators), _) => {
                    if name.ends_with(".gz") {
                        verify_gzip(&origin, &bytes, None, limits)?;
                    }
                    Artefact { name, origin, body: Body::Bytes(bytes), validators }
                }
                (Reply::Unchanged, have) => Artefact { name, origin, body: Body::Unchanged, validators: have.cloned().unwrap_or_default() },
            }
        }
    };
    sink.accept(artefact)
}
