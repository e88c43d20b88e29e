//! The files of a git revision, read with the `git` program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;

use seaworthy_host::{Failure, Program, ProgramError};

use crate::InventoryError;

/// The time limit of one call of `git`.
const TIME: Duration = Duration::from_secs(120);
/// The greatest output of `git` in bytes: the contents of a whole spec tree come in one answer.
const OUTPUT: u64 = 4 << 30;

/// Runs git on a repository.
fn git(at: &Path, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, ProgramError> {
    // A partial clone must not go to the network for a file that it lacks.
    let git = Program::new("git").env("GIT_NO_LAZY_FETCH", "1").time(TIME).output(OUTPUT);
    git.args([git_dir(at)]).args(arguments.iter().copied()).run(input)
}

/// A file of a revision, with the id of its content.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) path: String,
    object: String,
}

/// The git directory of a repository: the path itself when bare, else its `.git`.
fn git_dir(at: &Path) -> String {
    let inner = at.join(".git");
    format!("--git-dir={}", if inner.exists() { inner } else { at.to_owned() }.display())
}

/// Whether a folder is a git repository, bare or with a work tree.
pub(crate) fn is_repository(at: &Path) -> bool {
    at.join(".git").exists() || (at.join("HEAD").is_file() && at.join("objects").is_dir())
}

/// The git repository that a folder is in: itself, or the nearest folder above it.
pub(crate) fn repository_of(folder: &Path) -> Option<PathBuf> {
    let whole = folder.canonicalize().ok()?;
    whole.ancestors().find(|at| is_repository(at)).map(Path::to_owned)
}

/// The id of a revision's commit and its date (`YYYY-MM-DD`).
pub(crate) fn resolve(at: &Path, revision: &str) -> Result<(String, String), InventoryError> {
    let asked = format!("{revision}^{{commit}}");
    // After --end-of-options a revision cannot be taken for an option.
    let id = git(at, &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked], b"").map_err(|e| match e.failure {
        // With --quiet git says nothing where there is no such revision, and tells everything else.
        Failure::Status { ref message, .. } if message.is_empty() => {
            InventoryError::Revision { revision: revision.to_owned(), repository: at.to_owned() }
        }
        _ => e.into(),
    })?;
    let id = String::from_utf8_lossy(&id).trim().to_owned();
    let date = git(at, &["show", "-s", "--format=%cs", &id], b"")?;
    Ok((id, String::from_utf8_lossy(&date).trim().to_owned()))
}

/// The newest tag at a commit or before it; `None` where there is none. Its commit may be the commit itself.
pub(crate) fn newest_tag(at: &Path, commit: &str) -> Result<Option<String>, InventoryError> {
    match git(at, &["describe", "--tags", "--abbrev=0", commit], b"") {
        Ok(tag) => Ok(Some(String::from_utf8_lossy(&tag).trim().to_owned()).filter(|tag| !tag.is_empty())),
        // Git says so as an error.
        Err(ProgramError { failure: Failure::Status { .. }, .. }) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// All files of a commit, without submodules.
pub(crate) fn list(at: &Path, commit: &str) -> Result<Vec<Entry>, InventoryError> {
    let out = git(at, &["ls-tree", "-r", "-z", "--full-tree", commit], b"")?;
    let mut entries = Vec::new();
    for record in out.split(|b| *b == 0) {
        // `MODE blob OBJECT\tPATH`; a submodule is a commit and has no text.
        let record = String::from_utf8_lossy(record);
        if let Some((head, path)) = record.split_once('\t')
            && let [mode, "blob", object] = head.split(' ').collect::<Vec<_>>()[..]
            && mode != "120000"
        {
            entries.push(Entry { path: path.to_owned(), object: object.to_owned() });
        }
    }
    Ok(entries)
}

/// The contents of files, in their order; `None` for one that the repository lacks (a partial clone).
pub(crate) fn read(at: &Path, entries: &[&Entry]) -> Result<Vec<Option<Vec<u8>>>, InventoryError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let share = entries.len().div_ceil(rayon::current_num_threads().clamp(1, 8));
    let parts: Result<Vec<_>, InventoryError> = entries.par_chunks(share).map(|chunk| batch(at, chunk)).collect();
    Ok(parts?.into_iter().flatten().collect())
}

fn batch(at: &Path, entries: &[&Entry]) -> Result<Vec<Option<Vec<u8>>>, InventoryError> {
    let input: String = entries.iter().flat_map(|e| [e.object.as_str(), "\n"]).collect();
    let out = git(at, &["cat-file", "--batch"], input.as_bytes())?;
    let mut rest = out.as_slice();
    let mut contents = Vec::with_capacity(entries.len());
    for _ in entries {
        let Some(end) = memchr::memchr(b'\n', rest) else { break };
        let header = String::from_utf8_lossy(&rest[..end]);
        // `OBJECT blob SIZE`, or `OBJECT missing`.
        let size = header.rsplit_once(' ').and_then(|(_, s)| s.parse::<usize>().ok());
        rest = &rest[end + 1..];
        match size.and_then(|s| rest.get(..s).map(|content| (content, s))) {
            Some((content, size)) => {
                contents.push(Some(content.to_vec()));
                rest = rest.get(size + 1..).unwrap_or_default();
            }
            None => contents.push(None),
        }
    }
    contents.resize(entries.len(), None);
    Ok(contents)
}
