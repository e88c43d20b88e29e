//! Ecosystems and the names of their packages.

use super::{Row, hold_records, object, read, record};
use crate::records::{hold, show};

/// Rows of the words of a package.
fn hold_names(rows: &[Row<'_>]) {
    hold(rows, |words| {
        let line = read(show::affected, &record(&format!("\"affected\":[{{\"package\":{}}}]", object(words))));
        line.strip_suffix(" default=unaffected").map_or(line.clone(), str::to_owned)
    });
}

#[test]
fn ecosystems() {
    hold_names(&[
        ("Go", "ecosystem=Go name=golang.org/x/net", "purl:golang/golang.org/x/net"),
        ("npm", "ecosystem=npm name=@acme/ferry", "purl:npm/@acme/ferry"),
        ("PyPI", "ecosystem=PyPI name=ferry", "purl:pypi/ferry"),
        ("crates.io", "ecosystem=crates.io name=ferry", "purl:cargo/ferry"),
        ("RubyGems", "ecosystem=RubyGems name=ferry", "purl:gem/ferry"),
        ("Maven, whose group and name are parts of a package URL", "ecosystem=Maven name=org.acme:ferry", "purl:maven/org.acme/ferry"),
        ("Packagist", "ecosystem=Packagist name=acme/ferry", "purl:composer/acme/ferry"),
        ("NuGet", "ecosystem=NuGet name=Acme.Ferry", "purl:nuget/acme.ferry"),
        ("CRAN", "ecosystem=CRAN name=ferry", "purl:cran/ferry"),
        ("Hackage", "ecosystem=Hackage name=ferry", "purl:hackage/ferry"),
        ("Hex", "ecosystem=Hex name=ferry", "purl:hex/ferry"),
        ("Pub", "ecosystem=Pub name=ferry", "purl:pub/ferry"),
        (
            "Swift, whose names are addresses",
            "ecosystem=SwiftURL name=https://github.com/acme/ferry.git",
            "purl:swift/github.com/acme/ferry",
        ),
        ("Conan", "ecosystem=ConanCenter name=ferry", "purl:conan/ferry"),
        ("Bioconductor", "ecosystem=Bioconductor name=ferry", "purl:bioconductor/ferry"),
        ("opam", "ecosystem=opam name=ferry", "purl:opam/ferry"),
        ("Julia", "ecosystem=Julia name=Ferry", "purl:julia/ferry"),
        (
            "what stands behind a colon is a part of it",
            "ecosystem=Maven:https://repo.acme.example.org name=org.acme:ferry",
            "purl:maven/org.acme/ferry",
        ),
        ("a distribution speaks of its own builds", "ecosystem=Debian:12 name=ferry", "none"),
        ("another one as well", "ecosystem=Alpine:v3.19 name=ferry", "none"),
        (
            "case counts: so the schema has it, and what is not judged is said",
            "ecosystem=pypi name=ferry",
            "none / refused at 121: HARBOR-2024-1: packages of \"pypi\" are not judged",
        ),
        (
            "an ecosystem of no packages of ours",
            "ecosystem=OSS-Fuzz name=ferry",
            "none / refused at 121: HARBOR-2024-1: packages of \"OSS-Fuzz\" are not judged",
        ),
        ("an ecosystem without a name", "ecosystem= name=ferry", "none / refused at 121: HARBOR-2024-1: packages of \"\" are not judged"),
    ]);
}

#[test]
fn an_ecosystem_with_a_space() {
    let actions = r#"{"ecosystem":"GitHub Actions","name":"acme/ferry"}"#;
    let line = read(show::affected, &record(&format!("\"affected\":[{{\"package\":{actions}}}]")));
    assert_eq!(line, "purl:githubactions/acme/ferry default=unaffected");
}

#[test]
fn packages() {
    hold_names(&[
        ("case does not count in names", "ecosystem=PyPI name=Ferry", "purl:pypi/ferry"),
        ("a name of PyPI is normal by PEP 503", "ecosystem=PyPI name=Acme_ferry.boat", "purl:pypi/acme-ferry-boat"),
        ("a name of another ecosystem has its dots", "ecosystem=NuGet name=Acme_ferry.boat", "purl:nuget/acme_ferry.boat"),
        ("a long name is cut to 400 bytes", "ecosystem=PyPI name={500*x}", "purl:pyp..400"),
        ("the package URL beside it is not needed", "ecosystem=PyPI name=ferry purl=pkg:pypi/pier", "purl:pypi/ferry"),
    ]);
    hold_records(
        show::affected,
        &[
            (
                "two packages",
                "'affected':[{'package':{'ecosystem':'npm','name':'a'}},{'package':{'ecosystem':'npm','name':'b'}}]",
                "purl:npm/a default=unaffected ; purl:npm/b default=unaffected",
            ),
            (
                "without a package there is only a repository",
                "'affected':[{'ranges':[{'type':'GIT','repo':'https://acme.example.org','events':[{'introduced':'0'}]}]}]",
                "none",
            ),
            ("null is none", "'affected':[{'package':null}]", "none"),
            ("nothing is affected", "'affected':[]", "none"),
        ],
    );
}
