//! The published site on disk: written beside what is in force, and put in force by one rename.
//!
//! ```text
//! SITE/www -> publications/20260720T000000Z    served by a web server: the one pointer
//! SITE/publications/ID/                        a publication: links to trees, snapshots and the pool, and a few files of its own
//! SITE/trees/DIGEST/                           documents, written once under the digest of all that they are made from
//! SITE/snapshots/ID/ARCH/repodata/             the package repository at a time; never changed
//! SITE/pool/                                   the packages, named by their content
//! ```
//!
//! Whoever serves `SITE/www` serves one publication at a time, whole. A run that dies leaves unused files, and the next one goes on with
//! them. A tree that did not change is neither rendered nor written again.

mod error;
mod index;
mod tree;
mod write;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use seaworthy_host::files::{flush, put_in_place};
use seaworthy_model::Digest;

pub use error::SiteError;
pub(crate) use index::PUBLICATION;
pub use index::{Index, TreeEntry};
pub(crate) use tree::files;
pub use tree::{Document, Tree, inputs};
pub(crate) use write::{create, replace};

/// A site in a folder.
#[derive(Clone, Debug)]
pub struct Site {
    dir: PathBuf,
}

/// The name of the file with the index of a publication.
pub(crate) const INDEX: &str = "publication.json";

impl Site {
    /// The site in a folder, which is made when something is published.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The link that a web server serves.
    #[must_use]
    pub fn www(&self) -> PathBuf {
        self.dir.join("www")
    }

    /// The folder of the packages.
    #[must_use]
    pub fn pool(&self) -> PathBuf {
        self.dir.join("pool")
    }

    /// The folder of a snapshot of the package repository.
    #[must_use]
    pub fn snapshot(&self, id: &str) -> PathBuf {
        self.snapshots().join(id)
    }

    /// The folder of all snapshots.
    pub(crate) fn snapshots(&self) -> PathBuf {
        self.dir.join("snapshots")
    }

    /// The publication in force; `None` before the first.
    ///
    /// # Errors
    /// When the pointer cannot be read.
    pub fn current(&self) -> Result<Option<String>, SiteError> {
        let www = self.www();
        match fs::read_link(&www) {
            Ok(target) => Ok(target.file_name().map(|n| n.to_string_lossy().into_owned())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(SiteError::file("read the pointer", &www)(e)),
        }
    }

    /// The index of a publication; `None` where there is no publication with this id.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn index(&self, id: &str) -> Result<Option<Index>, SiteError> {
        let path = self.publication(id).join(INDEX);
        match fs::read(&path) {
            Ok(bytes) => Index::parse(&bytes, &path).map(Some),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(SiteError::file("read", &path)(e)),
        }
    }

