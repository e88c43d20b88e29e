//! The names of a product in a record, and what the record states of it.

use std::borrow::Cow;
use std::str::FromStr as _;

use packageurl::PackageUrl;
use seaworthy_model::{CpeName, ecosystem_product, is_of_distribution};
use serde::Deserialize;

use super::expression::is_unnamed;
use super::versions::{Entries, Version};
use crate::records::PART_BYTES;
use crate::records::nvd::product_name;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Product<'a> {
    #[serde(borrow)]
    vendor: Cow<'a, str>,
    #[serde(borrow)]
    product: Cow<'a, str>,
    #[serde(borrow, rename = "collectionURL")]
    collection_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    package_name: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "packageURL")]
    package_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    repo: Option<Cow<'a, str>>,
    #[serde(borrow)]
    default_status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    versions: Vec<Version<'a>>,
    #[serde(borrow)]
    program_files: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    cpes: Vec<Cow<'a, str>>,
}

/// What a record states of one product.
pub(super) struct Statement<'a> {
    pub(super) names: Vec<String>,
    pub(super) default: Option<bool>,
    pub(super) entries: Entries<'a>,
    pub(super) files: Vec<&'a str>,
}

impl<'a> Statement<'a> {
    /// The statement on a product; `added` says that it is not by the authority that assigned the id. A text that is too long for a version
    /// is given to `refuse`.
    pub(super) fn of(product: &'a Product<'_>, added: bool, refuse: &mut dyn FnMut(&str)) -> Self {
        let names = product.names();
        let default = match product.default_status.as_deref() {
            Some("affected") => Some(true),
            Some("unaffected") => Some(false),
            _ => None,
        };
        let mut entries = Entries::of(&product.versions, &product.product, refuse);
        // An authority that writes it means it. Whoever adds products fills it in by habit, and gives the ranges all the same.
        if product.default_status.as_deref() == Some("unknown") && !added {
            entries.leave_open();
        }
        let files = product.program_files.iter().map(|f| &**f).filter(|f| f.len() <= PART_BYTES).collect();
        Self { names, default, entries, files }
    }
}

impl Product<'_> {
    /// The address of the product's sources: its repository, or the place of a package of no ecosystem.
    pub(super) fn repository(&self) -> Option<&str> {
        let collection = || self.collection_url.as_deref().filter(|url| ecosystem_of(url).is_none() && self.package_name.is_some());
        self.repo.as_deref().or_else(collection)
    }

    /// The names: those of CPE and of package collections, which are exact; else vendor and product, in their own words. There is none
    /// where the record says that it names no product.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for cpe in &self.cpes {
            if let Ok(cpe) = CpeName::parse(cpe) {
                let mut name = String::new();
                product_name(&cpe, &mut name);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.extend(self.package_url.as_deref().and_then(package_of).or_else(|| self.collected()));
        if !names.is_empty() {
            return names;
        }
        let named = |text: &str| Some(plain(text)).filter(|_| !is_unnamed(text));
        let product = named(&self.product).or_else(|| self.package_name.as_deref().and_then(named));
        names.extend(product.map(|product| format!("a:{}:{product}", named(&self.vendor).unwrap_or_default())));
        names
    }

    /// The package of a collection whose ecosystem is known.
    fn collected(&self) -> Option<String> {
        let package = self.package_name.as_deref().filter(|name| !is_unnamed(name))?;
        let ecosystem = self.collection_url.as_deref().and_then(ecosystem_of)?;
        let name = match ecosystem {
            "golang" => module_of(package, &self.vendor),
            _ => package.into(),
        };
        Some(ecosystem_product(ecosystem, &name))
    }
}

/// A name in lower case without the signs of a product's name.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(':', " ").trim().replace(' ', "_")
}

/// The module of a package of Go, which the vulnerability database of Go names as the vendor, as it names the standard library and the
/// toolchain: <https://go.dev/doc/security/vuln/database>. Their paths have no dot in the first part; such a path of anybody else is a name.
fn module_of<'p>(package: &'p str, vendor: &'p str) -> Cow<'p, str> {
    match (vendor, package) {
        ("Go toolchain", _) | (_, "toolchain") => return "toolchain".into(),
        ("Go standard library", _) | (_, "stdlib") => return "stdlib".into(),
        _ => {}
    }
    let is_module = vendor.contains('/') && package.strip_prefix(vendor).is_some_and(|rest| rest.starts_with('/'));
    if is_module { vendor.into() } else { package.into() }
}

/// The product of a package URL; `None` for a package of a distribution, whose versions are its own, and for an address that is none.
fn package_of(url: &str) -> Option<String> {
    let url = PackageUrl::from_str(url).ok()?;
    if is_of_distribution(url.ty()) || matches!(url.ty(), "generic" | "github" | "bitbucket" | "docker" | "oci") {
        return None;
    }
    let name = match (url.ty(), url.namespace()) {
        (_, None) => url.name().to_owned(),
        (_, Some(namespace)) => format!("{namespace}/{}", url.name()),
    };
    let name = if url.ty() == "golang" { module_of(&name, "").into_owned() } else { name };
    Some(ecosystem_product(url.ty(), &name))
}

/// The package URL type of a package collection, by its address; `None` for others.
fn ecosystem_of(url: &str) -> Option<&'static str> {
    [
        ("pkg.go.dev", "golang"),
        ("golang", "golang"),
        ("npmjs", "npm"),
        ("pypi", "pypi"),
        ("crates.io", "cargo"),
        ("rubygems", "gem"),
        ("maven", "maven"),
        ("packagist", "composer"),
        ("nuget", "nuget"),
        ("cpan", "cpan"),
    ]
    .iter()
    .find(|(host, _)| url.contains(host))
    .map(|&(_, ecosystem)| ecosystem)
}
