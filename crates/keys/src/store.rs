//! The store of keys: a folder.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use seaworthy_host::Program;
use seaworthy_host::files::{self, Readers};
use seaworthy_model::format::{Format, Remedy, Stamp, Version};
use serde::{Deserialize, Serialize};

use crate::certificate::{Certificate, PublicKeys};
use crate::error::KeyError;
use crate::packets::MAX_BYTES;
use crate::secret::{self, Entropy, Passphrase, Unlocked, seconds};
use crate::signers::{Method, Signer, Signers};

/// The format of the list of keys, `keys.json`.
pub(crate) static KEYS: Format =
    Format { name: "list of keys", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::Backup };
/// The greatest size of a file of a key, in bytes with armor.
const MAX_KEY: u64 = 2 * MAX_BYTES as u64;
/// The greatest size of `keys.json`, in bytes.
const MAX_INDEX: u64 = 1 << 20;

/// A folder of keys: the list `keys.json`, the public part of each key as `FINGERPRINT.pub.asc`, and the secret part of those that sign
/// from a file as `FINGERPRINT.sec.asc`. Only its owner may enter it.
#[derive(Debug)]
pub struct KeyStore {
    dir: PathBuf,
    keys: Vec<Key>,
    passphrase: Option<Passphrase>,
}

/// A key in the list of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The fingerprint: 40 upper-case hexadecimal digits.
    pub fingerprint: String,
    /// The user id, such as `Example Linux updates <security@example.org>`.
    pub user_id: String,
    /// The time from which the key is valid.
    pub created: Timestamp,
    /// The time until which the key is valid; `None` for no end.
    pub expires: Option<Timestamp>,
    /// The way in which the key signs.
    pub source: Source,
    /// The state, which decides whether the key signs.
    pub state: KeyState,
}

/// The way in which a key signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A secret key file in the store.
    File,
    /// The program `gpg`, whose agent holds the secret key.
    GpgAgent {
        /// The home directory of GnuPG; `None` for its default or that in GNUPGHOME.
        homedir: Option<PathBuf>,
    },
    /// A command, such as one that asks a hardware module. It gets the bytes to sign on standard input, the fingerprint as its last
    /// argument and the time of the signature as SEAWORTHY_SIGN_TIME (seconds since 1970), and must write one armored detached signature
    /// with that time to standard output within 60 seconds. Of the environment it gets PATH, HOME and TMPDIR.
    Command {
        /// The program and its first arguments.
        argv: Vec<String>,
    },
}

/// The state of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum KeyState {
    /// The key signs documents, and packages where it is the newest active key.
    Active,
    /// The key signs documents beside its successor until a time, so that clients have time to learn the new key.
    Retiring {
        /// The end of that time.
        until: Timestamp,
    },
    /// The key signs no more, and clients need not know it.
    Retired,
    /// The secret is or may be known to others: the key never signs again, and clients are not given it to trust.
    Compromised,
}

impl KeyState {
    fn signs(&self, at: Timestamp) -> bool {
        match self {
            Self::Active => true,
            Self::Retiring { until } => at < *until,
            Self::Retired | Self::Compromised => false,
        }
    }
}

/// The properties of a key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The user id, such as `Example Linux updates <security@example.org>`: 1 to 256 bytes, no control characters.
    pub user_id: String,
    /// The time from which the key is valid.
    pub created: Timestamp,
    /// The time until which the key is valid; `None` for no end.
    pub expires: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    version: u32,
    keys: Vec<Key>,
}

