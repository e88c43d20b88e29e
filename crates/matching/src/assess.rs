//! The assessment: every package against every record of its products.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;
use seaworthy_intelligence::records::{SourceKind, View};
use seaworthy_intelligence::{Cve, Knowledge, ProductId};
use seaworthy_inventory::{Inventory, SourcePackage};
use seaworthy_model::{CveId, Cvss, Digest, Evidence, EvidenceKind, Severity, Status, UpstreamVersion};
use serde::Serialize;

use crate::applicability::{Answer, Judge, Judgement, Platform};
use crate::closures::{Closure, closures_of};
use crate::learned::{Association, World, is_repository};
use crate::names::Facets;
use crate::products::ProductTable;
use crate::ties::{Strength, Tie, Tying};

/// What an assessment is asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Records and history of a later day (days since 1970, and the same day as `YYYY-MM-DD`) do not exist.
    pub as_of: Option<(i32, String)>,
    /// The table of names and products.
    pub products: ProductTable,
    /// What is so of the distribution.
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

/// A verdict on one package and one CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The source package.
    pub package: String,
    /// The CVE.
    pub cve: CveId,
    /// The verdict.
    pub status: Status,
    /// The package's version, EPOCH:VERSION-RELEASE.
    pub version: String,
    /// The severity, `None` where nobody rated it.
    pub severity: Option<Severity>,
    /// The rating it is taken from.
    pub cvss: Option<Cvss>,
    /// The day CISA added it to the known exploited ones.
    pub exploited_since: Option<String>,
    /// EPSS: the probability of exploitation within 30 days.
    pub epss: Option<f32>,
    /// The product that the record is about, as this package is tied to it.
    pub product: Option<String>,
    /// The upstream version that is no longer affected, where the record says one.
    pub fixed_in: Option<String>,
    /// The day the record was published.
    pub published: String,
    /// The source that allowed the decision.
    pub decided_by: Option<SourceKind>,
    /// The reasons, the tie first.
    pub evidence: Vec<Evidence>,
}

/// What could not be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BlindSpot {
    /// Records that name no product in any source.
    pub records_without_products: u64,
    /// Records that stood on the day.
    pub records: u64,
    /// Packages without a tie to any product.
    pub packages_without_product: u64,
}

/// What is concluded of an inventory.
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
    /// What could not be judged.
    pub blind_spot: BlindSpot,
}

/// The programs of a toolchain say something of each other from this many on that fixed a record.
const COHORT_FIXES: usize = 2;
/// And of a component, from this many on that fixed records of it.
const COHORT_PRODUCT_FIXES: usize = 3;
/// And if this share of the packages that fixed it are of the toolchain.
const COHORT_SHARE: f32 = 0.6;

