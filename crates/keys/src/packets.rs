//! OpenPGP packets (RFC 9580, 4 and 6): reading and writing their armor, and the limits for foreign input.

use std::io::Read;

use pgp::armor::{BlockType, Dearmor, DearmorOptions};
use pgp::composed::{Deserializable, DetachedSignature};
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{PacketTrait as _, Signature};
use pgp::ser::Serialize;

/// The greatest size of a key or a signature, in bytes without armor.
pub(crate) const MAX_BYTES: usize = 64 << 10;
/// The greatest number of keys, signatures or armored blocks in a file.
pub(crate) const MAX_ITEMS: usize = 32;
/// The greatest size of a file of keys or signatures, in bytes without armor. Armor adds a third; twice the size is allowed with it.
const MAX_FILE: usize = MAX_BYTES * MAX_ITEMS;
/// The greatest number of packets in a block. A key with thousands of certifications is no key for a repository.
const MAX_PACKETS: usize = 256;
/// The greatest depth of signatures embedded in signatures. Signing subkeys need one level.
const MAX_EMBEDDED: usize = 1;

/// The packets of each armored block of a file, or of the whole file where it is binary. Armored blocks must be of a `wanted` kind.
pub(crate) fn blocks(bytes: &[u8], wanted: &[BlockType]) -> Result<Vec<Vec<u8>>, String> {
    if bytes.len() > 2 * MAX_FILE {
        return Err(format!("it has {} bytes; {} are allowed", bytes.len(), 2 * MAX_FILE));
    }
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        check(bytes)?;
        return Ok(vec![bytes.to_vec()]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is neither OpenPGP packets nor armored text".to_owned())?;
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN PGP ") {
        let block = &rest[start..];
        let end = block.find("-----END PGP ").ok_or("an armored block has no end; the file was cut short")?;
        let end = block[end + 5..].find("-----").map(|n| end + 5 + n + 5).ok_or("the last line of an armored block is cut short")?;
        if found.len() == MAX_ITEMS {
            return Err(format!("it holds more than {MAX_ITEMS} armored blocks"));
        }
        found.push(unarmored(&block[..end], wanted)?);
        rest = &block[end..];
    }
    if found.is_empty() {
        return Err("it holds no armored OpenPGP block".to_owned());
    }
    Ok(found)
}

fn unarmored(block: &str, wanted: &[BlockType]) -> Result<Vec<u8>, String> {
    let mut reader = Dearmor::with_options(block.as_bytes(), DearmorOptions::new().set_limit(2 * MAX_FILE));
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|e| format!("its armor does not read: {e}"))?;
    match reader.typ {
        Some(found) if wanted.contains(&found) => {}
        found => {
            let found = found.map_or_else(|| "nothing".to_owned(), |t| t.to_string());
            return Err(format!("it holds a {found} where {} is wanted", wanted.first().map_or_else(String::new, ToString::to_string)));
        }
    }
    check(&bytes)?;
    Ok(bytes)
}

/// Checks the sizes and depths of packets before anything is built from them. The reader of the library follows embedded signatures to any
/// depth on its stack, so their depth is limited here.
fn check(bytes: &[u8]) -> Result<(), String> {
    if bytes.len() > MAX_FILE {
        return Err(format!("it has {} bytes without armor; {MAX_FILE} are allowed", bytes.len()));
    }
    let mut rest = bytes;
    let mut count = 0;
    while !rest.is_empty() {
        let (tag, body, after) = packet(rest).ok_or_else(|| format!("its packet number {} is cut short or has no length", count + 1))?;
        count += 1;
        if count > MAX_PACKETS {
            return Err(format!("it holds more than {MAX_PACKETS} packets in one block"));
        }
        if body.len() > MAX_BYTES {
            return Err(format!("its packet number {count} has {} bytes; {MAX_BYTES} are allowed", body.len()));
        }
        if tag == 2 {
            signature(body, 0).map_err(|e| format!("its packet number {count}, a signature, {e}"))?;
        }
        rest = after;
    }
    if count == 0 { Err("it is empty".to_owned()) } else { Ok(()) }
}

/// The tag and the body of the first packet, and the bytes after it; `None` where it is cut short or has a partial length.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first & 0x80 == 0 {
        return None;
    }
    let (tag, length, rest) = if first & 0x40 != 0 {
        let (length, rest) = new_length(rest)?;
        (first & 0x3f, length, rest)
    } else {
        let octets = match first & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            // A packet without a length ends where the file ends: nothing that keys or signatures need.
            _ => return None,
        };
        let (length, rest) = rest.split_at_checked(octets)?;
        (first >> 2 & 0xf, length.iter().fold(0, |n, &b| n << 8 | usize::from(b)), rest)
    };
    let (body, after) = rest.split_at_checked(length)?;
    Some((tag, body, after))
}

