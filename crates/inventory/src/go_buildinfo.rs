use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::{Component, ComponentSource};

/// The mark before Go's build information, on a boundary of 16 bytes.
const MAGIC: &[u8; 14] = b"\xff Go buildinf:";
/// The greatest size of a list of modules in bytes, far above that of Kubernetes.
const MAX_TEXT: usize = 16 << 20;
const MAX_SECTIONS: usize = 4096;
const MAX_NAMES: usize = 1 << 20;
/// The number of bytes in which the mark is looked for at the start of a data segment of a stripped program.
const MAX_SEARCH: usize = 1 << 16;

/// The build information of a Go program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoBuildInfo {
    /// The compiler, such as `go1.22.1`.
    pub go_version: String,
    /// The main module and those that are built into the program, with the versions after replacement; `None` where a module was built from
    /// a folder (`(devel)` or a local replacement).
    pub modules: Vec<(String, Option<String>)>,
}

impl GoBuildInfo {
    /// The components: the standard library (`stdlib`) and the modules.
    #[must_use]
    pub fn components(&self, found_in: &str) -> Vec<Component> {
        let make = |name: &str, version: Option<String>| Component {
            ecosystem: "golang".to_owned(),
            name: name.to_owned(),
            version,
            cpe: None,
            source: ComponentSource::GoBuildInfo,
            found_in: found_in.to_owned(),
            shipped: true,
        };
        // `go1.22.1 X:boringcrypto`, `devel go1.23-...`: the word that is a release.
        let release = self.go_version.split_whitespace().find_map(|w| w.strip_prefix("go")).map(str::to_owned);
        let library = (!self.go_version.is_empty()).then(|| make("stdlib", release));
        library.into_iter().chain(self.modules.iter().map(|(name, version)| make(name, version.clone()))).collect()
    }
}

/// A file or bytes that are read in pieces: Go programs are large, and the needed pieces are small.
pub(crate) trait ReadAt {
    /// The `len` bytes at `at`; `None` where the file ends before.
    fn read_at(&self, at: u64, len: usize) -> Option<Vec<u8>>;

    /// The bytes at `at`, at most `len`.
    fn read_up_to(&self, at: u64, len: usize) -> Vec<u8>;
}

impl ReadAt for [u8] {
    fn read_at(&self, at: u64, len: usize) -> Option<Vec<u8>> {
        self.get(usize::try_from(at).ok()?..)?.get(..len).map(<[u8]>::to_vec)
    }

    fn read_up_to(&self, at: u64, len: usize) -> Vec<u8> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        rest.get(..len.min(rest.len())).unwrap_or_default().to_vec()
    }
}

impl ReadAt for File {
    fn read_at(&self, at: u64, len: usize) -> Option<Vec<u8>> {
        // The length comes from the file: asking for its size first keeps a lie from costing memory.
        if self.metadata().ok()?.len() < at.checked_add(len as u64)? {
            return None;
        }
        let mut out = vec![0; len];
        self.read_exact_at(&mut out, at).ok()?;
        Some(out)
    }

    fn read_up_to(&self, at: u64, len: usize) -> Vec<u8> {
        let rest = self.metadata().map_or(0, |m| m.len().saturating_sub(at));
        ReadAt::read_at(self, at, len.min(usize::try_from(rest).unwrap_or(len))).unwrap_or_default()
    }
}

/// The build information in the bytes of an ELF program; `None` where it is no ELF file or no Go program.
///
/// Format: debug/buildinfo of Go. A section `.go.buildinfo` (in a stripped program: the start of the data segment) with a
/// 14-byte mark, the pointer size and flags; since Go 1.18 (flag 2) two strings follow with a varint length each, before it
/// two pointers to Go strings.
#[must_use]
pub fn go_build_info(bytes: &[u8]) -> Option<GoBuildInfo> {
    read_build_info(bytes)
}

