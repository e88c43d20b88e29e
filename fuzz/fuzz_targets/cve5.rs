//! Records of the CVE List and of OSV.
#![no_main]

mod looker;

use libfuzzer_sys::fuzz_target;
use looker::Looker;
use seaworthy_intelligence::records::{parse_cve5, parse_osv};

fuzz_target!(|data: &[u8]| {
    let mut looker = Looker::new(data);
    let _ = parse_cve5(data, &mut looker);
    let _ = parse_osv(data, &mut looker);
});
