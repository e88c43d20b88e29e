//! Tables for the versions of packages beside those of records: what RPM adds to them, the updates of CPE names, and bounds that are none.

use crate::table::{World, hold};

/// A row: the point, the record, the package's version, and the status with the last reason.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// Checks rows about the package `ferry`, which is the product `a:ferry:ferry`; findings that the version rules out are kept.
fn hold_versions(rows: &[Row]) {
    hold(rows.iter().map(|&(why, record, version, expected)| {
        let package = format!("ferry {version}");
        (why, expected.to_owned(), World::new(&[record], &[&package]).with_ruled_out().reasons())
    }));
}

/// The marks of rpm-version(7) beside versions of upstream, which do not have them.
#[test]
fn marks_of_rpm() {
    hold_versions(&[
        (
            "a pre-release behind a tilde is that pre-release: after an earlier one",
            "nvd: a:ferry:ferry <3.14.0b1",
            "3.14.0~b3-1",
            "not_affected: nvd: 3.14.0~b3 is outside of before 3.14.0b1",
        ),
        (
            "it lies from an alpha on and before its release",
            "nvd: a:ferry:ferry >=3.14.0a1 <3.14.0",
            "3.14.0~b3-1",
            "affected: nvd: 3.14.0~b3 is in the affected range: from 3.14.0a1 before 3.14.0",
        ),
        (
            "whatever stands between word and number",
            "nvd: a:ferry:ferry <=1.31.0-rc.1",
            "1.31.0~rc2-1",
            "not_affected: nvd: 1.31.0~rc2 is outside of up to 1.31.0-rc.1",
        ),
        (
            "it is the one that is named exactly",
            "nvd: a:ferry:ferry =1.31.0/rc2",
            "1.31.0~rc2-1",
            "affected: nvd: 1.31.0~rc2 is in the affected range: exactly 1.31.0rc2",
        ),
        (
            "in any case",
            "nvd: a:ferry:ferry =8.3.0/rc1",
            "8.3.0~RC1-1",
            "affected: nvd: 8.3.0~RC1 is in the affected range: exactly 8.3.0rc1",
        ),
        (
            "a bound at it leaves it out",
            "nvd: a:ferry:ferry <1.6_rc1",
            "1.6~rc1-1",
            "not_affected: nvd: 1.6~rc1 is outside of before 1.6_rc1",
        ),
        (
            "a snapshot behind a tilde is before every pre-release",
            "nvd: a:ferry:ferry <2.0-alpha1",
            "2.0~git20240101-1",
            "affected: nvd: 2.0~git20240101 is in the affected range: before 2.0-alpha1",
        ),
        (
            "a snapshot behind a caret is after its version",
            "nvd: a:ferry:ferry <=1.2",
            "1.2^20240501git0123abc-1",
            "not_affected: nvd: 1.2^20240501git0123abc is outside of up to 1.2",
        ),
        (
            "and before the next one",
            "nvd: a:ferry:ferry <1.2.1",
            "1.2^20240501git0123abc-1",
            "affected: nvd: 1.2^20240501git0123abc is in the affected range: before 1.2.1",
        ),
    ]);
}

/// The update of a CPE name, by NISTIR 7696: any, none, or a value, which belongs to the version or to the bound beside it.
#[test]
fn updates_of_cpe_names() {
    hold_versions(&[
        (
            "a version has its updates: up to it",
            "nvd: a:ferry:ferry <=8.7",
            "8.7p1-1",
            "affected: nvd: 8.7p1 is in the affected range: up to 8.7",
        ),
        ("before it", "nvd: a:ferry:ferry <8.7", "8.7p1-1", "not_affected: nvd: 8.7p1 is outside of before 8.7"),
        ("after it", "nvd: a:ferry:ferry >8.7 <9", "8.7p1-1", "not_affected: nvd: 8.7p1 is outside of after 8.7 before 9"),
        (
            "the update belongs to the bound beside it",
            "nvd: a:ferry:ferry */p2 <=7.2",
            "7.2p2-1",
            "affected: nvd: 7.2p2 is in the affected range: up to 7.2p2",
        ),
        ("a later one is behind that", "nvd: a:ferry:ferry */p2 <=7.2", "7.2p3-1", "not_affected: nvd: 7.2p3 is outside of up to 7.2p2"),
        (
            "a pre-release beside a bound is not its release",
            "nvd: a:ferry:ferry */rc2 <=1.4",
            "1.4-1",
            "not_affected: nvd: 1.4 is outside of up to 1.4rc2",
        ),
        (
            "a bound without an update is its version alone",
            "nvd: a:ferry:ferry */- <=7.2",
            "7.2p2-1",
            "not_affected: nvd: 7.2p2 is outside of up to 7.2",
        ),
        (
            "exactly a version is any update of it",
            "nvd: a:ferry:ferry =7.2",
            "7.2p2-1",
            "affected: nvd: 7.2p2 is in the affected range: exactly 7.2",
        ),
        ("a pre-release too", "nvd: a:ferry:ferry =1.6", "1.6~rc1-1", "affected: nvd: 1.6~rc1 is in the affected range: exactly 1.6"),
        (
            "but no version with a letter",
            "nvd @2020-01-10: a:ferry:ferry =1.1.1",
            "1.1.1k-1",
            "not_affected: nvd: 1.1.1k is outside of exactly 1.1.1",
        ),
        (
            "without an update it is itself alone",
            "nvd @2020-01-10: a:ferry:ferry =7.2/-",
            "7.2p2-1",
            "not_affected: nvd: 7.2p2 is outside of exactly 7.2",
        ),
        (
            "an update is that one alone",
            "nvd @2020-01-10: a:ferry:ferry =4.2.8/p8",
            "4.2.8p18-1",
            "not_affected: nvd: 4.2.8p18 is outside of exactly 4.2.8p8",
        ),
        (
            "a patch is a p",
            "nvd: a:ferry:ferry =1.9.5/patch2",
            "1.9.5p2-1",
            "affected: nvd: 1.9.5p2 is in the affected range: exactly 1.9.5-patch2",
        ),
        (
            "its level may be the last number of the package",
            "nvd: a:ferry:ferry =5.2/patch21",
            "5.2.21-1",
            "affected: nvd: 5.2.21 is in the affected range: exactly 5.2-patch21",
        ),
        (
            "a nought before it is no level",
            "nvd @2020-01-10: a:ferry:ferry =9.0/p1",
            "9.1-1",
            "not_affected: nvd: 9.1 is outside of exactly 9.0p1",
        ),
    ]);
}

/// Bounds that are no version say nothing, neither for nor against. Nothing specifies them.
#[test]
fn malformed_bounds() {
    hold_versions(&[
        ("a slip", "nvd: a:ferry:ferry >0)", "1.3-1", "suspected: nvd: affects after 0); 1.3 does not compare with that"),
        ("a branch", "nvd: a:ferry:ferry <=12.1.x", "12.1.8-1", "suspected: nvd: affects up to 12.1.x; 12.1.8 does not compare with that"),
        (
            "a list",
            "nvd: a:ferry:ferry <9.4.53,10.0.16",
            "10.0.3-1",
            "suspected: nvd: affects before 9.4.53,10.0.16; 10.0.3 does not compare with that",
        ),
        (
            "ends that are turned round hold no version",
            "nvd: a:ferry:ferry >=13.0 <12.0",
            "12.1-1",
            "not_affected: nvd: 12.1 is outside of from 13.0 before 12.0",
        ),
    ]);
}
