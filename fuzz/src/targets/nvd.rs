//! NVD feeds and API pages, and overrides in their layout.

use crate::looker::Looker;
use seaworthy_intelligence::records::{parse_nvd, parse_override};

pub fn run(data: &[u8]) {
    let mut looker = Looker::new(data);
    let _ = parse_nvd(data, "nvdcve-2.0-fuzz.json", &mut looker);
    let _ = parse_override(data, "data/2024/CVE-2024-1.json", &mut looker);
}
