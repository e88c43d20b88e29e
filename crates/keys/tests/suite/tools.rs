//! Helpers that the tests share.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use jiff::Timestamp;
use seaworthy_keys::{Entropy, Key, KeyStore, NewKey};
use tempfile::TempDir;

/// The first second of a day, counted from 1 January 2026.
pub(crate) fn day(day: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + day * 86_400).unwrap()
}

/// A store in a new folder, whose path is short enough for the sockets of gpg.
pub(crate) fn store() -> (TempDir, KeyStore) {
    let dir = tempfile::Builder::new().prefix("sw").tempdir_in("/tmp").unwrap();
    let store = KeyStore::open(dir.path().join("keys")).unwrap();
    (dir, store)
}

/// A new key that is valid from day `number` to day 730; `number` makes it differ from others.
pub(crate) fn create(store: &mut KeyStore, number: u8) -> Key {
    let new =
        NewKey { user_id: format!("Key {number} <key{number}@example.org>"), created: day(i64::from(number)), expires: Some(day(730)) };
    store.create(&new, &Entropy::new([number; 56])).unwrap()
}

/// Runs a program that a test needs; the message for a missing one names its Debian package.
pub(crate) fn run(command: &mut Command, package: &str) -> Output {
    match command.env("LC_ALL", "C").output() {
        Ok(output) => output,
        Err(e) => panic!("{command:?}: {e}; this test needs the Debian package {package}; `./check` names what to install"),
    }
}

/// The whole output of a program: standard output, then standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A GnuPG home directory of its own, whose agent ends with it.
pub(crate) struct Gnupg {
    pub(crate) home: PathBuf,
    _dir: TempDir,
}

impl Gnupg {
    pub(crate) fn new() -> Self {
        let mode = std::fs::Permissions::from_mode(0o700);
        let dir = tempfile::Builder::new().prefix("swg").permissions(mode).tempdir_in("/tmp").unwrap();
        Self { home: dir.path().to_owned(), _dir: dir }
    }

    pub(crate) fn gpg(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("gpg");
        run(command.arg("--homedir").arg(&self.home).args(["--batch", "--quiet", "--no-tty"]).args(arguments), "gnupg")
    }

    /// A home with these public keys in its keyring.
    pub(crate) fn knowing(keys: &[u8]) -> Self {
        let gnupg = Self::new();
        let file = gnupg.home.join("known.asc");
        std::fs::write(&file, keys).unwrap();
        let output = gnupg.gpg(&["--import", file.to_str().unwrap()]);
        assert!(output.status.success(), "{}", said(&output));
        gnupg
    }

    /// A new signing key, made on the first day; gives its fingerprint.
    pub(crate) fn generate(&self, user: &str, kind: &str) -> String {
        let clock = format!("{}!", day(1).as_second());
        let options = ["--faked-system-time", &clock, "--pinentry-mode", "loopback", "--passphrase", ""];
        let output = self.gpg(&[&options[..], &["--quick-gen-key", user, kind, "sign", "0"]].concat());
        assert!(output.status.success(), "{}", said(&output));
        let listed = said(&self.gpg(&["--with-colons", "--list-keys", user]));
        listed.lines().find_map(|l| l.strip_prefix("fpr:::::::::")).unwrap().trim_end_matches(':').to_owned()
    }

    /// The status lines of gpg for a detached signature as of a day, such as GOODSIG.
    pub(crate) fn verify(&self, data: &[u8], signature: &[u8], at: Timestamp) -> String {
        let (file, asc) = (self.home.join("data"), self.home.join("data.asc"));
        std::fs::write(&file, data).unwrap();
        std::fs::write(&asc, signature).unwrap();
        let clock = format!("{}!", at.as_second());
        said(&self.gpg(&["--faked-system-time", &clock, "--status-fd", "1", "--verify", asc.to_str().unwrap(), file.to_str().unwrap()]))
    }
}

impl Drop for Gnupg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(&self.home).args(["--kill", "all"]).output();
    }
}
