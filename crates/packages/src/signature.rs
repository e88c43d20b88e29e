//! Signatures of RPM packages: one OpenPGP signature over the main header, which has the digest of the payload. The form is that of rpm 4
//! (lead, signature header, header, payload).

use std::io::{Read as _, Write};
use std::path::Path;

use ::rpm::{HeaderEntry, IndexData, IndexSignatureTag, PackageMetadata};
use jiff::Timestamp;
use seaworthy_host::files::{self, Promise, Readers};
use seaworthy_keys::{KeyError, Origin, Packet, PublicKeys, Signers, VerifiedBy};
use seaworthy_model::hex;
use sha2::{Digest, Sha256, Sha512};

use crate::error::PackageError;
use crate::rpm::{HeaderError, Headers, LEAD, Limits, Part, Tag};

/// The greatest size of a package in bytes. A package is held in memory.
const MAX_PACKAGE: u64 = 4 << 30;
/// The tags of signatures and of the region that one covers, which a new signature replaces.
const SIGNATURES: [Tag; 6] =
    [Tag::SIGNATURE_REGION, Tag::SIGNATURE_DSA, Tag::SIGNATURE_RSA, Tag::SIGNATURE_OPENPGP, Tag::SIGNATURE_PGP, Tag::SIGNATURE_GPG];

/// The state of a package's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RpmSignature {
    /// The package was signed by one of the keys, and was not altered since.
    Signed(VerifiedBy),
    /// The package has no signature over its header; its digests are right.
    Unsigned,
    /// The package was signed by another key; its digests are right.
    Foreign {
        /// The fingerprint or key id in the signature.
        issuer: String,
    },
    /// The package was altered or is damaged, or its signature is not good.
    Bad {
        /// The fault.
        why: String,
    },
}

/// The outcome of signing a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RpmSigning {
    /// The package has a good signature by one of the keys, and is unchanged, byte for byte.
    Kept(VerifiedBy),
    /// The package was signed by the key with this fingerprint; header and payload are unchanged.
    Signed(String),
}

/// Checks the signature and the digests of a package, as `rpmkeys --checksig` does, but with these keys alone.
///
/// # Errors
/// When the file cannot be read or is larger than 4 GiB. A fault in its content is no error but [`RpmSignature::Bad`].
pub fn rpm_signature(path: &Path, keys: &PublicKeys, at: Timestamp) -> Result<RpmSignature, PackageError> {
    let bytes = read(path)?;
    Ok(Parts::of(&bytes).and_then(|package| package.judge(keys, at)).unwrap_or_else(|why| RpmSignature::Bad { why }))
}

/// Signs a package with the newest active key, dated `at`, and writes it to `to` (which may be `from`) by one rename. A package with a good
/// signature by one of these keys keeps it; a signature by another key is replaced.
///
/// # Errors
/// When the package cannot be read, its digests are wrong, its signature names one of these keys but is not good, or it cannot be written.
pub fn sign_rpm(signers: &Signers, from: &Path, to: &Path, at: Timestamp) -> Result<RpmSigning, PackageError> {
    let refuse = |why: String| PackageError::Signature { path: from.to_owned(), why };
    let bytes = read(from)?;
    let bad = |why| refuse(format!("{why}; it is not signed: build or fetch it again"));
    let package = Parts::of(&bytes).map_err(bad)?;
    match package.judge(signers.public_keys(), at).map_err(bad)? {
        RpmSignature::Signed(by) => {
            if from != to {
                replace(to, &[&bytes])?;
            }
            return Ok(RpmSigning::Kept(by));
        }
        RpmSignature::Unsigned | RpmSignature::Foreign { .. } => {}
        RpmSignature::Bad { why } => return Err(bad(why)),
    }
    let signature = signers.packet(package.header, at)?;
    let head = signed_head(&package, signature).map_err(refuse)?;
    replace(to, &[&head, package.payload])?;
    Ok(RpmSigning::Signed(signers.package_key().to_owned()))
}

