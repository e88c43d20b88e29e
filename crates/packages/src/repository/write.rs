use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_host::files::{NewFile, Promise, Readers, sync_folder};
use seaworthy_model::hex;
use sha2::{Digest, Sha256};

use super::chunk::{ChunkStore, Part};
use super::manifest::Manifest;
use super::xml::{self, KINDS, escaped};
use super::{Compression, RepositoryError};

/// The number of chunks in memory at a time.
const BATCH: usize = 8;

/// The options of metadata.
#[derive(Clone, Debug)]
pub struct Options {
    /// The compression of the files.
    pub compression: Compression,
    /// The `<revision>` in `repomd.xml`: at most 64 visible ASCII characters; none where it is empty.
    pub revision: String,
    /// The time of the files in `repomd.xml`.
    pub timestamp: Timestamp,
    /// The `repodata` folder of an earlier snapshot, whose unchanged files are linked, so that they take no room; `None` for none.
    pub previous: Option<PathBuf>,
}

/// A further metadata file, such as the advisories.
#[derive(Clone, Debug)]
pub struct Extra {
    /// The type in `repomd.xml`, such as `updateinfo`: lower-case letters, digits and `_`. The file becomes `TYPE.xml`.
    pub kind: String,
    /// The text, not compressed.
    pub bytes: Vec<u8>,
}

/// A metadata file in `repomd.xml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFile {
    /// The type, such as `primary`.
    pub kind: String,
    /// The name in the `repodata` folder.
    pub name: String,
    /// The SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// The size of the file in bytes.
    pub size: u64,
    /// The SHA-256 of its text, 64 hexadecimal digits.
    pub open_sha256: String,
    /// The size of its text in bytes.
    pub open_size: u64,
}

/// The content of `repomd.xml`, which the caller signs and writes when all other files are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoMd {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// The files that it names, in its order.
    pub files: Vec<MetadataFile>,
}

/// Writes the metadata of a set into the `repodata` folder `out`, which is made where it is missing: all files but `repomd.xml`, which is
/// returned. Files are named by their content, written under another name, synced and renamed. The same arguments give the same bytes.
///
/// # Errors
/// When a chunk cannot be read or a file cannot be written, or when the revision or the type of an extra file is not allowed in
/// `repomd.xml`.
pub fn write_metadata(
    manifest: &Manifest,
    store: &ChunkStore,
    out: &Path,
    options: &Options,
    extra: &[Extra],
) -> Result<RepoMd, RepositoryError> {
    let fits = |text: &str, allowed: fn(char) -> bool| text.len() <= 64 && text.chars().all(allowed);
    if !fits(&options.revision, |c| c.is_ascii_graphic()) {
        let found = "a revision of more than 64 characters, or with others than visible ASCII".to_owned();
        return Err(RepositoryError::Unusable { path: PathBuf::from(&options.revision), found });
    }
    for (at, one) in extra.iter().enumerate() {
        let taken = KINDS.contains(&one.kind.as_str()) || extra.iter().take(at).any(|e| e.kind == one.kind);
        if taken || one.kind.is_empty() || !fits(&one.kind, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            let found = "a type of metadata that is taken or is not of lower-case letters, digits and _".to_owned();
            return Err(RepositoryError::Unusable { path: PathBuf::from(&one.kind), found });
        }
    }
    fs::create_dir_all(out).map_err(RepositoryError::io("making the folder", out))?;
    let compression = options.compression;
    let mut sinks = Vec::with_capacity(KINDS.len());
    for (at, kind) in KINDS.iter().enumerate() {
        let mut sink = Sink::new(out, kind)?;
        sink.text(compression, xml::head(at, manifest.packages()).as_bytes())?;
        sinks.push(sink);
    }
    let digests: Vec<&str> = manifest.chunks().collect();
    let load =
        |digests: &[&str]| -> Result<Vec<[Part; 3]>, RepositoryError> { digests.par_iter().map(|d| store.parts(d, compression)).collect() };
    // While one batch is hashed and written the next is read and unpacked.
    let mut batches = digests.chunks(BATCH);
    let mut now = load(batches.next().unwrap_or_default())?;
    while !now.is_empty() {
        let next = batches.next().unwrap_or_default();
        let push = || -> Result<(), RepositoryError> {
            sinks.par_iter_mut().enumerate().try_for_each(|(at, sink)| {
                now.iter().filter_map(|parts| parts.get(at)).try_for_each(|part| sink.push(&part.frame, &part.raw))
            })
        };
        let (pushed, loaded) = rayon::join(push, || load(next));
        pushed?;
        now = loaded?;
    }
    for (at, sink) in sinks.iter_mut().enumerate() {
        sink.text(compression, xml::foot(at).as_bytes())?;
    }
    for one in extra {
        let mut sink = Sink::new(out, &one.kind)?;
        sink.text(compression, &one.bytes)?;
        sinks.push(sink);
    }
    let finish = |sink: Sink| sink.finish(out, options);
    let files: Vec<MetadataFile> = sinks.into_par_iter().map(finish).collect::<Result<_, _>>()?;
    sync_folder(out)?;
    Ok(RepoMd { bytes: repomd(&files, options).into_bytes(), files })
}

