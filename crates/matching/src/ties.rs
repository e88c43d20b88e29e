//! The ties of a package to products, with their evidence.

use std::collections::{BTreeMap, HashMap, HashSet};

use seaworthy_intelligence::{Cve, Knowledge, ProductId};
use seaworthy_inventory::SourcePackage;
use seaworthy_model::{CpeName, CpePart, Evidence, EvidenceKind, Order, ecosystem_product, is_of_distribution};

use crate::learned::{Association, LINUX, RecordsAt, is_repository};
use crate::names::{Facets, cpe_parts, normal};
use crate::products::ProductTable;

/// The strength of a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The package may contain the product: a version in range is suspected.
    Component,
    /// The package is the product, or contains it in a known version: a version in range is affected.
    Identity,
}

/// A tie of a package to a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The product.
    pub product: ProductId,
    /// The strength.
    pub strength: Strength,
    /// The version of the product in the package; `None` where the package does not say.
    pub version: Option<String>,
    /// The order of that version: for a component that of its ecosystem, for what the package is that of upstream projects.
    pub order: Order,
    /// The place of the component in the package's list that the tie is about; `None` where the package itself is tied, or may contain a
    /// copy.
    pub component: Option<usize>,
    /// The evidence.
    pub evidence: Vec<Evidence>,
}

impl Tie {
    /// The products whose entry beside this one's in a record outweighs it: those of the same name whose vendor owns a home of the package.
    /// They have the package's numbers, and this one those of a vendor that ships it under numbers of its own (`apple:cups` beside
    /// `openprinting:cups`).
    pub(crate) fn outweighed_by(&self, ties: &[Self], knowledge: &Knowledge, facets: &Facets) -> Vec<ProductId> {
        // The name, and whether the vendor owns a home.
        let parts = |tie: &Self| {
            let (_, vendor, name) = cpe_parts(knowledge.product_name(tie.product))?;
            tie.is_learned().then(|| (name, facets.owners.contains(&normal(vendor))))
        };
        let Some((name, false)) = parts(self) else { return Vec::new() };
        ties.iter().filter(|other| parts(other) == Some((name, true))).map(|other| other.product).collect()
    }

    /// Whether the product is inside of the package, or may be, by a statement on its components, by the table of copies or by its fixes.
    pub(crate) fn is_of_component(&self) -> bool {
        self.strength == Strength::Component || self.component.is_some()
    }

    /// The products that the ecosystem of the tie's component knows it by, where this one is what the records of its home call it.
    pub(crate) fn known_as(&self, ties: &[Self], knowledge: &Knowledge) -> Vec<ProductId> {
        let is_of_ecosystem = |tie: &&Self| knowledge.product_name(tie.product).starts_with("purl:");
        if self.component.is_none() || is_of_ecosystem(&self) {
            return Vec::new();
        }
        let same = ties.iter().filter(|tie| tie.component == self.component);
        same.filter(is_of_ecosystem).map(|tie| tie.product).collect()
    }

    /// Whether home, name or fixes say that the package is the product: neither the table does, nor is it a component in the package.
    fn is_learned(&self) -> bool {
        let learned = |evidence: &Evidence| matches!(evidence.kind, EvidenceKind::Home | EvidenceKind::Name | EvidenceKind::Precedent);
        self.strength == Strength::Identity && self.evidence.iter().all(learned)
    }
}

/// The least share of a home's records that must name a product to tie the packages of that home to it.
const HOME_SHARE: f32 = 0.5;
/// The same share where the package has the product's name.
const CALLED_SHARE: f32 = 0.05;
/// The least share of a product's records that must lead to a home that does not have the product's name.
const BACK_SHARE: f32 = 0.2;
/// The least share of a component's records that a package must have fixed to be tied to it: one fix that names a browser among others does
/// not make a package contain a browser.
const PRECEDENT_SHARE: f32 = 0.01;

/// A product that has one of a package's names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) product: ProductId,
    /// Whether the vendor of the product can be the package's, or lists many projects.
    pub(crate) agrees: bool,
}

impl Named {
    /// The applications (and the Linux kernel) that have one of a package's names.
    pub(crate) fn of(knowledge: &Knowledge, facets: &Facets, table: &ProductTable) -> Vec<Self> {
        let mut named = Vec::new();
        for (place, stem) in facets.stems.iter().enumerate() {
            for product in knowledge.products_named(stem) {
                let name = knowledge.product_name(product);
                let Some((part, vendor, short)) = cpe_parts(name) else { continue };
                if part != "a" && name != LINUX {
                    continue;
                }
                let umbrella = facets.ecosystem.is_none()
                    && place == 0
                    && table.umbrella_of(vendor).is_some_and(|vendor| !(table.hosts_its_own(vendor) && facets.lives_with_another(vendor)));
                named.push(Self { product, agrees: umbrella || facets.agrees_with_vendor(vendor, short) });
            }
        }
        named
    }
}

