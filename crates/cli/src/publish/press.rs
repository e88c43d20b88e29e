//! What a publication works with, and what it would change.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::{Timestamp, ToSpan};
use seaworthy_intelligence::{Knowledge, Store};
use seaworthy_inventory::read_packages_file;
use seaworthy_ledger::{Draft, Entries, Event, Ledger, Publication, Sight};
use seaworthy_model::case::{Case, CaseEvent, CaseKey};
use seaworthy_model::{Digest, DigestWriter, Evr};
use seaworthy_pipeline::{Chronicle, Reachable, arrivals, recalls};
use seaworthy_publish::keys::Signers;
use seaworthy_publish::press::{Contents, Given, Held, Packages};
use seaworthy_publish::repository::Compression;
use seaworthy_publish::site::Site;
use seaworthy_publish::{Distribution, Edition};
use seaworthy_triage::Policy;

use super::args::What;
use super::settings;
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
    /// Held while this one may change the site.
    _lock: Option<File>,
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
    /// So many packages were signed anew, since a key is gone that signed them.
    pub(super) signed_again: usize,
}

impl Press {
    /// Reads everything, to change nothing.
    pub(super) fn open(arguments: &Arguments, line: Option<&str>) -> anyhow::Result<Self> {
        Self::read(arguments, line, None)
    }

    /// Reads everything, to change it: nobody else may meanwhile, and the site has to be the one that the log tells of.
    pub(super) fn open_to_change(arguments: &Arguments, line: Option<&str>) -> anyhow::Result<Self> {
        let dir = arguments.home.join(&Config::read(&arguments.home)?.publish().site);
        fs::create_dir_all(&dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
        let path = dir.join(".lock");
        let lock = File::options().create(true).append(true).open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another publication into {} is under way: wait until it has ended", dir.display()),
            Err(TryLockError::Error(e)) => return Err(e).with_context(|| format!("cannot lock {}", path.display())),
        }
        let press = Self::read(arguments, line, Some(lock))?;
        press.belongs()?;
        Ok(press)
    }

    fn read(arguments: &Arguments, line: Option<&str>, lock: Option<File>) -> anyhow::Result<Self> {
        let config = Config::read(&arguments.home)?;
        settings::check(config.publish())?;
        let policy = cases::policy(&arguments.home)?;
        let line = cases::line(line, &config).to_owned();
        let distribution = settings::distribution(&config, &line)?;
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
        Ok(Self { config, distribution, site, ledger, head, chronicle, cases, knowledge, policy, now, _lock: lock })
    }

