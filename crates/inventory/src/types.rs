use std::path::{Path, PathBuf};

use seaworthy_model::subject::check_name;
use seaworthy_model::text::masked;
use seaworthy_model::{CveId, Digest, DigestWriter, Evr};
use seaworthy_packages::PackageError;
use seaworthy_packages::rpm::database::DatabaseError;
use serde::{Deserialize, Serialize};

/// What a distribution, a repository, an image or a root filesystem ships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// Where it was read from.
    pub origin: Origin,
    /// The day it stands for (`YYYY-MM-DD`), where the source says one.
    pub date: Option<String>,
    /// The source packages, sorted by name and version.
    pub packages: Vec<SourcePackage>,
    /// The image, where the source describes one.
    pub image: Option<Image>,
    /// What could not be read, and what was done about it.
    pub problems: Vec<Problem>,
}

impl Inventory {
    /// Leaves out packages and binary packages whose names nothing behind an inventory can carry: a name or a version that is empty, longer
    /// than 256 bytes, or holds a control character. Each is a problem with the file that it stands in.
    pub(crate) fn leave_out_unfit(&mut self) {
        let problems = &mut self.problems;
        let mut fits = |found_in: &str, what: &'static str, kind: &str, text: &str| {
            let unfit =
                if text.is_empty() { Some(format!("{what} is empty")) } else { check_name(what, text).err().map(|e| e.to_string()) };
            if let Some(unfit) = &unfit {
                problems.push(Problem { file: found_in.to_owned(), line: None, message: format!("{kind} left out: {unfit}") });
            }
            unfit.is_none()
        };
        self.packages.retain_mut(|package| {
            let found_in = package.found_in.clone();
            let whole = fits(&found_in, "the name", "package", &package.name)
                && fits(&found_in, "the version", "package", &package.evr.to_string());
            if whole {
                package.binaries.retain(|binary| fits(&found_in, "the name", "binary package", &binary.name));
            }
            whole
        });
    }
}

/// Where an inventory came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The kind of source in the user's words: `spec tree`, `repository`, `root filesystem`, `packages file`, ...
    pub kind: String,
    /// The path, URL or `DIR@REVISION` that was given.
    pub location: String,
    /// The release tag or revision that the source states.
    pub revision: Option<String>,
}

/// A node image release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The kind of image, such as `AKSAzureLinuxV3/gen2`.
    pub sku: String,
    /// The image version, such as `202608.20.0`.
    pub version: String,
    /// When it was built, as the notes say it.
    pub built: Option<String>,
    /// The `VERSION` of its os-release.
    pub os_version: Option<String>,
    /// The version of its kernel package.
    pub kernel: Option<String>,
    /// Container images pulled into it beforehand, as `name:tag`.
    pub containers: Vec<String>,
}

/// A source package: the unit that maintainers patch and that verdicts are about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourcePackage {
    /// The source package's name.
    pub name: String,
    /// Its version.
    pub evr: Evr,
    /// The project's page (`URL:`).
    pub url: Option<String>,
    /// The source archives (`Source:`), the first one first; macros expanded, a `#/file` suffix kept.
    pub sources: Vec<String>,
    /// The binary packages built from it, or those of them that are installed.
    pub binaries: Vec<BinaryPackage>,
    /// The patches named by the spec, and CVE patches that lie beside it.
    pub patches: Vec<Patch>,
    /// Decisions recorded beside the spec (`CVE-*.nopatch`).
    pub decisions: Vec<Decision>,
    /// The names of its build requirements, versions cut off.
    pub build_requires: Vec<String>,
    /// Components inside it: bundled libraries, modules of lock files and of build info.
    pub components: Vec<Component>,
    /// Its changelog, newest first, where the source has one.
    pub changelog: Vec<ChangelogEntry>,
    /// The spec file, database or list it was read from, relative to the origin.
    pub found_in: String,
}

impl SourcePackage {
    /// A package with nothing known of it but name and version.
    #[must_use]
    pub fn new(name: impl Into<String>, evr: Evr, found_in: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            evr,
            url: None,
            sources: Vec::new(),
            binaries: Vec::new(),
            patches: Vec::new(),
            decisions: Vec::new(),
            build_requires: Vec::new(),
            components: Vec::new(),
            changelog: Vec::new(),
            found_in: found_in.into(),
        }
    }
}

