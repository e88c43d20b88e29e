//! The state on disk, and the one step that changes it.
//!
//! ```text
//! knowledge/raw/DIGEST.EXT         raw artefacts as published
//! knowledge/segments/DIGEST.seg    one per raw artefact and layout version
//! knowledge/catalogues/DIGEST.cat  the linked index
//! knowledge/changes/DIGEST.json    what the step to that catalogue changed
//! knowledge/state.json             which of them are in force; replaced by one rename
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use seaworthy_model::{CveId, Digest, DigestWriter};
use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, link};
use crate::ingest;
use crate::knowledge::Knowledge;
use crate::records::{Refused, SourceKind};
use crate::segment::{Segment, SegmentBuilder};

/// Raised when segments or catalogues change their layout or the parsers read more than before.
const LAYOUT: u32 = 3;
/// How many steps of changes are kept for `scan --changed`.
const KEPT_CHANGES: usize = 60;

/// Why the state could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum IntelligenceError {
    /// A file of the state, or a raw file, could not be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another sync runs.
    #[error("{0} is held by another sync: wait until it ends; a sync that died holds nothing")]
    Locked(PathBuf),
    /// Nothing was synced yet.
    #[error("nothing is known yet in {0}: run `seaworthy sync` first")]
    Empty(PathBuf),
    /// The state was written by another version.
    #[error("{path}: {message}")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        message: String,
    },
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IntelligenceError {
    move |source| IntelligenceError::Io { action, path: path.to_owned(), source }
}

/// One raw artefact handed to a sync.
#[derive(Debug)]
pub struct Input {
    /// The source it belongs to.
    pub kind: SourceKind,
    /// Its stable name within the source (`nvdcve-2.0-2024.json.gz`); a later artefact of that name replaces it.
    pub name: String,
    /// Where it came from, for people.
    pub origin: String,
    /// What to compare with next time, as the fetcher wrote it.
    pub validators: serde_json::Value,
    /// The bytes.
    pub body: InputBody,
}

/// The bytes of an [`Input`].
#[derive(Debug)]
pub enum InputBody {
    /// A file to read.
    File(PathBuf),
    /// Bytes in memory.
    Bytes(Vec<u8>),
}

/// What happened to a source in a sync.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Its artefacts; those that did not change need not be there.
    pub inputs: Vec<Input>,
    /// Where it was looked for.
    pub location: String,
    /// Why it is late or broken: its last good records stay.
    pub error: Option<String>,
}

/// The state of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    /// Where it was last looked for.
    pub location: String,
    /// When it was last read without error, in seconds since 1970.
    pub synced_at: Option<i64>,
    /// What went wrong the last time, if it did.
    pub error: Option<String>,
    /// Its artefacts by name.
    pub artefacts: BTreeMap<String, ArtefactState>,
}

/// The state of one raw artefact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtefactState {
    /// Where it came from.
    pub origin: String,
    /// The digest of its bytes.
    pub raw: Digest,
    /// The end of its file name, which says how it is packed.
    pub extension: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The views in it.
    pub records: u64,
    /// The records that were not taken.
    pub refused: u64,
    /// What to compare with next time.
    pub validators: serde_json::Value,
}

/// Which files are in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The layout version.
    pub layout: u32,
    /// The digest of the catalogue.
    pub knowledge: Option<Digest>,
    /// How many CVEs it holds.
    pub cves: u64,
    /// The sources.
    pub sources: BTreeMap<SourceKind, SourceState>,
}

/// How a CVE changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was not known before.
    New,
    /// A source says something else of it.
    Changed,
    /// It was withdrawn.
    Rejected,
}

/// A CVE that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// The CVE.
    pub cve: CveId,
    /// How.
    pub kind: ChangeKind,
}

/// What a sync changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncReport {
    /// The knowledge before; `None` for the first.
    pub from: Option<Digest>,
    /// The knowledge after.
    pub to: Option<Digest>,
    /// Counts of new, changed and rejected CVEs.
    pub new: u64,
    /// As above.
    pub changed: u64,
    /// As above.
    pub rejected: u64,
    /// The changes one by one; empty for the first sync, where everything is new.
    pub changes: Vec<Change>,
    /// Artefacts that were parsed anew.
    #[serde(skip)]
    pub parsed: Vec<String>,
    /// Records and artefacts that were not taken.
    #[serde(skip)]
    pub refused: Vec<Refused>,
    /// Sources that are late or broken, with the reason.
    #[serde(skip)]
    pub errors: BTreeMap<SourceKind, String>,
}

/// The state of what is known, in one folder.
pub struct Store {
    root: PathBuf,
}

