//! Headers of RPM packages, from a file and from a database: each value is asked for in every way, as is what an inventory has of it.

use seaworthy_inventory::fuzzing;
use seaworthy_packages::rpm::{DependencyTags, Header, Headers, Limits};

pub fn run(data: &[u8]) {
    if let Ok(headers) = Headers::read(&mut &*data, 1 << 20) {
        assert!(headers.place.end <= data.len() as u64);
        ask(&headers.signature);
        ask(&headers.header);
    }
    if let Ok(header) = Header::from_blob(data) {
        ask(&header);
    }
    fuzzing::header(data);
}

fn ask(header: &Header<'_>) {
    let limits = Limits { files: 1000, entries: 1000, paths: 1 << 20, ..Limits::default() };
    for tag in header.tags() {
        // A value is of one type.
        let kinds = [header.numbers(tag, usize::MAX).is_ok(), header.strings(tag, usize::MAX).is_ok(), header.binary(tag).is_ok()];
        assert!(kinds.into_iter().filter(|given| *given).count() <= 1);
    }
    let _ = (header.paths(&limits), header.epoch());
    let _ = header.changelog(limits.entries).map(|all| all.count());
    let _ = header.dependencies(DependencyTags::PROVIDES, limits.entries);
}
