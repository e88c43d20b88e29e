//! What a publication works with, and what it would change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::{Timestamp, ToSpan};
use seaworthy_intelligence::{Knowledge, Store};
use seaworthy_inventory::read_packages_file;
use seaworthy_ledger::{Draft, Entries, Event, Ledger, Publication, Sight};
use seaworthy_model::case::{Case, CaseEvent, CaseKey};
use seaworthy_model::{Digest, DigestWriter, Evr};
use seaworthy_pipeline::{Chronicle, Reachable, arrivals, recalls};
use seaworthy_publish::press::{Contents, Given, Held, Packages};
use seaworthy_publish::repository::Compression;
use seaworthy_publish::site::Site;
use seaworthy_publish::{Distribution, Edition};
use seaworthy_triage::Policy;

use super::args::What;
use crate::args::Arguments;
use crate::config::{Compressed, Config, PublishSettings};
use crate::{cases, clock, ledger};

/// A home, its log and its site, at a time.
pub(super) struct Press {
    pub(super) config: Config,
    pub(super) distribution: Distribution,
    pub(super) site: Site,
    pub(super) ledger: Ledger,
    /// The last event when everything was read.
    pub(super) head: u64,
    pub(super) chronicle: Chronicle,
    /// Every case, those under embargo as well: a fix arrives whether it may be told of or not.
    cases: BTreeMap<CaseKey, Case>,
    knowledge: Option<Knowledge>,
    policy: Policy,
    pub(super) now: Timestamp,
}

/// A channel, as it is and as it is to be.
pub(super) struct Channel {
    /// The snapshot it points to; `None` before the first.
    pub(super) snapshot: Option<String>,
    /// What that holds.
    pub(super) before: Contents,
    /// What it is to hold.
    pub(super) after: Contents,
}

/// What is to change.
pub(super) struct Change {
    pub(super) channels: BTreeMap<String, Channel>,
    /// Packages that were given, and the channel they are for.
    pub(super) given: Vec<Given>,
    pub(super) target: String,
    /// Packages that are taken back now.
    pub(super) gone: Vec<Held>,
    /// The builds that were ever taken back.
    pub(super) recalled: Vec<String>,
    /// What happens to cases, and what the log has to say before it can be told.
    pub(super) drafts: Vec<Draft>,
    pub(super) edition: Edition,
    /// The advisories that got their id now.
    pub(super) fresh: BTreeSet<String>,
}

impl Press {
    /// Reads everything.
    pub(super) fn open(arguments: &Arguments, line: Option<&str>) -> anyhow::Result<Self> {
        let config = Config::read(&arguments.home)?;
        let policy = cases::policy(&arguments.home)?;
        let line = cases::line(line, &config).to_owned();
        let distribution = distribution(&config, &line)?;
        let site = Site::new(arguments.home.join(&config.publish().site));
        let mut ledger = ledger::open(arguments, &config)?;
        let now = clock::timestamp();
        let head = ledger.head()?.seq;
        let mut chronicle = Chronicle::new(&line);
        let mut damage = None;
        ledger.each_entry(&Entries { before: Some(head + 1), sight: Sight::DisclosedAt(now), ..Entries::default() }, |entry| {
            if damage.is_none() {
                damage = chronicle.take(entry.at, &entry.event).err().map(|e| (entry.seq, e));
            }
            Ok(())
        })?;
        if let Some((seq, error)) = damage {
            bail!("event {seq} of the log does not fit the ones before it ({error}): `seaworthy ledger verify` tells more");
        }
        chronicle.settle(now);
        let cases = cases::load(&mut ledger, Some(&line), Sight::All)?;
        let store = Store::new(&arguments.home);
        let knowledge = if store.status()?.sources.is_empty() { None } else { Some(store.open()?) };
        Ok(Self { config, distribution, site, ledger, head, chronicle, cases, knowledge, policy, now })
    }

    /// A publication that the log tells of and the site does not show was cut short between the two: it is put in force. Gives its id.
    pub(super) fn complete(&self) -> anyhow::Result<Option<String>> {
        let Some((_, last)) = self.chronicle.publication() else { return Ok(None) };
        if self.site.current()?.as_ref() == Some(&last.id) {
            return Ok(None);
        }
        if !self.site.is_laid_out(&last.id) {
            bail!(
                "the log tells of the publication {}, and {} does not have it: name the site that has it (site in seaworthy.toml)",
                last.id,
                self.site.dir().display()
            );
        }
        self.site.switch(&last.id)?;
        Ok(Some(last.id.clone()))
    }

