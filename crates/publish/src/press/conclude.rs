//! What consumers will conclude, asked before anything is in force.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Contents;
use super::repository::{SOURCE, update_packages};
use crate::contract::{Published, Report, check};
use crate::formats::osv;
use crate::{Edition, oval, updateinfo};

/// Replays what Trivy, Grype and readers of OSV conclude of an edition, and dnf of what the channels hold.
#[must_use]
pub fn conclude(edition: &Edition, channels: &BTreeMap<String, &Contents>) -> Report {
    let oval = oval::document(edition);
    let osv: Vec<Vec<u8>> = edition.advisories.par_iter().filter_map(|a| osv::record(edition, a)).collect();
    let mut report = check(edition, &Published { oval: Some(&oval), osv: Some(&osv), updateinfo: None });
    let repos = channels.values().flat_map(|contents| &contents.arches).filter(|(arch, _)| *arch != SOURCE);
    for (_, repo) in repos {
        let packages = update_packages(repo);
        let bytes = updateinfo::document(edition, &packages);
        report.add(check(edition, &Published { updateinfo: Some((&bytes, &packages)), ..Published::default() }));
    }
    report
}
