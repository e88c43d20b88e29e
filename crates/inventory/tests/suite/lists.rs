//! Packages files, histories of fixes, image notes and lists of NEVRAs.

use std::io::Write;
use std::path::Path;

use proptest::prelude::*;
use seaworthy_inventory::*;
use seaworthy_model::Evr;

const PACKAGES: &str = r#"{"revision":"3.0.1","date":"2024-09-19T18:43:04-07:00","packages":[
{"name":"curl","epoch":"1","version":"8.8.0","release":"3.azl3","url":"https://curl.se","source":"%{url}/download/%{name}-%{version}.tar.gz",
 "subpackages":["curl-libs","curl-devel"],"patches":["CVE-2024-6197.patch","test-CVE-2024-1000.patch","fix.patch"],"build_requires":["openssl-devel"],
 "bundled":[["gnulib",null],["dcraw","9.25"],"bundled(golang(golang.org/x/net)) = 0.1"],"section":"SPECS","spec":"curl.spec",
 "cve_patches":["CVE-2024-6197.patch","CVE-2024-7264.patch","TEST-CVE-2024-7265.patch"],"cve_nopatches":["CVE-2016-2781.nopatch"]},
{"name":"apr","epoch":null,"version":"%{v}","release":"1","url":null,"source":null,"subpackages":[],"patches":[],"build_requires":[],
 "bundled":[],"section":"SPECS","spec":"apr.spec","cve_patches":[],"cve_nopatches":[]}
]}"#;

fn packages() -> Inventory {
    parse_packages_file(PACKAGES.as_bytes(), Path::new("x.json")).unwrap()
}

#[test]
fn a_packages_file_gives_packages_patches_and_decisions() {
    let inventory = packages();
    assert_eq!(inventory.date.as_deref(), Some("2024-09-19"));
    assert_eq!(inventory.origin.revision.as_deref(), Some("3.0.1"));
    let curl = &inventory.packages[1];
    assert_eq!((curl.name.as_str(), curl.evr.to_string().as_str()), ("curl", "1:8.8.0-3.azl3"));
    assert_eq!(curl.sources, ["https://curl.se/download/curl-8.8.0.tar.gz"]);
    assert_eq!(curl.found_in, "SPECS/curl/curl.spec");
    let patches: Vec<(&str, usize, Option<bool>)> = curl.patches.iter().map(|p| (p.file.as_str(), p.cves.len(), p.applied)).collect();
    assert_eq!(
        patches,
        [
            ("CVE-2024-6197.patch", 1, Some(true)),
            ("test-CVE-2024-1000.patch", 0, Some(true)),
            ("fix.patch", 0, Some(true)),
            ("CVE-2024-7264.patch", 1, None),
            ("TEST-CVE-2024-7265.patch", 0, None),
        ]
    );
    assert_eq!(curl.decisions.len(), 1);
    assert_eq!(curl.decisions[0].text, None);
    let components: Vec<(&str, &str, Option<&str>)> =
        curl.components.iter().map(|c| (c.ecosystem.as_str(), c.name.as_str(), c.version.as_deref())).collect();
    assert_eq!(components, [("generic", "gnulib", None), ("generic", "dcraw", Some("9.25")), ("golang", "golang.org/x/net", Some("0.1"))]);
    assert_eq!(curl.binaries.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["curl", "curl-libs", "curl-devel"]);
    assert_eq!(inventory.problems.len(), 1, "{:?}", inventory.problems);
    assert!(inventory.problems[0].message.contains("macro"));
}

