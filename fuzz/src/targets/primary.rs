//! XML: primary, changelogs, updateinfo, and the whole repository behind a hostile server.

use std::path::Path;

use seaworthy_inventory::{Inventory, fuzzing, parse_primary, parse_updateinfo, read_repository_with};

pub fn run(data: &[u8]) {
    let mut out = Inventory::new("repository", "fuzz");
    let _ = parse_primary(data, Path::new("primary.xml"), &mut out);
    let _ = parse_updateinfo(data, Path::new("updateinfo.xml"), &mut Vec::new());
    fuzzing::changelogs(data);
    let _ = read_repository_with("fuzz", &|_| Ok(data.to_vec()));
}
