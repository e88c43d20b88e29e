//! The record views of the sources, in one form.
//!
//! Each parser turns one raw artefact into [`View`]s, the views of a source on CVEs. A view borrows from the raw text while it is parsed,
//! and from the segment once it is stored.

mod cve5;
mod facts;
mod json;
mod nvd;
mod osv;
mod osv_ranges;
mod text;
mod time;

use std::fmt;
use std::marker::PhantomData;

pub use seaworthy_model::SourceKind;
use seaworthy_model::{Rater, Reference};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use cve5::parse_cve5;
pub(crate) use facts::kev_due;
pub use facts::{Fact, parse_epss, parse_kev};
pub use nvd::{NvdFeed, parse_nvd, parse_override};
pub use osv::{ECOSYSTEMS, parse_osv};

/// The greatest length of a version or bound, in bytes.
const VERSION_BYTES: usize = 256;
/// The greatest length of a part of a product in bytes: the path of a source file, or an import path.
const PART_BYTES: usize = 300;
/// The length of the beginning of a description in a view, in bytes.
const BEGINNING_BYTES: usize = 240;
/// The number of elements for which a list has room before the first is read.
const LIST_BEGINS: usize = 4;

/// The state of a record in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// The record is published.
    Published,
    /// The record is published, and somebody disputes that it is a vulnerability.
    Disputed,
    /// The record is withdrawn: it opens no case, and closes those that it opened.
    Rejected,
}

impl RecordState {
    /// The word as written in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Disputed => "disputed",
            Self::Rejected => "rejected",
        }
    }
}

/// The view of a source on a CVE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View<'a> {
    /// The packed CVE id ([`seaworthy_model::CveId::key`]).
    pub key: u64,
    /// The state.
    pub state: RecordState,
    /// The time of publication, in minutes since 1970-01-01 (UTC); `None` where the source has none.
    pub published: Option<i32>,
    /// The time of the last change, in seconds since 1970-01-01 (UTC); `None` where the source has none.
    pub modified: Option<i64>,
    /// The source's own word for the state of its analysis (`Analyzed`, `Deferred`, `Awaiting Analysis`); empty where it has none.
    pub analysis: &'a str,
    /// The beginning of the English description, in which matching looks for names; [`RecordText`] has all of it.
    pub beginning: &'a str,
    /// The CVSS ratings.
    #[serde(borrow, deserialize_with = "list")]
    pub ratings: Vec<Rating<'a>>,
    /// NVD's configurations, of which any one suffices.
    #[serde(borrow, deserialize_with = "list")]
    pub configurations: Vec<Configuration<'a>>,
    /// The affected products with their versions, as in the CVE List and OSV.
    #[serde(borrow, deserialize_with = "list")]
    pub affected: Vec<Affected<'a>>,
    /// The weaknesses (`CWE-79`).
    #[serde(borrow, deserialize_with = "list")]
    pub weaknesses: Vec<&'a str>,
}

/// A CVSS rating.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rating<'a> {
    /// The version of the specification.
    pub version: seaworthy_model::CvssVersion,
    /// The rater.
    pub rater: Rater,
    /// The base score, from 0 to 10.
    pub score: f32,
    /// The vector; may be empty.
    pub vector: &'a str,
}

/// A configuration of NVD: nodes joined by an operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration<'a> {
    /// Whether all nodes must hold (AND) instead of any.
    pub all: bool,
    /// Whether the result is negated.
    pub negate: bool,
    /// The nodes.
    #[serde(borrow, deserialize_with = "list")]
    pub nodes: Vec<Node<'a>>,
}

/// A node: matches joined by an operator, grouped by product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node<'a> {
    /// Whether all matches must hold (AND) instead of any.
    pub all: bool,
    /// Whether the result is negated.
    pub negate: bool,
    /// The products.
    #[serde(borrow, deserialize_with = "list")]
    pub products: Vec<ProductMatch<'a>>,
}

/// The matches of a product in a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductMatch<'a> {
    /// The number of the product in the segment's table.
    pub product: u32,
    /// Whether the product itself is vulnerable; otherwise it is the platform on which another one is.
    pub vulnerable: bool,
    /// The versions, of which any one suffices.
    #[serde(borrow, deserialize_with = "list")]
    pub versions: Vec<VersionMatch<'a>>,
}

