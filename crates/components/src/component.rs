use serde::{Deserialize, Serialize};

/// A component inside a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// The package URL's type (`golang`, `npm`, `pypi`, `cargo`, `maven`, `gem`, `generic`, ...).
    pub ecosystem: String,
    /// The name in that ecosystem, namespace included: `golang.org/x/net`, `@babel/core`, `org.apache/log4j`.
    pub name: String,
    /// The version; `None` where the source has none.
    pub version: Option<String>,
    /// The CPE 2.3 name that an SBOM states.
    pub cpe: Option<String>,
    /// The kind of source that names it.
    pub source: ComponentSource,
    /// The file or tag that names it.
    pub found_in: String,
    /// Whether it is part of what is shipped. That of a website, of documentation, tests, examples or development is not, as far as files
    /// and the names of folders tell: they may be wrong, so that nobody concludes from it that the component is not inside.
    #[serde(default = "is_shipped", skip_serializing_if = "Clone::clone")]
    pub shipped: bool,
}

/// What a component is of which nothing else is said.
fn is_shipped() -> bool {
    true
}

/// The kind of source that names a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentSource {
    /// A provide of the package: `Provides: bundled(name) = version`.
    Bundled,
    /// Go build information inside an installed binary.
    GoBuildInfo,
    /// A lock file or module list: go.mod, vendor.mod, go.sum, go.work, vendor/modules.txt, Cargo.lock, package-lock.json,
    /// npm-shrinkwrap.json, yarn.lock, requirements, pom.xml.
    LockFile,
    /// An SBOM.
    Sbom,
}

/// A list of all components that a source's build takes from an ecosystem: what is not on it is not inside.
///
/// The components are those of the package that were found in the same file, and in other files where these name them as well. The standard
/// library of a language is on no list, and a component that is not shipped may be inside. A source has lists of an ecosystem only where
/// they tell of all of it together: where one file of what is shipped or serves development could not be read whole, or tells only of a
/// part (a go.mod before Go 1.17 alone, requirements of pip), there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ComponentList {
    /// The package URL's type, as of its components.
    pub ecosystem: String,
    /// The file.
    pub found_in: String,
    /// The import paths of the packages that are really taken, sorted: Go's vendor/modules.txt has them below each module, and those of one
    /// that takes the place of another are there under both names. `None` where the list has modules only. They say nothing of a
    /// component that another file names: of the sources' own module, and of any where another list of the ecosystem has modules only.
    pub packages: Option<Vec<String>>,
}
