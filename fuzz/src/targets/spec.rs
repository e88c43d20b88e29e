//! Any bytes as a spec, as a file of macros beside it and as a file that it includes: no panic, no endless work.

pub fn run(bytes: &[u8]) {
    seaworthy_inventory::spec_for_fuzzing(bytes);
}
