//! The spec reader on specs that are written for it.

use std::collections::BTreeMap;
use std::process::Command;

use proptest::prelude::*;
use seaworthy_inventory::{SourcePackage, SpecOptions, read_spec, read_spec_tree};

const BOAT: &str = r#"# A comment with %{nothing}
%global base 2.4
%define minor 7
%bcond_without sails
%bcond_with motor
%global shortver %(echo %{base}.%{minor} | cut -d. -f1)
%if 0%{?moon} > 3 || ("%{base}" == "2.4" && ! 0%{?sun})
%global good yes
%else
%global good no
%endif
Name:           boat
Epoch:          2
Version:        %{base}.%{minor}
Release:        %[1 + 2]%{?dist}
Summary:        A %{good} boat
License:        MIT
URL:            https://boat.example/%{shortver}
Source0:        https://boat.example/%{name}-%{version}.tar.gz#/%{name}-src.tar.gz
Source5:        rig-CVE-2023-5555.patch
Source:         last.txt
Patch0:         hull.patch
Patch:          keel.patch
Patch7:         CVE-2024-1111_cve-2024-2222.patch
Patch8:         unused.patch
%if %{with motor}
Patch9:         motor.patch
%endif
%ifarch aarch64
Patch10:        arm.patch
%elifarch x86_64
Patch11:        intel.patch
%endif
BuildRequires:  gcc >= 4, make
%if %{with sails}
BuildRequires:  pkgconfig(cloth) = 1 (rope or twine)
%endif
Provides:       bundled(golang(golang.org/x/net)) = 0.17.0, bundled(npm(left)) = 1
Provides:       bundled(python3dist(oar)) bundled(crate(mast)) = 3
Provides:       bundled(zlib) = 1.2

%description
%if 1
Text.
%endif

%package devel
Summary:        For builders
%description devel
Text.

%package -n libboat
Summary:        Library
BuildArch:      noarch
%description -n libboat
Text.

%prep
%setup -q
%patch0 -p1
%patch -P 1 -p1 -b .orig
# %%patch8
git am %{PATCH7}
patch -p1 < %{SOURCE5}
%autopatch -m 11 -M 11 -p1

%files
%files -n libboat

%changelog
* Tue Mar 05 2024 A Sailor <a@boat.example> - 2:2.4.7-3
- Fix CVE-2024-1111 and
  CVE-2024-2222
- Remove patch for CVE-2020-0001
* Mon Mar 04 2024 B <b@boat.example> [2.4.6-1]
- Upgrade for CVE-2023-0002
"#;

fn read(text: &str) -> SourcePackage {
    let options = SpecOptions { dist: Some(".t1".into()), ..SpecOptions::default() };
    let (package, problems) = read_spec("boat.spec", text, &BTreeMap::new(), &options);
    package.unwrap_or_else(|| panic!("{problems:?}"))
}

#[test]
fn reads_every_part_of_a_spec() {
    let p = read(BOAT);
    assert_eq!((p.name.as_str(), p.evr.to_string().as_str()), ("boat", "2:2.4.7-3.t1"));
    assert_eq!(p.url.as_deref(), Some("https://boat.example/2"));
    assert_eq!(p.sources, ["https://boat.example/boat-2.4.7.tar.gz#/boat-src.tar.gz", "rig-CVE-2023-5555.patch", "last.txt"]);
    let patches: Vec<(&str, bool, usize)> = p.patches.iter().map(|p| (p.file.as_str(), p.applied == Some(true), p.cves.len())).collect();
    assert_eq!(
        patches,
        [
            ("hull.patch", true, 0),
            ("keel.patch", true, 0),
            ("CVE-2024-1111_cve-2024-2222.patch", true, 2),
            ("unused.patch", false, 0),
            ("intel.patch", true, 0),
            ("rig-CVE-2023-5555.patch", true, 1),
        ]
    );
    assert_eq!(p.build_requires, ["gcc", "make", "pkgconfig(cloth)", "rope", "twine"]);
    let components: Vec<(&str, &str, Option<&str>)> =
        p.components.iter().map(|c| (c.ecosystem.as_str(), c.name.as_str(), c.version.as_deref())).collect();
    assert_eq!(
        components,
        [
            ("golang", "golang.org/x/net", Some("0.17.0")),
            ("npm", "left", Some("1")),
            ("pypi", "oar", None),
            ("cargo", "mast", Some("3")),
            ("generic", "zlib", Some("1.2"))
        ]
    );
    let binaries: Vec<(&str, Option<&str>)> = p.binaries.iter().map(|b| (b.name.as_str(), b.arch.as_deref())).collect();
    assert_eq!(binaries, [("boat", None), ("boat-devel", None), ("libboat", Some("noarch"))]);
    let log: Vec<(&str, String, usize)> =
        p.changelog.iter().map(|e| (e.date.as_str(), e.evr.as_ref().unwrap().to_string(), e.cves.len())).collect();
    assert_eq!(log, [("2024-03-05", "2:2.4.7-3".into(), 2), ("2024-03-04", "2.4.6-1".into(), 1)]);
}

#[test]
fn lists_includes_and_late_macros() {
    let text = "Name: %{late}-x\nVersion: 1\nRelease: 1\nBuildArch: noarch\n%global late dinghy\n%include more.inc\n%patchlist\na.patch\nb.patch\n%sourcelist\ns.tar\n%prep\n%autosetup -p1\n";
    let beside = BTreeMap::from([("more.inc".to_owned(), Some("BuildRequires: oars\n".to_owned()))]);
    let (package, problems) = read_spec("x.spec", text, &beside, &SpecOptions::default());
    let p = package.unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((p.name.as_str(), p.sources.len(), p.build_requires.len()), ("dinghy-x", 1, 1));
    assert!(p.patches.len() == 2 && p.patches.iter().all(|p| p.applied == Some(true)));
}

