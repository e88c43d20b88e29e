//! What the sources say, in one form.
//!
//! Each parser turns one raw artefact into [`View`]s: what one source says of one CVE. A view borrows from the raw
//! text while it is parsed, and from the segment once it is stored.

mod cve5;
mod facts;
mod json;
mod nvd;
mod osv;
mod osv_ranges;
mod time;

use std::fmt;
use std::marker::PhantomData;

use seaworthy_model::Rater;
pub use seaworthy_model::SourceKind;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use cve5::parse_cve5;
pub(crate) use facts::kev_due;
pub use facts::{Fact, parse_epss, parse_kev};
pub use nvd::{NvdFeed, parse_nvd, parse_override};
pub use osv::parse_osv;

/// A version or bound longer than this is no version.
const VERSION_BYTES: usize = 256;
/// The elements that a list has room for before the first of them is read.
const LIST_BEGINS: usize = 4;

/// The state of a record with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Published.
    Published,
    /// Published, and somebody disputes that it is a vulnerability.
    Disputed,
    /// Withdrawn: it opens nothing and closes what it opened.
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

/// What one source says of one CVE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View<'a> {
    /// The packed CVE id ([`seaworthy_model::CveId::key`]).
    pub key: u64,
    /// The state.
    pub state: RecordState,
    /// When it was published, in minutes since 1970-01-01 (UTC), where the source says.
    pub published: Option<i32>,
    /// The last change, in seconds since 1970-01-01 (UTC), where the source says.
    pub modified: Option<i64>,
    /// The source's own word for how far the analysis is (`Analyzed`, `Deferred`, `Awaiting Analysis`).
    pub analysis: &'a str,
    /// The start of the English description.
    pub description: &'a str,
    /// CVSS ratings.
    #[serde(borrow, deserialize_with = "list")]
    pub ratings: Vec<Rating<'a>>,
    /// NVD's configurations: any one of them suffices.
    #[serde(borrow, deserialize_with = "list")]
    pub configurations: Vec<Configuration<'a>>,
    /// Affected products with versions, as the CVE List and OSV state them.
    #[serde(borrow, deserialize_with = "list")]
    pub affected: Vec<Affected<'a>>,
    /// Weaknesses (`CWE-79`).
    #[serde(borrow, deserialize_with = "list")]
    pub weaknesses: Vec<&'a str>,
}

/// A CVSS rating.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rating<'a> {
    /// The specification.
    pub version: seaworthy_model::CvssVersion,
    /// Who rated.
    pub rater: Rater,
    /// The base score.
    pub score: f32,
    /// The vector.
    pub vector: &'a str,
}

/// One configuration of NVD: nodes joined by an operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration<'a> {
    /// All nodes must hold (AND) instead of any.
    pub all: bool,
    /// The result is turned round.
    pub negate: bool,
    /// The nodes.
    #[serde(borrow, deserialize_with = "list")]
    pub nodes: Vec<Node<'a>>,
}

/// One node: matches joined by an operator, grouped by product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node<'a> {
    /// All matches must hold (AND) instead of any.
    pub all: bool,
    /// The result is turned round.
    pub negate: bool,
    /// The products.
    #[serde(borrow, deserialize_with = "list")]
    pub products: Vec<ProductMatch<'a>>,
}

/// The matches of one product in one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductMatch<'a> {
    /// The product, by its number in the segment's table.
    pub product: u32,
    /// Whether the product is what is vulnerable, or only the platform it runs on.
    pub vulnerable: bool,
    /// The versions: any one of them suffices.
    #[serde(borrow, deserialize_with = "list")]
    pub versions: Vec<VersionMatch<'a>>,
}

/// One version or range of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionMatch<'a> {
    /// `*`, `-`, or a version with its update joined on (`9.8p1`).
    #[serde(borrow)]
    pub version: std::borrow::Cow<'a, str>,
    /// The bounds, where any are given.
    #[serde(borrow)]
    pub range: Option<seaworthy_model::VersionRange<'a>>,
    /// `target_sw`, where it is neither `*` nor `-`.
    pub target_sw: Option<std::borrow::Cow<'a, str>>,
    /// `target_hw`, where it is neither `*` nor `-`.
    pub target_hw: Option<std::borrow::Cow<'a, str>>,
}

/// An affected product as the CVE List or OSV states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected<'a> {
    /// The product, by its number in the segment's table: `purl:TYPE/NAME` or `cve:VENDOR:PRODUCT`.
    pub product: u32,
    /// Whether a version that no range names is affected; `None` means unknown.
    pub default: Option<bool>,
    /// Ranges, each with its own status.
    #[serde(borrow, deserialize_with = "list")]
    pub ranges: Vec<AffectedRange<'a>>,
    /// Source files that the record names, relative to the project (`net/ipv4/tcp.c`).
    #[serde(borrow, deserialize_with = "list")]
    pub files: Vec<&'a str>,
    /// CISA's container said it, not the CNA.
    pub by_cisa: bool,
}

/// A range of an affected product.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AffectedRange<'a> {
    /// The versions.
    #[serde(borrow)]
    pub versions: seaworthy_model::VersionRange<'a>,
    /// Whether they are affected, or fixed.
    pub affected: bool,
    /// Whether the bounds are commits, which no version can be held against.
    pub git: bool,
}

/// A record that was not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The file inside the artefact, or the artefact.
    pub file: String,
    /// The byte position in the unpacked file.
    pub offset: u64,
    /// What was found.
    pub message: String,
}

/// Takes what a parser finds.
pub trait Collector {
    /// The number of a product's name in the table (`a:VENDOR:PRODUCT`, `purl:TYPE/NAME`).
    fn product(&mut self, name: &str) -> u32;
    /// One view, with the upstream homes that its references lead to, and where its text lies in the unpacked file.
    fn view(&mut self, view: &View<'_>, homes: &mut dyn Iterator<Item = &str>, text: std::ops::Range<usize>);
    /// A record that could not be taken.
    fn refuse(&mut self, refused: Refused);
}

/// Reads a list whose stated length may be a lie: memory grows with the elements that are there.
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

/// The start of a description: at most `limit` bytes, cut at a character.
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
