use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use seaworthy_model::format::{Format, FormatError, Remedy, Stamp, Version};
use seaworthy_model::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::chunk::{ChunkStore, Entry, Listing, begins, sort};
use super::{Compression, RepositoryError, write_new};

/// The format of a set of packages, in a file of its own or in the contents of a snapshot.
pub(super) static SET: Format =
    Format { name: "set of packages", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };
/// The greatest size of the file in bytes; the set of a million packages has 2 MB.
const MAX_FILE: u64 = 64 << 20;

/// A set of packages: the list of its chunks. The list and its digest depend on the packages alone, not on the steps by which they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    packages: u64,
    chunks: Vec<ChunkRef>,
}

/// A chunk of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChunkRef {
    digest: String,
    /// The name of the first package; that of the last follows.
    first: String,
    last: String,
    packages: u64,
}

/// A package of a set, as it is named to be taken out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageId {
    /// The name.
    pub name: String,
    /// The SHA-256 of the file, 64 hexadecimal digits.
    pub pkgid: String,
}

impl From<&Listing> for PackageId {
    fn from(listing: &Listing) -> Self {
        Self { name: listing.name.clone(), pkgid: listing.pkgid.clone() }
    }
}

/// The difference between two sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The packages of the second set that are not in the first.
    pub added: Vec<Listing>,
    /// The packages of the first set that are not in the second.
    pub removed: Vec<Listing>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self { version: SET.version.major, packages: 0, chunks: Vec::new() }
    }
}

