//! The lock file of Cargo, and the manifests that tell what it is for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use crate::files::{Files, above, join, named, split};
use crate::list::{CARGO, List, line_of};
use crate::purpose::Purpose;

/// A Cargo.lock. Format: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>.
#[derive(Deserialize)]
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
    let manifests = Manifests::read(files);
    let locked = named(files, "Cargo.lock").map(|(_, path, bytes)| cargo_lock(bytes, path, &manifests));
    let mut out: Vec<List> = locked.collect();
    // A manifest for which nothing is locked: what its build takes is not known.
    let is_locked = |folder: &str| above(folder).any(|folder| files.contains_key(&join(folder, "Cargo.lock")));
    let open = manifests.of_files.iter().filter(|(path, m)| m.needs_any && !is_locked(split(path).0));
    out.extend(open.map(|(path, _)| List::new(CARGO, path, false)));
    out
}

/// The packages of a Cargo.lock that have a source; those without are the project itself. What only tests, examples and benchmarks of the
/// project need is left out, where manifests tell it.
fn cargo_lock(bytes: &[u8], file: &str, manifests: &Manifests) -> List {
    let mut list = List::new(CARGO, file, true);
    let lock = match toml::from_slice::<Lock>(bytes) {
        Ok(lock) => lock,
        Err(e) => {
            let line = e.span().map(|s| line_of(bytes, s.start));
            list.problem(line, format!("left out: not a Cargo.lock: {}", e.message()));
            return list;
        }
    };
    let packages: Vec<Locked> = lock.package.into_iter().chain(lock.root).collect();
    let taken = taken(&packages, manifests);
    for package in packages.iter().zip(taken).filter(|(package, taken)| *taken && package.source.is_some()).map(|(package, _)| package) {
        list.add(&package.name, Some(&package.version));
    }
    list
}

/// Whether a build takes each package: it follows the dependencies from the packages of the project, without what these need for
/// development only. Those of the project that lie aside (examples, tools) are followed only where another needs them.
fn taken(packages: &[Locked], manifests: &Manifests) -> Vec<bool> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(at);
    }
    let own = || packages.iter().enumerate().filter(|(_, package)| package.source.is_none());
    let mut open: Vec<usize> = own().filter(|(_, package)| !manifests.lies_aside(&package.name)).map(|(at, _)| at).collect();
    if open.is_empty() {
        open = (0..packages.len()).collect();
    }
    let mut taken = vec![false; packages.len()];
    while let Some(at) = open.pop() {
        let (Some(is_taken), Some(package)) = (taken.get_mut(at), packages.get(at)) else { continue };
        if std::mem::replace(is_taken, true) {
            continue;
        }
        for dependency in &package.dependencies {
            let mut words = dependency.split(' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            if package.source.is_none() && manifests.is_for_development(&package.name, name) {
                continue;
            }
            let of_name = by_name.get(name).into_iter().flatten();
            open.extend(of_name.filter(|at| version.is_none_or(|version| packages.get(**at).is_some_and(|p| p.version == version))));
        }
    }
    taken
}

/// What the manifest of a package says of its dependencies, by their names in the registry.
#[derive(Default)]
struct Manifest {
    package: Option<String>,
    /// Those of the build, with those of every target.
    normal: BTreeSet<String>,
    development: BTreeSet<String>,
    needs_any: bool,
}

/// The manifests of the sources.
struct Manifests {
    of_files: BTreeMap<String, Manifest>,
    of_packages: HashMap<String, Vec<String>>,
}

impl Manifests {
    fn read(files: &Files) -> Self {
        let tables: Vec<(&str, toml::Table)> =
            named(files, "Cargo.toml").filter_map(|(_, path, bytes)| Some((path, toml::from_slice(bytes).ok()?))).collect();
        // A dependency that a workspace names for its packages may have another name in the registry.
        let mut shared: HashMap<&str, BTreeSet<String>> = HashMap::new();
        for (key, real) in tables.iter().filter_map(|(_, table)| table.get("workspace")?.get("dependencies")?.as_table()).flatten() {
            shared.entry(key).or_default().insert(real.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned());
        }
        let of_files: BTreeMap<String, Manifest> =
            tables.iter().map(|(path, table)| ((*path).to_owned(), manifest(table, &shared))).collect();
        let mut of_packages: HashMap<String, Vec<String>> = HashMap::new();
        for (path, manifest) in &of_files {
            if let Some(package) = &manifest.package {
                of_packages.entry(package.clone()).or_default().push(path.clone());
            }
        }
        Self { of_files, of_packages }
    }

    fn of(&self, package: &str) -> impl Iterator<Item = (&str, &Manifest)> {
        let paths = self.of_packages.get(package).into_iter().flatten();
        paths.filter_map(|path| Some((path.as_str(), self.of_files.get(path)?)))
    }

    /// Whether all manifests of a package of the project lie among tests, examples or tools.
    fn lies_aside(&self, package: &str) -> bool {
        let mut places = self.of(package).map(|(path, _)| Purpose::of(path)).peekable();
        places.peek().is_some() && places.all(|purpose| purpose != Purpose::Product)
    }

    /// Whether a package of the project needs another for its development only.
    fn is_for_development(&self, package: &str, dependency: &str) -> bool {
        self.of(package).any(|(_, manifest)| manifest.development.contains(dependency))
            && !self.of(package).any(|(_, manifest)| manifest.normal.contains(dependency))
    }
}

/// Format: <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>.
fn manifest(table: &toml::Table, shared: &HashMap<&str, BTreeSet<String>>) -> Manifest {
    let mut out = Manifest { package: table.get("package").and_then(|p| Some(p.get("name")?.as_str()?.to_owned())), ..Manifest::default() };
    let targets = table.get("target").and_then(toml::Value::as_table).into_iter().flatten().filter_map(|(_, target)| target.as_table());
    for part in std::iter::once(table).chain(targets) {
        let needs = |kinds: &[&str]| {
            let tables = kinds.iter().filter_map(|kind| part.get(*kind)?.as_table()).flatten();
            tables.flat_map(|(key, value)| real_names(key, value, shared)).collect::<Vec<_>>()
        };
        out.normal.extend(needs(&["dependencies", "build-dependencies", "build_dependencies"]));
        out.development.extend(needs(&["dev-dependencies", "dev_dependencies"]));
    }
    out.needs_any = !out.normal.is_empty();
    out
}

/// The names in the registry that a dependency may have.
fn real_names(key: &str, value: &toml::Value, shared: &HashMap<&str, BTreeSet<String>>) -> Vec<String> {
    if let Some(package) = value.get("package").and_then(toml::Value::as_str) {
        return vec![package.to_owned()];
    }
    let of_workspace = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    let names = shared.get(key).filter(|_| of_workspace);
    names.map_or_else(|| vec![key.to_owned()], |names| names.iter().cloned().collect())
}
