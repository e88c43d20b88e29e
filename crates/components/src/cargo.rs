//! The lock file of Cargo, and the manifests that tell what it is for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use crate::files::{Files, above, named, split};
use crate::list::{CARGO, List, line_of};
use crate::purpose::Purpose;

/// A Cargo.lock. Format: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>.
#[derive(Default, Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
    /// The project itself, in lock files of old versions.
    root: Option<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    /// Where it comes from; `None` for what lies in a folder of the sources.
    source: Option<String>,
    /// `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`, as much as is needed to tell it.
    #[serde(default)]
    dependencies: Vec<String>,
}

pub(crate) fn lists(files: &Files) -> Vec<List> {
    let (manifests, mut out) = Manifests::read(files);
    let mut own: HashMap<&str, BTreeMap<String, BTreeSet<String>>> = HashMap::new();
    for (folder, path, bytes) in named(files, "Cargo.lock") {
        let mut list = List::new(CARGO, path, true);
        let lock: Lock = parse(bytes, &mut list, "not a Cargo.lock").unwrap_or_default();
        let packages: Vec<Locked> = lock.package.into_iter().chain(lock.root).collect();
        add(&packages, &manifests, &mut list);
        let names = own.entry(folder).or_default();
        for package in packages.into_iter().filter(|package| package.source.is_none()) {
            names.entry(package.name).or_default().insert(package.version);
        }
        out.push(list);
    }
    // A manifest for which nothing is locked: what its build takes is not known. A lock file above it is of its build where it names it.
    let is_locked = |folder: &str, manifest: &Manifest| {
        above(folder).filter_map(|folder| own.get(folder)?.get(manifest.package.as_deref()?)).any(|versions| manifest.is_in(versions))
    };
    let open = manifests.of_files.iter().filter(|(path, manifest)| !manifest.normal.is_empty() && !is_locked(split(path).0, manifest));
    out.extend(open.map(|(path, _)| List::new(CARGO, path, false)));
    out
}

/// The content of a file of Cargo; one that cannot be read is a problem.
fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8], list: &mut List, what: &str) -> Option<T> {
    let text = list.text(bytes)?;
    match toml::from_str(text) {
        Ok(value) => Some(value),
        Err(e) => {
            let line = e.span().map(|s| line_of(text.as_bytes(), s.start));
            list.problem(line, format!("left out: {what}: {}", e.message()));
            None
        }
    }
}

/// Adds the packages of a Cargo.lock, those of the project included, which lie in folders of the sources and may be copies of others. What
/// only tests, examples and benchmarks of the project need lies aside, where manifests tell it.
fn add(packages: &[Locked], manifests: &Manifests, list: &mut List) {
    for (package, taken) in packages.iter().zip(taken(packages, manifests)) {
        list.put(&package.name, Some(&package.version), taken);
    }
}

/// Whether a build takes each package: it follows the dependencies from the packages of the project, without what these need for
/// development only. Those of the project that lie aside (examples, tools) are followed only where another needs them.
fn taken(packages: &[Locked], manifests: &Manifests) -> Vec<bool> {
    // By name, and by name and version.
    let mut places: HashMap<(&str, Option<&str>), Vec<usize>> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        for version in [None, Some(package.version.as_str())] {
            places.entry((&package.name, version)).or_default().push(at);
        }
    }
    let mut taken: Vec<bool> = packages.iter().map(|package| package.source.is_none() && !manifests.lies_aside(&package.name)).collect();
    let mut open: Vec<usize> = (0..).zip(&taken).filter(|(_, taken)| **taken).map(|(at, _)| at).collect();
    if open.is_empty() {
        return vec![true; packages.len()];
    }
    // What was followed once is not followed again, since any number of packages may need it, and it may be any number of packages.
    let mut followed: HashSet<(&str, Option<&str>)> = HashSet::new();
    while let Some(package) = open.pop().and_then(|at| packages.get(at)) {
        for dependency in &package.dependencies {
            let mut words = dependency.split(' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            if package.source.is_none() && manifests.is_for_development(&package.name, name) {
                continue;
            }
            if !followed.insert((name, version)) {
                continue;
            }
            for at in places.get(&(name, version)).into_iter().flatten() {
                if taken.get_mut(*at).is_some_and(|taken| !std::mem::replace(taken, true)) {
                    open.push(*at);
                }
            }
        }
    }
    taken
}

/// What the manifest of a package says of it, and of its dependencies, by their names in the registry.
#[derive(Default)]
struct Manifest {
    package: Option<String>,
    /// The version; `None` where it is that of a workspace.
    version: Option<String>,
    /// Those of the build, with those of every target.
    normal: BTreeSet<String>,
    development: BTreeSet<String>,
}

