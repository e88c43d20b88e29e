//! The settings in `seaworthy.toml` in the home: the sources of a sync, the distribution's names, the address of the ledger, and the names
//! of publications. The last ones are checked before a publication begins, since a wrong one would become public.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use seaworthy_intelligence::Sources;
use seaworthy_model::{CpeName, ReleaseLine};
use seaworthy_packages::repository::Compression;
use seaworthy_publish::Distribution;
use seaworthy_triage::statements::Ours;
use serde::Deserialize;

/// The name of the settings file in a home.
pub const SETTINGS_FILE: &str = "seaworthy.toml";

/// An address that nobody has (RFC 2606).
const NOWHERE: &str = "https://distribution.invalid";

/// The hosts of examples, which no security team has (RFC 2606): templates of earlier versions named them.
const EXAMPLES: [&str; 3] = ["example.com", "example.net", "example.org"];

/// The settings file of a new home: comments that explain each setting, with a default or an example.
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
# The short name in purls and OVAL ids, and what ids of advisories begin with.
# vendor = "harbor"
# prefix = "HBR"
# Where readers reach the security team: a mail address, or that of a page. Without it they are told of none.
# contact = "mailto:security@"
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
# and put here; `seaworthy policy check` tells what is wrong with it. Readers of advisories are promised the deadlines that stand here,
# and no others.
# [policy]
"#;

/// The settings of a home.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    distribution: Names,
    sources: Sources,
    ledger: LedgerSettings,
    publish: PublishSettings,
    /// The policy, which [`seaworthy_triage::Policy`] reads by itself, with its lines.
    #[allow(dead_code, reason = "a known table, so that a wrong name of another is still refused")]
    policy: Option<toml::Table>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LedgerSettings {
    url: Option<String>,
}

/// The settings of publications.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishSettings {
    /// The address that the site is published under.
    pub url: Option<String>,
    /// The folder of the site, relative to the home.
    pub site: PathBuf,
    /// The address of the bucket that gets a copy of the site.
    pub store: Option<String>,
    /// The folder of the keys that sign, relative to the home.
    pub keys: PathBuf,
    /// The short name in purls and OVAL ids.
    pub vendor: Option<String>,
    /// The beginning of the ids of advisories.
    pub prefix: Option<String>,
    /// The address of the security team; `None` where readers are told of none.
    pub contact: Option<String>,
    /// The CPE 2.3 name of the release line.
    pub cpe: Option<String>,
    /// The name of the release line in OSV.
    pub ecosystem: Option<String>,
    /// The channels of the package repository.
    pub channels: Vec<String>,
    /// The channels that users get packages from.
    pub public: Vec<String>,
    /// The architectures of the package repository.
    pub architectures: Vec<String>,
    /// The compression of repository metadata.
    pub compression: Compressed,
}

/// The compression of repository metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compressed {
    /// Zstandard.
    #[default]
    Zstd,
    /// Gzip, for old clients.
    Gzip,
}

