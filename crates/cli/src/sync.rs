//! `sync`: from the sources to the state in force.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use seaworthy_intelligence::fetch::{
    self, Artefact, Body, Client, Delta, Document, DocumentLimits, FetchError, Known, Location, Options, Pace, Progress, Validators,
};
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Packer, Status, Store, SyncReport};
use seaworthy_ledger::Event;

use crate::args::{Arguments, SyncArgs};
use crate::config::{Config, Sources};
use crate::{clock, ledger, progress};

pub(crate) fn run(arguments: &Arguments, args: &SyncArgs) -> anyhow::Result<u8> {
    let started = Instant::now();
    std::fs::create_dir_all(&arguments.home).with_context(|| format!("cannot create {}", arguments.home.display()))?;
    let store = Store::new(&arguments.home);
    let before = store.status()?;
    let now = clock::now();
    let bar = progress::spinner(arguments, "looking at the sources");
    let config = Config::read(&arguments.home)?;
    let wanted = Sources::wanted(args, &config, &arguments.home);
    let fetching = Fetching::new(args, &arguments.home, &store, &before, now, &bar)?;
    let tell_read = |name: &str| bar.set_message(format!("read {name}"));
    let (report, asked) = if args.rebuild {
        (store.rebuild(&tell_read)?, 0)
    } else {
        let deliveries = fetching.all(&wanted)?;
        let asked = deliveries.len();
        (store.sync(deliveries, now, &tell_read)?, asked)
    };
    bar.finish_and_clear();
    fetching.keep_progress()?;
    if let Some(knowledge) = report.to {
        let event = Event::Synced { knowledge, changes: [report.new, report.changed, report.rejected] };
        ledger::open(arguments, &config)?.append(vec![ledger::new(event)])?;
    }
    tell(arguments, &report, &store.status()?, started);
    if asked > 0 && report.errors.len() == asked {
        bail!("no source could be synced; the last good state stays in force");
    }
    Ok(0)
}

fn tell(arguments: &Arguments, report: &SyncReport, status: &Status, started: Instant) {
    for (kind, error) in &report.errors {
        eprintln!("warning: {kind}: {error}");
    }
    for refused in report.refused.iter().take(5) {
        eprintln!("warning: a record was not taken: {} at byte {}: {}", refused.file, refused.offset, refused.message);
    }
    if report.refused.len() > 5 {
        eprintln!("warning: {} more records were not taken; `seaworthy status` counts them by source", report.refused.len() - 5);
    }
    if arguments.quiet {
        return;
    }
    let digest = report.to.map(|d| d.short()).unwrap_or_default();
    let files = report.parsed.len();
    say!(
        "{} new, {} changed, {} rejected; {} CVEs known; {files} file{} read in {:.2} s; knowledge {digest}",
        report.new,
        report.changed,
        report.rejected,
        status.cves,
        if files == 1 { "" } else { "s" },
        started.elapsed().as_secs_f32(),
    );
}

struct Fetching<'a> {
    client: Client,
    home: &'a Path,
    store: &'a Store,
    before: &'a Status,
    now: i64,
    bar: &'a indicatif::ProgressBar,
    /// How far the CVE API was read: unset when it was not asked, `None` when all of it was.
    progress: Cell<Option<Option<Progress>>>,
}

impl<'a> Fetching<'a> {
    fn new(
        args: &SyncArgs,
        home: &'a Path,
        store: &'a Store,
        before: &'a Status,
        now: i64,
        bar: &'a indicatif::ProgressBar,
    ) -> anyhow::Result<Self> {
        let options = Options { api_key: args.api_key.clone(), pace: Some(Pace::nvd(args.api_key.is_some())), ..Options::default() };
        Ok(Self { client: Client::new(options)?, home, store, before, now, bar, progress: Cell::new(None) })
    }

