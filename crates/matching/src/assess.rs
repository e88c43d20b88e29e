//! The assessment: all packages of an inventory judged by the records of their products.

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
use crate::lists::Lists;
use crate::names::Facets;
use crate::products::ProductTable;
use crate::ties::{Named, Tie, Tying};
use crate::variants::Variants;

/// A moment of the past: records that were published in a later minute, and changelog entries of a later day (UTC), are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Timestamp);

impl Moment {
    /// The minutes since 1970-01-01, at most `i32::MAX`.
    #[must_use]
    pub fn minute(self) -> i32 {
        i32::try_from(self.0.as_second().div_euclid(60)).unwrap_or(i32::MAX)
    }

    /// The day in UTC.
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
    /// The moment for which packages are judged; `None` for now.
    pub as_of: Option<Moment>,
    /// The table of names and products.
    pub products: ProductTable,
    /// The platform of the distribution.
    pub platform: Platform,
    /// The CVEs to judge; `None` for all.
    pub only: Option<HashSet<CveId>>,
    /// Whether findings that the version alone rules out are kept.
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
    /// The number of records that name no product in any source.
    pub records_without_products: u64,
    /// The number of records that were published by the moment and are not rejected.
    pub records: u64,
    /// The number of packages without a tie to any product.
    pub packages_without_product: u64,
}

/// The assessment of an inventory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// The digest of the knowledge.
    pub knowledge: Digest,
    /// The digest of the inventory.
    pub inventory: Digest,
    /// The name and version of the rules of matching.
    pub engine: &'static str,
    /// The findings, ordered by package, CVE and version.
    pub findings: Vec<Finding>,
    /// The number of pairs of package and CVE that were judged, including those that the version ruled out.
    pub judged: u64,
    /// The blind spot.
    pub blind_spot: BlindSpot,
}

/// The assessment of all packages of an inventory.
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

/// An inventory prepared for judging again and again, as time goes on and the versions of its packages change.
pub struct Assessor<'a> {
    knowledge: &'a Knowledge,
    products: &'a ProductTable,
    platform: &'a Platform,
    facets: Vec<Facets>,
    /// The products that have one of the package's names, by the package's place in the inventory.
    named: Vec<Vec<Named>>,
    /// The number of packages that have a home.
    shared_homes: HashMap<String, usize>,
    variants: Variants,
}

/// The closed CVEs and the ties of each package at a moment, from the records and the packages' own history.
pub struct Learned {
    closures: Vec<BTreeMap<CveId, Closure>>,
    cohorts: Cohorts,
    ties: Vec<Vec<Tie>>,
}

impl<'a> Assessor<'a> {
    /// Prepares what depends on the names and homes of the packages alone. The inventory of every later call must have the same packages in
    /// the same order; versions, patches and changelogs may differ.
    #[must_use]
    pub fn new(knowledge: &'a Knowledge, inventory: &Inventory, products: &'a ProductTable, platform: &'a Platform) -> Self {
        let facets: Vec<Facets> = inventory.packages.par_iter().map(Facets::of).collect();
        let mut shared_homes: HashMap<String, usize> = HashMap::new();
        for home in facets.iter().flat_map(|f| &f.homes) {
            *shared_homes.entry(home.clone()).or_default() += 1;
        }
        let named = facets.par_iter().map(|f| Named::of(knowledge, f, products)).collect();
        Self { knowledge, products, platform, facets, named, shared_homes, variants: Variants::of(inventory) }
    }

    fn standing(&self, moment: Option<Moment>) -> RecordsAt<'a> {
        let as_of = moment.map(|m| m.minute());
        let today = as_of.or_else(|| self.knowledge.cves().map(|c| self.knowledge.published(c)).max()).unwrap_or(0);
        RecordsAt { knowledge: self.knowledge, as_of: as_of.unwrap_or(i32::MAX), today }
    }

    /// The closed CVEs and ties at a moment; now for `None`.
    #[must_use]
    pub fn learn(&self, inventory: &Inventory, moment: Option<Moment>) -> Learned {
        let knowledge = self.knowledge;
        let standing = self.standing(moment);
        let day = moment.map(|m| m.day().to_string());
        let closures: Vec<BTreeMap<CveId, Closure>> = inventory
            .packages
            .par_iter()
            .map(|p| closures_of(p, inventory.date.as_deref(), day.as_deref(), inventory.has_specs()))
            .collect();
        let associations: HashMap<String, Vec<Association>> = self
            .shared_homes
            .par_iter()
            .filter_map(|(home, _)| Some((home.clone(), standing.products_of_home(knowledge.home(home)?))))
            .collect();
        // What was taken back is open, and tells as well what the package contains.
        let looked_at: Vec<BTreeSet<Cve>> = inventory
            .packages
            .par_iter()
            .zip(&closures)
            .map(|(package, closed)| {
                let taken_back = package.fixes_taken_back(inventory.date.as_deref(), day.as_deref());
                let ids = closed.keys().copied().chain(taken_back);
                ids.filter_map(|id| knowledge.find(id)).filter(|c| standing.stands(*c)).collect()
            })
            .collect();
        let mut dealt_with: Vec<Cve> = looked_at.iter().flatten().copied().collect();
        dealt_with.sort_unstable();
        dealt_with.dedup();
        let subjects: HashMap<Cve, Vec<ProductId>> = dealt_with.into_par_iter().map(|c| (c, standing.subjects(c))).collect();
        let cohorts = Cohorts::of(&standing, inventory, &closures, &subjects, self.products);
        let mut ties: Vec<Vec<Tie>> = inventory
            .packages
            .par_iter()
            .zip(&looked_at)
            .zip(&self.facets)
            .zip(&self.named)
            .map(|(((package, looked_at), facets), named)| {
                let cves: Vec<Cve> = looked_at.iter().copied().collect();
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
        self.variants.tie(inventory, &self.facets, &mut ties, |place, tie| {
            looked_at[place].iter().filter(|cve| subjects.get(cve).is_some_and(|about| about.contains(&tie.product))).count()
        });
        Learned { closures, cohorts, ties }
    }

    /// The findings by `learned`, at its moment or a later one, for all pairs or those of a scope; ordered by package, CVE and version. The
    /// number is that of the pairs that were judged.
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
                    products: self.products,
                    keep_ruled_out,
                    package: &inventory.packages[i],
                    facets: &self.facets[i],
                    closed: &learned.closures[i],
                    wanted: wanted.as_ref().filter(|_| !whole),
                    ties: &learned.ties[i],
                    lists: Lists::of(&inventory.packages[i]),
                    shared_homes: &self.shared_homes,
                    found: BTreeMap::new(),
                    rules: BTreeMap::new(),
                    ruled_out: BTreeSet::new(),
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

    /// The pairs to judge again because of what was learned since, whatever the records say: packages whose ties changed, CVEs that were
    /// closed or became typical of a toolchain.
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

    /// The blind spot at a moment; now for `None`.
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
