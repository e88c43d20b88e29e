use std::collections::BTreeMap;
use std::path::Path;

use crate::load::read_limited;
use crate::lock_file::{Finder, LockFile};
use crate::lock_npm::package_lock;
use crate::lock_pom::pom_xml;
use crate::{InventoryError, Problem, ProblemKind};

/// The greatest size of a lock file in bytes.
const MAX_FILE: u64 = 64 << 20;
const MAX_DEPTH: usize = 32;
const MAX_ENTRIES: usize = 1_000_000;

/// The components in all lock files in and below a folder: go.mod, go.sum, vendor/modules.txt, Cargo.lock, package-lock.json,
/// requirements*.txt and pom.xml. Each component is listed once, sorted.
///
/// Links are not followed; `.git`, `node_modules` and `testdata` are not entered. `vendor/modules.txt` says exactly what is built, so
/// go.mod and go.sum beside it are left out; go.sum also lists modules that are not built, and is read only where go.mod is missing or
/// older than Go 1.17 (whose go.mod is not complete).
///
/// # Errors
/// When the folder cannot be read. Files that cannot be read are [`Problem`]s.
pub fn components_in(dir: impl AsRef<Path>) -> Result<LockFile, InventoryError> {
    let dir = dir.as_ref();
    let mut out = LockFile::default();
    let mut folders = vec![(String::new(), 0usize)];
    let mut entries = 0usize;
    while let Some((folder, depth)) = folders.pop() {
        let list = match std::fs::read_dir(dir.join(&folder)) {
            Ok(list) => list,
            Err(e) if depth == 0 => return Err(InventoryError::read(dir, e)),
            Err(e) => {
                out.problems.push(Problem { kind: ProblemKind::Part, file: folder, line: None, message: format!("not looked into: {e}") });
                continue;
            }
        };
        let mut names: Vec<String> = Vec::new();
        for entry in list.flatten() {
            entries += 1;
            let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
            if kind.is_file() {
                names.push(name);
            } else if kind.is_dir() && depth < MAX_DEPTH && !matches!(name.as_str(), ".git" | "node_modules" | "testdata") {
                folders.push((if folder.is_empty() { name } else { format!("{folder}/{name}") }, depth + 1));
            }
        }
        if entries > MAX_ENTRIES {
            let message = format!("more than {MAX_ENTRIES} files; the rest is not looked at");
            out.problems.push(Problem { kind: ProblemKind::Part, file: folder, line: None, message });
            break;
        }
        names.sort();
        read_folder(dir, &folder, &names, &mut out);
    }
    out.components.sort();
    out.components.dedup_by(|a, b| (&a.ecosystem, &a.name, &a.version) == (&b.ecosystem, &b.name, &b.version));
    out.problems.sort();
    Ok(out)
}

fn read_folder(dir: &Path, folder: &str, names: &[String], out: &mut LockFile) {
    let has = |name: &str| names.iter().any(|n| n == name);
    let vendored = dir.join(folder).join("vendor/modules.txt").symlink_metadata().is_ok_and(|m| m.is_file());
    // Set when go.mod (which sorts before go.sum) turns out to be complete.
    let mut complete = false;
    for name in names {
        let wanted = match name.as_str() {
            "go.mod" => !vendored,
            "go.sum" => !vendored && !complete,
            "modules.txt" => folder == "vendor" || folder.ends_with("/vendor"),
            "package-lock.json" => !has("npm-shrinkwrap.json"),
            other => parser(other).is_some(),
        };
        let Some(parse) = parser(name).filter(|_| wanted) else { continue };
        let file = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let bytes = match read_limited(&dir.join(&file), MAX_FILE) {
            Ok(bytes) => bytes,
            Err(e) => {
                out.problems.push(Problem { kind: ProblemKind::Part, file, line: None, message: format!("left out: {e}") });
                continue;
            }
        };
        let mut found = parse(&bytes, &file);
        complete |= name == "go.mod" && has_complete_requirements(&bytes);
        out.components.append(&mut found.components);
        out.problems.append(&mut found.problems);
    }
}

type Parser = fn(&[u8], &str) -> LockFile;

fn parser(name: &str) -> Option<Parser> {
    Some(match name {
        "go.mod" => go_mod,
        "go.sum" => go_sum,
        "modules.txt" => modules_txt,
        "Cargo.lock" => cargo_lock,
        "package-lock.json" | "npm-shrinkwrap.json" => package_lock,
        "pom.xml" => pom_xml,
        other if other.starts_with("requirements") && other.ends_with(".txt") => requirements,
        _ => return None,
    })
}

/// The lines of a text file with their numbers, without what follows `mark`.
fn lines<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let cut = move |line: &'a str| line.find(mark).map_or(line, |at| line.get(..at).unwrap_or(line)).trim();
    text.lines().enumerate().map(move |(at, line)| (at + 1, cut(line))).filter(|(_, line)| !line.is_empty())
}

/// The replacements of modules, of one version or of all, by another module or by a folder (no version).
type Replacements = BTreeMap<(String, Option<String>), (String, Option<String>)>;

