//! RPM headers and package files for tests, written independently of the code that reads them.

/// A value of a header, with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// INT8.
    Int8(Vec<u8>),
    /// INT16.
    Int16(Vec<u16>),
    /// INT32.
    Int32(Vec<u32>),
    /// INT64.
    Int64(Vec<u64>),
    /// STRING.
    String(Vec<u8>),
    /// BIN.
    Bin(Vec<u8>),
    /// STRING_ARRAY.
    Strings(Vec<Vec<u8>>),
    /// I18NSTRING.
    I18n(Vec<Vec<u8>>),
}

impl Value {
    /// The type, count, alignment and bytes of the value.
    fn parts(&self) -> (u32, usize, usize, Vec<u8>) {
        let ended = |all: &[Vec<u8>]| all.iter().flat_map(|s| s.iter().copied().chain([0])).collect();
        match self {
            Self::Int8(all) => (2, all.len(), 1, all.clone()),
            Self::Int16(all) => (3, all.len(), 2, all.iter().flat_map(|n| n.to_be_bytes()).collect()),
            Self::Int32(all) => (4, all.len(), 4, all.iter().flat_map(|n| n.to_be_bytes()).collect()),
            Self::Int64(all) => (5, all.len(), 8, all.iter().flat_map(|n| n.to_be_bytes()).collect()),
            Self::String(one) => (6, 1, 1, ended(std::slice::from_ref(one))),
            Self::Bin(all) => (7, all.len(), 1, all.clone()),
            Self::Strings(all) => (8, all.len(), 1, ended(all)),
            Self::I18n(all) => (9, all.len(), 1, ended(all)),
        }
    }
}

/// A header in the form of a database of installed packages: the number of index entries, the bytes of the store, the index, the store.
#[must_use]
pub fn blob(values: &[(u32, Value)]) -> Vec<u8> {
    let mut store = Vec::new();
    let mut index = Vec::new();
    for (tag, value) in values {
        let (kind, count, alignment, bytes) = value.parts();
        store.resize(store.len().next_multiple_of(alignment), 0);
        index.push([*tag, kind, store.len() as u32, count as u32]);
        store.extend(bytes);
    }
    raw_blob(&index, &store)
}

/// A header with any index and store, valid or not. An index entry is a tag, a type, an offset and a count.
#[must_use]
pub fn raw_blob(index: &[[u32; 4]], store: &[u8]) -> Vec<u8> {
    let lengths = [index.len() as u32, store.len() as u32];
    let words = lengths.iter().chain(index.iter().flatten());
    words.flat_map(|word| word.to_be_bytes()).chain(store.iter().copied()).collect()
}

/// A header in the form of a package file: with its magic bytes before it.
#[must_use]
pub fn marked(blob: &[u8]) -> Vec<u8> {
    [&[0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0], blob].concat()
}

/// A package file from a signature header, a header and a payload.
#[must_use]
pub fn package(signature: &[u8], header: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0xed, 0xab, 0xee, 0xdb, 3, 0];
    out.resize(96, 0);
    out.extend(marked(signature));
    out.resize(out.len().next_multiple_of(8), 0);
    out.extend(marked(header));
    out.extend(payload);
    out
}