/// Judges every package of an inventory.
#[must_use]
pub fn assess(knowledge: &Knowledge, inventory: &Inventory, options: &Options) -> Assessment {
    let as_of = options.as_of.as_ref().map(|(day, _)| *day);
    let today = as_of.or_else(|| knowledge.cves().map(|c| knowledge.published(c)).max()).unwrap_or(0);
    let world = World { knowledge, as_of: as_of.unwrap_or(i32::MAX), today };
    let day = options.as_of.as_ref().map(|(_, day)| day.as_str());
    let closures: Vec<BTreeMap<CveId, Closure>> =
        inventory.packages.par_iter().map(|p| closures_of(p, inventory.date.as_deref(), day)).collect();
    let only: Option<HashSet<Cve>> = options.only.as_ref().map(|ids| ids.iter().filter_map(|id| knowledge.find(*id)).collect());
    let facets: Vec<Facets> = inventory.packages.par_iter().map(Facets::of).collect();
    let mut shared_homes: HashMap<String, usize> = HashMap::new();
    for home in facets.iter().flat_map(|f| &f.homes) {
        *shared_homes.entry(home.clone()).or_default() += 1;
    }
    let associations: HashMap<String, Vec<Association>> =
        shared_homes.par_iter().filter_map(|(home, _)| Some((home.clone(), world.products_of_home(knowledge.home(home)?)))).collect();
    let mut dealt_with: Vec<Cve> =
        closures.iter().flat_map(BTreeMap::keys).filter_map(|id| knowledge.find(*id)).filter(|c| world.stands(*c)).collect();
    dealt_with.sort_unstable();
    dealt_with.dedup();
    let subjects: HashMap<Cve, Vec<ProductId>> = dealt_with.into_par_iter().map(|c| (c, world.subjects(c))).collect();
    let cohorts = Cohorts::of(&world, inventory, &closures, &subjects, &options.products);
    let judged: Vec<(Vec<Finding>, u64, bool)> = inventory
        .packages
        .par_iter()
        .zip(&closures)
        .zip(facets)
        .map(|((package, closed), facets)| {
            let cves: Vec<Cve> = closed.keys().filter_map(|id| knowledge.find(*id)).filter(|c| world.stands(*c)).collect();
            let tying = Tying {
                world: &world,
                package,
                facets: &facets,
                shared_homes: &shared_homes,
                associations: &associations,
                subjects: &subjects,
                ties: BTreeMap::new(),
            };
            let ties = tying.all(&options.products, &cves);
            let mut judging = Judging {
                world: &world,
                options,
                package,
                facets,
                closed,
                only: only.as_ref(),
                ties: &ties,
                shared_homes: &shared_homes,
                found: BTreeMap::new(),
                judged: 0,
            };
            judging.by_ties();
            judging.by_cohort(&cohorts);
            judging.by_reference();
            judging.by_closure();
            let tied = !judging.ties.is_empty();
            (judging.found.into_values().collect(), judging.judged, tied)
        })
        .collect();
    let mut assessment = Assessment {
        knowledge: knowledge.digest(),
        inventory: inventory.digest(),
        engine: crate::ENGINE,
        findings: Vec::with_capacity(judged.iter().map(|j| j.0.len()).sum()),
        judged: 0,
        blind_spot: BlindSpot::default(),
    };
    for (findings, pairs, tied) in judged {
        assessment.findings.extend(findings);
        assessment.judged += pairs;
        assessment.blind_spot.packages_without_product += u64::from(!tied);
    }
    assessment.findings.sort_by(|a, b| (&a.package, a.cve, &a.version).cmp(&(&b.package, b.cve, &b.version)));
    for cve in knowledge.cves().filter(|c| world.stands(*c)) {
        assessment.blind_spot.records += 1;
        assessment.blind_spot.records_without_products += u64::from(!knowledge.is_decidable(cve));
    }
    assessment
}

/// What packages that are built alike have fixed.
struct Cohorts {
    /// Per build requirement: the records that its packages fixed, and how many of them did.
    records: HashMap<String, Vec<(Cve, usize)>>,
}

impl Cohorts {
    fn of(
        world: &World<'_>,
        inventory: &Inventory,
        closures: &[BTreeMap<CveId, Closure>],
        subjects: &HashMap<Cve, Vec<ProductId>>,
        table: &ProductTable,
    ) -> Self {
        let mut records: HashMap<&str, HashMap<Cve, HashSet<&str>>> = HashMap::new();
        let mut products: HashMap<&str, HashMap<ProductId, HashSet<&str>>> = HashMap::new();
        let mut record_fixes: HashMap<Cve, HashSet<&str>> = HashMap::new();
        let mut product_fixes: HashMap<ProductId, HashSet<&str>> = HashMap::new();
        for (package, closed) in inventory.packages.iter().zip(closures) {
            let toolchains: Vec<&str> = unique(&package.build_requires).filter(|r| table.is_static_toolchain(r)).collect();
            for id in closed.iter().filter(|(_, c)| c.status == Status::Fixed).map(|(id, _)| id) {
                let Some(cve) = world.knowledge.find(*id).filter(|c| world.stands(*c) && world.is_recent(*c)) else { continue };
                let about = subjects.get(&cve).map_or(&[][..], Vec::as_slice);
                record_fixes.entry(cve).or_default().insert(&package.name);
                for product in about {
                    product_fixes.entry(*product).or_default().insert(&package.name);
                }
                for toolchain in &toolchains {
                    records.entry(toolchain).or_default().entry(cve).or_default().insert(&package.name);
                    for product in about {
                        products.entry(toolchain).or_default().entry(*product).or_default().insert(&package.name);
                    }
                }
            }
        }
        let typical = |members: usize, all: Option<&HashSet<&str>>, least: usize| {
            members >= least && members as f32 >= all.map_or(1, HashSet::len) as f32 * COHORT_SHARE
        };
        let mut found: HashMap<String, BTreeMap<Cve, usize>> = HashMap::new();
        for (toolchain, records) in &records {
            let found = found.entry((*toolchain).to_owned()).or_default();
            for (cve, members) in records {
                if typical(members.len(), record_fixes.get(cve), COHORT_FIXES) {
                    found.insert(*cve, members.len());
                }
            }
            for (product, members) in products.get(toolchain).into_iter().flatten() {
                if !typical(members.len(), product_fixes.get(product), COHORT_PRODUCT_FIXES) || is_toolchain(world, *product, toolchain) {
                    continue;
                }
                for cve in world.knowledge.product_cves(*product).filter(|c| world.stands(*c) && world.is_recent(*c)) {
                    // The largest count, whatever the order in which the products come.
                    let count = found.entry(cve).or_default();
                    *count = (*count).max(members.len());
                }
            }
        }
        Self { records: found.into_iter().map(|(toolchain, cves)| (toolchain, cves.into_iter().collect())).collect() }
    }
}