    /// Whether the site is that of this log and line, and not of another one that would be overwritten.
    fn belongs(&self) -> anyhow::Result<()> {
        let Some(current) = self.site.current()? else { return Ok(()) };
        let site = self.site.dir().display();
        match self.last() {
            None => bail!(
                "{site} holds the publication {current}, and the log tells of none for the line {}: it is the site of another ledger or \
                 another line. Name another one for this (site in seaworthy.toml), or bring the ledger back",
                self.distribution.line
            ),
            Some(last) if current > last.id => bail!(
                "{site} holds the publication {current}, and the last one that the log tells of is {}: the ledger is an older copy, or another one",
                last.id
            ),
            Some(_) => Ok(()),
        }
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

    /// Whether clients were given a key that signs no more: packages may be there that only that one signed.
    pub(super) fn has_lost_a_key(&self, signers: &Signers) -> anyhow::Result<bool> {
        let Some(id) = self.site.current()? else { return Ok(false) };
        let Some(index) = self.site.index(&id)? else { return Ok(false) };
        let current: BTreeSet<String> = signers.public_keys().fingerprints().map(|f| format!("keys/{f}.asc")).collect();
        let is_key = |path: &&String| path.strip_prefix("keys/").and_then(|p| p.strip_suffix(".asc")).is_some_and(|f| f.len() == 40);
        Ok(index.files.keys().filter(is_key).any(|path| !current.contains(path)))
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

    /// What a channel had in an earlier snapshot of its own.
    fn earlier(&self, channel: &str, snapshot: &str) -> anyhow::Result<Contents> {
        let had = self.chronicle.snapshots(channel);
        if !had.contains(snapshot) {
            let newest: Vec<&str> = had.iter().rev().take(5).map(String::as_str).collect();
            let newest = if newest.is_empty() { "none yet".to_owned() } else { newest.join(", ") };
            bail!("the channel {channel} never was the snapshot {snapshot}; its newest ones are {newest}");
        }
        Ok(self.packages().contents(snapshot)?)
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
                (Some(snapshot), _) => self.earlier(from, snapshot)?,
                (None, Some(channel)) => channel.before.clone(),
                (None, None) => bail!("nothing was published in the channel {from} yet"),
            };
            if let Some(package) = after.packages().find(|p| recalled.contains(&p.build)) {
                bail!("{} was taken back: it cannot be promoted", package.nevra());
            }
            let channel = channels.entry(target.clone()).or_insert_with(Channel::new);
            channel.after = after;
            let gone = channel.gone();
            if let (Some(first), false) = (gone.first(), what.replace) {
                bail!(
                    "{from} does not have {} of the packages in {target}, such as {}: they would go. Publish them in {from} as well, or say --replace",
                    gone.len(),
                    first.nevra()
                );
            }
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
            let after = self.earlier(name, snapshot)?;
            if let Some(package) = after.packages().find(|p| recalled.contains(&p.build)) {
                bail!("the snapshot {snapshot} has {}, which was taken back: choose another one", package.nevra());
            }
            let channel = channels.get_mut(name).with_context(|| format!("nothing was published in the channel {name} yet"))?;
            channel.after = after;
            gone = channel.gone();
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
                // What the newest build of a source is made of goes as a whole: the rest would look as if machines could get it.
                let builds = channel.before.newest_builds();
                let is_newest = |held: &&Held| builds.get(held.source.as_str()).is_some_and(|evr| **evr == held.source_evr);
                let whole: HashSet<&str> =
                    channel.before.packages().filter(|p| named(p).is_some()).filter(is_newest).map(|p| p.source.as_str()).collect();
                let goes = |held: &Held| named(held).is_some() || (whole.contains(held.source.as_str()) && is_newest(&held));
                let (after, removed) = self.packages().remove(&channel.before, goes)?;
                channel.after = after;
                gone.extend(removed);
            }
            if let Some(missing) = wanted.iter().find(|w| !found.contains(**w)) {
                let nowhere = match &chosen {
                    Some(channel) => format!("the channel {channel} does not have {missing}"),
                    None => format!("no channel has {missing}"),
                };
                let known: Vec<String> = channels.values().flat_map(|c| c.before.packages()).map(|p| p.nevra().to_string()).collect();
                let name = missing.split('-').next().unwrap_or(missing);
                let alike: BTreeSet<&String> = known.iter().filter(|n| n.starts_with(name)).take(8).collect();
                let alike = alike.into_iter().cloned().collect::<Vec<_>>().join(", ");
                let hint = if alike.is_empty() { String::new() } else { format!("; there is {alike}") };
                bail!("{nowhere}{hint}");
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
        let mut taken: BTreeMap<String, Vec<Evr>> = BTreeMap::new();
        let public = |name: &&String| self.settings().public.contains(name);
        for name in channels.keys().filter(public) {
            let contents = &channels[name].after;
            for held in channels[name].gone() {
                taken.entry(held.source).or_default().push(held.source_evr);
            }
            for (source, evr) in contents.reachable() {
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
        // However a package leaves a channel, a fix that goes with it is not there any more.
        events.extend(recalls(self.cases.values(), &taken, &reachable, why.unwrap_or("the channel was given other packages")));
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
        Ok(Change { channels, given, target, gone, recalled, drafts, edition, fresh, signed_again: 0 })
    }
}

impl Channel {
    fn new() -> Self {
        Self { snapshot: None, before: Contents::new(), after: Contents::new() }
    }

    /// The packages that it has and is not to have any more.
    pub(super) fn gone(&self) -> Vec<Held> {
        let kept: HashSet<&str> = self.after.packages().map(|p| p.build.as_str()).collect();
        self.before.packages().filter(|p| !kept.contains(p.build.as_str())).cloned().collect()
    }

    /// Whether other packages are in it.
    pub(super) fn changes(&self) -> bool {
        // Both are in the same order, but for what comes.
        !self.before.packages().map(|p| &p.build).eq(self.after.packages().map(|p| &p.build))
    }
}

impl Change {
    /// The digest of what is to be done, whenever it is done: the same one does the same.
    pub(super) fn digest(&self, press: &Press) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy plan 2");
        let settings = press.settings();
        let compression = format!("{:?}", settings.compression);
        let lists = [&settings.architectures, &settings.public].map(|list| list.join(" "));
        // Strings and numbers always serialize.
        let names = serde_json::to_string(&press.distribution).unwrap_or_default();
        for field in [&names, &compression, &lists[0], &lists[1]] {
            out.field(field);
        }
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
            let said = (&advisory.id, &advisory.standing, &advisory.statement, advisory.severity, advisory.revisions.len());
            out.field(serde_json::to_string(&said).unwrap_or_default());
        }
        out.finish()
    }
}

/// The time that an id of a publication or snapshot tells.
pub(super) fn time_of(id: &str) -> Option<Timestamp> {
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
            if entry.path().is_dir() {
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
