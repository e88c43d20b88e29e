//! Damaged and hostile packages.

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::PackageError;

/// A package with many kinds of values.
fn package() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let mut builder = rpm::PackageBuilder::new("victim", "1.0", "MIT", "x86_64", "a victim");
        builder
            .epoch(2)
            .release("3")
            .description("text")
            .requires(rpm::Dependency::any("other"))
            .requires(rpm::Dependency::greater("x", "1"));
        builder.with_file_contents("data", rpm::FileOptions::new("/usr/bin/victim")).unwrap();
        builder.with_dir_entry(rpm::FileOptions::dir("/etc/victim")).unwrap();
        builder.add_changelog_entry("A <a@example.org>", "- a change", 1_700_000_000u32);
        let mut out = Vec::new();
        builder.build().unwrap().write(&mut out).unwrap();
        out
    })
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Package, PackageError> {
    Package::from_bytes(Path::new("victim.rpm"), bytes, limits)
}

#[test]
fn reads_what_the_builder_wrote() {
    let found = read(package(), &Limits::default()).unwrap();
    assert_eq!((found.name.as_str(), found.evr().to_string().as_str(), found.arch.as_str()), ("victim", "2:1.0-3", "x86_64"));
    assert_eq!(found.size, package().len() as u64);
    let files: Vec<_> = found.files.iter().map(|f| (f.path.as_str(), f.kind)).collect();
    assert_eq!(files, [("/etc/victim", FileKind::Folder), ("/usr/bin/victim", FileKind::File)]);
    assert!(found.requires.iter().any(|d| d.name == "x" && d.relation == "GT" && d.version == "1"), "{:?}", found.requires);
}

#[test]
fn limits_hold() {
    let cases: [(&str, Limits); 4] = [
        ("larger than", Limits { file: 500, ..Limits::default() }),
        ("at most", Limits { header: 200, ..Limits::default() }),
        ("at most 1 are read", Limits { files: 1, ..Limits::default() }),
        ("bytes of paths", Limits { paths: 10, ..Limits::default() }),
    ];
    for (message, limits) in cases {
        let error = read(package(), &limits).unwrap_err().to_string();
        assert!(error.contains(message) && error.contains("victim.rpm"), "{error}");
    }
    for length in [0, 50, 96, 104, 300, 900] {
        assert!(read(&package()[..length], &Limits::default()).is_err(), "{length} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_panic_on_altered_packages(edits in prop::collection::vec((0usize..8000, any::<u8>()), 1..12), cut in 0usize..12000) {
        let mut bytes = package().to_vec();
        for (at, byte) in edits {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(cut.max(96));
        if let Ok(package) = read(&bytes, &Limits::default()) {
            let parts = Entry::new(&package, "a.rpm").parts;
            for part in parts {
                prop_assert!(!part.contains(|c: char| c < ' ' && c != '\n' && c != '\t'));
                let mut reader = quick_xml::Reader::from_str(&part);
                while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
            }
        }
    }
}
