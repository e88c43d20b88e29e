//! A header: an index of tags, and a store of their values.
//!
//! Format: "Header Structure" of rpm's manual on its package format (v4). Numbers are big endian. An index entry has 16 bytes: tag,
//! type, offset of the value in the store, and how many values there are.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use super::tag::Tag;

/// The most index entries of a header: rpm's own limit (`HEADER_TAGS_MAX`).
pub const MAX_ENTRIES: usize = 0xffff;
/// The most bytes of a store: a quarter of rpm's limit (`HEADER_DATA_MAX`), and several times what the largest packages have.
pub const MAX_STORE: usize = 64 << 20;

const MARK: [u8; 4] = [0x8e, 0xad, 0xe8, 1];
/// The bytes of the mark, a reserved word and the two lengths.
const INTRO: usize = 16;
/// The bytes of an index entry.
const ENTRY: usize = 16;
/// How far the lengths of all values may go beyond twice the store. Values that share bytes would let a small file make much work.
const SHARED: usize = 4096;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing.
    Null,
    /// Bytes that are characters.
    Char,
    /// Numbers of 8 bits.
    Int8,
    /// Numbers of 16 bits.
    Int16,
    /// Numbers of 32 bits.
    Int32,
    /// Numbers of 64 bits.
    Int64,
    /// One string.
    String,
    /// Bytes.
    Bin,
    /// Strings.
    StringArray,
    /// One text in several languages, the plain one first.
    I18nString,
}

impl Type {
    const ALL: [Self; 10] = [
        Self::Null,
        Self::Char,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::String,
        Self::Bin,
        Self::StringArray,
        Self::I18nString,
    ];

    /// The bytes of one value, where each has as many.
    fn width(self) -> Option<usize> {
        match self {
            Self::Null => Some(0),
            Self::Char | Self::Int8 | Self::Bin => Some(1),
            Self::Int16 => Some(2),
            Self::Int32 => Some(4),
            Self::Int64 => Some(8),
            Self::String | Self::StringArray | Self::I18nString => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "NULL",
            Self::Char => "CHAR",
            Self::Int8 => "INT8",
            Self::Int16 => "INT16",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::String => "STRING",
            Self::Bin => "BIN",
            Self::StringArray => "STRING_ARRAY",
            Self::I18nString => "I18NSTRING",
        })
    }
}

/// Why a header, or a value in it, cannot be read. The message goes on after "the header".
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The bytes cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// Other bytes stand in its place.
    #[error("does not start with the mark of a header (8e ad e8 01)")]
    Mark,
    /// The bytes end in it.
    #[error("is cut short: it needs {needed} bytes, {there} are there")]
    Cut {
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that are there.
        there: u64,
    },
    /// It passes a limit.
    #[error(
        "claims {entries} index entries and a store of {store} bytes; 1 to {MAX_ENTRIES} entries, {MAX_STORE} bytes of store \
         and at most {limit} bytes in all are read"
    )]
    Size {
        /// Index entries that it claims.
        entries: usize,
        /// Bytes of store that it claims.
        store: usize,
        /// Bytes of index and store that are read.
        limit: usize,
    },
    /// An index entry cannot be used.
    #[error("has at {tag}, byte {offset} of its store, {fault}")]
    Entry {
        /// Its tag.
        tag: Tag,
        /// Where its value begins in the store.
        offset: usize,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Two lists that belong together are not equally long.
    #[error("has {} values at {} and {} at {}, which belong together", one.1, one.0, other.1, other.0)]
    Unequal {
        /// A tag, and how many values it has.
        one: (Tag, usize),
        /// The other one.
        other: (Tag, usize),
    },
    /// A value has to be there.
    #[error("has no {what} ({tag})")]
    Missing {
        /// Its tag.
        tag: Tag,
        /// What it says.
        what: &'static str,
    },
    /// A value is there, and cannot be right.
    #[error("has a wrong value at {tag}: {what}")]
    Unfit {
        /// Its tag.
        tag: Tag,
        /// What is wrong with it.
        what: String,
    },
}

/// What is wrong with an index entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No such type is known.
    #[error("a value of the unknown type {0}")]
    UnknownType(u32),
    /// Its value, or the end of a string of it, lies outside of the store.
    #[error("a value that reaches past the end of the store")]
    Outside,
    /// The entries up to this one share most of their bytes.
    #[error("a value that overlaps others")]
    Overlap,
    /// Another type is expected.
    #[error("a value of type {found} where {expected} is expected")]
    OtherType {
        /// The type that it has.
        found: Type,
        /// In words, what is expected.
        expected: &'static str,
    },
    /// It has more values than are read.
    #[error("{found} values; at most {limit} are read")]
    TooMany {
        /// How many it has.
        found: usize,
        /// How many are read.
        limit: usize,
    },
}

impl HeaderError {
    /// Makes sure that two lists that belong together are equally long.
    pub(crate) fn unless_equal(one: (Tag, usize), other: (Tag, usize)) -> Result<(), Self> {
        if one.1 == other.1 { Ok(()) } else { Err(Self::Unequal { one, other }) }
    }
}

