//! Files that are there whole or not at all, locks, and reading with a limit.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::machine;

/// The prefix of unfinished files. One that stays behind is of a run that died, and may be removed.
pub const UNFINISHED: &str = ".new-";

/// A file or folder that could not be read, written or locked.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {source}", path.display())]
pub struct FileError {
    /// The attempt, as a verb: `read`, `write`, `lock`.
    pub doing: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The cause.
    pub source: io::Error,
}

impl FileError {
    /// A function that adds the attempt and the path to a cause, for `map_err`.
    pub fn of(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { doing, path: path.clone(), source }
    }
}

/// The readers of a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone (mode 0600): keys, the knowledge of a home.
    Owner,
    /// Everyone (mode 0644): what a web server serves, reports.
    Everyone,
}

impl Readers {
    fn permissions(self) -> Permissions {
        Permissions::from_mode(match self {
            Self::Owner => 0o600,
            Self::Everyone => 0o644,
        })
    }
}

/// The time at which a replaced file is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// On return: the content and the name survive a power cut.
    Durable,
    /// When the caller flushes the whole file system ([`flush`]). A crash of the program never leaves a torn file; a power cut
    /// before the flush may.
    Deferred,
}

/// Replaces a file by the output of `fill`: it is written beside its place and then renamed, so that a reader sees the old content or the
/// new one as a whole.
///
/// # Errors
/// When the file cannot be written, or `fill` fails; the old content stays then.
pub fn replace_with<T>(
    path: &Path,
    readers: Readers,
    promise: Promise,
    fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<T>,
) -> Result<T, FileError> {
    let folder = folder_of(path);
    let failed = FileError::of("write", path);
    let new = NewFile::create(folder, readers).map_err(|e| failed(e.source))?;
    let mut out = BufWriter::with_capacity(128 << 10, new.temporary.as_file());
    let result = fill(&mut out).and_then(|result| out.flush().map(|()| result)).map_err(&failed)?;
    drop(out);
    new.put(path, promise)?;
    if promise == Promise::Durable {
        sync_folder(folder)?;
    }
    Ok(result)
}

/// A file that is written before its name is known, such as one that is named by its content. It is beside its place, and removed unless it
/// is put there.
#[derive(Debug)]
pub struct NewFile {
    temporary: tempfile::NamedTempFile,
}

impl NewFile {
    /// Creates an unfinished file in the folder that it will be in.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(folder: &Path, readers: Readers) -> Result<Self, FileError> {
        let failed = FileError::of("write into", folder);
        let builder = tempfile::Builder::new().prefix(UNFINISHED).permissions(readers.permissions()).tempfile_in(folder);
        let temporary = builder.map_err(&failed)?;
        // The process's mask applies to a new file, not to a mode that is set.
        temporary.as_file().set_permissions(readers.permissions()).map_err(&failed)?;
        Ok(Self { temporary })
    }

    /// Puts the file in its place by one rename. Its content is then as durable as promised; its name is durable once the folder is synced
    /// ([`sync_folder`]), which many files share.
    ///
    /// # Errors
    /// When the file cannot be synced or renamed; the old file in that place stays then.
    pub fn put(self, path: &Path, promise: Promise) -> Result<(), FileError> {
        let failed = FileError::of("write", path);
        if promise == Promise::Durable {
            self.temporary.as_file().sync_all().map_err(&failed)?;
        }
        self.temporary.persist(path).map(drop).map_err(|e| failed(e.error))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Writes a file in a folder that nobody reads yet: one that is put in place as a whole later ([`put_in_place`]), or that is for a program
/// of ours. A crash may leave it torn, in a folder that is then removed; it reaches the disk with [`flush`].
///
/// # Errors
/// When it cannot be written.
pub fn write_unread(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    fs::write(path, bytes).map_err(FileError::of("write", path))
}

/// Puts a finished file, folder or link in the place of another by one rename, so that a reader sees the old one or the new one. It reaches
/// the disk with [`flush`] or [`sync_folder`].
///
/// # Errors
/// When it cannot be renamed: the two are on different file systems, or a folder that is not empty is in the place.
pub fn put_in_place(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(FileError::of("put in place", to))
}

/// Replaces a file by some bytes, durably. As [`replace_with`].
///
/// ```
/// use seaworthy_host::files::{Readers, replace};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("state.json");
/// replace(&path, Readers::Owner, b"{}")?;
/// assert_eq!(std::fs::read(&path)?, b"{}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`replace_with`].
pub fn replace(path: &Path, readers: Readers, bytes: &[u8]) -> Result<(), FileError> {
    replace_with(path, readers, Promise::Durable, |out| out.write_all(bytes))
}

/// Waits until the names in a folder are on the disk.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(FileError::of("sync the folder", folder))
}

/// Waits until all writes to the file system of a folder are on its disk, which costs less than a sync of each of many files.
///
/// # Errors
/// When the folder cannot be opened, or the file system reports that something could not be written.
pub fn flush(folder: &Path) -> Result<(), FileError> {
    let failed = FileError::of("flush the file system of", folder);
    let open = File::open(folder).map_err(&failed)?;
    rustix::fs::syncfs(&open).map_err(|e| failed(e.into()))
}

