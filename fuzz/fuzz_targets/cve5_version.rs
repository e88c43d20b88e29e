#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seaworthy_fuzz::cve5_version(bytes));
