//! The assessment: every package against every record of its products.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_intelligence::{Cve, Knowledge, ProductId};
use seaworthy_inventory::Inventory;
use seaworthy_model::{CveId, Day, Digest};
use serde::Serialize;

use crate::applicability::Platform;
use crate::closures::{Closure, closures_of};
use crate::cohorts::Cohorts;
use crate::finding::{Finding, Scope};
use crate::judging::{Judging, Wanted};
use crate::learned::{Association, RecordsAt};
use crate::names::Facets;
use crate::products::ProductTable;
use crate::ties::{Named, Tie, Tying};

/// A moment of the past: records that were published in a later minute, and history of a later day (UTC), do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Timestamp);

impl Moment {
    /// The minute, counted from 1970-01-01; the last one that can be counted where it is later.
    #[must_use]
    pub fn minute(self) -> i32 {
        i32::try_from(self.0.as_second().div_euclid(60)).unwrap_or(i32::MAX)
    }

    /// The day.
    #[must_use]
    pub fn day(self) -> Day {
        Day::of(self.0)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// The options of an assessment.
#[derive(Clone, Debug)]
pub struct Options {
    /// Records and history of a later time do not exist.
    pub as_of: Option<Moment>,
    /// The table of names and products.
    pub products: ProductTable,
    /// The platform of the distribution.
    pub platform: Platform,
    /// Judge only these CVEs.
    pub only: Option<HashSet<CveId>>,
    /// Keep the pairs too that the version alone rules out.
    pub keep_ruled_out: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { as_of: None, products: ProductTable::built_in(), platform: Platform::default(), only: None, keep_ruled_out: false }
    }
}

/// The blind spot: records and packages that could not be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BlindSpot {
    /// Records that name no product in any source.
    pub records_without_products: u64,
    /// Records that stood on the day.
    pub records: u64,
    /// Packages without a tie to any product.
    pub packages_without_product: u64,
}

/// The conclusions on an inventory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// The knowledge it was made from.
    pub knowledge: Digest,
    /// The inventory it was made of.
    pub inventory: Digest,
    /// The version of the rules.
    pub engine: &'static str,
    /// The verdicts, by package and CVE.
    pub findings: Vec<Finding>,
    /// The pairs that were judged, findings and those ruled out by version.
    pub judged: u64,
    /// The blind spot: records and packages that could not be judged.
    pub blind_spot: BlindSpot,
}

/// Judges every package of an inventory.
#[must_use]
pub fn assess(knowledge: &Knowledge, inventory: &Inventory, options: &Options) -> Assessment {
    let assessor = Assessor::new(knowledge, inventory, &options.products, &options.platform);
    let learned = assessor.learn(inventory, options.as_of);
    let scope = options.only.as_ref().map(|cves| Scope { cves: cves.clone(), packages: BTreeSet::new() });
    let (findings, judged) = assessor.judge(inventory, &learned, options.as_of, scope.as_ref(), options.keep_ruled_out);
    Assessment {
        knowledge: knowledge.digest(),
        inventory: inventory.digest(),
        engine: crate::ENGINE,
        findings,
        judged,
        blind_spot: assessor.blind_spot(&learned, options.as_of),
    }
}

/// Packages held against what is known, ready to be judged again and again as time goes on and their versions change.
pub struct Assessor<'a> {
    knowledge: &'a Knowledge,
    products: &'a ProductTable,
    platform: &'a Platform,
    facets: Vec<Facets>,
    /// Per package, the products that are called by one of its names.
    named: Vec<Vec<Named>>,
    /// How many packages share a home.
    shared_homes: HashMap<String, usize>,
}

/// The closed CVEs and the ties of each package, by the records and the packages' own history at a time.
pub struct Learned {
    closures: Vec<BTreeMap<CveId, Closure>>,
    cohorts: Cohorts,
    ties: Vec<Vec<Tie>>,
}

impl<'a> Assessor<'a> {
    /// Prepares what depends on the names and homes of the packages alone. The inventory of every later call has to hold the
    /// same packages in the same order; their versions, patches and changelogs may be others.
    #[must_use]
    pub fn new(knowledge: &'a Knowledge, inventory: &Inventory, products: &'a ProductTable, platform: &'a Platform) -> Self {
        let facets: Vec<Facets> = inventory.packages.par_iter().map(Facets::of).collect();
        let mut shared_homes: HashMap<String, usize> = HashMap::new();
        for home in facets.iter().flat_map(|f| &f.homes) {
            *shared_homes.entry(home.clone()).or_default() += 1;
        }
        let named = facets.par_iter().map(|f| Named::of(knowledge, f, products)).collect();
        Self { knowledge, products, platform, facets, named, shared_homes }
    }

