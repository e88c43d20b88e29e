//! Signatures of RPM packages: one OpenPGP signature over the main header, which holds the payload's digest. The form is that of rpm 4
//! (lead, signature header, header, payload).

use std::io::{Read as _, Write};
use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;
use rpm::{HeaderEntry, IndexData, IndexSignatureTag, PackageMetadata};
use seaworthy_host::files::{self, Promise, Readers};
use seaworthy_keys::{KeyError, Origin, Packet, PublicKeys, Signers, VerifiedBy};
use sha2::{Digest, Sha256, Sha512};

use crate::error::PackageError;

/// The size of the lead.
const LEAD: usize = 96;
/// The largest package that is read, in bytes. It is held in memory.
const MAX_PACKAGE: u64 = 4 << 30;
/// Limits of a header: rpm's own on its entries, and a quarter of rpm's on its data.
const MAX_ENTRIES: usize = 0xffff;
const MAX_DATA: usize = 64 << 20;

/// Tags of the signature header: the region, the signatures over the header (RSA, and all others), over header and payload (old), by rpm 6.
const REGION: u32 = 62;
const DSA: u32 = 267;
const RSA: u32 = 268;
const SHA256: u32 = 273;
const OPENPGP: u32 = 278;
const OLD_SIGNATURES: [u32; 2] = [1002, 1005];
/// Tags of the main header: the payload's digest and its algorithm.
const PAYLOAD_DIGEST: u32 = 5092;
const PAYLOAD_DIGEST_ALGORITHM: u32 = 5093;

/// What a package's signature is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RpmSignature {
    /// It was signed by one of the keys, and nothing was altered since.
    Signed(VerifiedBy),
    /// It has no signature over its header; its digests are right.
    Unsigned,
    /// Another key signed it; its digests are right.
    Foreign {
        /// The fingerprint or key id that the signature names.
        issuer: String,
    },
    /// It was altered or is damaged, or its signature is not good.
    Bad {
        /// What is wrong.
        why: String,
    },
}

/// What became of a package that was to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RpmSigning {
    /// It was signed well already, and is the same, byte for byte.
    Kept(VerifiedBy),
    /// It was signed by the key of this fingerprint; header and payload are the same.
    Signed(String),
}

/// Checks a package's signature and digests, as `rpmkeys --checksig` does, but with these keys alone.
///
/// # Errors
/// When the file cannot be read. What is wrong with its content is no error but [`RpmSignature::Bad`].
pub fn rpm_signature(path: &Path, keys: &PublicKeys, at: Timestamp) -> Result<RpmSignature, PackageError> {
    let bytes = read(path)?;
    Ok(Layout::of(&bytes).and_then(|layout| layout.judge(&bytes, keys, at)).unwrap_or_else(|why| RpmSignature::Bad { why }))
}

/// Signs a package with the newest active key, dated `at`, and writes it to `to` (which may be `from`) by one rename. A package
/// that one of these keys signed well is left as it is; another's signature is replaced.
///
/// # Errors
/// When it does not read, its digests are wrong, its signature names a key of ours but is not good, or it cannot be written.
pub fn sign_rpm(signers: &Signers, from: &Path, to: &Path, at: Timestamp) -> Result<RpmSigning, PackageError> {
    let refuse = |why: String| PackageError::Signature { path: from.to_owned(), why };
    let bytes = read(from)?;
    let bad = |why| refuse(format!("{why}; it is not signed: build or fetch it again"));
    let layout = Layout::of(&bytes).map_err(bad)?;
    match layout.judge(&bytes, signers.public_keys(), at).map_err(bad)? {
        RpmSignature::Signed(by) => {
            if from != to {
                replace(to, &[&bytes])?;
            }
            return Ok(RpmSigning::Kept(by));
        }
        RpmSignature::Unsigned | RpmSignature::Foreign { .. } => {}
        RpmSignature::Bad { why } => return Err(bad(why)),
    }
    let signature = signers.packet(&bytes[layout.header.clone()], at)?;
    let head = signed_head(&bytes, &layout, signature).map_err(refuse)?;
    replace(to, &[&head, &bytes[layout.header.end..]])?;
    Ok(RpmSigning::Signed(signers.package_key().to_owned()))
}

