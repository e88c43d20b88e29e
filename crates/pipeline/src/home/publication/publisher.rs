//! The state of a home from which a publication is planned: its log, its site and its knowledge at one time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use seaworthy_host::files::{self, Lock, LockError};
use seaworthy_intelligence::Knowledge;
use seaworthy_keys::{KeyError, Signers};
use seaworthy_ledger::{Ledger, Publication, Sight};
use seaworthy_model::ReleaseLine;
use seaworthy_model::case::{Case, CaseKey};
use seaworthy_publish::Distribution;
use seaworthy_publish::press::{Contents, Packages, differences};
use seaworthy_publish::site::{Index, Site};
use seaworthy_triage::Policy;

use super::plan::{ChannelPlan, PublicationPlan, Rewrite};
use crate::chronicle::Chronicle;
use crate::home::desk::last_shipped;
use crate::home::{Home, HomeError, PublicationError, PublishSettings, cases, chronicle};

/// The greatest depth of folders of RPM files below a given one.
const DEPTH: u32 = 16;

/// The state of a home from which a publication is planned, at one time.
pub(super) struct Publisher<'h> {
    pub(super) home: &'h Home,
    pub(super) distribution: Distribution,
    pub(super) site: Site,
    pub(super) ledger: Arc<Ledger>,
    /// The number of the log's last event when the state was read.
    pub(super) head: u64,
    pub(super) chronicle: Chronicle,
    /// The cases of the line, those under embargo as well: a fix is delivered whether its case may be shown or not.
    pub(super) cases: BTreeMap<CaseKey, Case>,
    /// The names of the source packages that the last cycle of the line judged, sorted; empty where no log has them.
    pub(super) shipped: Vec<String>,
    pub(super) knowledge: Option<Knowledge>,
    /// The policy with the deadlines that readers are promised.
    pub(super) promised: Policy,
    pub(super) now: Timestamp,
    /// The lock of the site; `None` where nothing is changed.
    _lock: Option<Lock>,
}

impl<'h> Publisher<'h> {
    /// Reads the state, to change nothing.
    pub(super) fn open(home: &'h Home, line: Option<&ReleaseLine>) -> Result<Self, HomeError> {
        Self::read(home, line, None)
    }

    /// Reads the state, to change the site: takes its lock, and checks that it belongs to the log.
    pub(super) fn open_to_change(home: &'h Home, line: Option<&ReleaseLine>) -> Result<Self, HomeError> {
        let site = home.site();
        let dir = site.dir();
        fs::create_dir_all(dir).map_err(HomeError::io("create", dir))?;
        let path = dir.join(".lock");
        let lock = files::lock(&path).map_err(|e| match e {
            LockError::Held(_) => HomeError::from(PublicationError::UnderWay { site: dir.to_owned() }),
            LockError::File(e) => HomeError::io(e.doing, &e.path)(e.source),
        })?;
        let publisher = Self::read(home, line, Some(lock))?;
        publisher.check_site()?;
        Ok(publisher)
    }

    fn read(home: &'h Home, line: Option<&ReleaseLine>, lock: Option<Lock>) -> Result<Self, HomeError> {
        let line = home.line(line);
        let distribution = home.settings.published_names(&line)?;
        let promised = home.promised_policy()?;
        // Only who holds the lock writes.
        let ledger = if lock.is_some() { home.ledger()? } else { home.ledger_to_read()? };
        let now = home.now();
        let head = ledger.head()?.seq;
        // Whoever reads what is published has no right to a case under embargo.
        let chronicle = chronicle(&ledger, &line, head, Sight::DisclosedAt(now), now)?;
        let cases = cases(&ledger, Some(&line), Sight::All)?;
        let shipped = last_shipped(&ledger, &line)?.map(|shipped| shipped.names).unwrap_or_default();
        let knowledge = home.knowledge()?;
        Ok(Self { home, distribution, site: home.site(), ledger, head, chronicle, cases, shipped, knowledge, promised, now, _lock: lock })
    }

