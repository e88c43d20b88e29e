//! A segment: the views in one raw file, with the names of their products and homes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use seaworthy_model::{Digest, home_of};

use crate::records::{Collector, Fact, RecordText, Refused, View};
use crate::tables::{IndexDamage, Numbers, Strings, TableWriter, Tables, le32, le64};
use crate::texts::TextsBuilder;

/// The numbers of the sections, in the order in which they are written.
mod section {
    pub(super) const META: usize = 0;
    pub(super) const KEYS: usize = 1;
    pub(super) const MODIFIED: usize = 2;
    pub(super) const PUBLISHED: usize = 3;
    pub(super) const PLACE: usize = 4;
    pub(super) const BLOB_STARTS: usize = 5;
    pub(super) const BLOBS: usize = 6;
    pub(super) const PRODUCT_STARTS: usize = 7;
    pub(super) const PRODUCTS: usize = 8;
    pub(super) const HOME_STARTS: usize = 9;
    pub(super) const HOMES: usize = 10;
    pub(super) const ROW_PRODUCTS_STARTS: usize = 11;
    pub(super) const ROW_PRODUCTS: usize = 12;
    pub(super) const ROW_HOMES_STARTS: usize = 13;
    pub(super) const ROW_HOMES: usize = 14;
    pub(super) const FACT_KEYS: usize = 15;
    pub(super) const FACT_VALUES: usize = 16;
    pub(super) const STATE: usize = 17;
    pub(super) const CONFIGURED: usize = 18;
}

/// The bit in the state of a row for a record that names products.
pub(crate) const DECIDABLE: u8 = 1 << 4;

/// The value in the column of publication for a record without a date; before every date.
const NO_DATE: i32 = i32::MIN;
/// The value in the column of changes for a record without a time of its last change.
const NO_CHANGE: i64 = i64::MIN;

/// A segment under construction, which collects views.
#[derive(Default)]
pub(crate) struct SegmentBuilder {
    keys: Vec<u64>,
    modified: Vec<u64>,
    published: Vec<u32>,
    state: Vec<u8>,
    place: Vec<u64>,
    blob_starts: Vec<u32>,
    blobs: Vec<u8>,
    products: Interner,
    /// Whether a product is one of configurations, by its number.
    configured: Vec<bool>,
    homes: Interner,
    row_products_starts: Vec<u32>,
    row_products: Vec<u32>,
    row_homes_starts: Vec<u32>,
    row_homes: Vec<u32>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) refused: Vec<Refused>,
    /// The position inside the artefact of the file from which the next views come, in bytes.
    pub(crate) base: u64,
    /// The texts of the views, which stand in a file of their own.
    pub(crate) texts: TextsBuilder,
    urls: HashMap<Box<str>, Option<u32>, BuildFast>,
}

/// A table that gives each string a number, in the order of first use.
#[derive(Default)]
struct Interner {
    numbers: HashMap<Box<str>, u32, BuildFast>,
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

type BuildFast = std::hash::BuildHasherDefault<FxLike>;

/// A fast hash for names. Collisions gain an attacker nothing: the time for a hostile feed is bounded by its size limit.
#[derive(Default)]
struct FxLike(u64);

impl std::hash::Hasher for FxLike {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

impl Interner {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&n) = self.numbers.get(name) {
            return n;
        }
        let n = self.starts.len() as u32;
        self.starts.push(self.bytes.len() as u32);
        self.bytes.extend_from_slice(name.as_bytes());
        self.numbers.insert(name.into(), n);
        n
    }

    fn write<W: Write>(&self, out: &mut TableWriter<W>) -> io::Result<()> {
        let mut starts = self.starts.clone();
        starts.push(self.bytes.len() as u32);
        out.section(&le32(&starts))?;
        out.section(&self.bytes)
    }
}

impl Collector for SegmentBuilder {
    fn product(&mut self, name: &str) -> u32 {
        self.products.number(name)
    }

