//! The three pieces of XML of a package, of which the metadata of a repository consists.
//!
//! Format: that of yum, dnf and zypper. There is no specification; createrepo_c is the reference.

use std::fmt::{self, Write};

use seaworthy_host::xml::{Escaped, Place};

use super::depends::{Dependency, in_primary};
use super::owned::{FileKind, OwnedFile};
use super::package::Package;

/// The kinds of metadata that have every package, in the order that is used everywhere.
pub(super) const KINDS: [&str; 3] = ["primary", "filelists", "other"];

/// The beginning of a metadata file of `packages` packages.
pub(super) fn head(kind: usize, packages: u64) -> String {
    let (root, more) = match kind {
        0 => ("metadata xmlns=\"http://linux.duke.edu/metadata/common\"", " xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\""),
        1 => ("filelists xmlns=\"http://linux.duke.edu/metadata/filelists\"", ""),
        _ => ("otherdata xmlns=\"http://linux.duke.edu/metadata/other\"", ""),
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}{more} packages=\"{packages}\">\n")
}

/// The end of a metadata file.
pub(super) fn foot(kind: usize) -> &'static str {
    match kind {
        0 => "</metadata>\n",
        1 => "</filelists>\n",
        _ => "</otherdata>\n",
    }
}

/// The pieces of a package in primary, filelists and other metadata; `href` is its address.
pub(super) fn fragments(package: &Package, href: &str) -> [String; 3] {
    let mut out = [String::with_capacity(4096), String::with_capacity(2048), String::with_capacity(2048)];
    let [primary, filelists, other] = &mut out;
    // Writing into a string does not fail.
    let _ = write_primary(primary, package, href);
    let _ = write_filelists(filelists, package);
    let _ = write_other(other, package);
    out
}

fn write_primary(out: &mut String, p: &Package, href: &str) -> fmt::Result {
    write!(out, "<package type=\"rpm\">\n<name>{}</name>\n<arch>{}</arch>\n", escaped(&p.name), escaped(&p.arch))?;
    write_version(out, p)?;
    writeln!(out, "<checksum type=\"sha256\" pkgid=\"YES\">{}</checksum>", escaped(&p.pkgid))?;
    for (name, text) in [("summary", &p.summary), ("description", &p.description), ("packager", &p.packager), ("url", &p.url)] {
        element(out, name, text)?;
    }
    writeln!(out, "<time file=\"{}\" build=\"{}\"/>", p.file_time, p.build_time)?;
    writeln!(out, "<size package=\"{}\" installed=\"{}\" archive=\"{}\"/>", p.size, p.installed_size, p.archive_size)?;
    write!(out, "<location href=\"{}\"/>\n<format>\n", quoted(href))?;
    let texts = [
        ("rpm:license", &p.license),
        ("rpm:vendor", &p.vendor),
        ("rpm:group", &p.group),
        ("rpm:buildhost", &p.build_host),
        ("rpm:sourcerpm", &p.source_rpm),
    ];
    for (name, text) in texts {
        element(out, name, text)?;
    }
    writeln!(out, "<rpm:header-range start=\"{}\" end=\"{}\"/>", p.header.0, p.header.1)?;
    let lists = [
        ("provides", &p.provides),
        ("requires", &p.requires),
        ("conflicts", &p.conflicts),
        ("obsoletes", &p.obsoletes),
        ("suggests", &p.suggests),
        ("enhances", &p.enhances),
        ("recommends", &p.recommends),
        ("supplements", &p.supplements),
    ];
    for (name, list) in lists {
        write_dependencies(out, name, list)?;
    }
    for file in p.files.iter().filter(|f| in_primary(&f.path)) {
        write_file(out, file)?;
    }
    out.write_str("</format>\n</package>\n")
}

fn write_dependencies(out: &mut String, name: &str, list: &[Dependency]) -> fmt::Result {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "<rpm:{name}>")?;
    for entry in list {
        write!(out, "<rpm:entry name=\"{}\"", quoted(&entry.name))?;
        if !entry.relation.is_empty() {
            write!(out, " flags=\"{}\"", entry.relation)?;
            for (name, value) in [("epoch", &entry.epoch), ("ver", &entry.version), ("rel", &entry.release)] {
                if !value.is_empty() {
                    write!(out, " {name}=\"{}\"", quoted(value))?;
                }
            }
        }
        out.write_str(if entry.before { " pre=\"1\"/>\n" } else { "/>\n" })?;
    }
    writeln!(out, "</rpm:{name}>")
}

fn write_filelists(out: &mut String, p: &Package) -> fmt::Result {
    write_opening(out, p)?;
    for file in &p.files {
        write_file(out, file)?;
    }
    out.write_str("</package>\n")
}

fn write_other(out: &mut String, p: &Package) -> fmt::Result {
    write_opening(out, p)?;
    for change in &p.changes {
        writeln!(out, "<changelog author=\"{}\" date=\"{}\">{}</changelog>", quoted(&change.author), change.time, escaped(&change.text))?;
    }
    out.write_str("</package>\n")
}

fn write_opening(out: &mut String, p: &Package) -> fmt::Result {
    writeln!(out, "<package pkgid=\"{}\" name=\"{}\" arch=\"{}\">", quoted(&p.pkgid), quoted(&p.name), quoted(&p.arch))?;
    write_version(out, p)
}

fn write_version(out: &mut String, p: &Package) -> fmt::Result {
    writeln!(out, "<version epoch=\"{}\" ver=\"{}\" rel=\"{}\"/>", p.epoch, quoted(&p.version), quoted(&p.release))
}

fn write_file(out: &mut String, file: &OwnedFile) -> fmt::Result {
    let kind = match file.kind {
        FileKind::File => "",
        FileKind::Folder => " type=\"dir\"",
        FileKind::Ghost => " type=\"ghost\"",
    };
    writeln!(out, "<file{kind}>{}</file>", escaped(&file.path))
}

fn element(out: &mut String, name: &str, text: &str) -> fmt::Result {
    if text.is_empty() { writeln!(out, "<{name}/>") } else { writeln!(out, "<{name}>{}</{name}>", escaped(text)) }
}

/// Text of an element.
pub(super) fn escaped(text: &str) -> Escaped<'_> {
    Escaped(text, Place::Text)
}

/// Text of an attribute in double quotes.
fn quoted(text: &str) -> Escaped<'_> {
    Escaped(text, Place::Attribute)
}
