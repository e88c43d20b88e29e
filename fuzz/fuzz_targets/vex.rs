//! VEX documents, OpenVEX and CSAF.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = seaworthy_triage::statements::parse(bytes);
});
