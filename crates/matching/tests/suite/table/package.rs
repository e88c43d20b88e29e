//! The language of packages. A package is a line `NAME EVR WORDS`, a word being one of
//!
//! - `page:URL`, `source:URL`: its page, a source archive;
//! - `needs:NAME`: a build requirement; `ships:NAME`: a binary package;
//! - `has:ECOSYSTEM/NAME=VERSION`, `has:ECOSYSTEM/NAME`: a component in a known or unknown version; `cpe:CPE` states its CPE name;
//! - `main:ECOSYSTEM/NAME=VERSION`: one of another file than the list's, such as the module that the sources are;
//! - `tool:ECOSYSTEM/NAME=VERSION`: one that is named as not shipped;
//! - `list:ECOSYSTEM`: its components of that are all that it has; `list:ECOSYSTEM=PATH,PATH` with the import paths that are used;
//! - `applied:FILE`, `unapplied:FILE`, `beside:FILE`: a patch that the spec applies, names without applying it, or that only lies there;
//! - `nopatch:ID` (`nopatch:ID=reason-in-words`): a decision not to patch; `nopatch:ID=` one whose file is empty;
//! - `log:DAY/EVR/ID`: a changelog entry that names an id; EVR may be empty. `back:` of the same form is one that takes its fix back;
//! - `advisory:DAY/EVR/ID`: an advisory that says the same, `HARBOR-1`.
//!
//! A patch's file names its CVEs. A number stands for CVE-2009-NUMBER.

use seaworthy_inventory::{BinaryPackage, ChangelogEntry, Component, ComponentList, ComponentSource, Decision, Patch, SourcePackage};
use seaworthy_model::CveId;

/// The package in a line.
pub(super) fn package(text: &str) -> SourcePackage {
    let mut words = text.split(' ');
    let (name, evr) = (words.next().unwrap(), words.next().unwrap_or_else(|| panic!("a package needs a version: {text}")));
    let mut package = SourcePackage::new(name, evr.parse().unwrap(), format!("{name}.spec"));
    for word in words {
        let (key, value) = word.split_once(':').unwrap_or_else(|| panic!("no word of a package: {word} in {text}"));
        match key {
            "page" => package.url = Some(value.into()),
            "source" => package.sources.push(value.into()),
            "needs" => package.build_requires.push(value.into()),
            "ships" => package.binaries.push(BinaryPackage { name: value.into(), evr: None, arch: None }),
            "list" => package.lists.push(list(value)),
            "has" => package.components.push(component(value)),
            "tool" => package.components.push(Component { shipped: false, ..component(value) }),
            "main" => package.components.push(Component { found_in: "main.lock".into(), ..component(value) }),
            "cpe" => package.components.last_mut().unwrap().cpe = Some(value.into()),
            "applied" | "unapplied" | "beside" => {
                let applied = [("applied", true), ("unapplied", false)].iter().find(|(word, _)| *word == key).map(|(_, applied)| *applied);
                package.patches.push(Patch { file: value.into(), cves: CveId::find_all(value).collect(), applied });
            }
            "nopatch" => {
                let (cve, reason) = value.split_once('=').map_or((value, None), |(cve, reason)| (cve, Some(reason.replace('-', " "))));
                package.decisions.push(Decision { cve: id(cve), file: format!("CVE-2009-{cve}.nopatch"), text: reason });
            }
            "log" | "back" | "advisory" => {
                let fields: Vec<&str> = value.split('/').collect();
                let evr = (!fields[1].is_empty()).then(|| fields[1].parse().unwrap());
                let mut entry = ChangelogEntry { date: fields[0].into(), evr, ..ChangelogEntry::default() };
                let said = if key == "back" { &mut entry.taken_back } else { &mut entry.cves };
                said.push(id(fields[2]));
                entry.advisory = (key == "advisory").then(|| "HARBOR-1".into());
                package.changelog.push(entry);
            }
            _ => panic!("no word of a package: {word} in {text}"),
        }
    }
    package
}

fn component(text: &str) -> Component {
    let (ecosystem, rest) = text.split_once('/').unwrap_or_else(|| panic!("no component: {text}"));
    let (name, version) = rest.rsplit_once('=').map_or((rest, None), |(name, version)| (name, Some(version.to_owned())));
    Component {
        ecosystem: ecosystem.into(),
        name: name.into(),
        version,
        cpe: None,
        source: ComponentSource::Bundled,
        found_in: "ferry.lock".into(),
        shipped: true,
    }
}

fn list(text: &str) -> ComponentList {
    let (ecosystem, packages) = text.split_once('=').map_or((text, None), |(ecosystem, packages)| (ecosystem, Some(packages)));
    let packages = packages.map(|packages| packages.split(',').map(str::to_owned).collect());
    ComponentList { ecosystem: ecosystem.into(), found_in: "ferry.lock".into(), packages }
}

/// The id that a number stands for.
pub(crate) fn id(text: &str) -> CveId {
    text.parse().or_else(|_| format!("CVE-2009-{text}").parse()).unwrap()
}
