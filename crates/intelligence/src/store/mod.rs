//! The state on disk, and the one operation that changes it.
//!
//! ```text
//! knowledge/raw/DIGEST.EXT         raw artefacts as published
//! knowledge/segments/DIGEST.seg    one per raw artefact and version of the state
//! knowledge/texts/DIGEST.txt       the texts of each segment, which no verdict depends on
//! knowledge/catalogues/DIGEST.cat  the linked index
//! knowledge/changes/DIGEST.json    the changes of the sync that led to that catalogue
//! knowledge/state.json             the state: the files in force; replaced by one rename
//! ```

mod changes;
mod files;
mod folder;
mod state;
mod sync;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};

use rayon::prelude::*;
use seaworthy_model::format::{FormatError, Stamp, Version};
use seaworthy_model::{CveId, Digest};

pub use changes::{Change, ChangeKind, SyncReport};
pub(crate) use folder::STATE;
pub use folder::Store;
pub use state::{ArtefactState, Delivery, Input, InputBody, IntelligenceError, SourceState, Status};
pub use sync::{Sources, Steps, SyncStep, Synced};

use crate::catalogue::{Catalogue, link};
use crate::ingest;
use crate::knowledge::{Cve, Knowledge};
use crate::records::{RecordText, Refused, SourceKind, kev_due};
use crate::segment::{Segment, SegmentBuilder};
use changes::compare;
use folder::{Part, digest_of, segment_identity};
use state::{damaged, failed, write_new};

