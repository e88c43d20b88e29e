//! The documents that are published beside the packages: advisories in every format, and pages.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy_keys::{PublicKeys, Signers};
use seaworthy_model::{CveId, Digest};

use super::{Contents, PressError};
use crate::advisory::by_cve;
use crate::formats::provider::{self, Listing};
use crate::formats::{atom, csaf, cyclonedx, json, openvex, osv, paths};
use crate::site::{Document, Index, Tree, inputs};
use crate::{Advisory, Edition, oval, pages};

/// The version of the code that makes documents: it is raised when the same edition gives other documents.
const VERSION: &str = "7";
/// The greatest number of entries in the feed.
const FEED: usize = 200;

/// The documents of a publication, in the form of a site.
pub struct Documents<'a> {
    /// The trees: folders of documents that are made only where they changed.
    pub trees: Vec<Tree<'a>>,
    /// The single files.
    pub files: Vec<Document>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The advisories of a part of the site.
struct Group<'a> {
    advisories: Vec<&'a Advisory>,
    digest: Digest,
}

/// A channel of the package repository, as a publication has it.
pub struct Channel<'a> {
    /// The id of its snapshot.
    pub snapshot: String,
    /// The packages of the snapshot.
    pub contents: &'a Contents,
    /// Whether users get packages from it.
    pub public: bool,
}

/// What a publication tells of the release line beside its advisories.
pub struct Stock<'a> {
    /// The channels of the package repository, by their names.
    pub channels: BTreeMap<String, Channel<'a>>,
    /// The names of further source packages that are told of, which may be in no channel.
    pub shipped: &'a [String],
}

/// All documents of an edition.
///
/// # Errors
/// When an edition cannot be written as JSON, a document cannot be signed, or keys cannot be written.
pub fn documents<'a>(edition: &'a Edition, signers: &'a Signers, stock: &Stock<'_>) -> Result<Documents<'a>, PressError> {
    Press::new(edition, signers.public_keys(), Some(signers))?.documents(stock)
}

/// The paths of the trees and files in which the publication with this index differs from the documents of an edition under these keys,
/// which is seen from what they are made of.
///
/// # Errors
/// When an edition cannot be written as JSON, or keys cannot be written.
pub fn differences(index: &Index, edition: &Edition, keys: &PublicKeys, stock: &Stock<'_>) -> Result<BTreeSet<String>, PressError> {
    let Documents { trees, files } = Press::new(edition, keys, None)?.documents(stock)?;
    let mut now: BTreeMap<String, String> = trees.into_iter().map(|tree| (tree.at, tree.inputs.hex())).collect();
    now.extend(files.into_iter().map(|file| (file.path, Digest::of(&file.bytes).hex())));
    let of_trees = index.trees.iter().map(|(at, entry)| (at, entry.name.clone()));
    let before: BTreeMap<&String, String> = of_trees.chain(index.files.iter().map(|(path, digest)| (path, digest.hex()))).collect();
    let other = now.iter().filter(|(path, made_of)| before.get(path) != Some(made_of)).map(|(path, _)| path);
    let gone = before.keys().copied().filter(|path| !now.contains_key(*path));
    Ok(other.chain(gone).cloned().collect())
}

struct Press<'a> {
    edition: &'a Edition,
    keys: &'a PublicKeys,
    /// The signers; `None` where no tree is made.
    signers: Option<&'a Signers>,
    /// The advisories with their digests, in the order of the edition.
    digests: Vec<(&'a Advisory, Digest)>,
    /// The digest of the inputs that all documents share: the distribution, the keys and the version of the program.
    common: Digest,
    /// The digest of the whole edition.
    everything: Digest,
}

