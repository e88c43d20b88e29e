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
}

/// The kind of source that names a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentSource {
    /// A provide of the package: `Provides: bundled(name) = version`.
    Bundled,
    /// Go build information inside an installed binary.
    GoBuildInfo,
    /// A lock file or module list: go.mod, go.sum, vendor/modules.txt, Cargo.lock, package-lock.json, requirements, pom.xml.
    LockFile,
    /// An SBOM.
    Sbom,
}
