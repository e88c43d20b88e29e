use seaworthy_model::{CveId, Evr};

use crate::ChangelogEntry;
use crate::load::day_of_seconds;
use crate::primary::Built;

/// Limits of rpm itself (`HEADER_TAGS_MAX`, `HEADER_DATA_MAX` in lib/header.c are 0xffff and 256 MiB).
const MAX_TAGS: usize = 0xffff;
const MAX_DATA: usize = 256 << 20;
/// The most strings of one tag; a kernel has about 100,000 files.
const MAX_STRINGS: usize = 4_000_000;

/// Linux's PATH_MAX.
const MAX_PATH: usize = 4096;

mod tag {
    pub(super) const NAME: u32 = 1000;
    pub(super) const VERSION: u32 = 1001;
    pub(super) const RELEASE: u32 = 1002;
    pub(super) const EPOCH: u32 = 1003;
    pub(super) const SOURCE: u32 = 1018;
    pub(super) const PATCH: u32 = 1019;
    pub(super) const URL: u32 = 1020;
    pub(super) const ARCH: u32 = 1022;
    pub(super) const SOURCERPM: u32 = 1044;
    pub(super) const PROVIDENAME: u32 = 1047;
    pub(super) const REQUIRENAME: u32 = 1049;
    pub(super) const CHANGELOGTIME: u32 = 1080;
    pub(super) const CHANGELOGNAME: u32 = 1081;
    pub(super) const CHANGELOGTEXT: u32 = 1082;
    pub(super) const SOURCEPACKAGE: u32 = 1106;
    pub(super) const PROVIDEVERSION: u32 = 1113;
    pub(super) const DIRINDEXES: u32 = 1116;
    pub(super) const BASENAMES: u32 = 1117;
    pub(super) const DIRNAMES: u32 = 1118;
}

const INT32: u32 = 4;
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

/// An RPM header: an index of tags and a store of their values.
///
/// Format: the "Header Structure" of rpm's manual on its package format; numbers are big endian. Each value is looked up and
/// checked when it is asked for, so a broken tag that nobody reads does no harm.
pub struct Header<'a> {
    entries: Vec<Entry>,
    store: &'a [u8],
}

