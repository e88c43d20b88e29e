//! The signers of a publication.

use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Timestamp;
use pgp::packet::Signature;
use seaworthy_host::Program;

use crate::certificate::{Certificate, PublicKeys, shown};
use crate::error::KeyError;
use crate::packets::{self, Packet};
use crate::secret::{Unlocked, seconds};

/// The bytes that every key signs as proof, before it signs anything else.
const PROOF: &[u8] = b"Seaworthy asks whether this key can sign.\n";
/// The greatest answer of a program that was asked for a signature, in bytes: a signature has less than 2 KiB.
const MAX_ANSWER: u64 = 64 << 10;

/// The keys that sign a publication, each of which has proved that it can sign. Several threads may use them at once.
#[derive(Debug)]
pub struct Signers {
    /// The signers, the oldest key first; never empty.
    keys: Vec<Signer>,
    public: PublicKeys,
    /// The index of the newest active key in `keys`.
    newest_active: usize,
}

/// A key and its way to sign.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) certificate: Certificate,
    pub(crate) method: Method,
}

/// The way in which a key signs.
#[derive(Debug)]
pub(crate) enum Method {
    /// The secret key in memory.
    Here(Box<Unlocked>),
    /// The program `gpg`, with this home directory; `None` for its default or that in GNUPGHOME.
    Gpg(Option<PathBuf>),
    /// A command: the program and its first arguments.
    Command(Vec<String>),
}

impl Signers {
    /// The signers from keys, the oldest first, each with whether it is active; `None` where no key is active.
    pub(crate) fn new(keys: Vec<(Signer, bool)>) -> Option<Self> {
        let newest_active = keys.iter().rposition(|(_, active)| *active)?;
        let keys: Vec<Signer> = keys.into_iter().map(|(key, _)| key).collect();
        let public = PublicKeys::of(keys.iter().map(|key| key.certificate.clone()).collect());
        Some(Self { keys, public, newest_active })
    }

    /// The public keys of the signers, with which clients check their signatures.
    pub fn public_keys(&self) -> &PublicKeys {
        &self.public
    }

    /// The time from which all keys are valid, in whole seconds. Signatures by all of them cannot be older.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        let created = self.keys.iter().map(|key| i64::from(key.certificate.created)).max().unwrap_or_default();
        Timestamp::from_second(created).unwrap_or_default()
    }

    /// The fingerprint of the key that signs packages.
    pub fn package_key(&self) -> &str {
        &self.keys[self.newest_active].certificate.fingerprint
    }

    /// A file of armored detached signatures over `data`, one by each key, dated `at`. With keys in files the same data and time give the
    /// same bytes; of keys behind a program, `gpg` does the same, and a command may not.
    ///
    /// # Errors
    /// When a key is not valid at `at`, or its program fails or answers with anything but its signature.
    pub fn detached(&self, data: &[u8], at: Timestamp) -> Result<Vec<u8>, KeyError> {
        let seconds = seconds(at)?;
        let signatures = self.keys.iter().map(|key| key.sign(data, seconds)).collect::<Result<Vec<_>, _>>()?;
        packets::armored_signatures(&signatures).map_err(KeyError::openpgp("writing signatures"))
    }

    /// Whether the file of detached signatures over `data` holds a good one by each of these keys, in their order, and no other. It need
    /// not be made again then, even where the program of a key makes another signature each time.
    pub fn already_signed(&self, data: &[u8], armored: &[u8], at: Timestamp) -> bool {
        let (Ok(at), Ok(found)) = (seconds(at), packets::signatures(armored)) else { return false };
        found.len() == self.keys.len()
            && self.keys.iter().zip(&found).all(|(key, signature)| {
                let alone = PublicKeys::of(vec![key.certificate.clone()]);
                alone.verify(data, std::slice::from_ref(signature), at).is_ok()
            })
    }

    /// A signature over `data` by the newest active key alone, dated `at`, as one binary packet for a package.
    ///
    /// # Errors
    /// As for [`Signers::detached`].
    pub fn packet(&self, data: &[u8], at: Timestamp) -> Result<Packet, KeyError> {
        let signature = self.keys[self.newest_active].sign(data, seconds(at)?)?;
        Packet::of(&signature).map_err(KeyError::openpgp("writing a signature"))
    }
}

