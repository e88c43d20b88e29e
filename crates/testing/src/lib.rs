//! The helpers that tests of several crates share. A dev-dependency only; it knows no other crate of the workspace.
//!
//! The tests of this crate read the source of all the others: the arrows between crates, circles of files, effects outside of their place,
//! the size of each crate, and files that no `mod` line names. `architecture.toml` says what is allowed.

pub mod http;
pub mod rpm;

use std::env;
use std::path::{Path, PathBuf};

/// The variable with which a test passes untested where a program is missing: `1`.
pub const SKIP_MISSING: &str = "SEAWORTHY_TEST_SKIP_MISSING";

/// A program that tests run, and the package that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The name of the program.
    pub program: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
    /// The folders outside of `PATH` in which Debian installs it; `*` stands for the name of one folder.
    pub folders: &'static [&'static str],
}

macro_rules! tools {
    ($($name:ident = $program:literal of $package:literal $(in $folder:literal)?;)*) => {
        $(
            #[doc = concat!("`", $program, "`, of Debian's package ", $package, ".")]
            pub const $name: Tool = Tool { program: $program, package: $package, folders: &[$($folder)?] };
        )*
    };
}

tools! {
    RPM = "rpm" of "rpm";
    RPMBUILD = "rpmbuild" of "rpm";
    RPMSPEC = "rpmspec" of "rpm";
    RPMKEYS = "rpmkeys" of "rpm";
    CREATEREPO = "createrepo_c" of "createrepo-c";
    MODIFYREPO = "modifyrepo_c" of "createrepo-c";
    DNF = "dnf" of "dnf";
    OSCAP = "oscap" of "openscap-scanner";
    GIT = "git" of "git";
    GPG = "gpg" of "gnupg";
    NGINX = "nginx" of "nginx-light" in "/usr/sbin";
    CHROMIUM = "chromium" of "chromium";
    CHROMEDRIVER = "chromedriver" of "chromium-driver";
    INITDB = "initdb" of "postgresql" in "/usr/lib/postgresql/*/bin";
}

impl Tool {
    /// The file of the program: the first in `PATH`, else the last by name in Debian's folders; `None` where it is not installed.
    #[must_use]
    pub fn find(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let in_path = env::split_paths(&path).map(|folder| folder.join(self.program)).find(|file| file.is_file());
        in_path.or_else(|| self.folders.iter().flat_map(|pattern| folders(pattern)).map(|f| f.join(self.program)).rfind(|f| f.is_file()))
    }
}

/// The folders that match a pattern, ordered by name.
fn folders(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once("/*") else { return vec![PathBuf::from(pattern)] };
    let mut found: Vec<PathBuf> = std::fs::read_dir(before).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.sort();
    found.into_iter().map(|folder| folder.join(after.trim_start_matches('/'))).collect()
}

/// Whether all tools are installed, so that the test can go on.
///
/// # Panics
/// When one is missing, with the package that brings it, unless [`SKIP_MISSING`] is set to `1`.
#[must_use]
pub fn available(tools: &[Tool]) -> bool {
    let missing: Vec<String> = tools
        .iter()
        .filter(|tool| tool.find().is_none())
        .map(|tool| format!("{} (Debian's package {})", tool.program, tool.package))
        .collect();
    if missing.is_empty() {
        return true;
    }
    skip_or_fail(&missing.join(", "));
    false
}

/// Returns where a test may be skipped because `what` is missing.
///
/// # Panics
/// Unless [`SKIP_MISSING`] is set to `1`.
#[track_caller]
#[allow(clippy::panic, reason = "a helper of tests: this is how a test fails")]
pub fn skip_or_fail(what: &str) {
    if env::var(SKIP_MISSING).is_ok_and(|value| value == "1") {
        eprintln!("skipped: {what} is missing");
        return;
    }
    panic!("{what} is missing; with {SKIP_MISSING}=1 this test is skipped");
}

/// Ends the test unless all named tools are installed: `needs!(RPM, DNF)`.
///
/// A missing one fails the test, unless [`SKIP_MISSING`] is set to `1`: then it is skipped.
#[macro_export]
macro_rules! needs {
    ($($tool:ident),+ $(,)?) => {
        if !$crate::available(&[$($crate::$tool),+]) {
            return;
        }
    };
}

/// Compares all rows of a table before it fails, so that one run shows all errors. A row is the point that it makes, the expected and the
/// actual value.
///
/// # Panics
/// When a row does not hold, or there is none.
#[track_caller]
pub fn hold<'a>(rows: impl IntoIterator<Item = (&'a str, String, String)>) {
    let mut count = 0;
    let mut wrong = String::new();
    for (why, expected, got) in rows {
        count += 1;
        if expected != got {
            wrong.push_str(&format!("\n  {why}\n    expected: {expected}\n    got:      {got}"));
        }
    }
    assert!(count > 0, "an empty table proves nothing");
    assert!(wrong.is_empty(), "rows that do not hold:{wrong}");
}

/// The root of the workspace in which the test runs, as cargo names it at run time, so that a test program built elsewhere tests the tree
/// at hand. Outside of cargo it is the workspace in which the program was built.
#[must_use]
pub fn workspace() -> PathBuf {
    let this_crate = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    this_crate.ancestors().nth(2).unwrap_or(Path::new("/")).to_owned()
}

/// A file or folder of the example distribution.
#[must_use]
pub fn harbor(name: &str) -> PathBuf {
    workspace().join("examples/harbor").join(name)
}

#[cfg(test)]
mod tests {
    use super::{Tool, available};

    /// `sh` is on every machine, and no machine has the other.
    const SH: Tool = Tool { program: "sh", package: "dash", folders: &[] };
    const NONE: Tool = Tool { program: "no-such-program-of-any-machine", package: "none", folders: &["/usr/lib/*/no-such-folder"] };

    #[test]
    fn what_is_installed_is_available() {
        assert!(available(&[SH]));
        assert!(super::harbor("specs").is_dir());
    }

    #[test]
    #[should_panic(expected = "no-such-program-of-any-machine (Debian's package none) is missing")]
    fn a_missing_tool_fails_the_test() {
        let asked_to_skip = std::env::var(super::SKIP_MISSING).is_ok();
        assert!(!asked_to_skip, "no-such-program-of-any-machine (Debian's package none) is missing, and may be");
        assert!(available(&[SH, NONE]));
    }
}
