use seaworthy_model::{CveId, Digest};

use crate::catalogue::{Catalogue, NOT_EXPLOITED, last_component};
use crate::records::{RecordState, SourceKind, View};
use crate::segment::{DECIDABLE, Segment};

/// A product of the catalogue: `a:VENDOR:PRODUCT`, `o:...`, `h:...` or `purl:TYPE/NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub u32);

/// An upstream home of the catalogue, as [`seaworthy_model::home_of`] writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeId(pub u32);

/// A CVE of the catalogue, by its place in the order of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cve(pub u32);

/// What is known at one moment: immutable, named by its digest, read in place from disk.
pub struct Knowledge {
    pub(crate) digest: Digest,
    pub(crate) segments: Vec<(SourceKind, Segment)>,
    pub(crate) catalogue: Catalogue,
}

impl std::fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Knowledge").field(&self.digest).finish()
    }
}

impl Knowledge {
    /// The digest that names it: equal raw records give equal digests.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many CVEs it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.catalogue.keys().len()
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every CVE in the order of ids.
    pub fn cves(&self) -> impl Iterator<Item = Cve> + use<> {
        (0..self.len() as u32).map(Cve)
    }

    /// The CVE of an id.
    #[must_use]
    pub fn find(&self, id: CveId) -> Option<Cve> {
        self.catalogue.keys().find(id.key()).map(|i| Cve(i as u32))
    }

    /// The id of a CVE.
    #[must_use]
    pub fn id(&self, cve: Cve) -> CveId {
        CveId::from_key(self.catalogue.keys().get(cve.0 as usize))
    }

    /// When it was published, in minutes since 1970-01-01 (UTC); the earliest that any source states.
    #[must_use]
    pub fn published(&self, cve: Cve) -> i32 {
        self.catalogue.published(cve.0 as usize)
    }

    /// The state with the leading source.
    #[must_use]
    pub fn state(&self, cve: Cve) -> RecordState {
        match self.catalogue.state(cve.0 as usize) & 0x0f {
            2 => RecordState::Rejected,
            1 => RecordState::Disputed,
            _ => RecordState::Published,
        }
    }

    /// Whether any source names affected products, so that a decision is possible at all.
    #[must_use]
    pub fn is_decidable(&self, cve: Cve) -> bool {
        self.catalogue.state(cve.0 as usize) & DECIDABLE != 0
    }

    /// What each source says, overrides first.
    pub fn views(&self, cve: Cve) -> impl Iterator<Item = (SourceKind, View<'_>)> + '_ {
        self.raw_views(cve).filter_map(|(segment, row)| {
            let (kind, segment) = self.segments.get(segment)?;
            Some((*kind, segment.view(row)?))
        })
    }

    /// As [`Knowledge::views`], with each product number turned into one of the catalogue.
    pub fn views_with_products(&self, cve: Cve) -> impl Iterator<Item = (SourceKind, View<'_>)> + '_ {
        self.raw_views(cve).filter_map(|(index, row)| {
            let (kind, segment) = self.segments.get(index)?;
            let mut view = segment.view(row)?;
            let global = |local: u32| self.catalogue.global_product(index, local);
            for product in view.configurations.iter_mut().flat_map(|c| &mut c.nodes).flat_map(|n| &mut n.products) {
                product.product = global(product.product);
            }
            for affected in &mut view.affected {
                affected.product = global(affected.product);
            }
            Some((*kind, view))
        })
    }

    pub(crate) fn raw_views(&self, cve: Cve) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.catalogue.views(cve.0 as usize)
    }

    /// The day CISA added it to the known exploited ones, and whether ransomware campaigns use it.
    #[must_use]
    pub fn exploited(&self, cve: Cve) -> Option<(i32, bool)> {
        let kev = self.catalogue.kev(cve.0 as usize);
        (kev != NOT_EXPLOITED).then_some(((kev >> 1).cast_signed(), kev & 1 == 1))
    }

    /// EPSS: the probability of exploitation in the next 30 days, and its percentile, both 0 to 1.
    #[must_use]
    pub fn exploit_prediction(&self, cve: Cve) -> Option<(f32, f32)> {
        let (probability, percentile) = self.catalogue.epss(cve.0 as usize);
        (!probability.is_nan()).then_some((probability, percentile))
    }

    /// The name of a product.
    #[must_use]
    pub fn product_name(&self, product: ProductId) -> &str {
        self.catalogue.products().get(product.0 as usize)
    }

    /// How many products there are.
    #[must_use]
    pub fn product_count(&self) -> usize {
        self.catalogue.products().len()
    }

    /// The product of a full name.
    #[must_use]
    pub fn product(&self, name: &str) -> Option<ProductId> {
        search(self.catalogue.products().len(), |i| self.catalogue.products().raw(i).cmp(name.as_bytes())).map(|i| ProductId(i as u32))
    }

    /// Every product whose last component is `name`, whoever the vendor.
    pub fn products_named<'k>(&'k self, name: &'k str) -> impl Iterator<Item = ProductId> + 'k {
        let (order, products) = (self.catalogue.by_name(), self.catalogue.products());
        let key = move |i: usize| last_component(products.raw(order.get(i) as usize));
        let (mut low, mut high) = (0, order.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if key(middle) < name.as_bytes() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..order.len()).take_while(move |&i| key(i) == name.as_bytes()).map(move |i| ProductId(order.get(i)))
    }

    /// The upstream home of a name.
    #[must_use]
    pub fn home(&self, name: &str) -> Option<HomeId> {
        search(self.catalogue.homes().len(), |i| self.catalogue.homes().raw(i).cmp(name.as_bytes())).map(|i| HomeId(i as u32))
    }

    /// The name of an upstream home.
    #[must_use]
    pub fn home_name(&self, home: HomeId) -> &str {
        self.catalogue.homes().get(home.0 as usize)
    }

    /// The vulnerable products of a CVE, over all sources.
    pub fn cve_products(&self, cve: Cve) -> impl ExactSizeIterator<Item = ProductId> + '_ {
        self.catalogue.cve_products(cve.0 as usize).iter().map(ProductId)
    }

    /// The upstream homes that the references of a CVE lead to.
    pub fn cve_homes(&self, cve: Cve) -> impl ExactSizeIterator<Item = HomeId> + '_ {
        self.catalogue.cve_homes(cve.0 as usize).iter().map(HomeId)
    }

    /// The CVEs in which a product is vulnerable.
    pub fn product_cves(&self, product: ProductId) -> impl ExactSizeIterator<Item = Cve> + '_ {
        self.catalogue.product_cves(product.0 as usize).iter().map(Cve)
    }

    /// The CVEs whose references lead to a home.
    pub fn home_cves(&self, home: HomeId) -> impl ExactSizeIterator<Item = Cve> + '_ {
        self.catalogue.home_cves(home.0 as usize).iter().map(Cve)
    }
}

fn search(len: usize, order: impl Fn(usize) -> std::cmp::Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = usize::midpoint(low, high);
        match order(middle) {
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}
