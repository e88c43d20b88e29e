//! Lock files and module lists: any bytes as each of them.

use seaworthy_components::{cargo_lock, go_mod, go_sum, modules_txt, package_lock, pom_xml, requirements};

pub fn run(data: &[u8]) {
    for parse in [go_mod, go_sum, modules_txt, cargo_lock, package_lock, requirements, pom_xml] {
        let _ = parse(data, "file");
    }
}