/// An index entry whose value lies inside the store.
#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: Tag,
    kind: Type,
    offset: usize,
    count: usize,
}

impl Entry {
    /// An entry, and how many bytes of the store its value takes.
    fn read(raw: &[u8; ENTRY], store: &[u8]) -> Result<(Self, usize), HeaderError> {
        let [tag, kind, offset, count] = words(raw);
        let (tag, offset, count) = (Tag(tag), offset as usize, count as usize);
        let failed = |fault| HeaderError::Entry { tag, offset, fault };
        let known = Type::ALL.get(kind as usize).copied().ok_or_else(|| failed(Fault::UnknownType(kind)))?;
        let entry = Self { tag, kind: known, offset, count };
        let length = entry.length(store).ok_or_else(|| failed(Fault::Outside))?;
        Ok((entry, length))
    }

    /// `None` where the value is not in the store as a whole.
    fn length(&self, store: &[u8]) -> Option<usize> {
        let rest = store.get(self.offset..)?;
        if let Some(width) = self.kind.width() {
            return self.count.checked_mul(width).filter(|length| *length <= rest.len());
        }
        let mut length = 0;
        for _ in 0..self.strings() {
            length += rest.get(length..)?.iter().position(|&b| b == 0)? + 1;
        }
        Some(length)
    }

    /// How many strings have to be there; a [`Type::String`] is one, even if its count says none.
    fn strings(&self) -> usize {
        if self.kind == Type::String { self.count.max(1) } else { self.count }
    }

    fn fault(&self, fault: Fault) -> HeaderError {
        HeaderError::Entry { tag: self.tag, offset: self.offset, fault }
    }

    fn expected(&self, expected: &'static str) -> HeaderError {
        self.fault(Fault::OtherType { found: self.kind, expected })
    }

    fn at_most(&self, limit: usize) -> Result<(), HeaderError> {
        if self.count > limit { Err(self.fault(Fault::TooMany { found: self.count, limit })) } else { Ok(()) }
    }
}

/// A header in memory. It was checked as a whole, so that a value is there as its index entry says.
#[derive(Debug)]
pub struct Header<'a> {
    entries: Vec<Entry>,
    store: Cow<'a, [u8]>,
}

