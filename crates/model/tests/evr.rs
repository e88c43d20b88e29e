//! RPM's version comparison: a table of facts, the order of the keys, and agreement with the `rpm` program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cmp::Ordering;
use std::process::Command;

use proptest::prelude::*;
use seaworthy_model::{Evr, Nevra, compare_evr, compare_rpm_segments};

/// Pairs and their order (-1, 0, 1), as rpm's own test of `rpmvercmp` (tests/rpmvercmp.at) states the rules.
const TABLE: &[(&str, &str, i8)] = &[
    // Numbers.
    ("1.0", "1.0", 0),
    ("1.0", "2.0", -1),
    ("2.0", "1.0", 1),
    ("2.0.1", "2.0.1", 0),
    ("2.0", "2.0.1", -1),
    ("2.0.1", "2.0", 1),
    ("10", "9", 1),
    ("1.0010", "1.9", 1),
    ("1.05", "1.5", 0),
    ("1.0", "1", 1),
    ("2.50", "2.5", 1),
    ("0.0.0", "0", 1),
    ("20101121", "20101121", 0),
    ("20101121", "20101122", -1),
    ("99999999999999999999", "100000000000000000000", -1),
    // Letters after numbers, numbers above letters.
    ("2.0.1a", "2.0.1a", 0),
    ("2.0.1a", "2.0.1", 1),
    ("2.0.1", "2.0.1a", -1),
    ("5.5p1", "5.5p1", 0),
    ("5.5p1", "5.5p2", -1),
    ("5.5p10", "5.5p1", 1),
    ("5.5p1", "5.5p10", -1),
    ("10xyz", "10.1xyz", -1),
    ("10.1xyz", "10xyz", 1),
    ("xyz10", "xyz10", 0),
    ("xyz10", "xyz10.1", -1),
    ("xyz.4", "xyz.4", 0),
    ("xyz.4", "8", -1),
    ("8", "xyz.4", 1),
    ("xyz.4", "2", -1),
    ("5.5p2", "5.6p1", -1),
    ("5.6p1", "6.5p1", -1),
    ("6.0.rc1", "6.0", 1),
    ("6.0", "6.0.rc1", -1),
    ("10b2", "10a1", 1),
    ("10a2", "10b2", -1),
    ("1.0aa", "1.0aa", 0),
    ("1.0a", "1.0aa", -1),
    ("1.0aa", "1.0a", 1),
    ("A", "a", -1),
    // Separators only divide.
    ("2_0", "2_0", 0),
    ("2.0", "2_0", 0),
    ("2_0", "2.0", 0),
    ("a+", "a_", 0),
    ("a", "a+", 0),
    ("+a", "+_", 1),
    ("+", "_", 0),
    ("1..0", "1.0", 0),
    // A tilde sorts before everything, the end included.
    ("1.0~rc1", "1.0~rc1", 0),
    ("1.0~rc1", "1.0", -1),
    ("1.0", "1.0~rc1", 1),
    ("1.0~rc1", "1.0~rc2", -1),
    ("1.0~rc1~git123", "1.0~rc1~git123", 0),
    ("1.0~rc1~git123", "1.0~rc1", -1),
    ("1.0~~", "1.0~", -1),
    // A caret sorts after the end and before anything longer.
    ("1.0^", "1.0^", 0),
    ("1.0^", "1.0", 1),
    ("1.0", "1.0^", -1),
    ("1.0^git1", "1.0^git1", 0),
    ("1.0^git1", "1.0", 1),
    ("1.0^git1", "1.0^git2", -1),
    ("1.0^git1", "1.01", -1),
    ("1.01", "1.0^git1", 1),
    ("1.0^20160101", "1.0.1", -1),
    ("1.0.1", "1.0^20160101", 1),
    ("1.0^20160101^git1", "1.0^20160102", -1),
    ("1.0^20160102", "1.0^20160101^git1", 1),
    // Both.
    ("1.0~rc1^git1", "1.0~rc1", 1),
    ("1.0~rc1^git1", "1.0~rc1^git1", 0),
    ("1.0^git1~pre", "1.0^git1", -1),
    ("1.0^git1", "1.0^git1~pre", 1),
    // What packages really carry.
    ("1.3.1+git20240101", "1.3.1", 1),
    ("9p1", "9.1p1", -1),
    ("2.5.STABLE9", "2.5.STABLE11", -1),
    ("1.1.1k", "1.1.1l", -1),
    ("1.0.rc15", "1.0.rc9", 1),
];

