use seaworthy_model::{CveId, Digest};

use crate::aliases;
use crate::catalogue::{Catalogue, NOT_EXPLOITED, STATE_OF_RECORD, last_component};
use crate::records::{RecordState, SourceKind, View};
use crate::segment::{DECIDABLE, Segment};
use crate::texts::Texts;

/// A product of the catalogue, whose name is `a:VENDOR:PRODUCT`, `o:...`, `h:...` or `purl:TYPE/NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub u32);

/// An upstream home of the catalogue, whose name is that of [`seaworthy_model::home_of`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeId(pub u32);

/// A CVE of the catalogue: its index in the order of ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cve(pub u32);

/// The knowledge at one moment: immutable, named by its digest, read in place from disk.
pub struct Knowledge {
    pub(crate) digest: Digest,
    pub(crate) segments: Vec<(SourceKind, Segment)>,
    /// The texts of each segment.
    pub(crate) texts: Vec<Texts>,
    pub(crate) catalogue: Catalogue,
}

impl std::fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Knowledge").field(&self.digest).finish()
    }
}

/// The greatest day of a fact, 9999-12-31, in days since 1970-01-01.
const LAST_DAY: i32 = 2_932_896;

impl Knowledge {
    /// The digest that names it: equal raw records give equal digests.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The number of CVEs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.catalogue.keys().len()
    }

    /// Whether there is no CVE.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All CVEs in the order of their ids.
    pub fn cves(&self) -> impl Iterator<Item = Cve> + use<> {
        (0..self.len() as u32).map(Cve)
    }

    /// The CVE with an id; `None` where it is not known.
    #[must_use]
    pub fn find(&self, id: CveId) -> Option<Cve> {
        self.catalogue.keys().find(id.key()).map(|i| Cve(i as u32))
    }

    /// The id of a CVE.
    #[must_use]
    pub fn id(&self, cve: Cve) -> CveId {
        CveId::from_key(self.catalogue.keys().get(cve.0 as usize))
    }

    /// The earliest time of publication in any source but overrides, in minutes since 1970-01-01 (UTC). Where none has one that is not
    /// before the year in the id, it is the beginning of that year.
    #[must_use]
    pub fn published(&self, cve: Cve) -> i32 {
        self.catalogue.published(cve.0 as usize)
    }

    /// The state over all sources: rejected where the CVE Program rejected it (by the CVE List, or by NVD without a later record of the CVE
    /// List), or where every source that knows it withdrew its record; disputed where NVD or the CVE List says so.
    #[must_use]
    pub fn state(&self, cve: Cve) -> RecordState {
        match self.catalogue.state(cve.0 as usize) & STATE_OF_RECORD {
            2 => RecordState::Rejected,
            1 => RecordState::Disputed,
            _ => RecordState::Published,
        }
    }

    /// Whether any source names affected products. Without one, no verdict is possible.
    #[must_use]
    pub fn is_decidable(&self, cve: Cve) -> bool {
        self.catalogue.state(cve.0 as usize) & DECIDABLE != 0
    }

    /// The view of each source, overrides first.
    pub fn views(&self, cve: Cve) -> impl Iterator<Item = (SourceKind, View<'_>)> + '_ {
        self.raw_views(cve).filter_map(|(segment, row)| {
            let (kind, segment) = self.segments.get(segment)?;
            Some((*kind, segment.view(row)?))
        })
    }

    /// As [`Knowledge::views`], for reading all CVEs.
    pub(crate) fn mapped_views(&self, cve: Cve) -> impl Iterator<Item = (SourceKind, View<'_>)> + '_ {
        self.raw_views(cve).filter_map(|(segment, row)| {
            let (kind, segment) = self.segments.get(segment)?;
            Some((*kind, segment.mapped_view(row)?))
        })
    }

    /// As [`Knowledge::views`], with the numbers of products in the catalogue instead of those in the segment, and without the records that
    /// are withdrawn while the CVE stands: they decide nothing.
    pub fn standing_views(&self, cve: Cve) -> impl Iterator<Item = (SourceKind, View<'_>)> + '_ {
        let rejected = self.state(cve) == RecordState::Rejected;
        self.views_with_products(cve).filter(move |(_, view)| rejected || view.state != RecordState::Rejected)
    }

    /// As [`Knowledge::views`], with the numbers of products in the catalogue instead of those in the segment.
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

    /// The day on which CISA added the CVE to KEV, in days since 1970-01-01, and whether ransomware campaigns use it; `None` where it is
    /// not in KEV.
    #[must_use]
    pub fn exploited(&self, cve: Cve) -> Option<(i32, bool)> {
        let kev = self.catalogue.kev(cve.0 as usize);
        let day = (kev >> 1).cast_signed();
        (kev != NOT_EXPLOITED && day < LAST_DAY).then_some((day, kev & 1 == 1))
    }

    /// The EPSS scores: the probability of exploitation in the next 30 days and its percentile, both from 0 to 1; `None` where there are
    /// none.
    #[must_use]
    pub fn exploit_prediction(&self, cve: Cve) -> Option<(f32, f32)> {
        let (probability, percentile) = self.catalogue.epss(cve.0 as usize);
        let is_share = |number: f32| (0.0..=1.0).contains(&number);
        (is_share(probability) && is_share(percentile)).then_some((probability, percentile))
    }

    /// The name of a product; empty where there is no such product.
    #[must_use]
    pub fn product_name(&self, product: ProductId) -> &str {
        self.catalogue.products().get(product.0 as usize)
    }

    /// The number of products.
    #[must_use]
    pub fn product_count(&self) -> usize {
        self.catalogue.products().len()
    }

    /// The product with this full name.
    #[must_use]
    pub fn product(&self, name: &str) -> Option<ProductId> {
        search(self.catalogue.products().len(), |i| self.catalogue.products().raw(i).cmp(name.as_bytes())).map(|i| ProductId(i as u32))
    }

    /// The products of any vendor whose names have `name` as their last component.
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

    /// The products whose words mean the product of a CPE name that no record has. It looks at all products.
    pub fn products_meant<'k>(&'k self, name: &'k str) -> impl Iterator<Item = ProductId> + 'k {
        (0..self.product_count() as u32).map(ProductId).filter(move |product| aliases::mean(self.product_name(*product), name))
    }

    /// The upstream home with this name.
    #[must_use]
    pub fn home(&self, name: &str) -> Option<HomeId> {
        search(self.catalogue.homes().len(), |i| self.catalogue.homes().raw(i).cmp(name.as_bytes())).map(|i| HomeId(i as u32))
    }

    /// The name of an upstream home; empty where there is no such home.
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::link;
    use crate::records::parse_nvd;
    use crate::segment::SegmentBuilder;
    use crate::tables::{TableWriter, Tables};

    const FEED: &[u8] = br#"{"version":"2.0","totalResults":2,"vulnerabilities":[
        {"cve":{"id":"CVE-2024-10001","published":"2024-05-01T00:00:00.000","descriptions":[{"lang":"en","value":"One."}],
         "metrics":{"cvssMetricV31":[{"source":"nvd@nist.gov","cvssData":{"baseScore":7.5,"vectorString":"CVSS:3.1/AV:N"}}]},
         "configurations":[{"nodes":[{"operator":"OR","cpeMatch":[
          {"vulnerable":true,"criteria":"cpe:2.3:a:acme:tool:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"},
          {"vulnerable":true,"criteria":"cpe:2.3:a:acme:other:1.0:*:*:*:*:*:*:*"}]}]}],
         "references":[{"url":"https://github.com/acme/tool/issues/1"}]}},
        {"cve":{"id":"CVE-2024-10002","published":"2024-05-02T00:00:00.000","descriptions":[{"lang":"en","value":"Two."}]}}]}"#;

    /// A table file with changed sections and the digests that fit them, as an attacker who knows the layout would make it.
    fn sealed(sections: &[Vec<u8>]) -> (tempfile::NamedTempFile, Digest) {
        let identity = Digest::of(b"sealed");
        let mut out = TableWriter::new(Vec::new(), identity).unwrap();
        sections.iter().for_each(|section| out.section(section).unwrap());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&out.finish().unwrap()).unwrap();
        (file, identity)
    }

    fn sections_of(bytes: &[u8], identity: Digest, count: usize) -> Vec<Vec<u8>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let tables = Tables::open(file.path(), identity).unwrap();
        (0..count).map(|i| tables.bytes(i).to_vec()).collect()
    }

    /// The sections of a segment, and those of the catalogue over it.
    fn index() -> [Vec<Vec<u8>>; 2] {
        let mut builder = SegmentBuilder::default();
        parse_nvd(FEED, "feed", &mut builder).unwrap();
        let identity = Digest::of(b"segment");
        let bytes = builder.write(Vec::new(), identity, b"[2,0]").unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let segment = Segment::open(file.path(), identity).unwrap();
        let catalogue = link(&[(SourceKind::Nvd, segment)], identity, Vec::new()).unwrap().0;
        [sections_of(&bytes, identity, 19), sections_of(&catalogue, identity, 22)]
    }

    /// Calls all functions of a knowledge; gives the number of values that it has.
    fn walk(known: &Knowledge) -> usize {
        let mut count = 0;
        for cve in known.cves().take(1000).chain([Cve(u32::MAX)]) {
            count += known.id(cve).to_string().len().min(1) + known.views(cve).count() + known.views_with_products(cve).count();
            count += known.cve_products(cve).map(|p| known.product_name(p).len().min(1) + known.product_cves(p).len()).sum::<usize>();
            count += known.cve_homes(cve).map(|h| known.home_name(h).len().min(1) + known.home_cves(h).len()).sum::<usize>();
            assert!(known.exploited(cve).is_none_or(|(day, _)| day < LAST_DAY));
            assert!(known.exploit_prediction(cve).is_none_or(|(p, _)| (0.0..=1.0).contains(&p)));
            let ratings = known.views(cve).flat_map(|(_, v)| v.ratings.iter().map(|r| r.score).collect::<Vec<_>>()).collect::<Vec<_>>();
            assert!(ratings.iter().all(|score| (0.0..=10.0).contains(score)));
            let _ = (known.published(cve), known.state(cve), known.is_decidable(cve), known.find(known.id(cve)));
        }
        count + known.products_named("tool").count() + known.product("a:acme:tool").iter().count() + known.home("x").iter().count()
    }

    #[test]
    fn an_index_is_walked_as_it_was_written() {
        let [segment, catalogue] = index();
        let ((segment, of_segment), (catalogue, of_catalogue)) = (sealed(&segment), sealed(&catalogue));
        let segments = vec![(SourceKind::Nvd, Segment::open(segment.path(), of_segment).unwrap())];
        let catalogue = Catalogue::open(catalogue.path(), of_catalogue).unwrap();
        let known = Knowledge { digest: of_catalogue, segments, texts: Vec::new(), catalogue };
        assert_eq!((known.len(), known.product_count()), (2, 2));
        assert_eq!(known.products_named("tool").count(), 1);
        assert!(walk(&known) > 10);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 600 } else { 6000 }))]

        /// Changed numbers, counts and starts give less or other knowledge, and never a panic, an endless walk, or memory beyond the size
        /// of the file.
        #[test]
        fn an_index_with_any_numbers_is_walked_to_its_end(
            edits in prop::collection::vec((any::<bool>(), 0usize..22, any::<prop::sample::Index>(), prop::sample::select(vec![0u8, 1, 2, 0x7f, 0x80, 0xff])), 1..12),
            cuts in prop::collection::vec((any::<bool>(), 0usize..22, any::<prop::sample::Index>()), 0..2),
        ) {
            let mut parts = index();
            for (catalogue, section, at, value) in edits {
                let sections = &mut parts[usize::from(catalogue)];
                let section = section % sections.len();
                if !sections[section].is_empty() {
                    let at = at.index(sections[section].len());
                    sections[section][at] = value;
                }
            }
            for (catalogue, section, at) in cuts {
                let sections = &mut parts[usize::from(catalogue)];
                let section = section % sections.len();
                let len = at.index(sections[section].len() + 1);
                sections[section].truncate(len);
            }
            let ((segment, of_segment), (catalogue, of_catalogue)) = (sealed(&parts[0]), sealed(&parts[1]));
            let open = || vec![(SourceKind::Nvd, Segment::open(segment.path(), of_segment).unwrap())];
            let known = Knowledge { digest: of_catalogue, segments: open(), texts: Vec::new(), catalogue: Catalogue::open(catalogue.path(), of_catalogue).unwrap() };
            let most = 1000 * (fs_len(&segment) + fs_len(&catalogue));
            prop_assert!(walk(&known) < most);
            // The same segment linked anew.
            let linked = link(&open(), of_catalogue, Vec::new()).unwrap().0;
            prop_assert!(linked.len() < most);
        }
    }

    fn fs_len(file: &tempfile::NamedTempFile) -> usize {
        file.as_file().metadata().map_or(0, |m| m.len() as usize)
    }
}
