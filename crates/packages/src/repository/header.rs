//! The header of an RPM file: an index of tags and a store of their values.
//!
//! Format: rpm's manual, "RPM v4 package format". Numbers are big endian. A value is looked up and checked when it is asked for.

use std::io::Read;

/// rpm's own limit on the number of tags (`HEADER_TAGS_MAX`).
const MAX_TAGS: usize = 0xffff;

/// Tags of a header, and of a signature header where the name says so.
pub(super) mod tag {
    pub(crate) const SIGNATURE_LONG_ARCHIVE_SIZE: u32 = 271;
    pub(crate) const SIGNATURE_PAYLOAD_SIZE: u32 = 1007;
    pub(crate) const NAME: u32 = 1000;
    pub(crate) const VERSION: u32 = 1001;
    pub(crate) const RELEASE: u32 = 1002;
    pub(crate) const EPOCH: u32 = 1003;
    pub(crate) const SUMMARY: u32 = 1004;
    pub(crate) const DESCRIPTION: u32 = 1005;
    pub(crate) const BUILDTIME: u32 = 1006;
    pub(crate) const BUILDHOST: u32 = 1007;
    pub(crate) const SIZE: u32 = 1009;
    pub(crate) const VENDOR: u32 = 1011;
    pub(crate) const LICENSE: u32 = 1014;
    pub(crate) const PACKAGER: u32 = 1015;
    pub(crate) const GROUP: u32 = 1016;
    pub(crate) const URL: u32 = 1020;
    pub(crate) const ARCH: u32 = 1022;
    pub(crate) const OLDFILENAMES: u32 = 1027;
    pub(crate) const FILEMODES: u32 = 1030;
    pub(crate) const FILEFLAGS: u32 = 1037;
    pub(crate) const SOURCERPM: u32 = 1044;
    pub(crate) const ARCHIVESIZE: u32 = 1046;
    pub(crate) const PROVIDENAME: u32 = 1047;
    pub(crate) const REQUIREFLAGS: u32 = 1048;
    pub(crate) const REQUIRENAME: u32 = 1049;
    pub(crate) const REQUIREVERSION: u32 = 1050;
    pub(crate) const CONFLICTFLAGS: u32 = 1053;
    pub(crate) const CONFLICTNAME: u32 = 1054;
    pub(crate) const CONFLICTVERSION: u32 = 1055;
    pub(crate) const CHANGELOGTIME: u32 = 1080;
    pub(crate) const CHANGELOGNAME: u32 = 1081;
    pub(crate) const CHANGELOGTEXT: u32 = 1082;
    pub(crate) const OBSOLETENAME: u32 = 1090;
    pub(crate) const SOURCEPACKAGE: u32 = 1106;
    pub(crate) const PROVIDEFLAGS: u32 = 1112;
    pub(crate) const PROVIDEVERSION: u32 = 1113;
    pub(crate) const OBSOLETEFLAGS: u32 = 1114;
    pub(crate) const OBSOLETEVERSION: u32 = 1115;
    pub(crate) const DIRINDEXES: u32 = 1116;
    pub(crate) const BASENAMES: u32 = 1117;
    pub(crate) const DIRNAMES: u32 = 1118;
    pub(crate) const LONGSIZE: u32 = 5009;
    pub(crate) const RECOMMENDNAME: u32 = 5046;
    pub(crate) const RECOMMENDVERSION: u32 = 5047;
    pub(crate) const RECOMMENDFLAGS: u32 = 5048;
    pub(crate) const SUGGESTNAME: u32 = 5049;
    pub(crate) const SUGGESTVERSION: u32 = 5050;
    pub(crate) const SUGGESTFLAGS: u32 = 5051;
    pub(crate) const SUPPLEMENTNAME: u32 = 5052;
    pub(crate) const SUPPLEMENTVERSION: u32 = 5053;
    pub(crate) const SUPPLEMENTFLAGS: u32 = 5054;
    pub(crate) const ENHANCENAME: u32 = 5055;
    pub(crate) const ENHANCEVERSION: u32 = 5056;
    pub(crate) const ENHANCEFLAGS: u32 = 5057;
}

const INT8: u32 = 2;
const INT16: u32 = 3;
const INT32: u32 = 4;
const INT64: u32 = 5;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    kind: u32,
    offset: usize,
    count: usize,
}

/// A header in memory.
pub(super) struct Header {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    store: usize,
    /// How many bytes it takes in the file, with its mark and lengths, without padding.
    pub(super) length: u64,
}

