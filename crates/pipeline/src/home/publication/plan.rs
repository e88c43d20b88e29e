//! What a publication would change, as a value.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use seaworthy_ledger::{Draft, Event};
use seaworthy_model::{Digest, DigestWriter, Nevra};
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::press::{Contents, RepositoryPackage, SubmittedPackage, difference};
use seaworthy_publish::{Advisory, Distribution, Edition};
use serde::Serialize;

/// A channel, as it is and as it is to be.
pub struct ChannelPlan {
    /// The snapshot it points to; `None` before the first.
    pub(super) snapshot: Option<String>,
    /// What that holds.
    pub(super) before: Contents,
    /// What it is to hold.
    pub(super) after: Contents,
}

/// A package that stays with another version of its source.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftBehind {
    /// The package.
    pub package: Nevra,
    /// The version in which its source is there.
    pub source: seaworthy_model::Evr,
}

impl ChannelPlan {
    pub(super) fn new() -> Self {
        Self { snapshot: None, before: Contents::new(), after: Contents::new() }
    }

    /// The packages that it has and is not to have any more.
    pub(super) fn gone(&self) -> Vec<RepositoryPackage> {
        let kept: HashSet<&str> = self.after.packages().map(|p| p.build.as_str()).collect();
        self.before.packages().filter(|p| !kept.contains(p.build.as_str())).cloned().collect()
    }

    /// Whether other packages are to be in it.
    #[must_use]
    pub fn changes(&self) -> bool {
        // Both are in the same order, but for what comes.
        !self.before.packages().map(|p| &p.build).eq(self.after.packages().map(|p| &p.build))
    }

    /// How many packages it is to hold.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.after.len()
    }

    /// The packages that come and those that go.
    #[must_use]
    pub fn difference(&self) -> (Vec<Nevra>, Vec<Nevra>) {
        difference(&self.before, &self.after)
    }
}

/// What a publication changes.
pub struct PublicationPlan {
    pub(super) digest: Digest,
    pub(super) distribution: Distribution,
    /// The publication in force, and when it was made.
    pub(super) last: Option<(Timestamp, String)>,
    pub(super) channels: BTreeMap<String, ChannelPlan>,
    /// The channel that packages are for.
    pub(super) target: String,
    /// Packages that were given.
    pub(super) given: Vec<SubmittedPackage>,
    /// Packages that are taken back now.
    pub(super) gone: Vec<RepositoryPackage>,
    /// The builds that were ever taken back.
    pub(super) recalled: Vec<String>,
    /// What happens to cases, and what the log has to say before it can be published.
    pub(super) drafts: Vec<Draft>,
    pub(super) edition: Edition,
    /// The advisories that get their id now.
    pub(super) fresh: BTreeSet<String>,
    /// The reason of a withdrawal.
    pub(super) why: Option<String>,
    /// What consumers would conclude, by the models of them; nobody is asked before.
    pub(super) concluded: Option<Concluded>,
}

impl PublicationPlan {
    /// The digest of what is to be done, whenever it is done: the same one does the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The names it is published under.
    #[must_use]
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// The publication in force.
    #[must_use]
    pub fn in_force(&self) -> Option<&str> {
        self.last.as_ref().map(|(_, id)| id.as_str())
    }

    /// The channels, each as it is and as it is to be.
    #[must_use]
    pub fn channels(&self) -> &BTreeMap<String, ChannelPlan> {
        &self.channels
    }

    /// The channel that packages are for.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// How many packages were given that the channel has already.
    #[must_use]
    pub fn passed_over(&self) -> usize {
        self.given.iter().filter(|g| g.known).count()
    }

    /// All advisories.
    #[must_use]
    pub fn advisories(&self) -> &[Advisory] {
        &self.edition.advisories
    }

    /// The advisories that get their id now.
    #[must_use]
    pub fn new_advisories(&self) -> Vec<&Advisory> {
        self.edition.advisories.iter().filter(|a| self.fresh.contains(&a.id)).collect()
    }

    /// The advisories that changed since the publication in force.
    #[must_use]
    pub fn revised_advisories(&self) -> Vec<&Advisory> {
        let since = self.last.as_ref().map(|(at, _)| *at);
        let later = |a: &&Advisory| !self.fresh.contains(&a.id) && since.is_some_and(|since| a.updated() > since);
        self.edition.advisories.iter().filter(later).collect()
    }

    /// What consumers would conclude; `None` where they were not asked.
    #[must_use]
    pub fn concluded(&self) -> Option<&Concluded> {
        self.concluded.as_ref()
    }

    /// Whether anything would be other than it is.
    #[must_use]
    pub fn changes_anything(&self) -> bool {
        self.last.is_none()
            || !self.drafts.is_empty()
            || self.channels.values().any(ChannelPlan::changes)
            || !self.revised_advisories().is_empty()
    }

