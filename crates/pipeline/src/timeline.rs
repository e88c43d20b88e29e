//! The input of a replay: package snapshots, the history of fixes and image releases, each with its time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use seaworthy_inventory::{FixKind, History, Inventory, InventoryError, attribute, read_all_image_notes, read_packages_file};
use seaworthy_model::{Content, Day, Digest, DigestWriter, Evr, compare_evr};

/// The error of making a timeline.
#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    /// A file could not be read.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// A folder could not be read.
    #[error("cannot read the folder {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder has no packages file, or a file states no date.
    #[error("{path}: {message}")]
    Empty {
        /// The folder or file.
        path: PathBuf,
        /// The message: what is missing.
        message: String,
    },
}

/// The packages of a release line as they were released at a time.
pub struct Snapshot {
    /// The time from which it holds: the start of its day (UTC), since of fixes no more than the day is known either.
    pub at: Timestamp,
    /// The name of the release; empty where the file states none.
    pub revision: String,
    digest: Digest,
    path: PathBuf,
}

/// An image as it was released.
pub struct ImageRelease {
    /// The time at which it was built; the start of the day of its notes where they state no time.
    pub built: Timestamp,
    /// The kind of the image.
    pub sku: String,
    /// The version of the image.
    pub version: String,
    inventory: Inventory,
}

/// The snapshots, fixes and images of a release line in time.
pub struct Timeline {
    /// The package snapshots, the oldest first; never empty.
    pub snapshots: Vec<Snapshot>,
    /// The images, the oldest first.
    pub images: Vec<ImageRelease>,
    /// The fixes of the maintainers.
    pub history: History,
}

impl Timeline {
    /// Reads a folder of packages files (`*.json`, `*.json.*`), a history, and image notes. Images of which no time is known are left out.
    ///
    /// # Errors
    /// When one of them cannot be read, a snapshot states no date, or the folder has no packages file.
    pub fn read(packages: &Path, history: History, images: Option<&Path>) -> Result<Self, TimelineError> {
        let folder = |source| TimelineError::Folder { path: packages.to_owned(), source };
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(packages).map_err(folder)? {
            let path = entry.map_err(folder)?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if name.ends_with(".json") || name.contains(".json.") {
                files.push(path);
            }
        }
        let mut snapshots = Vec::with_capacity(files.len());
        for path in files {
            let inventory = read_packages_file(&path)?;
            let at = inventory.date.as_deref().and_then(start_of);
            let at = at.ok_or_else(|| TimelineError::Empty {
                path: path.clone(),
                message: "it states no date, so nobody knows when it held".into(),
            })?;
            let digest = inventory.digest();
            let revision = inventory.origin.revision.unwrap_or_default();
            snapshots.push(Snapshot { at, revision, digest, path });
        }
        snapshots.sort_by(|a, b| (a.at, &a.revision).cmp(&(b.at, &b.revision)));
        if snapshots.is_empty() {
            return Err(TimelineError::Empty { path: packages.to_owned(), message: "no packages file in it (*.json, *.json.gz)".into() });
        }
        let mut releases = Vec::new();
        for inventory in images.map(read_all_image_notes).transpose()?.unwrap_or_default() {
            let Some(image) = &inventory.image else { continue };
            let built = image.built.as_deref().and_then(built_at).or_else(|| inventory.date.as_deref().and_then(start_of));
            let Some(built) = built else { continue };
            releases.push(ImageRelease { built, sku: image.sku.clone(), version: image.version.clone(), inventory });
        }
        releases.sort_by(|a, b| (a.built, &a.version).cmp(&(b.built, &b.version)));
        Ok(Self { snapshots, images: releases, history })
    }

    /// The digest of snapshots, images and history: equal digests give equal replays.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        for snapshot in &self.snapshots {
            out.field(snapshot.digest.as_bytes());
        }
        for image in &self.images {
            out.field(image.inventory.digest().as_bytes());
        }
        self.history.rows.encode(&mut out);
        out.finish()
    }

    /// The index of the snapshot that holds at a time; `None` before the first.
    #[must_use]
    pub fn snapshot_at(&self, at: Timestamp) -> Option<usize> {
        self.snapshots.partition_point(|s| s.at <= at).checked_sub(1)
    }
}

