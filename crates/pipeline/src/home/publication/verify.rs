//! Use case: the site is verified against the log and its own digests and signatures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use seaworthy_keys::{PublicKeys, verify_detached};
use seaworthy_packages::repository::{Depth, check};
use seaworthy_publish::contract::Concluded;
use seaworthy_publish::press::{Contents, InstalledPrograms, conclude};
use seaworthy_publish::site::Index;

use super::publisher::{Publisher, time_of};
use super::store::{StoreComparison, Target};
use crate::home::{Home, HomeError, PublicationError, Stage};

/// The options of a verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyRequest {
    /// Whether every package is read, and not only its size, and every object of the store.
    pub packages: bool,
    /// Whether the programs OpenSCAP and dnf are asked as well.
    pub programs: bool,
}

/// The result of a verification.
#[derive(Debug)]
pub struct VerifiedPublication {
    /// The publication in force.
    pub id: String,
    /// The number of documents that were read.
    pub documents: usize,
    /// The number of good signatures.
    pub signatures: usize,
    /// The number of packages in the channels.
    pub packages: u64,
    /// The conclusions of consumers.
    pub concluded: Concluded,
    /// The comparison with the store; `None` where the settings name none.
    pub store: Option<StoreComparison>,
    /// The differences from what was published.
    pub wrong: Vec<Wrong>,
}

impl VerifiedPublication {
    /// Whether nothing differs from what was published.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty() && self.concluded.agrees() && self.store.as_ref().is_none_or(|s| s.wrong.is_empty())
    }
}

/// A difference from what was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The last publication of the log is another one.
    NotLast {
        /// The publication in force.
        id: String,
        /// The last one in the log.
        last: String,
    },
    /// The content of the publication differs from that in the log.
    OtherContent {
        /// The publication in force.
        id: String,
    },
    /// The log has no publication.
    Foreign {
        /// The publication in force.
        id: String,
    },
    /// A file or a package differs.
    File {
        /// The file; `None` where the message names it.
        path: Option<PathBuf>,
        /// The difference, in words.
        message: String,
    },
}

impl Wrong {
    fn of(error: impl fmt::Display) -> Self {
        Self::File { path: None, message: error.to_string() }
    }

    fn at(path: impl Into<PathBuf>, error: impl fmt::Display) -> Self {
        Self::File { path: Some(path.into()), message: error.to_string() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLast { id, last } => write!(f, "{id} is in force, and the log says {last}: `seaworthy publish run` completes it"),
            Self::OtherContent { id } => write!(f, "{id} is not what the log says was published"),
            Self::Foreign { id } => write!(f, "{id} is in force, and the log tells of no publication: it is of another ledger"),
            Self::File { path: Some(path), message } => write!(f, "{}: {message}", path.display()),
            Self::File { path: None, message } => f.write_str(message),
        }
    }
}