impl Compressed {
    /// The word of the compression in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }
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

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Names {
    name: Option<String>,
    line: Option<ReleaseLine>,
}

/// The error of reading or using the settings of a home.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// The action.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is not a settings file.
    #[error("{} is no settings file: correct it, or move it away: {source}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The cause, with its place.
        source: Box<toml::de::Error>,
    },
    /// The policy is wrong.
    #[error("{}:{line}: {message}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// The message: what is wrong.
        message: String,
    },
    /// The address of the site is missing.
    #[error("nobody knows where this is published: set url in [publish] of seaworthy.toml, such as \"https://packages.example.org\"")]
    NoUrl,
    /// The address of the site is no http or https address.
    #[error("url in [publish] of seaworthy.toml is {url:?}: an http or https address is needed")]
    Url {
        /// The text.
        url: String,
    },
    /// The release line cannot be part of published names.
    #[error("{line:?} can name no release line that is published: letters, digits, ., _ and - only")]
    Line {
        /// The text.
        line: String,
    },
    /// The vendor cannot be part of a purl.
    #[error("vendor in [publish] of seaworthy.toml is {vendor:?}: lower-case letters, digits and - only")]
    Vendor {
        /// The text.
        vendor: String,
    },
    /// The prefix cannot be part of an advisory's id.
    #[error("prefix in [publish] of seaworthy.toml is {prefix:?}: letters, digits, - and _ only")]
    Prefix {
        /// The text.
        prefix: String,
    },
    /// The contact is no address.
    #[error(
        "contact in [publish] of seaworthy.toml is {contact:?}: a mail address or an http or https address of the security team is needed; \
         without the line, readers are told of no contact"
    )]
    Contact {
        /// The text.
        contact: String,
    },
    /// The name of a channel or architecture cannot be a folder of the repository.
    #[error("{name:?} in [publish] of seaworthy.toml can name no channel or architecture: letters, digits, ., _ and - only")]
    Name {
        /// The text.
        name: String,
    },
    /// The channels or the architectures are empty.
    #[error("[publish] of seaworthy.toml has to name at least one of channels and one of architectures")]
    NoChannels,
    /// A public channel is none of the channels.
    #[error("public in [publish] of seaworthy.toml names {name}, which is none of the channels {}", channels.join(", "))]
    Public {
        /// The name.
        name: String,
        /// The channels.
        channels: Vec<String>,
    },
    /// An architecture is not one of machines, such as `noarch` or `src`.
    #[error("architectures in [publish] of seaworthy.toml names {name}: only architectures of machines belong there, such as x86_64")]
    Architecture {
        /// The name.
        name: String,
    },
}