    fn standing(&self, moment: Option<Moment>) -> RecordsAt<'a> {
        let as_of = moment.map(|m| m.minute());
        let today = as_of.or_else(|| self.knowledge.cves().map(|c| self.knowledge.published(c)).max()).unwrap_or(0);
        RecordsAt { knowledge: self.knowledge, as_of: as_of.unwrap_or(i32::MAX), today }
    }

    /// Learns what stands at a moment, or now.
    #[must_use]
    pub fn learn(&self, inventory: &Inventory, moment: Option<Moment>) -> Learned {
        let knowledge = self.knowledge;
        let standing = self.standing(moment);
        let day = moment.map(|m| m.day().to_string());
        let closures: Vec<BTreeMap<CveId, Closure>> =
            inventory.packages.par_iter().map(|p| closures_of(p, inventory.date.as_deref(), day.as_deref())).collect();
        let associations: HashMap<String, Vec<Association>> = self
            .shared_homes
            .par_iter()
            .filter_map(|(home, _)| Some((home.clone(), standing.products_of_home(knowledge.home(home)?))))
            .collect();
        let mut dealt_with: Vec<Cve> =
            closures.iter().flat_map(BTreeMap::keys).filter_map(|id| knowledge.find(*id)).filter(|c| standing.stands(*c)).collect();
        dealt_with.sort_unstable();
        dealt_with.dedup();
        let subjects: HashMap<Cve, Vec<ProductId>> = dealt_with.into_par_iter().map(|c| (c, standing.subjects(c))).collect();
        let cohorts = Cohorts::of(&standing, inventory, &closures, &subjects, self.products);
        let ties = inventory
            .packages
            .par_iter()
            .zip(&closures)
            .zip(&self.facets)
            .zip(&self.named)
            .map(|(((package, closed), facets), named)| {
                let cves: Vec<Cve> = closed.keys().filter_map(|id| knowledge.find(*id)).filter(|c| standing.stands(*c)).collect();
                let tying = Tying {
                    standing: &standing,
                    package,
                    facets,
                    named,
                    shared_homes: &self.shared_homes,
                    associations: &associations,
                    subjects: &subjects,
                    ties: BTreeMap::new(),
                };
                tying.all(self.products, &cves)
            })
            .collect();
        Learned { closures, cohorts, ties }
    }

    /// Judges by what was learned, at the same moment or a later one: every pair, or those of a scope. Returns the findings, by
    /// package and CVE, and how many pairs were looked at.
    #[must_use]
    pub fn judge(
        &self,
        inventory: &Inventory,
        learned: &Learned,
        moment: Option<Moment>,
        scope: Option<&Scope>,
        keep_ruled_out: bool,
    ) -> (Vec<Finding>, u64) {
        let standing = self.standing(moment);
        let wanted = scope.map(|scope| Wanted::of(self.knowledge, scope));
        let judged: Vec<(Vec<Finding>, u64)> = (0..inventory.packages.len())
            .into_par_iter()
            .map(|i| {
                let whole = scope.is_none_or(|s| s.packages.contains(&i));
                let judging = Judging {
                    standing: &standing,
                    platform: self.platform,
                    keep_ruled_out,
                    package: &inventory.packages[i],
                    facets: &self.facets[i],
                    closed: &learned.closures[i],
                    wanted: wanted.as_ref().filter(|_| !whole),
                    ties: &learned.ties[i],
                    shared_homes: &self.shared_homes,
                    found: BTreeMap::new(),
                    rules: BTreeMap::new(),
                    judged: 0,
                };
                judging.all(&learned.cohorts)
            })
            .collect();
        let pairs = judged.iter().map(|(_, pairs)| pairs).sum();
        let mut findings: Vec<Finding> = Vec::with_capacity(judged.iter().map(|j| j.0.len()).sum());
        findings.extend(judged.into_iter().flat_map(|(findings, _)| findings));
        findings.sort_by(Finding::in_order);
        (findings, pairs)
    }

    /// The pairs to judge again since something was learned before, whatever the records say: packages whose ties are others,
    /// CVEs that were closed or became typical of a toolchain.
    #[must_use]
    pub fn changes(&self, before: &Learned, now: &Learned) -> Scope {
        let same = |a: &[Tie], b: &[Tie]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a.product, a.strength, &a.version) == (b.product, b.strength, &b.version))
        };
        let packages = (0..now.ties.len()).filter(|&i| before.ties.get(i).is_none_or(|ties| !same(ties, &now.ties[i]))).collect();
        let mut cves: HashSet<CveId> = now.cohorts.new_since(&before.cohorts).into_iter().map(|c| self.knowledge.id(c)).collect();
        for (now, then) in now.closures.iter().zip(&before.closures).filter(|(now, then)| now.len() != then.len()) {
            cves.extend(now.keys().filter(|id| !then.contains_key(id)));
        }
        Scope { cves, packages }
    }

    /// Counts what could not be judged.
    #[must_use]
    pub fn blind_spot(&self, learned: &Learned, moment: Option<Moment>) -> BlindSpot {
        let standing = self.standing(moment);
        let packages_without_product = learned.ties.iter().filter(|t| t.is_empty()).count() as u64;
        let mut spot = BlindSpot { packages_without_product, ..BlindSpot::default() };
        for cve in self.knowledge.cves().filter(|c| standing.stands(*c)) {
            spot.records += 1;
            spot.records_without_products += u64::from(!self.knowledge.is_decidable(cve));
        }
        spot
    }
}