/// The products that a CPE name of a component means; the part `*` stands for any.
fn named_by_cpe(knowledge: &Knowledge, cpe: Option<&str>) -> Vec<ProductId> {
    let Some(cpe) = cpe.and_then(|text| CpeName::parse(text).ok()) else { return Vec::new() };
    let (Some(vendor), Some(product)) = (cpe.vendor.value(), cpe.product.value()) else { return Vec::new() };
    let letters = if cpe.part == CpePart::Any { vec!['a', 'o', 'h'] } else { vec![cpe.part.letter()] };
    // Sources write names of products in lower case, and a blank for a colon in one.
    let plain = |part: &str| part.replace(':', " ").to_lowercase();
    let (vendor, product) = (plain(vendor), plain(product));
    letters.iter().filter_map(|letter| knowledge.product(&format!("{letter}:{vendor}:{product}"))).collect()
}

/// The upstream version in the version of a component. That of a distribution's package has an epoch before it and a revision behind it.
fn upstream_of<'v>(ecosystem: &str, version: &'v str) -> &'v str {
    if !is_of_distribution(ecosystem) {
        return version.trim_start_matches('v');
    }
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}

pub(crate) struct Tying<'a, 'k> {
    pub(crate) standing: &'a RecordsAt<'k>,
    pub(crate) package: &'a SourcePackage,
    pub(crate) facets: &'a Facets,
    /// The products that have one of the package's names.
    pub(crate) named: &'a [Named],
    /// The number of packages of the inventory that have a home.
    pub(crate) shared_homes: &'a HashMap<String, usize>,
    /// The products of each home of the inventory.
    pub(crate) associations: &'a HashMap<String, Vec<Association>>,
    /// The products of each closed record.
    pub(crate) subjects: &'a HashMap<Cve, Vec<ProductId>>,
    pub(crate) ties: BTreeMap<(ProductId, Option<String>), Tie>,
}

impl Tying<'_, '_> {
    pub(crate) fn all(mut self, table: &ProductTable, closed: &[Cve]) -> Vec<Tie> {
        let precedents = self.precedents(closed);
        match table.get(&self.package.name) {
            Some(products) => {
                self.by_table(products);
            }
            None => {
                self.by_home();
                self.by_name(&precedents);
            }
        }
        self.by_name_alone();
        self.by_embedding(table);
        self.by_component();
        self.by_precedent(table, &precedents);
        self.ties.into_values().collect()
    }

    fn add_own(&mut self, product: ProductId, kind: EvidenceKind, detail: String) {
        let version = Some(self.package.evr.version.clone()).filter(|version| !version.is_empty());
        self.add(product, Strength::Identity, (version, Order::Upstream), kind, detail);
    }

    fn add(&mut self, product: ProductId, strength: Strength, version: (Option<String>, Order), kind: EvidenceKind, detail: String) {
        let (version, order) = version;
        let new = || Tie { product, strength, version: version.clone(), order, component: None, evidence: Vec::new() };
        let tie = self.ties.entry((product, version.clone())).or_insert_with(new);
        tie.strength = tie.strength.max(strength);
        let evidence = Evidence::new(kind, detail);
        if !tie.evidence.contains(&evidence) {
            tie.evidence.push(evidence);
        }
    }

    /// Ties to the products that the table names; where no record has any of them, to those that are called so in other words.
    fn by_table(&mut self, products: &[String]) {
        let knowledge = self.standing.knowledge;
        let detail = |package: &str, name: &str| format!("the table of products ties {package} to {name}");
        for name in products {
            if let Some(product) = knowledge.product(name) {
                self.add_own(product, EvidenceKind::Mapping, detail(&self.package.name, name));
            }
        }
        if self.ties.is_empty() {
            for name in products {
                for product in knowledge.products_meant(name) {
                    self.add_own(product, EvidenceKind::Mapping, detail(&self.package.name, name));
                }
            }
        }
    }

