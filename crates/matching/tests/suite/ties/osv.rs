//! Components by the records of OSV: versions in the order of the ecosystem, and records that were withdrawn.

use super::hold_ties;

/// Versions of a component in the order of its ecosystem, which the schema of OSV names: for Go, npm and crates.io that of semantic
/// versions.
#[test]
fn versions_of_a_component() {
    hold_ties(&[
        (
            "every word behind a dash is a pre-release",
            &["osv: npm/rope >=0 <15.0.0"],
            &["ferry 9-1 has:npm/rope=15.0.0-canary.3"],
            "ferry 1000 affected by identity",
        ),
        (
            "before a range that begins with the release",
            &["osv: npm/rope >=15.0.0 <15.0.2"],
            &["ferry 9-1 has:npm/rope=15.0.0-canary.3"],
            "nothing",
        ),
        (
            "a pseudo-version of Go leads to the version that it names",
            &["osv: Go/github.com/harbor/rope >=0 <1.2.4"],
            &["ferry 9-1 has:golang/github.com/harbor/rope=v1.2.4-0.20220314234659-1baeb1ce4c0b"],
            "ferry 1000 affected by identity",
        ),
        (
            "and follows the one before",
            &["osv: Go/github.com/harbor/rope >=0 <1.2.3"],
            &["ferry 9-1 has:golang/github.com/harbor/rope=v1.2.4-0.20220314234659-1baeb1ce4c0b"],
            "nothing",
        ),
        (
            "two of them are in the order of their times",
            &["osv: Go/golang.org/x/rope >=0 <0.0.0-20220314234659-1baeb1ce4c0b"],
            &["ferry 9-1 has:golang/golang.org/x/rope=v0.0.0-20201216223049-8b5274cf687f"],
            "ferry 1000 affected by identity",
        ),
        (
            "an incompatible version is its number",
            &["osv: Go/github.com/harbor/rope >=0 <20.10.9+incompatible"],
            &["ferry 9-1 has:golang/github.com/harbor/rope=v20.10.9+incompatible"],
            "nothing",
        ),
        (
            "in another ecosystem a version is itself alone, without the updates that it may have upstream",
            &["osv: RubyGems/rope =1.2"],
            &["ferry 9-1 has:gem/rope=1.2.p3"],
            "nothing",
        ),
    ]);
}

/// A withdrawn record of OSV decides nothing and closes nothing.
#[test]
fn withdrawn_records() {
    hold_ties(&[
        ("alone", &["osv rejected: npm/rope >=0 <2"], &["ferry 9-1 has:npm/rope=1.2"], "nothing"),
        (
            "a duplicate of one that stands",
            &["osv rejected: npm/rope >=0 <2", "osv: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "whichever comes first",
            &["osv: npm/rope >=0 <2", "osv rejected: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "beside one that rules the version out",
            &["osv: npm/rope >=0 <1.2", "osv rejected: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope=1.2"],
            "nothing",
        ),
        (
            "of a CVE that another source knows",
            &["osv rejected: npm/rope >=0 <2", "nvd: a:ferry:ferry <10"],
            &["ferry 9-1 has:npm/rope=1.2"],
            "ferry 1000 affected by name",
        ),
    ]);
}