impl Home {
    /// Verifies the publication in force: digests, signatures, pointers, and the conclusions of consumers.
    ///
    /// # Errors
    /// When nothing is published, or the home cannot be read. Differences of the site are part of the result.
    pub fn verify_publication(&self, request: VerifyRequest) -> Result<VerifiedPublication, HomeError> {
        let work = self.work(&Stage::Published);
        let publisher = Publisher::open(self, None)?;
        let id = publisher.site.current()?.ok_or_else(|| match publisher.last() {
            Some(last) => PublicationError::NotInForce { www: publisher.site.www(), last: last.id.clone() },
            None => PublicationError::NothingPublished,
        })?;
        let index = publisher.site.index(&id)?.ok_or_else(|| PublicationError::NoIndex { id: id.clone() })?;
        let keys = self.key_store()?;
        let public = keys.public_keys(publisher.now)?;
        let mut check = Check { publisher: &publisher, wrong: Vec::new(), signatures: 0, packages: 0 };
        check.content(&id, &index);
        let (documents, damaged) = publisher.site.check(&id)?;
        check.wrong.extend(damaged.iter().map(Wrong::of));
        check.documents(&index, &public)?;
        let depth = if request.packages { Depth::Digests } else { Depth::Sizes };
        let mut channels: BTreeMap<&String, (String, Contents)> = BTreeMap::new();
        for (channel, snapshot) in &index.channels {
            work.stage(&Stage::Channel(channel));
            let contents = check.snapshot(snapshot, depth, &public, publisher.now)?;
            channels.insert(channel, (snapshot.clone(), contents));
        }
        let packages = check.packages;
        // Somebody may have pinned an earlier one. It was signed by the keys of its time, whatever became of them.
        work.stage(&Stage::Snapshots);
        let every = keys.every_public_key()?;
        let current: BTreeSet<&String> = index.channels.values().collect();
        let earlier = publisher.settings().channels.iter().flat_map(|name| publisher.chronicle.snapshots(name));
        for snapshot in earlier.collect::<BTreeSet<_>>().difference(&current) {
            let at = time_of(snapshot).unwrap_or(publisher.now);
            if let Err(e) = check.snapshot(snapshot, Depth::Sizes, &every, at) {
                check.wrong.push(Wrong::of(e));
            }
        }
        let Check { mut wrong, mut signatures, .. } = check;
        if request.packages {
            work.stage(&Stage::Signatures);
            let contents = channels.values().map(|(_, contents)| contents);
            let (read, unsigned) = publisher.packages().signatures(contents, &public, publisher.now);
            signatures += read;
            wrong.extend(unsigned.iter().map(Wrong::of));
        }
        work.stage(&Stage::Consumers);
        let edition = publisher.chronicle.edition(&publisher.distribution);
        let is_public = |(name, _): &(&&String, &(String, Contents))| publisher.settings().public.contains(name);
        let held = channels.iter().filter(is_public).map(|(name, (snapshot, contents))| ((*name).clone(), (snapshot.clone(), contents)));
        let real = request.programs.then_some(InstalledPrograms { site: &publisher.site, keys: &public });
        let concluded = conclude(&edition, &held.collect(), real)?;
        let target = Target::open(publisher.settings())?;
        let store = target.map(|target| target.compare(self, &publisher.site, &id, request.packages)).transpose()?;
        Ok(VerifiedPublication { id, documents, signatures, packages, concluded, store, wrong })
    }
}

/// The verification up to now.
struct Check<'p> {
    publisher: &'p Publisher<'p>,
    wrong: Vec<Wrong>,
    signatures: usize,
    packages: u64,
}

impl Check<'_> {
    /// Checks that the publication in force is the last one of the log.
    fn content(&mut self, id: &str, index: &Index) {
        let id = id.to_owned();
        match self.publisher.last() {
            Some(last) if last.id != id => self.wrong.push(Wrong::NotLast { id, last: last.id.clone() }),
            Some(last) if last.content != index.content() => self.wrong.push(Wrong::OtherContent { id }),
            Some(_) => {}
            None => self.wrong.push(Wrong::Foreign { id }),
        }
    }

    /// Checks the signatures of the documents.
    fn documents(&mut self, index: &Index, public: &PublicKeys) -> Result<(), HomeError> {
        let site = &self.publisher.site;
        for path in site.documents(index)?.into_iter().filter(|p| p.ends_with(".asc") && !p.starts_with("keys/")) {
            let signature = site.www().join(&path);
            let read = |path: &Path| fs::read(path).map_err(HomeError::io("read", path));
            match verify_detached(&read(&signature.with_extension(""))?, &read(&signature)?, public, self.publisher.now) {
                Ok(_) => self.signatures += 1,
                Err(e) => self.wrong.push(Wrong::at(path, e)),
            }
        }
        Ok(())
    }

    /// Reads the repositories of a snapshot, whose indexes have to be signed by one of `keys` that is valid at a time; gives its packages.
    fn snapshot(&mut self, id: &str, depth: Depth, keys: &PublicKeys, at: Timestamp) -> Result<Contents, HomeError> {
        let site = &self.publisher.site;
        let contents = self.publisher.packages().contents(id)?;
        for arch in contents.arches.keys() {
            let repodata = site.snapshot(id).join(arch).join("repodata");
            match check(&repodata, site.dir(), depth) {
                Ok(checked) => {
                    self.packages += checked.packages;
                    self.wrong.extend(checked.findings.iter().map(|f| Wrong::at(&f.path, &f.message)));
                }
                Err(e) => self.wrong.push(Wrong::of(e)),
            }
            match signed(&repodata, keys, at) {
                Ok(()) => self.signatures += 1,
                Err(e) => self.wrong.push(Wrong::at(repodata.join("repomd.xml"), e)),
            }
        }
        Ok(contents)
    }
}

fn signed(repodata: &Path, keys: &PublicKeys, at: Timestamp) -> Result<(), HomeError> {
    let read = |name: &str| {
        let path = repodata.join(name);
        fs::read(&path).map_err(HomeError::io("read", &path))
    };
    verify_detached(&read("repomd.xml")?, &read("repomd.xml.asc")?, keys, at)?;
    Ok(())
}
