//! The sync: the locations of the sources, the names of their artefacts, and the conditions under which they are fetched again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use seaworthy_host::archive::{TarGz, WalkLimits};
use seaworthy_model::text::masked;
use serde::Deserialize;

use super::state::{failed, write_new};
use super::{Delivery, Input, InputBody, IntelligenceError, Status, Store, SyncReport};
use crate::fetch::{self, Artefact, Body, Client, Delta, Document, FetchError, Known, Location, Progress, Validators, Walked};
use crate::records::SourceKind;

/// The number of refused documents of a source that are reported one by one.
const REFUSALS: usize = 5;

/// The location of each source: a path, an address, `default` for the publisher's own, or `off`; `None` is not fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sources {
    /// The JSON 2.0 feeds of NVD: a folder or a mirror.
    pub nvd: Option<String>,
    /// The CVE API 2.0, for the changes since the last sync.
    pub nvd_api: Option<String>,
    /// CISA's Known Exploited Vulnerabilities.
    pub kev: Option<String>,
    /// The EPSS scores.
    pub epss: Option<String>,
    /// The CVE List v5: a folder, a zip, or its address.
    pub cvelist: Option<String>,
    /// Overrides in the layout of anchore/nvd-data-overrides.
    pub overrides: Option<String>,
    /// OSV: folders, zips, addresses, or names of ecosystems.
    pub osv: Vec<String>,
}

impl Sources {
    /// Whether no source is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let single = [&self.nvd, &self.nvd_api, &self.kev, &self.epss, &self.cvelist, &self.overrides];
        single.iter().all(|s| s.is_none()) && self.osv.is_empty()
    }

    /// The sources that are switched off by name.
    pub fn switched_off(&self) -> impl Iterator<Item = SourceKind> {
        let by_name = [
            (SourceKind::Nvd, &self.nvd),
            (SourceKind::Kev, &self.kev),
            (SourceKind::Epss, &self.epss),
            (SourceKind::CveList, &self.cvelist),
            (SourceKind::Overrides, &self.overrides),
        ];
        by_name.into_iter().filter(|(_, at)| at.as_deref() == Some("off")).map(|(kind, _)| kind)
    }

    /// The sources with the places of this machine where NVD, KEV and EPSS were read last, where a setting is missing. A home that has NVD
    /// from a folder, also one that is about to read it first, asks nobody for a source that it never read.
    #[must_use]
    pub fn or_last_read(&self, status: &Status) -> Self {
        let path = |kind: SourceKind| {
            let source = status.sources.get(&kind).filter(|source| source.synced_at.is_some())?;
            matches!(Location::of(&source.location), Location::Path(path) if path.is_absolute()).then(|| source.location.clone())
        };
        let nvd = self.nvd.clone().or_else(|| path(SourceKind::Nvd));
        let is_here = nvd.is_some_and(|at| matches!(Location::of(&at), Location::Path(_)) && !matches!(&*at, "default" | "off"));
        let or_last = |set: &Option<String>, kind: SourceKind| {
            let never = is_here && !status.sources.contains_key(&kind);
            set.clone().or_else(|| path(kind)).or_else(|| never.then(|| "off".to_owned()))
        };
        Self {
            nvd: or_last(&self.nvd, SourceKind::Nvd),
            kev: or_last(&self.kev, SourceKind::Kev),
            epss: or_last(&self.epss, SourceKind::Epss),
            ..self.clone()
        }
    }

    /// The sources with absolute paths for NVD, KEV and EPSS, so that the state says from everywhere where they were read.
    ///
    /// # Errors
    /// When the current folder cannot be read.
    pub fn absolute(&self) -> std::io::Result<Self> {
        let at = |text: &Option<String>| -> std::io::Result<Option<String>> {
            match text.as_deref().map(Location::of) {
                Some(Location::Path(path)) if !matches!(text.as_deref(), Some("default" | "off")) => {
                    Ok(Some(std::path::absolute(path)?.to_string_lossy().into_owned()))
                }
                _ => Ok(text.clone()),
            }
        };
        Ok(Self { nvd: at(&self.nvd)?, kev: at(&self.kev)?, epss: at(&self.epss)?, ..self.clone() })
    }

    /// The sources with the defaults where a setting is missing (NVD, KEV and EPSS by their publishers), and with relative paths taken from
    /// a folder.
    #[must_use]
    pub fn resolved(&self, folder: &Path) -> Self {
        let at = |text: &String| match Location::of(text) {
            Location::Path(path) if text != "default" && text != "off" => folder.join(path).to_string_lossy().into_owned(),
            _ => text.clone(),
        };
        let or_default = |value: &Option<String>| Some(value.as_ref().map_or_else(|| "default".to_owned(), at));
        // A bare word is the name of an ecosystem.
        let osv = |text: &String| if text.contains(['/', '.']) { at(text) } else { text.clone() };
        Self {
            nvd: or_default(&self.nvd),
            nvd_api: self.nvd_api.as_ref().map(at),
            kev: or_default(&self.kev),
            epss: or_default(&self.epss),
            cvelist: self.cvelist.as_ref().map(at),
            overrides: self.overrides.as_ref().map(at),
            osv: self.osv.iter().map(osv).collect(),
        }
    }
}

