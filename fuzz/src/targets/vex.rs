//! VEX documents, OpenVEX and CSAF.

pub fn run(bytes: &[u8]) {
    let _ = seaworthy_triage::statements::parse(bytes);
}
