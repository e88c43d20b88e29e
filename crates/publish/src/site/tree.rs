use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path};

use seaworthy_host::files::{put_in_place, write_unread};
use seaworthy_model::{Digest, DigestWriter};

use super::error::SiteError;
use super::index::TreeEntry;
use super::write::{create, replace};

/// The suffix of the name of a tree's listing.
pub(super) const LISTING: &str = ".sha256";

/// A file to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The path in the folder of the tree or the site.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A function that makes the documents of a tree.
type Make<'a> = dyn Fn() -> Result<Vec<Document>, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'a;

/// A tree: a folder of documents that follow from known inputs. Where these did not change, nothing is made.
pub struct Tree<'a> {
    /// The folder in the site, such as `security/csaf/2026`.
    pub at: String,
    /// The digest of all inputs of the documents, with the version of the code that makes them.
    pub inputs: Digest,
    /// The function that makes the documents; called only where the tree is not there.
    pub make: Box<Make<'a>>,
}

impl Tree<'_> {
    /// Writes the tree where it is not there; gives its entry, and whether it was written.
    pub(super) fn write(&self, home: &Path) -> Result<(TreeEntry, bool), SiteError> {
        let name = self.inputs.hex();
        let dir = home.join(&name);
        let listing = home.join(format!("{name}{LISTING}"));
        // The listing is written last: with it, the tree is whole.
        if let Ok(bytes) = fs::read(&listing)
            && dir.is_dir()
        {
            return Ok((TreeEntry { name, files: bytes.iter().filter(|b| **b == b'\n').count(), listing: Digest::of(&bytes) }, false));
        }
        let mut documents = (self.make)().map_err(|source| SiteError::Make { at: self.at.clone(), source })?;
        documents.sort_by(|a, b| a.path.cmp(&b.path));
        let beside = home.join(format!(".{name}"));
        for old in [&beside, &dir] {
            if old.exists() {
                fs::remove_dir_all(old).map_err(SiteError::file("remove", old))?;
            }
        }
        create(&beside)?;
        let mut lines = String::new();
        for document in &documents {
            write_file(&beside, document)?;
            lines.push_str(&format!("{}  {}\n", Digest::of(&document.bytes).hex(), document.path));
        }
        put_in_place(&beside, &dir)?;
        replace(&listing, lines.as_bytes())?;
        Ok((TreeEntry { name, files: documents.len(), listing: Digest::of(lines.as_bytes()) }, true))
    }
}

impl TreeEntry {
    /// The digests and paths of the documents.
    pub(super) fn list(&self, home: &Path) -> Result<Vec<(String, String)>, SiteError> {
        let listing = home.join(format!("{}{LISTING}", self.name));
        let bytes = fs::read(&listing).map_err(SiteError::file("read", &listing))?;
        if Digest::of(&bytes) != self.listing {
            return Err(SiteError::Damaged { path: listing, message: "it is not what was published".into() });
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = |line: &str| line.split_once("  ").map(|(digest, path)| (digest.to_owned(), path.to_owned()));
        Ok(text.lines().filter_map(line).collect())
    }

    /// Compares a tree with its listing; `at` is its place in the site, for messages. Gives the number of documents, and the faults.
    pub(super) fn check(&self, home: &Path, at: &Path) -> (usize, Vec<SiteError>) {
        let listed = match self.list(home) {
            Ok(listed) => listed,
            Err(e) => return (0, vec![e]),
        };
        let mut wrong = Vec::new();
        let mut count = 0;
        match files(&home.join(&self.name)) {
            Ok(there) => {
                let known: BTreeSet<&String> = listed.iter().map(|(_, path)| path).collect();
                wrong.extend(there.iter().filter(|path| !known.contains(path)).map(|path| unknown(&at.join(path))));
            }
            Err(e) => wrong.push(e),
        }
        for (digest, path) in listed {
            count += 1;
            let path = at.join(path);
            match fs::read(&path) {
                Ok(bytes) if Digest::of(&bytes).hex() == digest => {}
                Ok(_) => wrong.push(SiteError::Damaged { path, message: "it is not what was published".into() }),
                Err(e) => wrong.push(SiteError::file("read", &path)(e)),
            }
        }
        (count, wrong)
    }
}

/// The paths of the files below a folder, relative to it, without links.
pub(crate) fn files(dir: &Path) -> Result<Vec<String>, SiteError> {
    let mut out = Vec::new();
    let mut left = vec![(String::new(), dir.to_owned())];
    while let Some((prefix, dir)) = left.pop() {
        for entry in fs::read_dir(&dir).map_err(SiteError::file("read the folder", &dir))? {
            let entry = entry.map_err(SiteError::file("read the folder", &dir))?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type().map_err(SiteError::file("look at", &entry.path()))? {
                kind if kind.is_dir() => left.push((format!("{path}/"), entry.path())),
                kind if kind.is_file() => out.push(path),
                _ => {}
            }
        }
    }
    Ok(out)
}

/// The error of a file that was not published.
pub(super) fn unknown(path: &Path) -> SiteError {
    SiteError::Damaged { path: path.to_owned(), message: "it was not published".into() }
}

/// Writes a document into a folder; a path that would leave the folder is refused.
pub(super) fn write_file(dir: &Path, document: &Document) -> Result<(), SiteError> {
    let relative = Path::new(&document.path);
    if document.path.is_empty() || !relative.components().all(|c| matches!(c, Component::Normal(_))) {
        return Err(SiteError::Damaged { path: relative.to_owned(), message: "no document may have this path".into() });
    }
    let path = dir.join(relative);
    match write_unread(&path, &document.bytes) {
        Ok(()) => Ok(()),
        // Most folders are there already.
        Err(e) if e.source.kind() == io::ErrorKind::NotFound => {
            if let Some(above) = path.parent() {
                create(above)?;
            }
            Ok(write_unread(&path, &document.bytes)?)
        }
        Err(e) => Err(e.into()),
    }
}

/// The digest of inputs: a name with the version of the code that makes the documents, and all that they are made from.
#[must_use]
pub fn inputs(name: &str, parts: &[&[u8]]) -> Digest {
    let mut out = DigestWriter::new();
    out.field(name);
    for part in parts {
        out.field(part);
    }
    out.finish()
}
