//! The pages for people: static files that any web server can serve, or that a browser opens from a folder.
//!
//! Each page answers one question at its top: is it fixed, since when and by which version, and if not, when will it be? Reading needs no
//! JavaScript. With it, the front page searches all advisories, and the form "Am I fixed?" compares an installed version as RPM does. Links
//! are relative, so that the site works under any address.
//!
//! [`site`] lists every page of an edition; the functions that make one page each can be called alone:
//!
//! | page | path | made by |
//! | --- | --- | --- |
//! | front page | `index.html` | [`index`] |
//! | advisory | `advisory/YEAR/ID.html` | [`advisory`] |
//! | CVE | `cve/YEAR/CVE.html` | [`cve`] |
//! | source package | `package/FIRST/NAME.html` | [`package`] |
//! | image | `image/VERSION.html` | [`image`] |
//! | package repository | `repository.html` | [`repository`] |
//! | advisories of a year | `list/YEAR.html` | [`year`] |
//! | packages, images | `packages.html`, `images.html` | [`packages`], [`images`] |
//! | shared files | `assets/` | [`assets`], [`search_data`] |
//! | packages that are shipped | `shipped.json` | [`Shipped::data`] |

mod advisory;
mod cve;
mod data;
mod image;
mod layout;
mod lists;
mod package;
/// The paths of the pages.
pub mod path;
mod repository;
mod shipped;
mod words;

use std::collections::BTreeMap;

use seaworthy_model::CveId;

pub use repository::Setup;
pub use shipped::Shipped;

use crate::{Advisory, Edition, Place};

/// The path of [`search_data`] from the root of the site.
pub const SEARCH_DATA: &str = "assets/advisories.json";

/// The path of [`Shipped::data`] from the root of the site.
pub const SHIPPED: &str = "shipped.json";

/// The front page: the form "Am I fixed?", search and filters, the newest advisories, and the links to all others.
#[must_use]
pub fn index(edition: &Edition) -> Vec<u8> {
    lists::index(edition)
}

/// The page of an advisory.
#[must_use]
pub fn advisory(edition: &Edition, advisory: &Advisory) -> Vec<u8> {
    advisory::page(edition, advisory)
}

/// The page of a CVE with all its advisories.
#[must_use]
pub fn cve(edition: &Edition, cve: CveId, advisories: &[&Advisory]) -> Vec<u8> {
    cve::page(edition, cve, advisories)
}

/// The page of a source package with all its advisories.
#[must_use]
pub fn package(edition: &Edition, name: &str, advisories: &[&Advisory]) -> Vec<u8> {
    package::page(edition, name, advisories)
}

/// The page of an image, with the advisories whose fix was delivered first with it ([`Place::Image`]).
#[must_use]
pub fn image(edition: &Edition, version: &str, advisories: &[&Advisory]) -> Vec<u8> {
    image::page(edition, version, advisories)
}

/// The list of the advisories of a year, by their ids.
#[must_use]
pub fn year(edition: &Edition, year: u32, advisories: &[&Advisory]) -> Vec<u8> {
    lists::year(edition, year, advisories)
}

/// The list of the source packages, each with its advisories.
#[must_use]
pub fn packages(edition: &Edition, advisories: &BTreeMap<&str, Vec<&Advisory>>) -> Vec<u8> {
    lists::packages(edition, advisories)
}

/// The list of the images.
#[must_use]
pub fn images(edition: &Edition) -> Vec<u8> {
    image::list(edition)
}

/// The page that tells how dnf is set up: the settings for each channel, and the keys with the path of their file.
#[must_use]
pub fn repository(edition: &Edition, channels: &[Setup], keys: &str, fingerprints: &[&str]) -> Vec<u8> {
    repository::page(edition, channels, keys, fingerprints)
}

/// The data for the search of the front page: every advisory as compact JSON, the newest change first.
///
/// # Errors
/// When the data cannot be written as JSON.
pub fn search_data(edition: &Edition) -> Result<Vec<u8>, serde_json::Error> {
    data::search(edition)
}

/// The files that all pages share, by their paths from the root of the site.
#[must_use]
pub fn assets() -> &'static [(&'static str, &'static [u8])] {
    &[
        ("assets/style.css", include_bytes!("assets/style.css")),
        ("assets/version.js", include_bytes!("assets/version.js")),
        ("assets/fixed.js", include_bytes!("assets/fixed.js")),
        ("assets/app.js", include_bytes!("assets/app.js")),
        ("assets/icon.svg", include_bytes!("assets/icon.svg")),
    ]
}