    fn all(&self, wanted: &Sources) -> anyhow::Result<BTreeMap<SourceKind, Delivery>> {
        let resolve = |value: &str, default: &str| if value == "default" { default.to_owned() } else { value.to_owned() };
        let mut out = BTreeMap::new();
        if let Some(value) = &wanted.nvd {
            let at = resolve(value, fetch::NVD_FEEDS_URL);
            let now = Timestamp::from_second(self.now)?;
            out.insert(
                SourceKind::Nvd,
                self.files(SourceKind::Nvd, &at, |client, known, sink| fetch::nvd_feeds(client, &Location::of(&at), now, known, sink)),
            );
        }
        if let Some(value) = &wanted.nvd_api {
            let at = resolve(value, fetch::NVD_API_URL);
            self.api(&at, out.entry(SourceKind::Nvd).or_default())?;
        }
        if let Some(value) = &wanted.kev {
            let at = resolve(value, fetch::KEV_URL);
            out.insert(
                SourceKind::Kev,
                self.files(SourceKind::Kev, &at, |client, known, sink| fetch::kev(client, &Location::of(&at), known, sink)),
            );
        }
        if let Some(value) = &wanted.epss {
            let at = resolve(value, fetch::EPSS_URL);
            out.insert(
                SourceKind::Epss,
                self.files(SourceKind::Epss, &at, |client, known, sink| fetch::epss(client, &Location::of(&at), known, sink)),
            );
        }
        if let Some(at) = &wanted.cvelist {
            out.insert(SourceKind::CveList, self.records(SourceKind::CveList, std::slice::from_ref(at)));
        }
        if let Some(at) = &wanted.overrides {
            out.insert(SourceKind::Overrides, self.records(SourceKind::Overrides, std::slice::from_ref(at)));
        }
        if !wanted.osv.is_empty() {
            out.insert(SourceKind::Osv, self.records(SourceKind::Osv, &wanted.osv));
        }
        Ok(out)
    }

    fn known(&self, kind: SourceKind) -> Known {
        let mut known: BTreeMap<String, (Option<Timestamp>, Validators)> = BTreeMap::new();
        for (name, state) in self.before.sources.get(&kind).into_iter().flat_map(|s| &s.artefacts) {
            let Ok(validators) = serde_json::from_value::<Validators>(state.validators.clone()) else { continue };
            // The state keeps several deltas of one name apart by their digest; the publisher knows only the name. Any of
            // them would do, since what matches is here, but only the latest one can still match.
            let name = name.replacen(&format!(".{}.", state.raw.short()), ".", 1);
            let at = validators.last_modified.as_deref().and_then(time_of);
            let newest = known.get(&name).is_none_or(|(before, _)| *before <= at);
            if newest {
                known.insert(name, (at, validators));
            }
        }
        Known(known.into_iter().map(|(name, (_, validators))| (name, validators)).collect())
    }

    /// A source of whole files.
    fn files(
        &self,
        kind: SourceKind,
        at: &str,
        get: impl FnOnce(&Client, &Known, &mut dyn fetch::Sink) -> Result<(), FetchError>,
    ) -> Delivery {
        self.bar.set_message(format!("{kind}: {at}"));
        let mut inputs = Vec::new();
        let result = get(&self.client, &self.known(kind), &mut |artefact: Artefact| {
            self.bar.set_message(format!("{kind}: {}", artefact.name));
            inputs.extend(input(kind, artefact));
            Ok(())
        });
        Delivery { inputs, location: at.to_owned(), error: result.err().map(|e| e.to_string()) }
    }

    /// Changes since the last sync, page by page.
    fn api(&self, url: &str, delivery: &mut Delivery) -> anyhow::Result<()> {
        let until = Timestamp::from_second(self.now)?;
        let resume = self.kept_progress().and_then(|bytes| serde_json::from_slice::<Progress>(&bytes).ok());
        let since = match &resume {
            Some(progress) => progress.since,
            None => self.newest_change(until)?,
        };
        let mut delta = Delta::new(since, until);
        delta.url = url.to_owned();
        self.bar.set_message(format!("nvd: changes since {since}"));
        let inputs = RefCell::new(Vec::new());
        let mut reached = resume.clone();
        let result = fetch::nvd_delta(
            &self.client,
            &delta,
            resume.clone(),
            &mut |artefact: Artefact| {
                inputs.borrow_mut().extend(input(SourceKind::Nvd, artefact));
                Ok(())
            },
            &mut |progress| {
                self.bar.set_message(format!("nvd: changes up to {}", progress.window_end));
                reached = Some(progress.clone());
                Ok(())
            },
        );
        self.progress.set(Some(reached.filter(|_| result.is_err())));
        delivery.inputs.append(&mut inputs.into_inner());
        if delivery.location.is_empty() {
            delivery.location = url.to_owned();
        }
        if let Err(error) = result {
            let told = delivery.error.take().map(|e| format!("{e}; ")).unwrap_or_default();
            delivery.error = Some(format!("{told}{error}"));
        }
        Ok(())
    }

