//! A real S3 server on a folder, on loopback: it checks every signature, and lets everyone read.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::path::S3Path;
use s3s::service::S3ServiceBuilder;
use s3s::{S3Result, s3_error};
use s3s_fs::FileSystem;
use seaworthy_publish::bucket::Access;

pub(crate) const KEY: &str = "AKIDHARBOR";
pub(crate) const SECRET: &str = "a secret for tests";

/// The server; it ends with the process.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    root: tempfile::TempDir,
    watch: Arc<Watch>,
}

/// The limits of the server, and the requests that it got.
pub(crate) struct Watch {
    /// The number of objects that may still be written or removed.
    pub(crate) writes: AtomicI64,
    /// The number of requests that are still answered with "slow down".
    pub(crate) busy: AtomicI64,
    /// The keys that were written, in order.
    pub(crate) written: Mutex<Vec<String>>,
}

struct Guard(Arc<Watch>);

#[async_trait::async_trait]
impl S3Access for Guard {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Guard(watch) = self;
        if watch.busy.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Err(s3_error!(SlowDown));
        }
        match context.s3_op().name() {
            "GetObject" | "HeadObject" => Ok(()),
            _ if context.credentials().is_none() => Err(s3_error!(AccessDenied)),
            "PutObject" | "DeleteObject" if watch.writes.fetch_sub(1, Ordering::SeqCst) <= 0 => Err(s3_error!(AccessDenied, "no more")),
            "PutObject" => {
                if let S3Path::Object { key, .. } = context.s3_path() {
                    watch.written.lock().unwrap().push(key.to_string());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Server {
    /// A server with one bucket, `harbor`.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("harbor")).unwrap();
        let watch = Arc::new(Watch { writes: AtomicI64::new(i64::MAX), busy: AtomicI64::new(0), written: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        builder.set_access(Guard(Arc::clone(&watch)));
        let service = builder.build();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let tasks = tokio::task::LocalSet::new();
            tasks.block_on(&runtime, async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    let (socket, _) = listener.accept().await.unwrap();
                    let service = service.clone();
                    tokio::task::spawn_local(async move {
                        let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                    });
                }
            });
        });
        Self { endpoint, root, watch }
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(crate) fn access(&self) -> Access {
        Access { endpoint: Some(self.endpoint.clone()), region: None, key: KEY.into(), secret: SECRET.into(), token: None }
    }

    /// The file of an object in the bucket.
    pub(crate) fn file(&self, key: &str) -> PathBuf {
        self.root.path().join("harbor").join(key)
    }

    /// The keys below a folder of the bucket.
    pub(crate) fn keys(&self, folder: &str) -> Vec<String> {
        fn walk(root: &Path, dir: &Path, out: &mut Vec<String>) {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                // The server's own notes on objects.
                if path.file_name().unwrap().to_str().unwrap().starts_with(".bucket-") {
                    continue;
                }
                if path.is_dir() { walk(root, &path, out) } else { out.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()) }
            }
        }
        let root = self.file(folder);
        let mut out = Vec::new();
        if root.is_dir() {
            walk(&root, &root, &mut out);
        }
        out.sort();
        out
    }
}