    /// Checks that the site belongs to this log and line, so that no other one is overwritten.
    fn check_site(&self) -> Result<(), HomeError> {
        let Some(current) = self.site.current()? else { return Ok(()) };
        let site = self.site.dir().to_owned();
        match self.last() {
            None => Err(PublicationError::ForeignSite { site, current, line: self.distribution.line.to_string() }.into()),
            Some(last) if current > last.id => Err(PublicationError::OlderLog { site, current, last: last.id.clone() }.into()),
            Some(_) => Ok(()),
        }
    }

    /// Puts the last publication of the log in force where it was interrupted before the switch. Gives its id; `None` where nothing was to
    /// do.
    pub(super) fn complete(&self) -> Result<Option<String>, HomeError> {
        let Some(last) = self.last() else { return Ok(None) };
        if self.site.current()?.as_ref() == Some(&last.id) {
            return Ok(None);
        }
        if !self.site.is_laid_out(&last.id) {
            return Err(PublicationError::MissingPublication { site: self.site.dir().to_owned(), last: last.id.clone() }.into());
        }
        self.site.switch(&last.id)?;
        Ok(Some(last.id.clone()))
    }

    /// Whether the publication in force has a key that does not sign any more: some packages may have only its signature.
    pub(super) fn has_lost_a_key(&self, signers: &Signers) -> Result<bool, HomeError> {
        let Some(id) = self.site.current()? else { return Ok(false) };
        let Some(index) = self.site.index(&id)? else { return Ok(false) };
        let current: BTreeSet<&str> = signers.public_keys().fingerprints().collect();
        Ok(!keys_of(&index).is_subset(&current))
    }

    /// The fingerprints of the keys of a publication that is made now, the oldest first; none where no key can sign.
    pub(super) fn fingerprints(&self) -> Result<Vec<String>, HomeError> {
        // A plan makes no folder of keys.
        if !self.home.keys_path().is_dir() {
            return Ok(Vec::new());
        }
        match self.home.key_store()?.public_keys(self.now) {
            Ok(keys) => Ok(keys.fingerprints().map(str::to_owned).collect()),
            Err(KeyError::NoActiveKey(_)) => Ok(Vec::new()),
            Err(e) => Err(e.into()),
        }
    }

    /// The reasons why documents or metadata of the publication in force are made anew, beside packages and advisories. Without a key
    /// nothing can be made anew. Where packages or advisories change, of the others only the keys are asked.
    pub(super) fn rewrites(&self, plan: &PublicationPlan) -> Result<Vec<Rewrite>, HomeError> {
        let Some(last) = self.last() else { return Ok(Vec::new()) };
        let keys = match self.home.key_store()?.public_keys(self.now) {
            Ok(keys) => keys,
            Err(KeyError::NoActiveKey(_)) => return Ok(Vec::new()),
            Err(e) => return Err(e.into()),
        };
        let Some(index) = self.site.index(&last.id)? else { return Ok(vec![Rewrite::Lost]) };
        let (now, before): (BTreeSet<&str>, BTreeSet<&str>) = (keys.fingerprints().collect(), keys_of(&index));
        if now != before {
            let only = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| a.difference(b).map(|key| (*key).to_owned()).collect();
            // Everything is signed anew, whatever else there is.
            return Ok(vec![Rewrite::Keys { come: only(&now, &before), go: only(&before, &now) }]);
        }
        if plan.has_news() {
            return Ok(Vec::new());
        }
        let packages = self.packages();
        let is_stale = |channel: &ChannelPlan| !packages.is_current(&channel.before, &plan.edition, &keys);
        let metadata = plan.channels.values().any(is_stale).then_some(Rewrite::Metadata);
        let other = differences(&index, &plan.edition, &keys, &plan.stock(&last.channels, &self.settings().public))?;
        let documents = if !other.is_empty() && index.trees.keys().all(|at| other.contains(at)) {
            Some(Rewrite::All)
        } else {
            (!other.is_empty()).then(|| Rewrite::Documents { paths: other.into_iter().collect() })
        };
        Ok(metadata.into_iter().chain(documents).collect())
    }