/// A lock on a file, held until it is dropped. The system releases it when the program dies.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// A name that no other lock has at this time, on any machine. Where two locks have had the same name, the first was released before
    /// the second was taken. `None` where the system cannot tell.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let file = self.0.metadata().ok()?;
        Some(format!("{} {:x} {:x}", machine::boot()?, file.dev(), file.ino()))
    }
}

/// The error of taking a lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{} is locked by another process", .0.display())]
    Held(PathBuf),
    /// The file cannot be opened or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Takes the lock of a file, which is created where it is missing, without waiting.
///
/// # Errors
/// [`LockError::Held`] when another process holds the lock, and [`LockError::File`] when the file cannot be opened or locked.
pub fn lock(path: &Path) -> Result<Lock, LockError> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(FileError::of("open", path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(LockError::Held(path.to_owned())),
        Err(TryLockError::Error(e)) => Err(FileError::of("lock", path)(e).into()),
    }
}

/// The content of a file of at most `limit` bytes. A special file is refused, since it may never end.
///
/// # Errors
/// When the file is missing, is larger ([`io::ErrorKind::FileTooLarge`]) or is no regular file.
pub fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let failed = FileError::of("read", path);
    let file = File::open(path).map_err(&failed)?;
    let found = file.metadata().map_err(&failed)?;
    if !found.is_file() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")));
    }
    read_open(file, found.len(), limit).map_err(&failed)
}

/// As [`read_limited`], and of a pipe as well, for a path on the command line.
///
/// # Errors
/// When the file is missing or larger ([`io::ErrorKind::FileTooLarge`]).
pub fn read_named(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let failed = FileError::of("read", path);
    let file = File::open(path).map_err(&failed)?;
    let size = file.metadata().map_err(&failed)?.len();
    read_open(file, size, limit).map_err(&failed)
}

fn read_open(file: File, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or_default().saturating_add(1));
    // The size may change after it was looked up, so what is read counts. One byte of room more finds the end without growing.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than the {limit} bytes that are read")));
    }
    Ok(bytes)
}

/// The text of a file of at most `limit` bytes; `None` where there is no such file.
///
/// # Errors
/// As [`read_limited`], and where it is no UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<Option<String>, FileError> {
    match read_limited(path, limit) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            FileError::of("read", path)(io::Error::new(io::ErrorKind::InvalidData, format!("byte {} is no UTF-8", at + 1)))
        }),
        Err(e) if e.source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Removes the unfinished files of dead runs in a folder. One that cannot be removed only takes space, and is tried again the next time.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_fails_half_way_keeps_its_old_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, Readers::Owner, b"old").unwrap();
        let error = replace_with(&path, Readers::Owner, Promise::Durable, |out| {
            out.write_all(b"new")?;
            Err::<(), _>(io::Error::other("no more"))
        });
        assert!(error.unwrap_err().to_string().contains("no more"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_has_the_mode_of_its_readers_whatever_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for (readers, mode) in [(Readers::Owner, 0o600), (Readers::Everyone, 0o644)] {
            replace(&path, readers, b"x").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn a_new_file_is_there_once_it_is_put() {
        let folder = tempfile::tempdir().unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().filter(|e| e.as_ref().is_ok_and(|e| e.file_name() == "a")).count();
        let mut new = NewFile::create(folder.path(), Readers::Everyone).unwrap();
        new.write_all(b"x").unwrap();
        assert_eq!(names(), 0);
        let path = folder.path().join("a");
        new.put(&path, Promise::Durable).unwrap();
        assert_eq!((names(), fs::read(&path).unwrap()), (1, b"x".to_vec()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        drop(NewFile::create(folder.path(), Readers::Owner).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "what is not put leaves nothing");
    }

    #[test]
    fn what_is_put_in_place_replaces_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        write_unread(&from, b"new").unwrap();
        write_unread(&to, b"old").unwrap();
        put_in_place(&from, &to).unwrap();
        assert_eq!((fs::read(&to).unwrap(), from.exists()), (b"new".to_vec(), false));
        assert!(put_in_place(&from, &to).unwrap_err().to_string().contains("put in place"));
    }

    #[test]
    fn a_lock_is_held_once_and_released_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = lock(&path).unwrap();
        assert!(matches!(lock(&path), Err(LockError::Held(_))));
        let other = lock(&folder.path().join("other")).unwrap();
        assert_ne!(held.name().unwrap(), other.name().unwrap());
        let name = held.name();
        drop(held);
        assert_eq!(lock(&path).unwrap().name(), name);
    }

    #[test]
    fn reading_ends_at_the_limit_and_at_special_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, [7; 10]).unwrap();
        assert_eq!(read_limited(&path, 10).unwrap(), [7; 10]);
        assert_eq!(read_limited(&path, 9).unwrap_err().source.kind(), io::ErrorKind::FileTooLarge);
        assert!(read_limited(Path::new("/dev/zero"), 9).is_err());
        assert_eq!(read_text(&folder.path().join("b"), 9).unwrap(), None);
        fs::write(&path, b"ab\xff").unwrap();
        assert!(read_text(&path, 9).unwrap_err().to_string().contains("byte 3"));
    }

    #[test]
    fn a_sweep_takes_unfinished_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".new-1", "kept", ".newer"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        sweep(folder.path());
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".newer", "kept"]);
    }
}
