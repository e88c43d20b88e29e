//! Root filesystems and RPM files, made by the real rpm.

use std::path::Path;
use std::process::Command;

use seaworthy_inventory::*;

use crate::common;

/// The start of a Go program: an ELF file with build information in a data segment (see the unit tests of the reader).
fn go_program() -> Vec<u8> {
    let modules =
        "path\tx\nmod\texample.org/harbor\tv1.4.0\ndep\tgolang.org/x/net\tv0.17.0\th1:0123456789012345678901234567890123456789=\n";
    let mut info = b"\xff Go buildinf:\x08\x02".to_vec();
    info.resize(32, 0);
    info.push(8);
    info.extend_from_slice(b"go1.22.1");
    let modules = [&[1u8; 16][..], modules.as_bytes(), &[2; 16]].concat();
    // Two bytes of varint.
    assert!((128..16384).contains(&modules.len()));
    info.extend([(modules.len() & 0x7f) as u8 | 0x80, (modules.len() >> 7) as u8]);
    info.extend(modules);
    let mut out = vec![0u8; 128];
    out[..6].copy_from_slice(b"\x7fELF\x02\x01");
    out[0x20] = 64;
    out[0x36] = 56;
    out[0x38] = 1;
    out[64] = 1;
    out[68] = 6;
    out[72] = 128;
    out[96..98].copy_from_slice(&(info.len() as u16).to_le_bytes());
    out.extend(info);
    out.resize(8192, 0);
    out
}

fn rpm(root: &Path, extra: &[&str]) -> Command {
    let mut command = Command::new("rpm");
    command.arg("--root").arg(root).args(["--dbpath", "/var/lib/rpm", "--define", "_dbpath /var/lib/rpm"]).args(extra);
    command
}

fn check(out: &Inventory) {
    let names: Vec<String> = out.packages.iter().map(|p| format!("{} {}", p.name, p.evr)).collect();
    assert_eq!(names, ["harbor 2:1.4.0-3.sw1"], "{:?}", out.problems);
    let harbor = &out.packages[0];
    assert_eq!(harbor.binaries.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["harbor", "harbor-libs"]);
    assert_eq!(harbor.binaries[0].evr.as_deref(), Some("2:1.4.0-3.sw1"));
    assert_eq!(harbor.url.as_deref(), Some("https://harbor.example"));
    let bundled: Vec<_> =
        harbor.components.iter().filter(|c| c.source == ComponentSource::Bundled).map(|c| (&*c.name, c.version.as_deref())).collect();
    assert_eq!(bundled, [("zlib", Some("1.2.11")), ("golang.org/x/net", Some("0.17.0"))]);
    let cves: Vec<usize> = harbor.changelog.iter().map(|c| c.cves.len()).collect();
    assert_eq!((cves.as_slice(), harbor.changelog[0].date.as_str()), (&[2, 0][..], "2024-03-05"));
    assert_eq!(harbor.changelog[0].evr.as_ref().unwrap().to_string(), "1.4.0-3");
}

