//! The published site in an S3-style store, for sites that are too large for one machine.
//!
//! A store has no links and changes one object at a time. So packages are there once, below `pool`; an object arrives before those that
//! name it; and the lists of mirrors, each a single object, arrive last. A client that follows such a list reads one snapshot as a whole,
//! the old or the new one. The store has a listing of its own objects, `seaworthy.listing.zst`: the next push, from any machine, completes
//! one that died, and a push sends only what differs.
//!
//! ```text
//! pool/..                        packages, named by their content
//! snapshots/ID/ARCH/repodata/..  as on disk; ID/ARCH/pool/.. has to be answered with pool/.. by the server before the store
//! channels/NAME/ARCH/repodata/.. the metadata of the snapshot that the channel points to
//! everything else                as on disk
//! ```

mod client;
mod error;
mod listing;
mod plan;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

pub use client::Access;
use client::Client;
pub use error::BucketError;
pub(crate) use listing::NOTE;
use listing::{LISTING, Listing, ObjectState};
use plan::{Object, STEPS, Step};

use seaworthy_host::http::Content;

use crate::site::Site;

/// The number of requests at a time, since most of their time is that of the network.
const AT_ONCE: usize = 16;
/// The wait after the first try of a failed request.
const WAIT: Duration = Duration::from_millis(300);

/// A folder of a bucket.
pub struct Bucket {
    client: Client,
}

/// The outcome of a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// The number of objects that were sent.
    pub sent: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// The number of objects that were removed.
    pub removed: usize,
    /// The number of objects in the store afterwards.
    pub objects: usize,
}

impl Bucket {
    /// The folder of a bucket at an address `s3://BUCKET` or `s3://BUCKET/FOLDER`. No request is sent yet.
    ///
    /// # Errors
    /// When the address has another form, or the endpoint is no address.
    pub fn new(address: &str, access: &Access) -> Result<Self, BucketError> {
        Ok(Self { client: Client::new(address, access, WAIT)? })
    }

