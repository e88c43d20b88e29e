//! A header: an index of tags, and a store of their values.
//!
//! Format: "Header Structure" of rpm's manual on its package format (v4). Numbers are big endian. An index entry has 16 bytes: tag, type,
//! offset of the value in the store, and number of values.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use super::tag::Tag;

/// The greatest number of index entries in a header: rpm's own limit (`HEADER_TAGS_MAX`).
pub const MAX_ENTRIES: usize = 0xffff;
/// The greatest size of a store in bytes: a quarter of rpm's limit (`HEADER_DATA_MAX`), and several times that of the largest packages.
pub const MAX_STORE: usize = 64 << 20;

const MARK: [u8; 4] = [0x8e, 0xad, 0xe8, 1];
/// The size of the mark, a reserved word and the two lengths, in bytes.
const INTRO: usize = 16;
/// The size of an index entry in bytes.
const ENTRY: usize = 16;
/// The number of bytes by which all values together may exceed twice the store. A small file whose values share bytes would cause much
/// work.
const SHARED: usize = 4096;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// No value.
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

    /// The size of one value in bytes; `None` for strings, whose sizes differ.
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

/// The error of a header or of a value in it. The message continues after "the header".
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The bytes cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The header does not begin with its mark.
    #[error("does not start with the mark of a header (8e ad e8 01)")]
    Mark,
    /// The bytes end before the header does.
    #[error("is cut short: it needs {needed} bytes, {there} are there")]
    Cut {
        /// The number of bytes that are needed.
        needed: u64,
        /// The number of bytes that are there.
        there: u64,
    },
    /// The header exceeds a limit.
    #[error(
        "claims {entries} index entries and a store of {store} bytes; 1 to {MAX_ENTRIES} entries, {MAX_STORE} bytes of store \
         and at most {limit} bytes in all are read"
    )]
    Size {
        /// The number of index entries in the header's intro.
        entries: usize,
        /// The size of the store in the header's intro, in bytes.
        store: usize,
        /// The greatest size of index and store together, in bytes.
        limit: usize,
    },
    /// An index entry cannot be used.
    #[error("has at {tag}, byte {offset} of its store, {fault}")]
    Entry {
        /// The tag.
        tag: Tag,
        /// The offset of its value in the store.
        offset: usize,
        /// The fault.
        fault: Fault,
    },
    /// Two lists that belong together are not equally long.
    #[error("has {} values at {} and {} at {}, which belong together", one.1, one.0, other.1, other.0)]
    Unequal {
        /// A tag and its number of values.
        one: (Tag, usize),
        /// The other tag and its number of values.
        other: (Tag, usize),
    },
    /// A value that must be there is missing.
    #[error("has no {what} ({tag})")]
    Missing {
        /// The tag.
        tag: Tag,
        /// The meaning of the value, for the message.
        what: &'static str,
    },
    /// A value is there and not allowed.
    #[error("has a wrong value at {tag}: {what}")]
    Unfit {
        /// The tag.
        tag: Tag,
        /// The fault, in words.
        what: String,
    },
}

/// The fault of an index entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The type is unknown.
    #[error("a value of the unknown type {0}")]
    UnknownType(u32),
    /// The value, or the end of a string in it, lies outside of the store.
    #[error("a value that reaches past the end of the store")]
    Outside,
    /// The values up to this one share most of their bytes.
    #[error("a value that overlaps others")]
    Overlap,
    /// The value has another type than is expected.
    #[error("a value of type {found} where {expected} is expected")]
    OtherType {
        /// The type of the value.
        found: Type,
        /// The expected type, in words.
        expected: &'static str,
    },
    /// The tag has too many values.
    #[error("{found} values; at most {limit} are read")]
    TooMany {
        /// The number of its values.
        found: usize,
        /// The greatest number.
        limit: usize,
    },
}

impl HeaderError {
    /// Checks that two lists that belong together are equally long.
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
    /// An entry, and the number of bytes of its value in the store.
    fn read(raw: &[u8; ENTRY], store: &[u8]) -> Result<(Self, usize), HeaderError> {
        let [tag, kind, offset, count] = words(raw);
        let (tag, offset, count) = (Tag(tag), offset as usize, count as usize);
        let failed = |fault| HeaderError::Entry { tag, offset, fault };
        let known = Type::ALL.get(kind as usize).copied().ok_or_else(|| failed(Fault::UnknownType(kind)))?;
        let entry = Self { tag, kind: known, offset, count };
        let length = entry.length(store).ok_or_else(|| failed(Fault::Outside))?;
        Ok((entry, length))
    }

    /// The size of the value in bytes; `None` where it is not in the store as a whole.
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

    /// The number of strings in the value; a [`Type::String`] is one, even if its count is 0.
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

/// A header in memory. All of it was checked: each value is in the store as its index entry says.
#[derive(Debug)]
pub struct Header<'a> {
    entries: Vec<Entry>,
    store: Cow<'a, [u8]>,
}

