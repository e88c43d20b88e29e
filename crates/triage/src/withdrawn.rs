//! The builds that were withdrawn: what a plan must not send out again.

use std::collections::BTreeMap;

use seaworthy_model::case::Case;
use seaworthy_model::{Evr, ReleaseLine, compare_evr};

/// The versions of source packages whose builds were withdrawn and may not be published again, by release line and source package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn(BTreeMap<ReleaseLine, BTreeMap<String, Vec<Evr>>>);

/// The delivery of the fix of a case of which a build was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again<'a> {
    /// The package has no newer release than the withdrawn one.
    Blocked(&'a Evr),
    /// The fix goes out with this newer release.
    With(&'a Evr),
}

impl Withdrawn {
    /// Adds the versions of a release line, by source package.
    pub fn add(&mut self, line: &ReleaseLine, versions: &BTreeMap<String, Vec<Evr>>) {
        let of_line = self.0.entry(line.clone()).or_default();
        for (source, withdrawn) in versions {
            of_line.entry(source.clone()).or_default().extend_from_slice(withdrawn);
        }
    }

    /// The delivery of a case's fix, where the newest withdrawn build had it; `None` where no withdrawn build did.
    pub(crate) fn again<'a>(&'a self, case: &'a Case) -> Option<Again<'a>> {
        let versions = self.0.get(&case.key.line)?.get(case.key.package.as_str())?;
        let gone = versions.iter().filter(|version| case.is_fixed_in(version)).max_by(|a, b| compare_evr(a, b))?;
        let newer = case.facts.version.as_ref().filter(|version| version.is_plain() && compare_evr(version, gone).is_gt());
        Some(newer.map_or(Again::Blocked(gone), Again::With))
    }
}
