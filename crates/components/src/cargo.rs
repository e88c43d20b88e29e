//! The lock file of Cargo.

use crate::lock_file::{Finder, LockFile, line_of};

/// The packages of a Cargo.lock that have a source; those without are the project itself.
#[must_use]
pub fn cargo_lock(bytes: &[u8], file: &str) -> LockFile {
    #[derive(serde::Deserialize)]
    struct Lock {
        #[serde(default)]
        package: Vec<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
        source: Option<String>,
    }
    let mut found = Finder::new(file, "cargo");
    match toml::from_slice::<Lock>(bytes) {
        Ok(lock) => lock.package.iter().filter(|p| p.source.is_some()).for_each(|p| found.add(&p.name, Some(&p.version))),
        Err(e) => {
            let line = e.span().map(|s| line_of(bytes, s.start));
            found.problem(line, format!("left out: not a Cargo.lock: {}", e.message()));
        }
    }
    found.out
}
