//! NVD feeds and API pages, and overrides in their layout.
#![no_main]

mod looker;

use libfuzzer_sys::fuzz_target;
use looker::Looker;
use seaworthy_intelligence::records::{parse_nvd, parse_override};

fuzz_target!(|data: &[u8]| {
    let mut looker = Looker::new(data);
    let _ = parse_nvd(data, "nvdcve-2.0-fuzz.json", &mut looker);
    let _ = parse_override(data, "data/2024/CVE-2024-1.json", &mut looker);
});
