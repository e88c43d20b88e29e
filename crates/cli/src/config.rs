//! `seaworthy.toml` in the home folder: what a sync without options brings, the distribution's name, and where the ledger is.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use seaworthy_intelligence::fetch::Location;
use serde::Deserialize;

use crate::args::SyncArgs;

pub(crate) const FILE: &str = "seaworthy.toml";

/// What `init` writes; every line says what holds without it.
const TEMPLATE: &str = r#"# Settings of this home. A line without # is in force; options of the command line stand over it.

[distribution]
# Stands in the heading of reports.
# name = "Harbor Linux"
# The release line that cases belong to.
# line = "3.0"

[sources]
# What `seaworthy sync` brings when it is called without an option that names a source. A value is a path (relative to this
# folder), an address, "default" (the publisher's own address) or "off".
# nvd = "default"
# kev = "default"
# epss = "default"
# The changes since the last sync by the CVE API; a key goes into the environment variable NVD_API_KEY, not here.
# nvd_api = "off"
# cvelist = "off"
# overrides = "off"
# Folders, zips, addresses, or names of ecosystems such as "Go".
# osv = []

[ledger]
# Where what is done and decided is kept: a file, ledger.db in this folder, or a PostgreSQL that many machines share. A password
# goes into the environment variable PGPASSWORD or ~/.pgpass, not here.
# url = "postgres://seaworthy@db.example.org/seaworthy"

[publish]
# What advisories and packages are published under; `seaworthy publish` needs at least the address.
# url = "https://packages.example.org"
# Where the site is written: a folder. A web server serves the folder www in it.
# site = "site"
# A bucket of an S3-style store that gets the same, with the environment variables that all its programs know: AWS_ACCESS_KEY_ID,
# AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL where it is not Amazon's own.
# store = "s3://bucket/folder"
# The keys that sign: a folder that only its owner may enter.
# keys = "keys"
# The short name in purls and OVAL ids, what ids of advisories begin with, and where the security team is reached.
# vendor = "harbor"
# prefix = "HBR"
# contact = "mailto:security@example.org"
# The CPE 2.3 name of the release line, and what OSV calls it, where it is registered there.
# cpe = "cpe:2.3:o:harbor:harbor_linux:1.0:*:*:*:*:*:*:*"
# ecosystem = "Azure Linux:3"
# The channels of the package repository, and those of them that users get packages from.
# channels = ["candidate", "updates", "released"]
# public = ["updates", "released"]
# architectures = ["x86_64", "aarch64"]
# How repository metadata is compressed: "zstd", or "gzip" for old clients.
# compression = "zstd"

# What must happen by when and how fixes are delivered: `seaworthy policy template` prints the standard policy, to be changed
# and put here; `seaworthy policy check` tells what is wrong with it.
# [policy]
"#;

/// The settings of a home.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    distribution: Distribution,
    sources: Sources,
    ledger: LedgerSettings,
    publish: PublishSettings,
    /// Read on its own, with its lines, by [`seaworthy_triage::Policy`].
    #[allow(dead_code, reason = "a known table, so that a wrong name of another is still refused")]
    policy: Option<toml::Table>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LedgerSettings {
    url: Option<String>,
}

/// What is published under which names.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PublishSettings {
    pub(crate) url: Option<String>,
    pub(crate) site: PathBuf,
    pub(crate) store: Option<String>,
    pub(crate) keys: PathBuf,
    pub(crate) vendor: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) cpe: Option<String>,
    pub(crate) ecosystem: Option<String>,
    pub(crate) channels: Vec<String>,
    pub(crate) public: Vec<String>,
    pub(crate) architectures: Vec<String>,
    pub(crate) compression: Compressed,
}

/// How repository metadata is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Compressed {
    #[default]
    Zstd,
    Gzip,
}

impl Default for PublishSettings {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Self {
            url: None,
            site: "site".into(),
            store: None,
            keys: "keys".into(),
            vendor: None,
            prefix: None,
            contact: None,
            cpe: None,
            ecosystem: None,
            channels: list(&["candidate", "updates", "released"]),
            public: list(&["updates", "released"]),
            architectures: list(&["x86_64", "aarch64"]),
            compression: Compressed::default(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Distribution {
    name: Option<String>,
    line: Option<String>,
}

/// Where each source is; `None` is not looked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sources {
    pub(crate) nvd: Option<String>,
    pub(crate) nvd_api: Option<String>,
    pub(crate) kev: Option<String>,
    pub(crate) epss: Option<String>,
    pub(crate) cvelist: Option<String>,
    pub(crate) overrides: Option<String>,
    pub(crate) osv: Vec<String>,
}

impl Config {
    /// The settings of a home; the built-in ones where it has no file.
    pub(crate) fn read(home: &Path) -> anyhow::Result<Self> {
        let path = home.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        toml::from_str(&text).with_context(|| format!("{} is no settings file: correct it, or move it away", path.display()))
    }

