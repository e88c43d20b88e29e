//! The way from the bytes of a raw artefact to a segment.

use std::borrow::Cow;

use seaworthy_host::archive;
use seaworthy_model::Digest;

use crate::records::{Refused, SourceKind, parse_cve5, parse_epss, parse_kev, parse_nvd, parse_osv, parse_override};
use crate::segment::SegmentBuilder;

/// The greatest size of an unpacked artefact in bytes.
const UNPACKED_BYTES: u64 = 2 << 30;
/// The greatest size of a record in a pack, in bytes.
const RECORD_BYTES: u64 = 64 << 20;

/// The part of a name that says how an artefact is packed: its end; empty for an unknown one.
pub(crate) fn extension_of(name: &str) -> &'static str {
    [".json.gz", ".csv.gz", ".tar.gz", ".json", ".csv"].into_iter().find(|e| name.ends_with(e)).unwrap_or("")
}

/// The part of a name that decides how the bytes are read.
pub(crate) fn format_of(name: &str) -> &str {
    extension_of(name)
}

/// Whether an artefact is a delta, which has changes to other artefacts of its source.
pub(crate) fn is_delta(name: &str) -> bool {
    name.starts_with("nvdcve-2.0-modified")
        || name.starts_with("nvdcve-2.0-recent")
        || name.starts_with("api/")
        || name.starts_with("delta/")
}

/// Whether an artefact replaces another of its source: the same one, packed in any way.
pub(crate) fn replaces(name: &str, other: &str) -> bool {
    let plain = |name| [".gz", ".zst", ".xz", ".bz2"].into_iter().find_map(|end| str::strip_suffix(name, end)).unwrap_or(name);
    !is_delta(name) && plain(name) == plain(other)
}

/// The name of a delta with its digest. Deltas are kept side by side until other artefacts have all their records, so each needs its own.
pub(crate) fn delta_name(name: &str, raw: Digest) -> String {
    let extension = extension_of(name);
    let stem = name.strip_suffix(extension).unwrap_or(name);
    let short = raw.short();
    if stem.ends_with(&short) { name.to_owned() } else { format!("{stem}.{short}{extension}") }
}

/// The unpacked bytes; plain bytes stay as they are.
pub(crate) fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    archive::unpacked(bytes, UNPACKED_BYTES).map_err(|e| e.to_string())
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

/// Parses a pack: a tar with one JSON file for each record.
fn pack(kind: SourceKind, tar: &[u8], builder: &mut SegmentBuilder, refused: &mut Vec<Refused>) -> Result<(), String> {
    archive::each_member(tar, RECORD_BYTES, |member, content| {
        builder.base = member.at;
        let taken = match (content, kind) {
            (None, _) => Err(format!("a record of {} bytes, more than the limit of {RECORD_BYTES}", member.size)),
            (Some(json), SourceKind::CveList) => parse_cve5(json, &member.path, builder),
            (Some(json), SourceKind::Osv) => parse_osv(json, &member.path, builder),
            (Some(json), SourceKind::Overrides) => parse_override(json, &member.path, builder),
            (Some(_), SourceKind::Nvd | SourceKind::Kev | SourceKind::Epss) => Err(format!("{kind} has no pack of records")),
        };
        if let Err(message) = taken {
            refused.push(Refused { file: member.path, offset: 0, message });
        }
    })
    .map_err(|e| format!("a broken pack of records ({e}): sync again"))
}

/// The JSON value that begins at `offset` of the unpacked artefact; `None` where there is none.
pub(crate) fn text_at(_name: &str, bytes: &[u8], offset: u64) -> Option<String> {
    let unpacked = unpacked(bytes).ok()?;
    let rest = unpacked.get(usize::try_from(offset).ok()?..)?;
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<&serde_json::value::RawValue>();
    values.next()?.ok().map(|raw| raw.get().to_owned())
}
