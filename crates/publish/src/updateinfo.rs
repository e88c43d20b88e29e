//! The file `updateinfo.xml`, from which dnf answers `dnf updateinfo` and `dnf upgrade --security`, `--cve=` and `--advisory=`.
//!
//! An advisory is in it where it is fixed and the repository has the fix. It names the packages that bring the fix: for dnf it is
//! applicable where an older version of one of them is installed. dnf knows the severities Critical, Important, Moderate and Low (others
//! count as unknown), takes only `type="security"` for security, and finds a CVE by a `reference` of type `cve`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use seaworthy_host::xml;
use seaworthy_model::text::{cut, masked};
use seaworthy_model::{Evr, Severity};

use crate::{Advisory, Edition};

/// A binary package in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdatePackage {
    /// The source package from which it was built.
    pub source: String,
    /// The version of the source package, by which advisories go.
    pub source_evr: Evr,
    /// The name.
    pub name: String,
    /// The version, which may differ from that of the source package.
    pub evr: Evr,
    /// The architecture.
    pub arch: String,
    /// The name of the file, without folders.
    pub file: String,
}

/// The greatest length of a description, in characters.
const MAX_DESCRIPTION: usize = 8_000;

/// The updateinfo of an edition for a repository that has `packages`, in any order. Of each binary package it names the version that was
/// built from the lowest version of the source package at or above the fixed one.
#[must_use]
pub fn document(edition: &Edition, packages: &[UpdatePackage]) -> Vec<u8> {
    let mut by_source: BTreeMap<&str, Vec<(Vec<u8>, &UpdatePackage)>> = BTreeMap::new();
    for package in packages.iter().filter(|p| !matches!(p.arch.as_str(), "src" | "nosrc")) {
        by_source.entry(&package.source).or_default().push((package.source_evr.sort_key(), package));
    }
    for built in by_source.values_mut() {
        built.sort_by(|(a, p), (b, q)| {
            (&p.name, &p.arch, a, p.evr.sort_key(), &p.file).cmp(&(&q.name, &q.arch, b, q.evr.sort_key(), &q.file))
        });
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n");
    for advisory in &edition.advisories {
        let Some(fixed) = advisory.fixed() else { continue };
        let lowest = fixed.sort_key();
        let mut bringing: Vec<&UpdatePackage> = by_source
            .get(advisory.package.as_str())
            .into_iter()
            .flatten()
            .filter(|(key, _)| *key >= lowest)
            .map(|(_, package)| *package)
            .collect();
        bringing.dedup_by(|later, first| later.name == first.name && later.arch == first.arch);
        if !bringing.is_empty() {
            update(&mut out, edition, (advisory, fixed), &bringing);
        }
    }
    out.push_str("</updates>\n");
    out.into_bytes()
}

fn update(out: &mut String, edition: &Edition, (advisory, fixed): (&Advisory, &Evr), packages: &[&UpdatePackage]) {
    let distribution = &edition.distribution;
    let line = format!("{} {}", distribution.name, distribution.line);
    let cve = advisory.cve.to_string();
    out.push_str("  <update");
    let contact = distribution.contact.strip_prefix("mailto:").unwrap_or(&distribution.contact);
    xml::attribute(out, "from", if contact.is_empty() { &distribution.name } else { contact });
    let _ = writeln!(out, " status=\"final\" type=\"security\" version=\"{}\">", advisory.revisions.last().map_or(1, |r| r.number));
    xml::element(out, "    ", "id", &advisory.id);
    xml::element(out, "    ", "title", &format!("{}: security update for {cve}", advisory.package));
    let available = advisory.deliveries.first().map_or_else(|| advisory.issued(), |d| d.at);
    let _ = writeln!(out, "    <issued date=\"{}\"/>", time(available));
    let _ = writeln!(out, "    <updated date=\"{}\"/>", time(advisory.updated().max(available)));
    xml::element(out, "    ", "release", &line);
    xml::element(out, "    ", "severity", severity(advisory.severity));
    xml::element(out, "    ", "summary", &format!("{cve} is fixed in {} {fixed}.", advisory.package));
    // Not as a reference of another type: dnf would list it among the CVEs. The page has the references of the record as well; every
    // machine reads this file.
    let page = format!("{}/advisory/{}/{}.html", distribution.site, advisory.year(), advisory.id);
    let text = format!("{}\n{page}", cut(&masked(&description(advisory)), MAX_DESCRIPTION));
    xml::element(out, "    ", "description", &text);
    out.push_str("    <references>\n");
    out.push_str("      <reference");
    xml::attribute(out, "href", &format!("https://www.cve.org/CVERecord?id={cve}"));
    xml::attribute(out, "id", &cve);
    out.push_str(" type=\"cve\"");
    xml::attribute(out, "title", &cve);
    out.push_str("/>\n");
    out.push_str("    </references>\n    <pkglist>\n      <collection");
    xml::attribute(out, "short", &format!("{}-{}", distribution.vendor, distribution.line));
    out.push_str(">\n");
    xml::element(out, "        ", "name", &line);
    for package in packages {
        out.push_str("        <package");
        xml::attribute(out, "name", &package.name);
        xml::attribute(out, "version", &package.evr.version);
        xml::attribute(out, "release", &package.evr.release);
        let _ = write!(out, " epoch=\"{}\"", package.evr.epoch);
        xml::attribute(out, "arch", &package.arch);
        let source = &package.source_evr;
        xml::attribute(out, "src", &format!("{}-{}-{}.src.rpm", package.source, source.version, source.release));
        out.push_str(">\n");
        xml::element(out, "          ", "filename", &package.file);
        out.push_str("        </package>\n");
    }
    out.push_str("      </collection>\n    </pkglist>\n  </update>\n");
}

fn description(advisory: &Advisory) -> String {
    match (advisory.description.trim(), advisory.statement.trim()) {
        ("", "") => format!("{} affects {}.", advisory.cve, advisory.package),
        (text, "") | ("", text) => text.to_owned(),
        (text, statement) => format!("{text}\n{statement}"),
    }
}

/// The severity in the words of dnf.
fn severity(of: Option<Severity>) -> &'static str {
    match of {
        Some(Severity::None | Severity::Low) => "Low",
        Some(Severity::Medium) | None => "Moderate",
        Some(Severity::High) => "Important",
        Some(Severity::Critical) => "Critical",
    }
}

