//! Upstream versions and ranges of them: each order is total, and any text has a place in it.

use seaworthy_model::{Bound, Order, Scheme, UpstreamVersion, VersionRange, ecosystem_product, home_of};

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut texts = text.split('\0');
    let [a, b, c] = [(); 3].map(|()| texts.next().unwrap_or_default());
    for order in [Order::Upstream, Order::Plain, Order::SemVer] {
        let [x, y, z] = [a, b, c].map(|text| UpstreamVersion::in_order(order, text));
        assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
        assert!(x.cmp(&x).is_eq());
        if x <= y && y <= z {
            assert!(x <= z);
        }
        let range = VersionRange { start: Bound::Including(a), end: Bound::Including(b) };
        // An end with a star reaches further, and so does one that has updates.
        assert!(x > y || range.contains(&x));
        let _ = (range.is_comparable(&z), range.contains(&z), x.is_update_of(b), x.is_same_patch_level(b), x.series(2), x.is_numeric());
    }
    let _ = (Scheme::of(a), home_of(a));
    for kind in ["pypi", "maven", "swift", "npm"] {
        let product = ecosystem_product(kind, a);
        assert!(product.strip_prefix("purl:").is_some_and(|rest| rest.starts_with(kind)));
    }
}