impl Header {
    /// Reads the header that comes next, of at most `limit` bytes.
    ///
    /// # Errors
    /// In a few words, what is wrong with it.
    pub(super) fn read(from: &mut impl Read, limit: usize) -> Result<Self, String> {
        let mut intro = [0u8; 16];
        from.read_exact(&mut intro).map_err(|e| format!("cannot be read: {e}"))?;
        let [0x8e, 0xad, 0xe8, 1, _, _, _, _, a, b, c, d, e, f, g, h] = intro else {
            return Err("does not start with a header's mark".to_owned());
        };
        let (count, data) = (u32::from_be_bytes([a, b, c, d]) as usize, u32::from_be_bytes([e, f, g, h]) as usize);
        let size = count.saturating_mul(16).saturating_add(data);
        if count > MAX_TAGS || size > limit {
            return Err(format!("claims {count} tags and {data} bytes of values; at most {MAX_TAGS} tags and {limit} bytes are read"));
        }
        let mut bytes = Vec::new();
        // `take` grows the buffer with what is really there: a lie about the length costs nothing.
        from.take(size as u64).read_to_end(&mut bytes).map_err(|e| format!("cannot be read: {e}"))?;
        if bytes.len() < size {
            return Err(format!("needs {size} bytes, {} are there: the file is cut short", bytes.len()));
        }
        let store = count * 16;
        let field = |at: &[u8]| at.first_chunk::<4>().map_or(0, |b| u32::from_be_bytes(*b));
        let index = bytes.get(..store).unwrap_or_default();
        let entries = index
            .chunks_exact(16)
            .map(|e| {
                let (tag, rest) = e.split_at(4);
                let (kind, rest) = rest.split_at(4);
                let (offset, count) = rest.split_at(4);
                Entry { tag: field(tag), kind: field(kind), offset: field(offset) as usize, count: field(count) as usize }
            })
            .collect();
        Ok(Self { entries, bytes, store, length: 16 + size as u64 })
    }

    fn find(&self, tag: u32) -> Option<(Entry, &[u8])> {
        // The first one is inside the region that is signed.
        let entry = self.entries.iter().find(|e| e.tag == tag).copied()?;
        let at = self.store.checked_add(entry.offset)?;
        Some((entry, self.bytes.get(at..)?))
    }

    /// Whether the tag is there.
    pub(super) fn has(&self, tag: u32) -> bool {
        self.entries.iter().any(|e| e.tag == tag)
    }

    /// The numbers of a tag, of whatever width; empty where there is none.
    ///
    /// # Errors
    /// When it holds no numbers, or more than `limit` or than there are.
    pub(super) fn numbers(&self, tag: u32, limit: usize) -> Result<Vec<u64>, String> {
        let Some((entry, bytes)) = self.find(tag) else { return Ok(Vec::new()) };
        let width = match entry.kind {
            INT8 => 1,
            INT16 => 2,
            INT32 => 4,
            INT64 => 8,
            kind => return Err(format!("tag {tag} has type {kind}, where numbers are expected")),
        };
        if entry.count > limit {
            return Err(format!("tag {tag} has {} numbers; at most {limit} are read", entry.count));
        }
        let bytes = bytes.get(..entry.count * width).ok_or_else(|| format!("tag {tag} reaches past the end of the header"))?;
        Ok(bytes.chunks_exact(width).map(|c| c.iter().fold(0, |n, b| (n << 8) | u64::from(*b))).collect())
    }

    /// The first number of a tag.
    ///
    /// # Errors
    /// As for [`Header::numbers`].
    pub(super) fn number(&self, tag: u32) -> Result<Option<u64>, String> {
        Ok(self.numbers(tag, usize::from(u16::MAX))?.first().copied())
    }

    /// The strings of a tag; empty where there is none. Of a text in several languages all of them, the plain one first.
    ///
    /// # Errors
    /// When it holds no strings, or more than `limit`, or the last one has no end.
    pub(super) fn strings(&self, tag: u32, limit: usize) -> Result<Vec<&[u8]>, String> {
        let Some((entry, bytes)) = self.find(tag) else { return Ok(Vec::new()) };
        if !matches!(entry.kind, STRING | STRING_ARRAY | I18N_STRING) {
            return Err(format!("tag {tag} has type {}, where text is expected", entry.kind));
        }
        let count = if entry.kind == STRING { 1 } else { entry.count };
        if count > limit {
            return Err(format!("tag {tag} has {count} texts; at most {limit} are read"));
        }
        let mut out = Vec::new();
        let mut rest = bytes;
        for _ in 0..count {
            let end = rest.iter().position(|&b| b == 0).ok_or_else(|| format!("a text of tag {tag} reaches past the end of the header"))?;
            let (text, after) = rest.split_at(end);
            out.push(text);
            rest = after.get(1..).unwrap_or_default();
        }
        Ok(out)
    }

    /// The first text of a tag; empty where there is none.
    ///
    /// # Errors
    /// As for [`Header::strings`].
    pub(super) fn text(&self, tag: u32) -> Result<String, String> {
        Ok(self.strings(tag, usize::from(u16::MAX))?.first().map(|s| text(s)).unwrap_or_default())
    }
}

/// Bytes as text: UTF-8, else each byte as the Latin-1 character that it was in old packages.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}
