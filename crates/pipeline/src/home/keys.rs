//! Use cases: the keys that sign publications.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use seaworthy_keys::{Entropy, Key, KeyState, KeyStore, NewKey, Passphrase, PublicKeys, Source};
use seaworthy_ledger::Ledger;
use seaworthy_model::subject::{KeyChange, KeyStep};
use seaworthy_triage::Span;
use serde::Serialize;

use super::{Home, HomeError, KeysError};

/// The request of a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    /// The user id of the key, such as `Harbor Linux <security@example.org>`.
    pub user_id: String,
    /// The time for which it is valid.
    pub valid: Span,
}

/// A key that is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForeignKey {
    /// The key of which gpg has the secret part.
    Gpg {
        /// Its fingerprint.
        fingerprint: String,
        /// GnuPG's home directory.
        home: Option<PathBuf>,
    },
    /// A file with the secret part.
    File(PathBuf),
    /// A file with the public part, and the command that signs.
    Command {
        /// The file.
        file: PathBuf,
        /// The program and its arguments.
        argv: Vec<String>,
    },
}

/// The keys of a home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyList {
    /// The keys, in the order in which they were added.
    pub keys: Vec<Key>,
}

/// A key that replaces the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotated {
    /// The new key.
    pub key: Key,
    /// The time until which the others sign documents beside it.
    pub until: Timestamp,
}

/// A key that was made or imported, as a document for programs.
#[derive(Clone, Debug, Serialize)]
pub struct KeyDocument<'a> {
    key: &'a Key,
    others_until: Option<Timestamp>,
}

impl<'a> KeyDocument<'a> {
    /// The document of a key that was made or imported.
    #[must_use]
    pub fn of(key: &'a Key) -> Self {
        Self { key, others_until: None }
    }
}

impl Rotated {
    /// The new key as a document for programs.
    #[must_use]
    pub fn document(&self) -> KeyDocument<'_> {
        KeyDocument { key: &self.key, others_until: Some(self.until) }
    }
}

impl Home {
    pub(super) fn key_store(&self) -> Result<KeyStore, HomeError> {
        let store = KeyStore::open(self.keys_path())?;
        Ok(store.with_passphrase(Passphrase::from_environment()?))
    }

    /// The folder of the keys.
    #[must_use]
    pub fn keys_path(&self) -> PathBuf {
        self.path.join(&self.settings.publish().keys)
    }

