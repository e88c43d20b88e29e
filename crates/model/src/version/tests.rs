use super::*;
use proptest::prelude::*;

fn versions() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "0", "1", "2", "10", "007", ".", ".", "-", "~", "^", "+", "rc", "alpha", "a", "b", "p", "patch", "k", "git", "é", "_", "v",
        ]),
        0..8,
    )
    .prop_map(|parts| parts.concat())
}

#[test]
fn a_chain_of_versions_is_in_order() {
    let chain = [
        "1.0~~",
        "1.0~",
        "1.0~git20240501",
        "1.0~20240501",
        "1.0-dev",
        "1.0-alpha",
        "1.0a2",
        "1.0-beta2",
        "1.0b3",
        "1.0pre1",
        "1.0-rc1",
        "1.0~rc2~git20240501",
        "1.0rc2",
        "1.0~rc3",
        "1.0",
        "1.0^20240501git0123abc",
        "1.0^20240601git0123abc",
        "1.0k",
        "1.0p1",
        "1.0p2",
        "1.0.1-rc1",
        "1.0.1",
        "1.0.1.1",
        "1.1",
        "1.1.1",
        "1.1.1a",
        "1.1.1k",
        "1.1.1w",
        "1.2",
        "1.10",
        "9.8",
        "9.8p1",
        "2023d",
        "2024a",
        "202402",
        "20240524git3e722403cd16",
        "202406",
    ];
    for (i, a) in chain.iter().enumerate() {
        for b in &chain[i + 1..] {
            assert!(UpstreamVersion::new(a) < UpstreamVersion::new(b), "{a} < {b}");
        }
    }
}

#[test]
fn what_does_not_order_is_equal() {
    for (a, b) in [
        ("1", "1.0.0"),
        ("v2.4", "2.4"),
        ("1.0.0-rc1", "1.0rc1"),
        ("1.2+build5", "1.2"),
        ("release-3.1", "3.1"),
        ("1.01", "1.1"),
        ("1_2_3", "1.2.3"),
        ("1.0RC1", "1.0rc1"),
        ("20240101", "2024-01-01"),
        ("202401", "2024-01"),
        ("20240101git3e722403", "2024.1.1git3e722403"),
        ("3.14.0~b3", "3.14.0b3"),
        ("3.14.0~a1", "3.14.0-alpha1"),
        ("3.14.0~c1", "3.14.0rc1"),
        ("1.31.0~rc2", "1.31.0-rc.2"),
        ("8.3.0~RC1", "8.3.0rc1"),
        ("1.6~rc1", "1.6_rc1"),
        ("1.9.5-patch2", "1.9.5p2"),
        ("4.2.8-patchlevel18", "4.2.8p18"),
        ("7.0-update_3", "7u3"),
    ] {
        assert_eq!(UpstreamVersion::new(a), UpstreamVersion::new(b), "{a} = {b}");
    }
}

#[test]
fn a_scheme_is_told_by_the_text() {
    for (text, scheme) in [
        ("1.2.3", Scheme::Numbered),
        ("9.0.2190", Scheme::Numbered),
        ("590", Scheme::Numbered),
        ("0.15.1b", Scheme::Numbered),
        ("v2024.02.02", Scheme::Calendar),
        ("2016-10-01", Scheme::Calendar),
        ("20240524git3e722403cd16", Scheme::Calendar),
        ("2024a", Scheme::Calendar),
        ("r938", Scheme::Revision),
        ("rc1", Scheme::Numbered),
        ("cb634d40c7b9bbf33fa5198d2e27fdab4c0bf143", Scheme::Commit),
    ] {
        assert_eq!(Scheme::of(text), scheme, "{text}");
    }
    let range = VersionRange { start: Bound::Unbounded, end: Bound::Including("2016-10-01") };
    assert!(!range.is_comparable(&UpstreamVersion::new("0.9.0")));
    assert!(range.is_comparable(&UpstreamVersion::new("20150112")));
}

#[test]
fn an_end_with_a_star_is_a_whole_branch() {
    let range = |start, end| VersionRange { start, end };
    for (range, version, contained) in [
        (range(Bound::Unbounded, Bound::Including("5.10.*")), "5.10.230", true),
        (range(Bound::Unbounded, Bound::Including("5.10.*")), "4.4", true),
        (range(Bound::Unbounded, Bound::Including("5.10.*")), "5.11", false),
        (range(Bound::Unbounded, Bound::Including("5.1.*")), "5.10", false),
        (range(Bound::Including("5.10.20"), Bound::Including("5.10.*")), "5.10.19", false),
        (range(Bound::Including("5.10.20"), Bound::Including("5.10.*")), "5.10.20", true),
        (VersionRange::only("2.*"), "2.7.1", true),
        (VersionRange::only("2.*"), "3.0", false),
        (range(Bound::Unbounded, Bound::Excluding("5.10.*")), "5.10.1", false),
    ] {
        assert_eq!(range.contains(&UpstreamVersion::new(version)), contained, "{version} in {range}");
    }
}

#[test]
fn an_update_belongs_to_its_version() {
    let rows = [
        ("8.7p1", "8.7", true),
        ("7.0p1", "7", true),
        ("1.9.5-patch2", "1.9.5", true),
        ("10.2 SP1", "10.2", true),
        ("7u3", "7", true),
        ("1.6~rc1", "1.6", true),
        ("3.14.0b3", "3.14", true),
        ("8.7", "8.7", false),
        ("8.7p2", "8.7p1", false),
        ("8.8p1", "8.7", false),
        ("1.1.1k", "1.1.1", false),
        ("1.0p", "1.0", false),
        ("1.0git3", "1.0", false),
        ("1.0^20240501", "1.0", false),
        ("1.0.1", "1.0", false),
    ];
    for (version, base, expected) in rows {
        assert_eq!(UpstreamVersion::new(version).is_update_of(base), expected, "{version} of {base}");
    }
}