/// The bytes before the payload: the lead, the signature header with this signature in place of all others, and the unchanged header.
fn signed_head(package: &Parts<'_>, signature: Packet) -> Result<Vec<u8>, String> {
    let mut head = package.head;
    let mut metadata = PackageMetadata::parse(&mut head).map_err(|e| format!("its headers do not read: {e}"))?;
    // All else stays: the payload's size for `rpm`, for one.
    let entries = metadata.signature.get_all_entries().map_err(|e| format!("its signature header does not read: {e}"))?;
    let mut entries: Vec<HeaderEntry> =
        entries.into_iter().filter(|(tag, _)| !SIGNATURES.contains(&Tag(*tag))).map(|(tag, data)| HeaderEntry::new(tag, data)).collect();
    let Tag(tag) = if signature.rsa { Tag::SIGNATURE_RSA } else { Tag::SIGNATURE_DSA };
    entries.push(HeaderEntry::new(tag, IndexData::Bin(signature.bytes)));
    metadata.signature = ::rpm::Header::from_entries(entries, IndexSignatureTag::HEADER_SIGNATURES);
    let mut out = Vec::new();
    metadata.write(&mut out).map_err(|e| format!("writing its headers: {e}"))?;
    // What was signed are the bytes of the file, and they must be what is written.
    if !out.ends_with(package.header) || !out.starts_with(package.lead) {
        return Err("its header cannot be written back as it was; it is built in a way that is not known".to_owned());
    }
    Ok(out)
}

/// A package in memory: its headers, and its parts as bytes.
struct Parts<'a> {
    headers: Headers,
    lead: &'a [u8],
    /// The bytes before the payload.
    head: &'a [u8],
    /// The bytes of the header, which a signature covers.
    header: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, String> {
        let headers = Headers::read(&mut &*bytes, Limits::default().header).map_err(|e| e.to_string())?;
        let gone = "the headers are not in the package";
        let [start, end] = [headers.place.start, headers.place.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        let (head, payload) = bytes.split_at_checked(end).ok_or(gone)?;
        let (before, header) = head.split_at_checked(start).ok_or(gone)?;
        let lead = before.get(..LEAD).ok_or(gone)?;
        Ok(Self { headers, lead, head, header, payload })
    }

    fn judge(&self, keys: &PublicKeys, at: Timestamp) -> Result<RpmSignature, String> {
        let Headers { signature, header, .. } = &self.headers;
        let of = |part: Part| move |e: HeaderError| format!("its {part} {e}");
        if let Some(wanted) = signature.string(Tag::SIGNATURE_SHA256).map_err(of(Part::Signature))?
            && wanted != hex(&Sha256::digest(self.header))
        {
            return Err("its header does not have the digest that its signature header names; it was altered or is damaged".to_owned());
        }
        let wanted = header.string(Tag::PAYLOADDIGEST).map_err(of(Part::Header))?;
        let wanted = wanted.ok_or("its header names no digest of its payload; build it with rpm 4.14 or newer")?;
        let found = match header.number(Tag::PAYLOADDIGESTALGO).map_err(of(Part::Header))? {
            None | Some(8) => hex(&Sha256::digest(self.payload)),
            Some(10) => hex(&Sha512::digest(self.payload)),
            Some(other) => return Err(format!("its payload's digest is of algorithm {other}; SHA-256 (8) and SHA-512 (10) are known")),
        };
        if wanted != found {
            return Err("its payload does not have the digest that its header names; it was altered or is damaged".to_owned());
        }
        let packet = |tag| signature.binary(tag).map_err(of(Part::Signature));
        let packet = match (packet(Tag::SIGNATURE_RSA)?, packet(Tag::SIGNATURE_DSA)?) {
            (Some(packet), _) | (None, Some(packet)) => packet,
            (None, None) if signature.has(Tag::SIGNATURE_OPENPGP) => {
                return Err("it has no signature but in the form of rpm 6, which rpm 4 does not know".to_owned());
            }
            (None, None) => return Ok(RpmSignature::Unsigned),
        };
        match keys.verify_packet(self.header, packet, at) {
            Ok(Origin::Ours(by)) => Ok(RpmSignature::Signed(by)),
            Ok(Origin::Foreign { issuer }) => Ok(RpmSignature::Foreign { issuer }),
            Err(KeyError::BadSignature { why, .. }) => Err(why),
            Err(other) => Err(other.to_string()),
        }
    }
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

/// Replaces a package as a whole; it is synced to disk with the publication.
fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), PackageError> {
    let write = |out: &mut dyn Write| parts.iter().try_for_each(|part| out.write_all(part));
    let written = files::replace_with(path, Readers::Everyone, Promise::Deferred, |out| write(out));
    written.map_err(|e| PackageError::Write { path: path.to_owned(), source: e.source })
}
