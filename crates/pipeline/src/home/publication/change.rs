//! The requests of publications, and their consequences for channels, cases and advisories. Nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use seaworthy_inventory::read_packages_file;
use seaworthy_ledger::{Draft, Event};
use seaworthy_model::case::{CaseEvent, CaseKey, CaseState};
use seaworthy_model::{Digest, Evr, Nevra, ReleaseLine, compare_evr};
use seaworthy_publish::press::{Contents, RepositoryPackage, SubmittedPackage};
use seaworthy_triage::{Reachable, arrivals, recalls};

use super::plan::{ChannelPlan, PublicationPlan};
use super::publisher::{Publisher, rpm_files};
use crate::home::{HomeError, PublicationError};

/// The request of a publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicationRequest {
    /// The RPM files to add to the channel, or folders of them.
    pub packages: Vec<PathBuf>,
    /// The channel that the packages are added to, or the target of the promotion; `updates`, or else the first one, where none is named.
    pub channel: Option<String>,
    /// The promotion; `None` where packages are added, or nothing but advisories is published.
    pub promotion: Option<Promotion>,
    /// The packages file with the names of binary packages by source package, for those that the repository does not have.
    pub names: Option<PathBuf>,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
}

/// A promotion: one channel gets the packages of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// The channel whose packages are promoted.
    pub from: String,
    /// The snapshot of that channel whose packages are taken; its present one where none is named.
    pub snapshot: Option<String>,
    /// Whether packages that the promoted channel does not have are removed; without it they are an error.
    pub replace: bool,
}

/// The request of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalRequest {
    /// The packages or the snapshot.
    pub what: Withdrawal,
    /// The reason, for the advisories and for the log.
    pub why: String,
    /// The release line; that of the settings where none is named.
    pub line: Option<ReleaseLine>,
}

/// The content of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// Packages, as `NAME-VERSION-RELEASE` or `NAME-VERSION-RELEASE.ARCH`, are removed from a channel or from all.
    Packages {
        /// The packages.
        packages: Vec<String>,
        /// The channel; all where none is named.
        channel: Option<String>,
    },
    /// A channel gets the packages of an earlier snapshot of its own.
    ToSnapshot {
        /// The channel.
        channel: String,
        /// The snapshot.
        snapshot: String,
    },
}

impl WithdrawalRequest {
    /// Checks that the request has a reason, which is published.
    pub(super) fn check(&self) -> Result<(), HomeError> {
        if self.why.trim().is_empty() { Err(PublicationError::NoReason.into()) } else { Ok(()) }
    }
}

/// The changes of the repository from which a plan follows.
#[derive(Default)]
struct Changes {
    channels: BTreeMap<String, ChannelPlan>,
    target: String,
    given: Vec<SubmittedPackage>,
    gone: Vec<RepositoryPackage>,
    recalled: Vec<String>,
    /// The names of binary packages by source package, from a packages file.
    binaries: BTreeMap<String, Vec<String>>,
    why: Option<String>,
}

