//! The plan of a publication: what it would change.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use jiff::tz::Offset;
use seaworthy_ledger::{Draft, Event};
use seaworthy_model::{Digest, DigestWriter, Evr, Nevra, Severity};
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::press::{Channel, Contents, RepositoryPackage, Stock, SubmittedPackage, difference};
use seaworthy_publish::{Advisory, Distribution, Edition, Standing};
use serde::Serialize;

/// A channel before and after a publication.
pub struct ChannelPlan {
    /// The snapshot it points to; `None` before the first.
    pub(super) snapshot: Option<String>,
    /// The packages of that snapshot.
    pub(super) before: Contents,
    /// The packages after the publication.
    pub(super) after: Contents,
}

/// A package of another version than its source package.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftBehind {
    /// The package.
    pub package: Nevra,
    /// The version of the source package in the channel.
    pub source: Evr,
}

impl ChannelPlan {
    pub(super) fn new() -> Self {
        Self { snapshot: None, before: Contents::new(), after: Contents::new() }
    }

    /// The packages that are removed from it.
    pub(super) fn gone(&self) -> Vec<RepositoryPackage> {
        let kept: HashSet<&str> = self.after.packages().map(|p| p.build.as_str()).collect();
        self.before.packages().filter(|p| !kept.contains(p.build.as_str())).cloned().collect()
    }

    /// Whether packages are added to it or removed.
    #[must_use]
    pub fn changes(&self) -> bool {
        // Both are in the same order, but for what comes.
        !self.before.packages().map(|p| &p.build).eq(self.after.packages().map(|p| &p.build))
    }

    /// The number of packages after the publication.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.after.len()
    }

    /// The packages that are added and those that are removed.
    #[must_use]
    pub fn difference(&self) -> (Vec<Nevra>, Vec<Nevra>) {
        difference(&self.before, &self.after)
    }
}

/// The plan of a publication.
pub struct PublicationPlan {
    pub(super) digest: Digest,
    pub(super) distribution: Distribution,
    /// The time and the id of the publication in force; `None` before the first.
    pub(super) last: Option<(Timestamp, String)>,
    pub(super) channels: BTreeMap<String, ChannelPlan>,
    /// The channel that packages are added to; empty where packages are withdrawn from all channels.
    pub(super) target: String,
    /// The packages that were submitted.
    pub(super) given: Vec<SubmittedPackage>,
    /// The packages that are withdrawn.
    pub(super) gone: Vec<RepositoryPackage>,
    /// The builds that were ever withdrawn, as SHA-256 of their headers.
    pub(super) recalled: Vec<String>,
    /// The names of the source packages that the release line ships.
    pub(super) shipped: Vec<String>,
    /// The events of cases and advisories that are committed with the publication.
    pub(super) drafts: Vec<Draft>,
    pub(super) edition: Edition,
    /// The ids that advisories get by this publication.
    pub(super) fresh: BTreeSet<String>,
    /// The reason of the withdrawal; `None` where nothing is withdrawn.
    pub(super) why: Option<String>,
    /// The number of cases whose fix the spec tree has, and no machine can get.
    pub(super) ready: usize,
    /// The reasons why documents or metadata are made anew, beside packages and advisories.
    pub(super) rewrites: Vec<Rewrite>,
    /// The conclusions of consumers; `None` where they were not asked yet.
    pub(super) concluded: Option<Concluded>,
}

/// A reason why documents or metadata are made anew although packages and advisories stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rewrite {
    /// Other keys sign: everything is signed anew.
    Keys {
        /// The fingerprints of the keys that come, sorted.
        come: Vec<String>,
        /// The fingerprints of the keys that go, sorted.
        go: Vec<String>,
    },
    /// All documents are made of something else: the names of the distribution in the settings are others, or the version of the program.
    All,
    /// Some documents are made of something else, such as the images or the packages that are shipped.
    Documents {
        /// The folders and files, by their paths in the site, sorted.
        paths: Vec<String>,
    },
    /// The metadata of a channel is made of something else: the settings of the repository are others, or the version of the program.
    Metadata,
    /// The site has no index of the publication in force.
    Lost,
}

/// The number of advisories of a year and a standing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TallyRow {
    /// The year of the first revision.
    pub year: i16,
    /// The standing, as [`seaworthy_publish::Standing::as_str`] writes it.
    pub standing: &'static str,
    /// The number of advisories.
    pub advisories: usize,
}

