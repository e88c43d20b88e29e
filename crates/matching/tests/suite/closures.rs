//! Tables for closures: patches, decisions, changelog entries; and fixes of packages that are built with the same toolchain.

use crate::table::{World, hold};

const RECORD: &str = "nvd 1000: a:ferry:ferry <2";

#[test]
fn what_a_package_says_of_a_record_closes_it() {
    let rows = [
        ("nothing", "ferry 1.2-1", "affected: nvd: 1.2 is in the affected range: before 2"),
        ("a patch that is applied", "ferry 1.2-1 applied:CVE-2009-1000.patch", "fixed: CVE-2009-1000.patch is applied"),
        (
            "a patch that the spec names and never applies",
            "ferry 1.2-1 unapplied:CVE-2009-1000.patch",
            "affected: nvd: 1.2 is in the affected range: before 2",
        ),
        ("a patch that lies beside the spec", "ferry 1.2-1 beside:CVE-2009-1000.patch", "fixed: CVE-2009-1000.patch lies beside the spec"),
        ("a patch of another record", "ferry 1.2-1 applied:CVE-2009-2000.patch", "affected: nvd: 1.2 is in the affected range: before 2"),
        (
            "a patch of two records",
            "ferry 1.2-1 applied:CVE-2009-2000-CVE-2009-1000.patch",
            "fixed: CVE-2009-2000-CVE-2009-1000.patch is applied",
        ),
        (
            "a decision with its reason",
            "ferry 1.2-1 nopatch:1000=not-built-here",
            "not_affected: CVE-2009-1000.nopatch records a decision: not built here",
        ),
        (
            "a decision without one",
            "ferry 1.2-1 nopatch:1000=",
            "not_affected: CVE-2009-1000.nopatch records a decision: it gives no reason and needs one",
        ),
        (
            "a patch outweighs the decision not to make one",
            "ferry 1.2-1 nopatch:1000=later applied:CVE-2009-1000.patch",
            "fixed: CVE-2009-1000.nopatch records a decision: later",
        ),
        (
            "a changelog entry of this version",
            "ferry 1.2-1 log:2024-02-01/1.2-1/1000",
            "fixed: the changelog entry of 2024-02-01 (1.2-1) names it",
        ),
        ("of an earlier one", "ferry 1.2-2 log:2024-02-01/1.2-1/1000", "fixed: the changelog entry of 2024-02-01 (1.2-1) names it"),
        ("of a later one", "ferry 1.2-1 log:2024-02-01/1.2-2/1000", "affected: nvd: 1.2 is in the affected range: before 2"),
        ("of a later epoch", "ferry 1.2-1 log:2024-02-01/1:1.0-1/1000", "affected: nvd: 1.2 is in the affected range: before 2"),
        (
            "without a version, in an inventory without a day",
            "ferry 1.2-1 log:2024-02-01//1000",
            "affected: nvd: 1.2 is in the affected range: before 2",
        ),
        (
            "taken back in a later release",
            "ferry 1.2-3 log:2024-02-01/1.2-2/1000 back:2024-03-01/1.2-3/1000",
            "affected: nvd: 1.2 is in the affected range: before 2",
        ),
        (
            "taken back in the upgrade that has it",
            "ferry 1.3-1 log:2024-02-01/1.2-2/1000 back:2024-03-01/1.3-1/1000",
            "fixed: the changelog entry of 2024-02-01 (1.2-2) names it",
        ),
        (
            "taken back, while the spec applies its patch",
            "ferry 1.2-3 log:2024-02-01/1.2-2/1000 back:2024-03-01/1.2-3/1000 applied:CVE-2009-1000.patch",
            "fixed: CVE-2009-1000.patch is applied",
        ),
        (
            "its patch lies there and is not applied",
            "ferry 1.2-1 log:2024-02-01/1.2-1/1000 unapplied:CVE-2009-1000.patch",
            "affected: nvd: 1.2 is in the affected range: before 2",
        ),
        ("an advisory", "ferry 1.2-1 advisory:2024-02-01/1.2-1/1000", "fixed: the advisory HARBOR-1 of 2024-02-01 (1.2-1) fixes it"),
        ("after the day that is judged", "ferry 1.2-1 log:2024-06-02/1.2-1/1000", "affected: nvd: 1.2 is in the affected range: before 2"),
        ("on the day that is judged", "ferry 1.2-1 log:2024-06-01/1.2-1/1000", "fixed: the changelog entry of 2024-06-01 (1.2-1) names it"),
    ];
    hold(rows.iter().map(|&(why, package, expected)| (why, expected.to_owned(), World::new(&[RECORD], &[package]).reasons())));
}

