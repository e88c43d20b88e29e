//! The status of a version that no entry names.

use super::hold_products;
use crate::records::show;

#[test]
fn default_status() {
    hold_products(
        show::affected,
        &[
            ("affected", "product=x defaultStatus=affected", "a::x default=affected"),
            ("unaffected", "product=x defaultStatus=unaffected", "a::x default=unaffected"),
            ("unknown: whatever no entry decides is left open", "product=x defaultStatus=unknown", "a::x default=unknown: unknown *"),
            ("where it does not say, unknown: so the schema has it", "product=x", "a::x default=unknown"),
            ("null does not say", "product=x defaultStatus:=null", "a::x default=unknown"),
            ("a word that the schema does not have", "product=x defaultStatus=Affected", "a::x default=unknown"),
            (
                "it stands beside the versions",
                "product=x defaultStatus=unaffected : version=1.0 lessThan=1.4 status=affected",
                "a::x default=unaffected: >=1.0 <1.4",
            ),
        ],
    );
}
