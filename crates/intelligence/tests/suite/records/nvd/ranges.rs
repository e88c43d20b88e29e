//! The versions of a match: the version of its CPE name, and the four bounds beside it.

use super::{Row, cpe_match, feed, read};
use crate::records::{hold, show};

/// Rows of the words of one match of `a:acme:ferry`.
fn hold_matches(rows: &[Row<'_>]) {
    hold(rows, |words| {
        let found = cpe_match(&format!("a:acme:ferry {words}"));
        let line = read(show::configurations, &feed(&format!("'configurations':[{{'nodes':[{{'cpeMatch':[{found}]}}]}}]")));
        line.replace("a:acme:ferry ", "")
    });
}

#[test]
fn bounds() {
    hold_matches(&[
        ("no version and no bound is every version", "", "*"),
        ("from", "versionStartIncluding=1.0", ">=1.0"),
        ("after", "versionStartExcluding=1.0", ">1.0"),
        ("up to", "versionEndIncluding=1.4", "<=1.4"),
        ("before", "versionEndExcluding=1.4", "<1.4"),
        ("both ends, in the order in which the source writes them", "versionEndExcluding=1.4 versionStartIncluding=1.0", ">=1.0 <1.4"),
        ("both ends outside", "versionStartExcluding=1.0 versionEndIncluding=1.4", ">1.0 <=1.4"),
        ("of two starts the one that belongs to the range", "versionStartExcluding=1.1 versionStartIncluding=1.0", ">=1.0"),
        ("of two ends as well", "versionEndExcluding=1.4 versionEndIncluding=1.3", "<=1.3"),
        ("from nought, as it is written", "versionStartIncluding=0 versionEndExcluding=1.4", ">=0 <1.4"),
        ("one version as a range", "versionStartIncluding=1.3 versionEndIncluding=1.3", "=1.3"),
        ("an empty bound is none", "versionStartIncluding= versionEndExcluding=1.4", "<1.4"),
        ("an empty bound leaves room for the other of its side", "versionEndIncluding= versionEndExcluding=1.4", "<1.4"),
        ("null is none", "versionStartIncluding:=null versionEndExcluding=1.4", "<1.4"),
        (
            "ends that are turned round stay as they are written: they hold no version",
            "versionStartIncluding=2.0 versionEndExcluding=1.0",
            ">=2.0 <1.0",
        ),
        ("words stay as they are written: matching says what compares", "versionEndIncluding=unspecified", "<=unspecified"),
        ("a bound is no CPE text: nothing in it is unescaped", "versionEndExcluding=1.4\\.1", "<1.4\\\\.1"),
        ("256 bytes are a version", "versionEndExcluding={256*1}", "<11111111..256"),
        (
            "257 are none, and cost the match",
            "versionEndExcluding={257*1}",
            "none / refused at 36: CVE-2024-1000: a version bound of 257 bytes",
        ),
        ("at every bound", "versionStartIncluding={257*1}", "none / refused at 36: CVE-2024-1000: a version bound of 257 bytes"),
    ]);
}

#[test]
fn versions_of_the_name() {
    hold_matches(&[
        ("exactly one", "version=1.3", "=1.3"),
        ("any", "version=*", "*"),
        ("none: the source does not know", "version=-", "-"),
        ("with a bound the name's version is the bounds'", "version=* versionEndExcluding=1.4", "<1.4"),
        ("a version beside bounds: both are kept", "version=1.3 versionEndExcluding=1.4", "=1.3 <1.4"),
        ("the update belongs to it", "version=9.8 update=p1", "=9.8p1"),
        ("a release candidate as well", "version=1.4 update=rc1", "=1.4rc1"),
        ("four letters still join it", "version=1.4 update=sp10", "=1.4sp10"),
        ("a longer word stands apart", "version=1.4 update=update_3", "=1.4-update_3"),
        ("a number stands apart as well", "version=1.4 update=2", "=1.4-2"),
        ("without an update", "version=1.4 update=-", "=1.4/-"),
        ("any update", "version=1.4 update=*", "=1.4"),
        ("an update of every version is not told apart", "version=* update=p1", "*"),
        ("an update of no version neither", "version=- update=p1", "-"),
        ("escapes are undone", "version=1.4\\+git", "=1.4+git"),
        ("an escaped colon is one", "version=1\\:1.4", "=1:1.4"),
        ("the case of a version stays", "version=1.4RC1", "=1.4RC1"),
        ("256 bytes are a version", "version={256*1}", "=11111111..256"),
        ("257 are none, and cost the match", "version={257*1}", "none / refused at 36: CVE-2024-1000: a version of 257 bytes"),
        ("an update of 257 bytes costs it too", "version=1 update={257*1}", "none / refused at 36: CVE-2024-1000: an update of 257 bytes"),
        (
            "an empty component is none: the standard has a star",
            "version=",
            "none / refused at 36: CVE-2024-1000: \"cpe:2.3:a:acme:ferry::*:*:*:*:*:*:*\" is not a CPE 2.3 name: an empty component; \
             write * for any value",
        ),
    ]);
}

/// The update of a name without a version belongs to the end of the range beside it.
#[test]
fn updates_beside_bounds() {
    hold_matches(&[
        ("up to an update", "update=p2 versionEndIncluding=7.2", "<=7.2p2"),
        ("before one", "update=beta2 versionEndExcluding=1.0", "<1.0-beta2"),
        ("the start stays", "update=rc4 versionStartIncluding=2.6 versionEndIncluding=2.6.12", ">=2.6 <=2.6.12rc4"),
        ("a longer word stands apart", "update=update_6 versionEndIncluding=7.0", "<=7.0-update_6"),
        ("a number does", "update=03 versionEndIncluding=1.6.0", "<=1.6.0-03"),
        ("an end that has it already", "update=p2 versionEndIncluding=7.2p2", "<=7.2p2"),
        ("a number is not had by chance", "update=20 versionEndIncluding=20.38.20", "<=20.38.20-20"),
        ("any update", "update=* versionEndIncluding=8.7", "<=8.7"),
        ("without an update", "update=- versionEndIncluding=8.7", "<=8.7/-"),
        ("of a start alone it says nothing", "update=p2 versionStartIncluding=7.2", ">=7.2"),
        ("beside a version it is that one's", "version=1.3 update=p1 versionEndExcluding=1.4", "=1.3p1 <1.4"),
    ]);
}

#[test]
fn targets() {
    hold_matches(&[
        ("software", "target_sw=windows", "* sw:windows"),
        ("in lower case", "target_sw=Node.js", "* sw:node.js"),
        ("hardware", "target_hw=x64", "* hw:x64"),
        ("both, with a range", "target_sw=python target_hw=arm64 versionEndExcluding=1.4", "<1.4 sw:python hw:arm64"),
        ("any is none", "target_sw=* target_hw=*", "*"),
        ("not applicable is none", "target_sw=- target_hw=-", "*"),
    ]);
}
