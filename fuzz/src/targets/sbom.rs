//! SBOMs, and the lock files that name components.

use std::path::Path;

use seaworthy_inventory::{cargo_lock, go_mod, go_sum, modules_txt, package_lock, parse_sbom, pom_xml, requirements};

pub fn run(data: &[u8]) {
    let _ = parse_sbom(data, Path::new("sbom.json"));
    for parse in [go_mod, go_sum, modules_txt, cargo_lock, package_lock, requirements, pom_xml] {
        let _ = parse(data, "file");
    }
}