/// The number of undelivered fixes up to which a first publication is not doubtful.
const FEW: usize = 20;

impl PublicationPlan {
    /// The digest of the changes of the plan, without their times: equal digests make equal changes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The names that it is published under.
    #[must_use]
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// The id of the publication in force; `None` before the first.
    #[must_use]
    pub fn in_force(&self) -> Option<&str> {
        self.last.as_ref().map(|(_, id)| id.as_str())
    }

    /// The channels, each before and after the publication.
    #[must_use]
    pub fn channels(&self) -> &BTreeMap<String, ChannelPlan> {
        &self.channels
    }

    /// The channel that packages are added to; empty where packages are withdrawn from all channels.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The number of submitted packages that the channel has already.
    #[must_use]
    pub fn passed_over(&self) -> usize {
        self.given.iter().filter(|g| g.known).count()
    }

    /// All advisories.
    #[must_use]
    pub fn advisories(&self) -> &[Advisory] {
        &self.edition.advisories
    }

    /// The advisories that get their id by this publication, those that matter most first.
    #[must_use]
    pub fn new_advisories(&self) -> Vec<&Advisory> {
        by_weight(self.edition.advisories.iter().filter(|a| self.fresh.contains(&a.id)))
    }

    /// The advisories that changed since the publication in force, those that matter most first.
    #[must_use]
    pub fn revised_advisories(&self) -> Vec<&Advisory> {
        let since = self.last.as_ref().map(|(at, _)| *at);
        let later = |a: &&Advisory| !self.fresh.contains(&a.id) && since.is_some_and(|since| a.updated() > since);
        by_weight(self.edition.advisories.iter().filter(later))
    }

    /// The advisories that call a package affected and say that its fix is to come.
    pub fn awaited(&self) -> impl Iterator<Item = &Advisory> {
        self.edition.advisories.iter().filter(|a| a.standing == Standing::Affected)
    }

    /// The conclusions of consumers; `None` where they were not asked.
    #[must_use]
    pub fn concluded(&self) -> Option<&Concluded> {
        self.concluded.as_ref()
    }