/// The component `update` of a CPE name, by what it asks of a version (NISTIR 7696).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Update {
    /// `*`: the version with any update, or with none.
    Any,
    /// `-`: the version without an update.
    Without,
    /// A value: the version with this update.
    Named,
}

/// A version or range of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionMatch<'a> {
    /// The version with its update joined on (`9.8p1`), or `*` or `-`.
    #[serde(borrow)]
    pub version: std::borrow::Cow<'a, str>,
    /// The update, which belongs to the version, or to the end of the range of every version: it is joined on there as well.
    pub update: Update,
    /// The range; `None` where there are no bounds.
    #[serde(borrow)]
    pub range: Option<seaworthy_model::VersionRange<'a>>,
    /// The component `target_sw`; `None` where it is `*` or `-`.
    pub target_sw: Option<std::borrow::Cow<'a, str>>,
    /// The component `target_hw`; `None` where it is `*` or `-`.
    pub target_hw: Option<std::borrow::Cow<'a, str>>,
}

/// An affected product in the CVE List or OSV.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected<'a> {
    /// The number of the product in the segment's table; its name is `purl:TYPE/NAME` or `a:VENDOR:PRODUCT`.
    pub product: u32,
    /// Whether a version in no range is affected; `None` where that is unknown.
    pub default: Option<bool>,
    /// The ranges, each with its own status.
    #[serde(borrow, deserialize_with = "list")]
    pub ranges: Vec<AffectedRange<'a>>,
    /// The ranges whose status is unknown by the record's own word, or since its words cannot be read.
    #[serde(borrow, deserialize_with = "list")]
    pub unknown: Vec<seaworthy_model::VersionRange<'a>>,
    /// The parts of the product that have the flaw: source files relative to the project (`net/ipv4/tcp.c`), or import paths of Go; none
    /// where the record does not say.
    #[serde(borrow, deserialize_with = "list")]
    pub parts: Vec<&'a str>,
    /// Whether somebody added it to the record (CISA, say), and not the authority that assigned the id.
    pub added: bool,
}

/// A range of an affected product.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AffectedRange<'a> {
    /// The versions.
    #[serde(borrow)]
    pub versions: seaworthy_model::VersionRange<'a>,
    /// Whether the versions are affected; otherwise they are not.
    pub affected: bool,
    /// Whether the bounds are commits, with which no version can be compared.
    pub git: bool,
}

/// The part of a record that is for people. No verdict depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordText {
    /// The English description, of at most 4 KiB, cut at the end of a word where it is longer; empty where there is none. It is foreign
    /// text, with whatever characters it has.
    pub description: String,
    /// The references in the order of their kinds, at most [`Reference::MOST`].
    #[serde(deserialize_with = "list")]
    pub references: Vec<Reference>,
}

/// A record or a part of one that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The file inside the artefact, or the artefact itself.
    pub file: String,
    /// The position in the unpacked file, in bytes.
    pub offset: u64,
    /// The reason.
    pub message: String,
}

/// A receiver of the views of a parser.
pub trait Collector {
    /// Gives the number of a product's name (`a:VENDOR:PRODUCT`, `purl:TYPE/NAME`) in the table; a new name is added.
    fn product(&mut self, name: &str) -> u32;
    /// Takes a view, with the text for people, the addresses of its references, which lead to upstream homes, and the place of the record
    /// in the unpacked file.
    fn view(&mut self, view: &View<'_>, text: RecordText, homes: &mut dyn Iterator<Item = &str>, place: std::ops::Range<usize>);
    /// Takes a refusal.
    fn refuse(&mut self, refused: Refused);
}

/// Reads a list whose stated length may be false: memory grows with the elements that are there.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::with_capacity(elements.size_hint().unwrap_or(0).min(LIST_BEGINS));
            while let Some(element) = elements.next_element()? {
                list.push(element);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_seq(List(PhantomData))
}

/// The beginning of a text: at most `limit` bytes, cut between characters.
fn shortened(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