/// A step of a running sync.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SyncStep<'a> {
    /// A source is looked for at a location.
    Asked(SourceKind, &'a str),
    /// A source is read: its location, or the artefact that arrives.
    Source(SourceKind, &'a str),
    /// The changes of NVD since a time are fetched.
    ChangesSince(Timestamp),
    /// The changes of NVD up to a time have arrived.
    ChangesUntil(Timestamp),
    /// An artefact was built into the index.
    Indexed(&'a str),
    /// A document of a source was refused, with the reason.
    Refused(SourceKind, &'a str),
}

/// A function that gets the steps of a sync.
pub type Steps<'a> = &'a (dyn Fn(SyncStep<'_>) + Sync);

/// The outcome of a sync.
#[derive(Debug)]
pub struct Synced {
    /// The report.
    pub report: SyncReport,
    /// The number of sources that were fetched.
    pub asked: usize,
}

impl Synced {
    /// Whether the sync failed: every source failed, so that the state is the one before, or nothing is in force.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.report.to.is_none() || self.asked > 0 && self.report.errors.len() == self.asked
    }
}

impl Store {
    /// Fetches the changes of the sources and puts them in force. A source that cannot be fetched, or breaks off, keeps its last good
    /// records; an interrupted reading of the CVE API continues at its page the next time.
    ///
    /// # Errors
    /// When the state cannot be read or written, or another sync is running. The state in force is then unchanged.
    pub fn sync(&self, sources: &Sources, client: &Client, now: Timestamp, steps: Steps<'_>) -> Result<Synced, IntelligenceError> {
        let before = self.status()?;
        let mut fetching = Fetching { client, store: self, before: &before, now, steps, reached: Reached::NotAsked };
        let deliveries = fetching.all(sources);
        let reached = fetching.reached;
        let asked = deliveries.len();
        let report = self.ingest(deliveries, now.as_second(), &|name| steps(SyncStep::Indexed(name)))?;
        self.keep_reached(reached)?;
        Ok(Synced { report, asked })
    }

    /// The file with the progress of an interrupted reading of the CVE API.
    fn reached_path(&self) -> PathBuf {
        self.root.with_file_name("nvd-api.json")
    }

    /// Keeps the progress of an interrupted reading of the CVE API, after the pages before it have become part of the state.
    fn keep_reached(&self, reached: Reached) -> Result<(), IntelligenceError> {
        let path = self.reached_path();
        match reached {
            Reached::NotAsked => {}
            Reached::End => drop(std::fs::remove_file(path)),
            Reached::Page(progress) => {
                write_new(&path, |out| serde_json::to_writer(out, &progress).map_err(std::io::Error::other))?;
            }
        }
        Ok(())
    }

    fn kept_progress(&self) -> Result<Option<Progress>, IntelligenceError> {
        let path = self.reached_path();
        match std::fs::read(&path) {
            // What cannot be read says nothing: the changes are asked for from the last sync on.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed("read", &path)(e)),
        }
    }
}

/// The progress of reading the CVE API.
enum Reached {
    /// The API was not read.
    NotAsked,
    /// The API was read to the end.
    End,
    /// The API was read up to a page, at which the next sync continues; `None` where no page was read.
    Page(Option<Progress>),
}

struct Fetching<'a> {
    client: &'a Client,
    store: &'a Store,
    before: &'a Status,
    now: Timestamp,
    steps: Steps<'a>,
    reached: Reached,
}

impl Fetching<'_> {
    fn all(&mut self, sources: &Sources) -> BTreeMap<SourceKind, Delivery> {
        fn wanted<'s>(value: &'s Option<String>, default: &'s str) -> Option<&'s str> {
            value.as_deref().filter(|v| *v != "off").map(|v| if v == "default" { default } else { v })
        }
        let mut out = BTreeMap::new();
        let now = self.now;
        if let Some(at) = wanted(&sources.nvd, fetch::NVD_FEEDS_URL) {
            let delivery =
                self.files(SourceKind::Nvd, at, |client, known, sink| fetch::nvd_feeds(client, &Location::of(at), now, known, sink));
            out.insert(SourceKind::Nvd, delivery);
        }
        if let Some(at) = wanted(&sources.nvd_api, fetch::NVD_API_URL) {
            self.api(at, out.entry(SourceKind::Nvd).or_default());
        }
        if let Some(at) = wanted(&sources.kev, fetch::KEV_URL) {
            let delivery = self.files(SourceKind::Kev, at, |client, known, sink| fetch::kev(client, &Location::of(at), known, sink));
            out.insert(SourceKind::Kev, delivery);
        }
        if let Some(at) = wanted(&sources.epss, fetch::EPSS_URL) {
            let delivery = self.files(SourceKind::Epss, at, |client, known, sink| fetch::epss(client, &Location::of(at), known, sink));
            out.insert(SourceKind::Epss, delivery);
        }
        for (kind, at) in [(SourceKind::CveList, &sources.cvelist), (SourceKind::Overrides, &sources.overrides)] {
            if let Some(at) = at.as_ref().filter(|at| *at != "off") {
                out.insert(kind, self.records(kind, std::slice::from_ref(at)));
            }
        }
        if !sources.osv.is_empty() {
            out.insert(SourceKind::Osv, self.records(SourceKind::Osv, &sources.osv));
        }
        out
    }

    fn known(&self, kind: SourceKind) -> Known {
        let mut known: BTreeMap<String, (Option<Timestamp>, Validators)> = BTreeMap::new();
        for (name, state) in self.before.sources.get(&kind).into_iter().flat_map(|s| &s.artefacts) {
            // The state keeps several deltas of one name apart by their digest; the publisher knows only the name. Any of
            // them would do, since what matches is here, but only the latest one can still match.
            let name = name.replacen(&format!(".{}.", state.raw.short()), ".", 1);
            let at = state.validators.last_modified.as_deref().and_then(time_of);
            let newest = known.get(&name).is_none_or(|(before, _)| *before <= at);
            if newest {
                known.insert(name, (at, state.validators.clone()));
            }
        }
        Known(known.into_iter().map(|(name, (_, validators))| (name, validators)).collect())
    }

    /// The delivery of a source of whole files.
    fn files(
        &self,
        kind: SourceKind,
        at: &str,
        get: impl FnOnce(&Client, &Known, &mut dyn fetch::Sink) -> Result<(), FetchError>,
    ) -> Delivery {
        (self.steps)(SyncStep::Asked(kind, &masked(at)));
        (self.steps)(SyncStep::Source(kind, &masked(at)));
        let mut inputs = Vec::new();
        let result = get(self.client, &self.known(kind), &mut |artefact: Artefact| {
            (self.steps)(SyncStep::Source(kind, &artefact.name));
            inputs.extend(input(kind, artefact));
            Ok(())
        });
        Delivery { inputs, location: masked(at).into_owned(), error: result.err().map(|e| e.to_string()) }
    }

    /// Adds the changes since the last sync from the CVE API, page by page, to a delivery.
    fn api(&mut self, url: &str, delivery: &mut Delivery) {
        if delivery.location.is_empty() {
            delivery.location = masked(url).into_owned();
        }
        let resume = match self.store.kept_progress() {
            Ok(resume) => resume,
            Err(error) => return add_error(delivery, error.to_string()),
        };
        let since = match &resume {
            Some(progress) => progress.since,
            None => self.newest_change(),
        };
        let mut delta = Delta::new(since, self.now);
        delta.url = url.to_owned();
        (self.steps)(SyncStep::Asked(SourceKind::Nvd, &masked(url)));
        (self.steps)(SyncStep::ChangesSince(since));
        let inputs = RefCell::new(Vec::new());
        let mut reached = resume.clone();
        let result = fetch::nvd_delta(
            self.client,
            &delta,
            resume,
            &mut |artefact: Artefact| {
                inputs.borrow_mut().extend(input(SourceKind::Nvd, artefact));
                Ok(())
            },
            &mut |progress| {
                (self.steps)(SyncStep::ChangesUntil(progress.window_end));
                reached = Some(progress.clone());
                Ok(())
            },
        );
        delivery.inputs.append(&mut inputs.into_inner());
        self.reached = match result {
            Ok(_) => Reached::End,
            Err(error) => {
                add_error(delivery, error.to_string());
                Reached::Page(reached)
            }
        };
    }

    /// The time from which changes may be missing: that of the last sync, or that of the newest known change where it is earlier, since a
    /// folder of feeds may have been old when it was read. Eight days ago where neither is known.
    fn newest_change(&self) -> Timestamp {
        let synced = self.before.sources.get(&SourceKind::Nvd).and_then(|s| s.synced_at);
        let newest = match (synced, self.store.open()) {
            (Some(_), Ok(known)) => {
                let views = known
                    .cves()
                    .flat_map(|c| known.mapped_views(c).filter(|(kind, _)| *kind == SourceKind::Nvd).filter_map(|(_, v)| v.modified));
                views.max()
            }
            _ => None,
        };
        let week = self.now.checked_sub(SignedDuration::from_hours(24 * 8)).unwrap_or(Timestamp::UNIX_EPOCH);
        let since = synced.min(newest).or(newest).and_then(|seconds| Timestamp::from_second(seconds).ok());
        since.map_or(week, |since| since.min(self.now))
    }

    /// The delivery of a source of one-record files, with one pack for each location.
    fn records(&self, kind: SourceKind, locations: &[String]) -> Delivery {
        let mut delivery = Delivery { location: masked(&locations.join(", ")).into_owned(), ..Delivery::default() };
        for at in locations {
            if let Err(error) = self.pack(kind, at, &mut delivery) {
                add_error(&mut delivery, format!("{}: {error}", masked(at)));
            }
        }
        delivery
    }

    fn pack(&self, kind: SourceKind, at: &str, delivery: &mut Delivery) -> Result<(), FetchError> {
        let shown = masked(at);
        (self.steps)(SyncStep::Asked(kind, &shown));
        (self.steps)(SyncStep::Source(kind, &shown));
        let location = match kind {
            SourceKind::Osv if !at.contains(['/', '.']) && !Path::new(at).exists() => fetch::osv_ecosystem(fetch::OSV_URL, at)?,
            _ => Location::of(at),
        };
        // Of OSV there may be several, kept apart by their locations; of the others a new location replaces the old one.
        let word = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let name = match kind {
            SourceKind::Osv => format!("{}.tar.gz", shown.chars().map(word).collect::<String>()),
            _ => "pack.tar.gz".to_owned(),
        };
        let same = self.before.sources.get(&kind).and_then(|s| s.artefacts.get(&name)).is_some_and(|a| a.origin == shown);
        let mut known = Known::default();
        if let Some(validators) = self.known(kind).0.remove(&name).filter(|_| same) {
            known.0.insert(kind.as_str().to_owned(), validators);
        }
        let mut packer = TarGz::default();
        let not_packed = |name: &str, source: std::io::Error| FetchError::Sink { name: name.to_owned(), source: source.into() };
        let mut take = |document: Document| packer.add(&document.path, &document.bytes).map_err(|e| not_packed(&document.path, e));
        let walked: Walked = fetch::documents(self.client, kind, &location, WalkLimits::default(), &known, &mut take)?;
        for refusal in walked.refusals.iter().take(REFUSALS) {
            (self.steps)(SyncStep::Refused(kind, refusal));
        }
        if !walked.unchanged {
            let body = InputBody::Bytes(packer.finish().map_err(|e| not_packed(&name, e))?);
            delivery.inputs.push(Input { kind, name, origin: shown.clone().into_owned(), validators: walked.validators, body });
        }
        Ok(())
    }
}

/// Adds the reason why a source is late or broken to its delivery.
fn add_error(delivery: &mut Delivery, error: String) {
    delivery.error = Some(match delivery.error.take() {
        Some(before) => format!("{before}; {error}"),
        None => error,
    });
}

fn input(kind: SourceKind, artefact: Artefact) -> Option<Input> {
    let body = match artefact.body {
        Body::File(path) => InputBody::File(path),
        Body::Bytes(bytes) => InputBody::Bytes(bytes),
        Body::Unchanged => return None,
    };
    Some(Input { kind, name: artefact.name, origin: masked(&artefact.origin).into_owned(), validators: artefact.validators, body })
}

/// The time in a `Last-Modified` header, or in our form of it for a local file.
fn time_of(last_modified: &str) -> Option<Timestamp> {
    let local = || last_modified.split(' ').next()?.parse().ok();
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(last_modified).ok().or_else(local)
}

#[cfg(test)]
mod tests {
    use super::super::SourceState;
    use super::*;

    #[test]
    fn what_was_read_from_this_machine_is_read_there_again() {
        let state = |location: &str, synced_at| SourceState { location: location.into(), synced_at, ..SourceState::default() };
        let mut status = Status::default();
        let default = |status: &Status| Sources::default().or_last_read(status);
        assert_eq!(default(&status), Sources::default(), "nothing was read yet");
        let folder = Sources { nvd: Some("feeds".into()), kev: Some("default".into()), ..Sources::default() };
        let first = Sources { epss: Some("off".into()), ..folder.clone() };
        assert_eq!(folder.or_last_read(&status), first, "the first sync of a folder asks nobody, unless a setting names the source");
        let mirror = Sources { nvd: Some("https://mirror.example/nvd/".into()), ..Sources::default() };
        assert_eq!(mirror.or_last_read(&status), mirror, "who asks a mirror has a network");
        status.sources.insert(SourceKind::Nvd, state("https://nvd.nist.gov/feeds/json/cve/2.0/", Some(1)));
        status.sources.insert(SourceKind::Kev, state("/data/kev.json", None));
        assert_eq!(default(&status), Sources::default(), "an address is the publisher's, and a file that was never read is none");
        status.sources.insert(SourceKind::Nvd, state("/data/nvd", Some(1)));
        status.sources.insert(SourceKind::Kev, state("/data/kev.json", Some(1)));
        let last =
            Sources { nvd: Some("/data/nvd".into()), kev: Some("/data/kev.json".into()), epss: Some("off".into()), ..Sources::default() };
        assert_eq!(default(&status), last);
        assert_eq!(last.absolute().unwrap(), last);
        let set = Sources { nvd: Some("default".into()), epss: Some("/data/epss.csv".into()), ..Sources::default() };
        let set_and_last = Sources { kev: Some("/data/kev.json".into()), ..set.clone() };
        assert_eq!(set.or_last_read(&status), set_and_last, "what the settings name stands over it");
        let here = Sources { nvd: Some("nvd".into()), kev: Some("off".into()), ..Sources::default() }.absolute().unwrap();
        assert!(here.nvd.is_some_and(|at| Path::new(&at).is_absolute() && at.ends_with("/nvd")) && here.kev.as_deref() == Some("off"));
    }

    #[test]
    fn paths_are_those_of_the_folder_and_words_stay() {
        let sources =
            Sources { nvd: Some("feeds".into()), kev: Some("off".into()), osv: vec!["Go".into(), "./osv".into()], ..Sources::default() };
        let sources = sources.resolved(Path::new("/home"));
        let expected = Sources {
            nvd: Some("/home/feeds".into()),
            kev: Some("off".into()),
            epss: Some("default".into()),
            osv: vec!["Go".into(), "/home/./osv".into()],
            ..Sources::default()
        };
        assert_eq!(sources, expected);
    }
}
