//! The files of a spec tree that the reader needs: specs, macro files, patches and decisions.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::{InventoryError, Problem, ProblemKind, git};

/// The greatest size of a spec in bytes; a larger one is a problem.
pub(super) const MAX_SPEC: usize = 8 << 20;

/// The files and problems read from a spec tree.
pub(super) struct Tree {
    pub(super) revision: Option<String>,
    pub(super) date: Option<String>,
    /// The texts by folder and file name; `None` for a file whose text is not needed.
    pub(super) folders: BTreeMap<String, BTreeMap<String, Option<String>>>,
    pub(super) problems: Vec<Problem>,
}

/// Whether the text of a file is needed.
fn wanted(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".spec")
        || lower.ends_with(".inc")
        || lower.ends_with(".nopatch")
        || lower.ends_with(".patch")
        || lower.ends_with(".diff")
        || is_macro_file(name)
}

/// Whether a file is called `macros` or `macros.NAME`, as in rpm's own folder of macros.
pub(super) fn is_macro_file(name: &str) -> bool {
    name == "macros" || name.starts_with("macros.")
}

/// The repository and the revision of `GIT_DIR@REVISION`; `None` for a folder. Both may have an `@`: the first part that exists is the
/// repository.
fn revision_of(at: &str) -> Option<(&Path, &str)> {
    if Path::new(at).exists() {
        return None;
    }
    let parts = || at.match_indices('@').map(|(i, _)| (Path::new(&at[..i]), &at[i + 1..]));
    parts().find(|(repository, _)| repository.exists()).or_else(|| parts().next_back())
}

/// A tag of a spec tree's git history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The name.
    pub name: String,
    /// The tree at the tag, as `GIT_DIR@REVISION`. It is that of the whole repository.
    pub tree: String,
    /// The folder of the repository in which the specs are, ending in `/`; empty for all of it.
    pub folder: String,
}

/// The newest tag at a revision or before it: the one that `GIT_DIR@REVISION` names, or the one that is checked out where a folder is.
/// `None` where there is no tag, and for a folder that is in no git repository, or in one that cannot be asked: nobody has named it.
///
/// # Errors
/// When a named repository cannot be read or has no such revision.
pub fn newest_tag(at: &str) -> Result<Option<Tag>, InventoryError> {
    let of = |repository: &Path, revision: &str, folder: String| -> Result<Option<Tag>, InventoryError> {
        let (commit, _) = git::resolve(repository, revision)?;
        let tag = git::newest_tag(repository, &commit)?;
        Ok(tag.map(|name| Tag { tree: format!("{}@refs/tags/{name}", repository.display()), name, folder }))
    };
    match revision_of(at) {
        Some((repository, revision)) => of(repository, revision, String::new()),
        None => {
            let folder = |repository: &Path| Some(Path::new(at).canonicalize().ok()?.strip_prefix(repository).ok()?.to_str()?.to_owned());
            let tag = git::repository_of(Path::new(at)).and_then(|repository| {
                let folder = folder(&repository).filter(|folder| !folder.is_empty()).map(|folder| folder + "/");
                of(&repository, "HEAD", folder.unwrap_or_default()).ok().flatten()
            });
            Ok(tag)
        }
    }
}