    /// Brings the store to a publication: all of its objects and no others of a site. `told` gets the number of objects sent so far and in
    /// all.
    ///
    /// # Errors
    /// When the site cannot be read, or the store refuses or does not answer. Clients of the store then see the publication before, some of
    /// whose documents may be new; the next push completes it.
    pub fn push(&self, site: &Site, id: &str, told: &(dyn Fn(usize, usize) + Sync)) -> Result<Pushed, BucketError> {
        let objects = plan::objects(site, id)?;
        let mut listing = self.listing()?;
        let differs = |(key, object): &(&String, &Object)| listing.0.get(*key) != Some(&object.held);
        let mut to_send: Vec<(&String, &Object)> = objects.iter().filter(differs).collect();
        let mut to_remove: Vec<String> = Vec::new();
        let mut to_fade: Vec<String> = Vec::new();
        let mut is_new = !to_send.is_empty();
        for (key, held) in listing.0.iter().filter(|(key, _)| !objects.contains_key(*key)) {
            is_new |= *held != ObjectState::Fading;
            // A client may have read the index of a channel before it changed, and ask for the data now.
            let fades = key.starts_with("channels/") && *held == ObjectState::Fixed;
            if fades { to_fade.push(key.clone()) } else { to_remove.push(key.clone()) }
        }
        if !is_new {
            return Ok(Pushed { objects: listing.0.len(), ..Pushed::default() });
        }
        // Whatever happens from here on, what is being changed is known to be in doubt.
        for key in to_send.iter().map(|(key, _)| *key).chain(&to_remove) {
            listing.0.insert(key.clone(), ObjectState::Unsure);
        }
        self.note(&listing)?;
        let all = to_send.len();
        let (done, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
        to_send.sort_by_key(|(_, object)| object.step);
        for step in STEPS {
            let of_step: Vec<_> = to_send.iter().filter(|(_, object)| object.step == step).collect();
            at_once(&of_step, |(key, object)| {
                let sent = self.client.put(key, Content::File(&object.file), &kind(key), keep(object))?;
                bytes.fetch_add(sent, Ordering::Relaxed);
                told(done.fetch_add(1, Ordering::Relaxed) + 1, all);
                Ok(())
            })?;
        }
        at_once(&to_remove, |key| self.client.delete(key))?;
        let mut now = Listing(objects.iter().map(|(key, object)| (key.clone(), object.held.clone())).collect());
        now.0.extend(to_fade.into_iter().map(|key| (key, ObjectState::Fading)));
        self.note(&now)?;
        Ok(Pushed { sent: all, bytes: bytes.into_inner(), removed: to_remove.len(), objects: now.0.len() })
    }

    /// Compares the store with a publication on disk: its listing, and with `deep` the bytes of every object. Gives the number of objects
    /// of the publication, and the differences in words.
    ///
    /// # Errors
    /// When the site cannot be read, or the store refuses or does not answer.
    pub fn check(&self, site: &Site, id: &str, deep: bool) -> Result<(usize, Vec<String>), BucketError> {
        let objects = plan::objects(site, id)?;
        let listing = self.listing()?;
        let wrong = Mutex::new(Vec::new());
        let tell = |what: String| wrong.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(what);
        let mut present = BTreeMap::new();
        for (key, object) in &objects {
            match listing.0.get(key) {
                Some(held) if *held == object.held => drop(present.insert(key, object)),
                Some(ObjectState::Unsure) => tell(format!("{key}: a push of it was cut short")),
                Some(_) => tell(format!("{key}: the store holds an older one")),
                None => tell(format!("{key}: the store does not hold it")),
            }
        }
        for (key, _) in listing.0.iter().filter(|(key, held)| !objects.contains_key(*key) && **held != ObjectState::Fading) {
            tell(format!("{key}: the store holds it, and it is not published any more"));
        }
        if deep {
            let present: Vec<(&String, &Object)> = present.into_iter().collect();
            at_once(&present, |(key, object)| {
                match self.client.equals(key, &object.file)? {
                    Some(true) => {}
                    Some(false) => tell(format!("{key}: it is not what was published")),
                    None => tell(format!("{key}: it is gone")),
                }
                Ok(())
            })?;
        }
        let mut wrong = wrong.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        wrong.sort();
        Ok((objects.len(), wrong))
    }

    /// The listing in the store; empty where it has none.
    fn listing(&self) -> Result<Listing, BucketError> {
        let Some(bytes) = self.client.get(LISTING)? else { return Ok(Listing::default()) };
        Ok(Listing::parse(&bytes)?)
    }

    fn note(&self, listing: &Listing) -> Result<(), BucketError> {
        let bytes = listing.to_bytes().map_err(|e| BucketError::Listing(e.to_string()))?;
        self.client.put(LISTING, Content::Bytes(&bytes), "application/zstd", "no-cache").map(|_| ())
    }
}

/// The media type of an object.
fn kind(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    match name {
        _ if key.starts_with("keys/") || name == "repomd.xml.key" => "application/pgp-keys".into(),
        name if name.ends_with(".asc") => "application/pgp-signature".into(),
        name if !name.contains('.') || [".repo", ".sha256", ".sha512"].iter().any(|end| name.ends_with(end)) => "text/plain".into(),
        name => mime_guess::from_path(name).first_or_octet_stream().to_string(),
    }
}

/// The `Cache-Control` of an object: a year for data that never changes, or else a question each time.
fn keep(object: &Object) -> &'static str {
    if object.held == ObjectState::Fixed && object.step == Step::Data { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Runs `work` for each of many items, [`AT_ONCE`] at a time. The first error ends it.
fn at_once<T: Sync>(all: &[T], work: impl Fn(&T) -> Result<(), BucketError> + Sync) -> Result<(), BucketError> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<BucketError>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(all.len()) {
            scope.spawn(|| {
                while let Some(item) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = work(item) {
                        // The others stop at their next one.
                        next.store(all.len(), Ordering::Relaxed);
                        failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).map_or(Ok(()), Err)
}