    /// Ties by a common upstream home.
    fn by_home(&mut self) {
        let homes: Vec<String> = self.facets.homes.iter().cloned().collect();
        for home in &homes {
            let site = !is_repository(home);
            for &association in self.associations.get(home).into_iter().flatten() {
                let name = self.standing.knowledge.product_name(association.product).to_owned();
                let short = cpe_parts(&name).map_or(name.as_str(), |(_, _, p)| p);
                let called = self.called(short);
                let share = association.share();
                // A whole site, or a repository that several packages come from, may hold many projects: there the name has
                // to agree, or the package's own fixes.
                // A binding of another language lives on the site of what it binds.
                let called = called && !(site && self.facets.ecosystem.is_some());
                let alone = !site && self.shared_homes.get(home).copied().unwrap_or(1) == 1;
                // The product's own records have to lead here too: a library's repository is cited by all that embed it.
                let mutual = || association.together as f32 >= self.standing.standing_cves(association.product) as f32 * BACK_SHARE;
                let enough = if called {
                    share >= CALLED_SHARE
                } else {
                    alone && association.together >= 2 && share >= HOME_SHARE && mutual() && name != LINUX
                };
                if !enough || (!called && self.library_of_other_language(&name)) {
                    continue;
                }
                let detail = format!(
                    "{} of {} records that lead to {home}, this package's home, are about {name}",
                    association.together, association.home
                );
                self.add_own(association.product, EvidenceKind::Home, detail);
            }
        }
    }

    /// Whether the package has the name of a product, with or without `lib`.
    fn called(&self, product: &str) -> bool {
        let product = normal(product);
        let name = self.facets.plain_stems.first().map_or("", String::as_str);
        self.facets.plain_stems.contains(&product)
            || name.strip_prefix("lib") == Some(&product)
            || product.strip_prefix("lib") == Some(name)
    }

    fn library_of_other_language(&self, name: &str) -> bool {
        name.starts_with("purl:") && self.facets.ecosystem.is_none() && !name.starts_with("purl:golang/")
    }

    /// Ties by name, where the vendor or the ecosystem agrees and the product's own repository does not contradict.
    fn by_name(&mut self, precedents: &HashMap<ProductId, Vec<Cve>>) {
        let standing = self.standing;
        for &Named { product, agrees } in self.named {
            let name = standing.knowledge.product_name(product);
            let Some((_, vendor, short)) = cpe_parts(name) else { continue };
            if let Some(cves) = precedents.get(&product).filter(|_| self.facets.ecosystem.is_none()) {
                let detail = format!(
                    "goes by the name {short}, and this package's own fixes are about {name}, {} of them ({})",
                    cves.len(),
                    standing.knowledge.id(cves[0])
                );
                self.add_own(product, EvidenceKind::Precedent, detail);
                continue;
            }
            if !agrees && !self.ecosystem_agrees(product) {
                continue;
            }
            let repository = standing.repository_of(product).map(|r| standing.knowledge.home_name(r));
            let owned = self.facets.owners.contains(&normal(vendor));
            // The owner of a binding is often the owner of what it binds; only the repository tells them apart.
            let bound_by_owner = self.facets.ecosystem.is_some() && owned;
            if bound_by_owner && !repository.is_some_and(|r| self.facets.homes.contains(r)) && !self.ecosystem_agrees(product) {
                continue;
            }
            if let Some(repository) = repository.filter(|_| !owned) {
                let forge = |h: &str| h.split('/').next().unwrap_or("").to_owned();
                let other = self.facets.homes.iter().any(|h| is_repository(h) && forge(h) == forge(repository));
                if other && !self.facets.homes.contains(repository) {
                    continue;
                }
            }
            self.add_own(product, EvidenceKind::Name, format!("goes by the name {short}, and the vendor {vendor} agrees"));
        }
    }

    /// Ties to products of the package's name whose records say no vendor (`n/a`), where the package is a product already: whoever writes
    /// no vendor means the one that is meant by the name.
    fn by_name_alone(&mut self) {
        if self.facets.ecosystem.is_some() || self.ties.is_empty() {
            return;
        }
        for named in self.named {
            let Some(("a", "", short)) = cpe_parts(self.standing.knowledge.product_name(named.product)) else { continue };
            if self.facets.plain_stems.first().is_some_and(|stem| *stem == normal(short)) {
                self.add_own(
                    named.product,
                    EvidenceKind::Name,
                    format!("goes by the name {short}, which its records give without a vendor"),
                );
            }
        }
    }

    /// Whether the product's records name it as a library of the package's language.
    fn ecosystem_agrees(&self, product: ProductId) -> bool {
        if self.facets.ecosystem.is_none() {
            return false;
        }
        let standing = self.standing;
        standing.knowledge.product_cves(product).filter(|c| standing.stands(*c)).take(5).any(|cve| {
            standing.knowledge.standing_views(cve).any(|(_, view)| {
                let matches = view
                    .configurations
                    .iter()
                    .flat_map(|c| &c.nodes)
                    .flat_map(|n| &n.products)
                    .filter(|p| p.product == product.0)
                    .flat_map(|p| &p.versions);
                matches.filter_map(|v| v.target_sw.as_deref()).any(|t| self.facets.is_own_target(t))
            })
        })
    }