    /// The time from which on changes may be missing: that of the last sync, or of the newest change that is known where
    /// that is earlier, since a folder of feeds may have been old when it was read.
    fn newest_change(&self, until: Timestamp) -> anyhow::Result<Timestamp> {
        let synced = self.before.sources.get(&SourceKind::Nvd).and_then(|s| s.synced_at);
        let newest = match (synced, self.store.open()) {
            (Some(_), Ok(known)) => {
                let views = known.cves().flat_map(|c| known.views(c).filter(|(kind, _)| *kind == SourceKind::Nvd).map(|(_, v)| v.modified));
                views.max()
            }
            _ => None,
        };
        match synced.min(newest).or(newest) {
            Some(seconds) => Ok(Timestamp::from_second(seconds)?.min(until)),
            None => Ok(until - SignedDuration::from_hours(24 * 8)),
        }
    }

    fn progress_path(&self) -> PathBuf {
        self.home.join("nvd-api.json")
    }

    fn kept_progress(&self) -> Option<Vec<u8>> {
        std::fs::read(self.progress_path()).ok()
    }

    /// Keeps how far an interrupted reading of the CVE API came. Only after the pages before it are part of the state.
    fn keep_progress(&self) -> anyhow::Result<()> {
        let path = self.progress_path();
        match self.progress.take() {
            None => {}
            Some(None) => drop(std::fs::remove_file(path)),
            Some(Some(progress)) => {
                let mut file = tempfile::NamedTempFile::new_in(self.home)?;
                serde_json::to_writer(&mut file, &progress)?;
                file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// A source of one-record files, packed into one raw artefact a location.
    fn records(&self, kind: SourceKind, locations: &[String]) -> Delivery {
        let mut delivery = Delivery { location: locations.join(", "), ..Delivery::default() };
        for at in locations {
            if let Err(error) = self.pack(kind, at, &mut delivery) {
                let told = delivery.error.take().map(|e| format!("{e}; ")).unwrap_or_default();
                delivery.error = Some(format!("{told}{at}: {error:#}"));
            }
        }
        delivery
    }

    fn pack(&self, kind: SourceKind, at: &str, delivery: &mut Delivery) -> anyhow::Result<()> {
        self.bar.set_message(format!("{kind}: {at}"));
        let location = match kind {
            SourceKind::Osv if !at.contains(['/', '.']) && !std::path::Path::new(at).exists() => fetch::osv_ecosystem(fetch::OSV_URL, at)?,
            _ => Location::of(at),
        };
        // Of OSV there may be several, told apart by their locations; of the others a new location replaces the old one.
        let word = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let name = match kind {
            SourceKind::Osv => format!("{}.tar.gz", at.chars().map(word).collect::<String>()),
            _ => "pack.tar.gz".to_owned(),
        };
        let same = self.before.sources.get(&kind).and_then(|s| s.artefacts.get(&name)).is_some_and(|a| a.origin == at);
        let mut known = Known::default();
        if let Some(validators) = self.known(kind).0.remove(&name).filter(|_| same) {
            known.0.insert(kind.as_str().to_owned(), validators);
        }
        let mut packer = Packer::default();
        let mut take = |document: Document| {
            packer.add(&document.path, &document.bytes).map_err(|e| FetchError::Sink { name: document.path.clone(), source: e.into() })
        };
        let walked = fetch::documents(&self.client, kind, &location, DocumentLimits::default(), &known, &mut take)?;
        for refusal in walked.refusals.iter().take(5) {
            eprintln!("warning: {kind}: {refusal}");
        }
        if !walked.unchanged {
            let body = InputBody::Bytes(packer.finish()?);
            delivery.inputs.push(Input { kind, name, origin: at.to_owned(), validators: serde_json::to_value(walked.validators)?, body });
        }
        Ok(())
    }
}

fn input(kind: SourceKind, artefact: Artefact) -> Option<Input> {
    let body = match artefact.body {
        Body::File(path) => InputBody::File(path),
        Body::Bytes(bytes) => InputBody::Bytes(bytes),
        Body::Unchanged => return None,
    };
    let validators = serde_json::to_value(&artefact.validators).unwrap_or_default();
    Some(Input { kind, name: artefact.name, origin: artefact.origin, validators, body })
}

/// The time of a `Last-Modified` header, or of a local file's change.
fn time_of(last_modified: &str) -> Option<Timestamp> {
    let local = || last_modified.split(' ').next()?.parse().ok();
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(last_modified).ok().or_else(local)
}