    pub(super) fn settings(&self) -> &PublishSettings {
        self.home.settings.publish()
    }

    pub(super) fn packages(&self) -> Packages<'_> {
        Packages::new(&self.site, self.settings().repository_compression(), &self.settings().architectures)
    }

    pub(super) fn last(&self) -> Option<&Publication> {
        self.chronicle.publication().map(|(_, p)| p)
    }

    /// The id of a publication or snapshot: a time later than that of every one before, and `nth` seconds after the first of this run.
    pub(super) fn id(&self, nth: i64) -> String {
        let used = self.last().into_iter().flat_map(|p| p.channels.values().chain([&p.id])).filter_map(|id| time_of(id)).max();
        let first = used.and_then(|t| t.checked_add(1.second()).ok()).map_or(self.now, |next| next.max(self.now));
        let at = first.checked_add(nth.seconds()).unwrap_or(first);
        jiff::tz::Offset::UTC.to_datetime(at).strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    pub(super) fn channels(&self) -> Result<BTreeMap<String, ChannelPlan>, HomeError> {
        let packages = self.packages();
        let mut out = BTreeMap::new();
        for (channel, snapshot) in self.last().map(|p| p.channels.clone()).unwrap_or_default() {
            let before = packages.contents(&snapshot).map_err(|source| PublicationError::Channel { channel: channel.clone(), source })?;
            out.insert(channel, ChannelPlan { snapshot: Some(snapshot), after: before.clone(), before });
        }
        Ok(out)
    }

    /// The packages of a channel in an earlier snapshot of its own.
    pub(super) fn earlier(&self, channel: &str, snapshot: &str) -> Result<Contents, HomeError> {
        let had = self.chronicle.snapshots(channel);
        if !had.contains(snapshot) {
            let newest = had.iter().rev().take(5).cloned().collect();
            return Err(PublicationError::NoSnapshot { channel: channel.to_owned(), snapshot: snapshot.to_owned(), newest }.into());
        }
        Ok(self.packages().contents(snapshot)?)
    }

    /// The channel that was asked for; `updates`, or else the first one of the settings, where none was.
    pub(super) fn channel(&self, asked: Option<&str>) -> Result<String, HomeError> {
        let known = &self.settings().channels;
        let name = match asked {
            Some(name) => name,
            None => known.iter().find(|c| *c == "updates").or(known.first()).map_or("updates", String::as_str),
        };
        if !known.iter().any(|c| c == name) {
            return Err(PublicationError::NoChannel { name: name.to_owned(), known: known.clone() }.into());
        }
        Ok(name.to_owned())
    }
}

/// The fingerprints of the keys that a publication has.
fn keys_of(index: &Index) -> BTreeSet<&str> {
    let names = index.files.keys().filter_map(|path| path.strip_prefix("keys/")?.strip_suffix(".asc"));
    names.filter(|name| name.len() == 40).collect()
}

/// The time in the id of a publication or snapshot; `None` where it is no such id.
pub(super) fn time_of(id: &str) -> Option<Timestamp> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", id).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(date).ok()
}

/// The RPM files among paths, and those in folders, in order.
pub(super) fn rpm_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, HomeError> {
    let mut out = Vec::new();
    let mut left: Vec<(PathBuf, u32)> = paths.iter().map(|p| (p.clone(), 0)).collect();
    while let Some((path, depth)) = left.pop() {
        if !path.is_dir() {
            out.push(path);
            continue;
        }
        if depth > DEPTH {
            return Err(PublicationError::TooDeep { path, limit: DEPTH }.into());
        }
        for entry in fs::read_dir(&path).map_err(HomeError::io("read", &path))? {
            let entry = entry.map_err(HomeError::io("read", &path))?.path();
            if entry.is_dir() {
                left.push((entry, depth + 1));
            } else if entry.extension().is_some_and(|e| e == "rpm") {
                out.push(entry);
            }
        }
    }
    out.sort();
    if out.is_empty() {
        return Err(PublicationError::NoRpms { paths: paths.to_vec() }.into());
    }
    Ok(out)
}