/// Whether a product is the toolchain itself: its programs are rebuilt with a fixed toolchain, not patched.
fn is_toolchain(world: &World<'_>, product: ProductId, toolchain: &str) -> bool {
    let name = world.knowledge.product_name(product);
    crate::names::cpe_parts(name).is_some_and(|(_, vendor, product)| product == toolchain || vendor == toolchain && product == "go")
}

fn unique(names: &[String]) -> impl Iterator<Item = &str> {
    let mut seen: Vec<&str> = names.iter().map(String::as_str).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.into_iter()
}

/// The judging of one package.
struct Judging<'a, 'k> {
    world: &'a World<'k>,
    options: &'a Options,
    package: &'a SourcePackage,
    facets: Facets,
    closed: &'a BTreeMap<CveId, Closure>,
    only: Option<&'a HashSet<Cve>>,
    ties: &'a [Tie],
    shared_homes: &'a HashMap<String, usize>,
    found: BTreeMap<CveId, Finding>,
    judged: u64,
}

impl Judging<'_, '_> {
    fn wanted(&self, cve: Cve) -> bool {
        self.world.stands(cve) && self.only.is_none_or(|only| only.contains(&cve))
    }

    fn by_ties(&mut self) {
        let own = UpstreamVersion::new(&self.package.evr.version);
        for tie in self.ties {
            let stated = tie.version.as_deref().map(UpstreamVersion::new);
            let version = stated.as_ref().map(|v| if v.as_str() == own.as_str() { &own } else { v });
            for cve in self.world.knowledge.product_cves(tie.product) {
                if !self.wanted(cve) {
                    continue;
                }
                let id = self.world.knowledge.id(cve);
                if self.closed.contains_key(&id) {
                    continue;
                }
                if tie.version.is_none() && !self.world.is_recent(cve) {
                    continue;
                }
                self.judged += 1;
                self.judge(cve, id, tie, version);
            }
        }
    }