/// The modules that `require` of a go.mod names, after `replace`. Format: <https://go.dev/ref/mod#go-mod-file>.
#[must_use]
pub fn go_mod(bytes: &[u8], file: &str) -> LockFile {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Finder::new(file, "golang");
    let mut required: Vec<(String, String)> = Vec::new();
    let mut replaced = Replacements::new();
    let mut block = String::new();
    for (line, text) in lines(&text, "//") {
        let mut words: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches(['"', '`'])).collect();
        if words.as_slice() == [")"] {
            block.clear();
            continue;
        }
        if block.is_empty() {
            let Some((verb, rest)) = words.split_first() else { continue };
            if rest == ["("] {
                block = (*verb).to_owned();
                continue;
            }
        } else {
            words.insert(0, &block);
        }
        match words.as_slice() {
            ["require", name, version] => required.push(((*name).to_owned(), (*version).to_owned())),
            ["replace", old, "=>", rest @ ..] => insert(&mut replaced, old, None, rest),
            ["replace", old, version, "=>", rest @ ..] => insert(&mut replaced, old, Some(version), rest),
            ["require" | "replace", ..] => found.problem(Some(line), format!("not a {} line; left out", words.first().unwrap_or(&""))),
            _ => {}
        }
    }
    for (name, version) in required {
        let exact = replaced.get(&(name.clone(), Some(version.clone())));
        match exact.or_else(|| replaced.get(&(name.clone(), None))) {
            Some((other, Some(version))) => found.add(other, Some(version)),
            // A folder takes its place: the module is there, its version is not known.
            Some((_, None)) => found.add(&name, None),
            None => found.add(&name, Some(&version)),
        }
    }
    found.out
}

fn insert(replaced: &mut Replacements, old: &str, version: Option<&str>, new: &[&str]) {
    if let Some((name, rest)) = new.split_first() {
        replaced.insert((old.to_owned(), version.map(str::to_owned)), ((*name).to_owned(), rest.first().map(|v| (*v).to_owned())));
    }
}

/// Whether a go.mod lists all modules that the build needs: it does since Go 1.17.
fn has_complete_requirements(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    lines(&text, "//").any(|(_, line)| {
        let version = line.strip_prefix("go ").and_then(|v| v.trim().strip_prefix("1."));
        let minor = version.and_then(|v| v.split(|c: char| !c.is_ascii_digit()).next()).and_then(|m| m.parse::<u32>().ok());
        minor.is_some_and(|m| m >= 17)
    })
}

/// The modules of a go.sum whose content was fetched; lines for go.mod files alone do not count.
#[must_use]
pub fn go_sum(bytes: &[u8], file: &str) -> LockFile {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Finder::new(file, "golang");
    for (at, line) in lines(&text, "//") {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [_, version, _] if version.ends_with("/go.mod") => {}
            [name, version, _] => found.add(name, Some(version)),
            _ => found.problem(Some(at), "not a line of module, version and hash; left out"),
        }
    }
    found.out
}

/// The vendored modules of a vendor/modules.txt (`# module version`, `# module version => module version`).
#[must_use]
pub fn modules_txt(bytes: &[u8], file: &str) -> LockFile {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Finder::new(file, "golang");
    for line in text.lines().filter_map(|l| l.strip_prefix("# ")) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            // The list of replacements at the end has no version on the left.
            [_, "=>", ..] => {}
            [_, _, "=>", name, version] => found.add(name, Some(version)),
            [name, _, "=>", _] => found.add(name, None),
            [name, version] => found.add(name, Some(version)),
            _ => {}
        }
    }
    found.out
}

/// The packages of a Cargo.lock that have a source; those without are the project itself.
#[must_use]
pub fn cargo_lock(bytes: &[u8], file: &str) -> LockFile {
    #[derive(serde::Deserialize)]
    struct Lock {
        #[serde(default)]
        package: Vec<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
        source: Option<String>,
    }
    let mut found = Finder::new(file, "cargo");
    match toml::from_slice::<Lock>(bytes) {
        Ok(lock) => lock.package.iter().filter(|p| p.source.is_some()).for_each(|p| found.add(&p.name, Some(&p.version))),
        Err(e) => {
            let line = e.span().map(|s| crate::load::line_of(bytes, s.start));
            found.problem(line, format!("left out: not a Cargo.lock: {}", e.message()));
        }
    }
    found.out
}

/// The packages of a requirements file of pip, with a version only where `==` or `===` pins one. Names are normalized as PyPI does.
#[must_use]
pub fn requirements(bytes: &[u8], file: &str) -> LockFile {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Finder::new(file, "pypi");
    let mut continued = false;
    for (at, line) in text.lines().enumerate() {
        let rest_of_last = std::mem::replace(&mut continued, line.trim_end().ends_with('\\'));
        // A # in a URL is not a comment; before it stands a space then.
        let line = line.split(" #").next().unwrap_or(line).trim().trim_end_matches('\\').trim();
        if line.is_empty() || line.starts_with(['#', '-']) || rest_of_last {
            continue;
        }
        let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        // After a name comes an extra, an operator, a marker or nothing; `git+https://` is none of them.
        let known = rest.is_empty() || rest.starts_with([' ', '\t', '[', '(', '=', '<', '>', '!', '~', ';', '@', ',']);
        if name.is_empty() || !known {
            found.problem(Some(at + 1), format!("not a requirement by name: {:?}; left out", line.chars().take(80).collect::<String>()));
            continue;
        }
        let rest = rest.split([';', '#']).next().unwrap_or_default().split(" --").next().unwrap_or_default().trim_start();
        let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, r)| r) } else { rest }.trim();
        let pinned = rest.strip_prefix("===").or_else(|| rest.strip_prefix("==")).map(str::trim).filter(|v| !v.contains([',', '*', ' ']));
        let mut plain = name.to_ascii_lowercase().replace(['_', '.'], "-");
        while plain.contains("--") {
            plain = plain.replace("--", "-");
        }
        found.add(&plain, pinned);
    }
    found.out
}
