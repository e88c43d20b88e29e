//! A root that has nothing but an RPM database, which OpenSCAP and dnf take for an installed system.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use seaworthy_model::Evr;

use seaworthy_host::Program;
use seaworthy_host::files::write_unread;

/// A package that is installed in a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    pub(crate) name: String,
    pub(crate) evr: Evr,
    pub(crate) arch: String,
}

/// A root, and a home for the programs that read it.
pub(crate) struct Root {
    pub(crate) path: PathBuf,
    home: PathBuf,
    time: Duration,
}

impl Root {
    /// Makes a root below `scratch` in which these packages are installed.
    ///
    /// # Errors
    /// When it cannot be written, or RPM does not take the packages.
    pub(crate) fn make(scratch: &Path, name: &str, packages: &[Installed], time: Duration) -> Result<Self, String> {
        let root = Self { path: scratch.join(name), home: scratch.join(format!("{name}-home")), time };
        let make = |path: &Path| fs::create_dir_all(path).map_err(|e| format!("making {}: {e}", path.display()));
        make(&root.path.join("var/lib/rpm"))?;
        make(&root.home)?;
        // Debian's RPM keeps its database in the home unless it is told.
        let macros = root.home.join(".rpmmacros");
        write_unread(&macros, b"%_dbpath /var/lib/rpm\n").map_err(|e| e.to_string())?;
        let headers: Vec<u8> = packages.iter().flat_map(header).collect();
        let import = root.program("rpmdb").args(["--importdb", "--root"]).args([root.path.as_os_str()]);
        import.run(&headers).map_err(|e| e.to_string())?;
        Ok(root)
    }

    /// A program that uses the database of this root.
    pub(crate) fn program(&self, name: &str) -> Program {
        as_root(name).env("HOME", self.home.as_os_str()).time(self.time)
    }
}

/// A program that may change its root: as root, or as root in a namespace of its own.
fn as_root(name: &str) -> Program {
    if rustix::process::geteuid().is_root() { Program::new(name) } else { Program::new("unshare").args(["--map-root-user", "--", name]) }
}

/// Checks whether programs can be run on other roots here.
///
/// # Errors
/// When they cannot, with the reason in words.
pub(crate) fn is_possible() -> Result<(), String> {
    match as_root("true").run(b"") {
        Ok(_) => Ok(()),
        Err(_) => Err("only root may change the root here, and the kernel gives no namespace to other users".into()),
    }
}

const INT32: u32 = 4;
const STRING: u32 = 6;
const I18N: u32 = 9;

/// The header of a package in the file format of RPM (version 4, "Header"), with the tags that every package must have.
fn header(package: &Installed) -> Vec<u8> {
    let mut index = Vec::new();
    let mut store: Vec<u8> = Vec::new();
    let mut tag = |tag: u32, kind: u32, value: &[u8]| {
        if kind == INT32 {
            store.resize(store.len().next_multiple_of(4), 0);
        }
        let offset = u32::try_from(store.len()).unwrap_or(u32::MAX);
        index.extend([tag, kind, offset, 1].into_iter().flat_map(u32::to_be_bytes));
        store.extend_from_slice(value);
        if kind != INT32 {
            store.push(0);
        }
    };
    tag(1000, STRING, package.name.as_bytes());
    tag(1001, STRING, package.evr.version.as_bytes());
    tag(1002, STRING, package.evr.release.as_bytes());
    if package.evr.epoch != 0 {
        tag(1003, INT32, &package.evr.epoch.to_be_bytes());
    }
    tag(1004, I18N, b"A probe");
    tag(1005, I18N, b"A probe");
    tag(1009, INT32, &0_u32.to_be_bytes());
    tag(1014, STRING, b"MIT");
    tag(1016, I18N, b"Probes");
    tag(1021, STRING, b"linux");
    tag(1022, STRING, package.arch.as_bytes());
    // Without one it would count as a source package.
    tag(1044, STRING, b"probe-1-1.src.rpm");
    let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    let mut out = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
    out.extend(length(index.len() / 16));
    out.extend(length(store.len()));
    out.extend(index);
    out.extend(store);
    out
}