    /// Packages that a channel is left with in another version than the rest of their source: no fix counts as delivered before.
    #[must_use]
    pub fn left_behind(&self, channel: &ChannelPlan) -> Vec<LeftBehind> {
        let given = self.given.iter().map(|g| g.package.source.as_str());
        let sources: HashSet<&str> = given.chain(self.gone.iter().map(|held| held.source.as_str())).collect();
        let before = channel.before.behind(&sources);
        let behind = channel.after.behind(&sources).into_iter().filter(|b| !before.contains(b));
        behind.map(|(package, source)| LeftBehind { package, source }).collect()
    }

    /// The CVEs that machines get the fix of with a package.
    #[must_use]
    pub fn fixes(&self, package: &Nevra) -> Vec<seaworthy_model::CveId> {
        let held: Option<&RepositoryPackage> = self.channels.values().flat_map(|c| c.after.packages()).find(|p| p.nevra() == *package);
        let Some(held) = held else { return Vec::new() };
        let of =
            |a: &&Advisory| a.package == held.source && a.fixed().is_some() && a.deliveries.iter().any(|d| d.version == held.source_evr);
        self.edition.advisories.iter().filter(of).map(|a| a.cve).collect()
    }

    /// The plan as a document for programs.
    #[must_use]
    pub fn document(&self) -> PlanDocument<'_> {
        let channel = |(name, channel): (&String, &ChannelPlan)| {
            let (added, removed) = channel.difference();
            let names = |list: &[Nevra]| list.iter().map(ToString::to_string).collect();
            (name.clone(), PlannedChannel { snapshot: channel.snapshot.clone(), added: names(&added), removed: names(&removed) })
        };
        let disagreements = self.concluded.iter().flat_map(|c| &c.disagreements).map(ToString::to_string).collect();
        PlanDocument {
            plan: self.digest,
            in_force: self.in_force(),
            channels: self.channels.iter().map(channel).collect(),
            advisories: self.edition.advisories.len(),
            new: self.new_advisories(),
            revised: self.revised_advisories(),
            disagreements,
        }
    }

    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let added = self.given.iter().filter(|g| !g.known).count();
        let named = [
            ("advisories", self.edition.advisories.len()),
            ("new_advisories", self.fresh.len()),
            ("packages_added", added),
            ("packages_taken_back", self.gone.len()),
        ];
        named.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n as u64)).collect()
    }

    /// The parts of the digest. Names of the distribution, `compression` and the lists are those of the settings.
    pub(super) fn digest_of(&self, compression: &str, architectures: &[String], public: &[String]) -> Result<Digest, serde_json::Error> {
        let mut out = DigestWriter::new();
        out.field("seaworthy plan 3");
        out.field(serde_json::to_string(&self.distribution)?);
        out.field(compression);
        for list in [architectures, public] {
            out.field(list.join(" "));
        }
        for (name, channel) in self.channels.iter().filter(|(_, c)| c.changes()) {
            out.field(name);
            for package in channel.after.packages() {
                out.field(&package.build);
            }
        }
        for draft in &self.drafts {
            out.field(serde_json::to_string(&timeless(&draft.event))?);
        }
        for advisory in &self.edition.advisories {
            let said = (&advisory.id, &advisory.standing, &advisory.statement, advisory.severity, advisory.revisions.len());
            out.field(serde_json::to_string(&said)?);
        }
        Ok(out.finish())
    }
}

/// An event without the times that are those of the run: the same plan is the same, whenever it is carried out.
fn timeless(event: &Event) -> Event {
    let mut event = event.clone();
    if let Event::AdvisoryStated(stated) = &mut event {
        stated.revisions.iter_mut().for_each(|r| r.at = Timestamp::UNIX_EPOCH);
        stated.view.deliveries.iter_mut().for_each(|d| d.at = Timestamp::UNIX_EPOCH);
    }
    event
}

/// A plan as a document for programs.
#[derive(Serialize)]
pub struct PlanDocument<'a> {
    /// The digest of the plan.
    plan: Digest,
    /// The publication in force.
    in_force: Option<&'a str>,
    /// The channels, with the packages that come and go.
    channels: BTreeMap<String, PlannedChannel>,
    /// How many advisories there are.
    advisories: usize,
    /// The advisories that get their id now.
    new: Vec<&'a Advisory>,
    /// The advisories that changed since the publication in force.
    revised: Vec<&'a Advisory>,
    /// Where consumers would conclude something else.
    disagreements: Vec<String>,
}

#[derive(Serialize)]
struct PlannedChannel {
    snapshot: Option<String>,
    added: Vec<String>,
    removed: Vec<String>,
}
