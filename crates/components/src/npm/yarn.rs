//! The lock file of Yarn.

use std::collections::{HashMap, HashSet};

use super::manifest::Sharing;
use crate::list::{List, NPM};

/// An entry: what asked for it, and what it is.
#[derive(Debug, Default)]
struct Entry<'a> {
    line: usize,
    /// The names and ranges that lead to it.
    asked: Vec<(&'a str, &'a str)>,
    version: &'a str,
    needs: Vec<(&'a str, &'a str)>,
}

impl<'a> Entry<'a> {
    /// Whether it is a package of the sources.
    fn is_own(&self) -> bool {
        let is_folder = |range: &str| ["workspace:", "link:", "portal:"].iter().any(|protocol| range.starts_with(protocol));
        self.asked.iter().any(|(_, range)| is_folder(range))
    }

    /// The name in the registry: an alias has it in its range (`npm:real@^1`).
    fn name(&self) -> &'a str {
        let (name, range) = self.asked.first().copied().unwrap_or_default();
        range.strip_prefix("npm:").and_then(named).map_or(name, |(real, _)| real)
    }
}

/// A yarn.lock, of the classic format (version 1) or that of Yarn 2 and later.
///
/// Formats: <https://classic.yarnpkg.com/lang/en/docs/yarn-lock/>, <https://yarnpkg.com/features/caching>.
pub(super) struct YarnLock<'a> {
    list: List,
    entries: Vec<Entry<'a>>,
    by_name: HashMap<&'a str, Vec<usize>>,
    by_range: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> YarnLock<'a> {
    pub(super) fn parse(bytes: &'a [u8], file: &str) -> Self {
        let mut list = List::new(NPM, file, true);
        let text = list.text(bytes).unwrap_or_default();
        let entries = entries(text, &mut list);
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_range: HashMap<(&str, &str), usize> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            for &(name, range) in &entry.asked {
                by_range.insert((name, plain(range)), at);
                let of_name = by_name.entry(name).or_default();
                if of_name.last() != Some(&at) {
                    of_name.push(at);
                }
            }
        }
        Self { list, entries, by_name, by_range }
    }

    /// Whether it has all that a package needs, by name and range, apart from packages of the same workspace.
    pub(super) fn has_all(&self, needs: &[(String, String)], workspace: Option<&HashSet<&str>>) -> bool {
        let is_own = |name: &str| workspace.is_some_and(|names| names.contains(name));
        needs.iter().all(|(name, range)| self.by_range.contains_key(&(name.as_str(), plain(range))) || is_own(name))
    }

    /// The components, those of the packages that share it included. What only the development of these needs lies aside, where their
    /// manifests tell it.
    pub(super) fn into_list(mut self, sharing: &Sharing<'_>) -> List {
        let taken = self.taken(sharing);
        let named = sharing.names();
        for (entry, taken) in self.entries.iter().zip(taken) {
            if entry.is_own() {
                // The manifest of a package of the sources says its version.
                if !named.contains(entry.name()) {
                    self.list.put(entry.name(), None, taken);
                }
                continue;
            }
            if taken && entry.version.is_empty() {
                self.list.problem(Some(entry.line), format!("{} has no version", entry.name()));
            }
            self.list.put(entry.name(), Some(entry.version), taken);
        }
        for (manifests, shipped) in [(&sharing.product, true), (&sharing.aside, false)] {
            for manifest in manifests {
                if let Some(name) = &manifest.name {
                    self.list.put(name, manifest.version.as_deref(), shipped);
                }
            }
        }
        self.list
    }

    /// Whether the product takes each entry: it follows the dependencies from the manifests of the product; where there is none, or one
    /// that cannot be read, all are taken.
    fn taken(&self, sharing: &Sharing<'_>) -> Vec<bool> {
        let mut taken = vec![false; self.entries.len()];
        if sharing.product.is_empty() || sharing.unread {
            taken.fill(true);
            return taken;
        }
        let needs = sharing.product.iter().flat_map(|manifest| &manifest.needs);
        let mut open: Vec<(&str, &str)> = needs.map(|(name, range)| (name.as_str(), range.as_str())).collect();
        // The names of which all entries were taken.
        let mut whole: HashSet<&str> = HashSet::new();
        while let Some((name, range)) = open.pop() {
            // A range that nothing asked for was resolved to another: any entry of the name may be meant.
            let found = match self.by_range.get(&(name, plain(range))) {
                Some(at) => std::slice::from_ref(at),
                None if whole.insert(name) => self.by_name.get(name).map_or(&[][..], Vec::as_slice),
                None => continue,
            };
            for at in found {
                let (Some(is_taken), Some(entry)) = (taken.get_mut(*at), self.entries.get(*at)) else { continue };
                // What a package of the sources needs stands in its manifest; here it is mixed with what its development needs.
                if !std::mem::replace(is_taken, true) && !entry.is_own() {
                    open.extend(&entry.needs);
                }
            }
        }
        taken
    }
}

