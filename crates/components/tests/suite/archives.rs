//! The files of archives, and of those that somebody made to do harm.

use std::io::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;
use seaworthy_components::Sources;

use super::shown;

const GO: &[u8] = b"go 1.22\nrequire a v1\n";

/// The paths and contents of an archive.
type Entries<'a> = &'a [(&'a str, &'a [u8])];

fn tar(entries: Entries<'_>) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (path, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        // Written by hand, since the builder refuses paths that lead out.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        out.append(&header, *bytes).unwrap();
    }
    out.into_inner().unwrap()
}

fn zip(entries: Entries<'_>) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in entries {
        out.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut out = liblzma::write::XzEncoder::new(Vec::new(), 6);
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// What an archive says, or why it is not read.
fn read(bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("kedge-1.0");
    std::fs::write(&path, bytes).unwrap();
    match Sources::in_archive(std::fs::File::open(&path).unwrap(), "kedge-1.0.tar") {
        Ok(sources) => shown(&sources.read("1.0")),
        Err(e) => e.to_string(),
    }
}

#[test]
fn every_packing_is_read_alike() {
    let entries: [(&str, &[u8]); 4] = [
        ("kedge-1.0/README", b"x"),
        ("kedge-1.0/go.mod", GO),
        ("kedge-1.0/docs/go.mod", b"go 1.22\nrequire b v1\n"),
        ("kedge-1.0/a.zip", b"PK"),
    ];
    let plain = tar(&entries);
    let zstd = zstd::encode_all(plain.as_slice(), 1).unwrap();
    for bytes in [plain.clone(), gzip(&plain), xz(&plain), bzip2(&plain), zstd, zip(&entries)] {
        assert_eq!(read(&bytes), "a v1, (b v1) | go.mod");
    }
}

#[test]
fn the_folder_that_holds_everything_is_the_root() {
    let rows: [(&str, Entries<'_>, &str); 6] = [
        ("a folder called like one of tests", &[("tests/go.mod", GO), ("tests/main.go", b"")], "a v1 | go.mod"),
        ("beside another file it is a folder of the sources", &[("tests/go.mod", GO), ("main.go", b"")], "(a v1)"),
        ("a path may begin with a dot", &[("./kedge/go.mod", GO), ("./kedge/x", b"")], "a v1 | go.mod"),
        ("what a packer says of the archive is no file", &[("pax_global_header", b""), ("kedge/go.mod", GO)], "a v1 | go.mod"),
        (
            "what was copied is packed alone",
            &[("vendor/modules.txt", b"# v v1\nv/p\n"), ("vendor/v/p/p.go", b"")],
            "v v1 | vendor/modules.txt [v/p]",
        ),
        ("no folder", &[("go.mod", GO)], "a v1 | go.mod"),
    ];
    seaworthy_testing::hold(rows.iter().map(|(why, entries, expected)| (*why, (*expected).to_owned(), read(&tar(entries)))));
}

#[test]
fn paths_and_links_that_lead_out_are_not_followed() {
    let outside: [(&str, &[u8]); 3] = [("k/go.mod", GO), ("k/../../go.mod", b"go 1.22\nrequire out v1\n"), ("/etc/go.mod", GO)];
    for bytes in [tar(&outside), zip(&outside)] {
        assert_eq!(read(&bytes), "a v1 ! /etc/go.mod:-, k/../../go.mod:-", "what was not read may have been a list");
    }
    let mut links = tar::Builder::new(Vec::new());
    for (kind, path) in
        [(tar::EntryType::Symlink, "k/go.mod"), (tar::EntryType::Link, "k/Cargo.lock"), (tar::EntryType::Fifo, "k/yarn.lock")]
    {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_path(path).unwrap();
        header.set_link_name("/etc/passwd").unwrap();
        header.set_cksum();
        links.append(&header, std::io::empty()).unwrap();
    }
    assert_eq!(read(&links.into_inner().unwrap()), " ! k/Cargo.lock:-, k/go.mod:-, k/yarn.lock:-");
}

#[test]
fn a_bomb_costs_its_archive() {
    let zeros = vec![0u8; 8 << 20];
    // A file that nobody wants, and one that looks like a list.
    for path in ["k/data", "k/go.mod"] {
        let plain = tar(&[("k/go.sum", b""), (path, &zeros)]);
        for bytes in [gzip(&plain), xz(&plain), bzip2(&plain), zstd::encode_all(plain.as_slice(), 1).unwrap()] {
            let said = read(&bytes);
            assert!(said.starts_with("kedge-1.0.tar: too large") && said.contains("200:1"), "{said}");
        }
    }
    assert_eq!(read(&zip(&[("k/go.mod", &zeros)])), " ! k/go.mod:-", "an entry of a zip is packed alone");
    let mut archive = zip(&[("k/go.mod", GO)]);
    for depth in 0..20 {
        archive = zip(&[(&format!("k/{depth}.zip"), &archive), ("k/go.mod", GO)]);
    }
    assert_eq!(read(&archive), "a v1 | go.mod", "archives within one are not opened");
}

#[test]
fn a_name_has_a_limit() {
    let name = vec![b'n'; 4 << 20];
    let mut out = tar::Builder::new(Vec::new());
    for kind in [tar::EntryType::GNULongName, tar::EntryType::XHeader] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(name.len() as u64);
        header.set_cksum();
        out.append(&header, name.as_slice()).unwrap();
    }
    let said = read(&out.into_inner().unwrap());
    assert_eq!(said, "kedge-1.0.tar: too large: the name or the attributes of a file are too long");
}

#[test]
fn what_is_cut_short_or_of_another_kind_says_so() {
    let entries: [(&str, &[u8]); 2] = [("k/go.mod", GO), ("k/main.go", &[7; 4000])];
    let plain = tar(&entries);
    for bytes in [gzip(&plain), xz(&plain), bzip2(&plain), zstd::encode_all(plain.as_slice(), 1).unwrap(), plain, zip(&entries)] {
        let said = read(&bytes[..bytes.len() / 2]);
        assert!(said.starts_with("kedge-1.0.tar: truncated") || said.starts_with("kedge-1.0.tar: damaged"), "{said}");
    }
    for bytes in [&b""[..], b"<html>", b"PK\x03\x04", b"\x1f\x8b\x08"] {
        assert!(read(bytes).starts_with("kedge-1.0.tar: "), "{}", read(bytes));
    }
}

#[test]
fn an_encrypted_entry_is_not_read() {
    let mut bytes = zip(&[("k/go.mod", GO), ("k/main.go", b"x")]);
    // The flag of encryption (APPNOTE 4.4.4, bit 0), behind the marks of local and central headers.
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let places: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, w)| w == mark).map(|(at, _)| at).collect();
        places.into_iter().for_each(|at| bytes[at + flags] |= 1);
    }
    assert_eq!(read(&bytes), " ! k/go.mod:-", "what is not wanted costs nothing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_are_an_archive_or_are_refused(
        kind in 0usize..4,
        cut in 0usize..600,
        edits in prop::collection::vec(any::<(usize, u8)>(), 0..4),
    ) {
        let plain = tar(&[("k/go.mod", GO)]);
        let mut bytes = [plain.clone(), gzip(&plain), bzip2(&plain), zip(&[("k/go.mod", GO)])][kind].clone();
        for (at, byte) in edits {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        let _ = read(&bytes);
    }
}