impl Manifest {
    /// The SHA-256 of the set, 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{} {}\n", self.version, self.packages));
        for chunk in &self.chunks {
            hash.update(&chunk.digest);
            hash.update("\n");
        }
        hex(&hash.finalize())
    }

    /// Checks the version of a set that was read as part of another file; [`Manifest::load`] checks that of its own file.
    ///
    /// # Errors
    /// When this program does not read the version.
    pub fn check_version(&self) -> Result<(), FormatError> {
        SET.check(Version::of(self.version))
    }

    /// The number of packages.
    #[must_use]
    pub fn packages(&self) -> u64 {
        self.packages
    }

    /// The digests of the chunks, in the order of the set.
    pub fn chunks(&self) -> impl Iterator<Item = &str> {
        self.chunks.iter().map(|c| c.digest.as_str())
    }

    /// Whether a store has all chunks of the set, in a version that is read.
    #[must_use]
    pub fn is_stored(&self, store: &ChunkStore) -> bool {
        self.chunks().all(|digest| store.is_there(digest, Compression::Zstd))
    }

    /// The set in a file.
    ///
    /// # Errors
    /// When the file cannot be read, is larger than 64 MiB, or is no set of a version that this program reads.
    pub fn load(path: &Path) -> Result<Self, RepositoryError> {
        let failed = RepositoryError::io("reading the list of packages", path);
        let size = fs::metadata(path).map_err(&failed)?.len();
        let unusable = |found: String| RepositoryError::Unusable { path: path.to_owned(), found };
        if size > MAX_FILE {
            return Err(unusable(format!("{size} bytes, where a list of packages has at most {MAX_FILE}")));
        }
        let bytes = fs::read(path).map_err(&failed)?;
        let unreadable = |e| unusable(format!("no list of packages: {e}"));
        let stamp: Stamp = serde_json::from_slice(&bytes).map_err(unreadable)?;
        SET.check(stamp.version()).map_err(RepositoryError::version(path))?;
        let read: Self = serde_json::from_slice(&bytes).map_err(unreadable)?;
        let digests = read.chunks.iter().all(|c| c.digest.len() == 64 && c.digest.bytes().all(|b| b.is_ascii_hexdigit()));
        if !digests || read.packages != read.chunks.iter().fold(0u64, |n, c| n.saturating_add(c.packages)) {
            return Err(unusable("a list of packages that contradicts itself".to_owned()));
        }
        Ok(read)
    }

    /// Writes the set to a file, which is replaced as a whole.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), RepositoryError> {
        write_new(path, |file| Ok(serde_json::to_writer(file, self)?))
    }

    /// The set of these packages, whose chunks go to the store. Of several packages with the same name and digest the last counts.
    ///
    /// # Errors
    /// When a chunk cannot be written.
    pub fn build(store: &ChunkStore, mut entries: Vec<Entry>) -> Result<Self, RepositoryError> {
        sort(&mut entries);
        Self::assemble(store, vec![Piece::Made(entries)])
    }

    /// The set without some packages and with others. Only the chunks in which these lie are read and written, and the one before a chunk
    /// that loses its first name. A package to be removed may be missing; one that is both removed and added is in the result.
    ///
    /// # Errors
    /// When a chunk cannot be read or written.
    pub fn update(&self, store: &ChunkStore, removed: &[PackageId], added: Vec<Entry>) -> Result<Self, RepositoryError> {
        // A chunk reaches up to the first name of the next; what lies before the first belongs to the first.
        let place = |name: &str| self.chunks.partition_point(|c| c.first.as_str() <= name).saturating_sub(1);
        let mut takes: BTreeMap<usize, BTreeSet<(&str, &str)>> = BTreeMap::new();
        let mut gives: BTreeMap<usize, Vec<Entry>> = BTreeMap::new();
        for id in removed {
            takes.entry(place(&id.name)).or_default().insert((&id.name, &id.pkgid));
        }
        for entry in added {
            // A package with another place or time is the same package: the new one replaces it.
            gives.entry(place(&entry.listing.name)).or_default().push(entry);
        }
        if self.chunks.is_empty() {
            return Self::build(store, gives.into_values().flatten().collect());
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, chunk) in self.chunks.iter().enumerate() {
            let (take, give) = (takes.remove(&at), gives.remove(&at));
            if take.is_none() && give.is_none() {
                pieces.push(Piece::Kept(chunk.clone()));
                continue;
            }
            let mut entries = store.get(&chunk.digest)?;
            if let Some(take) = take {
                entries.retain(|e| !take.contains(&(e.listing.name.as_str(), e.listing.pkgid.as_str())));
            }
            entries.extend(give.unwrap_or_default());
            sort(&mut entries);
            // Without the name that began it, the rest belongs to the chunk before.
            let orphaned = entries.first().is_some_and(|e| !begins(&e.listing.name));
            match (orphaned, pieces.pop()) {
                (true, Some(Piece::Made(before))) => pieces.push(Piece::Made(before.into_iter().chain(entries).collect())),
                (true, Some(Piece::Kept(before))) => {
                    pieces.push(Piece::Made(store.get(&before.digest)?.into_iter().chain(entries).collect()));
                }
                (_, before) => {
                    pieces.extend(before);
                    // Nothing is left of it: the next one that is orphaned joins the one before.
                    if !entries.is_empty() {
                        pieces.push(Piece::Made(entries));
                    }
                }
            }
        }
        Self::assemble(store, pieces)
    }

    fn assemble(store: &ChunkStore, pieces: Vec<Piece>) -> Result<Self, RepositoryError> {
        enum Slot {
            Kept(ChunkRef),
            Made(Vec<Entry>),
        }
        let mut slots = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Kept(chunk) => slots.push(Slot::Kept(chunk)),
                Piece::Made(entries) => {
                    let mut now: Vec<Entry> = Vec::new();
                    for entry in entries {
                        let new_name = now.last().is_some_and(|l| l.listing.name != entry.listing.name);
                        if new_name && begins(&entry.listing.name) {
                            slots.push(Slot::Made(std::mem::take(&mut now)));
                        }
                        now.push(entry);
                    }
                    if !now.is_empty() {
                        slots.push(Slot::Made(now));
                    }
                }
            }
        }
        let chunk = |slot| match slot {
            Slot::Kept(chunk) => Ok(chunk),
            Slot::Made(entries) => Ok(ChunkRef {
                digest: store.put(&entries)?,
                first: entries.first().map(|e| e.listing.name.clone()).unwrap_or_default(),
                last: entries.last().map(|e| e.listing.name.clone()).unwrap_or_default(),
                packages: entries.len() as u64,
            }),
        };
        let chunks: Vec<ChunkRef> = slots.into_par_iter().map(chunk).collect::<Result<_, RepositoryError>>()?;
        Ok(Self { version: SET.version.major, packages: chunks.iter().map(|c| c.packages).sum(), chunks })
    }

    /// The packages of a name, the oldest version first. One chunk is read.
    ///
    /// # Errors
    /// When the chunk cannot be read.
    pub fn find(&self, store: &ChunkStore, name: &str) -> Result<Vec<Listing>, RepositoryError> {
        let at = self.chunks.partition_point(|c| c.first.as_str() <= name).saturating_sub(1);
        let Some(chunk) = self.chunks.get(at).filter(|c| c.first.as_str() <= name && name <= c.last.as_str()) else {
            return Ok(Vec::new());
        };
        Ok(store.listings(&chunk.digest)?.into_iter().filter(|l| l.name == name).collect())
    }

    /// All packages, by name and version.
    ///
    /// # Errors
    /// When a chunk cannot be read.
    pub fn list(&self, store: &ChunkStore) -> Result<Vec<Listing>, RepositoryError> {
        let all: Vec<Vec<Listing>> = self.chunks.par_iter().map(|c| store.listings(&c.digest)).collect::<Result<_, _>>()?;
        Ok(all.into_iter().flatten().collect())
    }

    /// The difference between this set and `new`. Chunks of both are not read.
    ///
    /// # Errors
    /// When a chunk cannot be read.
    pub fn difference(&self, new: &Self, store: &ChunkStore) -> Result<Difference, RepositoryError> {
        let only = |of: &Self, not: &Self| -> Result<Vec<Listing>, RepositoryError> {
            let known: BTreeSet<&str> = not.chunks().collect();
            let digests: Vec<&str> = of.chunks().filter(|d| !known.contains(d)).collect();
            let lists: Vec<Vec<Listing>> = digests.into_par_iter().map(|d| store.listings(d)).collect::<Result<_, _>>()?;
            Ok(lists.into_iter().flatten().collect())
        };
        let (mut removed, mut added) = (only(self, new)?, only(new, self)?);
        let ids = |list: &[Listing]| list.iter().map(PackageId::from).collect::<BTreeSet<_>>();
        let (old_ids, new_ids) = (ids(&removed), ids(&added));
        removed.retain(|l| !new_ids.contains(&PackageId::from(l)));
        added.retain(|l| !old_ids.contains(&PackageId::from(l)));
        Ok(Difference { added, removed })
    }
}

/// A stretch of a set that is being put together.
enum Piece {
    Kept(ChunkRef),
    Made(Vec<Entry>),
}
