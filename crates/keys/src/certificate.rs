//! OpenPGP certificates (public keys): which keys are accepted, what they may sign and until when, and whether they made a signature.

use jiff::Timestamp;
use pgp::armor::BlockType;
use pgp::composed::{Deserializable, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PublicKey, PublicSubkey, Signature, SignatureType, SubpacketData};
use pgp::ser::Serialize;
use pgp::types::{EcdsaPublicParams, EddsaLegacyPublicParams, KeyDetails, KeyVersion, PublicParams, Tag, VerifyingKey};

use crate::error::KeyError;
use crate::packets;

/// The smallest RSA modulus that is accepted, in bits.
const MIN_RSA: u16 = 2048;

/// Public keys: those that clients trust, or those that signatures are checked against.
#[derive(Clone, Debug)]
pub struct PublicKeys(Vec<Certificate>);

impl PublicKeys {
    /// The keys in a file, armored or binary, as `gpg --export` writes them: at most 32 keys of at most 64 KiB, each once.
    ///
    /// A key must be an OpenPGP version 4 key that can sign with RSA (2048 bits or more), Ed25519 or ECDSA on a NIST curve, must not be
    /// revoked, and must be bound by a self-signature with a hash of the SHA-2 family: the keys that `rpm` 4.18 and GnuPG 2.2 can check.
    ///
    /// # Errors
    /// When the bytes hold no public key, too many, or one that cannot be read or is not accepted. `what` names the file in the message.
    pub fn parse(what: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        let refuse = |why| KeyError::BadKey { what: what.to_owned(), why };
        let mut found: Vec<Certificate> = Vec::new();
        for block in packets::blocks(bytes, &[BlockType::PublicKey]).map_err(refuse)? {
            let keys = SignedPublicKey::from_bytes_many(block.as_slice()).map_err(|e| refuse(format!("it does not read: {e}")))?;
            for key in keys {
                let key = key.map_err(|e| refuse(format!("it does not read as a public key: {e}")))?;
                let certificate = Certificate::new(key).map_err(refuse)?;
                if found.iter().all(|c| c.fingerprint != certificate.fingerprint) {
                    found.push(certificate);
                }
            }
        }
        match found.len() {
            0 => Err(refuse("it holds no public key".to_owned())),
            n if n > packets::MAX_ITEMS => Err(refuse(format!("it holds {n} keys; {} are allowed", packets::MAX_ITEMS))),
            _ => Ok(Self(found)),
        }
    }

    /// The keys in one armored block: the file that `gpgkey=` names in a client's configuration.
    ///
    /// # Errors
    /// When the OpenPGP library cannot write a key.
    pub fn armored(&self) -> Result<Vec<u8>, KeyError> {
        armored(&self.0)
    }

    /// The fingerprint and the armored block of each key.
    ///
    /// # Errors
    /// As for [`PublicKeys::armored`].
    pub fn each(&self) -> Result<Vec<(String, Vec<u8>)>, KeyError> {
        self.0.iter().map(|key| Ok((key.fingerprint.clone(), armored(std::slice::from_ref(key))?))).collect()
    }

    /// The fingerprints of the keys, 40 upper-case hexadecimal digits each.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.fingerprint.as_str())
    }

    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    pub(crate) fn of(certificates: Vec<Certificate>) -> Self {
        Self(certificates)
    }

    /// The origin of a signature over `data`, given as one binary packet ([`Packet`](crate::Packet)): one of these keys, or another key. A
    /// key of these must have been valid when it signed, and must be valid at `at`.
    ///
    /// # Errors
    /// When the packet cannot be read or names no key, or names one of these keys and the signature is not good; when OpenPGP cannot write
    /// `at`.
    pub fn verify_packet(&self, data: &[u8], packet: &[u8], at: Timestamp) -> Result<Origin, KeyError> {
        let bad = |why| KeyError::BadSignature { what: "packet".to_owned(), why };
        let seconds = u32::try_from(at.as_second()).map_err(|_| KeyError::Time(at))?;
        let signature = packets::single(packet).map_err(bad)?;
        let issuer = issuer(&signature).ok_or_else(|| bad("its signature names no key".to_owned()))?;
        if !self.0.iter().any(|c| c.has_made(&signature)) {
            return Ok(Origin::Foreign { issuer });
        }
        let by = self.verify(data, std::slice::from_ref(&signature), seconds);
        by.map(Origin::Ours).map_err(|why| bad(format!("its signature is not good: {why}")))
    }

    /// The first of these keys that made one of the signatures over `data`, and was valid then and at `at` (seconds since 1970); otherwise
    /// the reason for each signature.
    pub(crate) fn verify(&self, data: &[u8], signatures: &[Signature], at: u32) -> Result<VerifiedBy, String> {
        let mut reasons = Vec::new();
        for signature in signatures {
            match self.verify_one(data, signature, at) {
                Ok(by) => return Ok(by),
                Err(why) => reasons.push(why),
            }
        }
        Err(reasons.join("; "))
    }

    fn verify_one(&self, data: &[u8], signature: &Signature, at: u32) -> Result<VerifiedBy, String> {
        let mut why = format!("the key that made it, {}, is not known", issuer(signature).unwrap_or_else(|| "unnamed".to_owned()));
        for certificate in &self.0 {
            for component in certificate.components.iter().filter(|c| c.made(signature)) {
                match component.check(data, signature, at) {
                    Ok(created) => {
                        return Ok(VerifiedBy {
                            fingerprint: certificate.fingerprint.clone(),
                            user_id: certificate.user_id.clone(),
                            created: Timestamp::new(i64::from(created), 0).unwrap_or_default(),
                        });
                    }
                    Err(e) => why = format!("by key {} ({}): {e}", certificate.fingerprint, certificate.user_id),
                }
            }
        }
        Err(why)
    }
}

