//! The versions at which an advisory is judged.

use seaworthy_model::{Evr, compare_evr};

use crate::Advisory;

/// The versions of the advisory's source package: the fixed and the shipped one, and versions around them. They are in the order of RPM,
/// each once.
pub(crate) fn versions(advisory: &Advisory) -> Vec<Evr> {
    let mut out = around(&centre(advisory));
    out.extend(shipped(advisory));
    out.sort_by_cached_key(Evr::sort_key);
    out.dedup_by(|a, b| compare_evr(a, b).is_eq());
    out
}

/// The version around which others are made: the fixed one, or else the shipped one, or else `1-1`.
pub(crate) fn centre(advisory: &Advisory) -> Evr {
    advisory.fixed().cloned().or_else(|| shipped(advisory)).unwrap_or_else(|| Evr::new(0, "1", "1"))
}

fn shipped(advisory: &Advisory) -> Option<Evr> {
    advisory.version.clone().filter(|v| v.is_plain() && !v.release.is_empty())
}

/// A version and its neighbours on both sides, the closest first.
pub(crate) fn around(evr: &Evr) -> Vec<Evr> {
    let Evr { epoch, version, release } = evr;
    let of = |version: String| Evr::new(*epoch, version, release.clone());
    let mut out = vec![evr.clone()];
    if !release.is_empty() {
        out.push(Evr::new(*epoch, version.clone(), format!("{release}~1")));
        out.push(Evr::new(*epoch, version.clone(), format!("{release}.1")));
    }
    out.push(of(format!("{version}~rc1")));
    out.push(of(format!("{version}^1")));
    if let Some(lower) = epoch.checked_sub(1) {
        out.push(Evr::new(lower, version.clone(), release.clone()));
    }
    out.push(Evr::new(epoch.saturating_add(1), "0", "1"));
    out.push(Evr::new(0, "0", "0"));
    // What it was made of: 1.0~rc1 comes before 1.0, 1.0^git1 after it.
    if let Some((base, _)) = version.rsplit_once(['~', '^']).filter(|(base, _)| !base.is_empty()) {
        out.push(of(base.to_owned()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::around;
    use proptest::prelude::*;
    use seaworthy_model::{Evr, compare_evr};

    proptest! {
        /// Every version has neighbours below and above it, and each of them can be parsed again.
        #[test]
        fn lie_on_both_sides(epoch in 0_u32..3, version in "[0-9][0-9a-z.~^+_]{0,12}", release in "[0-9][0-9a-z.~^_]{0,6}") {
            let evr = Evr::new(epoch, version, release);
            let found = around(&evr);
            for other in &found {
                prop_assert_eq!(&other.to_string().parse::<Evr>().unwrap(), other);
            }
            prop_assert!(found.iter().filter(|o| compare_evr(o, &evr).is_lt()).count() >= 2, "{}", evr);
            prop_assert!(found.iter().filter(|o| compare_evr(o, &evr).is_gt()).count() >= 2, "{}", evr);
        }
    }
}
