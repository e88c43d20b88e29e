//! RPM versions and package names: parsing, printing, and an order that the sort keys agree with.

use seaworthy_model::{Evr, Nevra, compare_evr, compare_rpm_segments};

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (a, b) = text.split_once('\0').unwrap_or((text, text));
    assert_eq!(compare_rpm_segments(a, b), compare_rpm_segments(b, a).reverse());
    if let Ok(nevra) = a.parse::<Nevra>() {
        // Not the same value for every text (`a-1-1.rpm.rpm`), but always one that can be printed and read.
        let _ = nevra.to_string().parse::<Nevra>();
    }
    if let (Ok(x), Ok(y)) = (a.parse::<Evr>(), b.parse::<Evr>()) {
        assert_eq!(compare_evr(&x, &y), compare_evr(&y, &x).reverse());
        assert_eq!(x.to_string().parse::<Evr>().as_ref(), Ok(&x));
        if !x.release.is_empty() && !y.release.is_empty() {
            assert_eq!(x.sort_key().cmp(&y.sort_key()), compare_evr(&x, &y));
        }
    }
}