/// A binary package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BinaryPackage {
    /// Its name.
    pub name: String,
    /// Its version where it differs from the source package's or was read from a database.
    pub evr: Option<String>,
    /// Its architecture, where known.
    pub arch: Option<String>,
}

/// A patch of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// The file name.
    pub file: String,
    /// The CVEs that it fixes: those of its name, unless it starts with `test-`, and those of `CVE:` lines inside it.
    pub cves: Vec<CveId>,
    /// Whether the spec applies it: declared and reached by `%patch`, `%autosetup`, `%autopatch` or `git am`. `None` where the
    /// source does not tell (a packages file names the patch without %prep).
    pub applied: Option<bool>,
}

/// A recorded decision not to patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The CVE it is about.
    pub cve: CveId,
    /// The file it stands in.
    pub file: String,
    /// Its text; empty when the file is empty, `None` when the source does not carry the text.
    pub text: Option<String>,
}

/// A component inside a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// The package URL's type (`golang`, `npm`, `pypi`, `cargo`, `maven`, `gem`, `generic`, ...).
    pub ecosystem: String,
    /// The name in that ecosystem, namespace included: `golang.org/x/net`, `@babel/core`, `org.apache/log4j`.
    pub name: String,
    /// Its version; `None` where the source does not say.
    pub version: Option<String>,
    /// The CPE 2.3 name that an SBOM states.
    pub cpe: Option<String>,
    /// How it is known.
    pub source: ComponentSource,
    /// The file or tag that says so.
    pub found_in: String,
}

/// How a component is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentSource {
    /// `Provides: bundled(name) = version`.
    Bundled,
    /// Go build information inside an installed binary.
    GoBuildInfo,
    /// A lock file or module list: go.mod, go.sum, vendor/modules.txt, Cargo.lock, package-lock.json, requirements, pom.xml.
    LockFile,
    /// An SBOM.
    Sbom,
}

/// One changelog entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangelogEntry {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The EVR at the end of the header line, where it stands there.
    pub evr: Option<Evr>,
    /// The CVEs that the entry names as fixed or mentioned (an entry that removes a patch does not count).
    pub cves: Vec<CveId>,
}

/// Something that could not be read; the rest of the inventory stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file, relative to the origin.
    pub file: String,
    /// The line, counted from 1, where there is one.
    pub line: Option<usize>,
    /// What was found and what was done about it.
    pub message: String,
}

/// Why a source could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// A file or folder could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}{}: {message}", line.map(|l| format!(":{l}")).unwrap_or_default())]
    Format {
        /// The path or URL.
        path: PathBuf,
        /// The line, where there is one.
        line: Option<usize>,
        /// What was found and what to do.
        message: String,
    },
    /// A file of a repository could not be fetched.
    #[error("{0}; check the address of the repository, the network and the proxy, then run again")]
    Fetch(#[from] seaworthy_host::http::HttpError),
    /// Another program that was needed failed.
    #[error(transparent)]
    Program(#[from] seaworthy_host::ProgramError),
    /// An RPM file could not be read.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The database of installed packages could not be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A git repository has no such revision.
    #[error("there is no revision {revision:?} in {}; name a branch, tag or commit", repository.display())]
    Revision {
        /// The revision that was asked for.
        revision: String,
        /// The repository.
        repository: PathBuf,
    },
}

impl InventoryError {
    /// A read error.
    pub fn read(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Read { path: path.as_ref().to_owned(), source }
    }

    /// A format error without a line.
    pub fn format(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Format { path: path.as_ref().to_owned(), line: None, message: message.into() }
    }
}

impl Inventory {
    /// An empty inventory of an origin.
    #[must_use]
    pub fn new(kind: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            origin: Origin { kind: kind.into(), location: masked(&location.into()).into_owned(), revision: None },
            date: None,
            packages: Vec::new(),
            image: None,
            problems: Vec::new(),
        }
    }

    /// Brings the packages and problems into their canonical order.
    pub fn sort(&mut self) {
        self.packages.sort_by_cached_key(|p| (p.name.clone(), p.evr.sort_key(), p.found_in.clone()));
        self.problems.sort();
    }

    /// The digest of what is shipped: equal content gives an equal digest wherever it lies.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy inventory 1");
        // Writing to a digest cannot fail, and every field serializes.
        let _ = serde_json::to_writer(&mut out, &(&self.date, &self.packages, &self.image));
        out.finish()
    }
}