    /// Ties to components that the table names as embedded in the source archives.
    fn by_embedding(&mut self, table: &ProductTable) {
        let standing = self.standing;
        for component in table.embedded(&self.package.name) {
            for product in standing.knowledge.products_named(component) {
                let name = standing.knowledge.product_name(product);
                let own = |t: &Tie| t.product == product && t.strength == Strength::Identity;
                // A name stands for whoever most records mean by it.
                if cpe_parts(name).is_none_or(|(part, _, _)| part != "a")
                    || self.ties.values().any(own)
                    || standing.standing_cves(product) < 2
                {
                    continue;
                }
                let detail = format!("the sources of {} are known to carry a copy of {component}", self.package.name);
                self.add(product, Strength::Component, (None, Order::Upstream), EvidenceKind::Mapping, detail);
            }
        }
    }

    /// Ties to components that the package states.
    fn by_component(&mut self) {
        let package = self.package;
        for (place, component) in package.components.iter().enumerate().filter(|(_, component)| component.shipped) {
            let knowledge = self.standing.knowledge;
            let name = component.name.to_lowercase();
            let own = ecosystem_product(&component.ecosystem, &component.name);
            let mut products: Vec<ProductId> = knowledge.product(&own).into_iter().collect();
            products.extend(named_by_cpe(knowledge, component.cpe.as_deref()));
            if component.ecosystem == "golang" {
                let module = name.replace("golang.org/x/", "github.com/golang/");
                let module = module.split('/').take(3).collect::<Vec<_>>().join("/");
                if let Some(home) = knowledge.home(&module) {
                    products.extend(
                        self.standing
                            .products_of_home(home)
                            .into_iter()
                            .filter(|a| a.share() >= HOME_SHARE && a.together >= 2)
                            .map(|a| a.product),
                    );
                }
            }
            if component.ecosystem == "generic" {
                products.extend(knowledge.products_named(&name).filter(|p| {
                    cpe_parts(knowledge.product_name(*p)).is_some_and(|(part, vendor, product)| {
                        part == "a" && (normal(vendor) == normal(product) || normal(vendor) == format!("{}project", normal(product)))
                    })
                }));
            }
            for product in products {
                let strength = if component.version.is_some() { Strength::Identity } else { Strength::Component };
                let version = component.version.as_deref().map(|v| upstream_of(&component.ecosystem, v).to_owned());
                let detail = format!(
                    "{} states {} {}",
                    component.found_in,
                    component.name,
                    component.version.as_deref().unwrap_or("in an unknown version")
                );
                let tie = (product, version.clone());
                let is_new = !self.ties.contains_key(&tie);
                self.add(product, strength, (version, Order::of_ecosystem(&component.ecosystem)), EvidenceKind::Identity, detail);
                if let Some(tie) = self.ties.get_mut(&tie).filter(|_| is_new) {
                    tie.component = Some(place);
                }
            }
        }
    }

    /// The products that the package's own fixes and decisions are about, with these records.
    fn precedents(&self, closed: &[Cve]) -> HashMap<ProductId, Vec<Cve>> {
        let mut found: HashMap<ProductId, Vec<Cve>> = HashMap::new();
        for cve in closed {
            for product in self.subjects.get(cve).into_iter().flatten() {
                found.entry(*product).or_default().push(*cve);
            }
        }
        found
    }

    /// Ties to what the package fixed before: each record shows that one of its products is inside. A record that is about something else
    /// the package is known to be or to contain shows nothing of its other products.
    fn by_precedent(&mut self, table: &ProductTable, precedents: &HashMap<ProductId, Vec<Cve>>) {
        let mut sorted: Vec<_> = precedents.iter().collect();
        sorted.sort_by_key(|(p, _)| **p);
        let own: Vec<ProductId> = self.ties.values().filter(|t| t.strength == Strength::Identity).map(|t| t.product).collect();
        let known: HashSet<ProductId> = self.ties.values().map(|tie| tie.product).collect();
        for (product, cves) in sorted {
            let (knowledge, subjects) = (self.standing.knowledge, self.subjects);
            if own.contains(product) || table.is_of_toolchain(knowledge.product_name(*product)) {
                continue;
            }
            let is_explained = |cve: &&Cve| subjects.get(*cve).into_iter().flatten().any(|p| p != product && known.contains(p));
            let cves: Vec<Cve> = cves.iter().filter(|cve| !is_explained(cve)).copied().collect();
            let last = cves.last();
            if (cves.len() as f32) < knowledge.product_cves(*product).len() as f32 * PRECEDENT_SHARE {
                continue;
            }
            let Some(last) = last.map(|c| knowledge.id(*c)) else { continue };
            let detail = format!(
                "this package dealt with {} record{} of {} before, such as {last}",
                cves.len(),
                if cves.len() == 1 { "" } else { "s" },
                knowledge.product_name(*product)
            );
            self.add(*product, Strength::Component, (None, Order::Upstream), EvidenceKind::Precedent, detail);
        }
    }
}
