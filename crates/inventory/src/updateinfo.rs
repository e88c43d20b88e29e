use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use seaworthy_host::xml::{Faults, Step, Xml};
use seaworthy_model::{CveId, Evr, Nevra, compare_evr, compare_rpm_segments};

use crate::changelog::fixed_in_text;
use crate::load::{day, day_of_seconds};
use crate::metadata_xml::{broken, epoch, file_of, left_out, utf8};
use crate::{ChangelogEntry, Inventory, InventoryError, Problem};

/// An advisory of updateinfo.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The id, such as `AZL-2026:1`.
    pub id: String,
    /// The day of issue, `YYYY-MM-DD`; `None` where there is none.
    pub date: Option<String>,
    /// The CVEs that it fixes.
    pub cves: Vec<CveId>,
    /// The fixed binary packages, with the versions from which they are fixed.
    pub packages: Vec<(String, Evr)>,
    /// The names of the source packages that it says they are built from; empty where it says none.
    pub sources: Vec<String>,
}

/// Parses updateinfo.xml; `path` is only for messages. The ids and addresses of references name the fixed CVEs, and so do
/// titles, unless they say otherwise.
///
/// # Errors
/// When it is no such XML. An advisory with an unknown entity in what is read of it, or an epoch that is no number, is left out, and is one
/// of the `problems`.
pub fn parse_updateinfo(bytes: &[u8], path: &Path, problems: &mut Vec<Problem>) -> Result<Vec<Update>, InventoryError> {
    let mut xml = Xml::new(utf8(bytes, path)?);
    let mut out = Vec::new();
    let mut now = Update::default();
    let mut faults = Faults::default();
    let mut root = false;
    while let Some(step) = xml.next().map_err(|e| broken(path, e))? {
        match step {
            Step::Open(start) => {
                root |= xml.depth() == 1 && xml.inside(&["updates"]);
                if xml.inside(&["updates", "update"]) {
                    now = Update::default();
                    faults = Faults::default();
                } else if xml.inside(&["update", "issued"]) {
                    let text = faults.keep(xml.attribute(&start, "date")).unwrap_or_default();
                    now.date = day(&text).map(str::to_owned).or_else(|| text.parse().ok().and_then(day_of_seconds));
                } else if xml.inside(&["references", "reference"]) {
                    for text in ["id", "href"].into_iter().filter_map(|name| faults.keep(xml.attribute(&start, name))) {
                        now.cves.extend(CveId::find_all(&text));
                    }
                    now.cves.extend(fixed_in_text(&faults.keep(xml.attribute(&start, "title")).unwrap_or_default()));
                } else if xml.inside(&["collection", "package"]) {
                    let epoch = epoch(&mut xml, &start, &mut faults);
                    let mut get = |name| faults.keep(xml.attribute(&start, name)).unwrap_or_default();
                    let (name, version) = (get("name"), get("version"));
                    let source = get("src").parse::<Nevra>().ok().map(|source| source.name);
                    if !name.is_empty() && !version.is_empty() {
                        now.sources.extend(source);
                        now.packages.push((name, Evr::new(epoch, version, get("release"))));
                    }
                }
            }
            Step::Close { name, text } if xml.inside(&["updates", "update"]) => match name.as_str() {
                "id" => now.id = faults.keep(text),
                "title" => now.cves.extend(fixed_in_text(&faults.keep(text))),
                _ => {}
            },
            Step::Close { name, .. } if name == "update" && xml.inside(&["updates"]) => {
                let mut done = std::mem::take(&mut now);
                if let Some(fault) = faults.take() {
                    problems.push(left_out("an advisory", &done.id, &file_of(path), &fault));
                    continue;
                }
                done.cves.sort_unstable();
                done.cves.dedup();
                out.push(done);
            }
            Step::Close { .. } => {}
        }
    }
    if !root {
        return Err(InventoryError::format(path, "not the advisories of an RPM repository: expected <updates>"));
    }
    Ok(out)
}

/// Adds the advisories to the source packages that they fix, as entries of their changelogs, the newest first.
///
/// An advisory fixes a package where each binary package that both have is as new as the advisory says, and the package's source is among
/// those that the advisory names, if it names any. Where it names several versions of one binary, for several releases or branches, that of
/// the package's upstream version counts, else the newest.
pub(crate) fn apply_updates(out: &mut Inventory, updates: &[Update]) {
    let mut by_name: HashMap<&str, BTreeMap<usize, Vec<&Evr>>> = HashMap::new();
    for (at, update) in updates.iter().enumerate().filter(|(_, u)| !u.cves.is_empty()) {
        for (name, evr) in &update.packages {
            by_name.entry(name).or_default().entry(at).or_default().push(evr);
        }
    }
    for package in &mut out.packages {
        // Of each advisory, whether all binaries are as new as it says, and the version that it names of one with the source's own.
        let mut reached: BTreeMap<usize, (bool, Option<&Evr>)> = BTreeMap::new();
        for binary in &package.binaries {
            let own: Option<Evr> = binary.evr.as_deref().and_then(|e| e.parse().ok());
            let Some(own) = own else { continue };
            for (at, listed) in by_name.get(binary.name.as_str()).into_iter().flatten() {
                let fixed = fixed_from(&own, listed).filter(|evr| compare_evr(&own, evr).is_ge());
                let (all, named) = reached.entry(*at).or_insert((true, None));
                *all &= fixed.is_some();
                let is_own = compare_rpm_segments(&own.version, &package.evr.version).is_eq();
                *named = named.or(fixed.filter(|_| is_own));
            }
        }
        for (at, named) in reached.into_iter().filter(|(_, (all, _))| *all).map(|(at, (_, named))| (at, named)) {
            let Some(update) = updates.get(at) else { continue };
            if update.sources.is_empty() || update.sources.contains(&package.name) {
                package.changelog.push(ChangelogEntry {
                    date: update.date.clone().unwrap_or_default(),
                    // A subpackage may have a version of its own, which says nothing of the source's.
                    evr: named.cloned(),
                    cves: update.cves.clone(),
                    taken_back: Vec::new(),
                    advisory: Some(update.id.clone()),
                });
            }
        }
        package.changelog.sort_by(|a, b| b.date.cmp(&a.date));
    }
}

/// The version among those that an advisory names of one binary that is about the branch of a version.
fn fixed_from<'a>(own: &Evr, listed: &[&'a Evr]) -> Option<&'a Evr> {
    let same = |evr: &&&'a Evr| evr.epoch == own.epoch && compare_rpm_segments(&evr.version, &own.version).is_eq();
    let newest = |a: &&'a Evr, b: &&'a Evr| compare_evr(a, b);
    listed.iter().filter(same).copied().max_by(newest).or_else(|| listed.iter().copied().max_by(newest))
}
