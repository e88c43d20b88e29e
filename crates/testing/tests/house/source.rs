//! The source of a crate: its modules, their names and imports, the lines of code, and the files that use each other.
//!
//! It is read as tokens, so that the bodies of macros count as well. Types are unknown: a path counts for the file that defines the name,
//! through any number of re-exports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A name that a `use` imports.
struct Import {
    /// The name in this module; `None` for `*`.
    name: Option<String>,
    path: Vec<String>,
    /// Whether other modules may import it from here (`pub use`, `pub(crate) use`).
    passed_on: bool,
}

/// A module, in a file of its own or in braces.
struct Module {
    file: usize,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// The names that the module defines.
    defined: BTreeSet<String>,
    imports: Vec<Import>,
    /// The paths in the code, by their segments.
    paths: Vec<Vec<String>>,
    /// All names in the code, without those in `use`.
    names: BTreeSet<String>,
}

/// The source of one target: a library, a program, or a program of tests.
pub(crate) struct Source {
    /// All files that a `mod` line names, the root first.
    pub(crate) files: Vec<PathBuf>,
    /// The lines of code of each file: without tests, comments and blank lines.
    pub(crate) lines: Vec<usize>,
    modules: Vec<Module>,
}

/// The part that code belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Product,
    Tests,
}

impl Source {
    /// Reads a root and all modules below it.
    pub(crate) fn read(root: &Path) -> Self {
        let mut source = Self { files: Vec::new(), lines: Vec::new(), modules: Vec::new() };
        let folder = root.parent().unwrap().to_owned();
        source.read_file(root, &folder, None, Part::Product);
        source
    }

    /// Reads the file of a module whose submodules are in `folder`, and gives the number of the module.
    fn read_file(&mut self, path: &Path, folder: &Path, parent: Option<usize>, part: Part) -> usize {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let tokens: TokenStream = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let file = self.files.len();
        self.files.push(path.to_owned());
        self.lines.push(0);
        let module = self.begin(file, parent);
        let mut lines = BTreeSet::new();
        self.read_items(module, tokens, &Place { file: path, folder, part }, &mut lines);
        self.lines[file] = lines.len();
        module
    }

    fn begin(&mut self, file: usize, parent: Option<usize>) -> usize {
        self.modules.push(Module {
            file,
            parent,
            children: BTreeMap::new(),
            defined: BTreeSet::new(),
            imports: Vec::new(),
            paths: Vec::new(),
            names: BTreeSet::new(),
        });
        self.modules.len() - 1
    }