    /// The advisories by year and standing, in this order.
    #[must_use]
    pub fn tally(&self) -> Vec<TallyRow> {
        let mut counts: BTreeMap<(i16, &'static str), usize> = BTreeMap::new();
        for advisory in &self.edition.advisories {
            let first = advisory.revisions.first().map_or(self.edition.at, |r| r.at);
            *counts.entry((Offset::UTC.to_datetime(first).year(), advisory.standing.as_str())).or_default() += 1;
        }
        counts.into_iter().map(|((year, standing), advisories)| TallyRow { year, standing, advisories }).collect()
    }

    /// The number of advisories of a first publication that would call a package affected although the spec tree has the fix; `None` where
    /// these are few, or something was published before.
    ///
    /// A team that begins has delivered most of its fixes. Where the log knows nothing of that, the first publication would tell the world
    /// the opposite.
    #[must_use]
    pub fn undelivered(&self) -> Option<usize> {
        let of = self.edition.advisories.len();
        (self.last.is_none() && self.ready > FEW && self.ready * 5 > of).then_some(self.ready)
    }

    /// Whether packages or advisories come, go or change, or nothing was published before.
    #[must_use]
    pub fn has_news(&self) -> bool {
        let moves = self.channels.values().any(ChannelPlan::changes);
        self.last.is_none() || moves || !self.fresh.is_empty() || !self.revised_advisories().is_empty()
    }

    /// The reasons why documents or metadata are made anew, beside packages and advisories. Where these change, only that of the keys.
    #[must_use]
    pub fn rewrites(&self) -> &[Rewrite] {
        &self.rewrites
    }

    /// Whether a run puts another publication in force: for news, or since documents or metadata of the same advisories and packages are
    /// made anew.
    #[must_use]
    pub fn changes_anything(&self) -> bool {
        self.has_news() || !self.rewrites.is_empty()
    }

    /// The packages that come to differ in version from their source package in a channel: fixes do not count as delivered until they
    /// follow.
    #[must_use]
    pub fn left_behind(&self, channel: &ChannelPlan) -> Vec<LeftBehind> {
        let given = self.given.iter().map(|g| g.package.source.as_str());
        let sources: HashSet<&str> = given.chain(self.gone.iter().map(|held| held.source.as_str())).collect();
        let before = channel.before.behind(&sources);
        let behind = channel.after.behind(&sources).into_iter().filter(|b| !before.contains(b));
        behind.map(|(package, source)| LeftBehind { package, source }).collect()
    }

    /// The CVEs whose fix is delivered by a package.
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
            changes: self.changes_anything(),
            rewrites: self.rewrites(),
            in_force: self.in_force(),
            channels: self.channels.iter().map(channel).collect(),
            advisories: self.edition.advisories.len(),
            tally: self.tally(),
            undelivered: self.undelivered(),
            new: self.new_advisories(),
            revised: self.revised_advisories(),
            disagreements,
        }
    }

    /// The channels and what is shipped, as documents tell of them, with these snapshots; `public` names the channels for users.
    pub(super) fn stock(&self, snapshots: &BTreeMap<String, String>, public: &[String]) -> Stock<'_> {
        let channel = |(name, snapshot): (&String, &String)| {
            let contents = &self.channels.get(name)?.after;
            Some((name.clone(), Channel { snapshot: snapshot.clone(), contents, public: public.contains(name) }))
        };
        Stock { channels: snapshots.iter().filter_map(channel).collect(), shipped: self.told() }
    }

    /// The names of source packages that are told of although no channel has them: those of the release line where it never had packages
    /// in a channel, as where advisories alone are published. Otherwise there are none: a package that users cannot get yet may be a secret,
    /// also after the last package was withdrawn.
    pub(super) fn told(&self) -> &[String] {
        let has_had = |channel: &ChannelPlan| channel.packages() > 0 || channel.before.packages().next().is_some();
        if !self.recalled.is_empty() || self.channels.values().any(has_had) { &[] } else { &self.shipped }
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

    /// The digest of the plan, over its changes and the settings, names and keys that documents and snapshots follow from. `lists` has the
    /// architectures, the public channels and the fingerprints of the keys.
    pub(super) fn digest_of(&self, compression: &str, lists: [&[String]; 3]) -> Result<Digest, serde_json::Error> {
        let mut out = DigestWriter::new();
        out.field("seaworthy plan 5");
        out.field(serde_json::to_string(&self.distribution)?);
        out.field(compression);
        for list in lists.into_iter().chain([self.told()]) {
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

/// Advisories in the order in which they matter to readers today: what is open before what is not, what is exploited first, then by
/// severity, then the newest.
fn by_weight<'a>(advisories: impl Iterator<Item = &'a Advisory>) -> Vec<&'a Advisory> {
    let is_open =
        |a: &Advisory| matches!(a.standing, Standing::Affected | Standing::Deferred { .. } | Standing::WillNotFix | Standing::NotShipped);
    let mut sorted: Vec<&Advisory> = advisories.collect();
    let weight = |a: &Advisory| (is_open(a), a.exploited_since.is_some(), Severity::effective(a.severity), a.updated());
    sorted.sort_by_key(|a| Reverse(weight(a)));
    sorted
}

/// An event without the times that are those of the run, so that a plan has the same digest at any time.
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
    /// Whether a run would put another publication in force.
    changes: bool,
    /// The reasons why documents or metadata are made anew.
    rewrites: &'a [Rewrite],
    /// The id of the publication in force; `null` before the first.
    in_force: Option<&'a str>,
    /// The channels, with the packages that come and go.
    channels: BTreeMap<String, PlannedChannel>,
    /// The number of advisories.
    advisories: usize,
    /// The advisories by year and standing.
    tally: Vec<TallyRow>,
    /// The number of advisories that would call a package affected although the spec tree has the fix, where a first publication is
    /// refused because of them; `null` otherwise.
    undelivered: Option<usize>,
    /// The advisories that get their id by this publication.
    new: Vec<&'a Advisory>,
    /// The advisories that changed since the publication in force.
    revised: Vec<&'a Advisory>,
    /// The conclusions of consumers that differ from the advisories, in words.
    disagreements: Vec<String>,
}

#[derive(Serialize)]
struct PlannedChannel {
    snapshot: Option<String>,
    added: Vec<String>,
    removed: Vec<String>,
}
