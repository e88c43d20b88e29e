use std::borrow::Cow;
use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use seaworthy_host::http::parse;
use seaworthy_model::text::masked;
use serde::{Deserialize, Serialize};

use super::client::Ask;
use super::{Artefact, Body, Client, FetchError, Sink, Validators, origin_of};

/// The CVE API 2.0, <https://nvd.nist.gov/developers/vulnerabilities>.
pub const NVD_API_URL: &str = "https://services.nvd.nist.gov/rest/json/cves/2.0";

/// The longest span from `lastModStartDate` to `lastModEndDate` that the API accepts.
const WINDOW: SignedDuration = SignedDuration::from_hours(120 * 24);
/// The number of times that a window is begun again because its records moved.
const RESTARTS: u32 = 3;

/// The changes to fetch from the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The address of the API.
    pub url: String,
    /// The end of the previous run.
    pub since: Timestamp,
    /// The time of this run.
    pub until: Timestamp,
    /// The time before `since` at which to begin, because records of NVD appear later than their times; 2 hours by default.
    pub overlap: SignedDuration,
    /// The number of records in a page; at most 2000.
    pub per_page: u32,
}

impl Delta {
    /// The changes between two times, from the public API.
    #[must_use]
    pub fn new(since: Timestamp, until: Timestamp) -> Self {
        Self { url: NVD_API_URL.into(), since, until, overlap: SignedDuration::from_hours(2), per_page: 2000 }
    }

    fn start(&self) -> Timestamp {
        // A time that does not exist is before every record.
        self.since.checked_sub(self.overlap).unwrap_or(Timestamp::UNIX_EPOCH).min(self.until)
    }

    fn window_from(&self, start: Timestamp) -> Progress {
        let end = start.checked_add(WINDOW).unwrap_or(self.until).min(self.until);
        Progress { since: self.since, window_start: start, window_end: end, start_index: 0, total: None }
    }
}

/// The progress of a delta. The caller keeps it after each page, and gives it back to continue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// [`Delta::since`] of the run. The progress is of no use to a run with another one.
    pub since: Timestamp,
    /// `lastModStartDate` of the current window.
    pub window_start: Timestamp,
    /// `lastModEndDate` of the current window.
    pub window_end: Timestamp,
    /// The index of the next record of the window.
    pub start_index: u64,
    /// `totalResults` of the pages of the window so far; `None` before the first.
    pub total: Option<u64>,
}

impl Progress {
    fn is_usable(&self, delta: &Delta) -> bool {
        self.since == delta.since
            && self.window_start < self.window_end
            && self.window_end <= delta.until
            && self.window_start >= delta.start()
            && self.window_end.duration_since(self.window_start) <= WINDOW
    }
}

/// The outcome of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeltaDone {
    /// The number of pages in this run.
    pub pages: u64,
    /// The number of records in them, with the repeats of the overlap.
    pub records: u64,
    /// The value of [`Delta::since`] for the next run.
    pub until: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    start_index: u64,
    total_results: u64,
    #[serde(borrow, default)]
    vulnerabilities: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    cve: Id<'a>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Fetches every record that changed since the last run, page by page, in windows of at most 120 days. A page is an artefact
/// `api/START..END/INDEX.json`. A window whose records move while it is read is begun again; its pages then have the same names and replace
/// the earlier ones.
///
/// `on_progress` is called after each accepted page, so that a run that dies asks for one page twice at most. A `resume` that does not fit
/// the delta is ignored, and all changes are fetched.
///
/// # Errors
/// When the client fails; [`FetchError::RepeatedPage`] when the pages do not advance; [`FetchError::Damaged`] when a page is not the JSON
/// of the API; when the sink or the callback fails.
pub fn nvd_delta(
    client: &Client,
    delta: &Delta,
    resume: Option<Progress>,
    sink: &mut dyn Sink,
    on_progress: &mut dyn FnMut(&Progress) -> Result<(), FetchError>,
) -> Result<DeltaDone, FetchError> {
    let mut done = DeltaDone { pages: 0, records: 0, until: delta.until };
    let mut at = resume.filter(|p| p.is_usable(delta)).unwrap_or_else(|| delta.window_from(delta.start()));
    let mut seen: HashSet<String> = HashSet::new();
    let mut restarts = 0;
    while at.window_start < at.window_end {
        let (artefact, ids, total) = page(client, delta, &at)?;
        let stuck =
            |detail: String| FetchError::RepeatedPage { origin: masked(&delta.url).into_owned(), start_index: at.start_index, detail };
        if at.total.is_some_and(|before| before != total) {
            // A record that changes while the window is read leaves it, and shifts the pages behind it: one would be
            // missed at their border.
            restarts += 1;
            if restarts > RESTARTS {
                return Err(stuck(format!("totalResults keeps changing, from {} to {total}", at.total.unwrap_or_default())));
            }
            at = Progress { start_index: 0, total: None, ..at };
            seen.clear();
            continue;
        }
        let count = ids.len() as u64;
        if count == 0 && at.start_index < total {
            return Err(stuck(format!("it is empty, though {total} records were announced")));
        }
        let mut new = false;
        for id in ids {
            new |= seen.insert(id);
        }
        if count > 0 && !new {
            return Err(stuck("it holds the same records as the pages before it".into()));
        }
        sink.accept(artefact)?;
        done.pages += 1;
        done.records += count;
        at = Progress { start_index: at.start_index + count, total: Some(total), ..at };
        if at.start_index >= total {
            at = delta.window_from(at.window_end);
            seen.clear();
            restarts = 0;
        }
        on_progress(&at)?;
    }
    Ok(done)
}

fn page(client: &Client, delta: &Delta, at: &Progress) -> Result<(Artefact, Vec<String>, u64), FetchError> {
    let time = |t: Timestamp| t.strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string();
    let mut url = parse(&delta.url)?;
    url.query_pairs_mut()
        .append_pair("lastModStartDate", &time(at.window_start))
        .append_pair("lastModEndDate", &time(at.window_end))
        .append_pair("resultsPerPage", &delta.per_page.clamp(1, 2000).to_string())
        .append_pair("startIndex", &at.start_index.to_string());
    let (_, bytes) = client.get_bytes(Ask { url: &url, known: None, api: true, max_bytes: client.options().max_bytes })?;
    let origin = origin_of(&url);
    let page: Page<'_> = serde_json::from_slice(&bytes)
        .map_err(|e| FetchError::Damaged { origin: origin.clone(), detail: format!("no page of the CVE API 2.0: {e}") })?;
    if page.start_index != at.start_index {
        let detail = format!("the answer is the page at {}", page.start_index);
        return Err(FetchError::RepeatedPage { origin, start_index: at.start_index, detail });
    }
    let ids = page.vulnerabilities.iter().map(|v| v.cve.id.clone().into_owned()).collect();
    let total = page.total_results;
    let day = |t: Timestamp| t.strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = format!("api/{}..{}/{:06}.json", day(at.window_start), day(at.window_end), at.start_index);
    Ok((Artefact { name, origin, body: Body::Bytes(bytes), validators: Validators::default() }, ids, total))
}
