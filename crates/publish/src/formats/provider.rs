//! The files of a trusted CSAF provider beside its documents: metadata, lists, feeds and hashes
//! (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>, section 7).
//!
//! The advisories are offered as a directory and as a ROLIE feed, the VEX documents as a feed: their folders are the years of the
//! CVEs, which a directory may not have. Every document is TLP:WHITE. Signatures (`.asc`) are made elsewhere; the feeds name them.

use std::fmt::Write;

use jiff::Timestamp;
use seaworthy_model::hex;
use sha2::{Digest, Sha256, Sha512};

use super::paths;
use super::publisher::publisher;
use super::write::{Object, document};
use crate::Edition;

/// The entry of a CSAF document in lists and feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The tracking id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The path below the site's address.
    pub path: String,
    /// The time of the first publication.
    pub issued: Timestamp,
    /// The time of the last change.
    pub updated: Timestamp,
}

/// An OpenPGP key that signs the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The fingerprint, in hexadecimal digits.
    pub fingerprint: String,
    /// The path of the public key below the site's address.
    pub path: String,
}

/// The file `provider-metadata.json`. A site without a key is a provider, and one with a key a trusted provider.
#[must_use]
pub fn metadata(edition: &Edition, keys: &[Key]) -> Vec<u8> {
    let url = |path: &str| paths::url(edition, path);
    document(|o| {
        o.text("canonical_url", &url(paths::PROVIDER));
        o.list("distributions", |l| {
            l.object(|o| {
                o.text("directory_url", &format!("{}/", url(paths::CSAF)));
            });
            l.object(|o| {
                o.object("rolie", |o| {
                    o.list("feeds", |l| {
                        let mut feed = |summary: &str, path: &str| {
                            l.object(|o| {
                                o.text("summary", summary).text("tlp_label", "WHITE").text("url", &url(path));
                            });
                        };
                        feed("Security advisories", paths::CSAF_FEED);
                        feed("What is known of each CVE, as VEX", paths::VEX_FEED);
                    });
                    o.texts("services", [url(paths::SERVICE)]);
                });
            });
        });
        o.shown("last_updated", edition.at);
        o.bare("list_on_CSAF_aggregators", true).text("metadata_version", "2.0").bare("mirror_on_CSAF_aggregators", true);
        if !keys.is_empty() {
            o.list("public_openpgp_keys", |l| {
                for key in keys {
                    l.object(|o| {
                        o.text("fingerprint", &key.fingerprint).text("url", &url(&key.path));
                    });
                }
            });
        }
        o.object("publisher", |o| publisher(o, edition));
        o.text("role", if keys.is_empty() { "csaf_provider" } else { "csaf_trusted_provider" });
    })
}

/// The documents below a directory, by name.
fn below<'l>(directory: &str, listings: &'l [Listing]) -> Vec<(&'l str, &'l Listing)> {
    let inside = |listing: &'l Listing| Some((listing.path.strip_prefix(directory)?.strip_prefix('/')?, listing));
    let mut found: Vec<_> = listings.iter().filter_map(inside).collect();
    found.sort_by_key(|(name, _)| *name);
    found
}

/// `index.txt` of a directory ([`paths::CSAF`] or [`paths::VEX`]): the documents, a line each, by name.
#[must_use]
pub fn index(directory: &str, listings: &[Listing]) -> Vec<u8> {
    let mut out = String::new();
    for (name, _) in below(directory, listings) {
        let _ = writeln!(out, "{name}");
    }
    out.into_bytes()
}

/// The file `changes.csv` of a directory: each document with the time of its last change, the newest first.
#[must_use]
pub fn changes(directory: &str, listings: &[Listing]) -> Vec<u8> {
    let mut found = below(directory, listings);
    found.sort_by_key(|(_, listing)| std::cmp::Reverse(listing.updated));
    let mut out = String::new();
    for (name, listing) in found {
        let _ = writeln!(out, "\"{name}\",\"{}\"", listing.updated);
    }
    out.into_bytes()
}

