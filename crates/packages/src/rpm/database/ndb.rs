//! The database of rpm's backend ndb, `Packages.db`.

use std::collections::BTreeMap;

use super::error::InstalledError;

/// The words that mark the file, a slot and a blob, read as little-endian numbers.
const FILE: u32 = u32::from_le_bytes(*b"RpmP");
const SLOT: u32 = u32::from_le_bytes(*b"Slot");
const BLOB: u32 = u32::from_le_bytes(*b"BlbS");
/// The size of a slot page in bytes, and the greatest number of pages: room for 500,000 packages.
const PAGE: usize = 4096;
const MAX_PAGES: usize = 2048;
/// The size of a slot, and the unit of positions and lengths, in bytes.
const BLOCK: usize = 16;

/// The blobs of the installed packages, or their errors, by the numbers of the packages.
pub(super) type Blobs<'a> = BTreeMap<u32, Result<&'a [u8], InstalledError>>;

/// The blobs in an ndb database, each of which is a header.
///
/// Format: lib/backend/ndb/rpmpkg.c of rpm. A file header of 32 bytes (magic, version 0, generation, number of slot pages),
/// slots of 16 bytes (magic, package number or 0, first block, number of blocks), and blobs (magic, package number,
/// generation, length, data, a tail with an Adler-32 sum); little endian, blocks of 16 bytes.
///
/// # Errors
/// When the bytes are no ndb database, in words. A blob that cannot be read is an error of that blob alone.
pub(super) fn blobs(bytes: &[u8]) -> Result<Blobs<'_>, String> {
    if word(bytes, 0) != Some(FILE) {
        return Err("it does not start with RpmP".to_owned());
    }
    if word(bytes, 4) != Some(0) {
        return Err("its version is unknown; only version 0 is known".to_owned());
    }
    let pages = word(bytes, 12).unwrap_or(0) as usize;
    let slots = bytes.get(2 * BLOCK..pages.saturating_mul(PAGE)).filter(|_| (1..=MAX_PAGES).contains(&pages));
    let slots = slots.ok_or_else(|| format!("its {pages} slot pages are not in the file's {} bytes; it is cut short", bytes.len()))?;
    let mut out = BTreeMap::new();
    // A slot may not name data that another slot has: a small file must not unfold into a large one.
    let mut budget = bytes.len();
    for (at, slot) in slots.chunks_exact(BLOCK).enumerate() {
        if word(slot, 0) != Some(SLOT) {
            return Err(format!("the slot at byte {} is broken", 2 * BLOCK + at * BLOCK));
        }
        let (number, block) = (word(slot, 4).unwrap_or(0), word(slot, 8).unwrap_or(0) as usize);
        if number != 0 {
            let at = block.saturating_mul(BLOCK);
            let found = blob(bytes, number, at).and_then(|data| {
                budget = budget.checked_sub(data.len()).ok_or("overlaps other packages")?;
                Ok(data)
            });
            out.insert(number, found.map_err(|what| InstalledError::Blob { at: at as u64, what }));
        }
    }
    Ok(out)
}

fn blob(bytes: &[u8], number: u32, start: usize) -> Result<&[u8], &'static str> {
    let head = bytes.get(start..).ok_or("lies outside of the file")?;
    if word(head, 0) != Some(BLOB) || word(head, 4) != Some(number) {
        return Err("is no blob of this number");
    }
    let length = word(head, 12).unwrap_or(0) as usize;
    head.get(BLOCK..).and_then(|data| data.get(..length)).ok_or("is cut short")
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|c| u32::from_le_bytes(*c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn database(blobs: &[&[u8]]) -> Vec<u8> {
        let mut out: Vec<u8> = [FILE, 0, 1, 1, blobs.len() as u32 + 1, 0, 0, 0].iter().flat_map(|w| w.to_le_bytes()).collect();
        let mut data = Vec::new();
        for at in 0..PAGE / BLOCK - 2 {
            let mut slot = [SLOT, 0, 0, 0];
            if let Some(blob) = blobs.get(at) {
                let number = at as u32 + 1;
                slot = [SLOT, number, ((PAGE + data.len()) / BLOCK) as u32, 0];
                data.extend([BLOB, number, 1, blob.len() as u32].iter().flat_map(|w| w.to_le_bytes()));
                data.extend_from_slice(blob);
                data.extend([0; 12]);
                data.resize(data.len().next_multiple_of(BLOCK), 0);
            }
            out.extend(slot.iter().flat_map(|w| w.to_le_bytes()));
        }
        out.extend(data);
        out
    }

    #[test]
    fn reads_blobs_and_refuses_what_is_outside() {
        let good = database(&[b"one", b"second blob of it"]);
        let found: Vec<(u32, &[u8])> = blobs(&good).unwrap().into_iter().map(|(number, blob)| (number, blob.unwrap())).collect();
        assert_eq!(found, [(1, &b"one"[..]), (2, &b"second blob of it"[..])]);
        let with_slot = |slot: usize, word: usize, value: u32| {
            let mut bytes = good.clone();
            let at = BLOCK * (2 + slot) + 4 * word;
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            bytes
        };
        for (bytes, expected) in [
            (good[..good.len() - 40].to_vec(), "its blob at byte 4128 is cut short"),
            (with_slot(1, 2, 9999), "its blob at byte 159984 lies outside of the file"),
            (with_slot(1, 2, 256), "its blob at byte 4096 is no blob of this number"),
        ] {
            let found = blobs(&bytes).unwrap();
            assert!(found[&1].is_ok());
            assert_eq!(found[&2].as_ref().unwrap_err().to_string(), expected);
        }
        for (bytes, expected) in [
            (b"SQLite format 3\0".to_vec(), "it does not start with RpmP"),
            (good[..100].to_vec(), "its 1 slot pages are not in the file's 100 bytes"),
            (with_slot(7, 0, 0), "the slot at byte 144 is broken"),
        ] {
            let error = blobs(&bytes).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_panic_on_any_bytes(edits in prop::collection::vec((0usize..4200, any::<u8>()), 0..20), cut in 0usize..4300) {
            let mut bytes = database(&[b"one", b"two", b"and the third of them, longer than a block"]);
            for (at, byte) in edits {
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            let _ = blobs(&bytes);
            let _ = blobs(bytes.get(..cut).unwrap_or_default());
        }
    }
}
