//! The files of a hostile root filesystem: an ndb database with its headers, the list of a distroless image, and programs with build
//! information.

use seaworthy_inventory::{fuzzing, go_build_info};
use seaworthy_packages::rpm::database::ndb_for_fuzzing;

pub fn run(data: &[u8]) {
    ndb_for_fuzzing(data, fuzzing::header);
    fuzzing::manifest(data);
    let _ = go_build_info(data);
}