fn order(sign: i8) -> Ordering {
    sign.cmp(&0)
}

#[test]
fn the_table() {
    for &(a, b, expected) in TABLE {
        assert_eq!(compare_rpm_segments(a, b), order(expected), "{a} {b}");
        assert_eq!(compare_rpm_segments(b, a), order(-expected), "{b} {a}");
        let (x, y) = (Evr::new(0, a, "1"), Evr::new(0, b, "1"));
        assert_eq!(x.sort_key().cmp(&y.sort_key()), order(expected), "keys of {a} {b}");
    }
}

#[test]
fn epochs_and_releases() {
    let order = |a: &str, b: &str| compare_evr(&a.parse().unwrap(), &b.parse().unwrap());
    assert_eq!(order("1:1.0-1", "2.0-1"), Ordering::Greater);
    assert_eq!(order("0:1.0-1", "1.0-1"), Ordering::Equal);
    assert_eq!(order("1:1.0-1", "2:0.1-1"), Ordering::Less);
    assert_eq!(order("1.0-2", "1.0-10"), Ordering::Less);
    assert_eq!(order("1.0-2.azl3", "1.0-2"), Ordering::Greater);
    assert_eq!(order("1.0-1~rc1", "1.0-1"), Ordering::Less);
    assert_eq!(order("1.0", "1.0-7"), Ordering::Equal, "a release that one side lacks is not compared");
    assert_eq!(order("1.0", "1.1-7"), Ordering::Less);
    for bad in ["", "-1", "a:1-1", "1-", "1-2-3", "1 2", "1:2:3", "4294967296:1-1", "-1:1-1"] {
        assert!(bad.parse::<Evr>().is_err(), "{bad:?}");
    }
    let key = |text: &str| text.parse::<Evr>().unwrap().sort_key();
    assert!(key("9:1-1") < key("10:1-1") && key("1.0") < key("1.0-1"));
}

#[test]
fn agrees_with_rpm_on_the_table() {
    seaworthy_testing::needs!(RPM);
    let pairs: Vec<(String, String)> = TABLE.iter().map(|&(a, b, _)| (a.to_owned(), b.to_owned())).collect();
    let theirs = ask_rpm(&pairs);
    for (&(a, b, expected), found) in TABLE.iter().zip(theirs) {
        assert_eq!(order(expected), found, "{a} {b}");
    }
}

/// The order of each pair by `rpm`, from one call.
fn ask_rpm(pairs: &[(String, String)]) -> Vec<Ordering> {
    // The texts are of a small alphabet without quotes, backslashes and percent signs, so they can stand in a macro.
    let calls: String = pairs.iter().map(|(a, b)| format!("print(rpm.vercmp('{a}','{b}')..' ')\n")).collect();
    let out = Command::new("rpm").arg("--eval").arg(format!("%{{lua:{calls}}}")).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let found: Vec<Ordering> = text.split_whitespace().filter_map(|w| w.parse::<i8>().ok()).map(order).collect();
    assert_eq!(found.len(), pairs.len(), "{}{}", text, String::from_utf8_lossy(&out.stderr));
    found
}

/// Versions that are made of the pieces whose order differs between rules.
fn version() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[0-9]{1,3}",
        2 => "[a-zA-Z]{1,2}",
        4 => Just(".".to_owned()),
        1 => Just("_".to_owned()),
        1 => Just("+".to_owned()),
        2 => Just("~".to_owned()),
        2 => Just("^".to_owned()),
        1 => Just("0".to_owned()),
    ];
    prop::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat())
}

fn evr() -> impl Strategy<Value = Evr> {
    (0u32..12, version(), version()).prop_map(|(epoch, version, release)| Evr::new(epoch, version, release))
}