    fn read_items(&mut self, module: usize, tokens: TokenStream, place: &Place<'_>, lines: &mut BTreeSet<usize>) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let Some(item) = Item::next(&mut rest) {
            let part = if item.is_for_tests() { Part::Tests } else { place.part };
            if item.keyword == "mod" {
                self.read_module(module, &item, &Place { part, ..*place }, lines);
                continue;
            }
            if part == Part::Tests {
                continue;
            }
            mark_lines(item.tokens, lines);
            let here = &mut self.modules[module];
            if item.keyword == "use" {
                let passed_on = item.tokens.iter().any(|t| is_name(t, "pub"));
                let from = item.tokens.iter().position(|t| is_name(t, "use")).unwrap_or(0) + 1;
                read_imports(&item.tokens[from..], &mut Vec::new(), passed_on, &mut here.imports);
            } else {
                here.defined.extend(item.name);
                read_paths(item.tokens, &mut here.paths, &mut here.names);
            }
        }
    }

    fn read_module(&mut self, parent: usize, item: &Item<'_>, place: &Place<'_>, lines: &mut BTreeSet<usize>) {
        let Some(name) = item.name.clone() else { return };
        let body = item.tokens.iter().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            _ => None,
        });
        let child = if let Some(body) = body {
            let child = self.begin(self.modules[parent].file, Some(parent));
            if place.part == Part::Product {
                // The braces' own lines.
                mark_lines(&item.tokens[..item.tokens.len() - 1], lines);
            }
            self.read_items(child, body, &Place { folder: &place.folder.join(&name), ..*place }, lines);
            child
        } else {
            if place.part == Part::Product {
                mark_lines(item.tokens, lines);
            }
            let (path, folder) = match item.path_attribute() {
                // A module that says where it lies: its own submodules lie beside it.
                Some(path) => {
                    let path = place.file.parent().unwrap().join(path);
                    let folder = path.parent().unwrap().to_owned();
                    (path, folder)
                }
                None => {
                    let folder = place.folder.join(&name);
                    let beside = place.folder.join(format!("{name}.rs"));
                    (if beside.is_file() { beside } else { folder.join("mod.rs") }, folder)
                }
            };
            self.read_file(&path, &folder, Some(parent), place.part)
        };
        if place.part == Part::Product {
            self.modules[parent].children.insert(name, child);
        }
    }

    /// The paths with two names or more in the code and imports of each file, without tests.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&Path, &[String])> {
        self.modules.iter().flat_map(|module| {
            let imports = module.imports.iter().map(|import| import.path.as_slice());
            let file = self.files[module.file].as_path();
            imports.chain(module.paths.iter().map(Vec::as_slice)).map(move |path| (file, path))
        })
    }

    /// The other files whose names each file uses.
    pub(crate) fn uses(&self) -> Vec<BTreeSet<usize>> {
        let mut uses = vec![BTreeSet::new(); self.files.len()];
        for (at, module) in self.modules.iter().enumerate() {
            let mut to = |path: &[String]| {
                if let Some((found, is_item)) = self.resolve(at, path, &mut BTreeSet::new())
                    && is_item
                {
                    uses[module.file].insert(self.modules[found].file);
                }
            };
            for import in &module.imports {
                match &import.name {
                    // A name that is passed on, and not used here, is no use.
                    Some(name) if import.passed_on && !module.names.contains(name) => {}
                    Some(_) => to(&import.path),
                    None if import.passed_on => {}
                    None => to(&[&import.path[..], &["*".to_owned()]].concat()),
                }
            }
            for path in &module.paths {
                to(path);
            }
        }
        for (file, others) in uses.iter_mut().enumerate() {
            others.remove(&file);
        }
        uses
    }

    /// The module that defines what a path names, seen from the module `from`, and whether the path names something inside that module.
    /// `None` where the path leads out of the crate.
    fn resolve(&self, from: usize, path: &[String], visited: &mut BTreeSet<(usize, Vec<String>)>) -> Option<(usize, bool)> {
        if !visited.insert((from, path.to_vec())) {
            return None;
        }
        let (mut at, mut rest) = (from, path);
        match path.first()?.as_str() {
            "crate" => (at, rest) = (0, &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|s| s == "super") {
                    (at, rest) = (self.modules[at].parent?, &rest[1..]);
                }
            }
            first => {
                // A child, or a module that was imported: other single names are found by their imports.
                let module = &self.modules[at];
                if !module.children.contains_key(first) {
                    let import = module.imports.iter().find(|i| i.name.as_deref() == Some(first))?;
                    let (found, is_item) = self.resolve(at, &import.path, visited)?;
                    if is_item {
                        return Some((found, true));
                    }
                    (at, rest) = (found, &path[1..]);
                }
            }
        }
        while let Some(name) = rest.first() {
            let module = &self.modules[at];
            if name == "self" {
                rest = &rest[1..];
            } else if let Some(&child) = module.children.get(name) {
                (at, rest) = (child, &rest[1..]);
            } else if module.defined.contains(name) || name == "*" {
                return Some((at, true));
            } else if let Some(import) = module.imports.iter().find(|i| i.name.as_ref() == Some(name)) {
                return match self.resolve(at, &import.path, visited) {
                    Some((found, false)) => self.resolve(found, &[&["self".to_owned()], &rest[1..]].concat(), visited),
                    found => found,
                };
            } else {
                let through = module.imports.iter().filter(|i| i.name.is_none()).find_map(|glob| {
                    let (found, is_item) = self.resolve(at, &glob.path, visited)?;
                    let target = self.resolve(found, &[&["self".to_owned()], rest].concat(), visited)?;
                    (!is_item && self.names(target.0, rest.last()?)).then_some(target)
                });
                return Some(through.unwrap_or((at, true)));
            }
        }
        Some((at, false))
    }

    fn names(&self, module: usize, name: &str) -> bool {
        self.modules[module].defined.contains(name)
    }
}

/// The place at which items are read.
struct Place<'a> {
    file: &'a Path,
    folder: &'a Path,
    part: Part,
}

/// An item of a module: its attributes and all its tokens.
struct Item<'a> {
    keyword: String,
    name: Option<String>,
    attributes: Vec<TokenStream>,
    tokens: &'a [TokenTree],
}