/// The tree at `DIR` or `GIT_DIR@REVISION`.
pub(super) fn read(at: &str) -> Result<Tree, InventoryError> {
    let dir = Path::new(at);
    let revision = revision_of(at);
    let tree = match revision {
        Some((repository, revision)) => read_git(repository, revision)?,
        None => read_dir(dir)?,
    };
    if tree.folders.is_empty() {
        return Err(InventoryError::NoSpecs { folder: dir.to_owned(), git: revision.is_none() && git::is_repository(dir) });
    }
    Ok(tree)
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The text of a file; of a patch only its head, which has the `CVE:` lines.
fn text_of(name: &str, mut bytes: Vec<u8>) -> String {
    let is_patch = Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("patch") || e.eq_ignore_ascii_case("diff"));
    if is_patch {
        bytes.truncate(64 << 10);
    }
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn read_git(dir: &Path, revision: &str) -> Result<Tree, InventoryError> {
    if !dir.exists() {
        return Err(InventoryError::read(
            dir,
            std::io::Error::new(std::io::ErrorKind::NotFound, "no such folder; give DIR or GIT_DIR@REVISION"),
        ));
    }
    let (commit, date) = git::resolve(dir, revision)?;
    let entries = git::list(dir, &commit)?;
    let mut tree = Tree { revision: Some(revision.to_owned()), date: Some(date), folders: BTreeMap::new(), problems: Vec::new() };
    let mut with_specs: HashMap<&str, bool> = HashMap::new();
    for entry in &entries {
        let (folder, name) = split(&entry.path);
        *with_specs.entry(folder).or_default() |= name.ends_with(".spec");
    }
    let beside: Vec<&git::Entry> = entries.iter().filter(|e| with_specs.get(split(&e.path).0).copied().unwrap_or(false)).collect();
    for entry in &beside {
        let (folder, name) = split(&entry.path);
        tree.folders.entry(folder.to_owned()).or_default().insert(name.to_owned(), None);
    }
    let needed: Vec<&git::Entry> = beside.iter().copied().filter(|e| wanted(split(&e.path).1)).collect();
    tree.fill_git(dir, &needed)?;
    let included: Vec<&git::Entry> = beside.iter().copied().filter(|e| tree.may_be_included(&e.path)).collect();
    tree.fill_git(dir, &included)?;
    Ok(tree)
}

impl Tree {
    fn fill_git(&mut self, dir: &Path, entries: &[&git::Entry]) -> Result<(), InventoryError> {
        for (entry, content) in entries.iter().zip(git::read(dir, entries)?) {
            self.fill(&entry.path, content.ok_or_else(|| "the repository lacks this file (a partial clone?); left out".to_owned()));
        }
        Ok(())
    }

    fn fill(&mut self, path: &str, content: Result<Vec<u8>, String>) {
        let (folder, name) = split(path);
        match content {
            Ok(bytes) if name.ends_with(".spec") && bytes.len() > MAX_SPEC => {
                self.problems.push(Problem {
                    kind: ProblemKind::Part,
                    file: path.to_owned(),
                    line: None,
                    message: format!("larger than {MAX_SPEC} bytes; left out"),
                });
            }
            Ok(bytes) => drop(self.folders.entry(folder.to_owned()).or_default().insert(name.to_owned(), Some(text_of(name, bytes)))),
            Err(message) => self.problems.push(Problem { kind: ProblemKind::Part, file: path.to_owned(), line: None, message }),
        }
    }

    /// Whether a file without a text yet may be included: its folder has a spec with `%include` that contains its name.
    fn may_be_included(&self, path: &str) -> bool {
        let (folder, name) = split(path);
        self.folders.get(folder).is_some_and(|files| {
            files.get(name).is_some_and(Option::is_none)
                && files
                    .iter()
                    .any(|(n, text)| n.ends_with(".spec") && text.as_ref().is_some_and(|t| t.contains("%include") && t.contains(name)))
        })
    }
}

/// The greatest depth of folders. A loop of links cannot occur, since links to folders are not followed.
const MAX_DEPTH: usize = 40;

fn read_dir(root: &Path) -> Result<Tree, InventoryError> {
    let mut tree = Tree { revision: None, date: None, folders: BTreeMap::new(), problems: Vec::new() };
    let mut todo = vec![(root.to_owned(), String::new(), 0)];
    while let Some((dir, shown, depth)) = todo.pop() {
        let listing = match std::fs::read_dir(&dir) {
            Ok(listing) => listing,
            Err(e) if depth == 0 => return Err(InventoryError::read(root, e)),
            Err(e) => {
                tree.problems.push(Problem {
                    kind: ProblemKind::Part,
                    file: shown,
                    line: None,
                    message: format!("cannot be read ({e}); left out"),
                });
                continue;
            }
        };
        let mut files = BTreeMap::new();
        for entry in listing.flatten() {
            let (Ok(kind), name) = (entry.file_type(), entry.file_name().to_string_lossy().into_owned()) else { continue };
            if kind.is_dir() && name != ".git" && depth < MAX_DEPTH {
                todo.push((entry.path(), if shown.is_empty() { name } else { format!("{shown}/{name}") }, depth + 1));
            } else if kind.is_file() {
                files.insert(name, None);
            }
        }
        if files.keys().any(|n| n.ends_with(".spec")) {
            tree.folders.insert(shown, files);
        }
    }
    let path_of = |folder: &str, name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let all: Vec<String> = tree.folders.iter().flat_map(|(folder, files)| files.keys().map(move |n| path_of(folder, n))).collect();
    let load = |paths: Vec<&String>| -> Vec<(String, Result<Vec<u8>, String>)> {
        let read = |p: PathBuf| std::fs::read(p).map_err(|e| format!("cannot be read ({e}); left out"));
        paths.into_par_iter().map(|p| (p.clone(), read(root.join(p)))).collect()
    };
    for (path, content) in load(all.iter().filter(|p| wanted(split(p).1)).collect()) {
        tree.fill(&path, content);
    }
    for (path, content) in load(all.iter().filter(|p| tree.may_be_included(p)).collect()) {
        tree.fill(&path, content);
    }
    Ok(tree)
}
