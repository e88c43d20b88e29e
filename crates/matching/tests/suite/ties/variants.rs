//! Packages that are builds of another package's product under a name of their own.

use crate::table::{World, hold};

/// The ties of a package beside `ferry 1.4-1`, to 1000 (ferry before 1.4) and two records that only the past is about.
fn tied(package: &str) -> String {
    let records = ["nvd 1000: a:ferry:ferry <1.4", "nvd 1001: a:ferry:ferry <1.1", "nvd 1002: a:ferry:ferry <1.1"];
    let ferry = "ferry 1.4-1 page:https://github.com/acme/ferry source:https://github.com/acme/ferry/archive/1.4.tar.gz#/ferry-1.4.tar.gz";
    let found = World::new(&records, &[ferry, package]).ties();
    let ours: Vec<&str> = found.split("; ").filter(|pair| pair.contains(" 1000 ") && !pair.starts_with("ferry ")).collect();
    if ours.is_empty() { "nothing".to_owned() } else { ours.join("; ") }
}

#[test]
fn a_build_under_another_name_has_the_product_in_its_own_version() {
    const HOME: &str = "page:https://github.com/acme/ferry";
    let rows = [
        (
            "a variant, from an archive of the same name",
            "ferry-rt 1.3-1 HOME source:https://github.com/acme/ferry/archive/1.3.tar.gz#/ferry-1.3.tar.gz",
            "ferry-rt 1000 affected by name",
        ),
        (
            "in a version without the flaw",
            "ferry-rt 1.4-1 HOME source:https://github.com/acme/ferry/archive/1.4.tar.gz#/ferry-1.4.tar.gz",
            "nothing",
        ),
        (
            "in a version with the tail of a vendor",
            "ferry-rt 1.3.157.acme1-1 HOME source:https://github.com/acme/ferry/archive/1.3.tar.gz#/ferry-1.3.157.acme1.tar.gz",
            "ferry-rt 1000 affected by name",
        ),
        (
            "an archive of a name of its own is another project",
            "ferry-java 1.3-1 HOME source:https://github.com/acme/ferry/releases/ferry-java-1.3.tar.gz",
            "nothing",
        ),
        (
            "so is one of another home",
            "ferry-rt 1.3-1 page:https://github.com/elsewhere/ferry source:https://github.com/elsewhere/ferry/ferry-1.3.tar.gz",
            "nothing",
        ),
        ("without an archive, another version may be anything", "ferry-image 1.3-1 HOME source:ferry-image.conf", "nothing"),
        (
            "own fixes of the product",
            "ferry-mini 1.3-1 source:ferry-mini-1.3.tar.gz log:2023-01-01/1.0-2/1001 log:2023-01-02/1.0-3/1002",
            "ferry-mini 1000 affected by name",
        ),
        (
            "one of them may be a library's",
            "ferry-mini 1.3-1 source:ferry-mini-1.3.tar.gz log:2023-01-01/1.0-2/1001",
            "ferry-mini 1000 suspected by precedent",
        ),
        ("headers have no code", "ferry-headers 1.3-1 HOME source:ferry-1.3.tar.gz", "nothing"),
        ("what another package built is decided with that one", "ferry-signed 1.3-1 HOME source:ferry-1.3-1.x86_64.rpm", "nothing"),
        ("a name that begins otherwise", "fastferry 1.3-1 HOME source:ferry-1.3.tar.gz", "nothing"),
    ];
    hold(rows.iter().map(|&(why, package, expected)| (why, expected.to_owned(), tied(&package.replace("HOME", HOME)))));
}

/// A variant of a variant has the product as well, and one of two packages of a name that shares home and version counts.
#[test]
fn a_build_of_a_build_has_the_product() {
    let of = |name: &str, version: &str, archive: &str| format!("{name} {version}-1 page:https://github.com/acme/ferry source:{archive}");
    let archive = |version: &str| format!("https://github.com/acme/ferry/archive/{version}.tar.gz#/ferry-{version}.tar.gz");
    let (ferry, rt) = (of("ferry", "1.4", &archive("1.4")), of("ferry-rt", "1.4", &archive("1.4")));
    let debug = of("ferry-rt-debug", "1.3", &archive("1.3"));
    let found = World::new(&["nvd: a:ferry:ferry <1.4"], &[&debug, &ferry, &rt]).ties();
    assert_eq!(found, "ferry-rt-debug 1000 affected by name");
    let (old, image) = (of("ferry", "1.3", &archive("1.3")), of("ferry-image", "1.3", "ferry-image.conf"));
    for packages in [[&*ferry, &*old, &*image], [&*old, &*ferry, &*image]] {
        let found = World::new(&["nvd: a:ferry:ferry <1.4"], &packages).ties();
        assert!(found.contains("ferry-image 1000 affected by name"), "{found}");
    }
}

/// Without an archive: home and version are those of the other.
#[test]
fn a_build_without_an_archive_has_home_and_version_of_the_other() {
    let home = "page:https://github.com/acme/ferry";
    let (ferry, image) = (format!("ferry 1.3-1 {home}"), format!("ferry-image 1.3-2 {home} source:ferry-image.conf"));
    let found = World::new(&["nvd: a:ferry:ferry <1.4"], &[&ferry, &image]).ties();
    assert_eq!(found, "ferry 1000 affected by name; ferry-image 1000 affected by name");
}
