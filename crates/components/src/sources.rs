//! The sources of a package: which of their files are read, and what these say together.

use std::collections::BTreeSet;
use std::path::Path;

use seaworthy_host::files::{FileError, read_limited};

use crate::component::{Component, ComponentList, ComponentSource};
use crate::files::{Files, join, split};
use crate::list::{List, LockFile};
use crate::problem::{Problem, ProblemKind};
use crate::purpose::Purpose;
use crate::{cargo, go, npm, pip, pom};

/// The greatest size of a file in bytes.
pub const MAX_FILE: u64 = 64 << 20;
/// The greatest size of all files of a source in bytes.
pub const MAX_TOTAL: u64 = 256 << 20;
const MAX_DEPTH: usize = 32;
const MAX_ENTRIES: usize = 1_000_000;

/// The folders that are not entered: what lies in them is named by a lock file above, or is input of tests.
const CLOSED: [&str; 3] = [".git", "node_modules", "testdata"];

/// The lock files of the sources of a package, and what lies beside them and tells how they are meant.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Files,
    bytes: u64,
    problems: Vec<Problem>,
}

impl Sources {
    /// Whether a file is read, by its path with slashes: go.mod, go.sum, go.work, vendor.mod, vendor.sum, vendor/modules.txt, Cargo.lock,
    /// Cargo.toml, package-lock.json, npm-shrinkwrap.json, yarn.lock, package.json, requirements*.txt and pom.xml. Of the lists that tools
    /// before Go's modules wrote (Gopkg.lock, glide.lock, vendor.conf, Godeps.json, vendor/vendor.json) only that they are there counts.
    ///
    /// What lies in `.git`, `node_modules` and `testdata` is not. In `vendor` only the lists of Go are: what was copied there keeps files
    /// that say how it was developed, and no build follows them.
    #[must_use]
    pub fn wants(path: &str) -> bool {
        let (folder, name) = split(path);
        let mut folders = folder.split('/');
        if name == "modules.txt" || name == "vendor.json" {
            let (above, last) = split(folder);
            return last == "vendor" && !above.split('/').any(|part| part == "vendor" || CLOSED.contains(&part));
        }
        let known = matches!(
            name,
            "go.mod"
                | "go.sum"
                | "go.work"
                | "vendor.mod"
                | "vendor.sum"
                | "Cargo.lock"
                | "Cargo.toml"
                | "package-lock.json"
                | "npm-shrinkwrap.json"
                | "yarn.lock"
                | "package.json"
                | "pom.xml"
        );
        (known || go::is_old_list(name) || pip::is_requirements(name)) && !folders.any(|part| part == "vendor" || CLOSED.contains(&part))
    }

