//! What a hostile root filesystem may hold: an ndb database with its headers, programs with build information.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seaworthy_inventory::{fuzzing, go_build_info, ndb_headers};

fuzz_target!(|data: &[u8]| {
    if let Ok(blobs) = ndb_headers(data) {
        blobs.into_iter().flatten().for_each(fuzzing::header);
    }
    let _ = go_build_info(data);
});