impl<'a> Header<'a> {
    /// A header as it lies in a database: number of entries, length of the store, entries, store.
    ///
    /// # Errors
    /// When the lengths do not fit the bytes or pass rpm's own limits; the message says which.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let count = number(bytes, 0).ok_or("shorter than a header's 8 bytes")?;
        let length = number(bytes, 4).ok_or("shorter than a header's 8 bytes")?;
        if count == 0 || count > MAX_TAGS || length > MAX_DATA {
            return Err(format!("a header with {count} tags and {length} bytes of data; rpm allows 1 to {MAX_TAGS} and {MAX_DATA}"));
        }
        let start = 8 + count * 16;
        let store = bytes
            .get(start..start + length)
            .ok_or_else(|| format!("the header needs {} bytes, there are {}", start + length, bytes.len()))?;
        let entries = (0..count)
            .filter_map(|i| {
                let at = 8 + i * 16;
                let field = |n: usize| number(bytes, at + n * 4);
                Some(Entry {
                    tag: u32::try_from(field(0)?).ok()?,
                    kind: u32::try_from(field(1)?).ok()?,
                    offset: field(2)?,
                    count: field(3)?,
                })
            })
            .collect();
        Ok(Self { entries, store })
    }

    fn find(&self, tag: u32) -> Option<Entry> {
        // A database's header repeats no tag outside of its regions; the first one is the one rpm signed.
        self.entries.iter().find(|e| e.tag == tag).copied()
    }

    fn integers(&self, tag: u32) -> Vec<u32> {
        let Some(entry) = self.find(tag).filter(|e| e.kind == INT32) else { return Vec::new() };
        let Some(bytes) = self.store.get(entry.offset..) else { return Vec::new() };
        bytes.as_chunks::<4>().0.iter().take(entry.count).map(|chunk| u32::from_be_bytes(*chunk)).collect()
    }

    fn strings(&self, tag: u32) -> Vec<&'a [u8]> {
        let Some(entry) = self.find(tag).filter(|e| matches!(e.kind, STRING | STRING_ARRAY | I18N_STRING)) else { return Vec::new() };
        let Some(bytes) = self.store.get(entry.offset..) else { return Vec::new() };
        let count = if entry.kind == STRING { 1 } else { entry.count.min(MAX_STRINGS) };
        let mut out = Vec::new();
        let mut rest = bytes;
        for _ in 0..count {
            // A string without its end is cut off data: not kept.
            let Some(end) = rest.iter().position(|&b| b == 0) else { break };
            let (text, after) = rest.split_at(end);
            out.push(text);
            rest = after.get(1..).unwrap_or_default();
        }
        out
    }

    fn string(&self, tag: u32) -> Option<String> {
        self.strings(tag).first().map(|s| text(s)).filter(|s| !s.is_empty())
    }

    /// What the package says of itself.
    ///
    /// # Errors
    /// When name, version or release is missing.
    pub(crate) fn built(&self) -> Result<Built, String> {
        let need = |tag, what: &str| self.string(tag).ok_or_else(|| format!("the header has no {what}"));
        let source_rpm = self.string(tag::SOURCERPM);
        let is_source = source_rpm.is_none() && self.find(tag::SOURCEPACKAGE).is_some();
        Ok(Built {
            name: need(tag::NAME, "name")?,
            version: need(tag::VERSION, "version")?,
            release: need(tag::RELEASE, "release")?,
            epoch: self.integers(tag::EPOCH).first().copied().unwrap_or(0),
            arch: if is_source { "src".to_owned() } else { self.string(tag::ARCH).unwrap_or_default() },
            url: self.string(tag::URL),
            source_rpm,
            bundled: self.bundled(),
            components: Vec::new(),
            changelog: self.changelog(),
            found_in: String::new(),
        })
    }

    fn bundled(&self) -> Vec<(String, Option<String>)> {
        let versions = self.strings(tag::PROVIDEVERSION);
        let names = self.strings(tag::PROVIDENAME).into_iter().enumerate();
        names
            .filter(|(_, name)| name.starts_with(b"bundled("))
            .filter_map(|(at, name)| {
                let (name, _) = crate::packages_file::parse_bundled(&text(name))?;
                Some((name, versions.get(at).map(|v| text(v)).filter(|v| !v.is_empty())))
            })
            .collect()
    }

    fn changelog(&self) -> Vec<ChangelogEntry> {
        let (names, texts) = (self.strings(tag::CHANGELOGNAME), self.strings(tag::CHANGELOGTEXT));
        let entries = self.integers(tag::CHANGELOGTIME).into_iter().zip(names).zip(texts);
        entries
            .map(|((time, name), body)| ChangelogEntry {
                date: day_of_seconds(i64::from(time)).unwrap_or_default(),
                evr: changelog_evr(&text(name)),
                cves: changelog_cves(&text(body)),
            })
            .collect()
    }

    /// The sources, patches and build requirements of a source package's header.
    pub(crate) fn source_parts(&self) -> (Vec<String>, Vec<String>, Vec<String>) {
        let list = |tag| self.strings(tag).into_iter().map(text).collect::<Vec<String>>();
        let mut requires = list(tag::REQUIRENAME);
        requires.retain(|r| !r.starts_with("rpmlib("));
        requires.sort();
        requires.dedup();
        (list(tag::SOURCE), list(tag::PATCH), requires)
    }

    /// Calls `see` with the path of each file.
    pub(crate) fn each_file(&self, mut see: impl FnMut(String)) {
        let dirs = self.strings(tag::DIRNAMES);
        let indexes = self.integers(tag::DIRINDEXES);
        for (name, index) in self.strings(tag::BASENAMES).into_iter().zip(indexes) {
            // No longer path exists; a hostile header would pair one long folder with a million names.
            let Some(dir) = dirs.get(index as usize) else { continue };
            if dir.len() + name.len() <= MAX_PATH {
                see(text(dir) + &String::from_utf8_lossy(name));
            }
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let chunk = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*chunk)).ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The EVR at the end of `A Person <a@example.org> - 1.4.0-3` or `... <a@example.org> 1.4.0-3`.
fn changelog_evr(name: &str) -> Option<Evr> {
    let last = name.split_whitespace().last()?;
    // Without a digit it is the person's name or mail.
    let plain = last.trim_matches(|c| matches!(c, '[' | ']' | '(' | ')'));
    let ok = plain.starts_with(|c: char| c.is_ascii_alphanumeric())
        && plain.contains(|c: char| c.is_ascii_digit())
        && !plain.contains(['@', '>']);
    if ok { plain.parse().ok() } else { None }
}

