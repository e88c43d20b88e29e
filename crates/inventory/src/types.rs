use std::path::{Path, PathBuf};

use seaworthy_components::{Component, ComponentList, Problem, ProblemKind};
use seaworthy_model::subject::check_name;
use seaworthy_model::text::{cut, masked};
use seaworthy_model::{CveId, Digest, DigestWriter, Evr};
use seaworthy_packages::PackageError;
use seaworthy_packages::rpm::database::DatabaseError;
use serde::{Deserialize, Serialize};

/// An inventory: all source packages of a distribution, a repository, an image or a root filesystem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// The origin.
    pub origin: Origin,
    /// The day of the inventory (`YYYY-MM-DD`); `None` where the source has none.
    pub date: Option<String>,
    /// The source packages, sorted by name and version.
    pub packages: Vec<SourcePackage>,
    /// The image, where the source describes one.
    pub image: Option<Image>,
    /// The problems: parts that could not be read, with the consequence.
    pub problems: Vec<Problem>,
}

impl Inventory {
    /// Leaves out packages, binary packages and components whose names or versions nothing behind an inventory can carry ([`unfit`]), and
    /// cuts texts of decisions that are longer than the log keeps. Each is a problem with the file that it stands in.
    pub(crate) fn leave_out_unfit(&mut self) {
        let problems = &mut self.problems;
        let mut problem =
            |file: &str, message: String| problems.push(Problem { kind: ProblemKind::Part, file: file.to_owned(), line: None, message });
        self.packages.retain_mut(|package| {
            let found_in = &package.found_in;
            // The subject of an SBOM often has no version, and its components have.
            let is_subject = package.evr == Evr::new(0, "", "") && package.binaries.is_empty() && !package.components.is_empty();
            let reason = if is_subject { unfit("the name", &package.name) } else { unfit_package(&package.name, &package.evr) };
            if let Some(unfit) = reason {
                problem(found_in, format!("package left out: {unfit}"));
                return false;
            }
            package.binaries.retain(|binary| {
                let unfit = unfit("the name", &binary.name);
                unfit.iter().for_each(|unfit| problem(found_in, format!("binary package left out: {unfit}")));
                unfit.is_none()
            });
            package.components.retain(|component| {
                let version = component.version.as_deref().filter(|v| !v.is_empty());
                let unfit = unfit("the name", &component.name).or_else(|| version.and_then(|version| unfit("the version", version)));
                unfit.iter().for_each(|unfit| problem(&component.found_in, format!("component of {} left out: {unfit}", package.name)));
                // A list that names what is left out says no longer what is not inside.
                if unfit.is_some() {
                    package.lists.retain(|list| list.ecosystem != component.ecosystem);
                }
                unfit.is_none()
            });
            let ends = |list: &ComponentList| list.packages.iter().flatten().find_map(|path| unfit("the path", path));
            if let Some(unfit) = package.lists.iter().find_map(ends) {
                problem(found_in, format!("lists of all components of {} left out: {unfit}", package.name));
                package.lists.clear();
            }
            for decision in &mut package.decisions {
                let long = decision.text.as_mut().filter(|text| text.len() > MOST_DECISION);
                if let Some(text) = long {
                    problem(&decision.file, format!("the decision has {} bytes; kept up to {MOST_DECISION}", text.len()));
                    text.truncate(text.floor_char_boundary(MOST_DECISION));
                }
            }
            true
        });
    }
}

/// The longest text of a decision, in bytes.
const MOST_DECISION: usize = 64 << 10;

/// The reason why a text can be no name or version, or `None`: it is empty, longer than 256 bytes, or has a control character, one that no
/// document can hold, or bytes that were no text.
pub(crate) fn unfit(what: &'static str, text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(format!("{what} is empty"));
    }
    // Where bytes are no UTF-8, a reader puts this character.
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Some(format!("{what} {:?} holds bytes that are no UTF-8", cut(text, 80)));
    }
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        return Some(format!("{what} {:?} holds what is no character", cut(text, 80)));
    }
    check_name(what, text).err().map(|e| e.to_string())
}

/// The reason why a package cannot be kept by its name and version; `None` where it can.
pub(crate) fn unfit_package(name: &str, evr: &Evr) -> Option<String> {
    unfit("the name", name).or_else(|| unfit("the version", &evr.to_string()))
}

/// The origin of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The kind of source in words: `spec tree`, `repository`, `root filesystem`, `packages file`, ...
    pub kind: String,
    /// The path, URL or `DIR@REVISION` that was given.
    pub location: String,
    /// The release tag or revision; `None` where the source has none.
    pub revision: Option<String>,
}