/// An ELF file with the width and byte order of its numbers.
struct Elf<'a, R: ReadAt + ?Sized> {
    file: &'a R,
    wide: bool,
    big: bool,
}

impl<R: ReadAt + ?Sized> Elf<'_, R> {
    fn integer(&self, bytes: &[u8], at: usize, len: usize) -> Option<u64> {
        let field = bytes.get(at..)?.get(..len)?;
        let fold = |out: u64, b: &u8| out << 8 | u64::from(*b);
        Some(if self.big { field.iter().fold(0, fold) } else { field.iter().rev().fold(0, fold) })
    }

    /// A field whose offset and width depend on the class of the file.
    fn word(&self, bytes: &[u8], narrow_at: usize, wide_at: usize) -> Option<u64> {
        if self.wide { self.integer(bytes, wide_at, 8) } else { self.integer(bytes, narrow_at, 4) }
    }

    fn half(&self, bytes: &[u8], narrow_at: usize, wide_at: usize) -> Option<usize> {
        let found = self.integer(bytes, if self.wide { wide_at } else { narrow_at }, 2)?;
        usize::try_from(found).ok()
    }

    /// The table of `count` entries of `size` bytes at `at`; `None` where an entry has fewer than `least` bytes.
    fn table(&self, at: u64, size: usize, count: usize, least: usize) -> Option<Vec<u8>> {
        (size >= least && count <= MAX_SECTIONS).then(|| self.file.read_at(at, size * count)).flatten()
    }
}

pub(crate) fn read_build_info<R: ReadAt + ?Sized>(file: &R) -> Option<GoBuildInfo> {
    let head = file.read_up_to(0, 64);
    if !head.starts_with(b"\x7fELF") || head.len() < 52 {
        return None;
    }
    let elf = Elf { file, wide: *head.get(4)? == 2, big: *head.get(5)? == 2 };
    let segments = segments(&elf, &head).unwrap_or_default();
    let (at, size) = section(&elf, &head).or_else(|| search(&elf, &segments))?;
    let data = file.read_up_to(at, usize::try_from(size).unwrap_or(MAX_TEXT).min(2 * MAX_TEXT));
    if !data.starts_with(MAGIC) {
        return None;
    }
    let (pointer, flags) = (usize::from(*data.get(14)?), *data.get(15)?);
    let (version, modules) = if flags & 2 != 0 {
        let (version, rest) = inline(data.get(32..)?)?;
        (version.to_vec(), inline(rest).map_or_else(Vec::new, |(m, _)| m.to_vec()))
    } else {
        if pointer != 4 && pointer != 8 {
            return None;
        }
        let elf = Elf { file, wide: pointer == 8, big: flags & 1 != 0 };
        let string = |at: usize| -> Option<Vec<u8>> {
            let header = elf.integer(&data, at, pointer)?;
            let header = file.read_at(place(&segments, header)?, 2 * pointer)?;
            let length = usize::try_from(elf.integer(&header, pointer, pointer)?).ok().filter(|&l| l <= MAX_TEXT)?;
            file.read_at(place(&segments, elf.integer(&header, 0, pointer)?)?, length)
        };
        (string(16)?, string(16 + pointer).unwrap_or_default())
    };
    let go_version = String::from_utf8_lossy(version.get(..version.len().min(256))?).into_owned();
    Some(GoBuildInfo { go_version, modules: parse_modules(&modules) })
}

/// A loaded segment: address, offset in the file, length there, and whether it is writable.
#[derive(Clone, Copy)]
struct Segment {
    address: u64,
    at: u64,
    length: u64,
    writable: bool,
}

