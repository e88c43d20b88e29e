//! Records of the CVE List.
#![no_main]

mod looker;

use libfuzzer_sys::fuzz_target;
use looker::Looker;
use seaworthy_intelligence::records::parse_cve5;

fuzz_target!(|data: &[u8]| {
    let _ = parse_cve5(data, "CVE-2024-1.json", &mut Looker::new(data));
});
