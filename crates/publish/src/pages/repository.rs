use maud::{Markup, html};

use super::layout::{self, Shell};
use crate::Edition;

/// The settings of a package manager for a channel.
pub struct Setup {
    /// The name of the channel.
    pub channel: String,
    /// Whether a client takes packages from it without being told.
    pub enabled: bool,
    /// The path of the settings file from the root of the site.
    pub path: String,
    /// The text of the file.
    pub settings: String,
}

/// See [`super::repository`].
pub(super) fn page(edition: &Edition, channels: &[Setup], keys: &str, fingerprints: &[&str]) -> Vec<u8> {
    let site = &edition.distribution.site;
    let words = if fingerprints.len() == 1 { "this fingerprint" } else { "these fingerprints" };
    let main = html! {
        h1 { "Package repository" }
        p.lead { "Where machines get fixed packages from, for dnf. Packages and metadata are signed." }
        @if channels.is_empty() { p.empty { "No package has been published yet." } }
        @for setup in channels { (channel(site, setup)) }
        @if !channels.is_empty() {
            section {
                h2 { "The key" }
                p { "dnf asks before it takes the key. Compare what it shows with " (words) ":" }
                ul.plain { @for fingerprint in fingerprints { li { code { (grouped(fingerprint)) } } } }
                p { "Or take it beforehand:" }
                (layout::shell_line(&format!("rpm --import {site}/{keys}")))
                p { "The file: " (layout::to("", keys, keys)) }
            }
        }
    };
    let summary = "How dnf is set up for the package repository";
    Shell { edition, root: "", title: "Package repository", summary, section: "Repository", scripts: false }.page(&main)
}

fn channel(site: &str, setup: &Setup) -> Markup {
    let Setup { channel, enabled, path, settings } = setup;
    let file = path.rsplit('/').next().unwrap_or(path);
    html! {
        section {
            h2 { "Channel " (channel) }
            p { "As root:" }
            (layout::shell_line(&format!("curl -fo /etc/yum.repos.d/{file} {site}/{path}")))
            p { "That is " (layout::to("", path, file)) ":" }
            (layout::file(settings))
            @if *enabled {
                p { "Then the fixes come with:" }
                (layout::shell_line("dnf upgrade --security"))
            } @else {
                p { "It is used where " code { "enabled=1" } " is set, or " code { "--enablerepo" } " names it." }
            }
        }
    }
}

/// A fingerprint in groups of four, as dnf and gpg show it to people.
fn grouped(fingerprint: &str) -> String {
    let mut out = String::with_capacity(fingerprint.len() + fingerprint.len() / 4);
    for (at, digit) in fingerprint.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
