use std::collections::HashMap;
use std::path::Path;

use seaworthy_host::xml::{Faults, Step, Xml};
use seaworthy_model::{CveId, Evr, compare_evr};

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
}

/// Parses updateinfo.xml; `path` is only for messages. References of type `cve`, and CVE ids in titles, name the fixed CVEs.
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
                    for text in ["id", "title", "href"].into_iter().filter_map(|name| faults.keep(xml.attribute(&start, name))) {
                        now.cves.extend(CveId::find_all(&text));
                    }
                } else if xml.inside(&["collection", "package"]) {
                    let epoch = epoch(&mut xml, &start, &mut faults);
                    let mut get = |name| faults.keep(xml.attribute(&start, name)).unwrap_or_default();
                    let (name, version) = (get("name"), get("version"));
                    if !name.is_empty() && !version.is_empty() {
                        now.packages.push((name, Evr::new(epoch, version, get("release"))));
                    }
                }
            }
            Step::Close { name, text } if xml.inside(&["updates", "update"]) => match name.as_str() {
                "id" => now.id = faults.keep(text),
                "title" => now.cves.extend(CveId::find_all(&faults.keep(text))),
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

/// Adds the advisories to each source package that has reached their fixed versions, as changelog entries, the newest first.
pub(crate) fn apply_updates(out: &mut Inventory, updates: &[Update]) {
    let mut by_name: HashMap<&str, Vec<(usize, &Evr)>> = HashMap::new();
    for (at, update) in updates.iter().enumerate().filter(|(_, u)| !u.cves.is_empty()) {
        for (name, evr) in &update.packages {
            by_name.entry(name).or_default().push((at, evr));
        }
    }
    for package in &mut out.packages {
        let mut reached: Vec<(usize, &Evr)> = Vec::new();
        for binary in &package.binaries {
            let own: Option<Evr> = binary.evr.as_deref().and_then(|e| e.parse().ok());
            let Some(own) = own else { continue };
            let fixed = by_name.get(binary.name.as_str()).into_iter().flatten();
            reached.extend(fixed.filter(|(_, evr)| compare_evr(&own, evr).is_ge()));
        }
        reached.sort_by_key(|r| r.0);
        reached.dedup_by_key(|r| r.0);
        for (at, evr) in reached {
            let Some(update) = updates.get(at) else { continue };
            let entry = ChangelogEntry { date: update.date.clone().unwrap_or_default(), evr: Some(evr.clone()), cves: update.cves.clone() };
            package.changelog.push(entry);
        }
        package.changelog.sort_by(|a, b| b.date.cmp(&a.date));
    }
}
