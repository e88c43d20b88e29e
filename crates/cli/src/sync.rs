//! `sync`: from the sources to the state in force.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use seaworthy_intelligence::fetch::{
    self, Artefact, Body, Client, Delta, Document, DocumentLimits, FetchError, Known, Location, Options, Pace,
};
use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Packer, Status, Store, SyncReport};
use seaworthy_ledger::{Event, Ledger};

use crate::args::{Arguments, SyncArgs};
use crate::{clock, progress};

pub(crate) fn run(arguments: &Arguments, args: &SyncArgs) -> anyhow::Result<u8> {
    let started = Instant::now();
    std::fs::create_dir_all(&arguments.home).with_context(|| format!("cannot create {}", arguments.home.display()))?;
    let store = Store::new(&arguments.home);
    let before = store.status()?;
    let now = clock::now();
    let bar = progress::spinner(arguments, "looking at the sources");
    let deliveries = if args.rebuild { BTreeMap::new() } else { Fetching::new(args, &before, now, &bar)?.all(args)? };
    let asked = deliveries.len();
    let report = store.sync(deliveries, now, &|name| bar.set_message(format!("read {name}")))?;
    bar.finish_and_clear();
    if let Some(knowledge) = report.to {
        Ledger::new(&arguments.home).append(now, Event::Synced { knowledge, changes: [report.new, report.changed, report.rejected] })?;
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
    println!(
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
    before: &'a Status,
    now: i64,
    bar: &'a indicatif::ProgressBar,
}

impl<'a> Fetching<'a> {
    fn new(args: &SyncArgs, before: &'a Status, now: i64, bar: &'a indicatif::ProgressBar) -> anyhow::Result<Self> {
        let options = Options { api_key: args.api_key.clone(), pace: Some(Pace::nvd(args.api_key.is_some())), ..Options::default() };
        Ok(Self { client: Client::new(options)?, before, now, bar })
    }

    fn all(&self, args: &SyncArgs) -> anyhow::Result<BTreeMap<SourceKind, Delivery>> {
        let none = args.nvd.is_none()
            && args.nvd_api.is_none()
            && args.kev.is_none()
            && args.epss.is_none()
            && args.osv.is_empty()
            && args.cvelist.is_none()
            && args.overrides.is_none();
        let or_default = |value: &Option<String>| value.clone().or_else(|| none.then(|| "default".into())).filter(|v| v != "off");
        let resolve = |value: &str, default: &str| if value == "default" { default.to_owned() } else { value.to_owned() };
        let mut out = BTreeMap::new();
        if let Some(value) = or_default(&args.nvd) {
            let at = resolve(&value, fetch::NVD_FEEDS_URL);
            let now = Timestamp::from_second(self.now)?;
            out.insert(
                SourceKind::Nvd,
                self.files(SourceKind::Nvd, &at, |client, known, sink| fetch::nvd_feeds(client, &Location::of(&at), now, known, sink)),
            );
        }
        if let Some(value) = &args.nvd_api {
            let at = resolve(value, fetch::NVD_API_URL);
            self.api(&at, out.entry(SourceKind::Nvd).or_default())?;
        }
        if let Some(value) = or_default(&args.kev) {
            let at = resolve(&value, fetch::KEV_URL);
            out.insert(
                SourceKind::Kev,
                self.files(SourceKind::Kev, &at, |client, known, sink| fetch::kev(client, &Location::of(&at), known, sink)),
            );
        }
        if let Some(value) = or_default(&args.epss) {
            let at = resolve(&value, fetch::EPSS_URL);
            out.insert(
                SourceKind::Epss,
                self.files(SourceKind::Epss, &at, |client, known, sink| fetch::epss(client, &Location::of(&at), known, sink)),
            );
        }
        if let Some(at) = &args.cvelist {
            out.insert(SourceKind::CveList, self.records(SourceKind::CveList, std::slice::from_ref(at)));
        }
        if let Some(at) = &args.overrides {
            out.insert(SourceKind::Overrides, self.records(SourceKind::Overrides, std::slice::from_ref(at)));
        }
        if !args.osv.is_empty() {
            out.insert(SourceKind::Osv, self.records(SourceKind::Osv, &args.osv));
        }
        Ok(out)
    }

    fn known(&self, kind: SourceKind) -> Known {
        let artefacts = self.before.sources.get(&kind).into_iter().flat_map(|s| &s.artefacts);
        Known(artefacts.filter_map(|(name, state)| Some((name.clone(), serde_json::from_value(state.validators.clone()).ok()?))).collect())
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
        let last = self.before.sources.get(&SourceKind::Nvd).and_then(|s| s.synced_at);
        let since = last.map_or(Ok(until - SignedDuration::from_hours(24 * 8)), Timestamp::from_second)?;
        let mut delta = Delta::new(since, until);
        delta.url = url.to_owned();
        self.bar.set_message(format!("nvd: changes since {since}"));
        let inputs = RefCell::new(Vec::new());
        let result = fetch::nvd_delta(
            &self.client,
            &delta,
            None,
            &mut |artefact: Artefact| {
                inputs.borrow_mut().extend(input(SourceKind::Nvd, artefact));
                Ok(())
            },
            &mut |progress| {
                self.bar.set_message(format!("nvd: changes up to {}", progress.window_end));
                Ok(())
            },
        );
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
        // A location's own name tells several of one source apart.
        let name = format!(
            "{}.tar.gz",
            at.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect::<String>()
        );
        let mut known = Known::default();
        if let Some(validators) = self.known(kind).0.remove(&name) {
            known.0.insert(kind.as_str().to_owned(), validators);
        }
        let mut packer = Packer::default();
        let mut take = |document: Document| {
            packer.add(&document.path, &document.bytes).map_err(|e| FetchError::Sink { name: document.path.clone(), source: e.into() })
        };
        let limits = DocumentLimits::default();
        let walked = match kind {
            SourceKind::CveList => fetch::cve_list(&self.client, &location, limits, &known, &mut take),
            SourceKind::Osv => fetch::osv(&self.client, &location, kind.as_str(), limits, &known, &mut take),
            _ => fetch::overrides(&self.client, &location, limits, &known, &mut take),
        }?;
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