impl Signer {
    /// A signature over `data`, dated `at` (seconds since 1970).
    fn sign(&self, data: &[u8], at: u32) -> Result<Signature, KeyError> {
        let fingerprint = &self.certificate.fingerprint;
        let (program, remedy) = match &self.method {
            Method::Here(key) => {
                self.certificate.signer(at).map_err(|why| self.unusable(why, "rotate to a key that is valid then".to_owned()))?;
                return key.sign(data, at).map_err(|e| self.unusable(e.to_string(), "check its file".to_owned()));
            }
            Method::Gpg(home) => {
                // The exclamation mark keeps gpg's clock from running on while it works.
                let clock = format!("{at}!");
                let options = ["--batch", "--no-tty", "--no-options", "--quiet", "--pinentry-mode", "error"];
                let signing = ["--faked-system-time", &clock, "--digest-algo", "SHA256", "--armor", "--local-user", fingerprint];
                let mut program = Program::new("gpg").args(options);
                program = match home {
                    Some(home) => program.args([OsString::from("--homedir"), home.into()]),
                    None => program.inherit("GNUPGHOME"),
                };
                let remedy = "check that gpg has its secret part (`gpg -K`) and that gpg-agent has its passphrase, or retire it".to_owned();
                (program.args(signing).args(["--detach-sign", "--output", "-"]), remedy)
            }
            Method::Command(argv) => {
                let (program, arguments) = argv.split_first().ok_or_else(|| {
                    self.unusable("its command is empty".to_owned(), "import it again with the command that signs".to_owned())
                })?;
                let program = Program::new(program).args(arguments).args([fingerprint]).env("SEAWORTHY_SIGN_TIME", at.to_string());
                (program, "check that the command works and has access to the key, or retire it".to_owned())
            }
        };
        let program = program.output(MAX_ANSWER);
        let mut tries = 0;
        loop {
            let answer = program.run(data).map_err(|e| self.unusable(e.to_string(), remedy.clone()))?;
            tries += 1;
            match self.answered(data, &answer, at) {
                Ok(signature) => return Ok(signature),
                // gpg lets its clock run where the time that it is to take is that of now; a second later it is not any more.
                Err(_) if matches!(self.method, Method::Gpg(_)) && tries < 3 => {}
                Err(why) => return Err(self.unusable(format!("`{}` answered, but {why}", program.command_line()), remedy)),
            }
        }
    }

    /// The signature in the answer of a program, if it is the only one, by this key, over this data and of this time.
    fn answered(&self, data: &[u8], answer: &[u8], at: u32) -> Result<Signature, String> {
        let mut found = packets::signatures(answer)?;
        let (Some(signature), true) = (found.pop(), found.is_empty()) else {
            return Err("with more than one signature".to_owned());
        };
        match signature.created().map(|t| t.as_secs()) {
            Some(created) if created == at => {}
            Some(created) => return Err(format!("the signature is dated {} and not {} (SEAWORTHY_SIGN_TIME)", shown(created), shown(at))),
            None => return Err("the signature has no date".to_owned()),
        }
        PublicKeys::of(vec![self.certificate.clone()]).verify(data, std::slice::from_ref(&signature), at)?;
        Ok(signature)
    }

    /// Makes a signature and checks it, so that a lost key is noticed before anything changes.
    pub(crate) fn prove(&self, at: u32) -> Result<(), KeyError> {
        if let Err(why) = self.certificate.signer(at) {
            return Err(self.unusable(why, "`seaworthy keys rotate` makes one that is valid".to_owned()));
        }
        let signature = self.sign(PROOF, at)?;
        let alone = PublicKeys::of(vec![self.certificate.clone()]);
        match alone.verify(PROOF, std::slice::from_ref(&signature), at) {
            Ok(_) => Ok(()),
            Err(why) => Err(self.unusable(
                format!("what it signs does not check: {why}"),
                "its public and secret parts differ; import it again".to_owned(),
            )),
        }
    }

    fn unusable(&self, why: String, remedy: String) -> KeyError {
        let Certificate { fingerprint, user_id, .. } = &self.certificate;
        KeyError::Unusable { fingerprint: fingerprint.clone(), user_id: user_id.clone(), why, remedy }
    }
}