impl Publisher<'_> {
    /// The plan of a publication.
    pub(super) fn plan(&mut self, request: &PublicationRequest) -> Result<PublicationPlan, HomeError> {
        let target = self.channel(request.channel.as_deref())?;
        let mut channels = self.channels()?;
        let recalled = self.recalled();
        let mut given = Vec::new();
        if let Some(promotion) = &request.promotion {
            self.promote(&mut channels, promotion, &target, &recalled)?;
        } else if !request.packages.is_empty() {
            let files = rpm_files(&request.packages)?;
            channels.entry(target.clone()).or_insert_with(ChannelPlan::new);
            let others: Vec<&Contents> = channels.iter().filter(|(name, _)| **name != target).map(|(_, c)| &c.before).collect();
            given = self.packages().look(&channels[&target].before, &others, &files, &recalled)?;
            let channel = channels.entry(target.clone()).or_insert_with(ChannelPlan::new);
            channel.after = self.packages().preview(&channel.before, &given)?;
        }
        let names = request.names.as_deref().map(read_packages_file).transpose();
        let names = names.map_err(HomeError::reading("the names of binary packages"))?;
        let mut binaries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for package in names.iter().flat_map(|inventory| &inventory.packages) {
            binaries.entry(package.name.clone()).or_default().extend(package.binaries.iter().map(|b| b.name.clone()));
        }
        self.consequences(Changes { channels, given, target, recalled, binaries, ..Changes::default() })
    }

    fn promote(
        &self,
        channels: &mut BTreeMap<String, ChannelPlan>,
        promotion: &Promotion,
        target: &str,
        recalled: &[String],
    ) -> Result<(), HomeError> {
        let from = self.channel(Some(&promotion.from))?;
        let after = match (&promotion.snapshot, channels.get(&from)) {
            (Some(snapshot), _) => self.earlier(&from, snapshot)?,
            (None, Some(channel)) => channel.before.clone(),
            (None, None) => return Err(PublicationError::EmptyChannel { name: from }.into()),
        };
        if let Some(package) = after.packages().find(|p| recalled.contains(&p.build)) {
            return Err(PublicationError::Recalled { nevra: package.nevra().to_string() }.into());
        }
        let channel = channels.entry(target.to_owned()).or_insert_with(ChannelPlan::new);
        channel.after = after;
        let gone = channel.gone();
        if let (Some(first), false) = (gone.first(), promotion.replace) {
            let nevra = first.nevra().to_string();
            return Err(PublicationError::WouldRemove { from, target: target.to_owned(), count: gone.len(), nevra }.into());
        }
        Ok(())
    }

    /// The plan of a withdrawal.
    pub(super) fn withdrawal(&mut self, request: &WithdrawalRequest) -> Result<PublicationPlan, HomeError> {
        let mut channels = self.channels()?;
        let mut recalled = self.recalled();
        let (target, gone) = match &request.what {
            Withdrawal::ToSnapshot { channel, snapshot } => {
                let name = self.channel(Some(channel))?;
                let after = self.earlier(&name, snapshot)?;
                if let Some(package) = after.packages().find(|p| recalled.contains(&p.build)) {
                    let nevra = package.nevra().to_string();
                    return Err(PublicationError::RecalledInSnapshot { snapshot: snapshot.clone(), nevra }.into());
                }
                let channel = channels.get_mut(&name).ok_or_else(|| PublicationError::EmptyChannel { name: name.clone() })?;
                channel.after = after;
                let gone = channel.gone();
                (name, gone)
            }
            Withdrawal::Packages { packages, channel } => {
                let chosen = channel.as_deref().map(|name| self.channel(Some(name))).transpose()?;
                let gone = self.take_back(&mut channels, packages, chosen.as_deref())?;
                recalled.extend(gone.iter().map(|p| p.build.clone()));
                recalled.sort();
                recalled.dedup();
                (chosen.unwrap_or_default(), gone)
            }
        };
        self.consequences(Changes { channels, target, gone, recalled, why: Some(request.why.clone()), ..Changes::default() })
    }

    /// The builds that were ever withdrawn.
    fn recalled(&self) -> Vec<String> {
        self.last().map(|last| last.recalled.clone()).unwrap_or_default()
    }

    /// Removes packages from channels; gives the packages that were removed.
    fn take_back(
        &self,
        channels: &mut BTreeMap<String, ChannelPlan>,
        packages: &[String],
        chosen: Option<&str>,
    ) -> Result<Vec<RepositoryPackage>, HomeError> {
        let wanted: BTreeSet<&str> = packages.iter().map(|p| p.trim_end_matches(".rpm")).collect();
        let mut found = BTreeSet::new();
        let mut gone: Vec<RepositoryPackage> = Vec::new();
        for (_, channel) in channels.iter_mut().filter(|(name, _)| chosen.is_none_or(|c| c == *name)) {
            let named = |held: &RepositoryPackage| {
                let nevra = held.nevra();
                let bare = Nevra { arch: String::new(), ..nevra.clone() };
                [nevra.to_string(), bare.to_string()].into_iter().find(|n| wanted.contains(n.as_str()))
            };
            found.extend(channel.before.packages().filter_map(named));
            // What the newest build of a source is made of goes as a whole: the rest would look as if machines could get it.
            let builds = channel.before.newest_builds();
            let is_newest = |held: &&RepositoryPackage| builds.get(held.source.as_str()).is_some_and(|evr| **evr == held.source_evr);
            let whole: HashSet<&str> =
                channel.before.packages().filter(|p| named(p).is_some()).filter(is_newest).map(|p| p.source.as_str()).collect();
            let goes = |held: &RepositoryPackage| named(held).is_some() || (whole.contains(held.source.as_str()) && is_newest(&held));
            let (after, removed) = self.packages().remove(&channel.before, goes)?;
            channel.after = after;
            gone.extend(removed);
        }
        if let Some(missing) = wanted.iter().find(|w| !found.contains(**w)) {
            let name = missing.split('-').next().unwrap_or(missing);
            let known: BTreeSet<String> = channels.values().flat_map(|c| c.before.packages()).map(|p| p.nevra().to_string()).collect();
            let alike = known.into_iter().filter(|n| n.starts_with(name)).take(8).collect();
            return Err(PublicationError::NoPackage { channel: chosen.map(str::to_owned), missing: (*missing).to_owned(), alike }.into());
        }
        gone.sort_by_key(|p| p.nevra().to_string());
        gone.dedup_by_key(|p| p.nevra().to_string());
        Ok(gone)
    }

    /// The plan of some changes, with the events of cases and advisories.
    fn consequences(&mut self, changes: Changes) -> Result<PublicationPlan, HomeError> {
        let Changes { channels, target, given, gone, recalled, mut binaries, why } = changes;
        let mut reachable: Reachable = BTreeMap::new();
        let mut taken: BTreeMap<String, Vec<Evr>> = BTreeMap::new();
        let public = |name: &&String| self.settings().public.contains(name);
        for (_, channel) in channels.iter().filter(|(name, _)| public(name)) {
            for held in channel.gone() {
                taken.entry(held.source).or_default().push(held.source_evr);
            }
            for (source, evr) in channel.after.reachable() {
                let newest = reachable.entry(source).or_insert_with(|| evr.clone());
                if compare_evr(&evr, newest).is_gt() {
                    *newest = evr;
                }
            }
            for (source, names) in channel.after.binaries() {
                binaries.entry(source).or_default().extend(names);
            }
        }
        for names in binaries.values_mut() {
            names.sort();
            names.dedup();
        }
        let mut events: Vec<(CaseKey, CaseEvent)> = Vec::new();
        // However a package leaves a channel, a fix that goes with it is not there any more.
        let because = why.as_deref().unwrap_or("the channel was given other packages");
        events.extend(recalls(self.cases.values(), &taken, &reachable, because));
        let place = if public(&&target) { target.clone() } else { self.settings().public.first().cloned().unwrap_or_default() };
        events.extend(arrivals(self.cases.values(), &reachable, &place));
        // A withdrawal is somebody's decision; what else is published follows from what was decided.
        let actor = if why.is_some() { self.home.person()? } else { self.home.actor() };
        let mut drafts = Vec::new();
        for (key, event) in events {
            let event = Event::case(key.clone(), event);
            if self.chronicle.knows(&key) {
                self.chronicle.apply(self.now, &event).map_err(PublicationError::Unfit)?;
            }
            drafts.push(Draft { why: why.clone(), ..Draft::new(self.now, actor, event) });
        }
        let mut fresh = BTreeSet::new();
        let pending = self.chronicle.pending(self.knowledge.as_ref(), &binaries, &self.promised, &self.distribution.prefix, self.now)?;
        for event in pending {
            if let Event::AdvisoryStated(stated) = &event {
                fresh.extend(stated.id.clone());
            }
            self.chronicle.apply(self.now, &event).map_err(PublicationError::Unfit)?;
            drafts.push(Draft::new(self.now, actor, event));
        }
        let mut plan = PublicationPlan {
            digest: Digest::of(&[]),
            distribution: self.distribution.clone(),
            last: self.chronicle.publication().map(|(at, p)| (*at, p.id.clone())),
            edition: self.chronicle.edition(&self.distribution),
            channels,
            target,
            given,
            gone,
            recalled,
            shipped: self.shipped.clone(),
            drafts,
            fresh,
            why,
            ready: self.chronicle.cases().filter(|c| c.state == CaseState::Fixed && c.published.is_none() && c.imaged.is_none()).count(),
            rewrites: Vec::new(),
            concluded: None,
        };
        let settings = self.settings();
        plan.digest = plan.digest_of(settings.compression.as_str(), [&settings.architectures, &settings.public, &self.fingerprints()?])?;
        Ok(plan)
    }
}
