//! The product tree of CSAF 2.0 (section 3.2.2): branches, products, relationships and groups.

use std::collections::{BTreeSet, HashMap};

use seaworthy_model::CpeName;
use serde_json::Value;

use super::json::{items, short};
use super::ours::Place;
use super::product::{Product, beside, named};
use super::versions::Versions;

/// The greatest depth of branches and of relationships.
const MOST_DEPTH: usize = 30;

/// The products and groups of a tree, by their ids.
#[derive(Default)]
pub(super) struct Tree<'v> {
    entries: HashMap<&'v str, Entry<'v>>,
    groups: HashMap<&'v str, Vec<&'v str>>,
}

/// A product, with what the branches above it say.
#[derive(Clone, Copy, Default)]
struct Entry<'v> {
    product: Option<&'v Value>,
    path: Path<'v>,
    /// The component and the product that it is a part of, where a relationship defines the product.
    related: Option<(&'v str, &'v str)>,
}

/// The names of the branches on the way to a product, each by its category (3.1.2.1).
#[derive(Clone, Copy, Default)]
struct Path<'v> {
    vendor: Option<&'v str>,
    name: Option<&'v str>,
    version: Option<&'v str>,
    range: Option<&'v str>,
    /// The last branch that means some builds only, such as an architecture.
    narrow: Option<&'v str>,
    /// The branch of products that is the outermost; it may name a release of the distribution.
    family: Option<&'v str>,
}

impl<'v> Tree<'v> {
    pub(super) fn of(tree: &'v Value) -> Self {
        let mut out = Self::default();
        for product in items(&tree["full_product_names"]) {
            out.add(product, Path::default());
        }
        out.branches(tree, Path::default(), 0);
        for relationship in items(&tree["relationships"]) {
            let product = &relationship["full_product_name"];
            let related = (&relationship["product_reference"], &relationship["relates_to_product_reference"]);
            let related = (related.0.as_str().unwrap_or_default(), related.1.as_str().unwrap_or_default());
            if let Some(id) = product["product_id"].as_str() {
                out.entries.insert(id, Entry { product: Some(product), path: Path::default(), related: Some(related) });
            }
        }
        for group in items(&tree["product_groups"]) {
            if let Some(id) = group["group_id"].as_str() {
                out.groups.insert(id, items(&group["product_ids"]).iter().filter_map(Value::as_str).collect());
            }
        }
        out
    }

    fn add(&mut self, product: &'v Value, path: Path<'v>) {
        if let Some(id) = product["product_id"].as_str() {
            self.entries.insert(id, Entry { product: Some(product), path, related: None });
        }
    }

    fn branches(&mut self, tree: &'v Value, path: Path<'v>, depth: usize) {
        if depth > MOST_DEPTH {
            return;
        }
        for branch in items(&tree["branches"]) {
            let name = branch["name"].as_str();
            let path = match branch["category"].as_str().unwrap_or_default() {
                "vendor" => Path { vendor: name, ..path },
                "product_family" => Path { family: path.family.or(name), ..path },
                "product_name" => Path { name, ..path },
                "product_version" => Path { version: name, range: None, ..path },
                "product_version_range" => Path { range: name, version: None, ..path },
                // `legacy` says nothing of the builds; of any other category nobody knows to which builds it leads.
                "legacy" => path,
                "architecture" if matches!(name, Some("noarch" | "src")) => path,
                _ => Path { narrow: name.or(Some("a branch")), ..path },
            };
            self.add(&branch["product"], path);
            self.branches(branch, path, depth + 1);
        }
    }

