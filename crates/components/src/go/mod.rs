//! The module lists of Go: which of them a build follows, and what they say together.
//!
//! `vendor/modules.txt` has the packages that are really taken, and a build follows it alone where it is there. A `go.mod` names all
//! modules of a build since Go 1.17 (<https://go.dev/ref/mod#graph-pruning>), before that only those that the module itself requires; its
//! `go.sum` has the rest. A `go.work` builds several modules together.
//!
//! What is replaced by another module is inside under both names: code of the replaced one is mostly what the other was made from. Its own
//! name has no version then, since that of the other counts otherwise.

mod module;
mod sum;
mod syntax;
mod vendor;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::{Order, UpstreamVersion};

use crate::files::{Files, above, named, resolve, split};
use crate::list::{GOLANG, List};
use module::{GoMod, Replacements, modules};
use vendor::Vendored;
use work::GoWork;

/// The lists that tools before Go's modules wrote. They are not read: what they take is not known.
/// Formats: <https://golang.github.io/dep/docs/Gopkg.lock.html>, <https://glide.readthedocs.io/en/latest/glide.yaml/>,
/// <https://github.com/LK4D4/vndr>, <https://github.com/tools/godep>, <https://github.com/kardianos/vendor-spec>.
const OLD: [&str; 5] = ["Gopkg.lock", "glide.lock", "vendor.conf", "Godeps.json", "vendor.json"];

/// Whether a file is a list that a tool before Go's modules wrote, by its name.
pub(crate) fn is_old_list(name: &str) -> bool {
    OLD.contains(&name)
}

/// The lists of the modules in the sources of a package in a version.
pub(crate) fn lists(files: &Files, version: &str) -> Vec<List> {
    let works: BTreeMap<&str, GoWork> = named(files, "go.work").map(|(folder, path, bytes)| (folder, GoWork::parse(bytes, path))).collect();
    let mut modules: BTreeMap<&str, GoMod> = modules(files);
    let version_of_root = modules.get("").and_then(|root| Some((root.path.clone(), own_version(&root.path, version)?)));
    let own = |folder: &str, module: &GoMod| {
        let version = version_of_root.as_ref().filter(|_| folder.is_empty()).map(|(_, version)| version.clone());
        (!module.path.is_empty()).then(|| (module.file.clone(), module.path.clone(), version))
    };
    let mut out = Vec::new();
    out.extend(files.keys().filter(|path| is_old_list(split(path).1)).map(|path| List::new(GOLANG, path, false)));
    // The folders whose modules a list in a vendor folder covers.
    let mut covered: BTreeSet<String> = BTreeSet::new();
    let vendored: BTreeMap<&str, Vendored> =
        named(files, "modules.txt").map(|(folder, path, bytes)| (split(folder).0, vendor::modules_txt(bytes, path))).collect();
    // The build takes what was copied, also where the sources of such a module lie beside it.
    let is_copied = |folder: &str, module: &GoMod| {
        above(folder).any(|root| vendored.get(root).is_some_and(|vendored| vendored.names.contains(&module.path)))
    };
    covered.extend(modules.iter().filter(|(folder, module)| is_copied(folder, module)).map(|(folder, _)| (*folder).to_owned()));
    for (root, Vendored { mut list, folders, .. }) in vendored {
        let uses = works.get(root).into_iter().flat_map(|work| &work.uses);
        covered.extend(folders.iter().chain(uses).filter_map(|to| resolve(root, to)));
        covered.insert(root.to_owned());
        list.own.extend(modules.get(root).and_then(|module| own(root, module)));
        out.push(list);
    }
    // The go.sum beside a module is read with it.
    let with_module: BTreeSet<&str> = modules.keys().copied().collect();
    modules.retain(|folder, _| !covered.contains(*folder));
    for (root, work) in works {
        if covered.contains(root) {
            continue;
        }
        let GoWork { uses, replaced, mut list } = work;
        let mut paths = BTreeSet::new();
        for to in &uses {
            let Some((folder, member)) = resolve(root, to).and_then(|folder| modules.remove_entry(folder.as_str())) else {
                list.problem(None, format!("the module in {to} is not there"));
                continue;
            };
            paths.insert(member.path.clone());
            list.own.extend(own(folder, &member));
            take(&mut list, member, &replaced, files);
        }
        // A module of the workspace takes the place of every version that another requires.
        list.components.iter_mut().filter(|(name, _)| paths.contains(name)).for_each(|(_, version)| *version = None);
        keep_highest(&mut list.components);
        out.push(list);
    }
    for (folder, module) in modules {
        let mut list = List::new(GOLANG, &module.file, true);
        list.own.extend(own(folder, &module));
        take(&mut list, module, &Replacements::new(), files);
        out.push(list);
    }
    // Without its go.mod, what it is of is not known.
    for (folder, path, bytes) in named(files, "go.sum") {
        if !covered.contains(folder) && !with_module.contains(folder) {
            let mut list = List::new(GOLANG, path, false);
            sum::go_sum(bytes, &mut list);
            keep_highest(&mut list.components);
            out.push(list);
        }
    }
    // What a folder takes the place of may be the sources themselves, which are named once.
    for list in &mut out {
        if let Some((root, version)) = &version_of_root {
            list.components.iter_mut().filter(|(name, of)| of.is_none() && name == root).for_each(|(_, of)| *of = Some(version.clone()));
        }
    }
    let named: BTreeSet<String> = out.iter().flat_map(|list| &list.components).map(|(name, _)| name.clone()).collect();
    out.iter_mut().for_each(|list| list.own.retain(|(_, name, version)| version.is_some() || !named.contains(name)));
    out
}