/// Rows of `%prep` for one patch, `CVE-2024-1111.patch` with the number 5.
#[test]
fn a_patch_is_applied_where_prep_leaves_it_in() {
    let rows = [
        ("by its number", "%patch -P 5 -p1", true),
        ("by all", "%autosetup -p1", true),
        ("by hand", "patch -p1 < %{PATCH5}", true),
        ("not named", "%patch -P 4 -p1", false),
        ("in reverse", "%patch5 -p1 -R", false),
        ("in reverse, by hand", "patch -R -p1 < %{PATCH5}", false),
        ("in reverse, by git", "git apply --reverse %{PATCH5}", false),
        ("taken out again", "%autosetup -p1\n%patch 5 -R", false),
        ("and in again", "%autosetup -p1\n%patch 5 -R\n%patch 5", true),
        ("tried only", "patch --dry-run -p1 < %{PATCH5}", false),
    ];
    seaworthy_testing::hold(rows.iter().map(|(why, prep, expected)| {
        let text = format!("Name: x\nVersion: 1\nRelease: 1\nPatch4: a.patch\nPatch5: CVE-2024-1111.patch\n%prep\n{prep}\n");
        (*why, expected.to_string(), read(&text).patches[1].applied.unwrap().to_string())
    }));
}

#[test]
fn bad_specs_leave_problems_with_lines() {
    let (package, problems) = read_spec("bad.spec", "Name: x\n%if (1\nVersion: 1\n", &BTreeMap::new(), &SpecOptions::default());
    assert!(package.is_none());
    assert!(problems.iter().any(|p| p.line == Some(2) && p.message.contains("taken as false")), "{problems:?}");
}

/// A tree in a folder and in a git repository; the value of `%dist` comes from the tree.
#[test]
fn folders_and_revisions() {
    seaworthy_testing::needs!(GIT);

    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("s/boat/boat.spec", BOAT);
    write("s/boat/CVE-2024-7777.nopatch", "");
    write("s/boat/CVE-2024-8888.patch", "x\n");
    write("s/boat/test-CVE-2024-9999.patch", "x\n");
    write("s/boat/hull.patch", "Subject: x\nCVE: CVE-2022-0001\n---\n");
    write("s/rel/rel.spec", "%define num 9\nName: rel\nVersion: 1\nRelease: 1%{?dist}\n%install\ncat > m <<E\n%%dist .q%{num}\nE\n");
    let check = |at: &str| {
        let inventory = read_spec_tree(at, &SpecOptions::default()).unwrap();
        let p = &inventory.packages[0];
        assert_eq!(p.evr.release, "3.q9");
        assert_eq!(p.decisions[0].text.as_deref(), Some(""));
        let cves = |file: &str| p.patches.iter().find(|p| p.file == file).map(|p| (p.cves.len(), p.applied.unwrap()));
        assert_eq!(cves("hull.patch"), Some((1, true)));
        assert_eq!(cves("CVE-2024-8888.patch"), Some((1, false)));
        assert_eq!(cves("test-CVE-2024-9999.patch"), Some((0, false)));
        assert_eq!(inventory.packages.len(), 2);
    };
    let root = dir.path().to_str().unwrap();
    check(root);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(dir.path()).args(["-c", "user.name=t", "-c", "user.email=t@t"]).args(arguments);
        assert!(git.status().unwrap().success(), "git {arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "t"]);
    check(&format!("{root}@HEAD"));
    for unknown in ["nowhere", "--all"] {
        let error = read_spec_tree(&format!("{root}@{unknown}"), &SpecOptions::default()).unwrap_err().to_string();
        assert!(error.contains("there is no revision"), "{error}");
    }
    assert!(read_spec_tree("/nonexistent/x@y", &SpecOptions::default()).is_err());
}

#[test]
fn agrees_with_rpmspec() {
    seaworthy_testing::needs!(RPMSPEC);
    let file = tempfile::Builder::new().suffix(".spec").tempfile().unwrap();
    std::fs::write(file.path(), BOAT).unwrap();
    let out = Command::new("rpmspec")
        .args(["-q", "--srpm", "--define", "dist .t1", "--qf", "%{name} %{epoch} %{version} %{release} %{url}"])
        .arg(file.path())
        .output()
        .unwrap();
    let p = read(BOAT);
    let ours = format!("{} {} {} {} {}", p.name, p.evr.epoch, p.evr.version, p.evr.release, p.url.unwrap());
    assert_eq!(String::from_utf8_lossy(&out.stdout), ours, "{}", String::from_utf8_lossy(&out.stderr));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,300}", lines in proptest::collection::vec("%?\\{?[!?]{0,2}(if|global|define|x|lua|with|patch|package|elif|include|y\\(\\))[ :{}()%\"\\\\a-z0-9é\n]{0,20}", 0..30)) {
        seaworthy_inventory::spec_for_fuzzing(text.as_bytes());
        seaworthy_inventory::spec_for_fuzzing(lines.join("\n").as_bytes());
    }

    #[test]
    fn mutated_specs(cuts in proptest::collection::vec((0..BOAT.len(), 0..40usize, any::<u8>()), 1..12)) {
        let mut bytes = BOAT.as_bytes().to_vec();
        for (at, len, byte) in cuts {
            let at = at.min(bytes.len());
            let end = (at + len).min(bytes.len());
            bytes.splice(at..end, [byte]);
        }
        seaworthy_inventory::spec_for_fuzzing(&bytes);
    }
}
