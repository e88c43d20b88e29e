//! The files of a hostile root filesystem: an ndb database with its headers, and programs with build information.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seaworthy_inventory::{fuzzing, go_build_info};
use seaworthy_packages::rpm::database::ndb_for_fuzzing;

fuzz_target!(|data: &[u8]| {
    ndb_for_fuzzing(data, fuzzing::header);
    let _ = go_build_info(data);
});