/// A segment that belongs to the new state.
struct Part {
    kind: SourceKind,
    name: String,
    path: PathBuf,
    state: ArtefactState,
}

impl Store {
    /// The store in a home folder; nothing is created yet.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self { root: home.join("knowledge") }
    }

    /// What is in force.
    ///
    /// # Errors
    /// When the state cannot be read or is of a newer layout.
    pub fn status(&self) -> Result<Status, IntelligenceError> {
        let path = self.root.join("state.json");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Status { layout: LAYOUT, ..Status::default() }),
            Err(e) => return Err(failed("read", &path)(e)),
        };
        let status: Status = serde_json::from_slice(&bytes).map_err(|e| IntelligenceError::State {
            path: path.clone(),
            message: format!("not a state of seaworthy ({e}): move it away and sync again"),
        })?;
        if status.layout > LAYOUT {
            let message =
                format!("written by a newer seaworthy (layout {}, this one knows {LAYOUT}): upgrade, or use another home", status.layout);
            return Err(IntelligenceError::State { path, message });
        }
        Ok(status)
    }

    /// The knowledge in force.
    ///
    /// # Errors
    /// When nothing was synced yet, or files are damaged.
    pub fn open(&self) -> Result<Knowledge, IntelligenceError> {
        let status = self.status()?;
        let digest = status.knowledge.ok_or_else(|| IntelligenceError::Empty(self.root.clone()))?;
        if status.layout != LAYOUT {
            let message = format!(
                "the index has layout {}, this seaworthy reads {LAYOUT}: run `seaworthy sync --rebuild`, which needs no network",
                status.layout
            );
            return Err(IntelligenceError::State { path: self.root.join("state.json"), message });
        }
        self.knowledge(digest, &self.parts_of(&status))
    }

    fn knowledge(&self, digest: Digest, parts: &[Part]) -> Result<Knowledge, IntelligenceError> {
        let segments =
            parts.iter().map(|p| Segment::open(&p.path).map(|s| (p.kind, s)).map_err(failed("open", &p.path))).collect::<Result<_, _>>()?;
        let path = self.catalogue_path(digest);
        Ok(Knowledge { digest, segments, catalogue: Catalogue::open(&path).map_err(failed("open", &path))? })
    }

    fn parts_of(&self, status: &Status) -> Vec<Part> {
        let artefacts = |(kind, source): (&SourceKind, &SourceState)| -> Vec<Part> {
            let part = |(name, state): (&String, &ArtefactState)| Part {
                kind: *kind,
                name: name.clone(),
                path: self.segment_path(*kind, name, state.raw),
                state: state.clone(),
            };
            source.artefacts.iter().map(part).collect()
        };
        status.sources.iter().flat_map(artefacts).collect()
    }

    fn segment_path(&self, kind: SourceKind, name: &str, raw: Digest) -> PathBuf {
        let mut digest = DigestWriter::new();
        digest.field(LAYOUT.to_le_bytes());
        digest.field(kind.as_str());
        digest.field(ingest::format_of(name));
        digest.field(raw.as_bytes());
        self.root.join("segments").join(format!("{}.seg", digest.finish().hex()))
    }

    fn catalogue_path(&self, digest: Digest) -> PathBuf {
        self.root.join("catalogues").join(format!("{}.cat", digest.hex()))
    }

    /// The raw file of an artefact.
    #[must_use]
    pub fn raw_path(&self, artefact: &ArtefactState) -> PathBuf {
        self.root.join("raw").join(format!("{}{}", artefact.raw.hex(), artefact.extension))
    }

    /// Takes what the sources delivered, links it with what is there, and puts it in force in one step.
    ///
    /// `progress` is told the name of each artefact that is done. A source that delivered an error keeps its last good
    /// records. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// When the state cannot be read or written, or another sync runs. The state in force is then unchanged.
    pub fn sync(
        &self,
        deliveries: BTreeMap<SourceKind, Delivery>,
        now: i64,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<SyncReport, IntelligenceError> {
        for folder in ["raw", "segments", "catalogues", "changes"] {
            let path = self.root.join(folder);
            fs::create_dir_all(&path).map_err(failed("create", &path))?;
        }
        let lock_path = self.root.join("lock");
        let lock = File::create(&lock_path).map_err(failed("create", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(IntelligenceError::Locked(lock_path)),
            Err(fs::TryLockError::Error(e)) => return Err(failed("lock", &lock_path)(e)),
        }
        let before = self.status()?;
        let mut after = Status { layout: LAYOUT, knowledge: None, cves: 0, sources: before.sources.clone() };
        let mut report = SyncReport { from: before.knowledge, ..SyncReport::default() };

        let mut inputs = Vec::new();
        for (kind, delivery) in deliveries {
            let source = after.sources.entry(kind).or_default();
            source.location = delivery.location;
            if let Some(error) = &delivery.error {
                report.errors.insert(kind, error.clone());
            } else {
                source.synced_at = Some(now);
            }
            source.error = delivery.error;
            inputs.extend(delivery.inputs);
        }
        // The largest first, so that no thread ends up alone with one.
        inputs.sort_by_cached_key(|i| std::cmp::Reverse(i.size()));
        let taken: Vec<(SourceKind, String, Result<Taken, IntelligenceError>)> = inputs
            .into_par_iter()
            .map(|input| {
                let (kind, name) = (input.kind, input.name.clone());
                let taken = self.take(input);
                progress(&name);
                (kind, name, taken)
            })
            .collect();
        for (kind, name, taken) in taken {
            let taken = taken?;
            let source = after.sources.entry(kind).or_default();
            match taken.refused_whole {
                Some(message) => {
                    let message = format!("{name}: {message}");
                    let all = source.error.get_or_insert_default();
                    if !all.is_empty() {
                        all.push_str("; ");
                    }
                    all.push_str(&message);
                    report.errors.insert(kind, all.clone());
                }
                None => {
                    let name = if ingest::is_delta(&name) { ingest::delta_name(&name, taken.state.raw) } else { name };
                    if taken.parsed {
                        report.parsed.push(name.clone());
                    }
                    source.artefacts.insert(name, taken.state);
                }
            }
            report.refused.extend(taken.refused);
        }
        report.parsed.sort();
        report.refused.sort_by(|a, b| (&a.file, a.offset, &a.message).cmp(&(&b.file, b.offset, &b.message)));
        self.rebuild_missing(&after)?;

        let (digest, used) = self.link_parts(&after)?;
        let digest = if self.drop_superseded(&mut after, &used) { self.link_parts(&after)?.0 } else { digest };
        after.knowledge = Some(digest);
        let knowledge = self.knowledge(digest, &self.parts_of(&after))?;
        after.cves = knowledge.len() as u64;
        report.to = Some(digest);
        if before.knowledge != Some(digest) {
            let old = if before.layout == LAYOUT { self.open().ok() } else { None };
            compare(old.as_ref(), &knowledge, &mut report);
            let path = self.root.join("changes").join(format!("{}.json", digest.hex()));
            self.write_new(&path, |out| serde_json::to_writer(out, &report).map_err(io::Error::other))?;
        }
        drop(knowledge);
        let state = self.root.join("state.json");
        self.write_new(&state, |out| serde_json::to_writer_pretty(&mut *out, &after).map_err(io::Error::other))?;
        self.sweep(&after);
        Ok(report)
    }

    /// Keeps the raw bytes, and builds the segment if it is not there.
    fn take(&self, input: Input) -> Result<Taken, IntelligenceError> {
        let bytes = match input.body {
            InputBody::Bytes(bytes) => bytes,
            InputBody::File(path) => fs::read(&path).map_err(failed("read", &path))?,
        };
        let raw = Digest::of(&bytes);
        let extension = ingest::extension_of(&input.name).to_owned();
        let mut state = ArtefactState {
            origin: input.origin,
            raw,
            extension,
            bytes: bytes.len() as u64,
            records: 0,
            refused: 0,
            validators: input.validators,
        };
        let path = self.segment_path(input.kind, &input.name, raw);
        let raw_path = self.raw_path(&state);
        if let (true, Ok(segment)) = (raw_path.exists(), Segment::open(&path)) {
            (state.records, state.refused) = counts(&segment);
            return Ok(Taken { state, refused: Vec::new(), refused_whole: None, parsed: false });
        }
        let built = ingest::segment_of(input.kind, &input.name, &bytes);
        match built {
            Ok(builder) => {
                self.write_new(&raw_path, |out| out.write_all(&bytes))?;
                drop(bytes);
                let refused = builder.refused.clone();
                (state.records, state.refused) = self.write_segment(&path, builder)?;
                Ok(Taken { state, refused, refused_whole: None, parsed: true })
            }
            Err(message) => Ok(Taken { state, refused: Vec::new(), refused_whole: Some(message), parsed: false }),
        }
    }

    fn write_segment(&self, path: &Path, builder: SegmentBuilder) -> Result<(u64, u64), IntelligenceError> {
        let counts = (builder.len().max(builder.facts.len()) as u64, builder.refused.len() as u64);
        let meta = serde_json::to_vec(&counts).unwrap_or_default();
        self.write_new(path, |out| builder.write(out, &meta).map(drop))?;
        Ok(counts)
    }

    /// Builds again, from the raw files, the segments that are not there or have another layout.
    fn rebuild_missing(&self, status: &Status) -> Result<(), IntelligenceError> {
        self.parts_of(status).into_par_iter().filter(|p| Segment::open(&p.path).is_err()).try_for_each(|part| {
            let raw = self.raw_path(&part.state);
            let bytes = fs::read(&raw).map_err(failed("read", &raw))?;
            if Digest::of(&bytes) != part.state.raw {
                return Err(IntelligenceError::State {
                    path: raw,
                    message: "was changed after it was fetched: delete it and sync again".into(),
                });
            }
            let builder =
                ingest::segment_of(part.kind, &part.name, &bytes).map_err(|message| IntelligenceError::State { path: raw, message })?;
            self.write_segment(&part.path, builder).map(drop)
        })
    }

    /// Links the segments of a state into a catalogue, unless it is there.
    fn link_parts(&self, status: &Status) -> Result<(Digest, Vec<usize>), IntelligenceError> {
        let parts = self.parts_of(status);
        let mut digest = DigestWriter::new();
        digest.field(LAYOUT.to_le_bytes());
        for part in &parts {
            digest.field(part.kind.as_str());
            digest.field(part.state.raw.as_bytes());
        }
        let digest = digest.finish();
        let path = self.catalogue_path(digest);
        if Catalogue::open(&path).is_ok() {
            return Ok((digest, Vec::new()));
        }
        let segments = parts
            .iter()
            .map(|p| Segment::open(&p.path).map(|s| (p.kind, s)).map_err(failed("open", &p.path)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut used = Vec::new();
        self.write_new(&path, |out| {
            used = link(&segments, out)?.1;
            Ok(())
        })?;
        Ok((digest, used))
    }

    /// Drops deltas of which no record stands any more; says whether there were any.
    fn drop_superseded(&self, status: &mut Status, used: &[usize]) -> bool {
        let mut dropped = false;
        for (part, used) in self.parts_of(status).iter().zip(used) {
            let superseded = *used == 0 && part.state.records > 0 && ingest::is_delta(&part.name);
            if let Some(source) = status.sources.get_mut(&part.kind).filter(|_| superseded) {
                dropped |= source.artefacts.remove(&part.name).is_some();
            }
        }
        dropped
    }

    /// Writes a file beside its place and renames it there.
    fn write_new(&self, path: &Path, write: impl FnOnce(&mut io::BufWriter<File>) -> io::Result<()>) -> Result<(), IntelligenceError> {
        let error = || failed("write", path);
        let temporary = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.root).map_err(error())?;
        let (file, name) = temporary.into_parts();
        let mut out = io::BufWriter::with_capacity(1 << 20, file);
        write(&mut out).map_err(error())?;
        let file = out.into_inner().map_err(|e| error()(e.into_error()))?;
        file.sync_data().map_err(error())?;
        name.persist(path).map_err(|e| error()(e.error))
    }

    /// Removes what no state names: files of dead syncs, replaced raw files, old catalogues.
    fn sweep(&self, status: &Status) {
        let mut kept: Vec<PathBuf> = self.parts_of(status).into_iter().flat_map(|p| [self.raw_path(&p.state), p.path]).collect();
        kept.extend(status.knowledge.map(|d| self.catalogue_path(d)));
        let mut stale: Vec<PathBuf> = Vec::new();
        for folder in ["raw", "segments", "catalogues"] {
            stale.extend(files_in(&self.root.join(folder)).into_iter().filter(|f| !kept.contains(f)));
        }
        stale.extend(files_in(&self.root).into_iter().filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with(".new-"))));
        // The chain of changes is cut where it gets long, oldest first by following `from`.
        let mut chain = Vec::new();
        let mut next = status.knowledge;
        while let (Some(digest), true) = (next, chain.len() < KEPT_CHANGES) {
            let path = self.root.join("changes").join(format!("{}.json", digest.hex()));
            next = self
                .changes_of(digest)
                .and_then(|r| r.from)
                .filter(|from| !chain.contains(&self.root.join("changes").join(format!("{}.json", from.hex()))));
            chain.push(path);
        }
        stale.extend(files_in(&self.root.join("changes")).into_iter().filter(|f| !chain.contains(f)));
        for file in stale {
            // Left-overs cost space only; the next sweep tries again.
            let _ = fs::remove_file(file);
        }
    }

    fn changes_of(&self, digest: Digest) -> Option<SyncReport> {
        let path = self.root.join("changes").join(format!("{}.json", digest.hex()));
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// The CVEs that changed from one knowledge to the one in force; `None` where the steps between are not kept, so
    /// that everything has to be looked at again.
    #[must_use]
    pub fn changes_since(&self, from: Digest, to: Digest) -> Option<Vec<Change>> {
        let mut changes: BTreeMap<CveId, ChangeKind> = BTreeMap::new();
        let mut at = to;
        for _ in 0..=KEPT_CHANGES {
            if at == from {
                return Some(changes.into_iter().map(|(cve, kind)| Change { cve, kind }).collect());
            }
            let report = self.changes_of(at)?;
            for change in report.changes {
                changes.entry(change.cve).or_insert(change.kind);
            }
            at = report.from?;
        }
        None
    }

    /// The raw text of one CVE's record in each source that has it: the source, the artefact's origin, and the text.
    ///
    /// # Errors
    /// When a raw file cannot be read.
    pub fn raw_records(&self, knowledge: &Knowledge, id: CveId) -> Result<Vec<(SourceKind, String, String)>, IntelligenceError> {
        let Some(cve) = knowledge.find(id) else { return Ok(Vec::new()) };
        let parts = self.parts_of(&self.status()?);
        let mut out = Vec::new();
        for (segment, row) in knowledge.raw_views(cve) {
            let (Some(part), Some((kind, found))) = (parts.get(segment), knowledge.segments.get(segment)) else { continue };
            let path = self.raw_path(&part.state);
            let bytes = fs::read(&path).map_err(failed("read", &path))?;
            if let Some(text) = ingest::text_at(&part.name, &bytes, found.text_offset(row)) {
                out.push((*kind, part.state.origin.clone(), text));
            }
        }
        Ok(out)
    }
}

impl Input {
    fn size(&self) -> u64 {
        match &self.body {
            InputBody::Bytes(bytes) => bytes.len() as u64,
            InputBody::File(path) => fs::metadata(path).map_or(0, |m| m.len()),
        }
    }
}

struct Taken {
    state: ArtefactState,
    refused: Vec<Refused>,
    refused_whole: Option<String>,
    parsed: bool,
}

fn counts(segment: &Segment) -> (u64, u64) {
    serde_json::from_slice(segment.meta()).unwrap_or_default()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|entries| entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect()).unwrap_or_default()
}