/// Rows about entries on the day of the inventory or before it.
#[test]
fn an_entry_with_a_version_is_judged_by_it() {
    let affected = "affected: nvd: 1.2 is in the affected range: before 2";
    let rows = [
        (
            "of the version, on an earlier day",
            "ferry 1.2-1 log:2024-02-01/1.2-1/1000",
            "fixed: the changelog entry of 2024-02-01 (1.2-1) names it",
        ),
        ("of a later version, on an earlier day", "ferry 1.2-1 log:2024-02-01/1.2-2/1000", affected),
        (
            "of a later version, long ago: another branch",
            "ferry 1.2-1 log:2023-12-01/1.3-2/1000",
            "undecided: the changelog entry of 2023-12-01 (1.3-2) names it, and is of another branch",
        ),
        (
            "a patch says more than that",
            "ferry 1.2-1 log:2023-12-01/1.3-2/1000 applied:CVE-2009-1000.patch",
            "fixed: CVE-2009-1000.patch is applied",
        ),
        ("without a version, on an earlier day", "ferry 1.2-1 log:2024-02-01//1000", "fixed: the changelog entry of 2024-02-01 names it"),
        ("without a version, on a later day", "ferry 1.2-1 log:2024-04-01//1000", affected),
        (
            "of an epoch that was given up",
            "ferry 1.2-1 log:2024-02-01/1:1.0-1/1000",
            "fixed: the changelog entry of 2024-02-01 (1:1.0-1) names it",
        ),
    ];
    hold(rows.iter().map(|&(why, package, expected)| {
        let mut world = World::new(&[RECORD], &[package]);
        world.inventory.date = Some("2024-03-01".into());
        (why, expected.to_owned(), world.reasons())
    }));
}

#[test]
fn what_is_taken_back_still_tells_what_a_package_contains() {
    const RECORDS: [&str; 2] = ["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"];
    let rows = [
        ("a fix", "ferry 9-2 log:2024-02-01/9-2/1000", "ferry 1000 fixed by changelog; ferry 1001 suspected by precedent"),
        (
            "one that was taken back",
            "ferry 9-3 log:2024-02-01/9-2/1000 back:2024-03-01/9-3/1000",
            "ferry 1000 suspected by precedent; ferry 1001 suspected by precedent",
        ),
        (
            "one that is said to be missing",
            "ferry 9-3 back:2024-03-01/9-3/1000",
            "ferry 1000 suspected by precedent; ferry 1001 suspected by precedent",
        ),
    ];
    hold(rows.iter().map(|&(why, package, expected)| (why, expected.to_owned(), World::new(&RECORDS, &[package]).ties())));
}

/// Rows about static toolchains, whose programs contain the libraries with which they are built.
#[test]
fn what_the_programs_of_a_toolchain_have_fixed() {
    const FIXED: [&str; 4] = [
        "ferry 1-1 needs:golang applied:CVE-2009-1000.patch",
        "dock 1-1 needs:golang applied:CVE-2009-1000.patch",
        "crane 1-1 applied:CVE-2009-1000.patch",
        "buoy 1-1 applied:CVE-2009-1000.patch",
    ];
    let rope: &[&str] = &["nvd 1000: a:acme:rope <2"];
    let rows: [(&str, &[&str], &[&str], &str); 6] = [
        (
            "two of them fixed it: a third may need it",
            rope,
            &[FIXED[0], FIXED[1], "pier 1-1 needs:golang"],
            "pier 1000 suspected by cohort",
        ),
        ("one is chance", rope, &[FIXED[0], "pier 1-1 needs:golang"], ""),
        ("a package that is built otherwise says nothing and hears nothing", rope, &[FIXED[0], FIXED[1], "pier 1-1 needs:gcc"], ""),
        (
            "two of three who fixed it are of the toolchain: it is the toolchain's matter",
            rope,
            &[FIXED[0], FIXED[1], FIXED[2], "pier 1-1 needs:golang"],
            "pier 1000 suspected by cohort",
        ),
        ("two of four: it is everybody's", rope, &[FIXED[0], FIXED[1], FIXED[2], FIXED[3], "pier 1-1 needs:golang"], ""),
        (
            "a record of more than two years ago: rebuilt since",
            &["nvd 1000 @2022-05-01: a:acme:rope <2"],
            &[FIXED[0], FIXED[1], "pier 1-1 needs:golang"],
            "",
        ),
    ];
    hold(rows.iter().map(|&(why, records, packages, expected)| {
        let found = World::new(records, packages).ties();
        let of_pier: Vec<&str> = found.split("; ").filter(|pair| pair.starts_with("pier ")).collect();
        (why, expected.to_owned(), of_pier.join("; "))
    }));
}

#[test]
fn a_record_without_products_is_the_blind_spot() {
    const HOME: &str = "ferry 1.2-1 page:https://github.com/harbor/ferry";
    let rows: [(&str, &[&str], &[&str], &str); 5] = [
        (
            "its references lead to the package's repository: undecided",
            &["nvd: -> https://github.com/harbor/ferry/issues/1"],
            &[HOME],
            "ferry 1000 undecided by home+record",
        ),
        ("to another repository", &["nvd: -> https://github.com/harbor/dock"], &[HOME], "nothing"),
        ("to a whole site", &["nvd: -> https://ferry.example.org/1"], &["ferry 1.2-1 page:https://ferry.example.org"], "nothing"),
        (
            "to a repository that two packages come from",
            &["nvd: -> https://github.com/harbor/ferry"],
            &[HOME, "ferry-tools 1.2-1 page:https://github.com/harbor/ferry"],
            "nothing",
        ),
        (
            "a patch closes it as any other",
            &["nvd: -> https://github.com/harbor/ferry"],
            &["ferry 1.2-1 page:https://github.com/harbor/ferry applied:CVE-2009-1000.patch"],
            "ferry 1000 fixed by patch",
        ),
    ];
    hold(rows.iter().map(|&(why, records, packages, expected)| (why, expected.to_owned(), World::new(records, packages).ties())));
}