impl Manifest {
    /// Whether its version is one of those that a lock file has.
    fn is_in(&self, versions: &BTreeSet<String>) -> bool {
        self.version.as_ref().is_none_or(|version| versions.contains(version))
    }
}

/// What the manifests of one name say together.
struct Named {
    /// Whether all lie among tests, examples or tools.
    aside: bool,
    normal: BTreeSet<String>,
    development: BTreeSet<String>,
}

/// The manifests of the sources.
struct Manifests {
    of_files: BTreeMap<String, Manifest>,
    of_packages: HashMap<String, Named>,
}

impl Manifests {
    /// The manifests that can be read, and a list that is not complete for each other one.
    fn read(files: &Files) -> (Self, Vec<List>) {
        let mut unread = Vec::new();
        let mut tables: Vec<(&str, &str, toml::Table)> = Vec::new();
        for (folder, path, bytes) in named(files, "Cargo.toml") {
            let mut list = List::new(CARGO, path, false);
            match parse(bytes, &mut list, "not a Cargo.toml") {
                Some(table) => tables.push((folder, path, table)),
                None => unread.push(list),
            }
        }
        let shared: Shared<'_> = tables
            .iter()
            .filter_map(|(folder, _, table)| Some((*folder, table.get("workspace")?.get("dependencies")?.as_table()?)))
            .collect();
        let of_files: BTreeMap<String, Manifest> =
            tables.iter().map(|(folder, path, table)| ((*path).to_owned(), manifest(table, folder, &shared))).collect();
        let mut of_packages: HashMap<String, Named> = HashMap::new();
        for (path, manifest) in &of_files {
            if let Some(package) = &manifest.package {
                let new = || Named { aside: true, normal: BTreeSet::new(), development: BTreeSet::new() };
                let named = of_packages.entry(package.clone()).or_insert_with(new);
                named.aside &= Purpose::of(path) != Purpose::Product;
                named.normal.extend(manifest.normal.iter().cloned());
                named.development.extend(manifest.development.iter().cloned());
            }
        }
        (Self { of_files, of_packages }, unread)
    }

    /// Whether all manifests of a package of the project lie among tests, examples or tools.
    fn lies_aside(&self, package: &str) -> bool {
        self.of_packages.get(package).is_some_and(|named| named.aside)
    }

    /// Whether a package of the project needs another for its development only.
    fn is_for_development(&self, package: &str, dependency: &str) -> bool {
        let of = self.of_packages.get(package);
        of.is_some_and(|named| named.development.contains(dependency) && !named.normal.contains(dependency))
    }
}

/// The dependencies that workspaces name for their packages, by the folders of the workspaces.
type Shared<'a> = HashMap<&'a str, &'a toml::Table>;

/// Format: <https://doc.rust-lang.org/cargo/reference/manifest.html>.
fn manifest(table: &toml::Table, folder: &str, shared: &Shared<'_>) -> Manifest {
    let mut out = Manifest::default();
    if let Some(package) = table.get("package") {
        out.package = package.get("name").and_then(toml::Value::as_str).map(str::to_owned);
        // A package without a version has this one.
        let version = package.get("version").map_or(Some("0.0.0"), toml::Value::as_str);
        out.version = version.map(str::to_owned);
    }
    let targets = table.get("target").and_then(toml::Value::as_table).into_iter().flatten().filter_map(|(_, target)| target.as_table());
    for part in std::iter::once(table).chain(targets) {
        let needs = |kinds: &[&str]| {
            let tables = kinds.iter().filter_map(|kind| part.get(*kind)?.as_table()).flatten();
            tables.map(|(key, value)| real_name(key, value, folder, shared).to_owned()).collect::<Vec<_>>()
        };
        out.normal.extend(needs(&["dependencies", "build-dependencies", "build_dependencies"]));
        out.development.extend(needs(&["dev-dependencies", "dev_dependencies"]));
    }
    out
}

/// The name of a dependency in the registry; a workspace may give it another one, too.
fn real_name<'a>(key: &'a str, value: &'a toml::Value, folder: &'a str, shared: &Shared<'a>) -> &'a str {
    let of_workspace = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    let in_workspace = || above(folder).find_map(|folder| shared.get(folder)?.get(key));
    let value = if of_workspace { in_workspace() } else { Some(value) };
    value.and_then(|value| value.get("package")?.as_str()).unwrap_or(key)
}
