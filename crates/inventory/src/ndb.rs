use std::collections::BTreeMap;

/// Words of the format, read as little-endian numbers.
const FILE: u32 = u32::from_le_bytes(*b"RpmP");
const SLOT: u32 = u32::from_le_bytes(*b"Slot");
const BLOB: u32 = u32::from_le_bytes(*b"BlbS");
/// A slot page, and how many of them are believed: room for 500,000 packages.
const PAGE: usize = 4096;
const MAX_PAGES: usize = 2048;
/// A slot, and the unit of positions and lengths.
const BLOCK: usize = 16;

/// The headers in an ndb database (`Packages.db`), in the order of their numbers.
///
/// Format: lib/backend/ndb/rpmpkg.c of rpm. A file header of 32 bytes (magic, version 0, generation, number of slot pages),
/// slots of 16 bytes (magic, package number or 0, first block, number of blocks), and blobs (magic, package number,
/// generation, length, data, a tail with an Adler-32 sum); little endian, blocks of 16 bytes.
///
/// # Errors
/// When it is no such file. A blob that cannot be read gives an `Err` entry with its package number, and costs only itself.
pub fn ndb_headers(bytes: &[u8]) -> Result<Vec<Result<&[u8], String>>, String> {
    if word(bytes, 0) != Some(FILE) {
        return Err("not an ndb database: it does not start with RpmP".to_owned());
    }
    if word(bytes, 4) != Some(0) {
        return Err("an ndb database of an unknown version; only version 0 is known".to_owned());
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
            let found = blob(bytes, number, block.saturating_mul(BLOCK)).and_then(|data| {
                budget = budget.checked_sub(data.len()).ok_or_else(|| format!("package {number}: overlaps other packages"))?;
                Ok(data)
            });
            out.insert(number, found);
        }
    }
    Ok(out.into_values().collect())
}

fn blob(bytes: &[u8], number: u32, start: usize) -> Result<&[u8], String> {
    let fail = |what: &str| format!("package {number} at byte {start}: {what}");
    let head = bytes.get(start..).ok_or_else(|| fail("lies outside of the file"))?;
    if word(head, 0) != Some(BLOB) || word(head, 4) != Some(number) {
        return Err(fail("no blob of this number"));
    }
    let length = word(head, 12).unwrap_or(0) as usize;
    head.get(BLOCK..).and_then(|data| data.get(..length)).ok_or_else(|| fail("is cut short"))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|c| u32::from_le_bytes(*c))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
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
        assert_eq!(ndb_headers(&good).unwrap(), [Ok(&b"one"[..]), Ok(&b"second blob of it"[..])]);
        let cut = ndb_headers(&good[..good.len() - 40]).unwrap();
        assert!(cut[0].is_ok() && cut[1].as_ref().is_err_and(|e| e.contains("package 2")), "{cut:?}");
        assert!(ndb_headers(&good[..100]).is_err());
        assert!(ndb_headers(b"SQLite format 3\0").is_err());
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
            let _ = ndb_headers(&bytes);
            let _ = ndb_headers(bytes.get(..cut).unwrap_or_default());
        }
    }
}
