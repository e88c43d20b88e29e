//! VEX documents: OpenVEX, CSAF and CycloneDX.

pub fn run(bytes: &[u8]) {
    let _ = seaworthy_triage::statements::parse(bytes);
}
