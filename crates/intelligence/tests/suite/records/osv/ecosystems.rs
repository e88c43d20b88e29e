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
        (
            "what stands behind a colon is a part of it",
            "ecosystem=Maven:https://repo.acme.example.org name=org.acme:ferry",
            "purl:maven/org.acme/ferry",
        ),
        ("a distribution speaks of its own builds", "ecosystem=Debian:12 name=ferry", "none"),
        ("another one as well", "ecosystem=Alpine:v3.19 name=ferry", "none"),
        ("case counts: so the schema has it", "ecosystem=pypi name=ferry", "none"),
        ("an ecosystem without a name", "ecosystem= name=ferry", "none"),
    ]);
}

#[test]
fn packages() {
    hold_names(&[
        ("case does not count in names", "ecosystem=PyPI name=Ferry", "purl:pypi/ferry"),
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
