//! The catalogues that say one thing of a CVE: KEV and EPSS.

use seaworthy_intelligence::records::{parse_epss, parse_kev};
use seaworthy_model::CveId;

pub fn run(data: &[u8]) {
    let mut refused = Vec::new();
    let facts = [parse_kev(data, "kev.json", &mut refused), parse_epss(data, "epss.csv", &mut refused)];
    for facts in facts.into_iter().flatten() {
        assert!(facts.is_sorted_by(|a, b| a.key < b.key), "one fact a CVE, in order");
        assert!(facts.iter().all(|f| f.value >= 0.0 && f.extra >= 0.0 && CveId::from_key(f.key).key() == f.key));
    }
    assert!(refused.iter().all(|r| r.offset < data.len() as u64 && !r.message.is_empty()));
}
