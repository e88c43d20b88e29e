//! The program dnf, run on the repository that is about to be published.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use seaworthy_model::{Evr, Nevra, compare_evr};

use super::concluded::{Concluded, Consumer, Disagreement, Verdict};
use super::errata;
use super::programs::{Programs, Repository};
use super::root::{self, Installed, Root};
use crate::Edition;
use crate::updateinfo::UpdatePackage;
use seaworthy_host::Program;
use seaworthy_host::files::write_unread;

/// The name and the architecture of a binary package.
type Binary<'p> = (&'p str, &'p str);

/// Compares the advisories that dnf offers with the intended ones, on two roots: one with every package in version 0-0, and one with the
/// newest of each in the repository.
pub(super) fn replay(
    edition: &Edition,
    packages: &[UpdatePackage],
    repository: Repository<'_>,
    programs: &Programs<'_>,
    concluded: &mut Concluded,
) {
    if let Err(why) = root::is_possible() {
        return concluded.not_run.push((Consumer::Dnf, why));
    }
    for program in ["dnf", "rpmdb"] {
        if Program::new(program).args(["--version"]).run(b"").is_err() {
            let package = if program == "dnf" { "dnf" } else { "rpm" };
            let why = format!("{program} is not installed (the Debian package is {package})");
            return concluded.not_run.push((Consumer::Dnf, why));
        }
    }
    let mut newest: BTreeMap<Binary<'_>, &Evr> = BTreeMap::new();
    for package in packages.iter().filter(|p| !matches!(p.arch.as_str(), "src" | "nosrc")) {
        let known = newest.entry((&package.name, &package.arch)).or_insert(&package.evr);
        if compare_evr(&package.evr, known).is_gt() {
            *known = &package.evr;
        }
    }
    let oldest = Evr::new(0, "0", "0");
    let old = newest.keys().map(|binary| (*binary, &oldest)).collect();
    for (name, installed) in [("dnf-old", old), ("dnf-new", newest)] {
        if let Err(why) = ask(edition, packages, repository, programs, (name, &installed), concluded) {
            return concluded.refused.push((Consumer::Dnf, why));
        }
    }
}

fn ask(
    edition: &Edition,
    packages: &[UpdatePackage],
    repository: Repository<'_>,
    programs: &Programs<'_>,
    (name, installed): (&str, &BTreeMap<Binary<'_>, &Evr>),
    concluded: &mut Concluded,
) -> Result<(), String> {
    let of = |((name, arch), evr): (&Binary<'_>, &&Evr)| Installed { name: (*name).into(), evr: (*evr).clone(), arch: (*arch).into() };
    let installed_packages: Vec<Installed> = installed.iter().map(of).collect();
    let root = Root::make(programs.scratch, name, &installed_packages, programs.time)?;
    let said = offered(&root, repository, installed)?;
    let mut by_source: BTreeMap<&str, Vec<&UpdatePackage>> = BTreeMap::new();
    for package in packages {
        by_source.entry(&package.source).or_default().push(package);
    }
    for advisory in &edition.advisories {
        let built = by_source.get(advisory.package.as_str()).map_or(&[][..], Vec::as_slice);
        let cve = advisory.cve.to_string();
        let mut asked = BTreeSet::new();
        for (name, arch, evr, ours) in errata::probes(advisory, built) {
            if installed.get(&(name, arch)) != Some(&&evr) || !asked.insert((name, arch)) {
                continue;
            }
            concluded.compared(Consumer::Dnf);
            let row = |id: &str| (id.to_owned(), name.to_owned(), arch.to_owned());
            let by_id = said.advisories.contains(&row(&advisory.id));
            // It must be found by the CVE too; by that alone it may be, because of another advisory of that CVE.
            let offers = by_id && (said.cves.contains(&row(&cve)) || ours == Verdict::NotAffected);
            let theirs = if offers { Verdict::Affected { fix: true } } else { Verdict::NotAffected };
            if ours != theirs {
                let version = format!("{name}-{evr}.{arch}");
                let package = advisory.package.clone();
                concluded.disagreements.push(Disagreement { consumer: Consumer::Dnf, package, cve: cve.clone(), version, ours, theirs });
            }
        }
    }
    Ok(())
}

/// The offers of dnf: the advisories and the CVEs, each with the name and the architecture of a package.
#[derive(Default)]
struct Offered {
    advisories: BTreeSet<(String, String, String)>,
    cves: BTreeSet<(String, String, String)>,
}

fn offered(root: &Root, repository: Repository<'_>, installed: &BTreeMap<Binary<'_>, &Evr>) -> Result<Offered, String> {
    let folder = repository.folder.canonicalize().map_err(|e| format!("finding {}: {e}", repository.folder.display()))?;
    let check = u8::from(repository.keys.is_some());
    let mut settings = format!(
        "[main]\nreposdir=/nowhere\ncachedir=/var/cache/dnf\nlogdir=/var/log\npersistdir=/var/lib/dnf\nplugins=0\nmetadata_expire=0\n\
         retries=1\n\n[published]\nname=published\nenabled=1\nbaseurl={}\ngpgcheck={check}\nrepo_gpgcheck={check}\n",
        address(&folder)
    );
    if let Some(keys) = repository.keys {
        let keys = keys.canonicalize().map_err(|e| format!("finding {}: {e}", keys.display()))?;
        settings.push_str(&format!("gpgkey={}\n", address(&keys)));
    }
    let path = root.path.join("dnf.conf");
    write_unread(&path, settings.as_bytes()).map_err(|e| e.to_string())?;
    let arch = installed.keys().map(|(_, arch)| *arch).find(|arch| *arch != "noarch");
    let mut out = Offered::default();
    for (by, rows) in [("--security", &mut out.advisories), ("--with-cve", &mut out.cves)] {
        let mut run = root.program("dnf").args(["-y", "-q", "--releasever=1"]);
        run = run.args(["-c".as_ref(), path.as_os_str(), "--installroot".as_ref(), root.path.as_os_str()]);
        run = run.args(arch.map(|arch| format!("--forcearch={arch}")));
        let said = run.args(["updateinfo", "list", by]).run(b"").map_err(|e| e.to_string())?;
        for line in String::from_utf8_lossy(&said).lines() {
            let mut words = line.split_whitespace();
            if let (Some(id), Some(_), Some(Ok(found)), None) =
                (words.next(), words.next(), words.next().map(str::parse::<Nevra>), words.next())
            {
                rows.insert((id.to_owned(), found.name, found.arch));
            }
        }
    }
    Ok(out)
}

/// The `file:` address of a path.
fn address(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    format!("file://{}", percent_encode(path.as_os_str().as_bytes(), KEPT))
}