    /// Writes the commented template where there is no file yet; says whether it did.
    pub(crate) fn create(home: &Path) -> anyhow::Result<(PathBuf, bool)> {
        let path = home.join(FILE);
        let written = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(TEMPLATE.as_bytes()).map(|()| true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e),
        };
        let written = written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok((path, written))
    }

    /// The distribution's name, where it is set.
    pub(crate) fn distribution(&self) -> Option<&str> {
        self.distribution.name.as_deref()
    }

    /// The release line that is worked on, where it is set.
    pub(crate) fn line(&self) -> Option<&str> {
        self.distribution.line.as_deref()
    }

    /// What is published under which names.
    pub(crate) fn publish(&self) -> &PublishSettings {
        &self.publish
    }

    /// Where the ledger is, where it is set.
    pub(crate) fn ledger(&self) -> Option<&str> {
        self.ledger.url.as_deref()
    }
}

impl Sources {
    /// What a sync is to bring: what its options name, or all that the settings name where they name nothing.
    pub(crate) fn wanted(args: &SyncArgs, config: &Config, home: &Path) -> Self {
        let named = Self {
            nvd: args.nvd.clone(),
            nvd_api: args.nvd_api.clone(),
            kev: args.kev.clone(),
            epss: args.epss.clone(),
            cvelist: args.cvelist.clone(),
            overrides: args.overrides.clone(),
            osv: args.osv.clone(),
        };
        let mut out = if named.is_empty() { config.sources.resolved(home) } else { named };
        for value in [&mut out.nvd, &mut out.nvd_api, &mut out.kev, &mut out.epss, &mut out.cvelist, &mut out.overrides] {
            value.take_if(|v| v == "off");
        }
        out
    }

    fn is_empty(&self) -> bool {
        let single = [&self.nvd, &self.nvd_api, &self.kev, &self.epss, &self.cvelist, &self.overrides];
        single.iter().all(|s| s.is_none()) && self.osv.is_empty()
    }

    /// The settings with what holds without them, and with paths that do not depend on the current folder.
    fn resolved(&self, home: &Path) -> Self {
        let at = |text: &String| match Location::of(text) {
            Location::Path(path) if text != "default" && text != "off" => home.join(path).to_string_lossy().into_owned(),
            _ => text.clone(),
        };
        let or_default = |value: &Option<String>| Some(value.as_ref().map_or_else(|| "default".to_owned(), at));
        // A bare word is the name of an ecosystem.
        let osv = |text: &String| if text.contains(['/', '.']) { at(text) } else { text.clone() };
        Self {
            nvd: or_default(&self.nvd),
            nvd_api: self.nvd_api.as_ref().map(at),
            kev: or_default(&self.kev),
            epss: or_default(&self.epss),
            cvelist: self.cvelist.as_ref().map(at),
            overrides: self.overrides.as_ref().map(at),
            osv: self.osv.iter().map(osv).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_changes_nothing() {
        let config: Config = toml::from_str(TEMPLATE).unwrap();
        let sources = config.sources.resolved(Path::new("/home"));
        assert_eq!((sources.nvd.as_deref(), sources.nvd_api), (Some("default"), None));
        let uncommented = TEMPLATE
            .replace("# name", "name")
            .replace("# nvd", "nvd")
            .replace("# osv", "osv")
            .replace("# cvelist", "cvelist")
            .replace("# url", "url")
            .replace("# store", "store")
            .replace("# public", "public")
            .replace("# compression", "compression");
        toml::from_str::<Config>(&uncommented).unwrap();
    }

    #[test]
    fn paths_are_those_of_the_home() {
        let config: Config = toml::from_str("[sources]\nnvd = \"feeds\"\nkev = \"off\"\nosv = [\"Go\", \"./osv\"]").unwrap();
        let sources = config.sources.resolved(Path::new("/home"));
        assert_eq!(sources.nvd.as_deref(), Some("/home/feeds"));
        assert_eq!(sources.kev.as_deref(), Some("off"));
        assert_eq!(sources.osv, ["Go", "/home/./osv"]);
    }
}