    /// The ids of all publications on disk, the oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn publications(&self) -> Result<Vec<String>, SiteError> {
        let mut ids = names(&self.dir.join("publications"))?;
        ids.retain(|id| !id.starts_with('.'));
        ids.sort();
        Ok(ids)
    }

    /// The paths of the documents of a publication, sorted.
    ///
    /// # Errors
    /// When the list of a tree cannot be read.
    pub fn documents(&self, index: &Index) -> Result<Vec<String>, SiteError> {
        Ok(self.digests(index)?.into_keys().collect())
    }

    /// The paths of the documents that differ between two publications, or are in one of them alone.
    ///
    /// # Errors
    /// When the list of a tree cannot be read.
    pub fn changed(&self, old: &Index, new: &Index) -> Result<Vec<String>, SiteError> {
        let (old, new) = (self.digests(old)?, self.digests(new)?);
        let differs = |path: &&String| old.get(*path) != new.get(*path);
        let mut out: Vec<String> = old.keys().chain(new.keys()).filter(differs).cloned().collect();
        out.sort();
        out.dedup();
        Ok(out)
    }

    /// The digests of the documents of a publication, in hexadecimal, by their paths.
    pub(crate) fn digests(&self, index: &Index) -> Result<BTreeMap<String, String>, SiteError> {
        let mut out: BTreeMap<String, String> = index.files.iter().map(|(path, digest)| (path.clone(), digest.hex())).collect();
        for (at, entry) in &index.trees {
            out.extend(entry.list(&self.dir.join("trees"))?.into_iter().map(|(digest, path)| (format!("{at}/{path}"), digest)));
        }
        Ok(out)
    }

    /// The folder of a publication.
    pub(crate) fn publication(&self, id: &str) -> PathBuf {
        self.dir.join("publications").join(id)
    }

    /// Writes the trees of a publication that are not there yet. Nothing of it is in force. `told` gets the folder of each tree that was
    /// made.
    ///
    /// # Errors
    /// When a tree cannot be made or written.
    pub fn write(&self, trees: &[Tree<'_>], told: &(dyn Fn(&str) + Sync)) -> Result<BTreeMap<String, TreeEntry>, SiteError> {
        let home = self.dir.join("trees");
        create(&home)?;
        trees
            .par_iter()
            .map(|tree| {
                let (entry, made) = tree.write(&home)?;
                if made {
                    told(&tree.at);
                }
                Ok((tree.at.clone(), entry))
            })
            .collect()
    }

    /// Lays out a publication from trees that [`Site::write`] has written, beside the one in force. It replaces one with the same id, which
    /// must not be in force.
    ///
    /// # Errors
    /// When a file or link cannot be written.
    pub fn lay_out(&self, id: &str, index: &Index, files: &[Document]) -> Result<(), SiteError> {
        let dir = self.publication(id);
        let beside = self.dir.join("publications").join(format!(".{id}"));
        for old in [&beside, &dir] {
            if old.exists() {
                fs::remove_dir_all(old).map_err(SiteError::file("remove", old))?;
            }
        }
        create(&beside)?;
        for (at, entry) in &index.trees {
            link(&beside, at, &format!("trees/{}", entry.name))?;
        }
        for (channel, snapshot) in &index.channels {
            link(&beside, &format!("channels/{channel}"), &format!("snapshots/{snapshot}"))?;
        }
        for shared in ["snapshots", "pool"] {
            create(&self.dir.join(shared))?;
            link(&beside, shared, shared)?;
        }
        let listed = Document { path: INDEX.to_owned(), bytes: index.to_bytes() };
        for file in files.iter().chain([&listed]) {
            tree::write_file(&beside, file)?;
        }
        put_in_place(&beside, &dir)?;
        // Everything is on the disk before anything points to it.
        Ok(flush(&self.dir)?)
    }

    /// Puts a publication in force by one rename.
    ///
    /// # Errors
    /// When the publication is not laid out, or the pointer cannot be written.
    pub fn switch(&self, id: &str) -> Result<(), SiteError> {
        let dir = self.publication(id);
        if !dir.join(INDEX).is_file() {
            return Err(SiteError::Damaged { path: dir, message: "no publication is laid out here".into() });
        }
        let (www, beside) = (self.www(), self.dir.join(".www"));
        if fs::symlink_metadata(&beside).is_ok() {
            fs::remove_file(&beside).map_err(SiteError::file("remove", &beside))?;
        }
        symlink(Path::new("publications").join(id), &beside).map_err(SiteError::file("write the pointer", &beside))?;
        put_in_place(&beside, &www)?;
        Ok(flush(&self.dir)?)
    }

    /// Whether the publication is laid out as a whole.
    #[must_use]
    pub fn is_laid_out(&self, id: &str) -> bool {
        self.publication(id).join(INDEX).is_file()
    }

    /// Removes all publications but the newest `keep` and the one in force, and the trees that none of the rest has. Snapshots and packages
    /// stay, since clients may use an older snapshot. Gives the number of removed publications, unfinished ones among them.
    ///
    /// # Errors
    /// When a publication cannot be read, or a file cannot be removed.
    pub fn prune(&self, keep: usize) -> Result<usize, SiteError> {
        let current = self.current()?;
        let home = self.dir.join("publications");
        let mut ids = names(&home)?;
        ids.sort();
        let old = ids.len().saturating_sub(keep);
        let mut used: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
        let mut removed = 0;
        for (i, id) in ids.iter().enumerate() {
            let path = home.join(id);
            if (i < old && current.as_deref() != Some(id)) || id.starts_with('.') {
                fs::remove_dir_all(&path).map_err(SiteError::file("remove", &path))?;
                removed += 1;
            } else if let Some(index) = self.index(id)? {
                used.extend(index.trees.into_values().map(|t| t.name));
            }
        }
        let trees = self.dir.join("trees");
        for name in names(&trees)? {
            let plain = name.strip_suffix(tree::LISTING).unwrap_or(&name);
            if !used.contains(plain) {
                let path = trees.join(&name);
                let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                gone.map_err(SiteError::file("remove", &path))?;
            }
        }
        Ok(removed)
    }

    /// Compares every document of a publication with its digest. Gives the number of documents, and the faults.
    ///
    /// # Errors
    /// When there is no such publication, or its index cannot be read.
    pub fn check(&self, id: &str) -> Result<(usize, Vec<SiteError>), SiteError> {
        let dir = self.publication(id);
        let Some(index) = self.index(id)? else {
            return Err(SiteError::Damaged { path: dir, message: "there is no publication of this id".into() });
        };
        let mut wrong = Vec::new();
        let checked: Vec<(usize, Vec<SiteError>)> =
            index.trees.par_iter().map(|(at, entry)| entry.check(&self.dir.join("trees"), &dir.join(at))).collect();
        let mut documents = index.files.len();
        // Whatever else lies there is served as well.
        let known = |path: &str| path == INDEX || index.files.contains_key(path);
        wrong.extend(files(&dir)?.into_iter().filter(|path| !known(path)).map(|path| tree::unknown(&dir.join(path))));
        for (count, problems) in checked {
            documents += count;
            wrong.extend(problems);
        }
        for (path, digest) in &index.files {
            let path = dir.join(path);
            match fs::read(&path) {
                Ok(bytes) if Digest::of(&bytes) == *digest => {}
                Ok(_) => wrong.push(SiteError::Damaged { path, message: "it is not what was published".into() }),
                Err(e) => wrong.push(SiteError::file("read", &path)(e)),
            }
        }
        for (channel, snapshot) in &index.channels {
            let pointer = dir.join("channels").join(channel);
            let target = fs::read_link(&pointer).ok().and_then(|t| t.file_name().map(|n| n.to_string_lossy().into_owned()));
            if target.as_deref() != Some(snapshot) || !self.snapshot(snapshot).is_dir() {
                wrong.push(SiteError::Damaged { path: pointer, message: format!("it has to point to the snapshot {snapshot}") });
            }
        }
        Ok((documents, wrong))
    }
}

/// Makes the link `dir/at`, where `dir` is two folders below the site, to a path in the site.
fn link(dir: &Path, at: &str, target: &str) -> Result<(), SiteError> {
    let path = dir.join(at);
    if let Some(above) = path.parent() {
        create(above)?;
    }
    let up = "../".repeat(at.matches('/').count() + 2);
    symlink(format!("{up}{target}"), &path).map_err(SiteError::file("link", &path))
}

/// The names in a folder; none where there is no folder.
fn names(dir: &Path) -> Result<Vec<String>, SiteError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(SiteError::file("read the folder", dir)(e)),
    };
    entries
        .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()).map_err(SiteError::file("read the folder", dir)))
        .collect()
}

#[cfg(test)]
mod tests;
