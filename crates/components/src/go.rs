//! The module lists of Go.

use std::collections::BTreeMap;

use crate::lock_file::{Finder, LockFile};

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
pub(crate) fn has_complete_requirements(bytes: &[u8]) -> bool {
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