/// Finds what changed between two states. A view that stands in the same segment and row did not.
fn compare(old: Option<&Knowledge>, new: &Knowledge, report: &mut SyncReport) {
    let Some(old) = old else {
        report.new = new.len() as u64;
        return;
    };
    let text = |k: &Knowledge, cve| {
        let named = k.views(cve).zip(k.raw_views(cve)).map(|((kind, mut view), (segment, _))| {
            let name = |local: u32| k.segments.get(segment).map_or("", |(_, s)| s.products().get(local as usize)).to_owned();
            let mut names: Vec<String> =
                view.configurations.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.products).map(|p| name(p.product)).collect();
            names.extend(view.affected.iter().map(|a| name(a.product)));
            for product in view.configurations.iter_mut().flat_map(|c| &mut c.nodes).flat_map(|n| &mut n.products) {
                product.product = 0;
            }
            view.affected.iter_mut().for_each(|a| a.product = 0);
            (kind, names, postcard::to_stdvec(&view).unwrap_or_default())
        });
        (named.collect::<Vec<_>>(), k.exploited(cve))
    };
    let same_place = |a: crate::Cve, b: crate::Cve| {
        let place = |k: &Knowledge, c| {
            k.raw_views(c).map(|(s, row)| (k.segments.get(s).map(|(_, s)| s.blob(row).to_vec()), row)).collect::<Vec<_>>()
        };
        old.exploited(a) == new.exploited(b) && old.state(a) == new.state(b) && place(old, a) == place(new, b)
    };
    for cve in new.cves() {
        let id = new.id(cve);
        let kind = match old.find(id) {
            None => ChangeKind::New,
            Some(before) if same_place(before, cve) || text(old, before) == text(new, cve) => continue,
            Some(before) if new.state(cve) != old.state(before) && new.state(cve) == crate::records::RecordState::Rejected => {
                ChangeKind::Rejected
            }
            Some(_) => ChangeKind::Changed,
        };
        match kind {
            ChangeKind::New => report.new += 1,
            ChangeKind::Changed => report.changed += 1,
            ChangeKind::Rejected => report.rejected += 1,
        }
        report.changes.push(Change { cve: id, kind });
    }
}