/// The time in the form of dnf, in UTC.
fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::{UpdatePackage, document};
    use crate::oval::sample::edition;

    fn package(source: &str, source_evr: &str, name: &str, evr: &str, arch: &str) -> UpdatePackage {
        let (source_evr, evr) = (source_evr.parse().unwrap(), evr.parse().unwrap());
        UpdatePackage { source: source.into(), source_evr, name: name.into(), evr, arch: arch.into(), file: format!("{name}.{arch}.rpm") }
    }

    fn listed(packages: &[UpdatePackage]) -> Vec<String> {
        let text = String::from_utf8(document(&edition(), packages)).unwrap();
        let mut id = "";
        let mut out = Vec::new();
        for line in text.lines().map(str::trim) {
            let value = |name: &str| line.split(&format!(" {name}=\"")).nth(1).unwrap_or_default().split('"').next().unwrap();
            if let Some(rest) = line.strip_prefix("<id>") {
                id = rest.split('<').next().unwrap();
            } else if line.starts_with("<package ") {
                let (name, version, release) = (value("name"), value("version"), value("release"));
                out.push(format!("{id} {name}-{}:{version}-{release}.{}", value("epoch"), value("arch")));
            }
        }
        out
    }

    #[test]
    fn names_the_lowest_build_that_has_the_fix() {
        let packages = [
            package("libxml2", "2.11.5-4.azl3", "libxml2", "2.11.5-4.azl3", "x86_64"),
            package("libxml2", "2.11.5-10.azl3", "libxml2", "2.11.5-10.azl3", "x86_64"),
            package("libxml2", "2.11.5-2.azl3", "libxml2", "2.11.5-2.azl3", "x86_64"),
            package("libxml2", "2.11.5-10.azl3", "libxml2", "2.11.5-10.azl3", "aarch64"),
            package("libxml2", "2.11.5-4.azl3", "libxml2", "2.11.5-4.azl3", "src"),
            // A subpackage with a version of its own.
            package("libxml2", "2.11.5-4.azl3", "python3-libxml2", "3:1.0-7.azl3", "noarch"),
            // Affected and not fixed: nothing to say.
            package("edk2", "20230301gitf80f052277c8-40.azl3", "edk2-ovmf", "20230301gitf80f052277c8-40.azl3", "noarch"),
            // Before the fix: 1:3.3.5~rc1 wants at least release 2.
            package("openssl", "1:3.3.5~rc1-1.azl3", "openssl", "1:3.3.5~rc1-1.azl3", "x86_64"),
            package("kernel", "6.6.78.1-9.azl3", "kernel", "6.6.78.1-9.azl3", "x86_64"),
            package("kernel", "6.6.82.1-1.azl3", "kernel", "6.6.82.1-1.azl3", "x86_64"),
        ];
        assert_eq!(
            listed(&packages),
            [
                "AZL-2026-5 libxml2-0:2.11.5-10.azl3.aarch64",
                "AZL-2026-5 libxml2-0:2.11.5-4.azl3.x86_64",
                "AZL-2026-5 python3-libxml2-3:1.0-7.azl3.noarch",
                "AZL-2026-8 kernel-0:6.6.82.1-1.azl3.x86_64",
            ]
        );
        let mut turned = packages.to_vec();
        turned.reverse();
        assert_eq!(document(&edition(), &packages), document(&edition(), &turned));
        assert!(listed(&[]).is_empty());
    }
}