impl KeyStore {
    /// Opens the folder, and makes it where it is missing. Where it can be neither made nor written, as in a copy of a home that is only
    /// read, there is no key.
    ///
    /// # Errors
    /// When others than its owner may enter the folder, or its list cannot be read or has a version that is not read.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, KeyError> {
        let dir = dir.into();
        match DirBuilder::new().recursive(true).mode(0o700).create(&dir) {
            Ok(()) => {}
            Err(e) if matches!(e.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) && !dir.exists() => {
                return Ok(Self { dir, keys: Vec::new(), passphrase: None });
            }
            Err(e) => return Err(KeyError::io("making the key store", &dir, e)),
        }
        private(&dir)?;
        let keys = read_index(&dir)?;
        Ok(Self { dir, keys, passphrase: None })
    }

    /// The store with the passphrase of its secret key files: new ones are locked with it, and locked ones are opened with it.
    #[must_use]
    pub fn with_passphrase(mut self, passphrase: Option<Passphrase>) -> Self {
        self.passphrase = passphrase;
        self
    }

    /// The keys, in the order in which they were added.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The folder of the store.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes an Ed25519 key in a file, locked where the store has a passphrase. It is active at once.
    ///
    /// # Errors
    /// When the user id or the times are not accepted, the key is in the store already, or it cannot be written.
    pub fn create(&mut self, new: &NewKey, entropy: &Entropy) -> Result<Key, KeyError> {
        let created = seconds(new.created)?;
        let expires = new.expires.map(seconds).transpose()?;
        let refuse = |why: String| KeyError::BadKey { what: format!("the new key `{}`", new.user_id), why };
        if expires.is_some_and(|e| e <= created) {
            return Err(refuse("it would expire before it is valid".to_owned()));
        }
        let key = secret::create(&new.user_id, created, expires, entropy, self.passphrase.as_ref());
        let key = key.map_err(KeyError::openpgp("making a key"))?;
        let certificate = Certificate::new(key.to_public_key()).map_err(refuse)?;
        self.add_file(&key, certificate, created)
    }

    /// Adds a secret key, armored or binary, as `gpg --export-secret-keys` writes it. It is active at once; its file stays locked if it is.
    ///
    /// # Errors
    /// When the key is not accepted (see [`PublicKeys::parse`]), is in the store already, or cannot sign at `at`.
    pub fn import_secret(&mut self, what: &str, bytes: &[u8], at: Timestamp) -> Result<Key, KeyError> {
        let key = secret::parse(what, bytes)?;
        let certificate = Certificate::new(key.to_public_key()).map_err(|why| KeyError::BadKey { what: what.to_owned(), why })?;
        self.add_file(&key, certificate, seconds(at)?)
    }

    /// Adds a key whose secret part is elsewhere, by its public part and the way in which it signs. It is active at once.
    ///
    /// # Errors
    /// As for [`KeyStore::import_secret`], when `source` is a file, and when the bytes hold several keys.
    pub fn import_public(&mut self, what: &str, bytes: &[u8], source: Source, at: Timestamp) -> Result<Key, KeyError> {
        let refuse = |why: &str| KeyError::BadKey { what: what.to_owned(), why: why.to_owned() };
        let keys = PublicKeys::parse(what, bytes)?;
        let [certificate] = keys.certificates() else { return Err(refuse("it holds several keys; import one at a time")) };
        let method = match &source {
            Source::File => return Err(refuse("it is a public key; import the secret key, or say which program signs with it")),
            Source::GpgAgent { homedir } => Method::Gpg(homedir.clone()),
            Source::Command { argv } => Method::Command(argv.clone()),
        };
        Signer { certificate: certificate.clone(), method }.prove(seconds(at)?)?;
        self.add(certificate, source, None)
    }

    /// Adds a key of `gpg`, which is asked for the public part.
    ///
    /// # Errors
    /// As for [`KeyStore::import_public`], and when `gpg` fails or has no key or several keys of this name.
    pub fn import_gpg(&mut self, fingerprint: &str, homedir: Option<PathBuf>, at: Timestamp) -> Result<Key, KeyError> {
        let mut gpg = Program::new("gpg").args(["--batch", "--no-tty", "--no-options", "--quiet"]);
        gpg = match &homedir {
            Some(home) => gpg.args([std::ffi::OsString::from("--homedir"), home.into()]),
            None => gpg.inherit("GNUPGHOME"),
        };
        let gpg = gpg.args(["--armor", "--export-options", "export-minimal", "--export", "--", fingerprint]);
        let what = format!("`{}`", gpg.command_line());
        let public = gpg.run(b"").map_err(|e| KeyError::BadKey { what: what.clone(), why: e.failure.to_string() })?;
        if public.is_empty() {
            return Err(KeyError::BadKey { what, why: "gpg has no such key; `gpg -K` lists those that it has".to_owned() });
        }
        self.import_public(&what, &public, Source::GpgAgent { homedir }, at)
    }

    /// Makes `fingerprint` the only active key: all other active keys become retiring, and sign beside it until `until`.
    ///
    /// # Errors
    /// When the store has no such key, or the key is retired or compromised.
    pub fn rotate(&mut self, fingerprint: &str, until: Timestamp) -> Result<(), KeyError> {
        self.change(|dir, keys| {
            let key = find(keys, fingerprint)?;
            if matches!(key.state, KeyState::Retired | KeyState::Compromised) {
                return Err(KeyError::Store {
                    path: dir.to_owned(),
                    why: format!("key {fingerprint} is retired or compromised; rotate to a new one"),
                });
            }
            key.state = KeyState::Active;
            for other in keys.iter_mut().filter(|k| k.fingerprint != fingerprint && k.state == KeyState::Active) {
                other.state = KeyState::Retiring { until };
            }
            Ok(())
        })
    }

    /// Retires a key: it signs no more. Its files stay.
    ///
    /// # Errors
    /// When the store has no such key, or the key is compromised or the only active one.
    pub fn retire(&mut self, fingerprint: &str) -> Result<(), KeyError> {
        self.change(|dir, keys| {
            let others = keys.iter().any(|k| k.fingerprint != fingerprint && k.state == KeyState::Active);
            let key = find(keys, fingerprint)?;
            let refuse = |why: &str| Err(KeyError::Store { path: dir.to_owned(), why: format!("key {fingerprint} {why}") });
            match key.state {
                KeyState::Compromised => return refuse("is compromised, which is more than retired"),
                KeyState::Active if !others => return refuse("is the only active key; create or import another one and rotate to it"),
                _ => key.state = KeyState::Retired,
            }
            Ok(())
        })
    }

    /// Marks a key as compromised. It never signs again, even if no other key is active.
    ///
    /// # Errors
    /// When the store has no such key.
    pub fn compromised(&mut self, fingerprint: &str) -> Result<(), KeyError> {
        self.change(|_, keys| {
            find(keys, fingerprint)?.state = KeyState::Compromised;
            Ok(())
        })
    }

    /// The public keys of all keys that may sign at a time, the oldest first: those that clients are given to trust.
    ///
    /// # Errors
    /// When there is no such key, or the public part of one is missing or was altered.
    pub fn public_keys(&self, at: Timestamp) -> Result<PublicKeys, KeyError> {
        let mut found = Vec::new();
        for key in self.signing(at) {
            found.push(self.certificate(key)?);
        }
        found.retain(|c| seconds(at).is_ok_and(|at| c.signer(at).is_ok()));
        if found.is_empty() { Err(KeyError::NoActiveKey(self.dir.clone())) } else { Ok(PublicKeys::of(found)) }
    }

    /// The public keys of all keys in any state, with which past signatures are checked. Empty for an empty store.
    ///
    /// # Errors
    /// When the public part of a key is missing or was altered.
    pub fn every_public_key(&self) -> Result<PublicKeys, KeyError> {
        Ok(PublicKeys::of(self.keys.iter().map(|key| self.certificate(key)).collect::<Result<_, _>>()?))
    }

    /// The public part of one key, in any state.
    ///
    /// # Errors
    /// When the store has no such key, or its public part is missing or was altered.
    pub fn public_key(&self, fingerprint: &str) -> Result<PublicKeys, KeyError> {
        let key = self.keys.iter().find(|k| k.fingerprint == fingerprint).ok_or_else(|| KeyError::NoSuchKey(fingerprint.to_owned()))?;
        Ok(PublicKeys::of(vec![self.certificate(key)?]))
    }

    /// The signers of a publication of this time: all keys that are active or retiring then. Each makes a signature that is checked, so
    /// that a key that cannot sign is an error here and not in the middle of the publication.
    ///
    /// # Errors
    /// When there is no active key, or one that should sign cannot: it is lost, locked, expired or not valid yet, or its program fails. The
    /// message names the key, the reason and the remedy.
    pub fn signers(&self, at: Timestamp) -> Result<Signers, KeyError> {
        let seconds = seconds(at)?;
        let mut found = Vec::new();
        for key in self.signing(at) {
            let signer = self.signer(key, seconds)?;
            signer.prove(seconds)?;
            found.push((signer, key.state == KeyState::Active));
        }
        Signers::new(found).ok_or_else(|| KeyError::NoActiveKey(self.dir.clone()))
    }

    /// The keys that sign at a time, the oldest first.
    fn signing(&self, at: Timestamp) -> Vec<&Key> {
        // A key that has a successor ends quietly when it expires, and stays silent before it is valid, as where a wrong clock made it; one
        // that has none is missed.
        let over = |k: &Key| matches!(k.state, KeyState::Retiring { .. }) && (k.created > at || k.expires.is_some_and(|end| end <= at));
        let mut keys: Vec<&Key> = self.keys.iter().filter(|k| k.state.signs(at) && !over(k)).collect();
        keys.sort_by(|a, b| (a.created, &a.fingerprint).cmp(&(b.created, &b.fingerprint)));
        keys
    }

    fn signer(&self, key: &Key, at: u32) -> Result<Signer, KeyError> {
        let unusable = |why: String, remedy: &str| KeyError::Unusable {
            fingerprint: key.fingerprint.clone(),
            user_id: key.user_id.clone(),
            why,
            remedy: remedy.to_owned(),
        };
        let certificate = self.certificate(key)?;
        let method = match &key.source {
            Source::GpgAgent { homedir } => Method::Gpg(homedir.clone()),
            Source::Command { argv } => Method::Command(argv.clone()),
            Source::File => {
                let path = self.path(&key.fingerprint, "sec");
                let lost = "bring its file back from a backup, or `seaworthy keys rotate` to another key and retire this one";
                let bytes = private(&path).and_then(|()| read(&path, MAX_KEY)).map_err(|e| unusable(e.to_string(), lost))?;
                let secret = secret::parse(&path.display().to_string(), &bytes).map_err(|e| unusable(e.to_string(), lost))?;
                let opened = Unlocked::new(&secret, &certificate, self.passphrase.as_ref(), at);
                Method::Here(Box::new(
                    opened.map_err(|why| unusable(why, "`seaworthy keys rotate` makes another one; retire this one then if it is lost"))?,
                ))
            }
        };
        Ok(Signer { certificate, method })
    }

    fn certificate(&self, key: &Key) -> Result<Certificate, KeyError> {
        let path = self.path(&key.fingerprint, "pub");
        let keys = PublicKeys::parse(&path.display().to_string(), &read(&path, MAX_KEY)?)?;
        match keys.certificates() {
            [one] if one.fingerprint == key.fingerprint => Ok(one.clone()),
            _ => Err(KeyError::Store { path, why: "holds another key than its name says; bring it back from a backup".to_owned() }),
        }
    }

    fn path(&self, fingerprint: &str, part: &str) -> PathBuf {
        self.dir.join(format!("{fingerprint}.{part}.asc"))
    }

    fn add_file(&mut self, key: &pgp::composed::SignedSecretKey, certificate: Certificate, at: u32) -> Result<Key, KeyError> {
        let unlocked = Unlocked::new(key, &certificate, self.passphrase.as_ref(), at).map_err(|why| KeyError::Unusable {
            fingerprint: certificate.fingerprint.clone(),
            user_id: certificate.user_id.clone(),
            why,
            remedy: "nothing was taken into the key store".to_owned(),
        })?;
        let signer = Signer { certificate, method: Method::Here(Box::new(unlocked)) };
        signer.prove(at)?;
        let armored = secret::armored(key).map_err(KeyError::openpgp("writing a secret key"))?;
        self.add(&signer.certificate, Source::File, Some(&armored))
    }

    fn add(&mut self, certificate: &Certificate, source: Source, secret: Option<&[u8]>) -> Result<Key, KeyError> {
        let time = |seconds: u32| Timestamp::new(i64::from(seconds), 0).unwrap_or_default();
        let key = Key {
            fingerprint: certificate.fingerprint.clone(),
            user_id: certificate.user_id.clone(),
            created: time(certificate.created),
            expires: certificate.expires.map(time),
            source,
            state: KeyState::Active,
        };
        let public = PublicKeys::of(vec![certificate.clone()]).armored()?;
        let paths = (self.path(&key.fingerprint, "sec"), self.path(&key.fingerprint, "pub"));
        let added = key.clone();
        self.change(move |dir, keys| {
            if keys.iter().any(|k| k.fingerprint == added.fingerprint) {
                return Err(KeyError::Store { path: dir.to_owned(), why: format!("key {} is there already", added.fingerprint) });
            }
            // The files first: a list must not name what is not there.
            if let Some(secret) = secret {
                replace(&paths.0, secret, Readers::Owner)?;
            }
            replace(&paths.1, &public, Readers::Everyone)?;
            keys.push(added);
            Ok(())
        })?;
        Ok(key)
    }

    /// Changes the list as it is on disk, under a lock, and replaces its file.
    fn change(&mut self, change: impl FnOnce(&Path, &mut Vec<Key>) -> Result<(), KeyError>) -> Result<(), KeyError> {
        let path = self.dir.join("keys.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.map_err(|e| KeyError::io("opening the lock", &path, e))?;
        lock.lock().map_err(|e| KeyError::io("taking the lock", &path, e))?;
        let mut keys = read_index(&self.dir)?;
        change(&self.dir, &mut keys)?;
        let path = self.dir.join("keys.json");
        let mut json = serde_json::to_vec_pretty(&Index { version: KEYS.version.major, keys: keys.clone() })
            .map_err(|e| KeyError::Store { path: path.clone(), why: e.to_string() })?;
        json.push(b'\n');
        replace(&path, &json, Readers::Owner)?;
        self.keys = keys;
        Ok(())
    }
}