fn segments<R: ReadAt + ?Sized>(elf: &Elf<'_, R>, head: &[u8]) -> Option<Vec<Segment>> {
    let (size, count) = (elf.half(head, 0x2a, 0x36)?, elf.half(head, 0x2c, 0x38)?);
    let table = elf.table(elf.word(head, 0x1c, 0x20)?, size, count, if elf.wide { 56 } else { 32 })?;
    let each = table.chunks_exact(size).filter(|s| elf.integer(s, 0, 4) == Some(1));
    let found = each.filter_map(|s| {
        Some(Segment {
            at: elf.word(s, 4, 8)?,
            address: elf.word(s, 8, 16)?,
            length: elf.word(s, 16, 32)?,
            writable: elf.integer(s, if elf.wide { 4 } else { 24 }, 4)? & 2 != 0,
        })
    });
    Some(found.collect())
}

/// The offset in the file of an address.
fn place(segments: &[Segment], address: u64) -> Option<u64> {
    segments.iter().find_map(|s| {
        let offset = address.checked_sub(s.address).filter(|&o| o < s.length)?;
        s.at.checked_add(offset)
    })
}

fn section<R: ReadAt + ?Sized>(elf: &Elf<'_, R>, head: &[u8]) -> Option<(u64, u64)> {
    let (size, count, names) = (elf.half(head, 0x2e, 0x3a)?, elf.half(head, 0x30, 0x3c)?, elf.half(head, 0x32, 0x3e)?);
    let table = elf.table(elf.word(head, 0x20, 0x28)?, size, count, if elf.wide { 64 } else { 40 })?;
    let extent = |s: &[u8]| Some((elf.word(s, 16, 24)?, elf.word(s, 20, 32)?));
    let (at, length) = extent(table.chunks_exact(size).nth(names)?)?;
    let names = elf.file.read_up_to(at, usize::try_from(length).ok()?.min(MAX_NAMES));
    let wanted = b".go.buildinfo\0";
    let found = table.chunks_exact(size).find(|s| {
        let name = elf.integer(s, 0, 4).and_then(|n| usize::try_from(n).ok());
        name.and_then(|n| names.get(n..)).is_some_and(|n| n.starts_with(wanted))
    })?;
    extent(found)
}

/// The offset and length of the build information in a data segment, found by its mark.
fn search<R: ReadAt + ?Sized>(elf: &Elf<'_, R>, segments: &[Segment]) -> Option<(u64, u64)> {
    segments.iter().filter(|s| s.writable).find_map(|s| {
        let start = elf.file.read_up_to(s.at, MAX_SEARCH.min(usize::try_from(s.length).unwrap_or(MAX_SEARCH)));
        let found = start.chunks(16).position(|c| c.starts_with(MAGIC))? as u64 * 16;
        Some((s.at.checked_add(found)?, s.length.checked_sub(found)?))
    })
}

/// A string with its length as a varint before it, and the bytes after it.
fn inline(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0usize;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let rest = bytes.get(at + 1..)?;
            return (length <= MAX_TEXT).then(|| rest.split_at_checked(length)).flatten();
        }
    }
    None
}

/// The modules of the `mod`, `dep` and `=>` lines, which stand between two marks of 16 bytes.
fn parse_modules(bytes: &[u8]) -> Vec<(String, Option<String>)> {
    let inner = if bytes.len() >= 33 { bytes.get(16..bytes.len() - 16).unwrap_or_default() } else { &[] };
    let text = String::from_utf8_lossy(inner);
    let version = |v: Option<&str>| v.filter(|v| !v.is_empty() && *v != "(devel)").map(str::to_owned);
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        match (fields.next(), fields.next()) {
            (Some("mod" | "dep"), Some(name)) if !name.is_empty() => out.push((name.to_owned(), version(fields.next()))),
            // What was really built in: another module, or a folder whose version nobody knows.
            (Some("=>"), Some(name)) => {
                let replaced = version(fields.next());
                if let Some(last) = out.last_mut() {
                    if replaced.is_some() {
                        name.clone_into(&mut last.0);
                    }
                    last.1 = replaced;
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
#[path = "go_buildinfo_tests.rs"]
mod tests;
