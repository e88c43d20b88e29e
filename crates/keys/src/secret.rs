//! Secret keys in files: making, reading and unlocking them, and signing with them.

use jiff::Timestamp;
use pgp::armor::BlockType;
use pgp::composed::{Deserializable, SignedKeyDetails, SignedSecretKey};
use pgp::crypto::ed25519::{Mode, SecretKey as Ed25519};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{
    Features, KeyFlags, PacketTrait, PubKeyInner, PublicKey, SecretKey, SecretSubkey, Signature, SignatureConfig, SignatureType, Subpacket,
    SubpacketData, UserId,
};
use pgp::types::{
    CompressionAlgorithm, Duration, EddsaLegacyPublicParams, KeyDetails, KeyVersion, Password, PlainSecretParams, PublicParams, S2kParams,
    SecretParams, SigningKey, StringToKey,
};

use crate::certificate::Certificate;
use crate::error::KeyError;
use crate::packets;

/// The passphrase that locks secret keys in their files. It is never shown.
#[derive(Clone)]
pub struct Passphrase(String);

impl Passphrase {
    /// A passphrase of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The passphrase in the environment: the value of SEAWORTHY_KEY_PASSPHRASE, or else the first line of the file that
    /// SEAWORTHY_KEY_PASSPHRASE_FILE names; `None` where neither is set.
    ///
    /// # Errors
    /// When the file cannot be read, or the passphrase is empty, which would lock nothing.
    pub fn from_environment() -> Result<Option<Self>, KeyError> {
        let found = |text: &str, place: &str| match text {
            "" => Err(KeyError::BadKey { what: place.to_owned(), why: "it is empty; unset it for keys without a passphrase".to_owned() }),
            text => Ok(Some(Self(text.to_owned()))),
        };
        if let Ok(text) = std::env::var("SEAWORTHY_KEY_PASSPHRASE") {
            return found(&text, "SEAWORTHY_KEY_PASSPHRASE");
        }
        let Some(path) = std::env::var_os("SEAWORTHY_KEY_PASSPHRASE_FILE") else { return Ok(None) };
        let path = std::path::PathBuf::from(path);
        let text = std::fs::read_to_string(&path).map_err(|e| KeyError::io("reading the passphrase from", &path, e))?;
        found(text.lines().next().unwrap_or_default(), &format!("the passphrase file {}", path.display()))
    }

    fn password(&self) -> Password {
        Password::from(self.0.as_str())
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// The random bytes from which a new key is made. The same bytes make the same key, so they must not be used twice.
pub struct Entropy([u8; 56]);

impl Entropy {
    /// Random bytes from the caller: 32 for the secret, and 8 for the salt and 16 for the initialisation vector of the lock of its file.
    pub fn new(bytes: [u8; 56]) -> Self {
        Self(bytes)
    }

    /// Random bytes from the generator of the kernel.
    ///
    /// # Errors
    /// When /dev/urandom cannot be read.
    pub fn from_system() -> Result<Self, KeyError> {
        use std::io::Read as _;
        let path = std::path::Path::new("/dev/urandom");
        let mut bytes = [0; 56];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut bytes));
        read.map_err(|e| KeyError::io("reading random bytes from", path, e))?;
        Ok(Self(bytes))
    }

    fn split(&self) -> ([u8; 32], [u8; 8], [u8; 16]) {
        let (mut secret, mut salt, mut iv) = ([0; 32], [0; 8], [0; 16]);
        secret.copy_from_slice(&self.0[..32]);
        salt.copy_from_slice(&self.0[32..40]);
        iv.copy_from_slice(&self.0[40..]);
        (secret, salt, iv)
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// A new Ed25519 key that certifies and signs, of OpenPGP version 4 in the older form (EdDSA), which rpm 4.18 and GnuPG 2.2 know. Times are
/// seconds since 1970.
pub(crate) fn create(
    user_id: &str,
    created: u32,
    expires: Option<u32>,
    entropy: &Entropy,
    lock: Option<&Passphrase>,
) -> pgp::errors::Result<SignedSecretKey> {
    let (secret, salt, iv) = entropy.split();
    let at = pgp::types::Timestamp::from_secs(created);
    let secret = pgp::crypto::eddsa_legacy::SecretKey::Ed25519(Ed25519::try_from_bytes(secret, Mode::EdDSALegacy)?);
    let public = PublicParams::EdDSALegacy(EddsaLegacyPublicParams::try_from(&secret)?);
    let public = PublicKey::from_inner(PubKeyInner::new(KeyVersion::V4, PublicKeyAlgorithm::EdDSALegacy, at, None, public)?)?;
    let mut key = SecretKey::new(public.clone(), SecretParams::Plain(PlainSecretParams::EdDSALegacy(secret)))?;

    let id = UserId::from_str(Default::default(), user_id)?;
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut features = Features::default();
    features.set_seipd_v1(true);
    let hashes = [HashAlgorithm::Sha512, HashAlgorithm::Sha256];
    let mut hashed = vec![
        SubpacketData::SignatureCreationTime(at),
        SubpacketData::IssuerFingerprint(public.fingerprint()),
        SubpacketData::KeyFlags(flags),
        SubpacketData::Features(features),
        SubpacketData::PreferredHashAlgorithms(hashes.into_iter().collect()),
        SubpacketData::PreferredSymmetricAlgorithms([SymmetricKeyAlgorithm::AES256].into_iter().collect()),
        SubpacketData::PreferredCompressionAlgorithms([CompressionAlgorithm::Uncompressed].into_iter().collect()),
        SubpacketData::IsPrimary(true),
    ];
    if let Some(expires) = expires {
        hashed.push(SubpacketData::KeyExpirationTime(Duration::from_secs(expires.saturating_sub(created))));
    }
    let mut config = SignatureConfig::v4(SignatureType::CertPositive, public.algorithm(), HashAlgorithm::Sha512);
    config.hashed_subpackets = hashed.into_iter().map(Subpacket::regular).collect::<Result<_, _>>()?;
    config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(public.legacy_key_id()))?];
    let certification = config.sign_certification(&key, &public, &Password::empty(), id.tag(), &id)?;
    let details = SignedKeyDetails::new(Vec::new(), Vec::new(), vec![id.into_signed(certification)], Vec::new());

