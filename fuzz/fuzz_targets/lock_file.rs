#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seaworthy_fuzz::lock_file(bytes));
