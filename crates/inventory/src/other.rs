//! `other.xml` of a repository: the changelogs of its packages.

use std::collections::HashMap;
use std::path::Path;

use seaworthy_host::xml::{Faults, Step, Xml};
use seaworthy_model::Evr;

use crate::changelog::{Written, entries, items};
use crate::from_header::changelog_evr;
use crate::load::day_of_seconds;
use crate::metadata_xml::{broken, epoch, file_of, left_out, utf8};
use crate::{ChangelogEntry, Inventory, InventoryError, Problem};

/// The changelogs by name, version and architecture of the binary package.
type Changelogs = HashMap<(String, String, String), Vec<ChangelogEntry>>;

/// Parses `other.xml` and gives each source package the changelog of one of its binaries; `path` is only for messages. The form is the one
/// that `createrepo_c` writes: the entries of a package follow each other from the oldest to the newest.
///
/// # Errors
/// When it is no such XML. A package of which something cannot be read has no changelog, and is one of the problems.
pub(crate) fn read_changelogs(bytes: &[u8], path: &Path, out: &mut Inventory) -> Result<(), InventoryError> {
    let changelogs = parse(bytes, path, &mut out.problems)?;
    for package in &mut out.packages {
        let of = |evr: &Option<String>, name: &str, arch: &Option<String>| {
            let evr = evr.clone().unwrap_or_else(|| package.evr.to_string());
            changelogs.get(&(name.to_owned(), evr, arch.clone().unwrap_or_default()))
        };
        let found = package.binaries.iter().find_map(|binary| of(&binary.evr, &binary.name, &binary.arch));
        let source = || ["src", "nosrc"].iter().find_map(|arch| of(&None, &package.name, &Some((*arch).to_owned())));
        if let Some(found) = found.or_else(source) {
            package.changelog.clone_from(found);
        }
    }
    Ok(())
}

fn parse(bytes: &[u8], path: &Path, problems: &mut Vec<Problem>) -> Result<Changelogs, InventoryError> {
    let mut xml = Xml::new(utf8(bytes, path)?);
    let mut out = Changelogs::new();
    let (mut name, mut arch, mut evr) = (String::new(), String::new(), String::new());
    let mut written: Vec<Written> = Vec::new();
    let mut faults = Faults::default();
    let mut root = false;
    while let Some(step) = xml.next().map_err(|e| broken(path, e))? {
        match step {
            Step::Open(start) => {
                root |= xml.depth() == 1 && xml.inside(&["otherdata"]);
                if xml.inside(&["otherdata", "package"]) {
                    faults = Faults::default();
                    name = faults.keep(xml.attribute(&start, "name")).unwrap_or_default();
                    arch = faults.keep(xml.attribute(&start, "arch")).unwrap_or_default();
                    evr.clear();
                    written.clear();
                } else if xml.inside(&["package", "version"]) {
                    let epoch = epoch(&mut xml, &start, &mut faults);
                    let mut get = |name| faults.keep(xml.attribute(&start, name)).unwrap_or_default();
                    evr = Evr::new(epoch, get("ver"), get("rel")).to_string();
                } else if xml.inside(&["package", "changelog"]) {
                    let mut get = |name| faults.keep(xml.attribute(&start, name)).unwrap_or_default();
                    let (author, date) = (get("author"), get("date"));
                    let date = date.parse().ok().and_then(day_of_seconds).unwrap_or_default();
                    written.push(Written { date, evr: changelog_evr(&author), items: Vec::new() });
                }
            }
            Step::Close { name: closed, text } if closed == "changelog" && xml.inside(&["package"]) => {
                let text = faults.keep(text);
                if let Some(entry) = written.last_mut() {
                    entry.items = items(text.lines());
                }
            }
            Step::Close { name: closed, .. } if closed == "package" && xml.inside(&["otherdata"]) => match faults.take() {
                Some(fault) => problems.push(left_out("the changelog of a package", &name, &file_of(path), &fault)),
                None => {
                    let mut newest_first = std::mem::take(&mut written);
                    newest_first.reverse();
                    // The day decides where a writer has another order.
                    newest_first.sort_by(|a, b| b.date.cmp(&a.date));
                    out.insert((std::mem::take(&mut name), std::mem::take(&mut evr), std::mem::take(&mut arch)), entries(newest_first));
                }
            },
            Step::Close { .. } => {}
        }
    }
    if !root {
        return Err(InventoryError::format(path, "not the changelogs of an RPM repository: expected <otherdata>"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_primary;

    const PRIMARY: &str = r#"<metadata>
<package><name>a-libs</name><arch>x86_64</arch><version epoch="1" ver="2.0" rel="3"/>
<format><sourcerpm>a-2.0-3.src.rpm</sourcerpm></format></package>
<package><name>b</name><arch>src</arch><version epoch="0" ver="1" rel="1"/></package></metadata>"#;

    #[test]
    fn packages_have_the_changelogs_of_their_binaries() {
        let entry = |author: &str, text: &str| format!(r#"<changelog author="{author}" date="1733659200">{text}</changelog>"#);
        let of = |name: &str, arch: &str, version: &str, log: &str| {
            format!(r#"<otherdata><package pkgid="1" name="{name}" arch="{arch}">{version}{log}</package></otherdata>"#)
        };
        let version = r#"<version epoch="1" ver="2.0" rel="3"/>"#;
        let fix = entry("A &lt;a@b.c&gt; - 1:2.0-3", "- Patch CVE-2024-0001");
        let rows = [
            ("a binary", of("a-libs", "x86_64", version, &fix), "2024-12-08 1:2.0-3 [CVE-2024-0001]; -"),
            ("a source package", of("b", "src", r#"<version epoch="0" ver="1" rel="1"/>"#, &fix), "-; 2024-12-08 1:2.0-3 [CVE-2024-0001]"),
            ("another version", of("a-libs", "x86_64", r#"<version epoch="0" ver="2.0" rel="3"/>"#, &fix), "-; -"),
            ("another architecture", of("a-libs", "aarch64", version, &fix), "-; -"),
            ("an unknown entity costs the changelog", of("a-libs", "x86_64", version, &entry("A - 1-1", "&x;")), "-; -; 1 problem"),
            ("no changelogs", "<metadata/>".to_owned(), "other.xml: not the changelogs of an RPM repository: expected <otherdata>"),
        ];
        seaworthy_testing::hold(rows.iter().map(|(why, text, expected)| {
            let mut out = Inventory::new("repository", "r");
            parse_primary(PRIMARY.as_bytes(), Path::new("primary.xml"), &mut out).unwrap();
            out.problems.clear();
            let read = read_changelogs(text.as_bytes(), Path::new("other.xml"), &mut out);
            let shown = |entry: &ChangelogEntry| {
                let cves: Vec<String> = entry.cves.iter().map(ToString::to_string).collect();
                format!("{} {} [{}]", entry.date, entry.evr.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string), cves.join(" "))
            };
            let mut found: Vec<String> = out.packages.iter().map(|p| p.changelog.first().map_or_else(|| "-".to_owned(), shown)).collect();
            found.extend((!out.problems.is_empty()).then(|| format!("{} problem", out.problems.len())));
            (*why, (*expected).to_owned(), read.map_or_else(|e| e.to_string(), |()| found.join("; ")))
        }));
    }
}