/// A range without the protocol, which Yarn 2 adds.
fn plain(range: &str) -> &str {
    range.strip_prefix("npm:").unwrap_or(range)
}

/// The name and the range of `NAME@RANGE`; the name may begin with an `@`.
fn named(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The entries, in their order. Lines that are none of an entry are problems.
fn entries<'a>(text: &'a str, list: &mut List) -> Vec<Entry<'a>> {
    let mut out: Vec<Entry<'a>> = Vec::new();
    // Whether the lines below are of an entry, and of its dependencies.
    let (mut inside, mut in_needs) = (false, false);
    for (at, line) in text.lines().enumerate() {
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        match line.len() - line.trim_start().len() {
            0 => {
                inside = false;
                let Some(heading) = words.strip_suffix(':') else {
                    list.problem(Some(at + 1), "neither an entry nor a line of one; left out");
                    continue;
                };
                if heading == "__metadata" {
                    continue;
                }
                match asked(heading) {
                    Some(asked) => {
                        inside = true;
                        out.push(Entry { line: at + 1, asked, ..Entry::default() });
                    }
                    None => list.problem(Some(at + 1), "not the name and range of a package; its entry is left out"),
                }
            }
            indent => {
                let Some(entry) = out.last_mut().filter(|_| inside) else { continue };
                let Some((key, value)) = pair(words) else {
                    list.problem(Some(at + 1), "not a name and a value; left out");
                    continue;
                };
                if indent <= 2 {
                    in_needs = matches!(key, "dependencies" | "optionalDependencies") && value.is_empty();
                    if key == "version" {
                        entry.version = value;
                    }
                } else if in_needs {
                    entry.needs.push((key, value));
                }
            }
        }
    }
    out
}

/// The names and ranges of a heading: `a@^1, a@^2`, `"@s/a@^1", "b@>= 1, < 2"` or `"a@npm:^1, a@npm:^2"`.
fn asked(heading: &str) -> Option<Vec<(&str, &str)>> {
    let mut out = Vec::new();
    let mut rest = heading;
    while !rest.is_empty() {
        let part;
        (part, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(", ").unwrap_or(rest.len())),
        };
        rest = rest.trim_start_matches([',', ' ']);
        // A comma divides ranges as well as what they are of: behind it another name begins, or the range goes on.
        let mut begin = 0;
        for (comma, _) in part.match_indices(", ") {
            if named(part.get(comma + 2..)?).is_some() {
                out.push(named(part.get(begin..comma)?)?);
                begin = comma + 2;
            }
        }
        out.push(named(part.get(begin..)?)?);
    }
    (!out.is_empty()).then_some(out)
}

/// The key and the value of `KEY VALUE`, `KEY: VALUE` or `KEY:`, each plain or in quotes.
fn pair(words: &str) -> Option<(&str, &str)> {
    let (key, rest) = match words.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => words.split_at(words.find([' ', ':'])?),
    };
    let value = rest.strip_prefix(':').unwrap_or(rest).trim();
    Some((key, value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)))
}
