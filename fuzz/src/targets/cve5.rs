//! Records of the CVE List.

use crate::looker::Looker;
use seaworthy_intelligence::records::parse_cve5;

pub fn run(data: &[u8]) {
    let _ = parse_cve5(data, "CVE-2024-1.json", &mut Looker::new(data));
}