/// A metadata file that is being written.
struct Sink {
    kind: String,
    folder: PathBuf,
    file: NewFile,
    hash: Sha256,
    size: u64,
    open_hash: Sha256,
    open_size: u64,
}

impl Sink {
    fn new(out: &Path, kind: &str) -> Result<Self, RepositoryError> {
        let file = NewFile::create(out, Readers::Everyone)?;
        Ok(Self {
            kind: kind.to_owned(),
            folder: out.to_owned(),
            file,
            hash: Sha256::new(),
            size: 0,
            open_hash: Sha256::new(),
            open_size: 0,
        })
    }

    fn text(&mut self, compression: Compression, text: &[u8]) -> Result<(), RepositoryError> {
        let frame = compression.frame(text).map_err(RepositoryError::io("compressing for", &self.folder))?;
        self.push(&frame, text)
    }

    fn push(&mut self, frame: &[u8], text: &[u8]) -> Result<(), RepositoryError> {
        self.hash.update(frame);
        self.size += frame.len() as u64;
        self.open_hash.update(text);
        self.open_size += text.len() as u64;
        self.file.write_all(frame).map_err(RepositoryError::io("writing into", &self.folder))
    }

    fn finish(self, out: &Path, options: &Options) -> Result<MetadataFile, RepositoryError> {
        let sha256 = hex(&self.hash.finalize());
        let name = format!("{sha256}-{}.xml.{}", self.kind, options.compression.suffix());
        let path = out.join(&name);
        let earlier = options.previous.as_ref().map(|p| p.join(&name)).filter(|p| *p != path && is_intact(p, &sha256));
        // Another file system, or one without links: then it is written.
        let there = is_intact(&path, &sha256) || earlier.is_some_and(|earlier| fs::hard_link(earlier, &path).is_ok());
        if !there {
            self.file.put(&path, Promise::Durable)?;
        }
        let (open_sha256, open_size) = (hex(&self.open_hash.finalize()), self.open_size);
        Ok(MetadataFile { kind: self.kind, name, sha256, size: self.size, open_sha256, open_size })
    }
}

fn is_intact(path: &Path, sha256: &str) -> bool {
    let digest = |mut file: File| -> std::io::Result<String> {
        let (mut hash, mut buffer) = (Sha256::new(), vec![0u8; 256 << 10]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hex(&hash.finalize())),
                n => hash.update(buffer.get(..n).unwrap_or_default()),
            }
        }
    };
    File::open(path).and_then(digest).is_ok_and(|found| found == sha256)
}

fn repomd(files: &[MetadataFile], options: &Options) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n");
    if !options.revision.is_empty() {
        let _ = writeln!(out, "<revision>{}</revision>", escaped(&options.revision));
    }
    for f in files {
        let _ = write!(
            out,
            "<data type=\"{}\">\n<checksum type=\"sha256\">{}</checksum>\n<open-checksum type=\"sha256\">{}</open-checksum>\n\
             <location href=\"repodata/{}\"/>\n<timestamp>{}</timestamp>\n<size>{}</size>\n<open-size>{}</open-size>\n</data>\n",
            f.kind,
            f.sha256,
            f.open_sha256,
            f.name,
            options.timestamp.as_second(),
            f.size,
            f.open_size
        );
    }
    out.push_str("</repomd>\n");
    out
}
