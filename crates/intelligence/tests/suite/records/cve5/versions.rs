//! The versions of a product, and their status.

use super::hold_versions;

#[test]
fn ranges() {
    hold_versions(&[
        ("a version and before another", "version=1.0 lessThan=1.4 status=affected", ">=1.0 <1.4"),
        ("a version up to another", "version=1.0 lessThanOrEqual=1.4 status=affected", ">=1.0 <=1.4"),
        ("nought is the beginning", "version=0 lessThan=1.4 status=affected", "<1.4"),
        ("a star is as well", "version=* lessThan=1.4 status=affected", "<1.4"),
        ("unspecified is no beginning", "version=unspecified lessThan=1.4 status=affected", "<1.4"),
        ("nor is n/a", "version=n/a lessThanOrEqual=1.4 status=affected", "<=1.4"),
        ("nor an empty text", "version= lessThan=1.4 status=affected", "<1.4"),
        ("before a star has no end", "version=1.0 lessThan=* status=affected", ">=1.0"),
        ("up to a star neither", "version=1.0 lessThanOrEqual=* status=affected", ">=1.0"),
        (
            "a star of a branch stays: matching knows what it means",
            "version=5.10 lessThanOrEqual=5.10.* status=affected",
            ">=5.10 <=5.10.*",
        ),
        ("of both ends the one before", "version=1.0 lessThan=1.4 lessThanOrEqual=1.5 status=affected", ">=1.0 <1.4"),
        ("ends that are turned round stay as they are written", "version=2.0 lessThan=1.0 status=affected", ">=2.0 <1.0"),
        (
            "several, in their order",
            "version=2.0 lessThan=2.2 status=affected | version=1.0 lessThan=1.4 status=affected",
            ">=2.0 <2.2 , >=1.0 <1.4",
        ),
    ]);
}

#[test]
fn single_versions() {
    hold_versions(&[
        ("one", "version=1.3 status=affected", "=1.3"),
        ("every one", "version=* status=affected", "*"),
        ("all of them", "version=all status=affected", "*"),
        ("nought alone is a version", "version=0 status=affected", "<=0"),
        ("n/a is none", "version=n/a status=affected", "none"),
        ("unspecified is none", "version=unspecified status=affected", "none"),
        ("a dash is none", "version=- status=affected", "none"),
        ("an empty text is none", "version= status=affected", "none"),
    ]);
}

#[test]
fn status() {
    hold_versions(&[
        ("not affected", "version=1.3 status=unaffected", "not =1.3"),
        ("a range that is not", "version=1.4 lessThan=2.0 status=unaffected", "not >=1.4 <2.0"),
        ("unknown says nothing", "version=1.3 status=unknown", "none"),
        ("no status says nothing", "version=1.3", "none"),
        ("a word that the schema does not have says nothing", "version=1.3 status=AFFECTED", "none"),
        ("both", "version=1.0 lessThan=1.4 status=affected | version=1.3.1 status=unaffected", ">=1.0 <1.4 , not =1.3.1"),
    ]);
}

#[test]
fn types() {
    hold_versions(&[
        ("semver compares as others do", "version=1.0 lessThan=1.4 status=affected versionType=semver", ">=1.0 <1.4"),
        (
            "commits are marked",
            "version=1da177e4c3f4 lessThan=8f14cc9bf61e status=affected versionType=git",
            "git >=1da177e4c3f4 <8f14cc9bf61e",
        ),
        ("git in other letters is another type", "version=1.0 status=affected versionType=GIT", "=1.0"),
        ("null is none", "version=1.0 status=affected versionType:=null", "=1.0"),
    ]);
}

#[test]
fn long_versions() {
    hold_versions(&[
        ("256 bytes are a version", "version={256*1} status=affected", "=11111111..256"),
        ("a bound of 256 as well", "version=1.0 lessThan={256*9} status=affected", ">=1.0 <99999999..256"),
        (
            "257 are none: reported with its place",
            "version={257*1} status=affected",
            "refused at 216: CVE-2024-1000: a version of 257 bytes",
        ),
        (
            "a bound is measured as well, and the others stand",
            "version=1.0 lessThan={257*9} status=affected | version=2.0 status=affected",
            "=2.0 / refused at 233: CVE-2024-1000: a version of 257 bytes",
        ),
        ("of both kinds", "version=1.0 lessThanOrEqual={300*9} status=unaffected", "refused at 240: CVE-2024-1000: a version of 300 bytes"),
        (
            "a text that is written with escapes has no place of its own",
            "version:='{257*1}\\u0031' status=affected",
            "refused at 0: CVE-2024-1000: a version of 258 bytes",
        ),
    ]);
}