    fn judge(&mut self, cve: Cve, id: CveId, tie: &Tie, version: Option<&UpstreamVersion<'_>>) {
        let judge = Judge {
            knowledge: self.world.knowledge,
            facets: &self.facets,
            platform: &self.options.platform,
            product: tie.product,
            version,
            recent: self.world.is_recent(cve),
        };
        let views: Vec<(SourceKind, View<'_>)> = self.world.knowledge.views_with_products(cve).collect();
        // The first source that allows a decision, in the order of preference; an unknown leaves room for the next.
        let mut best: Option<(SourceKind, Judgement)> = None;
        for (kind, view) in &views {
            let Some(judgement) = judge.configurations(view).or_else(|| judge.affected(view)) else { continue };
            if best.as_ref().is_none_or(|(_, b)| b.answer == Answer::Unknown && judgement.answer != Answer::Unknown) {
                best = Some((*kind, judgement));
            }
        }
        let Some((kind, judgement)) = best else { return };
        let status = match (judgement.answer, tie.strength) {
            (Answer::Yes, Strength::Identity) => Status::Affected,
            (Answer::Yes, Strength::Component) | (Answer::Unknown, _) => Status::Suspected,
            (Answer::No, _) if self.options.keep_ruled_out => Status::NotAffected,
            (Answer::No, _) => return,
        };
        let mut evidence = tie.evidence.clone();
        let rule = if judgement.platform { EvidenceKind::Platform } else { EvidenceKind::Version };
        evidence.push(Evidence::new(rule, format!("{kind}: {}", judgement.why)));
        let finding = self.finding(cve, status, &views, Some((kind, tie.product)), judgement.fixed_in, evidence);
        self.keep(id, finding);
    }

    /// Of two verdicts on one pair the more urgent stands.
    fn keep(&mut self, id: CveId, finding: Finding) {
        match self.found.get(&id) {
            Some(before) if before.status <= finding.status => {}
            _ => drop(self.found.insert(id, finding)),
        }
    }

    fn by_cohort(&mut self, cohorts: &Cohorts) {
        let package = self.package;
        for requirement in unique(&package.build_requires) {
            for &(cve, count) in cohorts.records.get(requirement).into_iter().flatten() {
                let id = self.world.knowledge.id(cve);
                if !self.wanted(cve) || self.closed.contains_key(&id) || self.found.contains_key(&id) {
                    continue;
                }
                self.judged += 1;
                let detail = format!(
                    "{count} other packages that build with {requirement} fixed it; whether this one contains the component is not known"
                );
                let views: Vec<_> = self.world.knowledge.views_with_products(cve).collect();
                let finding = self.finding(cve, Status::Suspected, &views, None, None, vec![Evidence::new(EvidenceKind::Cohort, detail)]);
                self.keep(id, finding);
            }
        }
    }

    /// Records without products whose references lead to the package's own repository: the blind spot, by package. A
    /// repository that several packages come from says nothing of any one of them.
    fn by_reference(&mut self) {
        let homes: Vec<String> =
            self.facets.homes.iter().filter(|h| is_repository(h) && self.shared_homes.get(*h) == Some(&1)).cloned().collect();
        for home in homes {
            let Some(home_id) = self.world.knowledge.home(&home) else { continue };
            for cve in self.world.knowledge.home_cves(home_id) {
                let id = self.world.knowledge.id(cve);
                if self.world.knowledge.is_decidable(cve)
                    || !self.wanted(cve)
                    || self.closed.contains_key(&id)
                    || self.found.contains_key(&id)
                {
                    continue;
                }
                self.judged += 1;
                let views: Vec<_> = self.world.knowledge.views_with_products(cve).collect();
                let evidence = vec![
                    Evidence::new(EvidenceKind::Home, format!("its references lead to {home}, this package's home")),
                    Evidence::new(EvidenceKind::Record, "no source names the affected versions"),
                ];
                let finding = self.finding(cve, Status::Undecided, &views, None, None, evidence);
                self.keep(id, finding);
            }
        }
    }

    fn by_closure(&mut self) {
        for (id, closure) in self.closed {
            let Some(cve) = self.world.knowledge.find(*id).filter(|c| self.wanted(*c)) else { continue };
            self.judged += 1;
            let views: Vec<_> = self.world.knowledge.views_with_products(cve).collect();
            let finding = self.finding(cve, closure.status, &views, None, None, closure.evidence.clone());
            self.found.insert(*id, finding);
        }
    }

    fn finding(
        &self,
        cve: Cve,
        status: Status,
        views: &[(SourceKind, View<'_>)],
        by: Option<(SourceKind, ProductId)>,
        fixed_in: Option<String>,
        evidence: Vec<Evidence>,
    ) -> Finding {
        let knowledge = self.world.knowledge;
        let ratings: Vec<Cvss> = views
            .iter()
            .flat_map(|(_, v)| &v.ratings)
            .map(|r| Cvss { version: r.version, rater: r.rater, score: r.score, vector: r.vector.to_owned() })
            .collect();
        let cvss = Cvss::preferred(&ratings).cloned();
        Finding {
            package: self.package.name.clone(),
            cve: knowledge.id(cve),
            status,
            version: self.package.evr.to_string(),
            severity: cvss.as_ref().map(Cvss::severity),
            cvss,
            exploited_since: knowledge.exploited(cve).filter(|(day, _)| *day <= self.world.as_of).map(|(day, _)| date_of(day)),
            epss: knowledge.exploit_prediction(cve).map(|(p, _)| p),
            product: by.map(|(_, p)| knowledge.product_name(p).to_owned()),
            fixed_in,
            published: date_of(knowledge.published(cve)),
            decided_by: by.map(|(kind, _)| kind),
            evidence,
        }
    }
}

/// `YYYY-MM-DD` of days since 1970-01-01 (the civil calendar; Howard Hinnant's days algorithm).
fn date_of(days: i32) -> String {
    let z = i64::from(days) + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    format!("{:04}-{month:02}-{day:02}", year_of_era + era * 400 + i64::from(month <= 2))
}