fn armored(keys: &[Certificate]) -> Result<Vec<u8>, KeyError> {
    struct Keys<'a>(&'a [Certificate]);
    impl Serialize for Keys<'_> {
        fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
            self.0.iter().try_for_each(|key| key.key.to_writer(writer))
        }
        fn write_len(&self) -> usize {
            self.0.iter().map(|key| key.key.write_len()).sum()
        }
    }
    packets::armored(&Keys(keys), BlockType::PublicKey)
        .map_err(|e| KeyError::OpenPgp { doing: "writing public keys", message: e.to_string() })
}

/// The origin of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A key of ours made the signature, and it is good.
    Ours(VerifiedBy),
    /// Another key made the signature, which can therefore not be checked.
    Foreign {
        /// The fingerprint or key id in the signature, in upper case.
        issuer: String,
    },
}

/// The key and the time of a good signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBy {
    /// The fingerprint of the primary key, 40 upper-case hexadecimal digits, where a subkey signed as well.
    pub fingerprint: String,
    /// The user id of the key.
    pub user_id: String,
    /// The time in the signature at which it was made, to the second.
    pub created: Timestamp,
}

/// An accepted key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) key: SignedPublicKey,
    pub(crate) fingerprint: String,
    pub(crate) user_id: String,
    /// The time from which the key is valid, in seconds since 1970.
    pub(crate) created: u32,
    /// The time from which none of its components can sign any more, in seconds since 1970; `None` for never.
    pub(crate) expires: Option<u32>,
    /// The components that can sign: signing subkeys, the newest first, then the primary key. GnuPG prefers them in this order.
    pub(crate) components: Vec<Component>,
}

/// A primary key or a subkey that can sign.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    key: ComponentKey,
    created: u32,
    expires: Option<u32>,
}

#[derive(Clone, Debug)]
enum ComponentKey {
    Primary(PublicKey),
    Subkey(PublicSubkey),
}

