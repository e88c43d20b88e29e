//! The program OpenSCAP, run on the OVAL file that is about to be published.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use seaworthy_model::{CveId, Evr};

use super::concluded::{Concluded, Consumer, Disagreement, Verdict, expected};
use super::probe::{around, centre};
use super::programs::Programs;
use super::root::{self, Installed, Root};
use super::xml;
use crate::{Advisory, Edition, Standing, oval};
use seaworthy_host::Program;
use seaworthy_host::files::write_unread;

/// A package that is in every root and always affected. A root that is not found, or a database that is not read, makes every verdict "not
/// affected", which would look like agreement where little is affected.
const CANARY: &str = "seaworthy-canary";
/// The greatest output of the program, in bytes; a definition gives about 60.
const MAX_OUTPUT: u64 = 256 << 20;

/// Compares the result of every definition with the intended verdict, on several roots.
pub(super) fn replay(edition: &Edition, bytes: &[u8], programs: &Programs<'_>, concluded: &mut Concluded) {
    if let Err(why) = root::is_possible() {
        return concluded.not_run.push((Consumer::OpenScap, why));
    }
    for (program, package) in [("oscap", "openscap-scanner"), ("rpmdb", "rpm")] {
        if Program::new(program).args(["--version"]).run(b"").is_err() {
            let why = format!("{program} is not installed (the Debian package is {package})");
            return concluded.not_run.push((Consumer::OpenScap, why));
        }
    }
    if let Err(why) = ask(edition, bytes, programs, concluded) {
        concluded.refused.push((Consumer::OpenScap, why));
    }
}

fn ask(edition: &Edition, bytes: &[u8], programs: &Programs<'_>, concluded: &mut Concluded) -> Result<(), String> {
    let file = xml::read(bytes).map_err(|e| format!("the OVAL file {e}"))?;
    let named: BTreeMap<&str, &str> = file.definitions.iter().map(|d| (d.id.as_str(), d.last("advisory_id").unwrap_or_default())).collect();
    let write = |name: &str, bytes: &[u8]| {
        let path = programs.scratch.join(name);
        write_unread(&path, bytes).map(|()| path).map_err(|e| e.to_string())
    };
    let path = write("oval.xml", bytes)?;
    let canary = write("canary.xml", &oval::document(&canary_edition(edition)?))?;
    for number in 0..programs.roots {
        let installed = installed(edition, number);
        let packages: Vec<Installed> =
            installed.iter().map(|(name, evr)| Installed { name: (*name).to_owned(), evr: evr.clone(), arch: "noarch".into() }).collect();
        let root = Root::make(programs.scratch, &format!("openscap-{number}"), &packages, programs.time)?;
        let seen = evaluate(&root, &canary)?;
        if seen.len() != 1 || seen.values().any(|result| result != "true") {
            return Err("it does not see the packages of a root that was made for it; check its version and that of rpm".into());
        }
        let mut affected: BTreeSet<&str> = BTreeSet::new();
        for (id, result) in evaluate(&root, &path)? {
            let advisory = named.get(id.as_str()).copied().unwrap_or_default();
            match result.as_str() {
                "true" => _ = affected.insert(advisory),
                "false" => {}
                other => return Err(format!("it finds {other:?} for the definition {id} of {advisory}")),
            }
        }
        for advisory in &edition.advisories {
            concluded.compared(Consumer::OpenScap);
            let (ours, version) = on_root(advisory, &installed);
            let fix = advisory.fixed().is_some();
            let theirs = if affected.contains(advisory.id.as_str()) { Verdict::Affected { fix } } else { Verdict::NotAffected };
            if ours != theirs {
                concluded.disagreements.push(Disagreement {
                    consumer: Consumer::OpenScap,
                    package: advisory.package.clone(),
                    cve: advisory.cve.to_string(),
                    version,
                    ours,
                    theirs,
                });
            }
        }
    }
    Ok(())
}

/// The results of the definitions, by their ids.
fn evaluate(root: &Root, path: &Path) -> Result<BTreeMap<String, String>, String> {
    let run = root.program("oscap").args(["oval", "eval", "--skip-valid"]).args([path.as_os_str()]);
    let said = run.env("OSCAP_PROBE_ROOT", root.path.as_os_str()).output(MAX_OUTPUT).run(b"").map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&said);
    let results = said.lines().filter_map(|line| line.strip_prefix("Definition ")?.rsplit_once(": "));
    Ok(results.map(|(id, result)| (id.to_owned(), result.to_owned())).collect())
}

/// The names of the binary packages of an advisory; that of the source package where they are not known.
fn names(advisory: &Advisory) -> impl Iterator<Item = &str> {
    let unknown = advisory.binaries.is_empty().then_some(advisory.package.as_str());
    advisory.binaries.iter().map(String::as_str).chain(unknown)
}

/// The packages of a root: all binary packages, those of one source package in one version, which differs between roots. A name that only a
/// source package has is installed in every other root, as a package of some other source.
fn installed(edition: &Edition, number: usize) -> BTreeMap<&str, Evr> {
    let mut by_source: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
    for advisory in &edition.advisories {
        by_source.entry(&advisory.package).or_default().push(advisory);
    }
    let mut out = BTreeMap::from([(CANARY, Evr::new(0, "1", "1"))]);
    for advisories in by_source.values_mut() {
        // What changed last is asked first.
        advisories.sort_by_key(|a| std::cmp::Reverse((a.updated(), a.order())));
        let kinds = advisories.get(number % advisories.len().max(1)).map(|a| around(&centre(a))).unwrap_or_default();
        let Some(evr) = kinds.get(number % kinds.len().max(1)) else { continue };
        for name in advisories.iter().flat_map(|a| names(a)) {
            out.entry(name).or_insert_with(|| evr.clone());
        }
    }
    if number % 2 == 1 {
        for source in by_source.keys() {
            out.entry(source).or_insert_with(|| Evr::new(0, "0", "0"));
        }
    }
    out
}

/// The intended verdict on a root, and the version of the package that decides it.
fn on_root(advisory: &Advisory, installed: &BTreeMap<&str, Evr>) -> (Verdict, String) {
    let mut found = (Verdict::NotAffected, String::new());
    for evr in names(advisory).filter_map(|name| installed.get(name)) {
        let verdict = expected(advisory, evr);
        if found.1.is_empty() || verdict > found.0 {
            found = (verdict, evr.to_string());
        }
    }
    found
}

/// An edition in which only the canary is affected.
fn canary_edition(edition: &Edition) -> Result<Edition, String> {
    let cve: CveId = "CVE-1999-0001".parse().map_err(|e| format!("naming the canary: {e}"))?;
    let canary = Advisory {
        id: "CANARY-1999-1".into(),
        cve,
        package: CANARY.into(),
        binaries: vec![CANARY.into()],
        version: Evr::of_log("2-1"),
        standing: Standing::Fixed { version: Evr::new(0, "2", "1"), or_before: false },
        statement: String::new(),
        severity: None,
        score: None,
        description: String::new(),
        weaknesses: Vec::new(),
        references: Vec::new(),
        exploited_since: None,
        ready: None,
        deliveries: Vec::new(),
        due: None,
        revisions: Vec::new(),
    };
    Ok(Edition { distribution: edition.distribution.clone(), at: edition.at, advisories: vec![canary], images: Vec::new() })
}