impl<'a> Header<'a> {
    /// Reads the next header of a package file, with at most `limit` bytes of index and store.
    ///
    /// # Errors
    /// When the bytes cannot be read or are too few, the header exceeds a limit, or an index entry is wrong.
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

    /// The header in a blob of a database of installed packages: the two lengths, the index and the store, without a mark.
    ///
    /// # Errors
    /// When the bytes are too few, the header exceeds a limit, or an index entry is wrong.
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

    /// The size of the header in a package file in bytes, with its mark and without padding.
    pub(super) fn length(&self) -> u64 {
        (INTRO + self.entries.len() * ENTRY + self.store.len()) as u64
    }

    /// The first entry of a tag, and the store from its value on. Further entries of the tag are not in the region that is signed.
    fn find(&self, tag: Tag) -> Option<(&Entry, &[u8])> {
        let entry = self.entries.iter().find(|e| e.tag == tag)?;
        Some((entry, self.store.get(entry.offset..)?))
    }

    /// Whether the header has the tag.
    #[must_use]
    pub fn has(&self, tag: Tag) -> bool {
        self.entries.iter().any(|e| e.tag == tag)
    }

    /// The tags in the order of the index.
    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        self.entries.iter().map(|e| e.tag)
    }

    /// The numbers of a tag, of any width; empty where the header has no such tag.
    ///
    /// # Errors
    /// When the values are no numbers, or more than `limit`.
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
    /// When the values are no numbers, or more than 65,535.
    pub fn number(&self, tag: Tag) -> Result<Option<u64>, HeaderError> {
        Ok(self.numbers(tag, usize::from(u16::MAX))?.first().copied())
    }

    /// The strings of a tag, without the zero bytes at their ends; empty where the header has no such tag. A text in several languages
    /// gives all of them, the plain one first.
    ///
    /// # Errors
    /// When the values are no strings, or more than `limit`.
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
    /// When the values are no strings, or more than 65,535.
    pub fn string(&self, tag: Tag) -> Result<Option<String>, HeaderError> {
        Ok(self.strings(tag, usize::from(u16::MAX))?.first().map(|s| text(s)))
    }

    /// The first string of a tag that must be there and not be empty; `what` names it in the message.
    ///
    /// # Errors
    /// When the string is missing or empty, and as for [`Header::string`].
    pub fn required(&self, tag: Tag, what: &'static str) -> Result<String, HeaderError> {
        self.string(tag)?.filter(|s| !s.is_empty()).ok_or(HeaderError::Missing { tag, what })
    }

    /// The epoch of the package; 0 where it has none.
    ///
    /// # Errors
    /// When the epoch is no number, or larger than 32 bits.
    pub fn epoch(&self) -> Result<u32, HeaderError> {
        let tag = Tag::EPOCH;
        let epoch = self.number(tag)?.unwrap_or(0);
        u32::try_from(epoch).map_err(|_| HeaderError::Unfit { tag, what: format!("the epoch {epoch} is too large") })
    }

    /// The bytes of a tag; `None` where the header has no such tag.
    ///
    /// # Errors
    /// When the value is not of type [`Type::Bin`].
    pub fn binary(&self, tag: Tag) -> Result<Option<&[u8]>, HeaderError> {
        let Some((entry, bytes)) = self.find(tag) else { return Ok(None) };
        if entry.kind != Type::Bin {
            return Err(entry.expected("a value of bytes"));
        }
        Ok(bytes.get(..entry.count))
    }
}

/// The bytes as text: UTF-8, or else each byte as a Latin-1 character, as in old packages.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

/// The next `needed` bytes of a file.
fn part(from: &mut impl Read, needed: usize) -> Result<Vec<u8>, HeaderError> {
    let mut bytes = Vec::new();
    // `take` grows the buffer with what is really there: a lie about the length costs nothing.
    from.take(needed as u64).read_to_end(&mut bytes).map_err(HeaderError::Read)?;
    if bytes.len() < needed {
        return Err(HeaderError::Cut { needed: needed as u64, there: bytes.len() as u64 });
    }
    Ok(bytes)
}

/// The number of index entries and the size of the store in bytes, from the two lengths.
fn sizes(lengths: &[u8], limit: usize) -> Result<(usize, usize), HeaderError> {
    let [entries, store] = words(lengths).map(|word| word as usize);
    let limit = limit.min(MAX_ENTRIES * ENTRY + MAX_STORE);
    let fits = (1..=MAX_ENTRIES).contains(&entries) && store <= MAX_STORE && entries * ENTRY + store <= limit;
    if fits { Ok((entries, store)) } else { Err(HeaderError::Size { entries, store, limit }) }
}

/// The big-endian numbers of 32 bits in the bytes; 0 for those that are missing.
fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    std::array::from_fn(|at| bytes.get(4 * at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b)))
}