proptest! {
    // Each case is one run of rpm with many pairs.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn agrees_with_rpm(pairs in prop::collection::vec((version(), version()), 300)) {
        if !seaworthy_testing::available(&[seaworthy_testing::RPM]) {
            return Ok(());
        }
        for ((a, b), found) in pairs.iter().zip(ask_rpm(&pairs)) {
            prop_assert_eq!(compare_rpm_segments(a, b), found, "{} {}", a, b);
        }
    }
}

proptest! {
    #[test]
    fn keys_order_as_versions_do(a in evr(), b in evr(), c in evr()) {
        prop_assert_eq!(a.sort_key().cmp(&b.sort_key()), compare_evr(&a, &b), "{} {}", a, b);
        prop_assert_eq!(compare_evr(&a, &b), compare_evr(&b, &a).reverse());
        prop_assert_eq!(compare_evr(&a, &a), Ordering::Equal);
        // Transitive: of three, sorted by comparison, the ends are in order too.
        let mut all = [&a, &b, &c];
        all.sort_by_key(|e| e.sort_key());
        prop_assert!(compare_evr(all[0], all[1]).is_le() && compare_evr(all[1], all[2]).is_le() && compare_evr(all[0], all[2]).is_le());
    }

    #[test]
    fn prints_and_parses(epoch in 0u32..5, version in "[0-9a-z.~^+_]{1,12}", release in "[0-9a-z.~^+_]{1,8}", name in "[a-z][a-z0-9+-]{0,8}[a-z]") {
        let evr = Evr::new(epoch, version, release);
        prop_assert_eq!(&evr.to_string().parse::<Evr>().unwrap(), &evr);
        let nevra = Nevra { name, evr, arch: "x86_64".to_owned() };
        prop_assert_eq!(&nevra.to_string().parse::<Nevra>().unwrap(), &nevra);
    }

    #[test]
    fn no_panic_on_any_text(a in "[0-9a-z.~^é+\\PC]{1,6}(-[0-9a-z.~^é+\\PC]{1,5})?", b in "[0-9a-z.~^é+\\PC]{1,6}(-[0-9a-z.~^é+\\PC]{1,5})?") {
        let _ = a.parse::<Nevra>();
        if let (Ok(a), Ok(b)) = (a.parse::<Evr>(), b.parse::<Evr>()) {
            prop_assert_eq!(compare_evr(&a, &b), compare_evr(&b, &a).reverse());
            if !a.release.is_empty() && !b.release.is_empty() {
                prop_assert_eq!(a.sort_key().cmp(&b.sort_key()), compare_evr(&a, &b));
            }
        }
        let _ = compare_rpm_segments(&a, &b);
    }
}

#[test]
fn the_log_keeps_every_text_and_only_what_a_package_can_have_is_compared() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Row {
        #[serde(with = "seaworthy_model::evr::in_log_or_none")]
        version: Option<Evr>,
    }
    // The text in the log, how it is shown and written again, and whether a package can have it.
    let rows = [
        ("8.8.0-2", "8.8.0-2", Some(true)),
        ("5:1.63-2.azl3", "5:1.63-2.azl3", Some(true)),
        // RPM prints no epoch of 0, and old logs did.
        ("0:8.8.0-2", "8.8.0-2", Some(true)),
        ("8.8.0", "8.8.0", Some(true)),
        ("1.0 beta", "1.0 beta", Some(false)),
        ("a:b", "a:b", Some(false)),
        ("1-2-3", "1-2-3", Some(false)),
        ("", "none", None),
    ];
    for (text, shown, plain) in rows {
        let row: Row = serde_json::from_value(serde_json::json!({ "version": text })).unwrap();
        assert_eq!(seaworthy_model::evr::Shown(row.version.as_ref()).to_string(), shown, "{text:?}");
        assert_eq!(row.version.as_ref().map(Evr::is_plain), plain, "{text:?}");
        let written = serde_json::to_value(&row).unwrap();
        assert_eq!(written["version"], if plain.is_some() { shown } else { "" }, "{text:?}");
        assert_eq!(serde_json::from_value::<Row>(written).unwrap(), row, "{text:?}");
    }
}