impl<'a> Item<'a> {
    /// The next item, taken off the tokens of a module.
    fn next(rest: &mut &'a [TokenTree]) -> Option<Self> {
        let all = *rest;
        let mut at = 0;
        let mut attributes = Vec::new();
        while is_punct(all.get(at)?, '#') {
            at += 1 + usize::from(all.get(at + 1).is_some_and(|t| is_punct(t, '!')));
            if let Some(TokenTree::Group(group)) = all.get(at) {
                attributes.push(group.stream());
            }
            at += 1;
            if at >= all.len() {
                return None;
            }
        }
        const KEYWORDS: [&str; 13] =
            ["mod", "use", "fn", "struct", "enum", "trait", "type", "static", "union", "macro_rules", "impl", "extern", "const"];
        let mut keyword = String::new();
        let mut name = None;
        let begin = at;
        while let Some(token) = all.get(at) {
            at += 1;
            match token {
                TokenTree::Ident(ident) if keyword.is_empty() || ["const", "extern"].contains(&keyword.as_str()) => {
                    let word = ident.to_string();
                    if KEYWORDS.contains(&word.as_str()) {
                        keyword = word;
                    } else if keyword == "const" && name.is_none() && word != "unsafe" && word != "async" {
                        name = Some(word);
                    }
                    // A call of a macro begins with its name.
                    if keyword.is_empty() && all.get(at).is_some_and(|t| is_punct(t, '!')) && at - 1 == begin {
                        keyword = "!".to_owned();
                    }
                }
                TokenTree::Ident(ident) if name.is_none() && keyword != "impl" && keyword != "use" => name = Some(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                TokenTree::Group(group)
                    if group.delimiter() == Delimiter::Brace && !["use", "const", "static", "type"].contains(&keyword.as_str()) =>
                {
                    break;
                }
                _ => {}
            }
        }
        *rest = &all[at..];
        Some(Self { keyword, name, attributes, tokens: &all[..at] })
    }

    fn is_for_tests(&self) -> bool {
        self.attributes.iter().any(|attribute| {
            let words: Vec<String> = attribute.clone().into_iter().flat_map(words).collect();
            words.first().is_some_and(|w| w == "cfg") && words.iter().any(|w| w == "test") && !words.iter().any(|w| w == "not")
        })
    }

    fn path_attribute(&self) -> Option<String> {
        self.attributes.iter().find_map(|attribute| {
            let text = attribute.to_string();
            let value = text.strip_prefix("path")?.trim_start().strip_prefix('=')?;
            Some(value.trim().trim_matches('"').to_owned())
        })
    }
}

fn words(token: TokenTree) -> Vec<String> {
    match token {
        TokenTree::Group(group) => group.stream().into_iter().flat_map(words).collect(),
        TokenTree::Ident(ident) => vec![ident.to_string()],
        _ => Vec::new(),
    }
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_name(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

/// Adds the lines of tokens that are no documentation.
fn mark_lines(tokens: &[TokenTree], lines: &mut BTreeSet<usize>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let inner = usize::from(tokens.get(at + 1).is_some_and(|t| is_punct(t, '!')));
        if is_punct(token, '#')
            && let Some(TokenTree::Group(group)) = tokens.get(at + 1 + inner)
            && group.stream().into_iter().next().is_some_and(|first| is_name(&first, "doc"))
        {
            at += 2 + inner;
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                lines.extend([group.span_open().start().line, group.span_close().end().line]);
                mark_lines(&group.stream().into_iter().collect::<Vec<_>>(), lines);
            }
            token => lines.extend(token.span().start().line..=token.span().end().line),
        }
        at += 1;
    }
}

/// Adds the imports of a `use`: `tokens` are those behind the word, `before` the path before them.
fn read_imports(tokens: &[TokenTree], before: &mut Vec<String>, passed_on: bool, imports: &mut Vec<Import>) {
    for branch in tokens.split(|t| is_punct(t, ',') || is_punct(t, ';')) {
        let depth = before.len();
        let mut renamed = None;
        let mut at = 0;
        let mut group = None;
        let mut glob = false;
        while let Some(token) = branch.get(at) {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    renamed = branch.get(at + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) => before.push(word.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => glob = true,
                TokenTree::Group(inner) => group = Some(inner.stream()),
                _ => {}
            }
            at += 1;
        }
        if let Some(inner) = group {
            read_imports(&inner.into_iter().collect::<Vec<_>>(), before, passed_on, imports);
        } else if glob {
            imports.push(Import { name: None, path: before.clone(), passed_on });
        } else if before.len() > depth {
            let mut path = before.clone();
            if path.len() > 1 && path.last().is_some_and(|s| s == "self") {
                path.pop();
            }
            let name = renamed.or_else(|| path.last().cloned());
            imports.push(Import { name, path, passed_on });
        }
        before.truncate(depth);
    }
}

/// Adds the paths of more than one segment, and all names.
fn read_paths(tokens: &[TokenTree], paths: &mut Vec<Vec<String>>, names: &mut BTreeSet<String>) {
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => {
                read_paths(&group.stream().into_iter().collect::<Vec<_>>(), paths, names);
                at += 1;
            }
            TokenTree::Ident(first) => {
                let mut path = vec![first.to_string()];
                at += 1;
                while let [colon, second, TokenTree::Ident(next), ..] = &tokens[at..]
                    && is_joint_colon(colon)
                    && is_punct(second, ':')
                {
                    path.push(next.to_string());
                    at += 3;
                }
                names.extend(path.iter().cloned());
                if path.len() > 1 {
                    paths.push(path);
                }
            }
            _ => at += 1,
        }
    }
}

fn is_joint_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
}