    pub(super) fn settings(&self) -> &PublishSettings {
        self.config.publish()
    }

    pub(super) fn packages(&self) -> Packages<'_> {
        let compression = match self.settings().compression {
            Compressed::Zstd => Compression::Zstd,
            Compressed::Gzip => Compression::Gzip,
        };
        Packages::new(&self.site, compression, &self.settings().architectures)
    }

    pub(super) fn last(&self) -> Option<&Publication> {
        self.chronicle.publication().map(|(_, p)| p)
    }

    /// An id for a publication or snapshot: its time, later than every one before, and this many seconds after the first of this run.
    pub(super) fn id(&self, nth: i64) -> String {
        let used = self.last().into_iter().flat_map(|p| p.channels.values().chain([&p.id])).filter_map(|id| time_of(id)).max();
        let first = used.and_then(|t| t.checked_add(1.second()).ok()).map_or(self.now, |next| next.max(self.now));
        let at = first.checked_add(nth.seconds()).unwrap_or(first);
        jiff::tz::Offset::UTC.to_datetime(at).strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn channels(&self) -> anyhow::Result<BTreeMap<String, Channel>> {
        let packages = self.packages();
        let mut out = BTreeMap::new();
        for (channel, snapshot) in self.last().map(|p| p.channels.clone()).unwrap_or_default() {
            let before = packages.contents(&snapshot).with_context(|| format!("cannot read the channel {channel}"))?;
            out.insert(channel, Channel { snapshot: Some(snapshot), after: before.clone(), before });
        }
        Ok(out)
    }

    fn target(&self, asked: Option<&str>) -> anyhow::Result<String> {
        let known = &self.settings().channels;
        let name = match asked {
            Some(name) => name,
            None => known.iter().find(|c| *c == "updates").or(known.first()).map_or("updates", String::as_str),
        };
        if !known.iter().any(|c| c == name) {
            bail!("there is no channel {name}: there are {} (channels in seaworthy.toml)", known.join(", "));
        }
        Ok(name.to_owned())
    }

    /// What would change. Nothing is written.
    pub(super) fn change(&mut self, what: &What) -> anyhow::Result<Change> {
        let target = self.target(what.channel.as_deref())?;
        let mut channels = self.channels()?;
        let recalled = self.last().map(|p| p.recalled.clone()).unwrap_or_default();
        let mut given = Vec::new();
        if let Some(from) = &what.promote {
            let after = match (&what.snapshot, channels.get(self.target(Some(from))?.as_str())) {
                (Some(snapshot), _) => self.packages().contents(snapshot)?,
                (None, Some(channel)) => channel.before.clone(),
                (None, None) => bail!("nothing was published in the channel {from} yet"),
            };
            if let Some(package) = after.packages().find(|p| recalled.contains(&p.build)) {
                bail!("{} was taken back: it cannot be promoted", package.nevra());
            }
            channels.entry(target.clone()).or_insert_with(Channel::new).after = after;
        } else if !what.packages.is_empty() {
            let files = rpm_files(&what.packages)?;
            channels.entry(target.clone()).or_insert_with(Channel::new);
            let others: Vec<&Contents> = channels.iter().filter(|(name, _)| **name != target).map(|(_, c)| &c.before).collect();
            given = self.packages().look(&channels[&target].before, &others, &files, &recalled)?;
            let channel = channels.entry(target.clone()).or_insert_with(Channel::new);
            channel.after = self.packages().preview(&channel.before, &given)?;
        }
        let names = what.names.as_deref().map(read_packages_file).transpose().context("while reading the names of binary packages")?;
        let mut binaries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for package in names.iter().flat_map(|inventory| &inventory.packages) {
            binaries.entry(package.name.clone()).or_default().extend(package.binaries.iter().map(|b| b.name.clone()));
        }
        self.told(channels, given, target, Vec::new(), recalled, binaries, None)
    }

    /// What would change by taking back packages, or by letting a channel point to an earlier snapshot.
    pub(super) fn withdrawal(&mut self, args: &super::args::WithdrawArgs) -> anyhow::Result<Change> {
        let mut channels = self.channels()?;
        let mut recalled = self.last().map(|p| p.recalled.clone()).unwrap_or_default();
        let mut gone: Vec<Held> = Vec::new();
        let chosen = args.channel.as_deref().map(|name| self.target(Some(name))).transpose()?;
        if let (Some(snapshot), Some(name)) = (&args.to, &chosen) {
            let after = self.packages().contents(snapshot)?;
            let channel = channels.get_mut(name).with_context(|| format!("nothing was published in the channel {name} yet"))?;
            let kept: BTreeSet<&str> = after.packages().map(|p| p.build.as_str()).collect();
            gone = channel.before.packages().filter(|p| !kept.contains(p.build.as_str())).cloned().collect();
            channel.after = after;
        } else {
            let wanted: BTreeSet<&str> = args.packages.iter().map(|p| p.trim_end_matches(".rpm")).collect();
            let mut found = BTreeSet::new();
            for (name, channel) in &mut channels {
                if chosen.as_ref().is_some_and(|c| c != name) {
                    continue;
                }
                let named = |held: &Held| {
                    let nevra = held.nevra();
                    let bare = seaworthy_model::Nevra { arch: String::new(), ..nevra.clone() };
                    [nevra.to_string(), bare.to_string()].into_iter().find(|n| wanted.contains(n.as_str()))
                };
                found.extend(channel.before.packages().filter_map(named));
                let (after, removed) = self.packages().remove(&channel.before, |held| named(held).is_some())?;
                channel.after = after;
                gone.extend(removed);
            }
            if let Some(missing) = wanted.iter().find(|w| !found.contains(**w)) {
                bail!("no channel has {missing}: `seaworthy publish diff` shows what is there");
            }
            gone.sort_by_key(|p| p.nevra().to_string());
            gone.dedup_by_key(|p| p.nevra().to_string());
            recalled.extend(gone.iter().map(|p| p.build.clone()));
            recalled.sort();
            recalled.dedup();
        }
        let target = chosen.unwrap_or_default();
        self.told(channels, Vec::new(), target, gone, recalled, BTreeMap::new(), Some(&args.why))
    }

    /// What follows for cases and advisories.
    #[allow(clippy::too_many_arguments, reason = "the parts of one value that is made here")]
    fn told(
        &mut self,
        channels: BTreeMap<String, Channel>,
        given: Vec<Given>,
        target: String,
        gone: Vec<Held>,
        recalled: Vec<String>,
        mut binaries: BTreeMap<String, Vec<String>>,
        why: Option<&str>,
    ) -> anyhow::Result<Change> {
        let mut reachable: Reachable = BTreeMap::new();
        let public = |name: &&String| self.settings().public.contains(name);
        for name in channels.keys().filter(public) {
            let contents = &channels[name].after;
            for (source, evr) in contents.sources() {
                let newest = reachable.entry(source).or_insert_with(|| evr.clone());
                if seaworthy_model::compare_evr(&evr, newest).is_gt() {
                    *newest = evr;
                }
            }
            for (source, names) in contents.binaries() {
                binaries.entry(source).or_default().extend(names);
            }
        }
        for names in binaries.values_mut() {
            names.sort();
            names.dedup();
        }
        let mut events: Vec<(CaseKey, CaseEvent)> = Vec::new();
        if !gone.is_empty() {
            let mut taken: BTreeMap<String, Vec<Evr>> = BTreeMap::new();
            for held in &gone {
                taken.entry(held.source.clone()).or_default().push(held.source_evr.clone());
            }
            events.extend(recalls(self.cases.values(), &taken, &reachable, why.unwrap_or_default()));
        }
        let place = if public(&&target) { target.clone() } else { self.settings().public.first().cloned().unwrap_or_default() };
        events.extend(arrivals(self.cases.values(), &reachable, &place));
        let actor = ledger::actor();
        let mut drafts = Vec::new();
        for (key, event) in events {
            let event = Event::Case { key: key.clone(), event };
            if self.chronicle.knows(&key) {
                self.chronicle.take(self.now, &event).context("a publication does not fit a case; please report this")?;
            }
            drafts.push(Draft { why: why.map(str::to_owned), ..Draft::new(self.now, &actor, event) });
        }
        let mut fresh = BTreeSet::new();
        let pending = self.chronicle.pending(self.knowledge.as_ref(), &binaries, &self.policy, &self.distribution.prefix, self.now);
        for event in pending {
            if let Event::AdvisoryNumbered { id, .. } = &event {
                fresh.insert(id.clone());
            }
            self.chronicle.take(self.now, &event).context("what is to be told does not fit its case; please report this")?;
            drafts.push(Draft::new(self.now, &actor, event));
        }
        let edition = self.chronicle.edition(&self.distribution);
        Ok(Change { channels, given, target, gone, recalled, drafts, edition, fresh })
    }
}

