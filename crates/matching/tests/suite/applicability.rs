//! Tables for the applicability of records: ranges, their ends, editions, platforms, and two sources that disagree.

use seaworthy_model::EvidenceKind;

use crate::table::{World, hold};

/// A row: the point, the records, the package's version, and the status with the last reason.
type Row = (&'static str, &'static [&'static str], &'static str, &'static str);

/// Checks rows about the package `ferry`, which is the product `a:ferry:ferry`; findings that the version rules out are kept.
fn hold_reasons(rows: &[Row]) {
    hold(rows.iter().map(|&(why, records, version, expected)| {
        let package = format!("ferry {version}");
        (why, expected.to_owned(), World::new(records, &[&package]).with_ruled_out().reasons())
    }));
}

#[test]
fn ranges_of_nvd() {
    hold_reasons(&[
        ("inside", &["nvd: a:ferry:ferry >=1.0 <1.4"], "1.3-1", "affected: nvd: 1.3 is in the affected range: from 1.0 before 1.4"),
        (
            "the start belongs to it",
            &["nvd: a:ferry:ferry >=1.0 <1.4"],
            "1.0-1",
            "affected: nvd: 1.0 is in the affected range: from 1.0 before 1.4",
        ),
        (
            "a start that is left out does not",
            &["nvd: a:ferry:ferry >1.0 <1.4"],
            "1.0-1",
            "not_affected: nvd: 1.0 is outside of after 1.0 before 1.4",
        ),
        ("before the start", &["nvd: a:ferry:ferry >=1.0 <1.4"], "0.9-1", "not_affected: nvd: 0.9 is outside of from 1.0 before 1.4"),
        ("the end is fixed", &["nvd: a:ferry:ferry <1.4"], "1.4-1", "not_affected: nvd: 1.4 is outside of before 1.4"),
        (
            "an end that belongs to it is not",
            &["nvd: a:ferry:ferry <=1.4"],
            "1.4-1",
            "affected: nvd: 1.4 is in the affected range: up to 1.4",
        ),
        (
            "the release of the package does not count",
            &["nvd: a:ferry:ferry <1.4"],
            "1.4-0",
            "not_affected: nvd: 1.4 is outside of before 1.4",
        ),
        ("nor does its epoch", &["nvd: a:ferry:ferry <1.4"], "7:1.3-1", "affected: nvd: 1.3 is in the affected range: before 1.4"),
        (
            "a pre-release comes before its release",
            &["nvd: a:ferry:ferry <1.4"],
            "1.4~rc1-1",
            "affected: nvd: 1.4~rc1 is in the affected range: before 1.4",
        ),
        ("a patch letter comes after it", &["nvd: a:ferry:ferry <=1.4"], "1.4a-1", "not_affected: nvd: 1.4a is outside of up to 1.4"),
        ("numbers count as numbers", &["nvd: a:ferry:ferry <1.10"], "1.9-1", "affected: nvd: 1.9 is in the affected range: before 1.10"),
        ("a trailing zero is none", &["nvd: a:ferry:ferry <1.4.0"], "1.4-1", "not_affected: nvd: 1.4 is outside of before 1.4.0"),
        ("exactly this version", &["nvd: a:ferry:ferry =1.4"], "1.4-1", "affected: nvd: 1.4 is in the affected range: exactly 1.4"),
        ("exactly another, newer one", &["nvd: a:ferry:ferry =1.4"], "1.3-1", "not_affected: nvd: 1.3 is outside of exactly 1.4"),
        (
            "exactly an older one: somebody tried it, and nobody says that ours is fixed",
            &["nvd: a:ferry:ferry =1.2"],
            "1.3-1",
            "suspected: nvd: the record names only 1.2; nobody says that a later version is fixed",
        ),
        (
            "exactly one in words, which ours is not",
            &["nvd @2010-01-10: a:ferry:ferry =hg"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of exactly hg",
        ),
        (
            "a day after the month that ends the range",
            &["nvd: a:ferry:ferry <=202311"],
            "20240524git3e722403-1",
            "not_affected: nvd: 20240524git3e722403 is outside of up to 202311",
        ),
        (
            "two older ones were tried as well",
            &["nvd: a:ferry:ferry =1.1 , a:ferry:ferry =1.2"],
            "1.3-1",
            "suspected: nvd: the record names only 1.1; nobody says that a later version is fixed",
        ),
        (
            "three are a list of what is affected",
            &["nvd: a:ferry:ferry =1.0 , a:ferry:ferry =1.1 , a:ferry:ferry =1.2"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of exactly 1.0",
        ),
        (
            "of an old record one is the list",
            &["nvd @2020-01-10: a:ferry:ferry =1.2"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of exactly 1.2",
        ),
        (
            "the range of one branch of two",
            &["nvd: a:ferry:ferry >=1.0 <1.4 , a:ferry:ferry >=2.0 <2.2"],
            "2.1-1",
            "affected: nvd: 2.1 is in the affected range: from 2.0 before 2.2",
        ),
        (
            "between two branches",
            &["nvd: a:ferry:ferry >=1.0 <1.4 , a:ferry:ferry >=2.0 <2.2"],
            "1.5-1",
            "not_affected: nvd: 1.5 is outside of from 1.0 before 1.4",
        ),
        (
            "a version without a number compares with nothing",
            &["nvd: a:ferry:ferry <1.4"],
            "main-1",
            "suspected: nvd: affects before 1.4; main does not compare with that",
        ),
        (
            "a day compares with no number",
            &["nvd: a:ferry:ferry <1.4"],
            "20240101-1",
            "suspected: nvd: affects before 1.4; 20240101 does not compare with that",
        ),
        (
            "a day compares with a day",
            &["nvd: a:ferry:ferry <2024-02-01"],
            "20240101-1",
            "affected: nvd: 20240101 is in the affected range: before 2024-02-01",
        ),
    ]);
}

#[test]
fn ranges_without_an_end() {
    hold_reasons(&[
        ("a young record of every version", &["nvd: a:ferry:ferry *"], "1.3-1", "affected: nvd: the record says every version"),
        (
            "an old one was never given an end",
            &["nvd @2020-01-10: a:ferry:ferry *"],
            "1.3-1",
            "suspected: nvd: affects every version, and the record was never given an end",
        ),
        ("two years are young", &["nvd @2022-06-03: a:ferry:ferry *"], "1.3-1", "affected: nvd: the record says every version"),
        (
            "a day more is old",
            &["nvd @2022-06-02: a:ferry:ferry *"],
            "1.3-1",
            "suspected: nvd: affects every version, and the record was never given an end",
        ),
        ("a young record with a start", &["nvd: a:ferry:ferry >=1.0"], "1.3-1", "affected: nvd: 1.3 is in the affected range: from 1.0"),
        (
            "an old one with a start",
            &["nvd @2020-01-10: a:ferry:ferry >=1.0"],
            "1.3-1",
            "suspected: nvd: affects from 1.0, and the record was never given an end",
        ),
        (
            "before the start it is outside, however old",
            &["nvd @2020-01-10: a:ferry:ferry >=1.0"],
            "0.9-1",
            "not_affected: nvd: 0.9 is outside of from 1.0",
        ),
        ("no version is no answer", &["nvd: a:ferry:ferry -"], "1.3-1", "suspected: nvd: the record names no version"),
        (
            "an old record with an end is as good as a young one",
            &["nvd @2010-01-10: a:ferry:ferry <1.4"],
            "1.3-1",
            "affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
    ]);
}

/// Rows in which the platform decides against a range that holds: the status follows the platform, and the reason still names the range.
#[test]
fn editions_and_platforms_of_nvd() {
    hold_reasons(&[
        (
            "an edition for Windows",
            &["nvd: a:ferry:ferry <1.4 sw:windows"],
            "1.3-1",
            "not_affected: nvd: only the windows edition is affected",
        ),
        ("an edition for Linux", &["nvd: a:ferry:ferry <1.4 sw:linux"], "1.3-1", "affected: nvd: 1.3 is in the affected range: before 1.4"),
        (
            "a library of a language is not the program",
            &["nvd: a:ferry:ferry <1.4 sw:node.js"],
            "1.3-1",
            "not_affected: nvd: only the node.js edition is affected",
        ),
        ("hardware that is not shipped", &["nvd: a:ferry:ferry <1.4 hw:sparc"], "1.3-1", "not_affected: nvd: only on sparc"),
        ("hardware that is", &["nvd: a:ferry:ferry <1.4 hw:arm64"], "1.3-1", "affected: nvd: 1.3 is in the affected range: before 1.4"),
        (
            "together with Windows",
            &["nvd: a:ferry:ferry <1.4 & on o:microsoft:windows -"],
            "1.3-1",
            "not_affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "together with Linux",
            &["nvd: a:ferry:ferry <1.4 & on o:linux:linux_kernel -"],
            "1.3-1",
            "affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "together with another distribution, which is where somebody looked",
            &["nvd: a:ferry:ferry <1.4 & on o:debian:debian_linux =12"],
            "1.3-1",
            "suspected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "on Windows or on Linux",
            &["nvd: a:ferry:ferry <1.4 & on o:microsoft:windows - , on o:linux:linux_kernel -"],
            "1.3-1",
            "affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "on a device",
            &["nvd: a:ferry:ferry <1.4 & on h:acme:router -"],
            "1.3-1",
            "not_affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "together with a program that may not be there",
            &["nvd: a:ferry:ferry <1.4 & on a:acme:dock *"],
            "1.3-1",
            "suspected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "any one configuration suffices",
            &["nvd: a:ferry:ferry <1.4 & on o:microsoft:windows - ; a:ferry:ferry <1.4"],
            "1.3-1",
            "affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "the configuration of another product says nothing of ours",
            &["nvd: a:ferry:ferry <1.2 ; a:acme:dock *"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of before 1.2",
        ),
        (
            "another alternative of the node says nothing either",
            &["nvd: a:ferry:ferry <1.2 , a:acme:dock *"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of before 1.2",
        ),
        (
            "the end outweighs what the platform leaves open",
            &["nvd: a:ferry:ferry <1.2 & on o:debian:debian_linux =12"],
            "1.3-1",
            "not_affected: nvd: applies only together with o:debian:debian_linux, which may not be there",
        ),
    ]);
}

#[test]
fn statements_of_the_cve_list() {
    hold_reasons(&[
        (
            "a range with an end",
            &["cvelist: cpe/a:ferry:ferry >=1.0 <1.4"],
            "1.3-1",
            "affected: cvelist: 1.3 is in the affected range: from 1.0 before 1.4",
        ),
        (
            "behind its end",
            &["cvelist: cpe/a:ferry:ferry >=1.0 <1.4"],
            "1.4-1",
            "not_affected: cvelist: 1.4 is outside of from 1.0 before 1.4",
        ),
        (
            "what is named as unaffected outweighs a range that spans it",
            &["cvelist: cpe/a:ferry:ferry >=0 <2.0 , not >=1.3 <1.4"],
            "1.3-1",
            "not_affected: cvelist: the record names from 1.3 before 1.4 as not affected",
        ),
        (
            "and says nothing beside it",
            &["cvelist: cpe/a:ferry:ferry >=0 <2.0 , not >=1.3 <1.4"],
            "1.2-1",
            "affected: cvelist: 1.2 is in the affected range: before 2.0",
        ),
        (
            "an end with a star is a whole branch that is affected",
            &["cvelist: cpe/a:ferry:ferry >=0 <=1.3.*"],
            "1.3.7-1",
            "affected: cvelist: 1.3.7 is in the affected range: up to 1.3.*",
        ),
        (
            "and no more than that",
            &["cvelist: cpe/a:ferry:ferry >=0 <=1.3.*"],
            "1.4-1",
            "not_affected: cvelist: 1.4 is outside of up to 1.3.*",
        ),
        (
            "or one that is fixed from a version on",
            &["cvelist: cpe/a:ferry:ferry default=affected not >=1.3.5 <=1.3.*"],
            "1.3.7-1",
            "not_affected: cvelist: the record names from 1.3.5 up to 1.3.* as not affected",
        ),
        (
            "the branch before it stays affected by default",
            &["cvelist: cpe/a:ferry:ferry default=affected not >=1.3.5 <=1.3.*"],
            "1.3.4-1",
            "affected: cvelist: no entry of the record names 1.3.4, and its default holds",
        ),
        (
            "without a beginning and an end no version is named",
            &["cvelist: cpe/a:ferry:ferry >=0 <=unspecified"],
            "1.3-1",
            "suspected: cvelist: the record leaves open whether 1.3 is affected",
        ),
        (
            "commits are no versions",
            &["cvelist: cpe/a:ferry:ferry default=unaffected git >=1a2b3c4d <5e6f7a8b"],
            "1.3-1",
            "not_affected: cvelist: no entry of the record names 1.3, and its default holds",
        ),
        (
            "commits and no default leave it open",
            &["cvelist: cpe/a:ferry:ferry git >=1a2b3c4d <5e6f7a8b"],
            "1.3-1",
            "suspected: cvelist: no entry of the record names 1.3, and its default holds",
        ),
    ]);
}

/// Records as the kernel's CNA writes them: affected by default, with the version that brought the flaw, and each branch from its fix on.
const BRANCHES: &[&str] = &["cvelist: cpe/a:ferry:ferry default=affected =1.2 , not >=0 <1.2 , not >=1.3.5 <=1.3.* , not >=1.6 <=*"];

#[test]
fn branches_of_the_cve_list() {
    let by_default = |version: &str| format!("affected: cvelist: no entry of the record names {version}, and its default holds");
    let not = |range: &str| format!("not_affected: cvelist: the record names {range} as not affected");
    let rows = [
        ("before the flaw came", "1.1-1", not("before 1.2")),
        ("with the flaw", "1.2-1", "affected: cvelist: 1.2 is in the affected range: exactly 1.2".to_owned()),
        ("in a branch before its fix", "1.3.4-1", by_default("1.3.4")),
        ("from its fix on", "1.3.5-1", not("from 1.3.5 up to 1.3.*")),
        ("in a branch without one", "1.4-1", by_default("1.4")),
        ("and where it never was", "1.6-1", not("from 1.6")),
    ];
    hold(rows.iter().map(|(why, version, expected)| {
        let package = format!("ferry {version}");
        (*why, expected.clone(), World::new(BRANCHES, &[&package]).with_ruled_out().reasons())
    }));
    let fixed_in = |version: &str| World::new(BRANCHES, &[&format!("ferry {version}")]).findings()[0].fixed_in.clone();
    assert_eq!(fixed_in("1.3.4-1").as_deref(), Some("1.3.5"), "the fix of the branch");
    assert_eq!(fixed_in("1.4-1").as_deref(), Some("1.6"), "the next release that has it");
}

#[test]
fn what_no_entry_decides() {
    hold_reasons(&[
        (
            "without a default, bounds say where it ends",
            &["cvelist: cpe/a:ferry:ferry >=1.0 <1.2"],
            "1.3-1",
            "not_affected: cvelist: 1.3 is outside of from 1.0 before 1.2",
        ),
        (
            "single versions do not",
            &["cvelist: cpe/a:ferry:ferry =1.1 , =1.2"],
            "1.3-1",
            "suspected: cvelist: no entry of the record names 1.3, and its default holds",
        ),
        (
            "unless the rest is not affected by default",
            &["cvelist: cpe/a:ferry:ferry default=unaffected =1.1 , =1.2"],
            "1.3-1",
            "not_affected: cvelist: 1.3 is outside of exactly 1.1",
        ),
        (
            "a list of what is not affected says nothing of the rest",
            &["cvelist: cpe/a:ferry:ferry not =1.4"],
            "1.3-1",
            "suspected: cvelist: no entry of the record names 1.3, and its default holds",
        ),
        (
            "and what it says holds",
            &["cvelist: cpe/a:ferry:ferry not >=1.4 <=*"],
            "1.4-1",
            "not_affected: cvelist: the record names from 1.4 as not affected",
        ),
        (
            "unknown by the authority's word",
            &["cvelist: cpe/a:ferry:ferry default=unknown >=1.0 <1.2"],
            "1.3-1",
            "suspected: cvelist: the record leaves open whether 1.3 is affected",
        ),
        (
            "by somebody else's it is a habit",
            &["cvelist: cisa cpe/a:ferry:ferry default=unknown >=1.0 <1.2"],
            "1.3-1",
            "not_affected: cvelist: 1.3 is outside of from 1.0 before 1.2",
        ),
        (
            "an entry decides all the same",
            &["cvelist: cpe/a:ferry:ferry default=unknown >=1.0 <1.4"],
            "1.3-1",
            "affected: cvelist: 1.3 is in the affected range: from 1.0 before 1.4",
        ),
        (
            "a distribution's versions say nothing of ours",
            &["cvelist: cpe/a:ferry:ferry default=affected not =1.3-4.el9"],
            "1.3-1",
            "suspected: cvelist: the record leaves open whether 1.3 is affected",
        ),
        (
            "the authority's entries outweigh somebody else's",
            &["cvelist: cpe/a:ferry:ferry default=unaffected >=1.0 <1.2 ; cisa cpe/a:ferry:ferry >=1.0 <1.4"],
            "1.3-1",
            "not_affected: cvelist: 1.3 is outside of from 1.0 before 1.2",
        ),
        (
            "where they leave it open, the other's decide",
            &["cvelist: cpe/a:ferry:ferry git >=1a2b3c4d <5e6f7a8b ; cisa cpe/a:ferry:ferry >=1.0 <1.4"],
            "1.3-1",
            "affected: cvelist: 1.3 is in the affected range: from 1.0 before 1.4",
        ),
        (
            "commits beside versions say nothing",
            &["cvelist: cpe/a:ferry:ferry default=affected git >=1a2b3c4d <5e6f7a8b ; cpe/a:ferry:ferry default=unaffected >=1.0 <1.2"],
            "1.3-1",
            "not_affected: cvelist: 1.3 is outside of from 1.0 before 1.2",
        ),
        (
            "one statement for each branch: an entry of any outweighs the defaults of all",
            &["cvelist: cpe/a:ferry:ferry default=affected not >=1.1.5 <1.2 ; cpe/a:ferry:ferry default=affected not >=1.3 <1.4"],
            "1.3-1",
            "not_affected: cvelist: the record names from 1.3 before 1.4 as not affected",
        ),
    ]);
}

#[test]
fn of_two_sources_the_more_specific() {
    hold_reasons(&[
        (
            "two bounds outweigh one: the flaw came later than our branch",
            &["nvd: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry default=unaffected >=1.3.5 <1.4"],
            "1.2-1",
            "not_affected: cvelist: 1.2 is outside of from 1.3.5 before 1.4",
        ),
        (
            "a branch that is named as not affected outweighs a range without a beginning",
            &["nvd: a:ferry:ferry <1.4.1", "cvelist: cpe/a:ferry:ferry default=affected not >=0 <1.4"],
            "1.3-1",
            "not_affected: cvelist: the record names before 1.4 as not affected",
        ),
        (
            "two bounds with our version outweigh one without",
            &["nvd: a:ferry:ferry <1.2", "cvelist: cpe/a:ferry:ferry >=1.0 <1.4"],
            "1.3-1",
            "affected: cvelist: 1.3 is in the affected range: from 1.0 before 1.4",
        ),
        (
            "any bound outweighs every version",
            &["nvd: a:ferry:ferry *", "cvelist: cpe/a:ferry:ferry >=0 <1.2"],
            "1.3-1",
            "not_affected: cvelist: 1.3 is outside of before 1.2",
        ),
        (
            "a default outweighs nothing",
            &["nvd: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry default=unaffected =1.2"],
            "1.3-1",
            "affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        (
            "nor do bounds outweigh bounds",
            &["nvd: a:ferry:ferry >=1.0 <1.2", "cvelist: cpe/a:ferry:ferry >=1.0 <1.4"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of from 1.0 before 1.2",
        ),
        (
            "nor anything a correction",
            &["overrides: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry default=unaffected >=1.3.5 <1.4"],
            "1.2-1",
            "affected: overrides: 1.2 is in the affected range: before 1.4",
        ),
    ]);
    let shown: Vec<String> =
        World::new(&["nvd: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry default=unaffected >=1.3.5 <1.4"], &["ferry 1.2-1"])
            .with_ruled_out()
            .findings()[0]
            .evidence
            .iter()
            .skip(1)
            .map(|evidence| evidence.detail.clone())
            .collect();
    assert_eq!(
        shown,
        ["nvd: 1.2 is in the affected range: before 1.4", "cvelist: 1.2 is outside of from 1.3.5 before 1.4"],
        "both are shown, the one that decides last"
    );
}

#[test]
fn of_two_sources_the_first_that_decides() {
    hold_reasons(&[
        (
            "NVD's range before the CVE List's",
            &["nvd: a:ferry:ferry <1.2", "cvelist: cpe/a:ferry:ferry >=0 <1.4"],
            "1.3-1",
            "not_affected: nvd: 1.3 is outside of before 1.2",
        ),
        (
            "where NVD leaves it open, the CVE List decides",
            &["nvd: a:ferry:ferry -", "cvelist: cpe/a:ferry:ferry >=0 <1.4"],
            "1.3-1",
            "affected: cvelist: 1.3 is in the affected range: before 1.4",
        ),
        (
            "where neither decides, the first reason stands",
            &["nvd: a:ferry:ferry -", "cvelist: cpe/a:ferry:ferry git >=1a2b3c4d <5e6f7a8b"],
            "1.3-1",
            "suspected: nvd: the record names no version",
        ),
        (
            "a correction outweighs both",
            &["overrides: a:ferry:ferry <1.3", "nvd: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry >=0 <1.4"],
            "1.3-1",
            "not_affected: overrides: 1.3 is outside of before 1.3",
        ),
        ("a record that was rejected says nothing", &["nvd rejected: a:ferry:ferry <1.4"], "1.3-1", "nothing"),
        (
            "nor does NVD's, where the CVE Program rejected it",
            &["nvd: a:ferry:ferry <1.4", "cvelist rejected: cpe/a:ferry:ferry >=0 <1.4"],
            "1.3-1",
            "nothing",
        ),
        (
            "a disputed one says what it says",
            &["nvd disputed: a:ferry:ferry <1.4"],
            "1.3-1",
            "affected: nvd: 1.3 is in the affected range: before 1.4",
        ),
        ("a record of tomorrow is not there yet", &["nvd @2024-06-02: a:ferry:ferry <1.4"], "1.3-1", "nothing"),
    ]);
}

#[test]
fn a_dispute_is_shown() {
    let rows = [
        ("by NVD", ["nvd disputed: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry >=0 <1.4"], "nvd"),
        ("by the CVE List", ["nvd: a:ferry:ferry <1.4", "cvelist disputed: cpe/a:ferry:ferry >=0 <1.4"], "cvelist"),
        ("by both", ["nvd disputed: a:ferry:ferry <1.4", "cvelist disputed: cpe/a:ferry:ferry >=0 <1.4"], "nvd, cvelist"),
        ("by none", ["nvd: a:ferry:ferry <1.4", "cvelist: cpe/a:ferry:ferry >=0 <1.4"], ""),
    ];
    hold(rows.into_iter().map(|(why, records, by)| {
        let findings = World::new(&records, &["ferry 1.3-1"]).findings();
        let details = findings[0].evidence.iter().filter(|evidence| evidence.kind == EvidenceKind::Record);
        let details: Vec<&str> = details.map(|evidence| evidence.detail.as_str()).collect();
        let expected = if by.is_empty() { String::new() } else { format!("{by}: somebody disputes that this is a vulnerability") };
        (why, expected, details.join("; "))
    }));
}
