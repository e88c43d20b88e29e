//! The catalogue: segments linked into one index of CVEs, products and upstream homes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::Offset;
use seaworthy_model::{CveId, Digest};

use crate::aliases::{self, Described};
use crate::records::{RecordState, SourceKind};
use crate::segment::Segment;
use crate::tables::{IndexDamage, Numbers, Strings, TableWriter, Tables, le32, le64};

mod section {
    pub(super) const KEYS: usize = 0;
    pub(super) const PUBLISHED: usize = 1;
    pub(super) const STATE: usize = 2;
    pub(super) const VIEW_STARTS: usize = 3;
    pub(super) const VIEWS: usize = 4;
    pub(super) const KEV: usize = 5;
    pub(super) const EPSS: usize = 6;
    pub(super) const PRODUCT_STARTS: usize = 7;
    pub(super) const PRODUCTS: usize = 8;
    pub(super) const HOME_STARTS: usize = 9;
    pub(super) const HOMES: usize = 10;
    pub(super) const CVE_PRODUCT_STARTS: usize = 11;
    pub(super) const CVE_PRODUCTS: usize = 12;
    pub(super) const CVE_HOME_STARTS: usize = 13;
    pub(super) const CVE_HOMES: usize = 14;
    pub(super) const PRODUCT_CVE_STARTS: usize = 15;
    pub(super) const PRODUCT_CVES: usize = 16;
    pub(super) const HOME_CVE_STARTS: usize = 17;
    pub(super) const HOME_CVES: usize = 18;
    pub(super) const LOCAL_STARTS: usize = 19;
    pub(super) const LOCAL: usize = 20;
    pub(super) const BY_NAME: usize = 21;
}

/// The only operating system that is a package.
const LINUX: &[u8] = b"o:linux:linux_kernel";

/// The value of KEV's column for a CVE that is not in KEV.
pub(crate) const NOT_EXPLOITED: u32 = u32::MAX;

/// The bits of a state that are the number of a [`RecordState`].
pub(crate) const STATE_OF_RECORD: u8 = 0x0f;
/// The number of the state of a record that is withdrawn.
const REJECTED: u8 = RecordState::Rejected as u8;

/// A row of a segment in the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    key: u64,
    kind: SourceKind,
    modified: i64,
    segment: u32,
    row: u32,
}

