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
        ("nought alone is a version", "version=0 status=affected", "=0"),
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
        ("unknown is a status", "version=1.3 status=unknown", "unknown =1.3"),
        ("of a range as well", "version=1.0 lessThan=1.4 status=unknown", "unknown >=1.0 <1.4"),
        ("no status is unknown", "version=1.3", "unknown =1.3"),
        ("so is a word that the schema does not have", "version=1.3 status=AFFECTED", "unknown =1.3"),
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
fn ends_in_words() {
    hold_versions(&[
        ("unspecified is no end", "version=1.0 lessThan=unspecified status=affected", ">=1.0"),
        ("neither of the other kind", "version=1.0 lessThanOrEqual=unspecified status=affected", ">=1.0"),
        ("without a beginning no version is named", "version=unspecified lessThan=unspecified status=affected", "unknown *"),
        ("nor from nought", "version=0 lessThanOrEqual=unspecified status=affected", "unknown *"),
        ("an end that is n/a is none", "version=1.3 lessThan=n/a status=affected", "=1.3"),
        ("nor is an empty one", "version=1.3 lessThanOrEqual= status=affected", "=1.3"),
        ("a beginning that is a branch", "version=8.3.* lessThan=8.3.19 status=affected", ">=8.3 <8.3.19"),
        ("before a branch with a star is the whole branch", "version=1.0 lessThan=1.4.* status=affected", ">=1.0 <=1.4.*"),
        ("up to a branch with an x", "version=1.0 lessThanOrEqual=1.4.x status=affected", ">=1.0 <=1.4.*"),
        ("a sign before the end", "version=1.0 lessThan:='<\\u00201.4' status=affected", ">=1.0 <1.4"),
        ("the same said twice", "version:='<\\u00201.4' lessThan=1.4 status=affected", "<1.4"),
        ("an end that is a list", "version=1.0 lessThan:='1.4,\\u00201.5' status=affected", "unknown *"),
        ("an end in other words", "version=1.0 lessThan:='the\\u0020next\\u0020one' status=affected", "unknown *"),
    ]);
}

#[test]
fn changes_of_the_status() {
    hold_versions(&[
        (
            "fixed inside of the range",
            "version=1.0 lessThan=2.0 status=affected changes:=[{'at':'1.4','status':'unaffected'}]",
            ">=1.0 <1.4 , not >=1.4 <2.0",
        ),
        (
            "affected inside of one that is not",
            "version=0 lessThan=2.0 status=unaffected changes:=[{'at':'1.0','status':'affected'},{'at':'1.4','status':'unaffected'}]",
            "not <1.0 , >=1.0 <1.4 , not >=1.4 <2.0",
        ),
        (
            "in the order of their versions",
            "version=0 lessThan=2.0 status=unaffected changes:=[{'at':'1.10','status':'unaffected'},{'at':'1.9','status':'affected'}]",
            "not <1.9 , >=1.9 <1.10 , not >=1.10 <2.0",
        ),
        (
            "one before the beginning holds from there",
            "version=1.0 lessThan=2.0 status=affected changes:=[{'at':'0.9','status':'unaffected'}]",
            "not >=1.0 <2.0",
        ),
        (
            "one behind the end says nothing",
            "version=1.0 lessThan=2.0 status=affected changes:=[{'at':'2.0','status':'unaffected'}]",
            ">=1.0 <2.0",
        ),
        (
            "a branch",
            "version=6.6 lessThanOrEqual=6.6.* status=affected changes:=[{'at':'6.6.40','status':'unaffected'}]",
            ">=6.6 <6.6.40 , not >=6.6.40 <=6.6.*",
        ),
        (
            "without an end the range is open",
            "version=1.0 status=affected changes:=[{'at':'1.4','status':'unaffected'}]",
            ">=1.0 <1.4 , not >=1.4",
        ),
        (
            "unknown from a version on",
            "version=1.0 lessThan=2.0 status=affected changes:=[{'at':'1.4','status':'unknown'}]",
            ">=1.0 <1.4 , unknown >=1.4 <2.0",
        ),
        (
            "a status that the format does not have is unknown",
            "version=1.0 lessThan=2.0 status=affected changes:=[{'at':'1.4','status':'fixed'}]",
            ">=1.0 <1.4 , unknown >=1.4 <2.0",
        ),
        (
            "whatever was before",
            "version=0 lessThan=2.0 status=unaffected changes:=[{'at':'1.0','status':'AFFECTED'}]",
            "not <1.0 , unknown >=1.0 <2.0",
        ),
        ("zero by another spelling", "version=0.0 lessThan=* status=unaffected", "not *"),
        (
            "commits have no order",
            "version=1da177e4c3f4 lessThan=8f14cc9bf61e versionType=git status=affected \
            changes:=[{'at':'0a1b2c3d4e5f','status':'unaffected'}]",
            "git >=1da177e4c3f4 <8f14cc9bf61e",
        ),
        ("none", "version=1.3 status=affected changes:=[]", "=1.3"),
        ("null", "version=1.3 status=affected changes:=null", "=1.3"),
    ]);
}

#[test]
fn versions_of_something_else() {
    hold_versions(&[
        (
            "commits by their look",
            "version=b9ef7b4b867f lessThan=9da4a56dd377 versionType=custom status=affected",
            "git >=b9ef7b4b867f <9da4a56dd377",
        ),
        ("a distribution's epoch", "version=0:1.2-3.el8 lessThan=* versionType=rpm status=unaffected", "unknown *"),
        ("its release", "version=0 lessThan=1.2-3 versionType=deb status=affected", "unknown *"),
        ("its mark, whatever the type", "version=0 lessThan=1.2-3.el9_4 versionType=custom status=affected", "unknown *"),
        ("and that of another", "version=1.2-3+deb12u1 status=unaffected", "unknown *"),
        ("upstream's versions, called those of packages", "version=16 lessThan=16.7 versionType=rpm status=affected", ">=16 <16.7"),
        ("a release that no type calls one", "version=1.0-3 status=affected", "=1.0-3"),
        (
            "other entries stand",
            "version=1.0 lessThan=1.4 status=affected | version=0:1.2-3.el8 versionType=rpm status=unaffected",
            ">=1.0 <1.4 , unknown *",
        ),
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
            "unknown * / refused at 216: CVE-2024-1000: a version of 257 bytes",
        ),
        (
            "a bound is measured as well, and the others stand",
            "version=1.0 lessThan={257*9} status=affected | version=2.0 status=affected",
            "=2.0 , unknown * / refused at 233: CVE-2024-1000: a version of 257 bytes",
        ),
        (
            "of both kinds",
            "version=1.0 lessThanOrEqual={300*9} status=unaffected",
            "unknown * / refused at 240: CVE-2024-1000: a version of 300 bytes",
        ),
        (
            "a text that is written with escapes has no place of its own",
            "version:='{257*1}\\u0031' status=affected",
            "unknown * / refused at 0: CVE-2024-1000: a version of 258 bytes",
        ),
    ]);
}