/// The version of the sources' own module in a package of a version: that of the package, where the module's path has its major version as
/// the rules of Go want it (<https://go.dev/ref/mod#major-version-suffixes>). Where it has not, the project counts modules in another way.
fn own_version(path: &str, version: &str) -> Option<String> {
    let major: u64 = version.split('.').next()?.parse().ok()?;
    let last = path.rsplit('/').next().unwrap_or(path);
    let suffix = if path.starts_with("gopkg.in/") { last.rsplit_once(".v").map(|(_, n)| n) } else { last.strip_prefix('v') };
    let fits = match suffix.and_then(|n| n.parse::<u64>().ok()) {
        Some(of_path) => of_path == major,
        None => major <= 1,
    };
    let is_plain = version.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    (fits && is_plain).then(|| format!("v{version}"))
}

/// Adds what a module requires, after its replacements and those of its workspace, which come first.
fn take(list: &mut List, module: GoMod, of_workspace: &Replacements, files: &Files) {
    let replaced = |name: &str, version: &str| of_workspace.of(name, version).or_else(|| module.replaced.of(name, version));
    let mut own = List::new(GOLANG, &list.file, true);
    for (name, version) in &module.required {
        match replaced(name, version) {
            Some((other, Some(version))) => {
                own.add(other, Some(version));
                if other != name {
                    own.add(name, None);
                }
            }
            // A folder takes its place: the module is there, its version is not known.
            Some((_, None)) => own.add(name, None),
            None => own.add(name, Some(version)),
        }
    }
    if !module.is_whole {
        match module.file.strip_suffix(".mod").and_then(|name| files.get_key_value(&format!("{name}.sum"))) {
            Some((path, bytes)) => {
                let mut sum = List::new(GOLANG, path, true);
                sum::go_sum(bytes, &mut sum);
                let names: BTreeSet<&str> = module.required.iter().map(|(name, _)| name.as_str()).collect();
                // What is replaced as a whole may be there from before.
                let gone = |(name, version): &(String, Option<String>)| {
                    let version = version.as_deref().unwrap_or_default();
                    replaced(name, version).is_some() && (names.contains(name.as_str()) || !module.replaced.is_target(name))
                };
                own.components.extend(sum.components.into_iter().filter(|component| !gone(component)));
                list.complete &= sum.complete;
                list.problems.append(&mut sum.problems);
            }
            None => list.complete = false,
        }
        // What is replaced is in no go.sum. Where that goes for one version alone, another may be.
        let there: BTreeSet<String> = own.components.iter().map(|(name, _)| name.clone()).collect();
        for (name, other, in_every_version) in module.replaced.names() {
            if other.is_none_or(|other| there.contains(other)) && (in_every_version || !there.contains(name)) {
                own.add(name, None);
            }
        }
        keep_highest(&mut own.components);
    }
    list.components.append(&mut own.components);
    list.complete &= module.problems.is_empty();
    list.problems.extend(module.problems);
}

/// Keeps the highest version of each module, as Go's minimal version selection does: a build has one. A module without a version is a
/// folder or replaced, which goes for every version.
fn keep_highest(components: &mut Vec<(String, Option<String>)>) {
    let mut highest: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (name, version) in components.drain(..) {
        match highest.entry(name) {
            std::collections::btree_map::Entry::Vacant(free) => drop(free.insert(version)),
            std::collections::btree_map::Entry::Occupied(mut kept) => {
                let is_higher = match (kept.get(), &version) {
                    (Some(old), Some(new)) => ordered(new) > ordered(old),
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                if is_higher {
                    kept.insert(version);
                }
            }
        }
    }
    components.extend(highest);
}

fn ordered(version: &str) -> UpstreamVersion<'_> {
    UpstreamVersion::in_order(Order::SemVer, version.strip_prefix('v').unwrap_or(version))
}