/// Links segments into the catalogue with the digest `identity`, and gives the number of rows of each segment that are in it. Of the
/// records of a source with one record a CVE the latest change wins; of equal times, the later segment.
pub(crate) fn link<W: Write>(segments: &[(SourceKind, Segment)], identity: Digest, out: W) -> io::Result<(W, Vec<usize>)> {
    let mut rows: Vec<Row> = Vec::with_capacity(segments.iter().map(|(_, s)| s.keys().len()).sum());
    for (i, (kind, segment)) in segments.iter().enumerate() {
        let keys = segment.keys();
        rows.extend((0..keys.len()).map(|row| Row {
            key: keys.get(row),
            kind: *kind,
            modified: segment.modified(row),
            segment: i as u32,
            row: row as u32,
        }));
    }
    rows.sort_unstable();
    // Where a source has one record of a CVE, only the newest row stands.
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.last_mut() {
            Some(last) if last.key == row.key && last.kind == row.kind && row.kind.has_one_record_of_a_cve() => *last = row,
            _ => kept.push(row),
        }
    }
    let mut used = vec![0; segments.len()];
    for row in &kept {
        used[row.segment as usize] += 1;
    }
    for (i, (_, segment)) in segments.iter().enumerate() {
        used[i] += segment.facts().count();
    }

    let (mut products, homes) = rayon::join(|| Names::of(segments, Segment::products), || Names::of(segments, Segment::homes));
    products.lead(segments, &homes, &kept);
    let mut keys: Vec<u64> = Vec::with_capacity(kept.len());
    let (mut view_starts, mut views, mut published, mut states) = (Vec::new(), Vec::with_capacity(kept.len()), Vec::new(), Vec::new());
    let (mut cve_products, mut cve_homes) = (Lists::default(), Lists::default());
    let mut at = 0;
    while at < kept.len() {
        let key = kept[at].key;
        let end = at + kept[at..].iter().take_while(|r| r.key == key).count();
        let group = &kept[at..end];
        keys.push(key);
        view_starts.push(views.len() as u32);
        let (mut products_row, mut homes_row) = (Vec::new(), Vec::new());
        let mut first: Option<i32> = None;
        let mut decidable = 0;
        let state = state_of(group, |row| segments[row.segment as usize].1.state(row.row as usize) & STATE_OF_RECORD);
        let reserved = reserved(key);
        for row in group {
            let segment = &segments[row.segment as usize].1;
            let r = row.row as usize;
            views.push((u64::from(row.segment) << 32) | u64::from(row.row));
            if row.kind != SourceKind::Overrides {
                // A day before the year of the id is a placeholder or a slip.
                first = [first, segment.published(r).filter(|day| *day >= reserved)].into_iter().flatten().min();
            }
            // A withdrawn record beside one that stands says nothing.
            if state != REJECTED && segment.state(r) & STATE_OF_RECORD == REJECTED {
                continue;
            }
            decidable |= segment.state(r) & crate::segment::DECIDABLE;
            products_row.extend(segment.row_products(r).iter().map(|p| products.global(row.segment, p)));
            homes_row.extend(segment.row_homes(r).iter().map(|h| homes.global(row.segment, h)));
        }
        states.push(state | decidable);
        published.push(first.unwrap_or(reserved).cast_unsigned());
        cve_products.push(products_row);
        cve_homes.push(homes_row);
        at = end;
    }
    view_starts.push(views.len() as u32);
    let (mut kev, mut epss) = (vec![NOT_EXPLOITED; keys.len()], vec![f32::NAN.to_bits(); keys.len() * 2]);
    for (kind, segment) in segments {
        for fact in segment.facts() {
            let Ok(i) = keys.binary_search(&fact.key) else { continue };
            match kind {
                SourceKind::Kev => kev[i] = (fact.value as u32) << 1 | u32::from(fact.extra > 0.0),
                SourceKind::Epss => (epss[2 * i], epss[2 * i + 1]) = (fact.value.to_bits(), fact.extra.to_bits()),
                // Their segments have no facts.
                SourceKind::Overrides | SourceKind::Nvd | SourceKind::CveList | SourceKind::Osv => {}
            }
        }
    }
    let (product_cves, home_cves) = rayon::join(|| cve_products.turned(products.names.len()), || cve_homes.turned(homes.names.len()));

    let mut out = TableWriter::new(out, identity)?;
    out.section(&le64(&keys))?;
    out.section(&le32(&published))?;
    out.section(&states)?;
    out.section(&le32(&view_starts))?;
    out.section(&le64(&views))?;
    out.section(&le32(&kev))?;
    out.section(&le32(&epss))?;
    products.write(&mut out)?;
    homes.write(&mut out)?;
    for list in [&cve_products, &cve_homes, &product_cves, &home_cves] {
        let mut starts = list.starts.clone();
        starts.push(list.items.len() as u32);
        out.section(&le32(&starts))?;
        out.section(&le32(&list.items))?;
    }
    let (mut local_starts, mut local) = (Vec::new(), Vec::new());
    for map in &products.maps {
        local_starts.push(local.len() as u32);
        local.extend_from_slice(map);
    }
    local_starts.push(local.len() as u32);
    out.section(&le32(&local_starts))?;
    out.section(&le32(&local))?;
    // Products by the last component of their names, for look-ups by name alone.
    let mut by_name: Vec<u32> = (0..products.names.len() as u32).collect();
    by_name.sort_by_key(|&p| (last_component(products.names[p as usize]), p));
    out.section(&le32(&by_name))?;
    Ok((out.finish()?, used))
}

/// The state of a CVE over its records, as the number of a [`RecordState`].
///
/// The CVE Program decides whether a CVE is one: its rejection holds, whatever NVD still says. NVD's own rejection follows the Program's,
/// and holds unless the CVE List has a later record. A source that only adds to CVEs, such as OSV, withdraws its own record; where all of
/// those are withdrawn, nothing is left of the CVE. An override corrects products and not the state.
fn state_of(group: &[Row], state: impl Fn(&Row) -> u8) -> u8 {
    let of = |kind| group.iter().find(|row| row.kind == kind);
    let (nvd, list) = (of(SourceKind::Nvd), of(SourceKind::CveList));
    let is_rejected = |row: &Row| state(row) == REJECTED;
    let stands_again = || nvd.zip(list).is_some_and(|(nvd, list)| list.modified > nvd.modified);
    let is_withdrawn = || {
        let mut own = group.iter().filter(|row| row.kind != SourceKind::Overrides).peekable();
        nvd.is_none() && list.is_none() && own.peek().is_some() && own.all(is_rejected)
    };
    if list.is_some_and(is_rejected) || nvd.is_some_and(is_rejected) && !stands_again() || is_withdrawn() {
        REJECTED
    } else if [nvd, list].into_iter().flatten().any(|row| state(row) == RecordState::Disputed as u8) {
        RecordState::Disputed as u8
    } else {
        RecordState::Published as u8
    }
}

