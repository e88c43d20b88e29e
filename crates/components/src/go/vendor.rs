//! A vendor/modules.txt.

use std::collections::BTreeSet;

use crate::list::{GOLANG, List};

/// A vendor folder of Go.
pub(super) struct Vendored {
    pub(super) list: List,
    /// The names of all modules on the list, as they are imported.
    pub(super) names: BTreeSet<String>,
    /// The folders of the sources that take the place of modules.
    pub(super) folders: Vec<String>,
}

/// A module of the list.
struct Module {
    name: String,
    version: Option<String>,
    /// The module that takes its place, with its version.
    other: Option<(String, String)>,
    packages: Vec<String>,
}

/// The modules of a vendor/modules.txt (`# module version`, `# module version => module version`, `# module version => folder`) that have
/// packages below them, with these packages. A module that takes the place of another is there beside it, with the same packages under its
/// own name. A module without a package is only named: nothing of it was copied, and nothing of it is built.
/// Format: `go mod vendor` of <https://go.dev/ref/mod#vendoring>.
pub(super) fn modules_txt(bytes: &[u8], file: &str) -> Vendored {
    let mut list = List::new(GOLANG, file, true);
    let mut modules: Vec<Module> = Vec::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut folders: Vec<String> = Vec::new();
    let mut below = false;
    for (at, line) in list.text(bytes).unwrap_or_default().lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with("##") {
            // `## explicit; go 1.21` and `## workspace` say why something is there.
            continue;
        }
        let Some(line) = line.strip_prefix("# ") else {
            match modules.last_mut().filter(|_| below && !line.starts_with('#') && !line.contains(char::is_whitespace)) {
                Some(module) => module.packages.push(line.to_owned()),
                None => list.problem(Some(at + 1), "neither a module nor a package of one; left out"),
            }
            continue;
        };
        let words = line.split_whitespace().collect::<Vec<_>>();
        names.extend(words.first().map(|name| (*name).to_owned()));
        let (name, version, other) = match words.as_slice() {
            // The list of replacements at the end has no version on the left.
            [_, "=>", rest @ ..] => {
                folders.extend(rest.first().filter(|_| rest.len() == 1).map(|folder| (*folder).to_owned()));
                below = false;
                continue;
            }
            [name, _, "=>", other, version] if other == name => (*name, Some(*version), None),
            [name, _, "=>", other, version] => (*name, None, Some(((*other).to_owned(), (*version).to_owned()))),
            [name, _, "=>", folder] => {
                folders.push((*folder).to_owned());
                (*name, None, None)
            }
            [name, version] => (*name, Some(*version), None),
            _ => {
                below = false;
                list.problem(Some(at + 1), "not a module and its version; left out");
                continue;
            }
        };
        below = true;
        modules.push(Module { name: name.to_owned(), version: version.map(str::to_owned), other, packages: Vec::new() });
    }
    // A list without any package is one of modules.
    let by_package = modules.iter().any(|module| !module.packages.is_empty());
    let mut packages: Vec<String> = Vec::new();
    for module in modules.into_iter().filter(|module| !module.packages.is_empty() || !by_package) {
        list.add(&module.name, module.version.as_deref());
        if let Some((other, version)) = &module.other {
            list.add(other, Some(version));
            packages.extend(module.packages.iter().filter_map(|path| Some(format!("{other}{}", path.strip_prefix(&module.name)?))));
        }
        packages.extend(module.packages);
    }
    packages.sort();
    packages.dedup();
    list.packages = by_package.then_some(packages);
    Vendored { list, names, folders }
}
