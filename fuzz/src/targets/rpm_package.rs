//! RPM packages as the repository reads them: any bytes are read or refused, and what is told of them is XML. Any bytes as a payload.

use std::io;
use std::path::Path;

use seaworthy_packages::repository::{Entry, Limits, Package};
use seaworthy_packages::rpm::{Headers, PayloadError, each_file};

pub fn run(data: &[u8]) {
    let limits = Limits { file: 4 << 20, header: 1 << 20, files: 10_000, entries: 10_000, paths: 4 << 20 };
    if let Ok(package) = Package::from_bytes(Path::new("fuzz.rpm"), data, &limits) {
        assert_eq!(package.size, data.len() as u64);
        let entry = Entry::new(&package, "fuzz.rpm");
        assert_eq!(entry.listing().pkgid.len(), 64);
    }
    let mut from = data;
    if Headers::read(&mut from, 1 << 20).is_ok() {
        let _ = payload(from);
    }
    let _ = payload(data);
}

fn payload(from: &[u8]) -> Result<(), PayloadError> {
    each_file(from, 4 << 20, |_, size, content| {
        assert!(io::copy(content, &mut io::sink())? <= size);
        Ok::<(), PayloadError>(())
    })
}
