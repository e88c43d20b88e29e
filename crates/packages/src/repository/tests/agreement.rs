//! The metadata of createrepo_c and ours of the same packages, compared as XML; and ours as dnf reads it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;

const SPEC: &str = "
Name: everything
Epoch: 3
Version: 1.2~rc1^git5
Release: 2%{?dist}
Summary: Everything & <more>, naïvely \"quoted\"
License: MIT AND 'Apache-2.0'
Vendor: Example Distribution
Packager: Someone <someone@example.org>
Group: System/Base
URL: https://example.org/?a=1&b=2
Provides: virtual = 4:5.6-7
Provides: virtual = 4:5.6-7
Provides: bundled(zlib) = 1.3
Provides: odd(name with spaces)
Requires: virtual = 4:5.6-7
Requires: plain
Requires: plain
Requires: plain >= 2
Requires: plain
Requires: other <= 1:2-3
Requires: other > 0
Requires(pre): shadow >= 4
Requires(post): shadow >= 4
Requires(postun): /sbin/ldconfig
Requires: /etc/everything.conf
Requires: /opt/everything/data
Requires: /usr/bin/elsewhere
Requires: libc.so.6(GLIBC_2.4)(64bit)
Requires: libc.so.6()(64bit)
Requires: libc.so.6(GLIBC_2.34)(64bit)
Requires: libc.so.6(GLIBC_2.9)(64bit)
Requires: after-libc
Requires: (first or (second and third >= 2) or fourth)
Recommends: nice-to-have < 9
Suggests: maybe
Supplements: (everything and desktop)
Enhances: something = 1
Conflicts: enemy < 2:1.0-1
Obsoletes: older-name <= 0.9

%description
First line & second <line>.

  Indented, with a tab:\tand ünïcödé 中文 🦀.
Last line.

%package libs
Summary: Without an epoch of its own
Epoch: 0
Requires: %{name} = 3:%{version}-%{release}

%description libs

%prep
%install
mkdir -p %{buildroot}/etc/everything.d %{buildroot}/usr/bin %{buildroot}/usr/sbin %{buildroot}/usr/lib/everything/bin %{buildroot}/opt/everything %{buildroot}/var/cache/everything %{buildroot}/usr/lib64
echo 1 > %{buildroot}/etc/everything.conf
echo 1 > %{buildroot}/etc/everything.d/a
echo 2 > %{buildroot}/usr/bin/everything
echo 3 > %{buildroot}/usr/sbin/everythingd
echo 4 > %{buildroot}/usr/lib/sendmail
echo 5 > %{buildroot}/usr/lib/everything/bin/tool
echo 6 > '%{buildroot}/opt/everything/with space & <sign>'
echo 7 > %{buildroot}/opt/everything/data
echo 8 > %{buildroot}/usr/lib64/libeverything.so
ln -s everything %{buildroot}/usr/bin/link
touch %{buildroot}/var/cache/everything/ghost %{buildroot}/etc/ghost.conf
mkdir %{buildroot}/etc/ghost.d

%post
exit 0

%files
%config /etc/everything.conf
/etc/everything.d
%ghost /etc/ghost.conf
%ghost %dir /etc/ghost.d
/usr/bin/everything
/usr/bin/link
/usr/sbin/everythingd
/usr/lib/sendmail
/usr/lib/everything
/opt/everything
%dir /var/cache/everything
%ghost /var/cache/everything/ghost

%files libs
/usr/lib64/libeverything.so

%changelog
* Thu Nov 09 2023 Twelfth <l@example.org> - 1.2-12
- one of two on a day: <a> & \"b\"
* Thu Nov 09 2023 Eleventh <k@example.org> - 1.2-11
- the other of two
* Wed Nov 08 2023 Ténth <j@example.org> 1.2-10
- x
* Tue Nov 07 2023 Ninth <i@example.org> - 1.2-9
- CVE-2023-0001
* Tue Nov 07 2023 Eighth <h@example.org> - 1.2-8
- x
* Tue Nov 07 2023 Seventh <g@example.org> - 1.2-7
- x
* Sun Nov 05 2023 Sixth <f@example.org> - 1.2-6
- x
* Sat Nov 04 2023 Fifth <e@example.org> - 1.2-5
- x
* Fri Nov 03 2023 Fourth <d@example.org> - 1.2-4
- x
* Thu Nov 02 2023 Third <c@example.org> - 1.2-3
- x
* Wed Nov 01 2023 Second <b@example.org> - 1.2-2
- x
* Wed Nov 01 2023 First <a@example.org> - 1.2-1
- x
";

const TEXT_ONLY: &str = "
Name: docs
Version: 2
Release: 1
Summary: Documentation
License: MIT
BuildArch: noarch
%description
Documentation.
%files
";