impl Settings {
    /// The settings of a home; the defaults where it has no file.
    pub(crate) fn read(home: &Path) -> Result<Self, SettingsError> {
        let path = home.join(SETTINGS_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|source| SettingsError::Format { path, source: Box::new(source) }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SettingsError::File { doing: "read", path, source }),
        }
    }

    /// Writes the template where there is no file yet; gives the path, and whether the file was written.
    pub(crate) fn create(home: &Path) -> Result<(PathBuf, bool), SettingsError> {
        let path = home.join(SETTINGS_FILE);
        let written = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(TEMPLATE.as_bytes()).map(|()| true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e),
        };
        match written {
            Ok(written) => Ok((path, written)),
            Err(source) => Err(SettingsError::File { doing: "write", path, source }),
        }
    }

    /// The name of the distribution; `None` where the settings have none.
    #[must_use]
    pub fn distribution_name(&self) -> Option<&str> {
        self.distribution.name.as_deref()
    }

    /// The release line to work on: the one that was asked for, that of the settings, or `default`.
    #[must_use]
    pub fn line(&self, asked: Option<&ReleaseLine>) -> ReleaseLine {
        asked.or(self.distribution.line.as_ref()).cloned().unwrap_or_default()
    }

    /// The sources of a sync.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The settings of publications.
    #[must_use]
    pub fn publish(&self) -> &PublishSettings {
        &self.publish
    }

    /// The address of the ledger; `None` where the settings have none.
    pub(crate) fn ledger(&self) -> Option<&str> {
        self.ledger.url.as_deref()
    }

    /// The names under which a release line is published, after a check of them, the channels and the architectures.
    pub(crate) fn published_names(&self, line: &str) -> Result<Distribution, SettingsError> {
        self.publish.check()?;
        let site = self.site_address()?.ok_or(SettingsError::NoUrl)?;
        if !is_plain(line) {
            return Err(SettingsError::Line { line: line.to_owned() });
        }
        let distribution = self.names(line, Some(site), self.vendor()?)?;
        let prefix = &distribution.prefix;
        if prefix.is_empty() || !prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(SettingsError::Prefix { prefix: prefix.clone() });
        }
        Ok(distribution)
    }

    /// The address of the site without a slash at its end; `None` where the settings have none.
    pub(crate) fn site_address(&self) -> Result<Option<&str>, SettingsError> {
        let site = self.publish.url.as_deref().map(|url| url.trim_end_matches('/'));
        match site.filter(|site| !is_address(site)) {
            Some(site) => Err(SettingsError::Url { url: site.to_owned() }),
            None => Ok(site),
        }
    }

    /// The vendor, the short name in purls and ids: that of the settings, or one made of the distribution's name.
    pub(crate) fn vendor(&self) -> Result<String, SettingsError> {
        let slug = || {
            let name = self.full_name().to_lowercase();
            let slug: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            slug.trim_matches('-').to_owned()
        };
        let vendor = self.publish.vendor.clone().unwrap_or_else(slug);
        if is_vendor(&vendor) { Ok(vendor) } else { Err(SettingsError::Vendor { vendor }) }
    }

    /// The vendor in the purls of a scan, as in those of a publication. It is empty where the settings do not name the distribution, since
    /// the packages may be anybody's then, and where the name can be no vendor: only a publication must have one.
    pub(crate) fn vendor_of_scans(&self) -> String {
        let named = self.publish.vendor.is_some() || self.distribution.name.is_some();
        if named { self.vendor().unwrap_or_default() } else { String::new() }
    }

    /// The names of the distribution by which VEX statements of others may name it.
    pub(crate) fn ours(&self) -> Ours {
        let name = self.publish.cpe.as_deref().and_then(|cpe| CpeName::parse(cpe).ok());
        let cpe = name.as_ref().and_then(|name| Some((name.vendor.value()?.to_owned(), name.product.value()?.to_owned())));
        let cpe_version = name.as_ref().and_then(|name| name.version.value()).map(str::to_owned);
        let names = self.distribution.name.iter().cloned().collect();
        let vendor = self.vendor_of_scans();
        let own = if vendor.is_empty() { self.vendor().unwrap_or_default() } else { String::new() };
        Ours { vendor, names, own, cpe, cpe_version, ..Ours::default() }
    }

    fn full_name(&self) -> &str {
        self.distribution_name().unwrap_or("Unnamed Linux")
    }

    /// The names of a release line in documents, after a check of the contact; without a site its address is one that nobody has.
    pub(crate) fn names(&self, line: &str, site: Option<&str>, vendor: String) -> Result<Distribution, SettingsError> {
        let settings = &self.publish;
        if let Some(contact) = settings.contact.as_deref().filter(|contact| !is_contact(contact)) {
            return Err(SettingsError::Contact { contact: contact.to_owned() });
        }
        let initials = || vendor.chars().filter(char::is_ascii_alphanumeric).take(3).collect::<String>().to_uppercase();
        let product = vendor.replace('-', "_");
        Ok(Distribution {
            name: self.full_name().to_owned(),
            prefix: settings.prefix.clone().unwrap_or_else(initials),
            contact: settings.contact.clone().unwrap_or_default(),
            cpe: settings.cpe.clone().unwrap_or_else(|| format!("cpe:2.3:o:{product}:{product}:{line}:*:*:*:*:*:*:*")),
            ecosystem: settings.ecosystem.clone().unwrap_or_default(),
            site: site.unwrap_or(NOWHERE).to_owned(),
            line: line.to_owned(),
            vendor,
        })
    }
}

impl PublishSettings {
    /// The first channel that users get packages from, in which what was delivered by other means counts as published.
    pub(crate) fn main_channel(&self) -> &str {
        self.public.first().or(self.channels.first()).map_or("updates", String::as_str)
    }

    /// Checks the channels and the architectures.
    fn check(&self) -> Result<(), SettingsError> {
        if let Some(name) = self.channels.iter().chain(&self.architectures).find(|name| !is_plain(name)) {
            return Err(SettingsError::Name { name: name.clone() });
        }
        if self.channels.is_empty() || self.architectures.is_empty() {
            return Err(SettingsError::NoChannels);
        }
        if let Some(name) = self.public.iter().find(|name| !self.channels.contains(name)) {
            return Err(SettingsError::Public { name: name.clone(), channels: self.channels.clone() });
        }
        // Those have repositories of their own, or are in each.
        if let Some(name) = self.architectures.iter().find(|a| ["noarch", "src", "nosrc", "source"].contains(&a.as_str())) {
            return Err(SettingsError::Architecture { name: name.clone() });
        }
        Ok(())
    }

