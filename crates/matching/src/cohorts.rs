//! The fixes of packages that are built with the same toolchain: programs of a static toolchain contain the libraries with which they were
//! built.

use std::collections::{BTreeMap, HashMap, HashSet};

use seaworthy_intelligence::{Cve, ProductId};
use seaworthy_inventory::Inventory;
use seaworthy_model::{CveId, Status};

use crate::closures::Closure;
use crate::learned::RecordsAt;
use crate::products::ProductTable;

/// The number of packages of a toolchain that must have fixed a record before it counts as typical of the toolchain.
const COHORT_FIXES: usize = 2;
/// The number of packages of a toolchain that must have fixed records of a product before all its records count as typical.
const COHORT_PRODUCT_FIXES: usize = 3;
/// The share that these packages must have among all packages with such a fix.
const COHORT_SHARE: f32 = 0.6;

/// The records that are typical of each toolchain, by the fixes of its packages.
pub(crate) struct Cohorts {
    /// By build requirement: the typical records, in order, each with the number of packages whose fixes made it so.
    pub(crate) records: HashMap<String, Vec<(Cve, usize)>>,
}

impl Cohorts {
    pub(crate) fn of(
        standing: &RecordsAt<'_>,
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
                let Some(cve) = standing.knowledge.find(*id).filter(|c| standing.stands(*c) && standing.is_recent(*c)) else { continue };
                let about = subjects.get(&cve).map_or(&[][..], Vec::as_slice);
                // Programs are rebuilt with a fixed toolchain, not patched: its package is what is judged.
                let is_toolchain = |product: &ProductId| table.is_of_toolchain(standing.knowledge.product_name(*product));
                if !about.is_empty() && about.iter().all(is_toolchain) {
                    continue;
                }
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
                let name = standing.knowledge.product_name(*product);
                let is_toolchain = table.is_of_toolchain(name) || is_named_so(name, toolchain);
                if is_toolchain || !typical(members.len(), product_fixes.get(product), COHORT_PRODUCT_FIXES) {
                    continue;
                }
                for cve in standing.knowledge.product_cves(*product).filter(|c| standing.stands(*c) && standing.is_recent(*c)) {
                    // The largest count, whatever the order in which the products come.
                    let count = found.entry(cve).or_default();
                    *count = (*count).max(members.len());
                }
            }
        }
        Self { records: found.into_iter().map(|(toolchain, cves)| (toolchain, cves.into_iter().collect())).collect() }
    }

    /// The records that were not typical of their toolchain in `before`.
    pub(crate) fn new_since(&self, before: &Self) -> Vec<Cve> {
        let was =
            |toolchain: &String, cve: Cve| before.records.get(toolchain).is_some_and(|r| r.binary_search_by_key(&cve, |r| r.0).is_ok());
        let records = self.records.iter().flat_map(|(toolchain, records)| records.iter().map(move |(cve, _)| (toolchain, *cve)));
        records.filter(|(toolchain, cve)| !was(toolchain, *cve)).map(|(_, cve)| cve).collect()
    }
}

/// Whether a product has the name of a toolchain.
fn is_named_so(product: &str, toolchain: &str) -> bool {
    crate::names::cpe_parts(product).is_some_and(|(_, vendor, name)| name == toolchain || vendor == toolchain && name == "go")
}

pub(crate) fn unique(names: &[String]) -> impl Iterator<Item = &str> {
    let mut seen: Vec<&str> = names.iter().map(String::as_str).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.into_iter()
}