/// The first minute of the year in the id of a CVE, in minutes since 1970-01-01, which is before any publication of it.
fn reserved(key: u64) -> i32 {
    let year = i16::try_from(CveId::from_key(key).year()).unwrap_or(i16::MAX);
    let begin = Date::new(year, 1, 1).and_then(|day| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)));
    begin.ok().and_then(|begin| i32::try_from(begin.as_second() / 60).ok()).unwrap_or(i32::MAX)
}

/// The last component of a product's name, such as `openssh` of `a:openbsd:openssh`; the whole name of a `purl:`.
pub(crate) fn last_component(name: &[u8]) -> &[u8] {
    if name.starts_with(b"purl:") {
        return name;
    }
    name.iter().rposition(|b| *b == b':').map_or(name, |i| &name[i + 1..])
}

/// The sorted names of all segments, and for each segment its own numbers as indexes into them.
struct Names<'a> {
    names: Vec<&'a [u8]>,
    maps: Vec<Vec<u32>>,
}

impl<'a> Names<'a> {
    fn of(segments: &'a [(SourceKind, Segment)], strings: impl Fn(&'a Segment) -> Strings<'a>) -> Self {
        let mut numbers: HashMap<&[u8], u32> = HashMap::new();
        let mut names: Vec<&[u8]> = Vec::new();
        let mut maps: Vec<Vec<u32>> = Vec::with_capacity(segments.len());
        for (_, segment) in segments {
            let strings = strings(segment);
            maps.push(
                (0..strings.len())
                    .map(|i| {
                        let name = strings.raw(i);
                        *numbers.entry(name).or_insert_with(|| {
                            names.push(name);
                            names.len() as u32 - 1
                        })
                    })
                    .collect(),
            );
        }
        let mut order: Vec<u32> = (0..names.len() as u32).collect();
        order.sort_unstable_by_key(|&i| names[i as usize]);
        let mut rank = vec![0u32; names.len()];
        for (place, &i) in order.iter().enumerate() {
            rank[i as usize] = place as u32;
        }
        for map in &mut maps {
            for n in map {
                *n = rank[*n as usize];
            }
        }
        Self { names: order.iter().map(|&i| names[i as usize]).collect(), maps }
    }

    /// Leads the words of numbering authorities to the products of configurations that they mean.
    fn lead(&mut self, segments: &[(SourceKind, Segment)], homes: &Names<'_>, kept: &[Row]) {
        if !segments.iter().any(|(kind, _)| *kind == SourceKind::CveList) {
            return;
        }
        let mut configured = vec![false; self.names.len()];
        for (i, (_, segment)) in segments.iter().enumerate() {
            for product in segment.configured().iter().map(|local| self.global(i as u32, local)) {
                if let Some(is) = configured.get_mut(product as usize) {
                    *is = true;
                }
            }
        }
        let is_configured = |product: u32| configured.get(product as usize).copied().unwrap_or(false);
        let begins = |product: u32, part: &[u8]| self.names.get(product as usize).is_some_and(|name| name.starts_with(part));
        let each = |take: &mut dyn FnMut(&Described)| {
            for group in kept.chunk_by(|a, b| a.key == b.key) {
                let mut cve = Described::default();
                for row in group {
                    let segment = &segments[row.segment as usize].1;
                    let found = segment.row_products(row.row as usize).iter().map(|p| self.global(row.segment, p));
                    let (named, words): (Vec<u32>, Vec<u32>) = found.partition(|product| is_configured(*product));
                    let software =
                        |product: &u32| begins(*product, b"a:") || self.names.get(*product as usize).is_some_and(|name| *name == LINUX);
                    cve.named.extend(named.into_iter().filter(software));
                    let led: Vec<u32> = segment.row_homes(row.row as usize).iter().map(|h| homes.global(row.segment, h)).collect();
                    if row.kind == SourceKind::CveList {
                        cve.words.extend(words.into_iter().filter(|product| begins(*product, b"a:")));
                        cve.homes.extend(&led);
                    }
                    cve.all_homes.extend(led);
                }
                for list in [&mut cve.named, &mut cve.words, &mut cve.homes, &mut cve.all_homes] {
                    list.sort_unstable();
                    list.dedup();
                }
                take(&cve);
            }
        };
        let learned = aliases::learn(&self.names, &homes.names, &each);
        for (map, _) in self.maps.iter_mut().zip(segments).filter(|(_, (kind, _))| *kind == SourceKind::CveList) {
            map.iter_mut().for_each(|product| *product = learned.get(product).copied().unwrap_or(*product));
        }
    }

    fn global(&self, segment: u32, local: u32) -> u32 {
        self.maps[segment as usize].get(local as usize).copied().unwrap_or(u32::MAX)
    }

    fn write<W: Write>(&self, out: &mut TableWriter<W>) -> io::Result<()> {
        let mut starts = Vec::with_capacity(self.names.len() + 1);
        let mut bytes = Vec::new();
        for name in &self.names {
            starts.push(bytes.len() as u32);
            bytes.extend_from_slice(name);
        }
        starts.push(bytes.len() as u32);
        out.section(&le32(&starts))?;
        out.section(&bytes)
    }
}

