//! The lists that name all components of a package: what they say of the records of their ecosystems.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use seaworthy_intelligence::records::{SourceKind, View};
use seaworthy_intelligence::{Knowledge, ProductId};
use seaworthy_inventory::SourcePackage;
use seaworthy_model::ecosystem_product;

use crate::learned::RecordsAt;

/// What the lists of a package name, by ecosystem (the type of a purl).
pub(crate) struct Lists<'a>(BTreeMap<&'a str, Named<'a>>);

/// What the lists of one ecosystem name together.
#[derive(Default)]
struct Named<'a> {
    files: BTreeSet<&'a str>,
    /// The components, as the knowledge writes their products, each with whether the packages that are taken of it are known.
    products: HashMap<String, bool>,
    /// The components that are named as not shipped: that is a guess, and no reason to call them absent.
    unshipped: HashSet<String>,
    /// The import paths of the packages that are taken.
    packages: HashSet<&'a str>,
    /// Whether one of the lists has modules only, so that it may take more packages of a component than another list tells.
    has_modules_only: bool,
}

impl<'a> Lists<'a> {
    pub(crate) fn of(package: &'a SourcePackage) -> Self {
        let mut lists: BTreeMap<&str, Named<'_>> = BTreeMap::new();
        for list in &package.lists {
            let named = lists.entry(&list.ecosystem).or_default();
            named.files.insert(&list.found_in);
            named.packages.extend(list.packages.iter().flatten().map(String::as_str));
            named.has_modules_only |= list.packages.is_none();
        }
        if lists.is_empty() {
            return Self(lists);
        }
        for component in &package.components {
            let Some(named) = lists.get_mut(&*component.ecosystem) else { continue };
            let product = ecosystem_product(&component.ecosystem, &component.name);
            if component.shipped {
                // A list tells the packages of its own components alone.
                let tells = !named.has_modules_only && named.files.contains(&*component.found_in);
                *named.products.entry(product).or_insert(true) &= tells;
            } else {
                named.unshipped.insert(product);
            }
        }
        Self(lists)
    }

    /// Whether a product is one of an ecosystem of which the package has a list: by its name, or since most of its records at the moment
    /// are about such components.
    pub(crate) fn cover(&self, standing: &RecordsAt<'_>, product: ProductId) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let knowledge = standing.knowledge;
        let is_listed = |product: ProductId| self.of_product(knowledge.product_name(product)).is_some();
        if is_listed(product) {
            return true;
        }
        let (mut all, mut listed) = (0, 0);
        for cve in knowledge.product_cves(product).filter(|cve| standing.stands(*cve)) {
            all += 1;
            listed += usize::from(knowledge.cve_products(cve).any(is_listed));
        }
        listed * 2 > all
    }

    /// The reason why a package contains nothing of what a record is about: no source that knows the ecosystem names a component that is on
    /// its list, or none of the parts that the record names is taken. `None` where something is contained, or nobody can tell.
    /// `is_unlisted` says of a product whether it is inside without being on a list: the package itself, Go's standard library.
    pub(crate) fn absence(
        &self,
        knowledge: &Knowledge,
        views: &[(SourceKind, View<'_>)],
        is_unlisted: impl Fn(ProductId) -> bool,
    ) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let mut reason = None;
        for (source, affected) in views.iter().flat_map(|(source, view)| view.affected.iter().map(move |affected| (source, affected))) {
            let product = ProductId(affected.product);
            let name = knowledge.product_name(product);
            if !name.starts_with("purl:") {
                continue;
            }
            let (component, named) = self.of_product(name)?;
            if is_unlisted(product) || named.unshipped.contains(name) {
                return None;
            }
            let files = named.files.iter().copied().collect::<Vec<_>>().join(", ");
            let list = if named.files.len() == 1 { "lists" } else { "list" };
            let Some(&known) = named.products.get(name) else {
                if named.has_another_name_of(name) {
                    return None;
                }
                reason.get_or_insert_with(|| format!("{files} {list} all components, and {component} is not among them"));
                continue;
            };
            // The CVE List names source files there.
            let paths: &[&str] = if *source == SourceKind::Osv { &affected.parts } else { &[] };
            if !known || paths.is_empty() || paths.iter().any(|path| named.packages.contains(path)) {
                return None;
            }
            let missing = match paths {
                [path] => format!("{path} is"),
                [path, rest @ ..] => format!("{path} and {} more are", rest.len()),
                [] => continue,
            };
            // What is there in part says more than what is not there at all.
            reason = Some(format!("{files} {list} all packages of {component} that are used, and {missing} not among them"));
        }
        reason
    }

    /// The name of a component and what the lists of its ecosystem name; `None` where there is no such list.
    fn of_product<'n>(&self, name: &'n str) -> Option<(&'n str, &Named<'a>)> {
        let (ecosystem, component) = name.strip_prefix("purl:")?.split_once('/')?;
        self.0.get(ecosystem).map(|named| (component, named))
    }
}

impl Named<'_> {
    /// Whether a name may be another one of what is listed: that of a package in a module, since some records give the import path, or that
    /// of a module under another owner or on another site, since homes move and forks keep their names. A major version behind the path of
    /// a module is another module.
    fn has_another_name_of(&self, name: &str) -> bool {
        let mut parents = name.match_indices('/').map(|(at, _)| name.split_at(at));
        let is_package = parents.any(|(module, rest)| {
            let first = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
            !is_major(first) && (self.products.contains_key(module) || self.unshipped.contains(module))
        });
        let is_same = |other: &String| without_major(other) != without_major(name) && last_name(other) == last_name(name);
        is_package || name.starts_with("purl:golang/") && self.products.keys().chain(&self.unshipped).any(is_same)
    }
}

/// Whether a part of the path of a module of Go is a major version: `v2`.
fn is_major(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The path of a module of Go without its major version, `/v2` or `.v2` (gopkg.in).
fn without_major(path: &str) -> &str {
    match path.rsplit_once(['/', '.']) {
        Some((before, last)) if is_major(last) => before,
        _ => path,
    }
}

/// The last part of the path of a module of Go, without its major version: the name of its repository, or of a folder in it.
fn last_name(path: &str) -> &str {
    let path = without_major(path);
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}
