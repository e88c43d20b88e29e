//! RPM repositories: our own small documents, and real ones from createrepo_c.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use seaworthy_inventory::*;

use crate::common;

const PRIMARY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="2">
<package type="rpm"><name>a-libs</name><arch>x86_64</arch><version epoch="1" ver="2.0" rel="3"/><url>https://a.example/?x=1&amp;y=2</url>
 <location href="a-libs-2.0-3.x86_64.rpm"/>
 <format><rpm:sourcerpm>a-2.0-3.src.rpm</rpm:sourcerpm><rpm:provides><rpm:entry name="bundled(zlib)" flags="EQ" epoch="0" ver="1.2"/></rpm:provides></format></package>
<package type="rpm"><name>b</name><arch>noarch</arch><version epoch="0" ver="1" rel="1"/><format><rpm:sourcerpm/></format></package>
</metadata>"#;

fn primary(text: &[u8]) -> Result<Inventory, InventoryError> {
    let mut out = Inventory::new("repository", "r");
    parse_primary(text, Path::new("primary.xml"), &mut out).map(|()| out)
}

#[test]
fn primary_metadata() {
    let out = primary(PRIMARY.as_bytes()).unwrap();
    let a = &out.packages[0];
    assert_eq!((a.name.as_str(), a.evr.to_string().as_str(), a.url.as_deref()), ("a", "1:2.0-3", Some("https://a.example/?x=1&y=2")));
    assert_eq!(a.binaries[0], BinaryPackage { name: "a-libs".into(), evr: Some("1:2.0-3".into()), arch: Some("x86_64".into()) });
    assert_eq!((a.components[0].name.as_str(), a.components[0].version.as_deref()), ("zlib", Some("1.2")));
    assert_eq!(out.packages[1].name, "b");
    assert!(out.problems[0].message.contains("1 packages name no source"), "{:?}", out.problems);
}

#[test]
fn broken_primary_says_where() {
    let cut = primary(&PRIMARY.as_bytes()[..400]).unwrap_err().to_string();
    assert!(cut.starts_with("primary.xml:5: broken XML"), "{cut}");
    let deep = format!("<metadata>{}", "<a>".repeat(100));
    assert!(primary(deep.as_bytes()).unwrap_err().to_string().contains("deeper than"));
    assert!(primary(b"<html></html>").is_err());
}

