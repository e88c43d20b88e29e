//! The objects of a publication in a store, and the order in which they arrive.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use seaworthy_model::Digest;

use super::error::BucketError;
use super::listing::{ObjectState, is_key};
use crate::site::{INDEX, Site, SiteError};

/// The step in which an object arrives: objects of later steps name those of earlier ones, never the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Packages and data of snapshots, named by their content.
    Data,
    /// The indexes of snapshots, and documents.
    Document,
    /// Signatures of the indexes of channels; the indexes follow.
    Signature,
    Channel,
    /// The files from which clients learn the addresses: lists of mirrors and settings.
    Pointer,
}

pub(super) const STEPS: [Step; 5] = [Step::Data, Step::Document, Step::Signature, Step::Channel, Step::Pointer];

/// An object of a publication.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) held: ObjectState,
    pub(super) file: PathBuf,
    pub(super) step: Step,
}

/// Every object of a publication by its key. Links to documents are followed; packages are there once, below `pool`, and not in each
/// snapshot.
pub(super) fn objects(site: &Site, id: &str) -> Result<BTreeMap<String, Object>, BucketError> {
    let index = site
        .index(id)?
        .ok_or_else(|| SiteError::Damaged { path: site.dir().to_owned(), message: format!("there is no publication {id} any more") })?;
    let mut out = BTreeMap::new();
    let mut put = |key: String, held: ObjectState, file: PathBuf, step: Step| {
        if is_key(&key) {
            out.insert(key, Object { held, file, step });
            Ok(())
        } else {
            Err(SiteError::Damaged { path: file, message: format!("no object can be called {key:?}") })
        }
    };
    for (path, file) in files(&site.pool())? {
        put(format!("pool/{path}"), ObjectState::Fixed, file, Step::Data)?;
    }
    for (path, file) in files(&site.snapshots())? {
        let (held, step) = match path.matches('/').count() {
            // What the press notes of a snapshot for itself.
            0 | 1 => continue,
            _ if is_repomd(&path) => (digest(&file)?, Step::Document),
            _ => (ObjectState::Fixed, Step::Data),
        };
        put(format!("snapshots/{path}"), held, file, step)?;
    }
    for (channel, snapshot) in &index.channels {
        for (path, file) in files(&site.snapshot(snapshot))? {
            let (held, step) = match path.rsplit('/').next() {
                Some("repomd.xml") => (digest(&file)?, Step::Channel),
                _ if is_repomd(&path) => (digest(&file)?, Step::Signature),
                _ if path.contains('/') => (ObjectState::Fixed, Step::Data),
                _ => continue,
            };
            put(format!("channels/{channel}/{path}"), held, file, step)?;
        }
    }
    let dir = site.publication(id);
    for (path, digest) in site.digests(&index)? {
        let points = path.starts_with("mirrorlist/") || path.starts_with("repo/");
        let file = dir.join(&path);
        put(path, ObjectState::Digest(digest), file, if points { Step::Pointer } else { Step::Document })?;
    }
    let file = dir.join(INDEX);
    put(INDEX.to_owned(), digest(&file)?, file, Step::Pointer)?;
    // Amazon's store takes a + in an address for a blank, and package managers send it as it is: such an object has both keys.
    let twice: Vec<(String, Object)> = out.iter().filter(|(k, _)| k.contains('+')).map(|(k, o)| (k.replace('+', " "), o.clone())).collect();
    out.extend(twice);
    Ok(out)
}

/// Whether the path is the index of a repository, its signature or its keys.
fn is_repomd(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with("repomd.xml"))
}

fn digest(file: &Path) -> Result<ObjectState, BucketError> {
    let bytes = fs::read(file).map_err(SiteError::file("read", file))?;
    Ok(ObjectState::Digest(Digest::of(&bytes).hex()))
}

/// The files below a folder by their paths in it, without those whose names begin with a dot, which are unfinished.
fn files(dir: &Path) -> Result<Vec<(String, PathBuf)>, BucketError> {
    let whole = |path: &String| !path.split('/').any(|part| part.starts_with('.'));
    Ok(crate::site::files(dir)?.into_iter().filter(whole).map(|path| (path.clone(), dir.join(path))).collect())
}