/// The images that have a page, those that are known by a delivery alone as well, each with the advisories whose fix came with it.
pub(crate) fn by_image(edition: &Edition) -> BTreeMap<&str, Vec<&Advisory>> {
    let mut images: BTreeMap<&str, Vec<&Advisory>> = edition.images.iter().map(|i| (i.version.as_str(), Vec::new())).collect();
    for advisory in &edition.advisories {
        for delivery in &advisory.deliveries {
            if let Place::Image(version) = &delivery.place {
                images.entry(version).or_default().push(advisory);
            }
        }
    }
    images
}

/// A file of the pages that is not made yet.
pub struct Page<'a> {
    /// The path from the root of the site.
    pub path: String,
    edition: &'a Edition,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Index,
    Advisory(&'a Advisory),
    Cve(CveId, Vec<&'a Advisory>),
    Package(&'a str, Vec<&'a Advisory>),
    Image(&'a str, Vec<&'a Advisory>),
    Year(u32, Vec<&'a Advisory>),
    Packages(BTreeMap<&'a str, Vec<&'a Advisory>>),
    Images,
    Repository,
    Data,
    Asset(&'static [u8]),
}

impl Page<'_> {
    /// Makes the file. Pages do not depend on each other and can be made in parallel.
    ///
    /// # Errors
    /// When the data for the search cannot be written as JSON.
    pub fn render(&self) -> Result<Vec<u8>, serde_json::Error> {
        let edition = self.edition;
        Ok(match &self.kind {
            Kind::Index => index(edition),
            Kind::Advisory(one) => advisory(edition, one),
            Kind::Cve(id, on) => cve(edition, *id, on),
            Kind::Package(name, on) => package(edition, name, on),
            Kind::Image(version, on) => image(edition, version, on),
            Kind::Year(number, on) => year(edition, *number, on),
            Kind::Packages(groups) => packages(edition, groups),
            Kind::Images => images(edition),
            // What is in the repository is no part of an edition.
            Kind::Repository => repository(edition, &[], "", &[]),
            Kind::Data => search_data(edition)?,
            Kind::Asset(bytes) => bytes.to_vec(),
        })
    }
}

/// All files of the pages, sorted by path.
#[must_use]
pub fn site(edition: &Edition) -> Vec<Page<'_>> {
    let mut cves: BTreeMap<CveId, Vec<&Advisory>> = BTreeMap::new();
    let mut packages: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
    let mut years: BTreeMap<u32, Vec<&Advisory>> = BTreeMap::new();
    let mut images = by_image(edition);
    for advisory in &edition.advisories {
        cves.entry(advisory.cve).or_default().push(advisory);
        packages.entry(&advisory.package).or_default().push(advisory);
        years.entry(advisory.year()).or_default().push(advisory);
    }
    for on in cves.values_mut().chain(images.values_mut()) {
        on.sort_by(|a, b| (&a.package, a.cve).cmp(&(&b.package, b.cve)));
    }
    for on in years.values_mut() {
        on.reverse();
    }
    let mut out: Vec<(String, Kind<'_>)> = vec![
        ("index.html".into(), Kind::Index),
        ("packages.html".into(), Kind::Packages(packages.clone())),
        ("images.html".into(), Kind::Images),
        ("repository.html".into(), Kind::Repository),
        (SEARCH_DATA.into(), Kind::Data),
    ];
    out.extend(assets().iter().map(|(path, bytes)| ((*path).to_owned(), Kind::Asset(bytes))));
    out.extend(edition.advisories.iter().map(|a| (path::advisory(a), Kind::Advisory(a))));
    out.extend(cves.into_iter().map(|(cve, on)| (path::cve(cve), Kind::Cve(cve, on))));
    out.extend(packages.into_iter().map(|(name, on)| (path::package(name), Kind::Package(name, on))));
    out.extend(images.into_iter().map(|(version, on)| (path::image(version), Kind::Image(version, on))));
    out.extend(years.into_iter().map(|(year, on)| (path::list(year), Kind::Year(year, on))));
    let mut out: Vec<Page<'_>> = out.into_iter().map(|(path, kind)| Page { path, edition, kind }).collect();
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