#[test]
fn an_unknown_entity_costs_its_package_and_says_where() {
    let good = r#"<package><name>good</name><version ver="1" rel="1"/></package>"#;
    let bad = [
        ("a name", r#"<package><name>n&x;</name><version ver="1" rel="1"/></package>"#),
        ("an architecture", r#"<package><name>n</name><arch>x&x;</arch><version ver="1" rel="1"/></package>"#),
        ("a version", r#"<package><name>n</name><version ver="1&x;" rel="1"/></package>"#),
        (
            "a source package",
            r#"<package><name>n</name><version ver="1" rel="1"/><format><sourcerpm>&x;-1-1.src.rpm</sourcerpm></format></package>"#,
        ),
        ("a provide", r#"<package><name>n</name><version ver="1"/><format><provides><entry name="z&x;"/></provides></format></package>"#),
        ("a forbidden character", r#"<package><name>n&#0;</name><version ver="1" rel="1"/></package>"#),
    ];
    for (what, bad) in bad {
        // Entities of a DTD stay unexpanded.
        let text = format!("<!DOCTYPE m [<!ENTITY x \"y\">]>\n<metadata>\n{bad}\n{good}</metadata>");
        let out = primary(text.as_bytes()).unwrap();
        assert_eq!(out.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["good"], "{what}");
        let problem = &out.problems[0];
        assert_eq!((problem.file.as_str(), problem.line), ("primary.xml", Some(3)), "{what}: {problem:?}");
        assert!(problem.message.contains("left out: byte "), "{what}: {problem:?}");
    }
}

#[test]
fn a_version_or_name_that_is_none_costs_its_package_and_says_where() {
    let good = r#"<package><name>good</name><version ver="1" rel="1"/></package>"#;
    for (version, name, wanted) in [
        (r#"epoch="99999999999" ver="1" rel="1""#, "n", "the epoch \"99999999999\" is no number"),
        (r#"epoch="x" ver="1" rel="1""#, "n", "the epoch \"x\" is no number"),
        (r#"epoch="-1" ver="1" rel="1""#, "n", "the epoch \"-1\" is no number"),
        (r#"ver="1&#1;" rel="1""#, "n", "forbids"),
        (r#"ver="1" ver="2" rel="1""#, "n", "duplicated"),
        (r#"ver="1&#10;" rel="1""#, "n", "holds a control character"),
        (r#"ver="1" rel="1""#, "n&#10;", "holds a control character"),
        (r#"ver="1" rel="1""#, "n&#xFFFD;", "no UTF-8"),
        (r#"ver="1" rel="1""#, "a<b/>c", "in between"),
        (r#"ver="1" rel="1""#, &"n".repeat(257), "257 bytes long"),
    ] {
        let text = format!("<metadata>\n<package><name>{name}</name><version {version}/></package>\n{good}</metadata>");
        let out = primary(text.as_bytes()).unwrap();
        assert_eq!(out.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["good"], "{version} {name}");
        let problem = &out.problems[0];
        assert!(problem.line == Some(2) && problem.message.contains(wanted), "{version} {name}: {problem:?}");
    }
}

#[test]
fn metadata_in_another_encoding_or_of_another_kind_are_refused() {
    let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}", PRIMARY.split_once("?>").unwrap().1);
    let refused = primary(latin.as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("primary.xml:1: ") && refused.contains("ISO-8859-1"), "{refused}");
    let refused = parse_updateinfo(b"<metadata/>", Path::new("u.xml"), &mut Vec::new()).unwrap_err().to_string();
    assert!(refused.contains("expected <updates>"), "{refused}");
}

#[test]
fn an_epoch_that_is_no_number_costs_its_advisory() {
    for epoch in ["99999999999", "x", "-1"] {
        let text = UPDATES.replace("epoch=\"2\" version=\"1.4.0", &format!("epoch=\"{epoch}\" version=\"1.4.0"));
        let mut problems = Vec::new();
        let updates = parse_updateinfo(text.as_bytes(), Path::new("u.xml"), &mut problems).unwrap();
        assert_eq!(updates.iter().map(|u| u.id.as_str()).collect::<Vec<_>>(), ["SW-2"], "{epoch}");
        assert!(problems[0].message.contains(epoch), "{problems:?}");
    }
}

#[test]
fn an_unknown_entity_costs_its_advisory() {
    let text = UPDATES.replace("harbor\" epoch=\"2\" version=\"1.4.0", "har&x;bor\" epoch=\"2\" version=\"1.4.0");
    let mut problems = Vec::new();
    let updates = parse_updateinfo(text.as_bytes(), Path::new("u.xml"), &mut problems).unwrap();
    assert_eq!(updates.iter().map(|u| u.id.as_str()).collect::<Vec<_>>(), ["SW-2"]);
    assert_eq!((problems[0].file.as_str(), problems[0].line), ("u.xml", Some(3)));
    assert!(problems[0].message.contains("SW-1") && problems[0].message.contains("of <package>"), "{problems:?}");
}

#[test]
fn an_unknown_entity_in_the_index_costs_the_file_that_it_names() {
    let sum = format!("<checksum type=\"sha256\">{}</checksum>", sum(PRIMARY.as_bytes()));
    let entry = |kind: &str, href: &str| format!("<data type=\"{kind}\"><location href=\"{href}\"/>{sum}</data>");
    let read = |index: String| {
        read_repository_with("r", &|name| {
            Ok(if name.ends_with("repomd.xml") { index.clone().into_bytes() } else { PRIMARY.as_bytes().to_vec() })
        })
    };
    let out = read(format!("<repomd>{}{}{}</repomd>", entry("u&x;", "x"), entry("updateinfo", "u&x;"), entry("primary", "p"))).unwrap();
    assert_eq!(out.packages.len(), 2);
    let messages: Vec<&str> = out.problems.iter().map(|p| p.message.as_str()).collect();
    assert!(messages.iter().any(|m| m.starts_with("an entry left out") && m.contains("type of <data>")), "{messages:?}");
    assert!(messages.iter().any(|m| m.starts_with("advisories left out") && m.contains("href of <location>")), "{messages:?}");
    let error = read(format!("<repomd>\n{}</repomd>", entry("primary", "p&x;"))).unwrap_err().to_string();
    assert!(error.contains("repomd.xml:2") && error.contains("href of <location>"), "{error}");
}

const UPDATES: &str = r#"<updates><update type="security"><id>SW-1</id><title>harbor CVE-2024-3333</title><issued date="2024-04-01 00:00:00"/>
<references><reference type="cve" id="CVE-2024-4444" href="x"/></references>
<pkglist><collection><package name="harbor" epoch="2" version="1.4.0" release="3.sw1" arch="x86_64"/></collection></pkglist></update>
<update type="security"><id>SW-2</id><references><reference type="cve" id="CVE-2025-1000"/></references>
<pkglist><collection><package name="harbor" epoch="2" version="1.5.0" release="1" arch="x86_64"/></collection></pkglist></update></updates>"#;

#[test]
fn an_advisory_closes_the_packages_that_it_fixes() {
    let primary = |name: &str, evr: (&str, &str), source: &str| {
        format!(
            "<package><name>{name}</name><arch>x86_64</arch><version epoch=\"0\" ver=\"{}\" rel=\"{}\"/>\
             <format><sourcerpm>{source}-{}-{}.src.rpm</sourcerpm></format></package>",
            evr.0, evr.1, evr.0, evr.1
        )
    };
    let update = |title: &str, packages: &[(&str, &str, &str, &str)]| {
        let listed: String = packages
            .iter()
            .map(|(name, version, release, source)| {
                format!("<package name=\"{name}\" version=\"{version}\" release=\"{release}\" src=\"{source}\"/>")
            })
            .collect();
        format!("<updates><update><id>A</id><title>{title}</title><pkglist><collection>{listed}</collection></pkglist></update></updates>")
    };
    let title = "CVE-2024-0001 in a";
    let rows = [
        ("reached", ("1.2", "3"), update(title, &[("a", "1.2", "3", "")]), "A"),
        ("passed", ("1.3", "1"), update(title, &[("a", "1.2", "3", "")]), "A"),
        ("not reached", ("1.2", "2"), update(title, &[("a", "1.2", "3", "")]), ""),
        ("one of two binaries is older", ("1.2", "3"), update(title, &[("a", "1.2", "3", ""), ("a-libs", "1.2", "4", "")]), ""),
        ("two branches: reached in ours", ("1.2", "3"), update(title, &[("a", "1.2", "3", ""), ("a", "2.0", "5", "")]), "A"),
        ("two branches: not reached in ours", ("2.0", "4"), update(title, &[("a", "1.2", "3", ""), ("a", "2.0", "5", "")]), ""),
        ("of this source", ("1.2", "3"), update(title, &[("a", "1.2", "3", "a-1.2-3.src.rpm")]), "A"),
        ("of another source", ("1.2", "3"), update(title, &[("a", "1.2", "3", "a1-1.2-3.src.rpm")]), ""),
        ("its title says that it is no fix", ("1.2", "3"), update("a is still vulnerable to CVE-2024-0001", &[("a", "1.2", "3", "")]), ""),
    ];
    let read = |own: (&str, &str), libs: (&str, &str), updates: &str| {
        let source = |name: &str, evr: (&str, &str)| {
            primary(name, evr, "a").replace(&format!("a-{}-{}.src.rpm", evr.0, evr.1), &format!("a-{}-{}.src.rpm", own.0, own.1))
        };
        let primary = format!("<metadata>{}{}</metadata>", source("a", own), source("a-libs", libs));
        let entry = |kind: &str, text: &str| {
            let sum = sum(text.as_bytes());
            format!("<data type=\"{kind}\"><location href=\"{kind}\"/><checksum type=\"sha256\">{sum}</checksum></data>")
        };
        let index = format!("<repomd>{}{}</repomd>", entry("primary", &primary), entry("updateinfo", updates));
        let fetch = |name: &str| {
            let text = [("primary", &*primary), ("updateinfo", updates)].into_iter().find(|(kind, _)| *kind == name);
            Ok(text.map_or(&*index, |(_, text)| text).as_bytes().to_vec())
        };
        read_repository_with("r", &fetch).unwrap().packages.remove(0)
    };
    seaworthy_testing::hold(rows.iter().map(|(why, evr, updates, expected)| {
        let package = read(*evr, *evr, updates);
        let found: Vec<&str> = package.changelog.iter().filter_map(|entry| entry.advisory.as_deref()).collect();
        (*why, (*expected).to_owned(), found.join(" "))
    }));
    // A subpackage with a version of its own says nothing of the source's.
    let package = read(("1.2", "3"), ("2.4", "7"), &update(title, &[("a-libs", "2.4", "3", "")]));
    assert_eq!((package.changelog.len(), package.changelog[0].evr.as_ref()), (1, None));
    assert_eq!(package.named_fixes(None, None).count(), 1, "it is reached all the same");
}

/// Packs the metadata of a repository anew in zstd, as later versions of createrepo_c write them than that of Debian 12.
fn in_zstd(repodata: &Path) {
    let index = repodata.join("repomd.xml");
    let mut text = std::fs::read_to_string(&index).unwrap();
    for path in common::files(repodata, ".gz") {
        let packed = std::fs::read(&path).unwrap();
        let mut open = Vec::new();
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut open).unwrap();
        let again = zstd::encode_all(open.as_slice(), 3).unwrap();
        let sizes = [&packed, &again].map(|bytes| format!("<size>{}</size>", bytes.len()));
        text = text.replace(&sum(&packed), &sum(&again)).replace(&sizes[0], &sizes[1]);
        let name = path.file_name().unwrap().to_string_lossy().replace(&sum(&packed), &sum(&again));
        std::fs::write(path.with_file_name(name.replace(".gz", ".zst")), again).unwrap();
        std::fs::remove_file(path).unwrap();
    }
    std::fs::write(index, text.replace(".gz\"", ".zst\"")).unwrap();
}

fn sum(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn real_repositories_in_every_packing() {
    seaworthy_testing::needs!(RPMBUILD, CREATEREPO, MODIFYREPO);
    real_repositories(&["gz", "xz", "zstd"]);
}

fn real_repositories(packings: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let rpms = common::build(dir.path(), b"#!/bin/sh\n", "harbor");
    let updates = dir.path().join("updateinfo.xml");
    std::fs::write(&updates, UPDATES).unwrap();
    let mut first: Option<Vec<SourcePackage>> = None;
    for packing in packings {
        let made = if *packing == "zstd" { "gz" } else { packing };
        common::run(Command::new("createrepo_c").args(["--general-compress-type", made]).arg(&rpms));
        common::run(Command::new("modifyrepo_c").arg(&updates).arg(rpms.join("repodata")));
        if *packing == "zstd" {
            in_zstd(&rpms.join("repodata"));
        }
        let out = read_repository(&rpms).unwrap();
        assert_eq!(out.problems, [], "{packing}");
        let [harbor] = out.packages.as_slice() else { panic!("{:?}", out.packages) };
        assert_eq!((harbor.name.as_str(), harbor.evr.to_string().as_str()), ("harbor", "2:1.4.0-3.sw1"));
        assert_eq!(harbor.binaries.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["harbor", "harbor-libs"]);
        assert_eq!(harbor.components.len(), 2, "{:?}", harbor.components);
        let log: Vec<(&str, usize, Option<&str>)> =
            harbor.changelog.iter().map(|e| (e.date.as_str(), e.cves.len(), e.advisory.as_deref())).collect();
        let advisory = ("2024-04-01", 2, Some("SW-1"));
        assert_eq!(log, [advisory, ("2024-03-05", 2, None), ("2024-03-04", 0, None)], "the later version is not reached");
        assert_eq!(harbor.changelog[2].taken_back.len(), 1);
        assert!(out.date.is_some());
        assert_eq!(first.get_or_insert_with(|| out.packages.clone()), &out.packages, "{packing}");
        let primary = common::files(&rpms.join("repodata"), "").into_iter().find(|p| p.to_string_lossy().contains("primary.xml")).unwrap();
        let mut bytes = std::fs::read(&primary).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&primary, bytes).unwrap();
        let error = read_repository(&rpms).unwrap_err().to_string();
        assert!(error.contains("repomd.xml says"), "{error}");
    }
}

#[test]
fn zstd_metadata_without_a_checksum_are_read_and_noted() {
    let index =
        "<repomd><revision>1700000000</revision><data type=\"primary\"><location href=\"repodata/primary.xml.zst\"/></data></repomd>";
    let fetch = |name: &str| match name {
        "repodata/repomd.xml" => Ok(index.as_bytes().to_vec()),
        _ => Ok(zstd::encode_all(PRIMARY.as_bytes(), 3).unwrap()),
    };
    let out = read_repository_with("https://r.example", &fetch).unwrap();
    assert_eq!((out.packages.len(), out.date.as_deref()), (2, Some("2023-11-14")));
    assert!(out.problems.iter().any(|p| p.message.contains("unverified")), "{:?}", out.problems);
}

#[test]
fn locations_stay_inside() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("repodata")).unwrap();
    for href in ["../x", "/etc/passwd", "http://x/y", ""] {
        let text = format!("<repomd><revision>1</revision><data type=\"primary\"><location href=\"{href}\"/></data></repomd>");
        std::fs::write(dir.path().join("repodata/repomd.xml"), text).unwrap();
        let error = read_repository(dir.path()).unwrap_err().to_string();
        assert!(error.contains("leads out of the repository"), "{href}: {error}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("p.xml")).unwrap();
        std::fs::write(dir.path().join("repodata/repomd.xml"), "<repomd><data type=\"primary\"><location href=\"p.xml\"/></data></repomd>")
            .unwrap();
        assert!(read_repository(dir.path()).unwrap_err().to_string().contains("by a link"));
    }
    std::fs::write(dir.path().join("repodata/repomd.xml"), "<repomd/>").unwrap();
    assert!(read_repository(dir.path()).unwrap_err().to_string().contains("no primary"));
}

proptest! {
    #[test]
    fn no_panic_on_any_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        edits in prop::collection::vec((0..PRIMARY.len(), any::<u8>()), 0..8),
        cuts in prop::collection::vec((0..UPDATES.len(), any::<u8>()), 0..8),
    ) {
        let (mut one, mut two) = (PRIMARY.as_bytes().to_vec(), UPDATES.as_bytes().to_vec());
        edits.into_iter().for_each(|(at, byte)| one[at] = byte);
        cuts.into_iter().for_each(|(at, byte)| two[at] = byte);
        for bytes in [&bytes, &one, &two] {
            let _ = primary(bytes);
            let _ = parse_updateinfo(bytes, Path::new("u"), &mut Vec::new());
        }
    }
}