#[test]
fn a_patch_level_may_be_a_number() {
    let rows = [
        ("5.2.21", "5.2-patch21", true),
        ("8.0.402", "8.0-update402", true),
        ("5.2.21", "5.2p21", true),
        // A nought of the version is no patch level.
        ("9.1", "9.0p1", false),
        ("9.0.1", "9.0p1", true),
        ("5.2.22", "5.2-patch21", false),
        ("5.2.1", "5.2rc1", false),
        ("5.2", "5.2", false),
    ];
    for (version, update, expected) in rows {
        assert_eq!(UpstreamVersion::new(version).is_same_patch_level(update), expected, "{version} and {update}");
    }
}

#[test]
fn bounds_have_the_updates_of_their_versions() {
    let range = |start, end| VersionRange { start, end };
    for (range, version, upstream, plain) in [
        (range(Bound::Unbounded, Bound::Including("8.7")), "8.7p1", true, false),
        (range(Bound::Unbounded, Bound::Including("8.7")), "8.8p1", false, false),
        (range(Bound::Unbounded, Bound::Including("8.7p1")), "8.7p2", false, false),
        (range(Bound::Unbounded, Bound::Excluding("8.7")), "8.7p1", false, false),
        (range(Bound::Including("8.7"), Bound::Unbounded), "8.7p1", true, true),
        (range(Bound::Excluding("8.7"), Bound::Unbounded), "8.7p1", false, true),
        (range(Bound::Excluding("8.7p1"), Bound::Unbounded), "8.7p2", true, true),
        (VersionRange::only("8.7"), "8.7p1", true, false),
        (range(Bound::Unbounded, Bound::Including("1.1.1")), "1.1.1k", false, false),
        (range(Bound::Unbounded, Bound::Including("1.2")), "1.2^20240501git0123abc", false, false),
        (range(Bound::Unbounded, Bound::Excluding("1.2.1")), "1.2^20240501git0123abc", true, true),
    ] {
        for (order, expected) in [(Order::Upstream, upstream), (Order::Plain, plain)] {
            assert_eq!(range.contains(&UpstreamVersion::in_order(order, version)), expected, "{version} in {range}, {order:?}");
        }
    }
}

/// The chain of Semantic Versioning 2.0.0 (11.4), and versions as the registries of ecosystems have them.
#[test]
fn semantic_versions_are_in_their_order() {
    let chain = [
        "v0.0.0-20201216223049-8b5274cf687f",
        "0.0.0-20220314234659-1baeb1ce4c0b",
        "0.0.0",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.2.4-0.20220314234659-1baeb1ce4c0b",
        "1.2.4",
        "15.0.0-canary.2",
        "15.0.0-canary.10",
        "15.0.0-p1",
        "15.0.0",
        "15.10.0",
        "20.10.7+incompatible",
        "20.10.9",
    ];
    for (i, a) in chain.iter().enumerate() {
        for b in &chain[i + 1..] {
            let semantic = |text| UpstreamVersion::in_order(Order::SemVer, text);
            assert!(semantic(a) < semantic(b), "{a} < {b}");
        }
    }
    let semantic = |text| UpstreamVersion::in_order(Order::SemVer, text);
    assert_eq!(semantic("v1.2.0"), semantic("1.2"));
    assert!(semantic("1.0.0.Final") > semantic("1.0.0"), "no semantic version: by upstream's order");
}

#[test]
fn what_is_no_version_is_no_bound() {
    let rows = [
        ("9.4.53", true),
        ("9.4.53 ", true),
        ("1.3.0 rc17", true),
        ("5.10.*", true),
        ("1:2.3", false),
        ("0)", false),
        ("9.4.53,10.0.16", false),
        ("9.4.53 10.0.16", false),
        ("12.1.x", false),
        ("12.X", false),
        ("<12", false),
        ("*-2.2.85a", false),
        ("47.0(20-11-2023)", false),
        ("unspecified", false),
        ("", false),
    ];
    let version = UpstreamVersion::new("9.4.1");
    for (bound, expected) in rows {
        for range in [
            VersionRange { start: Bound::Unbounded, end: Bound::Including(bound) },
            VersionRange { start: Bound::Excluding(bound), end: Bound::Unbounded },
        ] {
            assert_eq!(range.is_comparable(&version), expected, "{range}");
        }
    }
}

#[test]
fn go_marks_the_lowest_pre_release_by_a_zero() {
    assert!(UpstreamVersion::new("1.22.0-0") < UpstreamVersion::new("1.22.0-rc1"));
    assert!(UpstreamVersion::new("0.7-20") > UpstreamVersion::new("0.7"));
}

proptest! {
    #[test]
    fn order_is_total(
        a in versions(), b in versions(), c in versions(),
        order in prop::sample::select(vec![Order::Upstream, Order::SemVer]),
    ) {
        let version = |text| UpstreamVersion::in_order(order, text);
        let (a, b, c) = (version(&a), version(&b), version(&c));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&a), Ordering::Equal);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn any_text_has_a_place(text in "\\PC{0,60}") {
        let v = UpstreamVersion::new(&text);
        prop_assert_eq!(v.cmp(&v), Ordering::Equal);
        let _ = (v.series(2), v.is_numeric(), v.is_update_of(&text), v.is_same_patch_level(&text));
        let range = VersionRange { start: Bound::Unbounded, end: Bound::Including(&text) };
        let _ = (range.is_comparable(&v), range.contains(&UpstreamVersion::in_order(Order::SemVer, &text)));
    }
}
