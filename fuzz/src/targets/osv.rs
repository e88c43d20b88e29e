//! OSV records.

use crate::looker::Looker;
use seaworthy_intelligence::records::parse_osv;

pub fn run(data: &[u8]) {
    let _ = parse_osv(data, "HARBOR-2024-1.json", &mut Looker::new(data));
}