impl<'a> Press<'a> {
    /// The digests of an edition. An error is not replaced by an empty digest: documents of an earlier edition would stay.
    fn new(edition: &'a Edition, keys: &'a PublicKeys, signers: Option<&'a Signers>) -> Result<Self, PressError> {
        let digest = |a: &'a Advisory| Ok((a, Digest::of(&serde_json::to_vec(a)?)));
        let digests: Vec<(&'a Advisory, Digest)> = edition.advisories.par_iter().map(digest).collect::<Result<_, PressError>>()?;
        let mut parts: Vec<Vec<u8>> = vec![VERSION.into(), env!("CARGO_PKG_VERSION").into()];
        parts.push(serde_json::to_vec(&edition.distribution)?);
        parts.extend(keys.fingerprints().map(|f| f.as_bytes().to_vec()));
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let common = inputs("common", &parts);
        let images = serde_json::to_vec(&edition.images)?;
        let at = edition.at.to_string();
        let mut parts: Vec<&[u8]> = vec![common.as_bytes(), &images, at.as_bytes()];
        parts.extend(digests.iter().map(|(_, d)| d.as_bytes().as_slice()));
        let everything = inputs("everything", &parts);
        Ok(Self { edition, keys, signers, digests, common, everything })
    }

    fn documents(&self, stock: &Stock<'_>) -> Result<Documents<'a>, PressError> {
        let mut out = Documents { trees: Vec::new(), files: Vec::new() };
        self.machine(&mut out)?;
        self.people(&mut out);
        self.keys(&mut out)?;
        self.clients(&mut out, stock)?;
        Ok(out)
    }

    /// The advisories in groups by a key of each.
    fn groups<K: Ord>(&self, key: impl Fn(&Advisory) -> K) -> BTreeMap<K, Group<'a>> {
        let mut by: BTreeMap<K, (Vec<&'a Advisory>, Vec<&[u8]>)> = BTreeMap::new();
        for (advisory, digest) in &self.digests {
            let (advisories, digests) = by.entry(key(advisory)).or_default();
            advisories.push(advisory);
            digests.push(digest.as_bytes());
        }
        let group = |(advisories, mut digests): (Vec<&'a Advisory>, Vec<&[u8]>)| {
            digests.push(self.common.as_bytes());
            Group { advisories, digest: inputs("advisories", &digests) }
        };
        by.into_iter().map(|(key, parts)| (key, group(parts))).collect()
    }

    /// A tree of documents that depend on the advisories of one group alone.
    fn tree(
        &self,
        at: String,
        group: Group<'a>,
        make: impl Fn(&Edition, &[&'a Advisory]) -> Result<Vec<Document>, Failure> + Send + Sync + 'a,
    ) -> Tree<'a> {
        let alone = as_of(self.edition, &group.advisories);
        Tree { inputs: inputs(&at, &[group.digest.as_bytes()]), at, make: Box::new(move || make(&alone, &group.advisories)) }
    }

    fn machine(&self, out: &mut Documents<'a>) -> Result<(), PressError> {
        let signers = self.signers;
        for (year, group) in self.groups(csaf_year) {
            out.trees.push(self.tree(format!("security/csaf/{year}"), group, move |edition, advisories| {
                signed(advisories.par_iter().map(|a| (name(&paths::csaf(a)), csaf::advisory(edition, a), a.updated())), signers)
            }));
        }
        for (year, group) in self.groups(|a| a.cve.year()) {
            out.trees.push(self.tree(format!("security/vex/{year}"), group, move |edition, advisories| {
                let cves: Vec<(CveId, Vec<&Advisory>)> = by_cve(advisories.iter().copied()).into_iter().collect();
                let made = cves.par_iter().map(|(cve, on)| {
                    let at = on.iter().map(|a| a.updated()).max().unwrap_or(edition.at);
                    (name(&paths::vex(*cve)), csaf::vex(edition, *cve, on), at)
                });
                signed(made, signers)
            }));
        }
        for (year, group) in self.groups(Advisory::year) {
            out.trees.push(self.tree(format!("security/osv/{year}"), group, |edition, advisories| {
                let made = advisories.par_iter().filter_map(|a| Some(document(name(&paths::osv(a)), osv::record(edition, a)?)));
                Ok(made.collect())
            }));
        }
        for (year, group) in self.groups(Advisory::year) {
            out.trees.push(self.tree(format!("security/json/{year}"), group, |edition, advisories| {
                Ok(advisories.par_iter().map(|a| document(name(&paths::json(a)), json::document(edition, a))).collect())
            }));
        }
        for (year, group) in self.groups(|a| a.cve.year()) {
            out.trees.push(self.tree(format!("security/openvex/{year}"), group, |edition, advisories| {
                let cves: Vec<(CveId, Vec<&Advisory>)> = by_cve(advisories.iter().copied()).into_iter().collect();
                let made = |(cve, on): &(CveId, Vec<&Advisory>)| {
                    Some(document(name(&paths::openvex(*cve)), openvex::document(edition, *cve, on)?))
                };
                Ok(cves.par_iter().filter_map(made).collect())
            }));
        }
        let edition = self.edition;
        let oval = "security/oval";
        out.trees.push(Tree {
            at: oval.into(),
            inputs: inputs(oval, &[self.everything.as_bytes()]),
            make: Box::new(move || Ok(vec![document(name(&paths::oval(&edition.distribution)), oval::document(edition))])),
        });
        out.files.push(document(paths::CYCLONEDX.into(), cyclonedx::vex(edition)));
        self.provider(out);
        out.files.push(document(paths::OSV_INDEX.into(), osv::modified_ids(edition)));
        out.files.push(document(paths::JSON_INDEX.into(), json::index(edition)));
        out.files.push(document(paths::ATOM.into(), atom::feed(edition, FEED)));
        Ok(())
    }

    /// The files that make the folders of CSAF documents those of a trusted provider.
    fn provider(&self, out: &mut Documents<'a>) {
        let edition = self.edition;
        let fingerprint = |f: &str| provider::Key { fingerprint: f.to_owned(), path: format!("keys/{f}.asc") };
        let keys: Vec<provider::Key> = self.keys.fingerprints().map(fingerprint).collect();
        let advisories: Vec<Listing> = edition.advisories.iter().map(|a| csaf::listing(edition, a)).collect();
        let vex: Vec<Listing> = by_cve(&edition.advisories).into_iter().map(|(cve, on)| csaf::vex_listing(edition, cve, &on)).collect();
        for (path, bytes) in [
            (paths::PROVIDER.to_owned(), provider::metadata(edition, &keys)),
            (format!("{}/index.txt", paths::CSAF), provider::index(paths::CSAF, &advisories)),
            (format!("{}/changes.csv", paths::CSAF), provider::changes(paths::CSAF, &advisories)),
            (format!("{}/index.txt", paths::VEX), provider::index(paths::VEX, &vex)),
            (format!("{}/changes.csv", paths::VEX), provider::changes(paths::VEX, &vex)),
            (paths::CSAF_FEED.to_owned(), provider::csaf_feed(edition, &advisories)),
            (paths::VEX_FEED.to_owned(), provider::vex_feed(edition, &vex)),
            (paths::SERVICE.to_owned(), provider::service(edition)),
        ] {
            out.files.push(document(path, bytes));
        }
    }

    fn people(&self, out: &mut Documents<'a>) {
        for (year, group) in self.groups(Advisory::year) {
            out.trees.push(self.tree(format!("advisory/{year}"), group, |edition, advisories| {
                let page = |a: &&Advisory| document(name(&pages::path::advisory(a)), pages::advisory(&as_of(edition, &[a]), a));
                Ok(advisories.par_iter().map(page).collect())
            }));
        }
        for (year, group) in self.groups(|a| a.cve.year()) {
            out.trees.push(self.tree(format!("cve/{year}"), group, |edition, advisories| {
                let cves: Vec<(CveId, Vec<&Advisory>)> = by_cve(advisories.iter().copied()).into_iter().collect();
                let page = |(cve, on): &(CveId, Vec<&Advisory>)| {
                    document(name(&pages::path::cve(*cve)), pages::cve(&as_of(edition, on), *cve, on))
                };
                Ok(cves.par_iter().map(page).collect())
            }));
        }
        for (at, group) in self.groups(|a| folder(&pages::path::package(&a.package))) {
            out.trees.push(self.tree(at, group, |edition, advisories| {
                let mut by: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
                for advisory in advisories {
                    by.entry(&advisory.package).or_default().push(advisory);
                }
                let by: Vec<(&str, Vec<&Advisory>)> = by.into_iter().collect();
                let page = |(package, on): &(&str, Vec<&Advisory>)| {
                    document(name(&pages::path::package(package)), pages::package(&as_of(edition, on), package, on))
                };
                Ok(by.par_iter().map(page).collect())
            }));
        }
        let edition = self.edition;
        let whole = |at: &str, make: fn(&Edition) -> Result<Vec<Document>, Failure>| {
            let at = at.to_owned();
            Tree { inputs: inputs(&at, &[self.everything.as_bytes()]), at, make: Box::new(move || make(edition)) }
        };
        if !pages::by_image(edition).is_empty() {
            out.trees.push(whole("image", |edition| Ok(images(edition))));
        }
        out.trees.push(whole("assets", |edition| {
            let named = |path: &str| path.trim_start_matches("assets/").to_owned();
            let mut out: Vec<Document> = pages::assets().iter().map(|(path, bytes)| document(named(path), bytes.to_vec())).collect();
            out.push(document(named(pages::SEARCH_DATA), pages::search_data(edition)?));
            Ok(out)
        }));
        if !edition.advisories.is_empty() {
            out.trees.push(whole("list", |edition| {
                let mut years: BTreeMap<u32, Vec<&Advisory>> = BTreeMap::new();
                for advisory in edition.advisories.iter().rev() {
                    years.entry(advisory.year()).or_default().push(advisory);
                }
                Ok(years.iter().map(|(year, on)| document(name(&pages::path::list(*year)), pages::year(edition, *year, on))).collect())
            }));
        }
        let mut packages: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
        for advisory in &edition.advisories {
            packages.entry(&advisory.package).or_default().push(advisory);
        }
        out.files.push(document("index.html".into(), pages::index(edition)));
        out.files.push(document("packages.html".into(), pages::packages(edition, &packages)));
        out.files.push(document("images.html".into(), pages::images(edition)));
    }

    fn keys(&self, out: &mut Documents<'a>) -> Result<(), PressError> {
        out.files.push(document(keys_path(self.edition), self.keys.armored()?));
        for (fingerprint, armored) in self.keys.each()? {
            out.files.push(document(format!("keys/{fingerprint}.asc"), armored));
        }
        Ok(())
    }

    /// The files for package managers: the list of mirrors of each channel, which always names one snapshot, so that a client never mixes
    /// two; the settings that name that list; the page with the settings for people; and the packages that the search answers for.
    fn clients(&self, out: &mut Documents<'a>, stock: &Stock<'_>) -> Result<(), PressError> {
        let Stock { channels, shipped: names } = stock;
        let distribution = &self.edition.distribution;
        // Of several channels a client takes one by itself.
        let public = || channels.iter().filter(|(_, channel)| channel.public).map(|(name, _)| name.as_str());
        let first = public().find(|name| *name == "updates").or_else(|| public().next());
        let mut setups = Vec::new();
        for (channel, Channel { snapshot, contents, public }) in channels {
            for arch in contents.arches.keys() {
                let line = format!("{}/snapshots/{snapshot}/{arch}/\n", distribution.site);
                out.files.push(document(format!("mirrorlist/{channel}-{arch}"), line.into_bytes()));
            }
            let enabled = first == Some(channel);
            let settings = format!(
                "[{vendor}-{channel}]\nname={name} {line} {channel}\nmirrorlist={site}/mirrorlist/{channel}-$basearch\nenabled={enabled}\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey={site}/{key}\n",
                vendor = distribution.vendor,
                name = distribution.name,
                line = distribution.line,
                site = distribution.site,
                enabled = u8::from(enabled),
                key = keys_path(self.edition),
            );
            let path = format!("repo/{}-{channel}.repo", distribution.vendor);
            out.files.push(document(path.clone(), settings.clone().into_bytes()));
            if *public {
                setups.push(pages::Setup { channel: channel.clone(), enabled, path, settings });
            }
        }
        setups.sort_by_key(|setup| !setup.enabled);
        let mut shipped = pages::Shipped::of(names);
        for channel in channels.values().filter(|channel| channel.public) {
            let mut binaries = channel.contents.binaries();
            for (source, version) in channel.contents.newest_builds() {
                shipped.add(source, version, binaries.remove(source).unwrap_or_default());
            }
        }
        out.files.push(document(pages::SHIPPED.into(), shipped.data()?));
        let fingerprints: Vec<&str> = self.keys.fingerprints().collect();
        out.files
            .push(document("repository.html".into(), pages::repository(self.edition, &setups, &keys_path(self.edition), &fingerprints)));
        Ok(())
    }
}

/// An edition without advisories, as of the newest of these, so that a document on them alone does not change with others.
fn as_of(edition: &Edition, advisories: &[&Advisory]) -> Edition {
    let at = advisories.iter().map(|a| a.updated()).max().unwrap_or(Timestamp::UNIX_EPOCH);
    Edition { at, advisories: Vec::new(), images: Vec::new(), distribution: edition.distribution.clone() }
}

/// The path of the file with all keys that clients need.
fn keys_path(edition: &Edition) -> String {
    format!("keys/{}.asc", edition.distribution.vendor)
}

fn images(edition: &Edition) -> Vec<Document> {
    pages::by_image(edition)
        .iter()
        .map(|(version, on)| document(name(&pages::path::image(version)), pages::image(edition, version, on)))
        .collect()
}

/// The year of the folder of an advisory's CSAF document.
fn csaf_year(advisory: &Advisory) -> String {
    folder(&paths::csaf(advisory)).rsplit('/').next().unwrap_or_default().to_owned()
}

fn document(path: String, bytes: Vec<u8>) -> Document {
    Document { path, bytes }
}

/// The last part of a path.
fn name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// A path without its last part.
fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// Documents, each with its digests in the form of `sha256sum` and a signature. A signature has the time of its document, or that from
/// which all keys are valid where that is later.
fn signed(made: impl ParallelIterator<Item = (String, Vec<u8>, Timestamp)>, signers: Option<&Signers>) -> Result<Vec<Document>, Failure> {
    let signers = signers.ok_or("documents are made by signers alone")?;
    let with = |(name, bytes, at): (String, Vec<u8>, Timestamp)| -> Result<[Document; 4], Failure> {
        let signature = signers.detached(&bytes, at.max(signers.since()))?;
        Ok([
            document(format!("{name}.sha256"), provider::sha256(&name, &bytes).into_bytes()),
            document(format!("{name}.sha512"), provider::sha512(&name, &bytes).into_bytes()),
            document(format!("{name}.asc"), signature),
            document(name, bytes),
        ])
    };
    let all: Vec<[Document; 4]> = made.map(with).collect::<Result<_, Failure>>()?;
    Ok(all.into_iter().flatten().collect())
}