/// The ROLIE feed of the advisories ([`paths::CSAF_FEED`]), the newest first.
#[must_use]
pub fn csaf_feed(edition: &Edition, listings: &[Listing]) -> Vec<u8> {
    feed(edition, "csaf-feed-tlp-white", "Security advisories (TLP:WHITE)", paths::CSAF_FEED, listings)
}

/// The ROLIE feed of the VEX documents ([`paths::VEX_FEED`]), the newest first.
#[must_use]
pub fn vex_feed(edition: &Edition, listings: &[Listing]) -> Vec<u8> {
    feed(edition, "vex-feed-tlp-white", "VEX documents (TLP:WHITE)", paths::VEX_FEED, listings)
}

fn link(o: &mut Object<'_>, rel: &str, href: &str) {
    o.text("href", href).text("rel", rel);
}

fn csaf_category(o: &mut Object<'_>) {
    o.list("category", |l| {
        l.object(|o| {
            o.text("scheme", "urn:ietf:params:rolie:category:information-type").text("term", "csaf");
        });
    });
}

fn feed(edition: &Edition, id: &str, title: &str, path: &str, listings: &[Listing]) -> Vec<u8> {
    let mut newest: Vec<&Listing> = listings.iter().collect();
    newest.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.path.cmp(&b.path)));
    document(|o| {
        o.object("feed", |o| {
            csaf_category(o);
            o.list("entry", |l| {
                for listing in newest {
                    let url = paths::url(edition, &listing.path);
                    l.object(|o| {
                        o.object("content", |o| {
                            o.text("src", &url).text("type", "application/json");
                        });
                        o.object("format", |o| {
                            o.text("schema", "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json").text("version", "2.0");
                        });
                        o.text("id", &listing.id);
                        o.list("link", |l| {
                            l.object(|o| link(o, "self", &url));
                            for (rel, end) in [("hash", ".sha256"), ("hash", ".sha512"), ("signature", ".asc")] {
                                l.object(|o| link(o, rel, &format!("{url}{end}")));
                            }
                        });
                        o.shown("published", listing.issued).text("title", &listing.title).shown("updated", listing.updated);
                    });
                }
            });
            o.text("id", id);
            o.list("link", |l| {
                l.object(|o| link(o, "self", &paths::url(edition, path)));
                l.object(|o| link(o, "service", &paths::url(edition, paths::SERVICE)));
            });
            o.text("title", title).shown("updated", edition.at);
        });
    })
}

/// The ROLIE service document ([`paths::SERVICE`]), which lists the feeds.
#[must_use]
pub fn service(edition: &Edition) -> Vec<u8> {
    document(|o| {
        o.object("service", |o| {
            o.list("workspace", |l| {
                l.object(|o| {
                    o.list("collection", |l| {
                        for (title, path) in [("Security advisories (TLP:WHITE)", paths::CSAF_FEED), ("VEX (TLP:WHITE)", paths::VEX_FEED)] {
                            l.object(|o| {
                                o.object("categories", csaf_category).text("href", &paths::url(edition, path)).text("title", title);
                            });
                        }
                    });
                    o.text("title", &format!("CSAF of {}", edition.distribution.name));
                });
            });
        });
    })
}

/// The contents of the `.sha256` file beside a document, as `sha256sum` writes and checks it.
#[must_use]
pub fn sha256(path: &str, bytes: &[u8]) -> String {
    hash_file(path, &Sha256::digest(bytes))
}

/// The contents of the `.sha512` file beside a document, as `sha512sum` writes and checks it.
#[must_use]
pub fn sha512(path: &str, bytes: &[u8]) -> String {
    hash_file(path, &Sha512::digest(bytes))
}

fn hash_file(path: &str, digest: &[u8]) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("{}  {name}\n", hex(digest))
}