/// A package's XML as a comparable value: each element with its path, attributes and text, in order.
fn flatten(xml: &str) -> BTreeMap<String, Vec<String>> {
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let mut packages = BTreeMap::new();
    let mut now: Vec<String> = Vec::new();
    let close = |path: &mut Vec<String>, texts: &mut Vec<String>, now: &mut Vec<String>| {
        let text = texts.pop().unwrap();
        // White space between elements says nothing.
        if !text.trim().is_empty() || path.last().unwrap().starts_with("changelog") {
            now.push(format!("{} = {text:?}", path.join("/")));
        } else {
            now.push(path.join("/"));
        }
        path.pop().unwrap()
    };
    loop {
        let event = reader.read_event().unwrap();
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                let mut attributes: Vec<String> = start
                    .attributes()
                    .map(|a| a.unwrap())
                    .map(|a| format!("{}={:?}", a.key.as_ref(), quick_xml::escape::unescape(&a.value).unwrap()))
                    .collect();
                attributes.sort();
                path.push(format!("{} {}", start.name().as_ref(), attributes.join(" ")));
                texts.push(String::new());
                if matches!(event, Event::Empty(_)) {
                    close(&mut path, &mut texts, &mut now);
                }
            }
            Event::Text(text) => {
                if let Some(last) = texts.last_mut() {
                    last.push_str(&text);
                }
            }
            Event::GeneralRef(entity) => {
                let value = quick_xml::escape::unescape(&format!("&{};", &*entity)).unwrap().into_owned();
                texts.last_mut().unwrap().push_str(&value);
            }
            Event::End(_) => {
                let closed = close(&mut path, &mut texts, &mut now);
                if !closed.starts_with("package ") {
                    continue;
                }
                let lines = std::mem::take(&mut now);
                let key = lines.iter().find(|l| l.contains("/checksum ") || l.contains("pkgid=")).unwrap();
                let hex = |text: &&str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
                let id = key.split(|c: char| !c.is_ascii_alphanumeric()).find(hex).unwrap();
                packages.insert(id.to_owned(), lines);
            }
            Event::Eof => return packages,
            _ => {}
        }
    }
}

/// The text of a metadata file.
fn metadata(repodata: &Path, kind: &str) -> String {
    let found = std::fs::read_dir(repodata).unwrap().map(|f| f.unwrap().path());
    let file = found.into_iter().find(|f| f.to_string_lossy().contains(&format!("-{kind}.xml."))).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let mut text = String::new();
    if file.extension().unwrap() == "gz" {
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    } else {
        zstd::Decoder::new(bytes.as_slice()).unwrap().read_to_string(&mut text).unwrap();
    }
    text
}

#[test]
fn says_what_createrepo_c_says() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    std::fs::create_dir(&tree).unwrap();
    rpmbuild(&[("x86_64", SPEC), ("noarch", TEXT_ONLY)], &tree);
    run("createrepo-c", Command::new("createrepo_c").args(["-q", "--no-database", "-o"]).arg(folder.path()).arg(&tree));

    let store = ChunkStore::new(&folder.path().join("chunks"));
    let scanned = scan(&tree, &ScanCache::default(), &ScanOptions { file_time: FileTime::Modified, ..ScanOptions::default() }).unwrap();
    assert_eq!(scanned.problems, []);
    assert_eq!(scanned.added.len(), 5, "everything, its libs and sources, docs and their sources");
    let manifest = Manifest::build(&store, scanned.added).unwrap();
    let ours = folder.path().join("ours");
    write_metadata(&manifest, &store, &ours, &options(Compression::Zstd), &[]).unwrap();
    for kind in ["primary", "filelists", "other"] {
        let theirs = flatten(&metadata(&folder.path().join("repodata"), kind));
        let ours = flatten(&metadata(&ours, kind));
        assert_eq!(theirs.len(), 5);
        for (id, theirs) in &theirs {
            let ours = ours.get(id).unwrap_or_else(|| panic!("{kind} lacks {theirs:#?}"));
            for (at, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                assert_eq!(theirs, ours, "{kind}, line {at} of {id}");
            }
            assert_eq!(theirs.len(), ours.len(), "{kind}: {theirs:#?} {ours:#?}");
        }
        assert_eq!(theirs.len(), ours.len());
    }
}

#[test]
fn dnf_reads_it_in_both_compressions() {
    let folder = tempfile::tempdir().unwrap();
    let (tree, root) = (folder.path().join("tree"), folder.path().join("root"));
    std::fs::create_dir(&tree).unwrap();
    rpmbuild(&[("noarch", TEXT_ONLY)], &tree);
    let store = ChunkStore::new(&folder.path().join("chunks"));
    let scanned = scan(&tree, &ScanCache::default(), &ScanOptions::default()).unwrap();
    // Enough packages for several chunks, so several frames.
    let mut entries = scanned.added;
    entries.extend((0..700).map(|n| entry(&made(&format!("made{n}"), "1", n))));
    let manifest = Manifest::build(&store, entries).unwrap();
    assert!(manifest.chunks().count() > 2);
    for compression in [Compression::Zstd, Compression::Gzip] {
        let repodata = tree.join("repodata");
        let _ = std::fs::remove_dir_all(&repodata);
        let repomd = write_metadata(&manifest, &store, &repodata, &options(compression), &[]).unwrap();
        std::fs::write(repodata.join("repomd.xml"), &repomd.bytes).unwrap();
        let mut dnf = Command::new("dnf");
        dnf.args(["-q", "--releasever=1", "--setopt=plugins=0", "--setopt=reposdir=/nowhere", "--forcearch=x86_64"]);
        for (what, path) in [("cachedir", "cache"), ("logdir", "log"), ("persistdir", "persist")] {
            let path = folder.path().join(format!("{path}-{}", compression.suffix()));
            // dnf does not make the folder of its logs.
            std::fs::create_dir(&path).unwrap();
            dnf.arg(format!("--setopt={what}={}", path.display()));
        }
        dnf.arg(format!("--installroot={}", root.display())).arg(format!("--repofrompath=t,file://{}", tree.display()));
        dnf.args(["--repo=t", "repoquery", "--available", "--qf", "%{name}"]).env("HOME", folder.path());
        let printed = run("dnf", &mut dnf);
        let names: std::collections::BTreeSet<&str> = printed.lines().collect();
        assert_eq!(names.len(), 701, "{compression:?}: {printed}");
        assert!(names.contains("docs") && names.contains("made699"));
    }
}