/// Lead, signature header with this signature in place of all others, and the header as it was.
fn signed_head(bytes: &[u8], layout: &Layout, signature: Packet) -> Result<Vec<u8>, String> {
    let mut head = &bytes[..layout.header.end];
    let mut metadata = PackageMetadata::parse(&mut head).map_err(|e| format!("its headers do not read: {e}"))?;
    // All else stays: the payload's size for `rpm`, for one.
    let gone = |tag: u32| [REGION, RSA, DSA, OPENPGP].contains(&tag) || OLD_SIGNATURES.contains(&tag);
    let entries = metadata.signature.get_all_entries().map_err(|e| format!("its signature header does not read: {e}"))?;
    let mut entries: Vec<HeaderEntry> =
        entries.into_iter().filter(|(tag, _)| !gone(*tag)).map(|(tag, data)| HeaderEntry::new(tag, data)).collect();
    entries.push(HeaderEntry::new(if signature.rsa { RSA } else { DSA }, IndexData::Bin(signature.bytes)));
    metadata.signature = rpm::Header::from_entries(entries, IndexSignatureTag::HEADER_SIGNATURES);
    let mut out = Vec::new();
    metadata.write(&mut out).map_err(|e| format!("writing its headers: {e}"))?;
    // What was signed are the bytes of the file, and they must be what is written.
    if !out.ends_with(&bytes[layout.header.clone()]) || !out.starts_with(&bytes[..LEAD]) {
        return Err("its header cannot be written back as it was; it is built in a way that is not known".to_owned());
    }
    Ok(out)
}

/// Where the parts of a package are, after their sizes were checked.
#[derive(Debug)]
struct Layout {
    signatures: Header,
    main: Header,
    /// The bytes of the main header, which a signature covers.
    header: Range<usize>,
}

#[derive(Debug)]
struct Header {
    entries: Vec<Entry>,
    /// The entries' data, in the file.
    data: Range<usize>,
}

#[derive(Debug)]
struct Entry {
    tag: u32,
    kind: u32,
    offset: usize,
    count: usize,
}

impl Layout {
    fn of(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.starts_with(&[0xed, 0xab, 0xee, 0xdb]) || bytes.len() < LEAD {
            return Err("it is no RPM package".to_owned());
        }
        let signatures = Header::at(bytes, LEAD).map_err(|e| format!("its signature header {e}"))?;
        let start = signatures.data.end.next_multiple_of(8);
        let main = Header::at(bytes, start).map_err(|e| format!("its header {e}"))?;
        let header = start..main.data.end;
        Ok(Self { signatures, main, header })
    }

    fn judge(&self, bytes: &[u8], keys: &PublicKeys, at: Timestamp) -> Result<RpmSignature, String> {
        let header = &bytes[self.header.clone()];
        let payload = &bytes[self.header.end..];
        if let Some(wanted) = self.signatures.string(bytes, SHA256)
            && wanted != hex(&Sha256::digest(header))
        {
            return Err("its header does not have the digest that its signature header names; it was altered or is damaged".to_owned());
        }
        let wanted =
            self.main.string(bytes, PAYLOAD_DIGEST).ok_or("its header names no digest of its payload; build it with rpm 4.14 or newer")?;
        let found = match self.main.number(bytes, PAYLOAD_DIGEST_ALGORITHM) {
            None | Some(8) => hex(&Sha256::digest(payload)),
            Some(10) => hex(&Sha512::digest(payload)),
            Some(other) => return Err(format!("its payload's digest is of algorithm {other}; SHA-256 (8) and SHA-512 (10) are known")),
        };
        if wanted != found {
            return Err("its payload does not have the digest that its header names; it was altered or is damaged".to_owned());
        }
        let signature = match (self.signatures.binary(bytes, RSA), self.signatures.binary(bytes, DSA)) {
            (Some(signature), _) | (None, Some(signature)) => signature,
            (None, None) if self.signatures.find(OPENPGP).is_some() => {
                return Err("it has no signature but in the form of rpm 6, which rpm 4 does not know".to_owned());
            }
            (None, None) => return Ok(RpmSignature::Unsigned),
        };
        match keys.verify_packet(header, signature, at) {
            Ok(Origin::Ours(by)) => Ok(RpmSignature::Signed(by)),
            Ok(Origin::Foreign { issuer }) => Ok(RpmSignature::Foreign { issuer }),
            Err(KeyError::BadSignature { why, .. }) => Err(why),
            Err(other) => Err(other.to_string()),
        }
    }
}