    pub(crate) fn repository_compression(&self) -> Compression {
        match self.compression {
            Compressed::Zstd => Compression::Zstd,
            Compressed::Gzip => Compression::Gzip,
        }
    }
}

/// Whether a text is an http or https address without spaces.
pub(super) fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace)
}

/// Whether a text is a mail address, or an http or https address: one of both that names a host, and none of [`EXAMPLES`].
fn is_contact(text: &str) -> bool {
    let is_example = |host: &str| {
        let host = host.to_ascii_lowercase();
        EXAMPLES.iter().any(|example| host.strip_suffix(example).is_some_and(|before| before.is_empty() || before.ends_with('.')))
    };
    let is_host = |host: &str| !host.is_empty() && !host.contains(['@', '/', ':']) && !host.starts_with('.') && !is_example(host);
    let mail = text.strip_prefix("mailto:").unwrap_or(text).split_once('@');
    let web = text.split_once("://").map(|(_, rest)| rest.split(['/', ':', '?', '#']).next().unwrap_or_default());
    let is_mail = mail.is_some_and(|(user, host)| !user.is_empty() && !user.contains(['/', ':']) && is_host(host));
    !text.contains(char::is_whitespace) && (is_mail || (is_address(text) && web.is_some_and(is_host)))
}

/// Whether a name can be the namespace of purls, and a part of ids: lower-case letters, digits and `-`.
pub(super) fn is_vendor(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether a name can be a folder, and a part of names: letters, digits, `.`, `_` and `-`, with a letter or digit first.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_changes_nothing() {
        let config: Settings = toml::from_str(TEMPLATE).unwrap();
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
        toml::from_str::<Settings>(&uncommented).unwrap();
    }

    #[test]
    fn a_contact_is_an_address_and_none_is_made_up() {
        for good in [
            "mailto:security@harbor.test",
            "security@harbor.test",
            "https://harbor.test/security",
            "http://127.0.0.1:8080",
            "a@anexample.org",
        ] {
            assert!(is_contact(good), "{good}");
        }
        // The lines of the template, and of that of earlier versions, are among them: nobody publishes them by accident.
        for bad in [
            "",
            "mailto:security@",
            "mailto:security@example.org",
            "https://example.com/security",
            "a@mail.EXAMPLE.org",
            "https://www.example.com?x",
        ] {
            assert!(!is_contact(bad), "{bad}");
        }
        for bad in ["@harbor.test", "the security team", "https://", "ftp://harbor.test", "a b@harbor.test"] {
            assert!(!is_contact(bad), "{bad}");
        }
        let names = |text: &str| {
            let settings: Settings = toml::from_str(text).unwrap();
            settings.names("1.0", Some("https://packages.harbor.test"), "harbor".into())
        };
        assert_eq!(names("").unwrap().contact, "");
        // A name instead of an address stops documents, and no other command.
        let refused = names("[publish]\ncontact = \"the security team\"");
        assert!(matches!(refused, Err(SettingsError::Contact { contact }) if contact == "the security team"));
    }

    #[test]
    fn paths_are_those_of_the_home() {
        let config: Settings = toml::from_str("[sources]\nnvd = \"feeds\"\nkev = \"off\"\nosv = [\"Go\", \"./osv\"]").unwrap();
        let sources = config.sources.resolved(Path::new("/home"));
        assert_eq!(sources.nvd.as_deref(), Some("/home/feeds"));
        assert_eq!(sources.kev.as_deref(), Some("off"));
        assert_eq!(sources.osv, ["Go", "/home/./osv"]);
    }
}