impl Certificate {
    /// The certificate of a key, or the reason why the key is not accepted. It keeps only what is used here: the user id, the key's own
    /// signatures and the signing subkeys.
    pub(crate) fn new(key: SignedPublicKey) -> Result<Self, String> {
        let primary = key.primary_key.clone();
        let fingerprint = format!("{:X}", primary.fingerprint());
        let refuse = |why: String| format!("key {fingerprint} {why}");
        supported(&primary).map_err(refuse)?;
        let revoked = |s: &Signature| s.typ() == Some(SignatureType::KeyRevocation) && s.verify_key(&primary).is_ok();
        if key.details.revocation_signatures.iter().any(revoked) {
            return Err(refuse("is revoked".to_owned()));
        }
        let direct = newest(key.details.direct_signatures.iter().filter(|s| strong(s) && s.verify_key(&primary).is_ok()));
        let mut users: Vec<(String, Signature, pgp::types::SignedUser)> = Vec::new();
        for user in &key.details.users {
            let own = || {
                let valid = |s: &&Signature| by(s, &primary) && s.verify_certification(&primary, Tag::UserId, &user.id).is_ok();
                user.signatures.iter().filter(valid)
            };
            let Some(latest) = newest(own().filter(|s| strong(s) && s.typ() != Some(SignatureType::CertRevocation))) else { continue };
            let revoked_after = |s: &Signature| s.typ() == Some(SignatureType::CertRevocation) && s.created() >= latest.created();
            if own().any(revoked_after) {
                continue;
            }
            let name = user.id.as_str().ok_or_else(|| refuse("has a user id that is not UTF-8".to_owned()))?;
            if name.is_empty() || name.len() > 256 || name.chars().any(char::is_control) {
                return Err(refuse(format!("has a user id of {} bytes or with control characters", name.len())));
            }
            let kept = pgp::types::SignedUser::new(user.id.clone(), vec![latest.clone()]);
            users.push((name.to_owned(), latest, kept));
        }
        // The user id that is marked as the primary one and was signed last; else the one that was signed last.
        let Some((user_id, certification, user)) = users.into_iter().max_by_key(|(_, s, _)| (s.is_primary(), s.created())) else {
            return Err(refuse("has no user id with a valid self-signature that uses SHA-2".to_owned()));
        };
        let created = primary.created_at().as_secs();
        let expires = [Some(&certification), direct.as_ref()].into_iter().flatten().filter_map(|s| expiry(created, s)).min();
        let mut subkeys: Vec<(SignedPublicSubKey, Component)> =
            key.public_subkeys.iter().filter_map(|sub| signing_subkey(&primary, sub, expires)).collect();
        subkeys.sort_by_key(|(_, c)| std::cmp::Reverse(c.created));
        let (subkeys, mut components): (Vec<_>, Vec<_>) = subkeys.into_iter().unzip();
        if may_sign(&certification) {
            components.push(Component { key: ComponentKey::Primary(primary.clone()), created, expires });
        }
        if components.is_empty() {
            return Err(refuse("can sign with neither its primary key nor a subkey".to_owned()));
        }
        let details = pgp::composed::SignedKeyDetails::new(Vec::new(), direct.into_iter().collect(), vec![user], Vec::new());
        let last = components.iter().map(|c| c.expires).max_by_key(|e| e.unwrap_or(u32::MAX)).flatten();
        let key = SignedPublicKey::new(primary, details, subkeys);
        if key.write_len() > packets::MAX_BYTES {
            return Err(refuse(format!("has {} bytes; {} are allowed", key.write_len(), packets::MAX_BYTES)));
        }
        Ok(Self { key, fingerprint, user_id, created, expires: last, components })
    }

    /// Whether the signature names one of the components of this key as its maker.
    pub(crate) fn has_made(&self, signature: &Signature) -> bool {
        self.components.iter().any(|c| c.made(signature))
    }

    /// The component that signs at a time: the newest signing subkey that is valid then, else the primary key.
    ///
    /// # Errors
    /// When no component is valid at that time, with the reason.
    pub(crate) fn signer(&self, at: u32) -> Result<&Component, String> {
        let mut why = String::new();
        for component in &self.components {
            match component.valid(at) {
                Ok(()) => return Ok(component),
                Err(e) => why = e,
            }
        }
        Err(why)
    }
}

impl Component {
    /// The fingerprint of the component, in lower case, as the `pgp` crate writes it; for a subkey that of the subkey.
    pub(crate) fn fingerprint(&self) -> String {
        match &self.key {
            ComponentKey::Primary(key) => key.fingerprint().to_string(),
            ComponentKey::Subkey(key) => key.fingerprint().to_string(),
        }
    }

    fn valid(&self, at: u32) -> Result<(), String> {
        if at < self.created {
            return Err(format!("it is valid only from {}", shown(self.created)));
        }
        match self.expires {
            Some(expires) if at >= expires => Err(format!("it expired on {}", shown(expires))),
            _ => Ok(()),
        }
    }

    fn made(&self, signature: &Signature) -> bool {
        match &self.key {
            ComponentKey::Primary(key) => by(signature, key),
            ComponentKey::Subkey(key) => by(signature, key),
        }
    }

    /// Checks a signature over data as of `at`; gives the time at which it was made. Both are in seconds since 1970.
    pub(crate) fn check(&self, data: &[u8], signature: &Signature, at: u32) -> Result<u32, String> {
        let config = signature.config().ok_or("its version is not known")?;
        if config.typ != SignatureType::Binary {
            return Err(format!("it is no signature of a file but of type {:?}", config.typ));
        }
        if !strong(signature) {
            return Err(format!("it uses {}, which is no longer safe", config.hash_alg));
        }
        let unknown =
            |s: &&pgp::packet::Subpacket| s.is_critical && matches!(s.data, SubpacketData::Other(..) | SubpacketData::Experimental(..));
        if config.hashed_subpackets().any(|s| unknown(&s)) {
            return Err("it has a critical part that is not known".to_owned());
        }
        let created = signature.created().ok_or("it does not say when it was made")?.as_secs();
        if created > at {
            return Err(format!("it is dated {}, after {}", shown(created), shown(at)));
        }
        self.valid(created).and_then(|()| self.valid(at)).map_err(|e| format!("the key cannot vouch for it, {e}"))?;
        if let Some(life) = signature.signature_expiration_time().map(|d| d.as_secs()).filter(|&s| s > 0)
            && at >= created.saturating_add(life)
        {
            return Err(format!("it expired on {}", shown(created.saturating_add(life))));
        }
        match &self.key {
            ComponentKey::Primary(key) => signature.verify(key, data),
            ComponentKey::Subkey(key) => signature.verify(key, data),
        }
        .map_err(|_| "it does not fit the data: one of the two was altered".to_owned())?;
        Ok(created)
    }
}

