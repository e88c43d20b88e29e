//! RPM packages as the repository reads them: any bytes are read or refused, and what is told of them is XML.

use std::path::Path;

use seaworthy_packages::repository::{Entry, Limits, Package};

pub fn run(data: &[u8]) {
    let limits = Limits { file: 4 << 20, header: 1 << 20, files: 10_000, entries: 10_000, paths: 4 << 20 };
    if let Ok(package) = Package::from_bytes(Path::new("fuzz.rpm"), data, &limits) {
        assert_eq!(package.size, data.len() as u64);
        let entry = Entry::new(&package, "fuzz.rpm");
        assert_eq!(entry.listing().pkgid.len(), 64);
    }
}