    /// The products that an element of a list names, by `product_ids` and by `group_ids`, each group once; `None` for more than `most`.
    pub(super) fn named_by(&self, element: &'v Value, most: usize) -> Option<Vec<&'v str>> {
        let groups: BTreeSet<&str> = items(&element["group_ids"]).iter().filter_map(Value::as_str).collect();
        let of_groups = groups.into_iter().filter_map(|id| self.groups.get(id)).flatten().copied();
        let mut products = items(&element["product_ids"]).iter().filter_map(Value::as_str).chain(of_groups);
        let named: Vec<&str> = products.by_ref().take(most).collect();
        products.next().is_none().then_some(named)
    }

    /// The package with an id.
    ///
    /// # Errors
    /// When the tree does not define it, or it is no RPM package: what was found and what was expected.
    pub(super) fn package(&self, id: &str) -> Result<Product, String> {
        let (mut places, mut narrowed) = (Vec::new(), Vec::new());
        let (mut id, mut of_relationship) = (id, None);
        for _ in 0..MOST_DEPTH {
            let entry = self.entries.get(id).ok_or_else(|| format!("the product tree has no product {:?}", short(id)))?;
            match entry.related {
                // Of a part of a part each counts.
                Some((component, platform)) => {
                    let (place, narrow) = self.place(platform);
                    places.push(place);
                    narrowed.extend(narrow);
                    of_relationship = of_relationship.or(entry.product);
                    id = component;
                }
                None => {
                    let mut product = entry.package(id, of_relationship)?;
                    product.places.extend(places);
                    narrowed.iter().for_each(|builds: &String| product.narrow(builds));
                    return Ok(product);
                }
            }
        }
        Err(format!("the relationships of {:?} go round", short(id)))
    }

    /// The place that a product is, of which others are parts, and the builds of it that are meant, where these are not all.
    fn place(&self, id: &str) -> (Place, Option<String>) {
        let Some(Entry { product: Some(product), path, .. }) = self.entries.get(id) else { return (Place::Other(id.to_owned()), None) };
        let narrow = path.narrow.map(str::to_owned);
        let helper = &product["product_identification_helper"];
        if let Some(cpe) = helper["cpe"].as_str() {
            let (place, edition) = cpe_place(cpe);
            return (place, edition.or(narrow));
        }
        let name = path.name.or(product["name"].as_str()).unwrap_or_default().to_owned();
        if helper["purl"].is_string() || path.range.is_some() {
            return (Place::Other(name), narrow);
        }
        (Place::Named { name, version: path.version.map(str::to_owned) }, narrow)
    }
}

impl Entry<'_> {
    /// The package that the product is; `other` is the product of a relationship that it is the component of.
    fn package(&self, id: &str, other: Option<&Value>) -> Result<Product, String> {
        let purl = |product: Option<&Value>| {
            let helper = &product?["product_identification_helper"];
            // CSAF 2.1 has a list.
            helper["purl"].as_str().or(helper["purls"][0].as_str()).map(str::to_owned)
        };
        let Some(purl) = purl(self.product).or_else(|| purl(other)) else { return Err(self.without_purl(id)) };
        let mut product = named(&purl)?;
        if product.versions == Versions::All {
            let versions = match (self.path.version, self.path.range) {
                (Some(version), _) => beside(version, &product),
                (None, Some(range)) => Versions::of_range(range, product.epoch.as_deref())?,
                (None, None) => Versions::All,
            };
            product = product.in_versions(versions);
        }
        if let (None, Some(vendor)) = (&product.namespace, self.path.vendor) {
            product.places.push(Place::Vendor(vendor.to_owned()));
        }
        product.places.extend([self.path.family, self.path.name].into_iter().flatten().map(|name| Place::Above(name.to_owned())));
        if let Some(builds) = self.path.narrow {
            product.narrow(builds);
        }
        for helper in [self.product, other].into_iter().flatten().map(|product| &product["product_identification_helper"]) {
            // Each of them is of one build: hashes of a file, and numbers of a device.
            let one = ["hashes", "serial_numbers", "model_numbers", "skus"].into_iter().find(|member| !helper[member].is_null());
            one.into_iter().for_each(|member| product.narrow(member));
        }
        Ok(product)
    }

    fn without_purl(&self, id: &str) -> String {
        let helper = self.product.map(|product| &product["product_identification_helper"]);
        let others: Vec<&str> = helper.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let others = if others.is_empty() { String::new() } else { format!("; its {} is not judged", short(&others.join(", "))) };
        format!("{:?} names no RPM package: no purl pkg:rpm/... in the product tree{others}", short(id))
    }
}

/// The place that a CPE name is, and the name where it means an update, an edition or a target, and not the whole of that place.
pub(super) fn cpe_place(cpe: &str) -> (Place, Option<String>) {
    let Ok(name) = CpeName::parse(cpe) else { return (Place::Other(cpe.to_owned()), None) };
    let (Some(vendor), Some(product)) = (name.vendor.value(), name.product.value()) else {
        return (Place::Other(cpe.to_owned()), None);
    };
    let version = name.version.value().map(str::to_owned);
    let rest = [&name.update, &name.edition, &name.language, &name.sw_edition, &name.target_sw, &name.target_hw, &name.other];
    let is_whole = rest.into_iter().all(|attribute| attribute.value().is_none());
    (Place::Cpe { vendor: vendor.to_owned(), product: product.to_owned(), version }, (!is_whole).then(|| short(cpe)))
}