impl<'a> Header<'a> {
    /// Reads the header that comes next in a package file, of at most `limit` bytes of index and store.
    ///
    /// # Errors
    /// When the bytes cannot be read or are too few, it passes a limit, or one of its index entries is wrong.
    pub fn read(from: &mut impl Read, limit: usize) -> Result<Header<'static>, HeaderError> {
        let intro = part(from, INTRO)?;
        if !intro.starts_with(&MARK) {
            return Err(HeaderError::Mark);
        }
        let (entries, store) = sizes(intro.get(INTRO / 2..).unwrap_or_default(), limit)?;
        let index = part(from, entries * ENTRY)?;
        let store = part(from, store)?;
        Header::of(&index, store.into())
    }

    /// A header as it lies in a database of installed packages: the two lengths, the index and the store, without a mark.
    ///
    /// # Errors
    /// When the bytes are too few, it passes a limit, or one of its index entries is wrong.
    pub fn from_blob(blob: &'a [u8]) -> Result<Self, HeaderError> {
        let cut = |needed: usize| HeaderError::Cut { needed: needed as u64, there: blob.len() as u64 };
        let (intro, rest) = blob.split_at_checked(INTRO / 2).ok_or_else(|| cut(INTRO / 2))?;
        let (entries, size) = sizes(intro, usize::MAX)?;
        let needed = || cut(INTRO / 2 + entries * ENTRY + size);
        let (index, rest) = rest.split_at_checked(entries * ENTRY).ok_or_else(needed)?;
        let store = rest.get(..size).ok_or_else(needed)?;
        Self::of(index, store.into())
    }

    fn of(index: &[u8], store: Cow<'a, [u8]>) -> Result<Self, HeaderError> {
        let (index, _) = index.as_chunks::<ENTRY>();
        let mut entries = Vec::with_capacity(index.len());
        let mut taken = 0;
        for raw in index {
            let (entry, length) = Entry::read(raw, &store)?;
            taken += length;
            if taken > 2 * store.len() + SHARED {
                return Err(entry.fault(Fault::Overlap));
            }
            entries.push(entry);
        }
        Ok(Self { entries, store })
    }

    /// The bytes that it takes in a package file, with its mark and without padding.
    pub(super) fn length(&self) -> u64 {
        (INTRO + self.entries.len() * ENTRY + self.store.len()) as u64
    }

    /// The entry of a tag, and the store from its value on. Of several the first: the others are not in the region that is signed.
    fn find(&self, tag: Tag) -> Option<(&Entry, &[u8])> {
        let entry = self.entries.iter().find(|e| e.tag == tag)?;
        Some((entry, self.store.get(entry.offset..)?))
    }

    /// Whether a tag is there.
    #[must_use]
    pub fn has(&self, tag: Tag) -> bool {
        self.entries.iter().any(|e| e.tag == tag)
    }

    /// The tags in the order of the index.
    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        self.entries.iter().map(|e| e.tag)
    }

    /// The numbers of a tag, of whatever width; empty where the tag is not there.
    ///
    /// # Errors
    /// When its values are no numbers, or more than `limit`.
    pub fn numbers(&self, tag: Tag, limit: usize) -> Result<Vec<u64>, HeaderError> {
        let Some((entry, bytes)) = self.find(tag) else { return Ok(Vec::new()) };
        let width = match (entry.kind, entry.kind.width()) {
            (Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64, Some(width)) => width,
            _ => return Err(entry.expected("a number")),
        };
        entry.at_most(limit)?;
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| (n << 8) | u64::from(*b));
        Ok(bytes.chunks_exact(width).take(entry.count).map(number).collect())
    }

    /// The first number of a tag; `None` where there is none.
    ///
    /// # Errors
    /// When its values are no numbers, or more than 65,535.
    pub fn number(&self, tag: Tag) -> Result<Option<u64>, HeaderError> {
        Ok(self.numbers(tag, usize::from(u16::MAX))?.first().copied())
    }

    /// The strings of a tag, without the zeros at their ends; empty where the tag is not there. Of a text in several languages all
    /// of them, the plain one first.
    ///
    /// # Errors
    /// When its values are no strings, or more than `limit`.
    pub fn strings(&self, tag: Tag, limit: usize) -> Result<Vec<&[u8]>, HeaderError> {
        let Some((entry, bytes)) = self.find(tag) else { return Ok(Vec::new()) };
        let count = match entry.kind {
            Type::String => 1,
            Type::StringArray | Type::I18nString => entry.count,
            _ => return Err(entry.expected("a string")),
        };
        entry.at_most(limit)?;
        Ok(bytes.split(|&b| b == 0).take(count).collect())
    }

    /// The first string of a tag as [`text`]; `None` where there is none.
    ///
    /// # Errors
    /// When its values are no strings, or more than 65,535.
    pub fn string(&self, tag: Tag) -> Result<Option<String>, HeaderError> {
        Ok(self.strings(tag, usize::from(u16::MAX))?.first().map(|s| text(s)))
    }

    /// The first string of a tag that has to be there and say something; `what` it says is for the message.
    ///
    /// # Errors
    /// When it is missing or empty, and as for [`Header::string`].
    pub fn required(&self, tag: Tag, what: &'static str) -> Result<String, HeaderError> {
        self.string(tag)?.filter(|s| !s.is_empty()).ok_or(HeaderError::Missing { tag, what })
    }

    /// The package's epoch; 0 where it has none.
    ///
    /// # Errors
    /// When it is no number, or larger than 32 bits.
    pub fn epoch(&self) -> Result<u32, HeaderError> {
        let tag = Tag::EPOCH;
        let epoch = self.number(tag)?.unwrap_or(0);
        u32::try_from(epoch).map_err(|_| HeaderError::Unfit { tag, what: format!("the epoch {epoch} is too large") })
    }

    /// The bytes of a tag; `None` where the tag is not there.
    ///
    /// # Errors
    /// When its value is no bytes.
    pub fn binary(&self, tag: Tag) -> Result<Option<&[u8]>, HeaderError> {
        let Some((entry, bytes)) = self.find(tag) else { return Ok(None) };
        if entry.kind != Type::Bin {
            return Err(entry.expected("a value of bytes"));
        }
        Ok(bytes.get(..entry.count))
    }
}

/// Bytes as text: UTF-8, else each byte as the Latin-1 character that it was in old packages.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

/// The next bytes of a file.
fn part(from: &mut impl Read, needed: usize) -> Result<Vec<u8>, HeaderError> {
    let mut bytes = Vec::new();
    // `take` grows the buffer with what is really there: a lie about the length costs nothing.
    from.take(needed as u64).read_to_end(&mut bytes).map_err(HeaderError::Read)?;
    if bytes.len() < needed {
        return Err(HeaderError::Cut { needed: needed as u64, there: bytes.len() as u64 });
    }
    Ok(bytes)
}

/// How many index entries a header has, and how many bytes of store.
fn sizes(lengths: &[u8], limit: usize) -> Result<(usize, usize), HeaderError> {
    let [entries, store] = words(lengths).map(|word| word as usize);
    let limit = limit.min(MAX_ENTRIES * ENTRY + MAX_STORE);
    let fits = (1..=MAX_ENTRIES).contains(&entries) && store <= MAX_STORE && entries * ENTRY + store <= limit;
    if fits { Ok((entries, store)) } else { Err(HeaderError::Size { entries, store, limit }) }
}

/// Numbers of 32 bits; 0 for those that are not there.
fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    std::array::from_fn(|at| bytes.get(4 * at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b)))
}
