//! The events of a range: the versions from which packages are affected, and from which they are not.

use super::{Row, hold_packages, objects};

/// Rows of the type of a range and the words of its events, joined by ` | `.
fn hold_events(rows: &[Row<'_>]) {
    let rows: Vec<(&str, String, &str)> = rows
        .iter()
        .map(|&(why, text, expected)| {
            let (kind, events) = text.split_once(": ").unwrap_or((text, ""));
            let events = if events.is_empty() { "[]".to_owned() } else { objects(events) };
            (why, format!(r#""ranges":[{{"type":"{kind}","events":{events}}}]"#), expected)
        })
        .collect();
    hold_packages(&rows.iter().map(|(why, fields, expected)| (*why, &**fields, *expected)).collect::<Vec<_>>());
}

#[test]
fn events() {
    hold_events(&[
        ("from and before", "SEMVER: introduced=1.0.0 | fixed=1.4.0", ">=1.0.0 <1.4.0"),
        ("nought is before every version", "SEMVER: introduced=0 | fixed=1.4.0", "<1.4.0"),
        ("only nought itself is", "SEMVER: introduced=0.0.0 | fixed=1.4.0", ">=0.0.0 <1.4.0"),
        ("the last one that is affected", "ECOSYSTEM: introduced=1.0 | last_affected=1.3", ">=1.0 <=1.3"),
        ("never fixed", "ECOSYSTEM: introduced=1.0", ">=1.0"),
        ("every version", "ECOSYSTEM: introduced=0", "*"),
        ("two branches", "SEMVER: introduced=1.0.0 | fixed=1.4.0 | introduced=2.0.0 | fixed=2.2.0", ">=1.0.0 <1.4.0 , >=2.0.0 <2.2.0"),
        ("the second of them is not fixed", "SEMVER: introduced=1.0.0 | fixed=1.4.0 | introduced=2.0.0", ">=1.0.0 <1.4.0 , >=2.0.0"),
        ("commits are marked", "GIT: introduced=0 | fixed=8f14cc9bf61e", "git <8f14cc9bf61e"),
        ("a range of every commit", "GIT: introduced=0", "git *"),
        ("no event says nothing", "SEMVER: ", "none"),
        ("a fix without a beginning: all before it", "SEMVER: fixed=1.4.0", "<1.4.0"),
        ("an event that is none says nothing", "SEMVER: introduced=1.0.0 | other=1.2.0 | fixed=1.4.0", ">=1.0.0 <1.4.0"),
        ("null is no event", "SEMVER: introduced=1.0.0 fixed:=null | introduced:=null fixed=1.4.0", ">=1.0.0 <1.4.0"),
    ]);
}

/// An object of the schema is one event. Where a record has two in one object, both count.
#[test]
fn two_events_in_one_object() {
    hold_events(&[
        ("from and before", "SEMVER: introduced=1.0.0 fixed=1.4.0", ">=1.0.0 <1.4.0"),
        ("in the other order", "SEMVER: fixed=1.4.0 introduced=1.0.0", ">=1.0.0 <1.4.0"),
        ("up to", "ECOSYSTEM: introduced=0 last_affected=1.3", "<=1.3"),
        ("two of them", "SEMVER: introduced=1.0.0 fixed=1.4.0 | introduced=2.0.0 fixed=2.2.0", ">=1.0.0 <1.4.0 , >=2.0.0 <2.2.0"),
        ("commits as well", "GIT: introduced=0 fixed=8f14cc9bf61e", "git <8f14cc9bf61e"),
    ]);
}

/// The schema sorts events before it evaluates them; a range goes on to the first end after its beginning.
#[test]
fn events_out_of_order() {
    hold_events(&[
        ("the fix first", "SEMVER: fixed=1.6.0 | introduced=1.4.0", ">=1.4.0 <1.6.0"),
        (
            "the later branch first",
            "SEMVER: introduced=2.0.0 | fixed=2.2.0 | introduced=1.0.0 | fixed=1.4.0",
            ">=1.0.0 <1.4.0 , >=2.0.0 <2.2.0",
        ),
        ("beginnings first", "SEMVER: introduced=1.0.0 | introduced=2.0.0 | fixed=2.2.0 | fixed=1.4.0", ">=1.0.0 <1.4.0 , >=2.0.0 <2.2.0"),
        ("numbers count as numbers", "SEMVER: introduced=1.9.0 | introduced=1.10.0 | fixed=1.9.5", ">=1.9.0 <1.9.5 , >=1.10.0"),
        ("nought is before every version", "SEMVER: fixed=0.0.0-20240101 | introduced=0", "<0.0.0-20240101"),
        ("a beginning inside of a range begins nothing", "SEMVER: introduced=1.0.0 | introduced=1.2.0 | fixed=1.4.0", ">=1.0.0 <1.4.0"),
        ("a second fix behind the first fixes nothing", "SEMVER: introduced=0 | fixed=1.4.0 | fixed=1.6.0", "<1.4.0"),
        ("the first end counts, of whichever kind", "SEMVER: introduced=1.0.0 | last_affected=1.3.0 | fixed=1.4.0", ">=1.0.0 <=1.3.0"),
        ("an end before the first beginning ends nothing", "SEMVER: fixed=0.9.0 | introduced=1.0.0 | fixed=1.4.0", ">=1.0.0 <1.4.0"),
        ("a version that alone is affected", "SEMVER: last_affected=1.3.0 | introduced=1.3.0", "=1.3.0"),
        (
            "fixed and broken again by one version, as it is written",
            "SEMVER: introduced=0 | fixed=1.4.0 | introduced=1.4.0 | fixed=1.6.0",
            "<1.4.0 , >=1.4.0 <1.6.0",
        ),
        ("commits have no order: they stay as they are written", "GIT: introduced=bbbbbbbb | fixed=aaaaaaaa", "git >=bbbbbbbb <aaaaaaaa"),
    ]);
}

#[test]
fn limits() {
    hold_events(&[
        ("what is not before it is not affected", "SEMVER: introduced=1.0.0 | limit=2.0.0", ">=1.0.0 <2.0.0"),
        ("a fix before it stands", "SEMVER: introduced=1.0.0 | fixed=1.4.0 | limit=2.0.0", ">=1.0.0 <1.4.0"),
        ("a fix behind it is cut", "SEMVER: introduced=1.0.0 | fixed=3.0.0 | limit=2.0.0", ">=1.0.0 <2.0.0"),
        ("the limit itself is outside", "SEMVER: introduced=1.0.0 | last_affected=2.0.0 | limit=2.0.0", ">=1.0.0 <2.0.0"),
        ("a beginning behind it", "SEMVER: introduced=1.0.0 | fixed=1.4.0 | introduced=2.5.0 | limit=2.0.0", ">=1.0.0 <1.4.0"),
        ("the highest of several", "SEMVER: introduced=0 | limit=2.0.0 | limit=10.0.0", "<10.0.0"),
        ("a star is none", "SEMVER: introduced=1.0.0 | limit=2.0.0 | limit=*", ">=1.0.0"),
        ("a limit alone says nothing", "SEMVER: limit=2.0.0", "none"),
        ("of commits it says nothing", "GIT: introduced=0 | limit=8f14cc9bf61e", "git *"),
    ]);
}

#[test]
fn long_versions() {
    hold_events(&[
        ("256 bytes are a version", "SEMVER: introduced=0 | fixed={256*1}", "<11111111..256"),
        (
            "257 are none, and cost the range",
            "SEMVER: introduced=0 | fixed={257*1}",
            "refused at 209: HARBOR-2024-1: a version of 257 bytes",
        ),
        ("of whatever kind", "SEMVER: introduced=0 | limit={257*1}", "refused at 209: HARBOR-2024-1: a version of 257 bytes"),
    ]);
}

#[test]
fn ranges() {
    hold_packages(&[
        (
            "several, in their order",
            "'ranges':[{'type':'SEMVER','events':[{'introduced':'2.0.0'},{'fixed':'2.2.0'}]},{'type':'GIT','events':[{'introduced':'0'}]}]",
            ">=2.0.0 <2.2.0 , git *",
        ),
        ("none", "'ranges':[]", "none"),
        ("a range without events says nothing", "'ranges':[{'type':'SEMVER'}]", "none"),
        ("a type that is not known compares as versions do", "'ranges':[{'type':'CALVER','events':[{'introduced':'2024.1'}]}]", ">=2024.1"),
    ]);
}