    fn view(&mut self, view: &View<'_>, text: RecordText, homes: &mut dyn Iterator<Item = &str>, place: Range<usize>) {
        self.keys.push(view.key);
        self.modified.push(view.modified.unwrap_or(NO_CHANGE).cast_unsigned());
        self.published.push(view.published.unwrap_or(NO_DATE).cast_unsigned());
        let decidable = !view.configurations.is_empty() || !view.affected.is_empty();
        self.state.push(view.state as u8 | if decidable { DECIDABLE } else { 0 });
        self.place.push(self.base + place.start as u64);
        self.texts.push(&text);
        self.blob_starts.push(self.blobs.len() as u32);
        // Writing to a vector cannot fail.
        let blobs = std::mem::take(&mut self.blobs);
        self.blobs = postcard::to_extend(view, blobs).unwrap_or_default();
        let vulnerable =
            view.configurations.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.products).filter(|p| p.vulnerable).map(|p| p.product);
        for product in view.configurations.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.products).map(|p| p.product as usize) {
            if self.configured.len() <= product {
                self.configured.resize(product + 1, false);
            }
            self.configured[product] = true;
        }
        let row = &mut self.row_products;
        let start = row.len();
        self.row_products_starts.push(start as u32);
        row.extend(vulnerable.chain(view.affected.iter().map(|a| a.product)));
        sort_tail(row, start);
        let start = self.row_homes.len();
        self.row_homes_starts.push(start as u32);
        for url in homes {
            // Reference URLs repeat their beginnings; the home depends on little more than that.
            let head = url_head(url);
            let number = match self.urls.get(head) {
                Some(&number) => number,
                None => {
                    let number = home_of(url).map(|home| self.homes.number(&home));
                    self.urls.insert(head.into(), number);
                    number
                }
            };
            self.row_homes.extend(number);
        }
        sort_tail(&mut self.row_homes, start);
    }

    fn refuse(&mut self, refused: Refused) {
        self.refused.push(refused);
    }
}

/// The part of a URL that decides its home, which is the key of the cache of homes.
fn url_head(url: &str) -> &str {
    let mut slashes = 0;
    for (i, b) in url.bytes().enumerate() {
        if b == b'?' || b == b'#' {
            return url;
        }
        if b == b'/' {
            slashes += 1;
            // scheme, host, owner, name: what follows does not matter on the big forge.
            if slashes == 5 && url.get(..19).is_some_and(|h| h.eq_ignore_ascii_case("https://github.com/")) {
                return &url[..i];
            }
        }
    }
    url
}

fn sort_tail(row: &mut Vec<u32>, start: usize) {
    row[start..].sort_unstable();
    let mut kept = start;
    for i in start..row.len() {
        if i == start || row[i] != row[kept - 1] {
            row[kept] = row[i];
            kept += 1;
        }
    }
    row.truncate(kept);
}

impl SegmentBuilder {
    /// The number of collected views.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Writes the segment with the digest `identity`.
    pub(crate) fn write<W: Write>(mut self, out: W, identity: Digest, meta: &[u8]) -> io::Result<W> {
        self.blob_starts.push(self.blobs.len() as u32);
        self.row_products_starts.push(self.row_products.len() as u32);
        self.row_homes_starts.push(self.row_homes.len() as u32);
        let mut out = TableWriter::new(out, identity)?;
        out.section(meta)?;
        out.section(&le64(&self.keys))?;
        out.section(&le64(&self.modified))?;
        out.section(&le32(&self.published))?;
        out.section(&le64(&self.place))?;
        out.section(&le32(&self.blob_starts))?;
        out.section(&self.blobs)?;
        self.products.write(&mut out)?;
        self.homes.write(&mut out)?;
        out.section(&le32(&self.row_products_starts))?;
        out.section(&le32(&self.row_products))?;
        out.section(&le32(&self.row_homes_starts))?;
        out.section(&le32(&self.row_homes))?;
        out.section(&le64(&self.facts.iter().map(|f| f.key).collect::<Vec<_>>()))?;
        let values: Vec<u32> = self.facts.iter().flat_map(|f| [f.value.to_bits(), f.extra.to_bits()]).collect();
        out.section(&le32(&values))?;
        out.section(&self.state)?;
        let configured = self.configured.iter().enumerate().filter(|(_, is)| **is).map(|(product, _)| product as u32);
        out.section(&le32(&configured.collect::<Vec<_>>()))?;
        out.finish()
    }
}

/// A segment on disk.
pub(crate) struct Segment {
    tables: Tables,
    /// The views that were read so far, in their stored form, by row.
    read: Box<[OnceLock<Box<[u8]>>]>,
}

