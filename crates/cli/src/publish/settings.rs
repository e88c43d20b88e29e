//! What `[publish]` of seaworthy.toml says, checked: a wrong word in it would be told to the world.

use anyhow::bail;
use seaworthy_publish::Distribution;

use crate::config::{Config, PublishSettings};

/// Whether channels and architectures are what they can be.
pub(super) fn check(settings: &PublishSettings) -> anyhow::Result<()> {
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    if let Some(name) = settings.channels.iter().chain(&settings.architectures).find(|name| !plain(name)) {
        bail!("{name:?} in [publish] of seaworthy.toml can name no channel or architecture: letters, digits, ., _ and - only");
    }
    if settings.channels.is_empty() || settings.architectures.is_empty() {
        bail!("[publish] of seaworthy.toml has to name at least one of channels and one of architectures");
    }
    if let Some(name) = settings.public.iter().find(|name| !settings.channels.contains(name)) {
        bail!("public in [publish] of seaworthy.toml names {name}, which is none of the channels {}", settings.channels.join(", "));
    }
    // Those have repositories of their own, or are in each.
    if let Some(name) = settings.architectures.iter().find(|a| ["noarch", "src", "nosrc", "source"].contains(&a.as_str())) {
        bail!("architectures in [publish] of seaworthy.toml names {name}: only architectures of machines belong there, such as x86_64");
    }
    Ok(())
}

/// Under which names it is published.
pub(super) fn distribution(config: &Config, line: &str) -> anyhow::Result<Distribution> {
    let settings = config.publish();
    let Some(site) = settings.url.as_deref().map(|u| u.trim_end_matches('/')) else {
        bail!("nobody knows where this is published: set url in [publish] of seaworthy.toml, such as \"https://packages.example.org\"");
    };
    if !(site.starts_with("https://") || site.starts_with("http://")) || site.contains(char::is_whitespace) {
        bail!("url in [publish] of seaworthy.toml is {site:?}: an http or https address is needed");
    }
    let in_names = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !line.starts_with(|c: char| c.is_ascii_alphanumeric()) || !line.chars().all(in_names) {
        bail!("{line:?} can name no release line that is published: letters, digits, ., _ and - only");
    }
    let name = config.distribution().unwrap_or("Unnamed Linux").to_owned();
    let slug: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let vendor = settings.vendor.clone().unwrap_or_else(|| slug.trim_matches('-').to_owned());
    if vendor.is_empty() || !vendor.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        bail!("vendor in [publish] of seaworthy.toml is {vendor:?}: lower-case letters, digits and - only");
    }
    let prefix = settings
        .prefix
        .clone()
        .unwrap_or_else(|| vendor.chars().filter(char::is_ascii_alphanumeric).take(3).collect::<String>().to_uppercase());
    if prefix.is_empty() || !prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        bail!("prefix in [publish] of seaworthy.toml is {prefix:?}: letters, digits, - and _ only");
    }
    let product = vendor.replace('-', "_");
    Ok(Distribution {
        contact: settings.contact.clone().unwrap_or_else(|| site.to_owned()),
        cpe: settings.cpe.clone().unwrap_or_else(|| format!("cpe:2.3:o:{product}:{product}:{line}:*:*:*:*:*:*:*")),
        ecosystem: settings.ecosystem.clone().unwrap_or_default(),
        site: site.to_owned(),
        line: line.to_owned(),
        name,
        vendor,
        prefix,
    })
}
