//! The state of a record.

use super::hold_records;
use crate::records::show;

#[test]
fn withdrawn() {
    hold_records(
        show::state,
        &[
            ("published", "", "published"),
            ("withdrawn", "'withdrawn':'2024-02-01T00:00:00Z'", "rejected"),
            ("null is not", "'withdrawn':null", "published"),
        ],
    );
    hold_records(
        show::affected,
        &[(
            "a withdrawn one keeps what it said",
            "'withdrawn':'2024-02-01T00:00:00Z','affected':[{'package':{'ecosystem':'npm','name':'a'},'versions':['1.0']}]",
            "purl:npm/a default=unaffected: =1.0",
        )],
    );
}
