//! The model of dnf as a reader of updateinfo.xml: an update is applicable where one of its packages is installed in an older version.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use seaworthy_model::{Evr, compare_evr};

use super::concluded::{Concluded, Consumer, Disagreement, Verdict};
use crate::updateinfo::UpdatePackage;
use crate::{Advisory, Edition};

/// An update as dnf reads it.
#[derive(Default)]
struct Update {
    id: String,
    security: bool,
    cves: BTreeSet<String>,
    /// The name, architecture and version of each package.
    packages: Vec<(String, String, Evr)>,
}

/// Compares the offers of dnf with the intended ones: the update must be offered for each package of the repository that was built from an
/// affected version and for any older than all builds there, and for none that was built from a fixed version.
pub(crate) fn check(edition: &Edition, bytes: &[u8], packages: &[UpdatePackage], concluded: &mut Concluded) {
    let updates = match read(bytes) {
        Ok(updates) => updates,
        Err(why) => return concluded.refused.push((Consumer::Dnf, why)),
    };
    let mut by_source: BTreeMap<&str, Vec<&UpdatePackage>> = BTreeMap::new();
    for package in packages.iter().filter(|p| !matches!(p.arch.as_str(), "src" | "nosrc")) {
        by_source.entry(&package.source).or_default().push(package);
    }
    let mut of_advisory: BTreeMap<&str, Vec<&Update>> = BTreeMap::new();
    for update in updates.iter().filter(|u| u.security) {
        of_advisory.entry(&update.id).or_default().push(update);
    }
    for advisory in &edition.advisories {
        let built = by_source.get(advisory.package.as_str()).map_or(&[][..], Vec::as_slice);
        let own = of_advisory.remove(advisory.id.as_str()).unwrap_or_default();
        for (name, arch, installed, ours) in probes(advisory, built) {
            concluded.compared(Consumer::Dnf);
            // The update must be found by the CVE, too.
            let named = own.iter().filter(|u| u.cves.contains(&advisory.cve.to_string()));
            let offered = named.flat_map(|u| &u.packages).any(|(n, a, evr)| n == name && a == arch && compare_evr(&installed, evr).is_lt());
            let theirs = if offered { Verdict::Affected { fix: true } } else { Verdict::NotAffected };
            if ours != theirs {
                concluded.disagreements.push(Disagreement {
                    consumer: Consumer::Dnf,
                    package: advisory.package.clone(),
                    cve: advisory.cve.to_string(),
                    version: format!("{name}-{installed}.{arch}"),
                    ours,
                    theirs,
                });
            }
        }
    }
    for (id, update) in of_advisory.iter().flat_map(|(id, updates)| updates.iter().map(move |u| (id, u))) {
        concluded.disagreements.push(Disagreement {
            consumer: Consumer::Dnf,
            package: update.packages.first().map(|p| p.0.clone()).unwrap_or_default(),
            cve: (*id).to_owned(),
            version: String::new(),
            ours: Verdict::NotAffected,
            theirs: Verdict::Affected { fix: true },
        });
    }
}

/// The name, architecture and version of binary packages as they may be installed, each with the intended verdict: every build in the
/// repository, and one before all of them.
pub(super) fn probes<'p>(advisory: &Advisory, built: &[&'p UpdatePackage]) -> Vec<(&'p str, &'p str, Evr, Verdict)> {
    let offered = Verdict::Affected { fix: true };
    let mut out = Vec::new();
    for package in built {
        let here = built.iter().filter(|p| p.name == package.name && p.arch == package.arch);
        let fixed_is_there = advisory.fixed().is_some_and(|fixed| here.clone().any(|p| compare_evr(&p.source_evr, fixed).is_ge()));
        let affected = advisory.fixed().is_some_and(|fixed| compare_evr(&package.source_evr, fixed).is_lt());
        let ours = if affected && fixed_is_there { offered } else { Verdict::NotAffected };
        out.push((package.name.as_str(), package.arch.as_str(), package.evr.clone(), ours));
        let before = Evr::new(0, "0", "0");
        out.push((&package.name, &package.arch, before, if fixed_is_there { offered } else { Verdict::NotAffected }));
    }
    out
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let value = start.try_get_attribute(name).ok().flatten();
    value.and_then(|v| v.normalized_value(XmlVersion::Implicit1_0).ok().map(|v| v.into_owned())).unwrap_or_default()
}

fn read(bytes: &[u8]) -> Result<Vec<Update>, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("updateinfo.xml is no UTF-8 after byte {}", e.valid_up_to()))?;
    let mut reader = Reader::from_str(text);
    let mut out: Vec<Update> = Vec::new();
    let mut in_id = false;
    let mut depth = 0_usize;
    loop {
        let event =
            reader.read_event().map_err(|e| format!("updateinfo.xml is no well-formed XML at byte {}: {e}", reader.error_position()))?;
        let start = match &event {
            Event::Start(start) => {
                depth += 1;
                start
            }
            Event::Empty(start) => start,
            Event::Text(piece) if in_id => {
                if let Some(update) = out.last_mut() {
                    update.id.push_str(&piece.xml10_content());
                }
                continue;
            }
            Event::End(_) => {
                in_id = false;
                depth = depth.saturating_sub(1);
                continue;
            }
            Event::Eof if depth == 0 => return Ok(out),
            Event::Eof => return Err("updateinfo.xml is cut short: it ends inside an element".into()),
            _ => continue,
        };
        let get = |name| attribute(start, name);
        match start.local_name().into_inner() {
            "update" => out.push(Update { security: get("type") == "security", ..Update::default() }),
            "id" => in_id = true,
            "reference" if get("type") == "cve" => {
                if let Some(update) = out.last_mut() {
                    update.cves.insert(get("id"));
                }
            }
            "package" => {
                let evr = Evr::new(get("epoch").parse().unwrap_or(0), get("version"), get("release"));
                if let Some(update) = out.last_mut() {
                    update.packages.push((get("name"), get("arch"), evr));
                }
            }
            _ => {}
        }
    }
}
