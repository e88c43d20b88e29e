//! Ties by a component that the package states.

use super::hold_ties;

#[test]
fn by_a_component() {
    hold_ties(&[
        ("a package URL in a known version", &["osv: npm/rope >=0 <2"], &["ferry 9-1 has:npm/rope=1.2"], "ferry 1000 affected by identity"),
        (
            "it is the component's version that is judged, not the package's",
            &["osv: npm/rope >=0 <2"],
            &["ferry 1-1 has:npm/rope=2.0"],
            "nothing",
        ),
        (
            "a component of unknown version is suspected",
            &["osv: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope"],
            "ferry 1000 suspected by identity",
        ),
        (
            "and not held against records of more than two years ago",
            &["osv @2022-05-01: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope"],
            "nothing",
        ),
        (
            "a known version is, however old the record",
            &["osv @2012-05-01: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        ("the same name of another ecosystem is another thing", &["osv: PyPI/rope >=0 <2"], &["ferry 9-1 has:npm/rope=1.2"], "nothing"),
        (
            "names of ecosystems have no case",
            &["osv: PyPI/Rope >=0 <2"],
            &["ferry 9-1 has:pypi/rOpe=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "a name of PyPI is normal by PEP 503, on both sides",
            &["osv: PyPI/Acme_Rope.yaml >=0 <2"],
            &["ferry 9-1 has:pypi/acme.rope-yaml=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "so is one with several signs in a row",
            &["osv: PyPI/acme-rope >=0 <2"],
            &["ferry 9-1 has:pypi/Acme..Rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        ("a name of npm has its dots", &["osv: npm/acme-rope >=0 <2"], &["ferry 9-1 has:npm/acme.rope=1.2"], "nothing"),
        ("a scope is part of the name", &["osv: npm/@harbor/rope >=0 <2"], &["ferry 9-1 has:npm/rope=1.2"], "nothing"),
        (
            "a Maven group is too",
            &["osv: Maven/org.harbor:rope >=0 <2"],
            &["ferry 9-1 has:maven/org.harbor/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "the v of a Go version is none of it",
            &["osv: Go/github.com/harbor/rope >=0 <1.3"],
            &["ferry 9-1 has:golang/github.com/harbor/rope=v1.2.0"],
            "ferry 1000 affected by identity",
        ),
        (
            "two versions of one component are two things: the worse stands",
            &["osv: npm/rope >=0 <2"],
            &["ferry 9-1 has:npm/rope=2.1 has:npm/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "a CPE name that is stated",
            &["nvd: a:acme:rope <2"],
            &["ferry 9-1 has:generic/x=1.2 cpe:cpe:2.3:a:acme:rope:1.2:*:*:*:*:*:*:*"],
            "ferry 1000 affected by identity",
        ),
        (
            "the case of a CPE name does not count",
            &["nvd: a:acme:rope <2"],
            &["ferry 9-1 has:generic/x=1.2 cpe:cpe:2.3:a:Acme:Rope:1.2:*:*:*:*:*:*:*"],
            "ferry 1000 affected by identity",
        ),
        (
            "an old CPE name is one too",
            &["nvd: a:acme:rope <2"],
            &["ferry 9-1 has:generic/x=1.2 cpe:cpe:/a:acme:rope:1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "the part * of a CPE name is any",
            &["nvd: a:acme:rope <2"],
            &["ferry 9-1 has:generic/x=1.2 cpe:cpe:2.3:*:acme:rope:1.2:*:*:*:*:*:*:*"],
            "ferry 1000 affected by identity",
        ),
        ("a CPE name that is none costs itself", &["nvd: a:acme:rope <2"], &["ferry 9-1 has:generic/x=1.2 cpe:acme-rope"], "nothing"),
        (
            "a bundled library is the project of its own name",
            &["nvd: a:rope:rope <2"],
            &["ferry 9-1 has:generic/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "or of NVD's word for it",
            &["nvd: a:rope_project:rope <2"],
            &["ferry 9-1 has:generic/rope=1.2"],
            "ferry 1000 affected by identity",
        ),
        ("and nobody else's of that name", &["nvd: a:acme:rope <2"], &["ferry 9-1 has:generic/rope=1.2"], "nothing"),
        ("its case does not count", &["nvd: a:rope:rope <2"], &["ferry 9-1 has:generic/Rope=1.2"], "ferry 1000 affected by identity"),
        (
            "a library of an ecosystem is not the C library of that name",
            &["nvd: a:rope:rope <2"],
            &["ferry 9-1 has:pypi/rope=1.2"],
            "nothing",
        ),
        (
            "a Go module is what the records of its repository are about",
            &["nvd 1000: a:acme:rope <2 -> https://github.com/harbor/rope", "nvd 1001: a:acme:rope <1.2 -> https://github.com/harbor/rope"],
            &["ferry 9-1 has:golang/github.com/harbor/rope/v2/knot=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "one such record is not enough",
            &["nvd: a:acme:rope <2 -> https://github.com/harbor/rope"],
            &["ferry 9-1 has:golang/github.com/harbor/rope=1.2"],
            "nothing",
        ),
        (
            "nor are two of five",
            &[
                "nvd 1000: a:acme:rope <2 -> https://github.com/harbor/rope",
                "nvd 1001: a:acme:rope <2 -> https://github.com/harbor/rope",
                "nvd 1002: a:acme:p1 <2 -> https://github.com/harbor/rope",
                "nvd 1003: a:acme:p2 <2 -> https://github.com/harbor/rope",
                "nvd 1004: a:acme:p3 <2 -> https://github.com/harbor/rope",
            ],
            &["ferry 9-1 has:golang/github.com/harbor/rope=1.2"],
            "nothing",
        ),
        (
            "golang.org/x lives on GitHub",
            &[
                "nvd 1000: a:golang:net <2 -> https://github.com/golang/net/issues/1",
                "nvd 1001: a:golang:net <1.2 -> https://github.com/golang/net/issues/2",
            ],
            &["ferry 9-1 has:golang/golang.org/x/net=1.2"],
            "ferry 1000 affected by identity",
        ),
        (
            "what the package is and what it contains are judged by their own versions: the worse stands",
            &["nvd: a:ferry:ferry <2"],
            &["ferry 9-1 has:generic/ferry=1.2"],
            "ferry 1000 affected by identity",
        ),
    ]);
}
