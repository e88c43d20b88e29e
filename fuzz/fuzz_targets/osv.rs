//! OSV records.
#![no_main]

mod looker;

use libfuzzer_sys::fuzz_target;
use looker::Looker;
use seaworthy_intelligence::records::parse_osv;

fuzz_target!(|data: &[u8]| {
    let _ = parse_osv(data, "HARBOR-2024-1.json", &mut Looker::new(data));
});