    /// The files of a folder. A file or a folder below it that cannot be read is a [`Problem`]. Links are not followed; one that stands for
    /// a file that is wanted, or leads to a folder outside, is a problem as well.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn in_folder(dir: impl AsRef<Path>) -> Result<Self, FileError> {
        let dir = dir.as_ref();
        let mut out = Self::default();
        let mut folders = vec![(String::new(), 0usize)];
        let mut entries = 0usize;
        while let Some((folder, depth)) = folders.pop() {
            let list = match std::fs::read_dir(dir.join(&folder)) {
                Ok(list) => list,
                Err(e) if depth == 0 => return Err(FileError::of("list", dir)(e)),
                Err(e) => {
                    out.refuse(&folder, &format!("not looked into: {e}"));
                    continue;
                }
            };
            for entry in list {
                entries += 1;
                let (name, kind) = match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                    Ok(entry) => entry,
                    Err(e) => {
                        out.refuse(&folder, &format!("not looked into as a whole: {e}"));
                        continue;
                    }
                };
                let (path, is_text) = (join(&folder, &name.to_string_lossy()), name.to_str().is_some());
                if CLOSED.iter().any(|closed| name == *closed) {
                    continue;
                }
                if kind.is_dir() {
                    if !is_text {
                        out.refuse(&path, "not looked into: its name is not UTF-8");
                    } else if depth < MAX_DEPTH {
                        folders.push((path, depth + 1));
                    } else {
                        out.refuse(&path, &format!("not looked into: more than {MAX_DEPTH} folders deep"));
                    }
                } else if kind.is_file() && is_text && Self::wants(&path) {
                    match read_limited(&dir.join(&path), MAX_FILE) {
                        Ok(bytes) => out.add(path, bytes),
                        Err(e) => out.refuse(&path, &format!("left out: {}", e.source)),
                    }
                } else if !kind.is_file() && Self::wants(&path) {
                    out.refuse(&path, "left out: a link, or not a file");
                } else if kind.is_symlink() && leads_out(&dir.join(&folder).join(&name), dir) {
                    out.refuse(&path, "not looked into: a link to a folder outside");
                }
            }
            if entries > MAX_ENTRIES {
                out.refuse(&folder, &format!("more than {MAX_ENTRIES} files; the rest is not looked at"));
                break;
            }
        }
        Ok(out)
    }

    /// Adds a file; one that would make them larger than [`MAX_TOTAL`] is a [`Problem`].
    pub fn add(&mut self, path: String, content: Vec<u8>) {
        let bytes = self.bytes.saturating_add(content.len() as u64);
        if bytes > MAX_TOTAL {
            self.refuse(&path, &format!("left out: the lock files of a source have more than {MAX_TOTAL} bytes together"));
            return;
        }
        self.bytes = bytes;
        self.files.insert(path, content);
    }

    /// Adds the files of another archive of the same package, as they would lie beside each other: where both have a file, that of the
    /// other stays below the archive's name.
    pub fn merge(&mut self, other: Self, name: &str) {
        for (path, content) in other.files {
            let path = if self.files.contains_key(&path) { join(name, &path) } else { path };
            self.add(path, content);
        }
        self.problems.extend(other.problems.into_iter().map(|problem| Problem { file: join(name, &problem.file), ..problem }));
    }

    /// Notes a part of the sources that is not read, with the reason.
    pub fn refuse(&mut self, path: &str, why: &str) {
        self.problems.push(Problem { kind: ProblemKind::Part, file: path.to_owned(), line: None, message: why.to_owned() });
    }

    /// The content of the files together: the components, the lists that are complete, and the problems. `version` is that of the package,
    /// which the sources have themselves.
    #[must_use]
    pub fn read(self, version: &str) -> LockFile {
        let files = &self.files;
        let mut lists = go::lists(files, version);
        lists.extend(cargo::lists(files));
        lists.extend(npm::lists(files));
        lists.extend(pip::lists(files));
        lists.extend(pom::lists(files));
        let mut out = LockFile { problems: self.problems, ..LockFile::default() };
        // A part that was not read may have held any list.
        let whole = out.problems.is_empty();
        let products: BTreeSet<&str> =
            lists.iter().filter(|l| l.purpose == Purpose::Product && l.has_content()).map(|l| l.ecosystem).collect();
        // What serves development is the product where the sources hold no other of its ecosystem.
        let is_shipped = |list: &List| match list.purpose {
            Purpose::Product => true,
            Purpose::Development => !products.contains(list.ecosystem),
            Purpose::Aside => false,
        };
        let shipped: Vec<bool> = lists.iter().map(is_shipped).collect();
        // What serves development may be a part of the product all the same: its folder's name says nothing for sure.
        let is_partial = |(list, shipped): &(&List, &bool)| (**shipped || list.purpose == Purpose::Development) && !list.complete;
        let partial: BTreeSet<&str> = lists.iter().zip(&shipped).filter(is_partial).map(|(list, _)| list.ecosystem).collect();
        for (list, shipped) in lists.into_iter().zip(shipped) {
            let List { ecosystem, file, components, aside, own, packages, problems, .. } = list;
            if shipped && whole && !partial.contains(ecosystem) {
                out.lists.push(ComponentList { ecosystem: ecosystem.to_owned(), found_in: file.clone(), packages });
            }
            let component = |found_in: String, (name, version), shipped: bool| Component {
                ecosystem: ecosystem.to_owned(),
                name,
                version,
                cpe: None,
                source: ComponentSource::LockFile,
                found_in,
                shipped,
            };
            out.components.extend(own.into_iter().map(|(file, name, version)| component(file, (name, version), shipped)));
            out.components.extend(components.into_iter().map(|named| component(file.clone(), named, shipped)));
            out.components.extend(aside.into_iter().map(|named| component(file.clone(), named, false)));
            out.problems.extend(problems);
        }
        // Of two files that name a component, the one of what is shipped is kept.
        let place = |c: &Component| !c.shipped;
        out.components.sort_by(|a, b| {
            (&a.ecosystem, &a.name, &a.version, place(a), &a.found_in).cmp(&(&b.ecosystem, &b.name, &b.version, place(b), &b.found_in))
        });
        out.components.dedup_by(|a, b| (&a.ecosystem, &a.name, &a.version) == (&b.ecosystem, &b.name, &b.version));
        out.lists.sort();
        out.problems.sort();
        out
    }
}

/// Whether a link leads to a folder outside of another. One that leads nowhere does not.
fn leads_out(link: &Path, dir: &Path) -> bool {
    let Ok(target) = link.canonicalize() else { return false };
    target.is_dir() && !dir.canonicalize().is_ok_and(|dir| target.starts_with(dir))
}