fn find<'a>(keys: &'a mut [Key], fingerprint: &str) -> Result<&'a mut Key, KeyError> {
    keys.iter_mut().find(|k| k.fingerprint == fingerprint).ok_or_else(|| KeyError::NoSuchKey(fingerprint.to_owned()))
}

fn read_index(dir: &Path) -> Result<Vec<Key>, KeyError> {
    let path = dir.join("keys.json");
    match std::fs::metadata(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(KeyError::io("reading", &path, e)),
        Ok(_) => {}
    }
    let refuse = |why: String| KeyError::Store { path: path.clone(), why };
    let bytes = read(&path, MAX_INDEX)?;
    let unreadable = |e: serde_json::Error| refuse(format!("does not read: {e}; bring it back from a backup"));
    let stamp: Stamp = serde_json::from_slice(&bytes).map_err(unreadable)?;
    KEYS.check(stamp.version()).map_err(|source| KeyError::Version { path: path.clone(), source })?;
    let index: Index = serde_json::from_slice(&bytes).map_err(unreadable)?;
    for (i, key) in index.keys.iter().enumerate() {
        // The fingerprint becomes part of a path.
        if key.fingerprint.len() != 40 || !key.fingerprint.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)) {
            return Err(refuse(format!("names a key `{}`, which is no fingerprint", key.fingerprint)));
        }
        if index.keys[..i].iter().any(|k| k.fingerprint == key.fingerprint) {
            return Err(refuse(format!("names key {} twice", key.fingerprint)));
        }
    }
    Ok(index.keys)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, KeyError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(|e| KeyError::io("reading", path, e))?;
    if bytes.len() as u64 > limit {
        return Err(KeyError::Store { path: path.to_owned(), why: format!("is larger than the {limit} bytes that are allowed") });
    }
    Ok(bytes)
}

/// Refuses a file or folder that others than its owner may read or enter.
fn private(path: &Path) -> Result<(), KeyError> {
    let mode = std::fs::metadata(path).map_err(|e| KeyError::io("looking at", path, e))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let why = format!("is open to others (mode {:o}); take their rights away with `chmod go= {}`", mode & 0o7777, path.display());
    Err(KeyError::Store { path: path.to_owned(), why })
}

/// Replaces a file as a whole and durably.
fn replace(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), KeyError> {
    files::replace(path, readers, bytes).map_err(|e| KeyError::io("writing", path, e.source))
}