impl Segment {
    /// Opens the segment with the digest `identity`, after a check of all its bytes.
    pub(crate) fn open(path: &Path, identity: Digest) -> Result<Self, IndexDamage> {
        let tables = Tables::open(path, identity)?;
        let rows = tables.u64s(section::KEYS).len();
        Ok(Self { tables, read: std::iter::repeat_with(OnceLock::new).take(rows).collect() })
    }

    pub(crate) fn meta(&self) -> &[u8] {
        self.tables.bytes(section::META)
    }

    pub(crate) fn keys(&self) -> Numbers<'_, 8> {
        self.tables.u64s(section::KEYS)
    }

    /// The time of the last change, in seconds since 1970-01-01; before all others where the record has none.
    pub(crate) fn modified(&self, row: usize) -> i64 {
        self.tables.u64s(section::MODIFIED).get(row).cast_signed()
    }

    /// The time of publication, in minutes since 1970-01-01; `None` where the record has none.
    pub(crate) fn published(&self, row: usize) -> Option<i32> {
        Some(self.tables.u32s(section::PUBLISHED).get(row).cast_signed()).filter(|minute| *minute != NO_DATE)
    }

    /// The [`crate::records::RecordState`] of the record as a number, with [`DECIDABLE`].
    pub(crate) fn state(&self, row: usize) -> u8 {
        self.tables.bytes(section::STATE).get(row).copied().unwrap_or(0)
    }

    /// The position of the record in the unpacked raw file, in bytes.
    pub(crate) fn place(&self, row: usize) -> u64 {
        self.tables.u64s(section::PLACE).get(row)
    }

    fn blob_place(&self, row: usize) -> Range<usize> {
        self.tables.u32s(section::BLOB_STARTS).row(row)
    }

    /// The view of a row in its stored form, through the memory map, for reading all rows.
    pub(crate) fn blob(&self, row: usize) -> &[u8] {
        self.tables.bytes(section::BLOBS).get(self.blob_place(row)).unwrap_or(&[])
    }

    /// The view of a row; `None` after the last one. It stays in memory: for reading a few thousand of all rows.
    pub(crate) fn view(&self, row: usize) -> Option<View<'_>> {
        let stored = self.read.get(row)?.get_or_init(|| {
            // What cannot be read here is what cannot be read through the map either.
            self.tables.read(section::BLOBS, self.blob_place(row)).unwrap_or_else(|_| self.blob(row).into())
        });
        Self::view_of(stored)
    }

    /// As [`Segment::view`], through the memory map, for reading all rows.
    pub(crate) fn mapped_view(&self, row: usize) -> Option<View<'_>> {
        Self::view_of(self.blob(row))
    }

    fn view_of(stored: &[u8]) -> Option<View<'_>> {
        let view: View<'_> = postcard::from_bytes(stored).ok()?;
        view.ratings.iter().all(|r| (0.0..=10.0).contains(&r.score)).then_some(view)
    }

    pub(crate) fn products(&self) -> Strings<'_> {
        Strings { starts: self.tables.u32s(section::PRODUCT_STARTS), bytes: self.tables.bytes(section::PRODUCTS) }
    }

    /// The products of configurations, whose names are those of CPE, by their numbers in the segment.
    pub(crate) fn configured(&self) -> Numbers<'_, 4> {
        self.tables.u32s(section::CONFIGURED)
    }

    pub(crate) fn homes(&self) -> Strings<'_> {
        Strings { starts: self.tables.u32s(section::HOME_STARTS), bytes: self.tables.bytes(section::HOMES) }
    }

    pub(crate) fn row_products(&self, row: usize) -> Numbers<'_, 4> {
        self.tables.u32s(section::ROW_PRODUCTS).slice(self.tables.u32s(section::ROW_PRODUCTS_STARTS).row(row))
    }

    pub(crate) fn row_homes(&self, row: usize) -> Numbers<'_, 4> {
        self.tables.u32s(section::ROW_HOMES).slice(self.tables.u32s(section::ROW_HOMES_STARTS).row(row))
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        let (keys, values) = (self.tables.u64s(section::FACT_KEYS), self.tables.u32s(section::FACT_VALUES));
        (0..keys.len()).map(move |i| Fact {
            key: keys.get(i),
            value: f32::from_bits(values.get(2 * i)),
            extra: f32::from_bits(values.get(2 * i + 1)),
        })
    }
}
