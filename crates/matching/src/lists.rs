//! The lists that name all components of a package: what they say of the records of their ecosystems.

use std::collections::{BTreeMap, HashMap, HashSet};

use seaworthy_intelligence::records::{SourceKind, View};
use seaworthy_intelligence::{Knowledge, ProductId};
use seaworthy_inventory::SourcePackage;
use seaworthy_model::ecosystem_product;

/// What the lists of a package name, by ecosystem (the type of a purl).
pub(crate) struct Lists<'a>(BTreeMap<&'a str, Named<'a>>);

/// What the lists of one ecosystem name together.
#[derive(Default)]
struct Named<'a> {
    files: Vec<&'a str>,
    /// The components, as the knowledge writes their products, each with whether the packages that are taken of it are known.
    products: HashMap<String, bool>,
    /// The import paths of these packages.
    packages: HashSet<&'a str>,
}

impl<'a> Lists<'a> {
    pub(crate) fn of(package: &'a SourcePackage) -> Self {
        let mut lists: BTreeMap<&str, Named<'_>> = BTreeMap::new();
        for list in &package.lists {
            let named = lists.entry(&list.ecosystem).or_default();
            named.files.push(&list.found_in);
            named.packages.extend(list.packages.iter().flatten().map(String::as_str));
        }
        // A list tells the packages of its own components alone, and none where another one has modules only, of which it may take more.
        let tells = |ecosystem: &str, file: &str| {
            let mut all = package.lists.iter().filter(|list| list.ecosystem == ecosystem);
            all.clone().any(|list| list.found_in == file) && all.all(|list| list.packages.is_some())
        };
        for component in package.components.iter().filter(|component| component.shipped) {
            if let Some(named) = lists.get_mut(&*component.ecosystem) {
                let known = named.products.entry(ecosystem_product(&component.ecosystem, &component.name)).or_insert(true);
                *known &= tells(&component.ecosystem, &component.found_in);
            }
        }
        Self(lists)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a product is one of an ecosystem of which the package has a list: by its name, or since most of its records are about such
    /// components.
    pub(crate) fn cover(&self, knowledge: &Knowledge, product: ProductId) -> bool {
        let is_listed = |product: ProductId| self.of_product(knowledge.product_name(product)).is_some();
        if is_listed(product) {
            return true;
        }
        if self.is_empty() {
            return false;
        }
        let records = knowledge.product_cves(product);
        let all = records.len();
        records.filter(|cve| knowledge.cve_products(*cve).any(is_listed)).count() * 2 > all
    }

    /// The reason why a package contains nothing of what a record is about: no source that knows the ecosystem names a component that is on
    /// its list, or none of the parts that the record names is taken. `None` where something is contained, or nobody can tell.
    /// `is_unlisted` says of a product whether it is inside without being on a list: the package itself, Go's standard library.
    pub(crate) fn absence(
        &self,
        knowledge: &Knowledge,
        views: &[(SourceKind, View<'_>)],
        is_unlisted: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let mut reason = None;
        for affected in views.iter().flat_map(|(_, view)| &view.affected) {
            let name = knowledge.product_name(ProductId(affected.product));
            if !name.starts_with("purl:") {
                continue;
            }
            let (component, named) = self.of_product(name)?;
            if is_unlisted(name) {
                return None;
            }
            let file = named.files.join(", ");
            let Some(&known) = named.products.get(name) else {
                reason.get_or_insert_with(|| format!("{file} lists all components, and {component} is not among them"));
                continue;
            };
            if !known || affected.parts.is_empty() || affected.parts.iter().any(|part| named.packages.contains(part)) {
                return None;
            }
            // What is there in part says more than what is not there at all.
            reason =
                Some(format!("{file} lists all packages of {component} that are used, and {} is not among them", either(&affected.parts)));
        }
        reason
    }

    /// The name of a component and what the lists of its ecosystem name; `None` where there is no such list.
    fn of_product<'n>(&self, name: &'n str) -> Option<(&'n str, &Named<'a>)> {
        let (ecosystem, component) = name.strip_prefix("purl:")?.split_once('/')?;
        self.0.get(ecosystem).map(|named| (component, named))
    }
}

/// The first of some names, and how many more there are.
fn either(names: &[&str]) -> String {
    match names {
        [first] => (*first).to_owned(),
        [first, rest @ ..] => format!("none of {first} and {} more", rest.len()),
        [] => String::new(),
    }
}
