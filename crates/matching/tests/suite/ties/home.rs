//! Ties by the upstream home that records and packages share.

use super::hold_ties;
use crate::table::{World, hold};

#[test]
fn by_home() {
    const HOME: &str = "ferry 1.2-1 page:https://github.com/harbor/ferry";
    hold_ties(&[
        (
            "two records that lead to the package's repository and are about one product tie it, whatever its name",
            &[
                "nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry/issues/1",
                "nvd 1001: a:acme:pier <2 -> https://github.com/Harbor/Ferry",
            ],
            &[HOME],
            "ferry 1000 affected by home; ferry 1001 affected by home",
        ),
        (
            "the first source archive is as good as the page",
            &["nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry", "nvd 1001: a:acme:pier <2 -> https://github.com/harbor/ferry"],
            &["ferry 1.2-1 source:https://github.com/harbor/ferry/archive/v1.2.tar.gz"],
            "ferry 1000 affected by home; ferry 1001 affected by home",
        ),
        (
            "the second source archive is not: it may be anybody's",
            &["nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry", "nvd 1001: a:acme:pier <2 -> https://github.com/harbor/ferry"],
            &["ferry 1.2-1 source:https://ferry.example.org/ferry-1.2.tar.gz source:https://github.com/harbor/ferry/archive/v1.2.tar.gz"],
            "nothing",
        ),
        (
            "a single record of a product with another name may be a mistake",
            &["nvd: a:acme:pier <2 -> https://github.com/harbor/ferry"],
            &[HOME],
            "nothing",
        ),
        (
            "a single record suffices where the package goes by the product's name",
            &["nvd: a:acme:ferry <2 -> https://github.com/harbor/ferry"],
            &[HOME],
            "ferry 1000 affected by home",
        ),
        (
            "half of the home's records is enough for another name",
            &[
                "nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1001: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1002: a:acme:dock <2 -> https://github.com/harbor/ferry",
                "nvd 1003: a:acme:quay <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "ferry 1000 affected by home; ferry 1001 affected by home",
        ),
        (
            "less than half is not",
            &[
                "nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1001: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1002: a:acme:dock <2 -> https://github.com/harbor/ferry",
                "nvd 1003: a:acme:quay <2 -> https://github.com/harbor/ferry",
                "nvd 1004: a:acme:buoy <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "nothing",
        ),
        (
            "where the home's owner is named, the entry of another vendor has that vendor's numbers",
            &[
                "nvd 1000: a:acme:ferry <499 , a:harbor:ferry <1.1 -> https://github.com/harbor/ferry",
                "nvd 1001: a:acme:ferry <499 , a:harbor:ferry <1.4 -> https://github.com/harbor/ferry",
                "nvd 1002: a:acme:ferry <499 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "ferry 1001 affected by home+name; ferry 1002 affected by home",
        ),
        (
            "such as Apple's numbers of CUPS, beside those of OpenPrinting",
            &["nvd CVE-2022-26691: a:apple:cups <499.4 , a:openprinting:cups <2.4.2 -> https://github.com/OpenPrinting/cups/commit/1"],
            &["cups 2.4.18-1 page:https://github.com/OpenPrinting/cups"],
            "nothing",
        ),
        (
            "where each source has a vendor of its own, both mean the package, whichever is the owner",
            &[
                "nvd 1000: a:acme:ferry <1.4 -> https://github.com/harbor/ferry",
                "cvelist 1000: cpe/a:harbor:ferry <1.1 -> https://github.com/harbor/ferry",
                "nvd 1001: a:harbor:ferry <1.1 -> https://github.com/harbor/ferry",
                "cvelist 1001: cpe/a:acme:ferry <1.4 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "ferry 1000 affected by home; ferry 1001 affected by home",
        ),
        (
            "an owner's entry that leaves it open decides nothing",
            &["nvd: a:acme:ferry <1.4 , a:harbor:ferry - -> https://github.com/harbor/ferry"],
            &[HOME],
            "ferry 1000 affected by home",
        ),
        (
            "a component in the package has the numbers of whoever it is from",
            &["nvd: a:acme:ferry <1.4 , a:harbor:ferry <1.1 -> https://github.com/harbor/ferry"],
            &["ferry 2.0-1 page:https://github.com/harbor/ferry has:generic/x=1.2 cpe:cpe:2.3:a:acme:ferry:1.2:*:*:*:*:*:*:*"],
            "ferry 1000 affected by identity",
        ),
        (
            "a whole site holds many projects: another name is not tied",
            &["nvd 1000: a:acme:pier <2 -> https://ferry.example.org/1", "nvd 1001: a:acme:pier <2 -> https://ferry.example.org/2"],
            &["ferry 1.2-1 page:https://ferry.example.org/"],
            "nothing",
        ),
        (
            "on a whole site the product's name decides",
            &["nvd 1000: a:acme:pier <2 -> https://harbor.example.org/1", "nvd 1001: a:acme:ferry <2 -> https://harbor.example.org/2"],
            &["ferry 1.2-1 page:https://www.harbor.example.org/"],
            "ferry 1001 affected by home",
        ),
        (
            "the binding of a language lives on the site of what it binds, and is not that",
            &["nvd: a:acme:ferry <2 -> https://harbor.example.org/2"],
            &["python-ferry 1.2-1 page:https://harbor.example.org/"],
            "nothing",
        ),
        (
            "a repository that two packages come from says nothing of another name",
            &["nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry", "nvd 1001: a:acme:pier <2 -> https://github.com/harbor/ferry"],
            &[HOME, "ferry-tools 1.2-1 page:https://github.com/harbor/ferry"],
            "nothing",
        ),
        (
            "of two packages of a repository the one with the product's name is tied",
            &["nvd: a:acme:ferry <2 -> https://github.com/harbor/ferry"],
            &[HOME, "dock-tools 1.2-1 page:https://github.com/harbor/ferry"],
            "ferry 1000 affected by home",
        ),
        (
            "lib before the package's name makes no other name",
            &["nvd: a:acme:ferry <2 -> https://github.com/harbor/boats"],
            &["libferry 1.2-1 page:https://github.com/harbor/boats"],
            "libferry 1000 affected by home",
        ),
        (
            "nor does lib before the product's",
            &["nvd: a:acme:libferry <2 -> https://github.com/harbor/boats"],
            &["ferry 1.2-1 page:https://github.com/harbor/boats"],
            "ferry 1000 affected by home",
        ),
        (
            "punctuation and case make no other name",
            &["nvd: a:acme:Ferry_Boat <2 -> https://github.com/harbor/boats"],
            &["ferry-boat 1.2-1 page:https://github.com/harbor/boats"],
            "ferry-boat 1000 affected by home",
        ),
        (
            "an npm library beside a program in one repository is not the program",
            &[
                "osv 1000: npm/@harbor/pier >=0 <2 -> https://github.com/harbor/ferry",
                "osv 1001: npm/@harbor/pier >=0 <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "nothing",
        ),
        (
            "a Go module is: programs and modules are one there",
            &[
                "osv 1000: Go/github.com/harbor/ferry >=0 <2 -> https://github.com/harbor/ferry",
                "osv 1001: Go/github.com/harbor/ferry >=0 <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "ferry 1000 affected by home; ferry 1001 affected by home",
        ),
        (
            "tools that come from the kernel's repository are not the kernel",
            &[
                "nvd 1000: o:linux:linux_kernel <2 -> https://git.kernel.org/stable/c/1",
                "nvd 1001: o:linux:linux_kernel <2 -> https://git.kernel.org/stable/c/2",
            ],
            &["perf 1.2-1 page:https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git"],
            "nothing",
        ),
        (
            "an operating system and a device are no software that a package could be",
            &[
                "nvd 1000: o:acme:ferry <2 -> https://github.com/harbor/ferry",
                "nvd 1001: h:acme:ferry <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "nothing",
        ),
        (
            "a record of twelve products still teaches",
            &["nvd: a:acme:ferry <2 , a:b:1 * , a:b:2 * , a:b:3 * , a:b:4 * , a:b:5 * , a:b:6 * , a:b:7 * , a:b:8 * , a:b:9 * , \
                 a:b:10 * , a:b:11 * -> https://github.com/harbor/ferry"],
            &[HOME],
            "ferry 1000 affected by home",
        ),
        (
            "a round-up of more says little of any",
            &["nvd: a:acme:ferry <2 , a:b:1 * , a:b:2 * , a:b:3 * , a:b:4 * , a:b:5 * , a:b:6 * , a:b:7 * , a:b:8 * , a:b:9 * , \
                 a:b:10 * , a:b:11 * , a:b:12 * -> https://github.com/harbor/ferry"],
            &[HOME],
            "nothing",
        ),
        (
            "a rejected record teaches nothing: one of the two is left",
            &[
                "nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1001 rejected: a:acme:pier <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "nothing",
        ),
        (
            "a record that was published after the day teaches nothing either",
            &[
                "nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1001 @2024-06-02: a:acme:pier <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "nothing",
        ),
        (
            "a record of that day does",
            &[
                "nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry",
                "nvd 1001 @2024-06-01: a:acme:pier <2 -> https://github.com/harbor/ferry",
            ],
            &[HOME],
            "ferry 1000 affected by home; ferry 1001 affected by home",
        ),
    ]);
}

/// The records of one product that lead to the package's repository and elsewhere: a library is cited by all that embed it.
#[test]
fn a_product_of_another_name_has_to_be_at_home_here() {
    let tie = |elsewhere: u32| {
        let mut records = vec!["nvd 1000: a:acme:pier <2 -> https://github.com/harbor/ferry".to_owned()];
        records.push("nvd 1001: a:acme:pier =9 -> https://github.com/harbor/ferry".to_owned());
        records.extend((0..elsewhere).map(|i| format!("nvd {}: a:acme:pier =9 -> https://github.com/acme/pier", 1002 + i)));
        let records: Vec<&str> = records.iter().map(String::as_str).collect();
        World::new(&records, &["ferry 1.2-1 page:https://github.com/harbor/ferry"]).tie()
    };
    hold([
        ("two of ten records of the product lead here: a fifth is enough", "affected by home".to_owned(), tie(8)),
        ("two of eleven: it lives elsewhere", "nothing".to_owned(), tie(9)),
    ]);
}

/// The share of a home's records that are about the product whose name the package has.
#[test]
fn a_name_needs_a_twentieth_of_the_records_of_its_home() {
    let tie = |others: u32| {
        let mut records = vec!["nvd 1000: a:acme:ferry <2 -> https://github.com/harbor/boats".to_owned()];
        records.extend((0..others).map(|i| format!("nvd {}: a:acme:p{i} <2 -> https://github.com/harbor/boats", 1001 + i)));
        let records: Vec<&str> = records.iter().map(String::as_str).collect();
        World::new(&records, &["ferry 1.2-1 page:https://github.com/harbor/boats"]).tie()
    };
    hold([("one of twenty records", "affected by home".to_owned(), tie(19)), ("one of twenty-one", "nothing".to_owned(), tie(20))]);
}