/// The length at the start of the bytes (RFC 9580, 4.2.1), and the bytes after it. Partial lengths are refused, since only data has them.
fn new_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match *bytes {
        [first @ 0..=191, ref rest @ ..] => Some((usize::from(first), rest)),
        [first @ 192..=223, second, ref rest @ ..] => Some((((usize::from(first) - 192) << 8) + usize::from(second) + 192, rest)),
        [255, a, b, c, d, ref rest @ ..] => Some((u32::from_be_bytes([a, b, c, d]) as usize, rest)),
        _ => None,
    }
}

/// The length of a subpacket, and the bytes after it: in it, lengths of two octets begin with up to 254 (RFC 9580, 5.2.3.1).
fn subpacket_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match *bytes {
        [first @ 192..=254, second, ref rest @ ..] => Some((((usize::from(first) - 192) << 8) + usize::from(second) + 192, rest)),
        _ => new_length(bytes),
    }
}

fn signature(body: &[u8], depth: usize) -> Result<(), String> {
    let cut = || "is cut short".to_owned();
    let width = match body.first() {
        Some(4 | 5) => 2,
        Some(6) => 4,
        // Older versions have no subpackets, newer ones are not read.
        _ => return Ok(()),
    };
    let mut rest = body.get(4..).ok_or_else(cut)?;
    for _ in 0..2 {
        let (length, after) = rest.split_at_checked(width).ok_or_else(cut)?;
        let length = length.iter().fold(0, |n, &b| n << 8 | usize::from(b));
        let (mut area, after) = after.split_at_checked(length).ok_or_else(cut)?;
        rest = after;
        while !area.is_empty() {
            let (length, after) = subpacket_length(area).ok_or_else(cut)?;
            let (subpacket, after) = after.split_at_checked(length).ok_or_else(cut)?;
            area = after;
            let (kind, inner) = subpacket.split_first().ok_or_else(|| "has an empty subpacket".to_owned())?;
            if kind & 0x7f == 32 {
                if depth == MAX_EMBEDDED {
                    return Err("holds a signature that holds a signature that holds a signature".to_owned());
                }
                signature(inner, depth + 1)?;
            }
        }
    }
    Ok(())
}

/// The signatures in a file of detached signatures, in its order: 1 to [`MAX_ITEMS`].
pub(crate) fn signatures(bytes: &[u8]) -> Result<Vec<Signature>, String> {
    let mut found = Vec::new();
    for block in blocks(bytes, &[BlockType::Signature])? {
        for item in DetachedSignature::from_bytes_many(block.as_slice()).map_err(|e| format!("it does not read: {e}"))? {
            found.push(item.map_err(|e| format!("a signature does not read: {e}"))?.signature);
        }
    }
    match found.len() {
        0 => Err("it holds no signature".to_owned()),
        n if n > MAX_ITEMS => Err(format!("it holds {n} signatures; {MAX_ITEMS} are allowed")),
        _ => Ok(found),
    }
}

/// The signatures as text, each in an armored block of its own.
pub(crate) fn armored_signatures(signatures: &[Signature]) -> Result<Vec<u8>, pgp::errors::Error> {
    let mut out = Vec::new();
    for signature in signatures {
        DetachedSignature::new(signature.clone()).to_armored_writer(&mut out, Default::default())?;
    }
    Ok(out)
}

/// Packets as armored text.
pub(crate) fn armored(packets: &impl Serialize, kind: BlockType) -> Result<Vec<u8>, pgp::errors::Error> {
    let mut out = Vec::new();
    pgp::armor::write(packets, kind, &mut out, None, true)?;
    Ok(out)
}

/// A signature as one binary packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The bytes of the packet, with its header.
    pub bytes: Vec<u8>,
    /// Whether an RSA key made the signature: a package has one place for those and one for all others.
    pub rsa: bool,
}

impl Packet {
    pub(crate) fn of(signature: &Signature) -> Result<Self, pgp::errors::Error> {
        let mut bytes = Vec::new();
        signature.to_writer_with_header(&mut bytes)?;
        let rsa = signature.config().is_some_and(|c| matches!(c.pub_alg, PublicKeyAlgorithm::RSA | PublicKeyAlgorithm::RSASign));
        Ok(Self { bytes, rsa })
    }
}

/// The signature in a single packet without armor, as packages carry it.
pub(crate) fn single(bytes: &[u8]) -> Result<Signature, String> {
    let packets = blocks(bytes, &[])?;
    let packet = packets.first().ok_or("its signature is empty")?;
    let mut found = DetachedSignature::from_bytes_many(packet.as_slice()).map_err(|e| format!("its signature does not read: {e}"))?;
    match (found.next(), found.next()) {
        (Some(Ok(signature)), None) => Ok(signature.signature),
        (Some(Err(e)), _) => Err(format!("its signature does not read: {e}")),
        _ => Err("its signature is not one packet".to_owned()),
    }
}
