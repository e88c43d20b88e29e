//! The records as they were at a moment, and what they say together: the products of a home, and the products that a record is really
//! about.

use std::collections::HashMap;

use seaworthy_intelligence::records::RecordState;
use seaworthy_intelligence::{Cve, HomeId, Knowledge, ProductId};

/// The records as they were at a moment.
pub(crate) struct RecordsAt<'k> {
    pub(crate) knowledge: &'k Knowledge,
    /// The moment in minutes since 1970-01-01: records that were published later are left out.
    pub(crate) as_of: i32,
    /// The time from which ages count, in minutes since 1970-01-01: `as_of`, or the publication of the newest record.
    pub(crate) today: i32,
}

/// The age in minutes from which a record is no longer raised for a component of unknown version, since the package has been rebuilt from
/// newer sources. A record that reaches this age has to be judged again.
pub const COMPONENT_WINDOW: i32 = 730 * MINUTES_A_DAY;

/// The name of the Linux kernel, the only operating system that is a package.
pub(crate) const LINUX: &str = "o:linux:linux_kernel";

/// The number of minutes of a day.
pub(crate) const MINUTES_A_DAY: i32 = 1440;

/// The association of a product with a home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Association {
    pub(crate) product: ProductId,
    /// The number of records that lead to the home and name the product.
    pub(crate) together: u32,
    /// The number of records that lead to the home and name any product.
    pub(crate) home: u32,
}

impl Association {
    /// The share of the home's records that name the product, 0 to 1.
    pub(crate) fn share(&self) -> f32 {
        self.together as f32 / self.home.max(1) as f32
    }
}

/// The number of products from which on a record says little about any one of them, such as a round-up of a distribution or a vendor.
const ROUND_UP: usize = 12;

impl RecordsAt<'_> {
    /// Whether a record was published by the moment and is not rejected.
    pub(crate) fn stands(&self, cve: Cve) -> bool {
        self.knowledge.published(cve) <= self.as_of && self.knowledge.state(cve) != RecordState::Rejected
    }

    /// Whether a record is young enough to be raised for a component of unknown version.
    pub(crate) fn is_recent(&self, cve: Cve) -> bool {
        self.knowledge.published(cve) >= self.today.saturating_sub(COMPONENT_WINDOW)
    }

    /// Whether a product can be what a package contains: an application, a library of an ecosystem, or the Linux kernel.
    pub(crate) fn is_software(&self, product: ProductId) -> bool {
        let name = self.knowledge.product_name(product);
        name.starts_with("a:") || name.starts_with("purl:") || name == LINUX
    }

    /// The number of records of a product at the moment.
    pub(crate) fn standing_cves(&self, product: ProductId) -> usize {
        self.knowledge.product_cves(product).filter(|c| self.stands(*c)).count()
    }

    /// The products that the records leading to a home name, those with the most records first.
    pub(crate) fn products_of_home(&self, home: HomeId) -> Vec<Association> {
        let mut together: HashMap<ProductId, u32> = HashMap::new();
        let mut total = 0;
        for cve in self.knowledge.home_cves(home).filter(|c| self.stands(*c)) {
            let products = self.knowledge.cve_products(cve);
            if products.len() == 0 || products.len() > ROUND_UP {
                continue;
            }
            total += 1;
            for product in products {
                *together.entry(product).or_default() += 1;
            }
        }
        let mut found: Vec<Association> = together
            .into_iter()
            .filter(|(p, _)| self.is_software(*p))
            .map(|(product, together)| Association { product, together, home: total })
            .collect();
        found.sort_by_key(|a| (std::cmp::Reverse(a.together), a.product));
        found
    }

    /// The forge repository to which at least half of the records of a product lead; `None` where there is none.
    pub(crate) fn repository_of(&self, product: ProductId) -> Option<HomeId> {
        let mut counts: HashMap<HomeId, u32> = HashMap::new();
        let mut total = 0u32;
        for cve in self.knowledge.product_cves(product).filter(|c| self.stands(*c)).take(300) {
            total += 1;
            for home in self.knowledge.cve_homes(cve) {
                if is_repository(self.knowledge.home_name(home)) {
                    *counts.entry(home).or_default() += 1;
                }
            }
        }
        counts.into_iter().max_by_key(|(home, n)| (*n, std::cmp::Reverse(*home))).filter(|(_, n)| *n * 2 >= total).map(|(home, _)| home)
    }

    /// The products that a record is about, without platforms and without products that only contain them.
    pub(crate) fn subjects(&self, cve: Cve) -> Vec<ProductId> {
        let products: Vec<ProductId> = self.knowledge.cve_products(cve).filter(|p| self.is_software(*p)).collect();
        if products.len() <= 1 {
            return products;
        }
        let beginning = self.knowledge.views(cve).map(|(_, v)| v.beginning).find(|d| !d.is_empty()).unwrap_or("").to_lowercase();
        let named: Vec<ProductId> = products.iter().copied().filter(|p| mentions(&beginning, self.knowledge.product_name(*p))).collect();
        if !named.is_empty() {
            named
        } else if products.len() <= 4 {
            products
        } else {
            Vec::new()
        }
    }
}

/// Whether a home is the repository of one project, and not a whole site.
pub(crate) fn is_repository(home: &str) -> bool {
    home.contains('/')
}

/// Whether a description names a product: its words are there one after another.
fn mentions(description: &str, product: &str) -> bool {
    let name = product.rsplit(':').next().unwrap_or(product);
    let words = name.replace(['_', '-'], " ");
    if words.len() < 3 {
        return false;
    }
    let plain = description.replace(['_', '-'], " ");
    plain.match_indices(&words).any(|(at, _)| {
        let before = plain[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let after = plain[at + words.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        before && after
    })
}
