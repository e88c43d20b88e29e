//! The conclusions of readers before a publication is in force.

use std::collections::BTreeMap;
use std::time::Duration;

use rayon::prelude::*;
use seaworthy_keys::PublicKeys;

use super::repository::{SOURCE, update_packages};
use super::{Contents, PressError};
use crate::contract::{Concluded, Consumer, Programs, Published, Repository, check, replay};
use crate::formats::osv;
use crate::site::{Site, SiteError, replace};
use crate::{Edition, oval, updateinfo};

/// The time that a program may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// The number of roots on which OpenSCAP evaluates every definition: below, at and above the fix.
const ROOTS: usize = 3;

/// The conditions for running the real programs as well: a site with the snapshots, and the keys that signed them.
#[derive(Clone, Copy, Debug)]
pub struct InstalledPrograms<'a> {
    /// The site.
    pub site: &'a Site,
    /// The keys.
    pub keys: &'a PublicKeys,
}

/// Replays the conclusions of Trivy, Grype and readers of OSV for an edition, and those of dnf for the contents of the channels, each with
/// its snapshot. With `real`, OpenSCAP and dnf themselves are run too, where they are installed.
///
/// # Errors
/// When a file for the programs, or their folder, cannot be written.
pub fn conclude(
    edition: &Edition,
    channels: &BTreeMap<String, (String, &Contents)>,
    real: Option<InstalledPrograms<'_>>,
) -> Result<Concluded, PressError> {
    let oval = oval::document(edition);
    let osv: Vec<Vec<u8>> = edition.advisories.par_iter().filter_map(|a| osv::record(edition, a)).collect();
    // Without an ecosystem of its own a distribution's records are valid, and no reader can match them.
    let is_registered = !edition.distribution.ecosystem.is_empty();
    let published = Published { oval: Some(&oval), osv: is_registered.then_some(&osv), updateinfo: None };
    let mut concluded = check(edition, &published);
    if !is_registered {
        concluded.not_run.push((Consumer::Osv, "no ecosystem is set (ecosystem in seaworthy.toml), so its readers match nothing".into()));
    }
    let scratch = tempfile::Builder::new().prefix("sw").tempdir().map_err(SiteError::file("make a folder in", &std::env::temp_dir()))?;
    let keys = scratch.path().join("keys.asc");
    if let Some(real) = real {
        replace(&keys, &real.keys.armored()?)?;
        let programs = Programs { scratch: scratch.path(), time: PATIENCE, roots: ROOTS, repository: None };
        concluded.add(replay(edition, &published, &programs));
    }
    for (snapshot, contents) in channels.values() {
        let mut asked = false;
        for (arch, repo) in contents.arches.iter().filter(|(arch, _)| *arch != SOURCE) {
            let packages = update_packages(repo);
            let bytes = updateinfo::document(edition, &packages);
            let published = Published { updateinfo: Some((&bytes, &packages)), ..Published::default() };
            concluded.add(check(edition, &published));
            // One architecture speaks for all: their advisories come from the same lines of code, and each run takes seconds.
            if let Some(real) = real.filter(|_| !asked && !packages.is_empty()) {
                asked = true;
                let folder = real.site.snapshot(snapshot).join(arch);
                let repository = Some(Repository { folder: &folder, keys: Some(&keys) });
                let programs = Programs { scratch: scratch.path(), time: PATIENCE, roots: ROOTS, repository };
                concluded.add(replay(edition, &published, &programs));
            }
        }
    }
    Ok(concluded)
}