#[test]
fn a_bad_package_costs_only_itself() {
    let text = PACKAGES.replace(r#""epoch":null"#, r#""epoch":{"a":1}"#);
    let inventory = parse_packages_file(text.as_bytes(), Path::new("x.json")).unwrap();
    assert_eq!(inventory.packages.len(), 1);
    assert_eq!(
        (inventory.problems[0].line, inventory.problems[0].message.contains("package 2")),
        (Some(6), true),
        "{:?}",
        inventory.problems
    );
    let error = parse_packages_file(b"{\n\"packages\": 3}", Path::new("x.json")).unwrap_err().to_string();
    assert!(error.starts_with("x.json:2: not a packages file"), "{error}");
}

#[test]
fn a_history_is_sorted_and_says_what_it_cannot_read() {
    let text = "package,cve,evr,date,kind\nsquid,CVE-2005-3258,7:2.5.STABLE9-5,2005-10-20,patch\nbash,CVE-2014-6271,,2014-09-25,mention\n\
                bash,CVE-2014-62,1-1,2014-09-25,patch\nbash,CVE-2014-6272,1.0-1.rc15,2014-09-25,upgrade\nbash,CVE-2014-6273,a b,2014-09-25,remove\n\
                bash,CVE-2014-6273,1-1,2014,remove\nbash,CVE-2014-6273,1-1,2014-09-25,magic\nbash\n";
    let history = parse_history(text.as_bytes(), Path::new("f.csv")).unwrap();
    let rows: Vec<String> =
        history.rows.iter().map(|r| format!("{} {} {:?}", r.package, r.cve, r.evr.as_ref().map(Evr::to_string))).collect();
    assert_eq!(
        rows,
        [
            "bash CVE-2014-6271 None",
            "bash CVE-2014-6272 Some(\"1.0-1.rc15\")",
            "bash CVE-2014-6273 None",
            "squid CVE-2005-3258 Some(\"7:2.5.STABLE9-5\")"
        ]
    );
    assert_eq!(history.problems.iter().filter_map(|p| p.line).collect::<Vec<_>>(), [4, 6, 7, 8, 9], "{:?}", history.problems);
    let error = parse_history(b"a,b\n", Path::new("f.csv")).unwrap_err().to_string();
    assert!(error.contains("f.csv:1: the column \"package\" is missing"), "{error}");
}

const NOTES: &str = r#"{"sku":"AKS/gen2","version":"202605.05.1","built":"Tue May 5 18:52:01 UTC 2026","os_version":"","kernel":"6.6.1-1.azl3","packages":["listInstalledPackages","stub"],"components":["oras version 1.2.2"],"container_images":[]}
{"sku":"AKS/gen2","version":"202608.20.0","built":"Thu Aug 20 00:43:01 UTC 2026","os_version":"3.0.20260809","kernel":"6.6.1-2.azl3","packages":["curl-8.8.0-2.azl3.x86_64","curl-libs-8.8.0-2.azl3.x86_64","curl-devel-8.8.0-4.azl3.x86_64","vendor-1-1.noarch","gpg-pubkey-3135ce90-5e6fda74","kernel-6.6.1-1.azl3.x86_64"],"components":["CNI plugin version 1.6.2"],"container_images":["mcr/a:1"]}
not json
"#;

#[test]
fn image_notes_pick_a_version() {
    let newest = parse_image_notes(NOTES.as_bytes(), Path::new("n.jsonl"), None).unwrap();
    let image = newest.image.as_ref().unwrap();
    assert_eq!((image.version.as_str(), image.os_version.as_deref()), ("202608.20.0", Some("3.0.20260809")));
    assert_eq!(newest.date.as_deref(), Some("2026-08-20"));
    assert_eq!(newest.packages.len(), 6);
    assert!(newest.problems.iter().any(|p| p.line == Some(3)));
    assert!(newest.problems.iter().any(|p| p.message.contains("kernel 6.6.1-2.azl3")), "{:?}", newest.problems);
    let older = parse_image_notes(NOTES.as_bytes(), Path::new("n.jsonl"), Some("202605.05.1")).unwrap();
    assert!(older.problems.iter().any(|p| p.message.contains("list no package")));
    let error = parse_image_notes(NOTES.as_bytes(), Path::new("n.jsonl"), Some("202607.01.0")).unwrap_err().to_string();
    assert!(error.contains("nearest are 202605.05.1, 202608.20.0; the newest is 202608.20.0"), "{error}");
}

#[test]
fn the_kernel_that_the_notes_state_is_a_package() {
    let notes = |packages: &str| format!(r#"{{"sku":"A","version":"1","kernel":"6.6.1-1.azl3","packages":[{packages}]}}"#);
    let rows = [
        ("no list", notes(""), "kernel 6.6.1-1.azl3"),
        ("a list without a kernel", notes(r#""curl-8-1.x86_64""#), "curl 8-1, kernel 6.6.1-1.azl3"),
        ("the same kernel in the list", notes(r#""kernel-6.6.1-1.azl3.x86_64""#), "kernel 6.6.1-1.azl3"),
        ("another one in the list", notes(r#""kernel-6.6.2-1.azl3.x86_64""#), "kernel 6.6.2-1.azl3"),
        ("a flavour in the list", notes(r#""kernel-rt-6.6.2-1.azl3.x86_64""#), "kernel-rt 6.6.2-1.azl3"),
        ("what is no version", notes("").replace("6.6.1-1.azl3", "6 6"), ""),
        ("a byte order mark before it", format!("\u{feff}{}", notes("")), "kernel 6.6.1-1.azl3"),
    ];
    seaworthy_testing::hold(rows.iter().map(|(why, notes, expected)| {
        let image = parse_image_notes(notes.as_bytes(), Path::new("n.jsonl"), None).unwrap();
        let packages: Vec<String> = image.packages.iter().map(|p| format!("{} {}", p.name, p.evr)).collect();
        (*why, (*expected).to_owned(), packages.join(", "))
    }));
}

#[test]
fn binaries_are_mapped_to_their_sources() {
    let mut image = parse_image_notes(NOTES.as_bytes(), Path::new("n.jsonl"), None).unwrap();
    attribute(&mut image, &packages());
    let curl: Vec<_> = image.packages.iter().filter(|p| p.name == "curl").collect();
    assert_eq!(curl.iter().map(|p| p.evr.to_string()).collect::<Vec<_>>(), ["1:8.8.0-2.azl3", "1:8.8.0-4.azl3"]);
    assert_eq!(curl[0].binaries.len(), 2);
    assert!(curl[0].patches.iter().all(|p| p.applied.is_none()), "older than the snapshot");
    assert_eq!(curl[1].patches[0].applied, Some(true));
    assert_eq!(curl[1].decisions.len(), 1);
    assert!(
        image.problems.iter().any(|p| p.message.starts_with("2 binary packages") && p.message.contains("kernel, vendor")),
        "{:?}",
        image.problems
    );
    assert!(image.packages.iter().any(|p| p.name == "AKS/gen2" && p.components[0].version.as_deref() == Some("1.6.2")));
}

#[test]
fn what_a_list_names_inside_of_a_package_stays_there() {
    let mut image = parse_image_notes(NOTES.as_bytes(), Path::new("n.jsonl"), None).unwrap();
    let inside = Component {
        ecosystem: "npm".into(),
        name: "undici".into(),
        version: Some("6.0.0".into()),
        cpe: None,
        source: ComponentSource::Sbom,
        found_in: "sbom".into(),
        shipped: true,
    };
    image.packages.iter_mut().find(|p| p.name == "curl").unwrap().components.push(inside.clone());
    attribute(&mut image, &packages());
    let curl = image.packages.iter().find(|p| p.name == "curl" && p.components.contains(&inside)).unwrap();
    assert!(curl.components.iter().any(|c| c.name == "dcraw"), "beside those of the source: {:?}", curl.components);
}

#[test]
fn of_equal_sources_a_binary_has_the_one_that_it_is_named_after() {
    let source = |name: &str, version: &str, binaries: &[&str]| {
        let binary = |name: &&str| BinaryPackage { name: (*name).to_owned(), evr: None, arch: None };
        SourcePackage { binaries: binaries.iter().map(binary).collect(), ..SourcePackage::new(name, version.parse().unwrap(), "x.spec") }
    };
    let mut packages = Inventory::new("spec tree", "specs");
    packages.packages = vec![
        source("grub2", "2.06-3", &["grub2-efi"]),
        source("grub2-efi-signed", "2.06-3", &["grub2-efi"]),
        source("kernel", "6.6.134-1", &["kernel"]),
        source("kernel-signed", "6.6.134-1", &["kernel"]),
        source("perl", "5.38-1", &["perl", "perl-libnet"]),
        source("perl-libnet", "3.15-1", &["perl-libnet"]),
    ];
    let rows = [
        ("the same version", "kernel-6.6.134-1.x86_64", "kernel"),
        ("a newer version than both", "kernel-6.6.150-1.x86_64", "kernel"),
        ("an older version than both", "kernel-6.6.51-1.x86_64", "kernel"),
        ("a name that begins with the source's", "grub2-efi-2.06-3.x86_64", "grub2"),
        ("the version goes before the name", "perl-libnet-5.38-1.x86_64", "perl"),
        ("a version of its own", "perl-libnet-3.15-1.x86_64", "perl-libnet"),
    ];
    for (why, nevra, expected) in rows {
        let mut image = parse_nevra_list(format!("{nevra}\n").as_bytes(), Path::new("l")).unwrap();
        attribute(&mut image, &packages);
        assert_eq!(image.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), [expected], "{why}");
    }
}

#[test]
fn names_that_are_written_are_read_again() {
    let before = packages();
    let mut text = Vec::new();
    write_names(&before, &mut text).unwrap();
    let after = parse_packages_file(&text, Path::new("names.json")).unwrap();
    assert_eq!((after.date, after.origin.revision), (before.date, before.origin.revision));
    for (before, after) in before.packages.iter().zip(&after.packages) {
        let names = |p: &SourcePackage| (p.name.clone(), p.evr.clone(), p.url.clone(), p.sources.clone(), p.binaries.clone());
        assert_eq!(names(before), names(after));
        let component = |c: &Component| (c.ecosystem.clone(), c.name.clone(), c.version.clone());
        let components = |p: &SourcePackage| p.components.iter().map(component).collect::<Vec<_>>();
        assert_eq!((components(before), &before.build_requires), (components(after), &after.build_requires));
        assert!(after.patches.is_empty() && after.decisions.is_empty(), "they belong to one version");
    }
    assert_eq!(after.packages.len(), 2);
}

#[test]
fn a_list_of_nevras() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"# host\nbash-5.2-1.x86_64\n\nglibc-2.38-1.x86_64 # both\nglibc-2.38-1.i686\nwhat\ngpg-pubkey-1-2\n").unwrap();
    let inventory = read_nevra_list(file.path()).unwrap();
    assert_eq!(inventory.packages.len(), 2);
    assert_eq!(inventory.packages[1].binaries.len(), 2);
    assert_eq!(inventory.problems[0].line, Some(6));
    assert!(parse_nevra_list(b"<html>\n", Path::new("l")).is_err());
}

/// Valid text with some bytes replaced, cut or doubled.
/// A file with these bytes, read as it would be for a scan.
fn read_as(source: impl Fn(std::path::PathBuf) -> Source, bytes: &[u8]) -> Inventory {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    read(&source(path)).unwrap()
}

#[test]
fn a_bad_name_costs_its_record_in_every_list() {
    let packages = |path| Source::Packages(path);
    let notes = |notes| Source::ImageNotes { notes, image: None, packages: None };
    let package = |name: &str| format!(r#"{{"name":"{name}","version":"1","release":"1"}}"#);
    let long = "n".repeat(257);
    for bad in ["an\\u001bchor", "anchor\\uffff", "anch\u{fffd}or", "", long.as_str()] {
        let text = format!(r#"{{"packages":[{},{}]}}"#, package(bad), package("good"));
        let image = format!(r#"{{"version":"1","packages":["{bad}-1-1.x86_64","good-1-1.x86_64"]}}"#);
        let sbom = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{{"name":"{bad}","purl":"pkg:rpm/h/{}@1-1"}},
            {{"name":"good","purl":"pkg:rpm/h/good@1-1"}}]}}"#,
            bad.replace("\\u001b", "%1B").replace("\\uffff", "%EF%BF%BF")
        );
        let list = format!("{}-1-1.x86_64\ngood-1-1.x86_64\n", bad.replace("\\u001b", "\u{1b}").replace("\\uffff", "\u{ffff}"));
        // Where there is a character that stands for bytes that are no UTF-8, the bytes themselves.
        let bytes = |text: &str| {
            let pieces: Vec<&[u8]> = text.split('\u{fffd}').map(str::as_bytes).collect();
            pieces.join(&b"\xff"[..])
        };
        for (kind, inventory) in [
            ("packages", read_as(packages, &bytes(&text))),
            ("image notes", read_as(notes, &bytes(&image))),
            ("SBOM", read_as(Source::Sbom, &bytes(&sbom))),
            ("list", read_as(Source::Nevras, &bytes(&list))),
        ] {
            let names: Vec<&str> = inventory.packages.iter().map(|p| p.name.as_str()).collect();
            assert_eq!(names, ["good"], "{kind} {bad:?}: {:?}", inventory.problems);
            assert!(inventory.problems.iter().any(|p| p.message.contains("left out")), "{kind} {bad:?}: {:?}", inventory.problems);
        }
    }
}

#[test]
fn an_entry_of_notes_that_is_no_text_costs_itself() {
    let notes = |notes| Source::ImageNotes { notes, image: None, packages: None };
    let inventory = read_as(notes, br#"{"version":"1","packages":[5,"good-1-1.x86_64"],"components":[{}]}"#);
    assert_eq!(inventory.packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["good"]);
    assert!(inventory.problems.iter().any(|p| p.line == Some(1) && p.message.contains("5 is no text")), "{:?}", inventory.problems);
}

#[test]
fn a_bad_component_and_a_long_decision_cost_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let spec = "Name: good\nVersion: 1\nRelease: 1\nProvides: bundled(zl\u{1b}ib) = 1\nProvides: bundled(expat) = 2\n";
    std::fs::write(dir.path().join("good.spec"), spec).unwrap();
    std::fs::write(dir.path().join("CVE-2024-1111.nopatch"), "x".repeat(9 << 20)).unwrap();
    let at = dir.path().to_string_lossy().into_owned();
    let inventory = read(&Source::SpecTree { at, dist: None, rpmspec: false }).unwrap();
    let [package] = inventory.packages.as_slice() else { panic!("{:?}", inventory.packages) };
    assert_eq!(package.components.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["expat"]);
    assert_eq!(package.decisions[0].text.as_ref().unwrap().len(), 64 << 10);
    let said = |words: &str| inventory.problems.iter().any(|p| p.message.contains(words));
    assert!(said("component of good left out") && said("kept up to 65536"), "{:?}", inventory.problems);
}

fn mutated(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec((0..text.len(), any::<u8>()), 0..8), 0..text.len()).prop_map(move |(edits, cut)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        if cut % 3 == 0 {
            bytes.truncate(cut);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn no_panic_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), packages in mutated(PACKAGES), notes in mutated(NOTES)) {
        let path = Path::new("x");
        for bytes in [&bytes, &packages, &notes] {
            let _ = parse_packages_file(bytes, path);
            let _ = parse_history(bytes, path);
            let _ = parse_image_notes(bytes, path, None);
            let _ = parse_nevra_list(bytes, path);
        }
    }
}
