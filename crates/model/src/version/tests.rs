use super::*;
use proptest::prelude::*;

fn versions() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "0", "1", "2", "10", "007", ".", ".", "-", "~", "+", "rc", "alpha", "a", "b", "p", "k", "git", "é", "_", "v",
        ]),
        0..8,
    )
    .prop_map(|parts| parts.concat())
}

#[test]
fn a_chain_of_versions_is_in_order() {
    let chain = [
        "1.0~~",
        "1.0~rc1",
        "1.0-dev",
        "1.0-alpha",
        "1.0a2",
        "1.0-beta2",
        "1.0b3",
        "1.0pre1",
        "1.0-rc1",
        "1.0rc2",
        "1.0",
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
fn go_marks_the_lowest_pre_release_by_a_zero() {
    assert!(UpstreamVersion::new("1.22.0-0") < UpstreamVersion::new("1.22.0-rc1"));
    assert!(UpstreamVersion::new("0.7-20") > UpstreamVersion::new("0.7"));
}

proptest! {
    #[test]
    fn order_is_total(a in versions(), b in versions(), c in versions()) {
        let (a, b, c) = (UpstreamVersion::new(&a), UpstreamVersion::new(&b), UpstreamVersion::new(&c));
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
        let _ = (v.series(2), v.is_numeric());
    }
}
