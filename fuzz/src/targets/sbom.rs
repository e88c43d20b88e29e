//! SBOMs.

use std::path::Path;

use seaworthy_inventory::parse_sbom;

pub fn run(data: &[u8]) {
    let _ = parse_sbom(data, Path::new("sbom.json"));
}
