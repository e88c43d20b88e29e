//! From the bytes of a raw artefact to a segment.

use std::borrow::Cow;
use std::io::Read;

use seaworthy_model::Digest;

use crate::records::{Refused, SourceKind, parse_cve5, parse_epss, parse_kev, parse_nvd, parse_osv, parse_override};
use crate::segment::SegmentBuilder;

/// The most that one artefact may unpack to.
const UNPACKED_BYTES: usize = 2 << 30;
/// The most that one record of a pack may hold.
const RECORD_BYTES: u64 = 64 << 20;

/// How an artefact is packed, by the end of its name.
pub(crate) fn extension_of(name: &str) -> &'static str {
    [".json.gz", ".csv.gz", ".tar.gz", ".json", ".csv"].into_iter().find(|e| name.ends_with(e)).unwrap_or("")
}

/// What of a name changes how the bytes are read.
pub(crate) fn format_of(name: &str) -> &str {
    extension_of(name)
}

/// Whether an artefact holds changes to others of its source instead of standing for itself.
pub(crate) fn is_delta(name: &str) -> bool {
    name.starts_with("nvdcve-2.0-modified")
        || name.starts_with("nvdcve-2.0-recent")
        || name.starts_with("api/")
        || name.starts_with("delta/")
}

/// Whether an artefact takes the place of another of its source: the same one, packed in another way.
pub(crate) fn replaces(name: &str, other: &str) -> bool {
    let plain = |name| [".gz", ".zst", ".xz", ".bz2"].into_iter().find_map(|end| str::strip_suffix(name, end)).unwrap_or(name);
    !is_delta(name) && plain(name) == plain(other)
}

/// Deltas add up until all they say is said elsewhere, so each keeps a name of its own.
pub(crate) fn delta_name(name: &str, raw: Digest) -> String {
    let extension = extension_of(name);
    let stem = name.strip_suffix(extension).unwrap_or(name);
    let short = raw.short();
    if stem.ends_with(&short) { name.to_owned() } else { format!("{stem}.{short}{extension}") }
}

/// Unpacks gzip; other bytes stay as they are.
pub(crate) fn unpacked<'b>(bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    // The trailer says the size of the (last) member; it is a hint that the inflater checks.
    let hint = bytes.last_chunk::<4>().map_or(0, |t| u32::from_le_bytes(*t) as usize);
    // No deflate stream unpacks to more than 1032 times its size: a larger claim is a broken trailer, or a lie.
    if hint > UNPACKED_BYTES || hint / 1032 > bytes.len() {
        return streamed(bytes).map(Cow::Owned);
    }
    let mut out = vec![0; hint];
    let mut inflater = libdeflater::Decompressor::new();
    match inflater.gzip_decompress(bytes, &mut out) {
        Ok(len) => {
            out.truncate(len);
            Ok(Cow::Owned(out))
        }
        // Several members, or a wrong size.
        Err(libdeflater::DecompressionError::InsufficientSpace) => streamed(bytes).map(Cow::Owned),
        Err(libdeflater::DecompressionError::BadData) => Err("broken or truncated gzip: fetch it again".into()),
    }
}

/// Unpacks gzip as a stream, with a limit.
fn streamed(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let limit = UNPACKED_BYTES as u64;
    let mut out = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut out)
        .map_err(|e| format!("broken or truncated gzip ({e}): fetch it again"))?;
    if read as u64 > limit { Err(format!("unpacks to more than the limit of {limit} bytes: not taken")) } else { Ok(out) }
}

/// Parses an artefact into a segment.
pub(crate) fn segment_of(kind: SourceKind, name: &str, bytes: &[u8]) -> Result<SegmentBuilder, String> {
    let mut builder = SegmentBuilder::default();
    let unpacked = unpacked(bytes)?;
    let mut refused = Vec::new();
    match kind {
        SourceKind::Kev => builder.facts = parse_kev(&unpacked, name, &mut refused)?,
        SourceKind::Epss => builder.facts = parse_epss(&unpacked, name, &mut refused)?,
        SourceKind::Nvd => {
            let feed = parse_nvd(&unpacked, name, &mut builder)?;
            if feed.total > feed.seen && !name.starts_with("api/") {
                let message = format!("the feed announces {} records and holds {}", feed.total, feed.seen);
                refused.push(Refused { file: name.to_owned(), offset: 0, message });
            }
        }
        SourceKind::CveList | SourceKind::Osv | SourceKind::Overrides => pack(kind, &unpacked, &mut builder, &mut refused)?,
    }
    builder.refused.extend(refused);
    Ok(builder)
}

/// A tar of one JSON file a record.
fn pack(kind: SourceKind, tar: &[u8], builder: &mut SegmentBuilder, refused: &mut Vec<Refused>) -> Result<(), String> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().map_err(|e| format!("not a pack of records: {e}"))?;
    let mut json = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| format!("a broken pack of records ({e}): sync again"))?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        builder.text_base = entry.raw_file_position();
        json.clear();
        if entry.size() > RECORD_BYTES {
            refused.push(Refused {
                file: path,
                offset: 0,
                message: format!("a record of {} bytes, more than the limit of {RECORD_BYTES}", entry.size()),
            });
            continue;
        }
        entry.take(RECORD_BYTES).read_to_end(&mut json).map_err(|e| format!("a broken pack of records ({e}): sync again"))?;
        let taken = match kind {
            SourceKind::CveList => parse_cve5(&json, builder),
            SourceKind::Osv => parse_osv(&json, builder),
            _ => parse_override(&json, &path, builder),
        };
        if let Err(message) = taken {
            refused.push(Refused { file: path, offset: 0, message });
        }
    }
    Ok(())
}

/// The JSON value that begins at `offset` of the unpacked artefact.
pub(crate) fn text_at(_name: &str, bytes: &[u8], offset: u64) -> Option<String> {
    let unpacked = unpacked(bytes).ok()?;
    let rest = unpacked.get(usize::try_from(offset).ok()?..)?;
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<&serde_json::value::RawValue>();
    values.next()?.ok().map(|raw| raw.get().to_owned())
}

/// Packs one-record files into the raw form of [`segment_of`], the same bytes for the same files in the same order.
pub struct Packer(tar::Builder<flate2::write::GzEncoder<Vec<u8>>>);

impl Default for Packer {
    fn default() -> Self {
        Self(tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast())))
    }
}

impl Packer {
    /// Adds a file.
    ///
    /// # Errors
    /// When the path is no path of an archive.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        self.0.append_data(&mut header, path, bytes)
    }

    /// The packed bytes.
    ///
    /// # Errors
    /// Never in memory; the signature is that of the archive's.
    pub fn finish(self) -> std::io::Result<Vec<u8>> {
        self.0.into_inner()?.finish()
    }
}
