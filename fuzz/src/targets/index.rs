//! The files of the index, changed at any place. Half of the inputs get digests that fit, as somebody would write them who knows the
//! layout (crates/intelligence/src/tables.rs); the others must be refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use seaworthy_intelligence::records::SourceKind;
use seaworthy_intelligence::{Delivery, Input, InputBody, Store};
use twox_hash::XxHash3_64;

const FEED: &str = include_str!("../../seeds/nvd/feed.json");
/// Identity, covered bytes, count of sections, digest, magic.
const TRAILER: usize = 64;
const BLOCK: usize = 256 << 10;

struct Home {
    folder: tempfile::TempDir,
    /// A segment, its texts and the catalogue, with their good bytes.
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// A home whose index has one feed.
fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let body = InputBody::Bytes(FEED.into());
    let input = Input { kind: SourceKind::Nvd, name: "feed.json".into(), origin: String::new(), validators: Default::default(), body };
    let delivery = Delivery { inputs: vec![input], ..Delivery::default() };
    Store::new(folder.path()).ingest(BTreeMap::from([(SourceKind::Nvd, delivery)]), 0, &|_| {}).unwrap();
    let entries = ["segments", "texts", "catalogues"].map(|name| fs::read_dir(folder.path().join("knowledge").join(name)).unwrap());
    let files = entries.into_iter().flatten().map(|e| e.unwrap().path()).map(|p| (p.clone(), fs::read(p).unwrap())).collect();
    Home { folder, files }
}

thread_local! {
    // Not for the whole program, so that the folder goes with the thread.
    static HOME: Home = home();
}

/// Gives changed bytes the digests of a file that was written so.
fn seal(bytes: &mut [u8]) {
    let Some(trailer) = bytes.len().checked_sub(TRAILER) else { return };
    let Some(covered) = bytes[trailer + 32..].first_chunk::<8>().map(|b| u64::from_le_bytes(*b) as usize) else { return };
    if covered + covered.div_ceil(BLOCK) * 8 != trailer {
        return;
    }
    let digests: Vec<u8> = bytes[..covered].chunks(BLOCK).flat_map(|b| XxHash3_64::oneshot(b).to_le_bytes()).collect();
    bytes[covered..trailer].copy_from_slice(&digests);
    let digest = XxHash3_64::oneshot(&bytes[covered..trailer + 48]).to_le_bytes();
    bytes[trailer + 48..trailer + 56].copy_from_slice(&digest);
}

pub fn run(data: &[u8]) {
    if let Some((first, edits)) = data.split_first() {
        HOME.with(|home| change(home, *first, edits));
    }
}

/// Opens the files with one of them changed: `first` says which, and whether it is sealed; of each four edits three are a place.
fn change(home: &Home, first: u8, edits: &[u8]) {
    let (path, good) = &home.files[usize::from(first >> 1) % home.files.len()];
    let mut bytes = good.clone();
    for edit in edits.chunks_exact(4) {
        let at = u32::from_le_bytes([edit[0], edit[1], edit[2], 0]) as usize % bytes.len();
        bytes[at] = edit[3];
    }
    let is_sealed = first & 1 == 1;
    if is_sealed {
        seal(&mut bytes);
    }
    fs::write(path, &bytes).unwrap();
    let opened = Store::new(home.folder.path()).open();
    // Texts are checked when one is asked for.
    let read = opened.as_ref().is_ok_and(|known| known.cves().next().is_none_or(|cve| known.texts(cve).is_ok()));
    assert!(is_sealed || !read || &bytes == good, "a file that nobody wrote was taken");
    if let Ok(known) = opened {
        for cve in known.cves().take(10_000) {
            let _ = (known.id(cve).to_string(), known.published(cve), known.state(cve), known.exploited(cve), known.exploit_prediction(cve));
            for product in known.cve_products(cve) {
                let _ = (known.product_name(product), known.product_cves(product).count());
            }
            for home in known.cve_homes(cve) {
                let _ = (known.home_name(home), known.home_cves(home).count());
            }
            let _ = (known.views(cve).count(), known.views_with_products(cve).count(), known.texts(cve).is_ok());
        }
        let _ = (known.products_named("curl").count(), known.product("a:haxx:curl"));
    }
    fs::write(path, good).unwrap();
}