impl Store {
    /// The state in force; an empty one where nothing was synced yet.
    ///
    /// # Errors
    /// When the state cannot be read or has a newer version.
    pub fn status(&self) -> Result<Status, IntelligenceError> {
        let path = self.root.join("state.json");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Status { layout: STATE.version.major, ..Status::default() }),
            Err(e) => return Err(failed("read", &path)(e)),
        };
        let unreadable = |e: serde_json::Error| IntelligenceError::State {
            path: path.clone(),
            message: format!("not a state of seaworthy ({e}): move it away and sync again"),
        };
        let stamp: Stamp = serde_json::from_slice(&bytes).map_err(unreadable)?;
        match STATE.check(stamp.version()) {
            Err(source @ FormatError::TooNew { .. }) => Err(IntelligenceError::Version { path, source }),
            // What an older one names is all that is needed to build it anew.
            Ok(()) | Err(FormatError::TooOld { .. }) => serde_json::from_slice(&bytes).map_err(unreadable),
        }
    }

    /// The knowledge in force, after a check of all bytes of the index but the texts, which are checked when they are asked for.
    ///
    /// # Errors
    /// When nothing was synced yet, or files are missing, damaged or of another version.
    pub fn open(&self) -> Result<Knowledge, IntelligenceError> {
        let status = self.status()?;
        let digest = status.knowledge.ok_or_else(|| IntelligenceError::Empty(self.root.clone()))?;
        let version = STATE.check(Version::of(status.layout));
        version.map_err(|source| IntelligenceError::Version { path: self.root.join("state.json"), source })?;
        self.knowledge(digest, &self.parts_of(&status))
    }

    fn knowledge(&self, digest: Digest, parts: &[Part]) -> Result<Knowledge, IntelligenceError> {
        // The catalogue names segments by their place in the order of the state.
        if digest_of(parts) != digest {
            let message =
                "damaged: the knowledge that it names is not made from the artefacts that it names: run `seaworthy sync --rebuild`";
            return Err(IntelligenceError::State { path: self.root.join("state.json"), message: message.into() });
        }
        let path = self.catalogue_path(digest);
        // First, so that a sync which ends meanwhile takes none away.
        let texts = parts.iter().map(Part::texts).collect::<Result<Vec<_>, IntelligenceError>>()?;
        let segments = || parts.par_iter().map(|part| Ok((part.kind, part.open()?))).collect::<Result<Vec<_>, IntelligenceError>>();
        let (segments, catalogue) = rayon::join(segments, || Catalogue::open(&path, digest).map_err(damaged(&path)));
        Ok(Knowledge { digest, segments: segments?, texts, catalogue: catalogue? })
    }

    /// The bytes of a raw artefact, after a check of their digest.
    fn raw_bytes(&self, artefact: &ArtefactState) -> Result<Vec<u8>, IntelligenceError> {
        let path = self.raw_path(artefact);
        let bytes = fs::read(&path).map_err(failed("read", &path))?;
        if Digest::of(&bytes) != artefact.raw {
            let message = "was changed after it was fetched: delete it and sync again".into();
            return Err(IntelligenceError::State { path, message });
        }
        Ok(bytes)
    }

    /// Takes the deliveries of the sources, links them with the artefacts in force, and puts the result in force in one step.
    ///
    /// `progress` gets the name of each artefact that is done. A source whose delivery is an error keeps its last good records. `now` is in
    /// seconds since 1970-01-01. Where nothing was known and nothing but errors arrived, nothing is put in force: [`SyncReport::to`] is
    /// `None`.
    ///
    /// # Errors
    /// When the state cannot be read or written, or another sync is running. The state in force is then unchanged.
    pub fn ingest(
        &self,
        deliveries: BTreeMap<SourceKind, Delivery>,
        now: i64,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<SyncReport, IntelligenceError> {
        let _lock = self.lock()?;
        let before = self.status()?;
        let mut after = Status { layout: STATE.version.major, knowledge: None, cves: 0, sources: before.sources.clone() };
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
                    source.artefacts.retain(|other, _| !ingest::replaces(&name, other));
                    source.artefacts.insert(name, taken.state);
                }
            }
            report.refused.extend(taken.refused);
        }
        if before.knowledge.is_none() && !report.errors.is_empty() && after.sources.values().all(|s| s.artefacts.is_empty()) {
            // Nothing arrived. An empty catalogue would say that nothing is vulnerable.
            return Ok(report);
        }
        let missing = self.parts_of(&after).into_par_iter().filter(|part| !part.is_whole()).collect();
        self.build(missing, progress)?;
        self.put_in_force(&before, after, report, false)
    }

    /// Builds every segment and the catalogue again from the raw files, even where they are there and readable, and puts them in force in
    /// one step. `progress` gets the name of each artefact that is done.
    ///
    /// # Errors
    /// When nothing was synced yet, a raw file is missing or was changed, a file cannot be written, or a sync is running.
    pub fn rebuild(&self, progress: &(dyn Fn(&str) + Sync)) -> Result<SyncReport, IntelligenceError> {
        let _lock = self.lock()?;
        let before = self.status()?;
        let mut after = Status { layout: STATE.version.major, knowledge: None, cves: 0, sources: before.sources.clone() };
        let mut report = SyncReport { from: before.knowledge, ..SyncReport::default() };
        before.knowledge.ok_or_else(|| IntelligenceError::Empty(self.root.clone()))?;
        for (part, counts, refused) in self.build(self.parts_of(&before), progress)? {
            if let Some(state) = after.sources.get_mut(&part.kind).and_then(|s| s.artefacts.get_mut(&part.name)) {
                (state.records, state.refused) = counts;
            }
            report.parsed.push(part.name);
            report.refused.extend(refused);
        }
        self.put_in_force(&before, after, report, true)
    }

    /// Links the segments of a state, unless the catalogue is there and is not to be made `anew`, and puts it in force.
    fn put_in_force(
        &self,
        before: &Status,
        mut after: Status,
        mut report: SyncReport,
        anew: bool,
    ) -> Result<SyncReport, IntelligenceError> {
        report.parsed.sort();
        report.refused.sort_by(|a, b| (&a.file, a.offset, &a.message).cmp(&(&b.file, b.offset, &b.message)));
        let (digest, used) = self.link_parts(&after, anew)?;
        let digest = if self.drop_superseded(&mut after, &used) { self.link_parts(&after, anew)?.0 } else { digest };
        after.knowledge = Some(digest);
        let knowledge = self.knowledge(digest, &self.parts_of(&after))?;
        after.cves = knowledge.len() as u64;
        report.to = Some(digest);
        if before.knowledge != Some(digest) {
            let old = if before.layout == STATE.version.major { self.open().ok() } else { None };
            if old.is_none() {
                // What cannot be compared with is no step that `changes_since` may walk over.
                report.from = None;
            }
            compare(old.as_ref(), &knowledge, &mut report);
            self.keep_changes(digest, &report)?;
        }
        drop(knowledge);
        let state = self.root.join("state.json");
        write_new(&state, |out| serde_json::to_writer_pretty(&mut *out, &after).map_err(io::Error::other))?;
        self.sweep(&after);
        Ok(report)
    }

    /// Keeps the raw bytes of an artefact, and builds its segment where it is missing.
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
        let identity = segment_identity(input.kind, &input.name, raw);
        let path = self.segment_path(identity);
        let raw_path = self.raw_path(&state);
        if let (true, Ok(segment)) = (raw_path.exists(), Segment::open(&path, identity)) {
            // Texts that are not whole are made anew with all that is missing.
            (state.records, state.refused) = counts(&segment);
            return Ok(Taken { state, refused: Vec::new(), refused_whole: None, parsed: false });
        }
        let built = ingest::segment_of(input.kind, &input.name, &bytes);
        match built {
            Ok(builder) => {
                write_new(&raw_path, |out| out.write_all(&bytes))?;
                drop(bytes);
                let refused = builder.refused.clone();
                (state.records, state.refused) = self.write_segment(identity, builder)?;
                Ok(Taken { state, refused, refused_whole: None, parsed: true })
            }
            Err(message) => Ok(Taken { state, refused: Vec::new(), refused_whole: Some(message), parsed: false }),
        }
    }

    /// Writes a segment and its texts.
    fn write_segment(&self, identity: Digest, mut builder: SegmentBuilder) -> Result<(u64, u64), IntelligenceError> {
        let counts = (builder.len().max(builder.facts.len()) as u64, builder.refused.len() as u64);
        let texts = std::mem::take(&mut builder.texts);
        write_new(&self.texts_path(identity), |out| texts.write(out, identity).map(drop))?;
        write_new(&self.segment_path(identity), |out| builder.write(out, identity, &serde_json::to_vec(&counts)?).map(drop))?;
        Ok(counts)
    }

    /// Builds segments from the raw files; `progress` gets the name of each that is done.
    fn build(&self, parts: Vec<Part>, progress: &(dyn Fn(&str) + Sync)) -> Result<Vec<Built>, IntelligenceError> {
        let build = |part: Part| {
            let raw = self.raw_path(&part.state);
            let bytes = self.raw_bytes(&part.state)?;
            let builder =
                ingest::segment_of(part.kind, &part.name, &bytes).map_err(|message| IntelligenceError::State { path: raw, message })?;
            let refused = builder.refused.clone();
            let counts = self.write_segment(part.identity, builder)?;
            progress(&part.name);
            Ok((part, counts, refused))
        };
        parts.into_par_iter().map(build).collect()
    }

    /// Links the segments of a state into a catalogue, unless it is there and is not to be made `anew`. Gives its digest, and the number of
    /// rows of each segment in it; no numbers where nothing was linked.
    fn link_parts(&self, status: &Status, anew: bool) -> Result<(Digest, Vec<usize>), IntelligenceError> {
        let parts = self.parts_of(status);
        let digest = digest_of(&parts);
        let path = self.catalogue_path(digest);
        if !anew && Catalogue::open(&path, digest).is_ok() {
            return Ok((digest, Vec::new()));
        }
        let segments = parts.par_iter().map(|part| Ok((part.kind, part.open()?))).collect::<Result<Vec<_>, IntelligenceError>>()?;
        let mut used = Vec::new();
        write_new(&path, |out| {
            used = link(&segments, digest, out)?.1;
            Ok(())
        })?;
        Ok((digest, used))
    }

    /// Drops deltas without a record in the catalogue from a state; gives whether there were any.
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

    /// The day by which CISA asks to have an exploited CVE dealt with, in days since 1970-01-01; `None` where it has none. It is read from
    /// the raw catalogue, since no verdict depends on it.
    ///
    /// # Errors
    /// When a raw file cannot be read or was changed.
    pub fn due(&self, id: CveId) -> Result<Option<i32>, IntelligenceError> {
        let status = self.status()?;
        for artefact in status.sources.get(&SourceKind::Kev).into_iter().flat_map(|s| s.artefacts.values()) {
            let bytes = self.raw_bytes(artefact)?;
            if let Some(day) = ingest::unpacked(&bytes).ok().and_then(|json| kev_due(&json, id)) {
                return Ok(Some(day));
            }
        }
        Ok(None)
    }

    /// The raw text of a CVE's record in each source that has one: the source, the origin of the artefact, and the text.
    ///
    /// # Errors
    /// When a raw file cannot be read or was changed.
    pub fn raw_records(&self, knowledge: &Knowledge, id: CveId) -> Result<Vec<(SourceKind, String, String)>, IntelligenceError> {
        let Some(cve) = knowledge.find(id) else { return Ok(Vec::new()) };
        let parts = self.parts_of(&self.status()?);
        let mut out = Vec::new();
        for (segment, row) in knowledge.raw_views(cve) {
            let (Some(part), Some((kind, found))) = (parts.get(segment), knowledge.segments.get(segment)) else { continue };
            let bytes = self.raw_bytes(&part.state)?;
            if let Some(text) = ingest::text_at(&part.name, &bytes, found.place(row)) {
                out.push((*kind, part.state.origin.clone(), text));
            }
        }
        Ok(out)
    }
}

impl Knowledge {
    /// The texts of the records of a CVE for people, each with its source, in the order of [`Knowledge::views`]. They are read from disk.
    ///
    /// # Errors
    /// When a file of texts cannot be read, or is not as it was written.
    pub fn texts(&self, cve: Cve) -> Result<Vec<(SourceKind, RecordText)>, IntelligenceError> {
        let mut out = Vec::new();
        for (segment, row) in self.raw_views(cve) {
            let (Some((kind, _)), Some(texts)) = (self.segments.get(segment), self.texts.get(segment)) else { continue };
            out.push((*kind, texts.get(row).map_err(damaged(texts.path()))?));
        }
        Ok(out)
    }
}

/// A segment that was built, the numbers of its records and of those that were refused, and the refusals.
type Built = (Part, (u64, u64), Vec<Refused>);

struct Taken {
    state: ArtefactState,
    refused: Vec<Refused>,
    refused_whole: Option<String>,
    parsed: bool,
}

fn counts(segment: &Segment) -> (u64, u64) {
    serde_json::from_slice(segment.meta()).unwrap_or_default()
}
