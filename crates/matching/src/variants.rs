//! Variants: packages that are builds of another package's product under a name of their own (`kernel-rt`, bootstraps, unsigned builds).

use std::collections::HashMap;

use seaworthy_inventory::{Inventory, SourcePackage};
use seaworthy_model::{Evidence, EvidenceKind, Order};

use crate::names::Facets;
use crate::ties::{Strength, Tie};

/// The last words of the names of packages that carry no code of the product.
const WITHOUT_CODE: [&str; 10] = ["headers", "doc", "docs", "man", "data", "license", "licenses", "conf", "config", "configs"];

/// The suffixes of source archives.
const ARCHIVES: [&str; 11] = [".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", ".tar.lz", ".tar", ".zip", ".crate"];

/// The number of a package's own fixes of a product that make it a build of that product, where only its name says the same.
const OWN_FIXES: usize = 2;

/// The packages of an inventory whose names begin with that of another package and a dash, each with the place of that one: the shorter
/// name first, so that a variant of a variant finds what that one was given.
pub(crate) struct Variants(Vec<(usize, usize)>);

impl Variants {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, package) in inventory.packages.iter().enumerate() {
            places.entry(&package.name).or_default().push(place);
        }
        let bases = |name: &str| -> Vec<usize> {
            let beginnings = name.match_indices('-').rev().map(|(at, _)| name.split_at(at).0);
            beginnings.filter_map(|beginning| places.get(beginning)).flatten().copied().collect()
        };
        let packages = inventory.packages.iter().enumerate().filter(|(_, package)| may_carry_code(package));
        let mut pairs: Vec<(usize, usize)> =
            packages.flat_map(|(place, package)| bases(&package.name).into_iter().map(move |base| (place, base))).collect();
        pairs.sort_by_key(|(place, _)| inventory.packages.get(*place).map(|package| package.name.len()));
        Self(pairs)
    }

    /// Gives each such package the products of the other, in its own version, where sources, home and version, or its own fixes say that it
    /// is a build of them. `fixes` tells how many of a package's own fixes are about the product of a tie.
    pub(crate) fn tie(&self, inventory: &Inventory, facets: &[Facets], ties: &mut [Vec<Tie>], fixes: impl Fn(usize, &Tie) -> usize) {
        for &(place, base) in &self.0 {
            let (package, of) = (&inventory.packages[place], &inventory.packages[base]);
            let shared = shared(package, &facets[place], of, &facets[base]);
            let mut more: Vec<Tie> = Vec::new();
            for tie in ties[base].iter().filter(|tie| tie.strength == Strength::Identity && !tie.is_of_component()) {
                let own = fixes(place, tie);
                let why = match &shared {
                    Some(why) => why.clone(),
                    None if own >= OWN_FIXES => format!("{own} of its own fixes are about it"),
                    None => continue,
                };
                let detail = format!("a build of {} by another name: {why}", of.name);
                more.push(Tie {
                    product: tie.product,
                    strength: Strength::Identity,
                    version: Some(package.evr.version.clone()).filter(|version| !version.is_empty()),
                    order: Order::Upstream,
                    component: None,
                    evidence: vec![Evidence::new(EvidenceKind::Name, detail)],
                });
            }
            let own = &mut ties[place];
            let is_own = |own: &[Tie], tie: &Tie| own.iter().any(|o| o.product == tie.product && o.strength == Strength::Identity);
            more.retain(|tie| !is_own(own, tie));
            // A copy of unknown version is the product itself now.
            own.retain(|tie| tie.version.is_some() || !more.iter().any(|m| m.product == tie.product));
            own.extend(more);
            own.sort_by(|a, b| (a.product, &a.version).cmp(&(b.product, &b.version)));
        }
    }
}

/// Whether a package may have code of a product: neither is it of a kind that has none, nor does it pack what another package built, with
/// which it is decided.
fn may_carry_code(package: &SourcePackage) -> bool {
    let last = package.name.rsplit('-').next().unwrap_or_default();
    let packs_another = package.sources.first().is_some_and(|source| source.ends_with(".rpm"));
    !WITHOUT_CODE.contains(&last) && !packs_another
}

/// The sources that a package shares with another, in words: an archive of one name, or home and version where it has no archive of a name
/// of its own. `None` where they are of different projects, as far as anyone can tell.
fn shared(package: &SourcePackage, facets: &Facets, of: &SourcePackage, others: &Facets) -> Option<String> {
    if facets.homes.is_disjoint(&others.homes) {
        return None;
    }
    let (own, theirs) = (archive_name(package), archive_name(of));
    match own {
        Some(name) if *name == *of.name || theirs == Some(name) => Some(format!("its sources are those of {name}")),
        None if package.evr.version == of.evr.version => Some("home and version are the same".to_owned()),
        _ => None,
    }
}

/// The name of a package's first source archive without its version and suffix; `None` where it is no archive, or named by a version alone.
fn archive_name(package: &SourcePackage) -> Option<&str> {
    let file = package.sources.first()?.rsplit('/').next()?;
    let stem = ARCHIVES.iter().find_map(|suffix| file.strip_suffix(suffix))?;
    let name = stem.strip_suffix(&*package.evr.version).unwrap_or(stem).trim_end_matches(['-', '_']);
    (!matches!(name, "" | "v")).then_some(name)
}
