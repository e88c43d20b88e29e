#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agreement;
mod hostile;
mod sets;
mod versions;

use std::path::Path;
use std::process::Command;

use seaworthy_model::hex;

use super::*;

/// Runs a program of a Debian package and gives its standard output.
fn run(package: &str, command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let out = command.output().unwrap_or_else(|e| panic!("cannot run {program} ({e}): install the Debian package {package}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{command:?}: {}\n{stdout}\n{stderr}", out.status);
    stdout.into_owned()
}

/// Builds the packages of spec files into `out`, with the same bytes each time.
fn rpmbuild(specs: &[(&str, &str)], out: &Path) {
    let home = tempfile::tempdir().unwrap();
    for (at, (target, spec)) in specs.iter().enumerate() {
        let file = home.path().join(format!("{at}.spec"));
        std::fs::write(&file, spec).unwrap();
        let define = |name: &str, value: &str| format!("{name} {value}");
        let top = home.path().join("top").display().to_string();
        let mut command = Command::new("rpmbuild");
        command.arg("-ba").arg("--quiet").arg("--nodeps").arg("--target").arg(target);
        let defines = [
            define("_topdir", &top),
            define("_rpmdir", &out.display().to_string()),
            define("_srcrpmdir", &out.display().to_string()),
            define("_dbpath", &home.path().join("db").display().to_string()),
            define("_buildhost", "builder.example"),
            define("use_source_date_epoch_as_buildtime", "1"),
            define("clamp_mtime_to_source_date_epoch", "1"),
            define("debug_package", "%{nil}"),
        ];
        for define in &defines {
            command.arg("--define").arg(define);
        }
        command.arg(&file).env("HOME", home.path()).env("SOURCE_DATE_EPOCH", "1700000000");
        run("rpm", &mut command);
    }
}

/// A package without a file.
fn made(name: &str, version: &str, salt: u64) -> Package {
    use sha2::Digest;
    let dependency = |name: String| Dependency {
        name,
        relation: "EQ",
        epoch: "0".to_owned(),
        version: version.to_owned(),
        release: "1".to_owned(),
        before: false,
    };
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        release: "1".to_owned(),
        arch: "x86_64".to_owned(),
        source_rpm: format!("{name}-{version}-1.src.rpm"),
        summary: format!("the package {name} & <others>"),
        size: 1000 + salt,
        pkgid: hex(&sha2::Sha256::digest(format!("{name} {version} {salt}"))),
        provides: vec![dependency(name.to_owned())],
        files: vec![OwnedFile { path: format!("/usr/bin/{name}"), kind: FileKind::File }],
        changes: vec![Change { time: 1_700_000_000, author: "A <a@example.org>".to_owned(), text: "- made".to_owned() }],
        ..Package::default()
    }
}

fn entry(package: &Package) -> Entry {
    Entry::new(package, &format!("../../../{}", pool_path(package)))
}

fn options(compression: Compression) -> Options {
    Options { compression, revision: "7".to_owned(), timestamp: jiff::Timestamp::from_second(1_700_000_000).unwrap(), previous: None }
}