#[test]
fn a_real_root() {
    seaworthy_testing::needs!(RPM, RPMBUILD);
    let dir = tempfile::tempdir().unwrap();
    let rpms = common::files(&common::build(dir.path(), &go_program(), "harbor"), ".rpm");
    let binaries: Vec<_> = rpms.iter().filter(|p| !p.to_string_lossy().ends_with(".src.rpm")).collect();

    let files = read_rpm_files(&binaries).unwrap();
    check_sorted(&files);
    let with_source = read_rpm_files(&rpms).unwrap();
    let harbor = &with_source.packages[0];
    assert_eq!((with_source.packages.len(), harbor.sources.as_slice()), (1, &["harbor-1.4.0.tar.gz".to_owned()][..]));
    assert_eq!((harbor.patches[0].cves.len(), harbor.patches[0].applied), (1, None));
    assert_eq!(harbor.build_requires, ["bash"]);

    let root = dir.path().join("root");
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::write(root.join("etc/os-release"), "NAME=\"Azure Linux\"\nID=azurelinux\nVERSION=\"3.0.20260809\"\nVERSION_ID='3.0'\n")
        .unwrap();
    common::run(rpm(&root, &["-i", "--nodeps", "--nosignature"]).args(&binaries));
    let before = listing(&root.join("var/lib/rpm"));
    let out = read_root(&root).unwrap();
    assert_eq!(listing(&root.join("var/lib/rpm")), before, "the root is not written to");
    check_sorted(&out);
    let image = out.image.as_ref().unwrap();
    assert_eq!((image.sku.as_str(), image.version.as_str(), image.os_version.as_deref()), ("azurelinux", "3.0", Some("3.0.20260809")));
    let go: Vec<_> = out.packages[0].components.iter().filter(|c| c.source == ComponentSource::GoBuildInfo).collect();
    assert_eq!(go.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["example.org/harbor", "golang.org/x/net", "stdlib"]);
    assert!(go.iter().all(|c| c.found_in == "/usr/bin/harbor"));

    // The same without a log, as an image's root has it; and a program that nobody owns.
    std::fs::create_dir_all(root.join("usr/local/bin")).unwrap();
    std::fs::copy(root.join("usr/bin/harbor"), root.join("usr/local/bin/kubelet")).unwrap();
    common::run(&mut rpm(&root, &["--rebuilddb"]));
    let again = read_root(&root).unwrap();
    assert_eq!(again.packages, out.packages);
    assert!(
        again.problems.iter().any(|p| p.file == "usr/local/bin/kubelet" && p.message.contains("no package owns")),
        "{:?}",
        again.problems
    );

    // A finished image: the log is written back, and nothing but the database is left.
    let folder = root.join("var/lib/rpm");
    let database = rusqlite::Connection::open(folder.join("rpmdb.sqlite")).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    database.close().unwrap();
    for (name, _) in listing(&folder) {
        if name != "rpmdb.sqlite" {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
    }
    assert_eq!(read_root(&root).unwrap().packages, out.packages);
    assert_eq!(listing(&folder).len(), 1, "reading leaves nothing behind");

    // rpm itself agrees on what is installed.
    let listed = common::run(&mut rpm(&root, &["-qa", "--qf", "%{name}-%{epochnum}:%{version}-%{release}.%{arch}\\n"]));
    let mut ours: Vec<String> =
        out.packages[0].binaries.iter().map(|b| format!("{}-{}.{}", b.name, b.evr.as_ref().unwrap(), b.arch.as_ref().unwrap())).collect();
    let mut theirs: Vec<&str> = listed.lines().collect();
    ours.sort();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
}

/// Checks as [`check`] does, without the components that only a root has.
fn check_sorted(out: &Inventory) {
    let mut plain = out.clone();
    for package in &mut plain.packages {
        package.components.retain(|c| c.source == ComponentSource::Bundled);
        package.components.sort_by(|a, b| b.name.cmp(&a.name));
    }
    check(&plain);
}

fn listing(dir: &Path) -> Vec<(String, u64)> {
    let mut out: Vec<(String, u64)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().to_string_lossy().into_owned(), e.metadata().unwrap().len()))
        .collect();
    out.sort();
    out
}

/// The headers that rpm has written, in an ndb database, for which Debian's rpm is not built: lib/backend/ndb/rpmpkg.c of rpm.
fn ndb_of(database: &Path) -> Vec<u8> {
    let database = rusqlite::Connection::open(database).unwrap();
    let mut all = database.prepare("SELECT blob FROM Packages ORDER BY hnum").unwrap();
    let headers: Vec<Vec<u8>> = all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let words = |words: [u32; 4]| words.into_iter().flat_map(u32::to_le_bytes);
    // Numbers are of four bytes, places are counted in blocks of 16, and the first page has a slot for each package.
    let (block, page) = (16, 4096);
    let next = headers.len() as u32 + 1;
    let mut file: Vec<u8> = words([u32::from_le_bytes(*b"RpmP"), 0, 1, 1]).chain(words([next, 0, 0, 0])).collect();
    let mut blobs = Vec::new();
    for (header, number) in headers.iter().zip(1..) {
        let at = blobs.len();
        blobs.extend(words([u32::from_le_bytes(*b"BlbS"), number, 1, header.len() as u32]));
        blobs.extend_from_slice(header);
        // The end: a checksum, the length again and a magic; the blocks are full with it.
        blobs.resize((blobs.len() + 12).next_multiple_of(block), 0);
        let blocks = (blobs.len() - at) / block;
        file.extend(words([u32::from_le_bytes(*b"Slot"), number, ((page + at) / block) as u32, blocks as u32]));
    }
    while file.len() < page {
        file.extend(words([u32::from_le_bytes(*b"Slot"), 0, 0, 0]));
    }
    file.extend(blobs);
    file
}

#[test]
fn an_ndb_root() {
    seaworthy_testing::needs!(RPM, RPMBUILD);
    let dir = tempfile::tempdir().unwrap();
    let rpms = common::files(&common::build(dir.path(), b"#!/bin/sh\n", "harbor"), ".rpm");
    let root = dir.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let binaries: Vec<_> = rpms.iter().filter(|p| !p.to_string_lossy().ends_with(".src.rpm")).collect();
    common::run(rpm(&root, &["-i", "--nodeps", "--nosignature"]).args(&binaries));
    let by_sqlite = read_root(&root).unwrap();
    let folder = root.join("var/lib/rpm");
    let ndb = ndb_of(&folder.join("rpmdb.sqlite"));
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("Packages.db"), ndb).unwrap();
    let by_ndb = read_root(&root).unwrap();
    check_sorted(&by_ndb);
    let said = |out: &Inventory| format!("{:?}", out.packages).replace("rpmdb.sqlite", "Packages.db");
    assert_eq!(said(&by_ndb), said(&by_sqlite), "where it was found is all that differs");
}

