//! Small real packages, built by `rpmbuild` where it is installed.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a program; where it fails, the test fails with its output.
pub fn run(command: &mut Command) -> String {
    let out = command.output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&out.stderr));
    text
}

const SPEC: &str = r"
Name: harbor
Epoch: 2
Version: 1.4.0
Release: 3.sw1
Summary: A test
License: MIT
URL: https://harbor.example
Source0: harbor-1.4.0.tar.gz
Patch0: CVE-2024-1111.patch
BuildRequires: bash
Provides: bundled(zlib) = 1.2.11
AutoReqProv: no
%description
A test.
%package libs
Summary: Libraries
Provides: bundled(zlib) = 1.2.11
Provides: bundled(golang(golang.org/x/net)) = 0.17.0
%description libs
Libraries.
%prep
%build
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share/harbor
cp %{SOURCE0} %{buildroot}/usr/bin/harbor
chmod 755 %{buildroot}/usr/bin/harbor
echo x > %{buildroot}/usr/share/harbor/data
%files
/usr/bin/harbor
%files libs
/usr/share/harbor/data
%changelog
* Tue Mar 05 2024 A Person <a@example.org> - 1.4.0-3
- Fix CVE-2024-1111 and CVE-2024-2222
* Mon Mar 04 2024 A Person <a@example.org> - 1.4.0-2
- Remove CVE-2023-9999.patch
";

/// Builds `harbor` (main package, `-libs`, source package) whose one program is `program`; returns the folder of the RPMs.
pub fn build(dir: &Path, program: &[u8], name: &str) -> PathBuf {
    let top = dir.join("top");
    for folder in ["SOURCES", "SPECS", "tmp", "home"] {
        std::fs::create_dir_all(top.join(folder)).unwrap();
    }
    std::fs::write(top.join("SOURCES/harbor-1.4.0.tar.gz"), program).unwrap();
    std::fs::write(top.join("SOURCES/CVE-2024-1111.patch"), "--- a\n+++ b\n").unwrap();
    let spec = top.join("SPECS/harbor.spec");
    std::fs::write(&spec, SPEC.replace("Name: harbor", &format!("Name: {name}"))).unwrap();
    run(Command::new("rpmbuild")
        .env("HOME", top.join("home"))
        .args(["-ba", "--nodeps", "--define", "debug_package %{nil}", "--define", "__os_install_post %{nil}"])
        .args(["--define", &format!("_topdir {}", top.display()), "--define", &format!("_tmppath {}", top.join("tmp").display())])
        .args(["--define", "_build_id_links none"])
        .arg(&spec));
    let all = dir.join("rpms");
    std::fs::create_dir_all(&all).unwrap();
    let mut folders = vec![top.join("RPMS"), top.join("SRPMS")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                std::fs::copy(&path, all.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    all
}

/// All files of a folder with an ending.
pub fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    out.retain(|p| p.to_string_lossy().ends_with(ending));
    out.sort();
    out
}