    if let Some(lock) = lock {
        // 0xff is the largest count that S2K can write: 65 million octets (RFC 9580, 3.7.1.3).
        let s2k = StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt, count: 0xff };
        let params = S2kParams::Cfb { sym_alg: SymmetricKeyAlgorithm::AES256, s2k, iv: pgp::bytes::Bytes::copy_from_slice(&iv) };
        key.set_password_with_s2k(&lock.password(), params)?;
    }
    Ok(SignedSecretKey::new(key, details, Vec::new(), Vec::new()))
}

/// The one secret key in a file, armored or binary. `what` names the file in messages.
pub(crate) fn parse(what: &str, bytes: &[u8]) -> Result<SignedSecretKey, KeyError> {
    let refuse = |why| KeyError::BadKey { what: what.to_owned(), why };
    let mut found = Vec::new();
    for block in packets::blocks(bytes, &[BlockType::PrivateKey]).map_err(refuse)? {
        if block.len() > packets::MAX_BYTES {
            return Err(refuse(format!("it has {} bytes; {} are allowed", block.len(), packets::MAX_BYTES)));
        }
        for key in SignedSecretKey::from_bytes_many(block.as_slice()).map_err(|e| refuse(format!("it does not read: {e}")))? {
            found.push(key.map_err(|e| refuse(format!("it does not read as a secret key: {e}")))?);
        }
    }
    let count = found.len();
    match found.pop() {
        Some(key) if count == 1 => Ok(key),
        _ => Err(refuse(format!("it holds {count} secret keys where one is wanted"))),
    }
}

/// A secret key as armored text.
pub(crate) fn armored(key: &SignedSecretKey) -> pgp::errors::Result<Vec<u8>> {
    packets::armored(key, BlockType::PrivateKey)
}

/// An unlocked secret key or subkey. Unlocking is slow by design, so it is done once.
#[derive(Debug)]
pub(crate) enum Unlocked {
    Primary(SecretKey),
    Subkey(SecretSubkey),
}

impl Unlocked {
    /// Unlocks the component that signs at a time (seconds since 1970).
    ///
    /// # Errors
    /// When no component is valid then, the file lacks its secret part, or its passphrase is wrong or missing; with the reason.
    pub(crate) fn new(key: &SignedSecretKey, certificate: &Certificate, passphrase: Option<&Passphrase>, at: u32) -> Result<Self, String> {
        let wanted = certificate.signer(at)?.fingerprint();
        let password = passphrase.map_or_else(Password::empty, Passphrase::password);
        let locked = |e: pgp::errors::Error| match passphrase {
            None => "it is locked; give its passphrase in SEAWORTHY_KEY_PASSPHRASE or in the file that SEAWORTHY_KEY_PASSPHRASE_FILE names"
                .to_owned(),
            Some(_) => format!("the passphrase does not open it ({e}); check SEAWORTHY_KEY_PASSPHRASE"),
        };
        if key.primary_key.fingerprint().to_string() == wanted {
            let mut key = key.primary_key.clone();
            key.remove_password(&password).map_err(locked)?;
            return Ok(Self::Primary(key));
        }
        for sub in &key.secret_subkeys {
            if sub.key.fingerprint().to_string() == wanted {
                let mut key = sub.key.clone();
                key.remove_password(&password).map_err(locked)?;
                return Ok(Self::Subkey(key));
            }
        }
        Err(format!("the file lacks the secret part of {}, which signs for it", wanted.to_uppercase()))
    }

    /// A detached signature over `data`, dated `at`. The same data, key and time give the same bytes, since nothing in it is random.
    pub(crate) fn sign(&self, data: &[u8], at: u32) -> pgp::errors::Result<Signature> {
        match self {
            Self::Primary(key) => sign(key, data, at),
            Self::Subkey(key) => sign(key, data, at),
        }
    }
}

fn sign(key: &impl SigningKey, data: &[u8], at: u32) -> pgp::errors::Result<Signature> {
    let mut config = SignatureConfig::v4(SignatureType::Binary, key.algorithm(), key.hash_alg());
    let at = pgp::types::Timestamp::from_secs(at);
    let hashed = [SubpacketData::IssuerFingerprint(key.fingerprint()), SubpacketData::SignatureCreationTime(at)];
    config.hashed_subpackets = hashed.into_iter().map(Subpacket::regular).collect::<Result<_, _>>()?;
    config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(key.legacy_key_id()))?];
    config.sign(key, &Password::empty(), data)
}

/// A time in the form of OpenPGP: seconds since 1970 in 32 bits.
///
/// # Errors
/// When the time is before 1970 or after 2106.
pub(crate) fn seconds(at: Timestamp) -> Result<u32, KeyError> {
    u32::try_from(at.as_second()).map_err(|_| KeyError::Time(at))
}
