//! Ties by earlier fixes of the package.

use super::hold_ties;
use crate::table::{World, hold};

#[test]
fn by_precedent() {
    hold_ties(&[
        (
            "who fixed a record of a product may contain it",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1000 suspected by precedent; ferry 1001 fixed by patch",
        ),
        (
            "a decision is a precedent as well",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1 nopatch:1001=not-built"],
            "ferry 1000 suspected by precedent; ferry 1001 not_affected by decision",
        ),
        (
            "and so is a changelog entry",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1 log:2024-02-01/1.1-1/1001"],
            "ferry 1000 suspected by precedent; ferry 1001 fixed by changelog",
        ),
        (
            "a patch that is not applied is none",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1 unapplied:CVE-2009-1001.patch"],
            "nothing",
        ),
        (
            "the fixes of one package say nothing of another",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch", "dock 1.2-1"],
            "ferry 1000 suspected by precedent; ferry 1001 fixed by patch",
        ),
        (
            "who fixed a product and goes by its name is it",
            &["nvd 1000: a:acme:ferry <2", "nvd 1001: a:acme:ferry <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1000 affected by precedent; ferry 1001 fixed by patch",
        ),
        (
            "a library of a language may have fixed what it binds: suspected",
            &["nvd 1000: a:acme:ferry <2", "nvd 1001: a:acme:ferry <2"],
            &["python-ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "python-ferry 1000 suspected by precedent; python-ferry 1001 fixed by patch",
        ),
        (
            "precedent is not held against records of more than two years ago",
            &["nvd 1000 @2022-05-01: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1001 fixed by patch",
        ),
        (
            "a rejected record is no precedent",
            &["nvd 1000: a:acme:rope <2", "nvd 1001 rejected: a:acme:rope <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "nothing",
        ),
        (
            "a fix of four products that the text does not name may be of any of them",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2 , a:b:1 * , a:b:2 * , a:b:3 *"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1000 suspected by precedent; ferry 1001 fixed by patch",
        ),
        (
            "of five it says nothing",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2 , a:b:1 * , a:b:2 * , a:b:3 * , a:b:4 *"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1001 fixed by patch",
        ),
        (
            "unless the text names it",
            &[
                "nvd 1000: a:acme:long_rope <2",
                "nvd 1001: a:acme:long_rope <2 , a:b:1 * , a:b:2 * , a:b:3 * , a:b:4 * \"A knot in Long-Rope 1.2 opens.\"",
            ],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1000 suspected by precedent; ferry 1001 fixed by patch",
        ),
        (
            "a part of another word is no name",
            &[
                "nvd 1000: a:acme:rope <2",
                "nvd 1001: a:acme:rope <2 , a:b:1 * , a:b:2 * , a:b:3 * , a:b:4 * \"A knot of a European ropeway opens.\"",
            ],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1001 fixed by patch",
        ),
        (
            "where the text names one product, the others only carry it",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2 , a:acme:winch <2 \"A flaw in winch.\""],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1001 fixed by patch",
        ),
        (
            "a platform is nothing that was fixed",
            &["nvd 1000: o:acme:rope <2", "nvd 1001: o:acme:rope <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1001 fixed by patch",
        ),
        (
            "what is tied as its own needs no precedent",
            &["nvd 1000: a:ferry:ferry <1", "nvd 1001: a:ferry:ferry <2"],
            &["ferry 1.2-1 applied:CVE-2009-1001.patch"],
            "ferry 1001 fixed by patch",
        ),
    ]);
}

/// Rows in which one fix names a browser among others, which does not make a package contain a browser.
#[test]
fn a_precedent_is_a_hundredth_of_the_records() {
    let tie = |all: u32| {
        let mut records = vec!["nvd 1000: a:acme:browser <2".to_owned(), "nvd 1001: a:acme:browser <2".to_owned()];
        records.extend((2..all).map(|i| format!("nvd {} @2020-01-10: a:acme:browser <2", 1000 + i)));
        let records: Vec<&str> = records.iter().map(String::as_str).collect();
        World::new(&records, &["ferry 1.2-1 applied:CVE-2009-1001.patch"]).ties()
    };
    hold([
        ("one of a hundred", "ferry 1000 suspected by precedent; ferry 1001 fixed by patch".to_owned(), tie(100)),
        ("one of a hundred and one", "ferry 1001 fixed by patch".to_owned(), tie(101)),
    ]);
}