    /// The keys, in the order in which they were added.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn keys(&self) -> Result<KeyList, HomeError> {
        Ok(KeyList { keys: self.key_store()?.keys().to_vec() })
    }

    /// Makes a key.
    ///
    /// # Errors
    /// When nobody is named who makes it, or it cannot be written.
    pub fn create_key(&self, request: &KeyRequest, why: Option<&str>) -> Result<Key, HomeError> {
        let new = self.new_key(request)?;
        let ledger = self.ledger_of_keys()?;
        let key = self.key_store()?.create(&new, &Entropy::from_system()?)?;
        self.record_keys(&ledger, [(&key.fingerprint, created(&key))], why)?;
        Ok(key)
    }

    /// Imports a key.
    ///
    /// # Errors
    /// When nobody is named who takes it over, it cannot be read, or it makes no signature.
    pub fn import_key(&self, key: &ForeignKey, why: Option<&str>) -> Result<Key, HomeError> {
        let ledger = self.ledger_of_keys()?;
        let mut store = self.key_store()?;
        let read = |file: &Path| std::fs::read(file).map_err(HomeError::io("read", file));
        let key = match key {
            ForeignKey::Gpg { fingerprint, home } => store.import_gpg(fingerprint, home.clone(), self.now())?,
            ForeignKey::File(file) => store.import_secret(&file.display().to_string(), &read(file)?, self.now())?,
            ForeignKey::Command { file, argv } => {
                let bytes = read(file)?;
                let source = Source::Command { argv: from_anywhere(argv)? };
                store.import_public(&file.display().to_string(), &bytes, source, self.now())?
            }
        };
        let by = match &key.source {
            Source::File => "file",
            Source::GpgAgent { .. } => "gpg",
            Source::Command { .. } => "command",
        };
        let imported = KeyChange::Imported { user_id: key.user_id.clone(), expires: key.expires, by: by.into() };
        self.record_keys(&ledger, [(&key.fingerprint, imported)], why)?;
        Ok(key)
    }

    /// Makes a key, and lets the active ones sign beside it for a time, in which clients can get the new one.
    ///
    /// # Errors
    /// When nobody is named who does it, no key is active, or the new one cannot be written.
    pub fn rotate_key(&self, request: &KeyRequest, overlap: Span, why: Option<&str>) -> Result<Rotated, HomeError> {
        let ledger = self.ledger_of_keys()?;
        let mut store = self.key_store()?;
        if !store.keys().iter().any(|k| k.state == KeyState::Active) {
            return Err(KeysError::NoActiveKey.into());
        }
        let until = after(self.now(), overlap)?;
        let key = store.create(&self.new_key(request)?, &Entropy::from_system()?)?;
        let active: Vec<String> = store.keys().iter().filter(|k| k.state == KeyState::Active).map(|k| k.fingerprint.clone()).collect();
        store.rotate(&key.fingerprint, until)?;
        let replaced = || KeyChange::Rotated { successor: key.fingerprint.clone(), until };
        let others = active.iter().filter(|f| **f != key.fingerprint).map(|f| (f, replaced()));
        let changes: Vec<_> = std::iter::once((&key.fingerprint, created(&key))).chain(others).collect();
        self.record_keys(&ledger, changes, why)?;
        Ok(Rotated { key, until })
    }

    /// Retires a key, or marks it as compromised: it signs no more, and is no more among the keys that clients get.
    ///
    /// # Errors
    /// When nobody is named who does it, there is no such key, or a key to be retired is compromised or the only active one.
    pub fn retire_key(&self, fingerprint: &str, compromised: bool, why: Option<&str>) -> Result<(), HomeError> {
        let ledger = self.ledger_of_keys()?;
        let mut store = self.key_store()?;
        if compromised {
            store.compromised(fingerprint)?
        } else {
            store.retire(fingerprint)?
        }
        let change = if compromised { KeyChange::Compromised } else { KeyChange::Retired };
        self.record_keys(&ledger, [(&fingerprint.to_uppercase(), change)], why)
    }

    /// The public keys that clients trust, or one of them.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn public_keys(&self, fingerprint: Option<&str>) -> Result<PublicKeys, HomeError> {
        let store = self.key_store()?;
        Ok(match fingerprint {
            Some(fingerprint) => store.public_key(fingerprint)?,
            None => store.public_keys(self.now())?,
        })
    }

    /// The ledger for the events of keys. A ledger that cannot be written, or that nobody is named for, is found before there is a key that
    /// it does not know.
    fn ledger_of_keys(&self) -> Result<Arc<Ledger>, HomeError> {
        self.person()?;
        self.ledger()
    }

    /// Writes the events of keys into the log.
    fn record_keys<'k>(
        &self,
        ledger: &Ledger,
        changes: impl IntoIterator<Item = (&'k String, KeyChange)>,
        why: Option<&str>,
    ) -> Result<(), HomeError> {
        let draft = |(fingerprint, change): (&String, KeyChange)| {
            let step = KeyStep { fingerprint: fingerprint.clone(), change };
            self.decided(step, why)
        };
        ledger.append(changes.into_iter().map(draft).collect::<Result<_, _>>()?)?;
        Ok(())
    }

    fn new_key(&self, request: &KeyRequest) -> Result<NewKey, HomeError> {
        let now = self.now();
        Ok(NewKey { user_id: request.user_id.clone(), created: now, expires: Some(after(now, request.valid)?) })
    }
}

fn created(key: &Key) -> KeyChange {
    KeyChange::Created { user_id: key.user_id.clone(), expires: key.expires }
}

/// The command with an absolute path of its program, so that it is found from any folder.
fn from_anywhere(argv: &[String]) -> Result<Vec<String>, HomeError> {
    let mut argv = argv.to_vec();
    if let Some(program) = argv.first_mut().filter(|program| program.contains('/')) {
        let path = std::path::absolute(&*program).map_err(HomeError::io("find", Path::new(&*program)))?;
        *program = path.to_str().ok_or_else(|| KeysError::Path { path: path.clone() })?.to_owned();
    }
    Ok(argv)
}

fn after(now: Timestamp, span: Span) -> Result<Timestamp, KeysError> {
    Timestamp::from_second(now.as_second().saturating_add(span.seconds())).map_err(|_| KeysError::TooLong)
}
