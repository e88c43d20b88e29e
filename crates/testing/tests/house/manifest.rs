//! The manifests of the workspace as cargo reads them.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// A crate of the workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    name: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

/// The crates of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--offline", "--locked", "--format-version", "1"];
    let out = Command::new(cargo).args(arguments).current_dir(seaworthy_testing::workspace()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice::<Metadata>(&out.stdout).unwrap().packages
}

/// The name of a crate without the prefix that all have.
fn short(name: &str) -> String {
    name.strip_prefix("seaworthy-").unwrap_or(name).to_owned()
}

impl Package {
    pub(crate) fn short(&self) -> String {
        short(&self.name)
    }

    /// The crates of the workspace on which this one depends, and whether only its tests do.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = (String, bool)> + '_ {
        let ours = self.dependencies.iter().filter(|d| d.path.is_some());
        ours.map(|d| (short(&d.name), d.kind.as_deref() == Some("dev")))
    }

    /// The crates of others on which the shipped code depends.
    pub(crate) fn foreign(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(|d| d.path.is_none() && d.kind.as_deref() != Some("dev")).map(|d| d.name.as_str())
    }

    /// The library and the programs, which are the shipped code.
    pub(crate) fn product(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|t| t.kind.iter().any(|k| k == "lib" || k == "bin"))
    }
}
