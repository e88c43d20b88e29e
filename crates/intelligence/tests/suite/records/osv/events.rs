//! The events of a range: where versions begin and cease to be affected.

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