impl Header {
    /// Reads a header's index, and makes sure that each entry lies within its data: what reads the entries later trusts that.
    fn at(bytes: &[u8], start: usize) -> Result<Self, String> {
        let cut = || "is cut short".to_owned();
        let intro = bytes.get(start..start + 16).ok_or_else(cut)?;
        if intro[..4] != [0x8e, 0xad, 0xe8, 1] {
            return Err("does not begin as a header does".to_owned());
        }
        let (count, size) = (number(&intro[8..]), number(&intro[12..]));
        if count == 0 || count > MAX_ENTRIES || size > MAX_DATA {
            return Err(format!("has {count} entries and {size} bytes of data; {MAX_ENTRIES} and {MAX_DATA} are allowed"));
        }
        let index = start + 16;
        let data = index + count * 16..index + count * 16 + size;
        let store = bytes.get(data.clone()).ok_or_else(cut)?;
        let mut entries = Vec::with_capacity(count);
        // Entries that overlap would let a small file make much work.
        let mut work = 0;
        for raw in bytes[index..data.start].chunks_exact(16) {
            let entry =
                Entry { tag: number(raw) as u32, kind: number(&raw[4..]) as u32, offset: number(&raw[8..]), count: number(&raw[12..]) };
            let length = entry.length(store).ok_or_else(|| format!("has an entry of tag {} that lies outside of its data", entry.tag))?;
            work += length;
            if work > 2 * size + 4096 {
                return Err("has entries that overlap".to_owned());
            }
            entries.push(entry);
        }
        Ok(Self { entries, data })
    }

    fn find(&self, tag: u32) -> Option<&Entry> {
        self.entries.iter().find(|e| e.tag == tag)
    }

    /// The first string of an entry of strings.
    fn string<'a>(&self, bytes: &'a [u8], tag: u32) -> Option<&'a str> {
        let entry = self.find(tag).filter(|e| matches!(e.kind, 6 | 8 | 9))?;
        let rest = bytes.get(self.data.clone())?.get(entry.offset..)?;
        std::str::from_utf8(rest.split(|&b| b == 0).next()?).ok()
    }

    fn number(&self, bytes: &[u8], tag: u32) -> Option<usize> {
        let entry = self.find(tag).filter(|e| e.kind == 4 && e.count > 0)?;
        bytes.get(self.data.clone())?.get(entry.offset..entry.offset + 4).map(number)
    }

    fn binary<'a>(&self, bytes: &'a [u8], tag: u32) -> Option<&'a [u8]> {
        let entry = self.find(tag).filter(|e| e.kind == 7)?;
        bytes.get(self.data.clone())?.get(entry.offset..entry.offset + entry.count)
    }
}

impl Entry {
    /// How many bytes of the data it takes; `None` where they are not there.
    fn length(&self, store: &[u8]) -> Option<usize> {
        let rest = store.get(self.offset..)?;
        let width = match self.kind {
            0 => return Some(0),
            1 | 2 | 7 => 1,
            3 => 2,
            4 => 4,
            5 => 8,
            6 | 8 | 9 => {
                let mut length = 0;
                for _ in 0..self.count {
                    length += rest.get(length..)?.iter().position(|&b| b == 0)? + 1;
                }
                return Some(length);
            }
            _ => return None,
        };
        let length = self.count.checked_mul(width)?;
        (length <= rest.len()).then_some(length)
    }
}

/// A number of 32 bits, the highest first.
fn number(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |&b| u32::from_be_bytes(b) as usize)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_PACKAGE + 1).read_to_end(&mut bytes));
    read.map_err(|source| PackageError::Read { path: path.to_owned(), source })?;
    if bytes.len() as u64 > MAX_PACKAGE {
        return Err(PackageError::Signature {
            path: path.to_owned(),
            why: format!("it is larger than the {MAX_PACKAGE} bytes that are allowed"),
        });
    }
    Ok(bytes)
}

/// Replaces a package whole; it reaches the disk with the publication.
fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), PackageError> {
    let write = |out: &mut dyn Write| parts.iter().try_for_each(|part| out.write_all(part));
    let written = files::replace_with(path, Readers::Everyone, Promise::Deferred, |out| write(out));
    written.map_err(|e| PackageError::Write { path: path.to_owned(), source: e.source })
}