impl Snapshot {
    /// The packages of the snapshot, with the whole history in their changelogs: the caller hides entries of later days.
    pub(crate) fn load(&self, history: &History) -> Result<Inventory, InventoryError> {
        let mut inventory = read_packages_file(&self.path)?;
        history.apply(&mut inventory, None);
        Ok(inventory)
    }
}

/// The versions that the maintainers' fixes bring to packages between snapshots.
pub(crate) struct Updates {
    /// The packages and versions by day (`YYYY-MM-DD`).
    by_day: BTreeMap<String, Vec<(String, Evr)>>,
}

impl Updates {
    pub(crate) fn of(history: &History) -> Self {
        let mut by_day: BTreeMap<String, Vec<(String, Evr)>> = BTreeMap::new();
        for row in history.rows.iter().filter(|r| r.kind != FixKind::Remove) {
            if let Some(evr) = &row.evr {
                by_day.entry(row.date.clone()).or_default().push((row.package.to_string(), evr.clone()));
            }
        }
        Self { by_day }
    }

    /// Brings packages to the versions of the fixes of the days after `after` and up to `day`; gives the indexes of the packages that
    /// changed.
    pub(crate) fn apply(&self, inventory: &mut Inventory, places: &Places, after: Day, day: Day) -> BTreeSet<usize> {
        let mut changed = BTreeSet::new();
        if after >= day {
            return changed;
        }
        let days = self.by_day.range((Bound::Excluded(after.to_string()), Bound::Included(day.to_string())));
        for (package, evr) in days.flat_map(|(_, rows)| rows) {
            let older = places.of(package).iter().copied().filter(|&p| compare_evr(evr, &inventory.packages[p].evr).is_gt());
            // Where two versions of a package are kept side by side, it is the branch that is nearest.
            let nearest = older.max_by(|&a, &b| compare_evr(&inventory.packages[a].evr, &inventory.packages[b].evr));
            if let Some(place) = nearest {
                inventory.packages[place].evr = evr.clone();
                changed.insert(place);
            }
        }
        changed
    }
}

/// The indexes of the packages of an inventory by name; several where a name is there in several versions.
pub(crate) struct Places(HashMap<String, Vec<usize>>);

impl Places {
    pub(crate) fn new(inventory: &Inventory) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, package) in inventory.packages.iter().enumerate() {
            places.entry(package.name.clone()).or_default().push(place);
        }
        Self(places)
    }

    pub(crate) fn of(&self, name: &str) -> &[usize] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

impl ImageRelease {
    /// The source packages on the image and their versions, found by the packages of a snapshot; the oldest version of each name.
    pub(crate) fn sources(&self, packages: &Inventory) -> BTreeMap<String, Evr> {
        let mut image = self.inventory.clone();
        attribute(&mut image, packages);
        let mut out: BTreeMap<String, Evr> = BTreeMap::new();
        for package in image.packages.into_iter().filter(|p| !p.binaries.is_empty()) {
            // Of two builds on one image the older one decides what is still vulnerable.
            let older = out.get(&package.name).is_none_or(|other| compare_evr(&package.evr, other).is_lt());
            if older {
                out.insert(package.name, package.evr);
            }
        }
        out
    }
}

/// The start of a day (`YYYY-MM-DD`) in UTC; `None` where it is no day.
pub(crate) fn start_of(day: &str) -> Option<Timestamp> {
    day.parse::<Day>().ok().map(Day::start)
}

/// The time of `Sun Jan 5 09:09:22 UTC 2025`, as `date` prints it, or of RFC 3339.
pub(crate) fn built_at(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, "UTC", year] = words.as_slice() else { return text.parse().ok() };
    let month = i8::try_from(MONTHS.iter().position(|m| m == month)? + 1).ok()?;
    let date = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    Offset::UTC.to_timestamp(DateTime::from_parts(date, clock.parse().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_the_notes_write_them() {
        assert_eq!(built_at("Sun Jan 5 09:09:22 UTC 2025").map(|t| t.to_string()).as_deref(), Some("2025-01-05T09:09:22Z"));
        assert_eq!(built_at("2025-01-05T09:09:22Z").map(|t| t.to_string()).as_deref(), Some("2025-01-05T09:09:22Z"));
        assert_eq!(built_at("Sun Foo 5 09:09:22 UTC 2025"), None);
        assert_eq!(start_of("2024-09-20"), Some("2024-09-20T00:00:00Z".parse().unwrap()));
    }
}