/// A list of lists of numbers.
#[derive(Default)]
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn push(&mut self, mut row: Vec<u32>) {
        self.starts.push(self.items.len() as u32);
        row.sort_unstable();
        row.dedup();
        row.retain(|n| *n != u32::MAX);
        self.items.append(&mut row);
    }

    /// The inverse: for each item the rows that have it.
    fn turned(&self, count: usize) -> Self {
        let mut starts = vec![0u32; count + 1];
        for &item in &self.items {
            starts[item as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut items = vec![0u32; self.items.len()];
        for row in 0..self.starts.len() {
            let end = self.starts.get(row + 1).map_or(self.items.len(), |e| *e as usize);
            for &item in &self.items[self.starts[row] as usize..end] {
                items[next[item as usize] as usize] = row as u32;
                next[item as usize] += 1;
            }
        }
        starts.pop();
        Self { starts, items }
    }
}

/// A catalogue on disk.
pub(crate) struct Catalogue(Tables);

impl Catalogue {
    /// Opens the catalogue with the digest `identity`, after a check of all its bytes.
    pub(crate) fn open(path: &Path, identity: Digest) -> Result<Self, IndexDamage> {
        Tables::open(path, identity).map(Self)
    }

    pub(crate) fn keys(&self) -> Numbers<'_, 8> {
        self.0.u64s(section::KEYS)
    }

    pub(crate) fn published(&self, cve: usize) -> i32 {
        self.0.u32s(section::PUBLISHED).get(cve).cast_signed()
    }

    pub(crate) fn state(&self, cve: usize) -> u8 {
        self.0.bytes(section::STATE).get(cve).copied().unwrap_or(0)
    }

    /// The segment and the row of each view of a CVE, in the order of [`SourceKind`].
    pub(crate) fn views(&self, cve: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let row = self.0.u32s(section::VIEW_STARTS).row(cve);
        self.0.u64s(section::VIEWS).slice(row).iter().map(|v| ((v >> 32) as usize, (v & 0xffff_ffff) as usize))
    }

    pub(crate) fn kev(&self, cve: usize) -> u32 {
        if cve < self.keys().len() { self.0.u32s(section::KEV).get(cve) } else { NOT_EXPLOITED }
    }

    pub(crate) fn epss(&self, cve: usize) -> (f32, f32) {
        let column = self.0.u32s(section::EPSS);
        (f32::from_bits(column.get(2 * cve)), f32::from_bits(column.get(2 * cve + 1)))
    }

    pub(crate) fn products(&self) -> Strings<'_> {
        Strings { starts: self.0.u32s(section::PRODUCT_STARTS), bytes: self.0.bytes(section::PRODUCTS) }
    }

    pub(crate) fn homes(&self) -> Strings<'_> {
        Strings { starts: self.0.u32s(section::HOME_STARTS), bytes: self.0.bytes(section::HOMES) }
    }

    pub(crate) fn cve_products(&self, cve: usize) -> Numbers<'_, 4> {
        self.list(section::CVE_PRODUCT_STARTS, section::CVE_PRODUCTS, cve)
    }

    pub(crate) fn cve_homes(&self, cve: usize) -> Numbers<'_, 4> {
        self.list(section::CVE_HOME_STARTS, section::CVE_HOMES, cve)
    }

    pub(crate) fn product_cves(&self, product: usize) -> Numbers<'_, 4> {
        self.list(section::PRODUCT_CVE_STARTS, section::PRODUCT_CVES, product)
    }

    pub(crate) fn home_cves(&self, home: usize) -> Numbers<'_, 4> {
        self.list(section::HOME_CVE_STARTS, section::HOME_CVES, home)
    }

    fn list(&self, starts: usize, items: usize, i: usize) -> Numbers<'_, 4> {
        self.0.u32s(items).slice(self.0.u32s(starts).row(i))
    }

    /// The number in the catalogue of a product of a segment; `u32::MAX`, which no product has, for a number that the segment does not
    /// have.
    pub(crate) fn global_product(&self, segment: usize, local: u32) -> u32 {
        let row = self.0.u32s(section::LOCAL_STARTS).row(segment);
        let numbers = self.0.u32s(section::LOCAL).slice(row);
        if (local as usize) < numbers.len() { numbers.get(local as usize) } else { u32::MAX }
    }

    /// The products in the order of the last components of their names.
    pub(crate) fn by_name(&self) -> Numbers<'_, 4> {
        self.0.u32s(section::BY_NAME)
    }
}