impl Channel {
    fn new() -> Self {
        Self { snapshot: None, before: Contents::new(), after: Contents::new() }
    }

    /// Whether other packages are in it.
    pub(super) fn changes(&self) -> bool {
        let builds = |contents: &Contents| contents.packages().map(|p| p.build.clone()).collect::<BTreeSet<_>>();
        builds(&self.before) != builds(&self.after)
    }
}

impl Change {
    /// The digest of what is to be done: the same one does the same.
    pub(super) fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy plan 1");
        for (name, channel) in self.channels.iter().filter(|(_, c)| c.changes()) {
            out.field(name);
            for package in channel.after.packages() {
                out.field(&package.build);
            }
        }
        for draft in &self.drafts {
            out.field(serde_json::to_string(&draft.event).unwrap_or_default());
        }
        for advisory in &self.edition.advisories {
            out.field(&advisory.id);
            out.field(advisory.updated().to_string());
        }
        out.finish()
    }
}

fn time_of(id: &str) -> Option<Timestamp> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", id).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(date).ok()
}

/// RPM files, and those in folders.
fn rpm_files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut left: Vec<(PathBuf, u32)> = paths.iter().map(|p| (p.clone(), 0)).collect();
    while let Some((path, depth)) = left.pop() {
        if !path.is_dir() {
            out.push(path);
            continue;
        }
        if depth > 16 {
            bail!("{} is more than 16 folders deep", path.display());
        }
        for entry in std::fs::read_dir(&path).with_context(|| format!("cannot read the folder {}", path.display()))? {
            let entry = entry.with_context(|| format!("cannot read the folder {}", path.display()))?;
            let kind = entry.file_type().with_context(|| format!("cannot read {}", entry.path().display()))?;
            if kind.is_dir() {
                left.push((entry.path(), depth + 1));
            } else if entry.path().extension().is_some_and(|e| e == "rpm") {
                out.push(entry.path());
            }
        }
    }
    out.sort();
    if out.is_empty() {
        bail!("no .rpm file in {}", paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "));
    }
    Ok(out)
}

