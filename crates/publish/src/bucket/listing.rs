//! The listing of the objects in a store, which is an object of the store itself.

use std::collections::BTreeMap;

use seaworthy_host::archive::{self, unpacked};
use seaworthy_model::format::{Format, FormatError, Remedy, Version};

/// The key of the listing.
pub(super) const LISTING: &str = "seaworthy.listing.zst";

/// The state of an object in the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ObjectState {
    /// The object has the content with this digest, in hexadecimal digits.
    Digest(String),
    /// The object was written once and never changes, since its key depends on its content.
    Fixed,
    /// The object may be incomplete: a push was about to write or remove it.
    Unsure,
    /// No index names the object any more. It is kept until the next push, for clients that have read an older index.
    Fading,
}

/// The objects of a store by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing(pub(super) BTreeMap<String, ObjectState>);

/// The text before the version in the first line.
const HEAD: &str = "seaworthy listing ";

/// The format of the listing.
pub(crate) static NOTE: Format =
    Format { name: "listing of a store", version: Version::of(1), oldest: 1, newer: Remedy::NewerProgram, older: Remedy::SendAgain };

/// The error of a listing that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ListingError {
    /// The version is not read by this program.
    Version(FormatError),
    /// The listing is damaged.
    Damaged(String),
}

impl From<FormatError> for ListingError {
    fn from(error: FormatError) -> Self {
        Self::Version(error)
    }
}

impl From<String> for ListingError {
    fn from(what: String) -> Self {
        Self::Damaged(what)
    }
}
/// The greatest size of a listing in bytes, uncompressed: a hundred bytes for each of five million objects.
const MAX: u64 = 512 << 20;

impl Listing {
    pub(super) fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut text = format!("{HEAD}{}\n", NOTE.version);
        for (key, held) in &self.0 {
            let mark = match held {
                ObjectState::Digest(digest) => digest,
                ObjectState::Fixed => "=",
                ObjectState::Unsure => "?",
                ObjectState::Fading => "~",
            };
            text.push_str(mark);
            text.push(' ');
            text.push_str(key);
            text.push('\n');
        }
        archive::zstd(text.as_bytes(), 3)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ListingError> {
        let content = unpacked(bytes, MAX).map_err(|e| e.to_string())?;
        let text = std::str::from_utf8(&content).map_err(|e| format!("it is no UTF-8 after byte {}", e.valid_up_to()))?;
        let mut lines = text.lines();
        let version = lines.next().and_then(|line| line.strip_prefix(HEAD)).and_then(|number| number.parse().ok());
        NOTE.check(Version::of(version.ok_or_else(|| format!("its first line is not \"{HEAD}{}\"", NOTE.version))?))?;
        let mut out = BTreeMap::new();
        for (number, line) in lines.enumerate() {
            let refuse = |what: &str| format!("line {}: {what}", number + 2);
            let (mark, key) = line.split_once(' ').ok_or_else(|| refuse("no mark and key"))?;
            let held = match mark {
                "=" => ObjectState::Fixed,
                "?" => ObjectState::Unsure,
                "~" => ObjectState::Fading,
                digest if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) => ObjectState::Digest(digest.to_owned()),
                _ => return Err(refuse("an unknown mark").into()),
            };
            // What is not named like an object of a site is not touched.
            if !is_key(key) {
                return Err(refuse("no object of a site has this key").into());
            }
            out.insert(key.to_owned(), held);
        }
        Ok(Self(out))
    }
}

/// Whether the key may be that of an object of a site.
pub(super) fn is_key(key: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    key.split('/').all(plain) && !key.contains(|c: char| c.is_control() || c == '\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Listing, ListingError, ObjectState, archive, is_key};

    fn held() -> impl Strategy<Value = ObjectState> {
        prop_oneof![
            Just(ObjectState::Fixed),
            Just(ObjectState::Unsure),
            Just(ObjectState::Fading),
            "[0-9a-f]{64}".prop_map(ObjectState::Digest)
        ]
    }

    proptest! {
        #[test]
        fn is_read_as_it_was_written(
            objects in proptest::collection::btree_map("[a-z0-9.+~ ]{1,8}(/[a-z0-9+~]{1,8}){0,2}", held(), 0..20),
        ) {
            let objects: std::collections::BTreeMap<_, _> = objects.into_iter().filter(|(key, _)| is_key(key)).collect();
            let listing = Listing(objects);
            prop_assert_eq!(Listing::parse(&listing.to_bytes().unwrap()).unwrap(), listing);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            text in "(seaworthy listing 1\n)?[ -~\n]{0,100}",
        ) {
            let _ = Listing::parse(&bytes);
            if let Ok(listing) = Listing::parse(&archive::zstd(text.as_bytes(), 1).unwrap()) {
                prop_assert_eq!(Listing::parse(&listing.to_bytes().unwrap()).unwrap(), listing);
            }
        }
    }

    #[test]
    fn refuses_with_the_line() {
        let read = |text: &str| Listing::parse(&archive::zstd(text.as_bytes(), 1).unwrap());
        let damaged = |what: &str| ListingError::Damaged(what.into());
        assert_eq!(read("seaworthy listing 1\n= pool/a\n? ../b\n").unwrap_err(), damaged("line 3: no object of a site has this key"));
        assert_eq!(read("seaworthy listing 1\n! pool/a\n").unwrap_err(), damaged("line 2: an unknown mark"));
        assert!(matches!(read("another listing\n"), Err(ListingError::Damaged(_))));
        assert!(matches!(read("seaworthy listing one\n"), Err(ListingError::Damaged(_))));
        assert!(Listing::parse(b"no zstd").is_err());
    }
}
