//! The CVEs of a record.

use super::hold_records;
use crate::records::show;

#[test]
fn aliases() {
    hold_records(
        show::id,
        &[
            ("an alias", "'aliases':['GHSA-1','CVE-2024-1000']", "CVE-2024-1000"),
            ("several: a view for each", "'aliases':['CVE-2024-1000','CVE-2024-1001']", "CVE-2024-1000 / CVE-2024-1001"),
            ("its own id", "'id':'CVE-2024-1234','aliases':[]", "CVE-2024-1234"),
            ("none: it is about no CVE", "'aliases':['GHSA-1']", "nothing"),
            ("no aliases", "'aliases':[]", "nothing"),
            ("an alias that is nearly one", "'aliases':['CVE-2024-1','CVE-2024-1000x']", "nothing"),
            ("what is related is not the same", "'aliases':[],'related':['CVE-2024-1000']", "nothing"),
        ],
    );
}