/// A subkey that can sign and is bound to the primary key in both directions; `None` for any other.
fn signing_subkey(primary: &PublicKey, sub: &SignedPublicSubKey, limit: Option<u32>) -> Option<(SignedPublicSubKey, Component)> {
    supported(&sub.key).ok()?;
    let valid = |s: &&Signature| s.verify_subkey_binding(primary, &sub.key).is_ok();
    if sub.signatures.iter().any(|s| s.typ() == Some(SignatureType::SubkeyRevocation) && valid(&s)) {
        return None;
    }
    let binding = newest(sub.signatures.iter().filter(|s| strong(s) && s.typ() == Some(SignatureType::SubkeyBinding)).filter(valid))?;
    if !binding.key_flags().sign() {
        return None;
    }
    let back = binding.embedded_signature().filter(|s| strong(s))?;
    back.verify_primary_key_binding(&sub.key, primary).ok()?;
    let created = sub.key.created_at().as_secs();
    let expires = [expiry(created, &binding), limit].into_iter().flatten().min();
    let component = Component { key: ComponentKey::Subkey(sub.key.clone()), created, expires };
    Some((SignedPublicSubKey::new(sub.key.clone(), vec![binding]), component))
}

/// Refuses a key that `rpm` 4.18 or GnuPG 2.2 cannot check, or that is too weak.
fn supported(key: &impl KeyDetails) -> Result<(), String> {
    if key.version() != KeyVersion::V4 {
        return Err(format!("is of version {:?}; rpm 4.18 and GnuPG 2.2 read version 4 only", key.version()));
    }
    match key.public_params() {
        PublicParams::RSA(params) => {
            // The modulus comes first, as a multi-precision integer: two octets with its length in bits.
            let bytes = params.to_bytes().map_err(|e| e.to_string())?;
            let bits = bytes.first_chunk().map_or(0, |&b| u16::from_be_bytes(b));
            if bits < MIN_RSA { Err(format!("is an RSA key of {bits} bits; {MIN_RSA} are the least")) } else { Ok(()) }
        }
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { .. })
        | PublicParams::ECDSA(EcdsaPublicParams::P256 { .. } | EcdsaPublicParams::P384 { .. } | EcdsaPublicParams::P521 { .. }) => Ok(()),
        _ => Err(format!(
            "is of algorithm {:?}; RSA, Ed25519 in its version 4 form (EdDSA) and ECDSA on NIST curves can be checked by rpm 4.18 and GnuPG 2.2",
            key.algorithm()
        )),
    }
}

/// Whether the hash of the signature is of the SHA-2 family.
fn strong(signature: &Signature) -> bool {
    matches!(signature.hash_alg(), Some(HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512))
}

/// Whether the signature names this key as its maker; false for a signature that names none.
fn by(signature: &Signature, key: &impl VerifyingKey) -> bool {
    let (fingerprint, id) = (key.fingerprint(), key.legacy_key_id());
    let fingerprints = signature.issuer_fingerprint();
    if fingerprints.is_empty() { signature.issuer_key_id().contains(&&id) } else { fingerprints.contains(&&fingerprint) }
}

/// The maker that a signature names: a fingerprint or a key id, in upper case.
pub(crate) fn issuer(signature: &Signature) -> Option<String> {
    let fingerprint = signature.issuer_fingerprint().first().map(|f| format!("{f:X}"));
    fingerprint.or_else(|| signature.issuer_key_id().first().map(|id| id.to_string().to_uppercase()))
}

fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<Signature> {
    signatures.max_by_key(|s| s.created()).cloned()
}

/// Whether the self-signature lets the key sign. One without key flags allows all uses.
fn may_sign(signature: &Signature) -> bool {
    let flags = signature.config().is_some_and(|c| c.hashed_subpackets().any(|s| matches!(s.data, SubpacketData::KeyFlags(_))));
    !flags || signature.key_flags().sign()
}

fn expiry(created: u32, signature: &Signature) -> Option<u32> {
    let seconds = signature.key_expiration_time()?.as_secs();
    (seconds > 0).then(|| created.saturating_add(seconds))
}

/// A time in seconds since 1970 as text for people.
pub(crate) fn shown(seconds: u32) -> String {
    Timestamp::new(i64::from(seconds), 0).map_or_else(|_| seconds.to_string(), |t| t.to_string())
}