const MANIFEST: &str = "harbor-libs\t1.4.0-3.sw1\t1700000000\t1700000000\tHarbor\t(none)\t60\tx86_64\t2\tharbor-1.4.0-3.sw1.src.rpm\n";

/// Rows of the places in a root that say what is installed.
#[test]
fn the_packages_of_a_root_are_where_its_system_keeps_them() {
    seaworthy_testing::needs!(RPM, RPMBUILD);
    let dir = tempfile::tempdir().unwrap();
    let rpms = common::files(&common::build(dir.path(), b"#!/bin/sh\n", "harbor"), ".rpm");
    let binaries: Vec<_> = rpms.iter().filter(|p| !p.to_string_lossy().ends_with(".src.rpm")).collect();
    let made = dir.path().join("made");
    std::fs::create_dir(&made).unwrap();
    common::run(rpm(&made, &["-i", "--nodeps", "--nosignature"]).args(&binaries));
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    common::run(&mut rpm(&empty, &["--initdb"]));
    let (full, empty) = (made.join("var/lib/rpm"), empty.join("var/lib/rpm"));
    let (list, nothing) = (Some(MANIFEST), None);
    type Row<'a> = (&'a str, &'a [(&'a str, &'a Path)], Option<&'a str>, &'a str);
    let rows: [Row<'_>; 7] = [
        ("the database of today", &[("usr/lib/sysimage/rpm", &full)], nothing, "2 in usr/lib/sysimage/rpm/rpmdb.sqlite"),
        ("of an image of ostree", &[("usr/share/rpm", &full)], nothing, "2 in usr/share/rpm/rpmdb.sqlite"),
        (
            "an empty one beside the one that is used",
            &[("usr/lib/sysimage/rpm", &empty), ("var/lib/rpm", &full)],
            nothing,
            "2 in var/lib/rpm/rpmdb.sqlite",
        ),
        ("the list of a distroless image", &[], list, "1 in var/lib/rpmmanifest/container-manifest-2"),
        ("beside an empty database", &[("var/lib/rpm", &empty)], list, "1 in var/lib/rpmmanifest/container-manifest-2"),
        ("a database goes before the list", &[("var/lib/rpm", &full)], list, "2 in var/lib/rpm/rpmdb.sqlite"),
        ("an empty database alone", &[("var/lib/rpm", &empty)], nothing, "nothing"),
    ];
    let got = rows.iter().enumerate().map(|(at, (why, databases, list, expected))| {
        let root = dir.path().join(format!("root{at}"));
        std::fs::create_dir(&root).unwrap();
        for (folder, database) in *databases {
            std::fs::create_dir_all(root.join(folder)).unwrap();
            for (name, _) in listing(database) {
                std::fs::copy(database.join(&name), root.join(folder).join(&name)).unwrap();
            }
        }
        if let Some(list) = list {
            std::fs::create_dir_all(root.join("var/lib/rpmmanifest")).unwrap();
            std::fs::write(root.join("var/lib/rpmmanifest/container-manifest-2"), list).unwrap();
        }
        let out = read_root(&root).unwrap();
        let harbor =
            out.packages.first().inspect(|p| assert_eq!((p.name.as_str(), p.evr.to_string().as_str()), ("harbor", "2:1.4.0-3.sw1")));
        (*why, (*expected).to_owned(), harbor.map_or_else(|| "nothing".into(), |p| format!("{} in {}", p.binaries.len(), p.found_in)))
    });
    seaworthy_testing::hold(got);
}

#[test]
fn roots_without_a_readable_database() {
    let dir = tempfile::tempdir().unwrap();
    let error = read_root(dir.path()).unwrap_err().to_string();
    assert!(error.contains("no RPM database") && error.contains("is this the root of an RPM system?"), "{error}");
    std::fs::create_dir_all(dir.path().join("var/lib/dpkg")).unwrap();
    std::fs::write(dir.path().join("var/lib/dpkg/status"), "Package: base-files\n").unwrap();
    let error = read_root(dir.path()).unwrap_err().to_string();
    assert!(error.contains("those of dpkg (var/lib/dpkg/status)") && error.contains("name the root of an RPM system"), "{error}");
    let folder = dir.path().join("var/lib/rpm");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Packages"), [0u8; 64]).unwrap();
    let error = read_root(dir.path()).unwrap_err().to_string();
    assert!(error.contains("Berkeley DB") && error.contains("--rebuilddb"), "{error}");
    std::fs::write(folder.join("rpmdb.sqlite"), b"SQLite format 3\0 and no more").unwrap();
    let error = read_root(dir.path()).unwrap_err().to_string();
    assert!(error.contains("rpmdb.sqlite") && error.contains("verifydb"), "{error}");
    std::fs::remove_file(folder.join("rpmdb.sqlite")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("rpmdb.sqlite")).unwrap();
    assert!(read_root(dir.path()).unwrap_err().to_string().contains("Berkeley"), "the link leads nowhere inside the root");
}