/// Under which names it is published.
fn distribution(config: &Config, line: &str) -> anyhow::Result<Distribution> {
    let settings = config.publish();
    let Some(site) = settings.url.as_deref().map(|u| u.trim_end_matches('/')) else {
        bail!("nobody knows where this is published: set url in [publish] of seaworthy.toml, such as \"https://packages.example.org\"");
    };
    if !(site.starts_with("https://") || site.starts_with("http://")) || site.contains(char::is_whitespace) {
        bail!("url in [publish] of seaworthy.toml is {site:?}: an http or https address is needed");
    }
    let name = config.distribution().unwrap_or("Unnamed Linux").to_owned();
    let slug: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let vendor = settings.vendor.clone().unwrap_or_else(|| slug.trim_matches('-').to_owned());
    if vendor.is_empty() || !vendor.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        bail!("vendor in [publish] of seaworthy.toml is {vendor:?}: lower-case letters, digits and - only");
    }
    let prefix = settings
        .prefix
        .clone()
        .unwrap_or_else(|| vendor.chars().filter(char::is_ascii_alphanumeric).take(3).collect::<String>().to_uppercase());
    if prefix.is_empty() || !prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        bail!("prefix in [publish] of seaworthy.toml is {prefix:?}: letters, digits, - and _ only");
    }
    let product = vendor.replace('-', "_");
    Ok(Distribution {
        contact: settings.contact.clone().unwrap_or_else(|| site.to_owned()),
        cpe: settings.cpe.clone().unwrap_or_else(|| format!("cpe:2.3:o:{product}:{product}:{line}:*:*:*:*:*:*:*")),
        ecosystem: settings.ecosystem.clone().unwrap_or_default(),
        site: site.to_owned(),
        line: line.to_owned(),
        name,
        vendor,
        prefix,
    })
}
