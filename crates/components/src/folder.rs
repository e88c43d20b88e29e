//! The lock files in a folder of unpacked sources.

use std::path::Path;

use seaworthy_host::files::{FileError, read_limited};

use crate::cargo::cargo_lock;
use crate::go::{go_mod, go_sum, has_complete_requirements, modules_txt};
use crate::lock_file::LockFile;
use crate::npm::package_lock;
use crate::pip::requirements;
use crate::pom::pom_xml;
use crate::problem::{Problem, ProblemKind};

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
pub fn components_in(dir: impl AsRef<Path>) -> Result<LockFile, FileError> {
    let dir = dir.as_ref();
    let mut out = LockFile::default();
    let mut folders = vec![(String::new(), 0usize)];
    let mut entries = 0usize;
    while let Some((folder, depth)) = folders.pop() {
        let list = match std::fs::read_dir(dir.join(&folder)) {
            Ok(list) => list,
            Err(e) if depth == 0 => return Err(FileError::of("list", dir)(e)),
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
                out.problems.push(Problem { kind: ProblemKind::Part, file, line: None, message: format!("left out: {}", e.source) });
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
