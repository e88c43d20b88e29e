//! The reviewed table of package names and products, which corrects matching by names.

use std::collections::BTreeMap;

use seaworthy_model::{Digest, DigestWriter, ecosystem_product};
use serde::Deserialize;

/// The table that comes with the program, TOML.
const BUILT_IN: &str = include_str!("../data/products.toml");

/// The table: the products of packages, embedded components, static toolchains, and vendors with many projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTable {
    products: BTreeMap<String, Vec<String>>,
    embedded: BTreeMap<String, Vec<String>>,
    toolchains: Vec<String>,
    umbrellas: Umbrellas,
}

/// The refusal of a table.
#[derive(Debug, thiserror::Error)]
#[error("not a table of products: {0}")]
pub struct ProductTableError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    #[serde(default)]
    products: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    embedded: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    toolchains: Toolchains,
    #[serde(default)]
    umbrellas: Umbrellas,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Toolchains {
    #[serde(rename = "static")]
    linked: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Umbrellas {
    vendors: Vec<String>,
    hosting: Vec<String>,
}

impl ProductTable {
    /// The table that comes with the program.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).unwrap_or(Self {
            products: BTreeMap::new(),
            embedded: BTreeMap::new(),
            toolchains: Vec::new(),
            umbrellas: Umbrellas::default(),
        })
    }

    /// The table in a TOML text: `[products]` with lines `name = ["a:VENDOR:PRODUCT", ...]`; `[embedded]` with lines `name = ["component",
    /// ...]`; `[toolchains] static = [...]`; `[umbrellas] vendors = [...]` and `hosting = [...]`.
    ///
    /// # Errors
    /// When the text is not of that form; the message names the line.
    pub fn parse(text: &str) -> Result<Self, ProductTableError> {
        let layout: Layout = toml::from_str(text).map_err(|e| ProductTableError(e.to_string()))?;
        for (name, products) in &layout.products {
            if let Some(bad) = products.iter().find(|p| !is_product(p)) {
                return Err(ProductTableError(format!(
                    "{name}: {bad:?} is no product: write part:vendor:product as in a CPE name, or purl:TYPE/NAME"
                )));
            }
        }
        let products = layout.products.into_iter().map(|(name, products)| (name, products.into_iter().map(in_one_spelling).collect()));
        Ok(Self {
            products: products.collect(),
            embedded: layout.embedded,
            toolchains: layout.toolchains.linked,
            umbrellas: layout.umbrellas,
        })
    }

    /// The digest of all lines; equal tables have equal digests.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        for lines in [&self.products, &self.embedded] {
            out.field(lines.len().to_le_bytes());
            for (name, values) in lines {
                out.field(name);
                field_list(&mut out, values);
            }
        }
        field_list(&mut out, &self.toolchains);
        field_list(&mut out, &self.umbrellas.vendors);
        field_list(&mut out, &self.umbrellas.hosting);
        out.finish()
    }

    /// Adds the lines of another table; for a package that both name, the other table's line counts.
    pub fn overlay(&mut self, other: Self) {
        self.products.extend(other.products);
        self.embedded.extend(other.embedded);
        self.toolchains.extend(other.toolchains);
        self.umbrellas.vendors.extend(other.umbrellas.vendors);
        self.umbrellas.hosting.extend(other.umbrellas.hosting);
    }

    /// The components that are embedded in a package's source archives.
    #[must_use]
    pub fn embedded(&self, package: &str) -> &[String] {
        self.embedded.get(package).map_or(&[], Vec::as_slice)
    }

    /// Whether programs with this build requirement contain the libraries with which they were built.
    #[must_use]
    pub fn is_static_toolchain(&self, requirement: &str) -> bool {
        self.toolchains.iter().any(|t| t == requirement)
    }

    /// Whether a product is a static toolchain itself, with the standard library that each of its programs contains.
    #[must_use]
    pub fn is_of_toolchain(&self, product: &str) -> bool {
        let mut products = self.toolchains.iter().filter_map(|toolchain| self.get(toolchain)).flatten();
        products.any(|own| own == product)
    }

    /// The vendor under which records list many projects, where `vendor` is one: as a name, or as a word of one (`gnu` of
    /// `the_gnu_c_library`).
    #[must_use]
    pub fn umbrella_of<'v>(&self, vendor: &'v str) -> Option<&'v str> {
        let is_umbrella = |word: &&str| self.umbrellas.vendors.iter().any(|v| v == word);
        let words = vendor.split(['_', ' ']).filter(|word| word.len() > 2);
        std::iter::once(vendor).chain(words).find(is_umbrella)
    }

    /// Whether all projects of this vendor have their home on its own site, so that a project elsewhere is another.
    #[must_use]
    pub fn hosts_its_own(&self, vendor: &str) -> bool {
        self.umbrellas.hosting.iter().any(|v| v == vendor)
    }

    /// The products of a package; `None` where the table does not name it.
    #[must_use]
    pub fn get(&self, package: &str) -> Option<&[String]> {
        self.products.get(package).map(Vec::as_slice)
    }
}

fn field_list(out: &mut DigestWriter, list: &[String]) {
    out.field(list.len().to_le_bytes());
    list.iter().for_each(|value| out.field(value));
}

/// A product with the name of its ecosystem in the spelling of the knowledge.
fn in_one_spelling(product: String) -> String {
    let of_ecosystem = product.strip_prefix("purl:").and_then(|rest| rest.split_once('/'));
    of_ecosystem.map(|(kind, name)| ecosystem_product(kind, name)).unwrap_or(product)
}

fn is_product(text: &str) -> bool {
    let cpe = text.split(':').count() == 3 && ["a:", "o:", "h:"].iter().any(|p| text.starts_with(p));
    cpe || text.strip_prefix("purl:").is_some_and(|rest| rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_valid() {
        ProductTable::parse(BUILT_IN).unwrap();
    }

    #[test]
    fn a_table_of_the_user_wins() {
        let mut table = ProductTable::built_in();
        assert_eq!(table.digest(), ProductTable::built_in().digest());
        table.overlay(ProductTable::parse("[products]\nhttpd = [\"a:acme:httpd\"]\n").unwrap());
        assert_eq!(table.get("httpd"), Some(&["a:acme:httpd".to_owned()][..]));
        assert!(table.get("apr").is_some());
        assert_ne!(table.digest(), ProductTable::built_in().digest());
    }

    #[test]
    fn a_name_of_an_ecosystem_is_in_one_spelling() {
        let table = ProductTable::parse("[products]\nx = [\"purl:pypi/Flask_Cors\", \"a:acme:Flask_Cors\"]\n").unwrap();
        assert_eq!(table.get("x"), Some(&["purl:pypi/flask-cors".to_owned(), "a:acme:Flask_Cors".to_owned()][..]));
    }

    #[test]
    fn refusals_name_the_line() {
        let error = ProductTable::parse("[products]\nx = [\"httpd\"]\n").unwrap_err().to_string();
        assert!(error.contains("x:") && error.contains("part:vendor:product"), "{error}");
        let error = ProductTable::parse("[products]\nx = 3\n").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