/// A node image release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The kind of image, such as `AKSAzureLinuxV3/gen2`.
    pub sku: String,
    /// The image version, such as `202608.20.0`.
    pub version: String,
    /// The time at which it was built, as the notes write it.
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
    /// The name.
    pub name: String,
    /// The EVR.
    pub evr: Evr,
    /// The address of the project's home page (`URL:`).
    pub url: Option<String>,
    /// The addresses of the source archives (`Source:`) in their order; macros expanded, a `#/file` suffix kept.
    pub sources: Vec<String>,
    /// The binary packages built from it, or those of them that are installed.
    pub binaries: Vec<BinaryPackage>,
    /// The patches that the spec names, and the CVE patches that lie beside it.
    pub patches: Vec<Patch>,
    /// Decisions recorded beside the spec (`CVE-*.nopatch`).
    pub decisions: Vec<Decision>,
    /// The names of the build requirements, without versions.
    pub build_requires: Vec<String>,
    /// The components inside it: bundled libraries, modules of lock files and of Go build information.
    pub components: Vec<Component>,
    /// The lists that have all of its components of an ecosystem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ComponentList>,
    /// The changelog, the newest entry first; empty where the source has none.
    pub changelog: Vec<ChangelogEntry>,
    /// The spec file, database or list that it was read from, relative to the origin.
    pub found_in: String,
}

impl SourcePackage {
    /// A package of which only name and version are known.
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
            lists: Vec::new(),
            changelog: Vec::new(),
            found_in: found_in.into(),
        }
    }
}

/// A binary package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BinaryPackage {
    /// The name.
    pub name: String,
    /// The version, where it differs from that of the source package or was read from a database.
    pub evr: Option<String>,
    /// The architecture; `None` where it is not known.
    pub arch: Option<String>,
}

/// A patch of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// The file name.
    pub file: String,
    /// The CVEs that it fixes: those in its name and those on `CVE:` lines inside it; none of a test, or of one that takes a fix back.
    pub cves: Vec<CveId>,
    /// Whether the spec applies it: declared and reached by `%patch`, `%autosetup`, `%autopatch` or `git am`, and not reversed
    /// (`-R`) after that. `None` where the source does not say (a packages file names the patch without `%prep`).
    pub applied: Option<bool>,
}

/// A recorded decision not to patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The CVE.
    pub cve: CveId,
    /// The file of the decision.
    pub file: String,
    /// The text; empty where the file is empty, `None` where the source does not have the text.
    pub text: Option<String>,
}

/// An entry of a changelog, or an advisory on the package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangelogEntry {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The EVR at the end of the header line; `None` where there is none.
    pub evr: Option<Evr>,
    /// The CVEs that the entry names as fixed, or names and says no more.
    pub cves: Vec<CveId>,
    /// The CVEs of which the entry says that they are not fixed, or not any more: a patch was removed, an update undone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<CveId>,
    /// The id of the advisory that says so, where it is none of the package's own changelog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
}

/// The reason why a source could not be read at all.
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
    /// A file has another format than expected.
    #[error("{path}{}: {message}", line.map(|l| format!(":{l}")).unwrap_or_default())]
    Format {
        /// The path or URL.
        path: PathBuf,
        /// The line, counted from 1; `None` where there is none.
        line: Option<usize>,
        /// The error, and what to do.
        message: String,
    },
    /// A file of a repository could not be fetched.
    #[error("{0}; check the address of the repository, the network and the proxy, then run again")]
    Fetch(#[from] seaworthy_host::http::HttpError),
    /// Another program failed.
    #[error(transparent)]
    Program(#[from] seaworthy_host::ProgramError),
    /// An RPM file could not be read.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The database of installed packages could not be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A folder that should be a spec tree has no spec file.
    #[error(
        "there is no spec file in {}{}",
        folder.display(),
        if *git { "; it is a git repository: name a revision behind it, such as FOLDER@HEAD" } else { " or in a folder below it" }
    )]
    NoSpecs {
        /// The folder.
        folder: PathBuf,
        /// Whether it is a git repository, whose specs are read of a revision.
        git: bool,
    },
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
    /// The error for a file that could not be read.
    pub fn read(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Read { path: path.as_ref().to_owned(), source }
    }

    /// The error for a file with a wrong format, without a line.
    pub fn format(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Format { path: path.as_ref().to_owned(), line: None, message: message.into() }
    }
}

impl Inventory {
    /// The name of the source package that has a binary package of a name; `None` where none has.
    #[must_use]
    pub fn source_of(&self, binary: &str) -> Option<&str> {
        self.packages.iter().find(|p| p.binaries.iter().any(|b| b.name == binary)).map(|p| p.name.as_str())
    }

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

    /// Whether the packages are specs, which show their own patches and changelogs.
    #[must_use]
    pub fn has_specs(&self) -> bool {
        matches!(&*self.origin.kind, "spec tree" | "packages file")
    }

    /// Sorts the packages and the problems.
    pub fn sort(&mut self) {
        self.packages.sort_by_cached_key(|p| (p.name.clone(), p.evr.sort_key(), p.found_in.clone()));
        self.problems.sort();
    }

    /// The digest of the content: equal content has an equal digest, whatever its origin.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut out = DigestWriter::new();
        out.field("seaworthy inventory 1");
        // Writing to a digest cannot fail, and every field serializes.
        let _ = serde_json::to_writer(&mut out, &(&self.date, &self.packages, &self.image));
        out.finish()
    }
}
