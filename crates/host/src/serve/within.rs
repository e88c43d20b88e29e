//! Files inside a folder, even where links change while they are opened.

use std::fs::{File, Metadata};
use std::future::{Future, Ready, ready};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use tower_http::services::fs::{Backend, TokioBackend, TokioFile};

/// A folder through which no file outside of it is read.
#[derive(Clone, Debug)]
pub(super) struct Within(Arc<Path>);

impl Within {
    /// The folder, with the links in its own path resolved.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self(folder.canonicalize()?.into()))
    }

    /// The metadata of a file or folder inside.
    pub(super) fn look(&self, path: &Path) -> io::Result<Metadata> {
        self.hold(path).map(|(_, metadata)| metadata)
    }

    /// A file or folder that is found and held without being opened, since opening a pipe would wait for a writer. Its place is checked on
    /// the held file, since a link may change between the check and the opening of a path.
    fn hold(&self, path: &Path) -> io::Result<(File, Metadata)> {
        let held = File::from(rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
        let metadata = held.metadata()?;
        let inside = own_path(&held).read_link()?.starts_with(&self.0);
        if inside && (metadata.is_file() || metadata.is_dir()) { Ok((held, metadata)) } else { Err(ErrorKind::NotFound.into()) }
    }
}

/// The path of a held file, through the process's own list of open files.
fn own_path(held: &File) -> PathBuf {
    format!("/proc/self/fd/{}", held.as_raw_fd()).into()
}

impl Backend for Within {
    type File = TokioFile;
    type Metadata = Metadata;
    type OpenFuture = Pin<Box<dyn Future<Output = io::Result<TokioFile>> + Send>>;
    type MetadataFuture = Ready<io::Result<Metadata>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let held = self.hold(&path);
        Box::pin(async move {
            let (held, _) = held?;
            TokioBackend.open(own_path(&held)).await
        })
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(self.look(&path))
    }
}