/// The CVEs of an entry, line by line: a line that takes a patch out tells of no fix.
fn changelog_cves(body: &str) -> Vec<CveId> {
    let removes = |line: &str| {
        let lower = line.to_ascii_lowercase();
        let first = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
        ["remove", "drop", "revert", "delete", "disable"].iter().any(|word| first.starts_with(word))
    };
    let mut out: Vec<CveId> = body.lines().filter(|line| !removes(line)).flat_map(CveId::find_all).collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    fn header(tags: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, kind, count, data) in tags {
            for n in [*tag, *kind, store.len() as u32, *count] {
                index.extend(n.to_be_bytes());
            }
            store.extend_from_slice(data);
        }
        let mut out = (tags.len() as u32).to_be_bytes().to_vec();
        out.extend((store.len() as u32).to_be_bytes());
        out.extend(index);
        out.extend(store);
        out
    }

    fn small() -> Vec<u8> {
        header(&[
            (tag::EPOCH, INT32, 1, &[0, 0, 0, 7]),
            (tag::NAME, STRING, 1, b"a\0"),
            (tag::VERSION, STRING, 1, b"1\0"),
            (tag::RELEASE, STRING, 1, b"2\0"),
            (tag::PROVIDENAME, STRING_ARRAY, 2, b"a\0bundled(z)\0"),
            (tag::PROVIDEVERSION, STRING_ARRAY, 2, b"1-2\x003\0"),
            (tag::BASENAMES, STRING_ARRAY, 1, b"f\0"),
            (tag::DIRNAMES, STRING_ARRAY, 1, b"/usr/bin/\0"),
            (tag::DIRINDEXES, INT32, 1, &[0, 0, 0, 0]),
        ])
    }

    #[test]
    fn reads_a_header() {
        let bytes = small();
        let parsed = Header::parse(&bytes).unwrap();
        let built = parsed.built().unwrap();
        assert_eq!((built.name.as_str(), built.epoch, built.bundled), ("a", 7, vec![("z".to_owned(), Some("3".to_owned()))]));
        let mut files = Vec::new();
        parsed.each_file(|f| files.push(f));
        assert_eq!(files, ["/usr/bin/f"]);
        assert!(Header::parse(&bytes[..40]).is_err());
        assert!(Header::parse(&[0xff; 64]).is_err());
    }

    #[test]
    fn changelog_lines() {
        assert_eq!(changelog_evr("A <a@b.c> - 5:1.2-3.azl3").unwrap().to_string(), "5:1.2-3.azl3");
        assert_eq!(changelog_evr("A Person <a1@b.c>"), None);
        let cves: Vec<String> = changelog_cves("- Fix CVE-2024-1111\n- Remove CVE-2024-2222 patch").iter().map(CveId::to_string).collect();
        assert_eq!(cves, ["CVE-2024-1111"]);
    }

    proptest! {
        #[test]
        fn no_panic_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), edits in prop::collection::vec((0usize..160, any::<u8>()), 0..8)) {
            let mut changed = small();
            edits.into_iter().for_each(|(at, byte)| changed[at] = byte);
            for bytes in [&bytes, &changed] {
                if let Ok(header) = Header::parse(bytes) {
                    let _ = header.built();
                    header.source_parts();
                    header.each_file(drop);
                }
            }
        }
    }
}
