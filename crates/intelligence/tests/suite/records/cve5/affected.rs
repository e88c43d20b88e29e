//! The names of the affected product in a record.

use super::hold_products;
use crate::records::show;

#[test]
fn names() {
    hold_products(
        show::affected,
        &[
            ("vendor and product", "vendor=acme product=ferry", "a:acme:ferry default=unknown"),
            ("case does not count", "vendor=Acme product=Ferry", "a:acme:ferry default=unknown"),
            (
                "a CPE name is more exact, and stands alone",
                "vendor=Acme,Inc. product=Ferry cpes:=['cpe:2.3:o:acme:harbor:*:*:*:*:*:*:*:*']",
                "o:acme:harbor default=unknown",
            ),
            (
                "each of several, once",
                "product=x cpes:=['cpe:2.3:a:acme:ferry:1.0:*:*:*:*:*:*:*','cpe:2.3:a:acme:ferry:1.1:*:*:*:*:*:*:*',\
                 'cpe:2.3:a:acme:pier:*:*:*:*:*:*:*:*']",
                "a:acme:ferry default=unknown ; a:acme:pier default=unknown",
            ),
            ("a CPE name that is none is passed over", "vendor=acme product=ferry cpes:=['ferry']", "a:acme:ferry default=unknown"),
            (
                "a package of a collection is a package URL",
                "vendor=acme product=Ferry packageName=Ferry collectionURL=https://pypi.org/project",
                "purl:pypi/ferry default=unknown",
            ),
            (
                "a package and a CPE name are two",
                "product=x packageName=ferry collectionURL=https://registry.npmjs.org cpes:=['cpe:2.3:a:acme:ferry:*:*:*:*:*:*:*:*']",
                "a:acme:ferry default=unknown ; purl:npm/ferry default=unknown",
            ),
            (
                "a package of a collection that is not known is vendor and product",
                "vendor=acme product=ferry packageName=x collectionURL=https://acme.example.org",
                "a:acme:ferry default=unknown",
            ),
            ("a package of no collection as well", "vendor=acme product=ferry packageName=x", "a:acme:ferry default=unknown"),
            (
                "a collection without a package as well",
                "vendor=acme product=ferry collectionURL=https://pypi.org",
                "a:acme:ferry default=unknown",
            ),
            ("no name at all", "defaultStatus=affected", "none"),
            ("an empty product is none", "vendor=acme product=", "none"),
            ("nor is n/a", "vendor=n/a product=n/a : version=n/a status=affected", "none"),
            ("in other letters", "vendor=N/A product=N/A", "none"),
            ("a vendor that is n/a is none", "vendor=n/a product=ferry", "a::ferry default=unknown"),
            ("a package without a product", "packageName=ferry collectionURL=https://github.com/acme/ferry", "a::ferry default=unknown"),
            (
                "a group and an artifact of Maven",
                "packageName=org.acme:ferry collectionURL=https://repo.maven.apache.org/maven2",
                "purl:maven/org.acme/ferry default=unknown",
            ),
            (
                "a package of Go by its module, which is the vendor",
                "vendor=example.org/x/ferry product=x packageName=example.org/x/ferry/http2 collectionURL=https://pkg.go.dev",
                "purl:golang/example.org/x/ferry default=unknown",
            ),
            (
                "the module itself",
                "vendor=example.org product=x packageName=example.org/x/ferry collectionURL=https://pkg.go.dev",
                "purl:golang/example.org/x/ferry default=unknown",
            ),
            (
                "a package of its standard library",
                "vendor:='Go\\u0020standard\\u0020library' product=net/http packageName=net/http collectionURL=https://pkg.go.dev",
                "purl:golang/stdlib default=unknown",
            ),
            (
                "a program of its toolchain",
                "vendor:='Go\\u0020toolchain' product=cmd/go packageName=cmd/go collectionURL=https://pkg.go.dev",
                "purl:golang/toolchain default=unknown",
            ),
            (
                "a path like that of anybody else",
                "vendor=x product=gin packageName=gin-gonic/gin collectionURL=https://pkg.go.dev",
                "purl:golang/gin-gonic/gin default=unknown",
            ),
            (
                "a name of PyPI in other letters",
                "product=x packageName=Flask_Cors collectionURL=https://pypi.org",
                "purl:pypi/flask-cors default=unknown",
            ),
            ("a package URL", "product=x packageURL=pkg:npm/%40acme/Ferry@1.0?a=b", "purl:npm/@acme/ferry default=unknown"),
            (
                "a package URL before the names of a collection",
                "product=x packageURL=pkg:pypi/ferry packageName=other collectionURL=https://pypi.org",
                "purl:pypi/ferry default=unknown",
            ),
            ("one of a distribution's package", "vendor=acme product=ferry packageURL=pkg:rpm/acme/ferry", "a:acme:ferry default=unknown"),
            ("one that is none", "vendor=acme product=ferry packageURL=ferry", "a:acme:ferry default=unknown"),
            ("a product without a vendor", "product=ferry", "a::ferry default=unknown"),
            ("a long name is cut to 400 bytes", "vendor=acme product={500*x}", "a:acme:x..400 default=unknown"),
            (
                "two products",
                "vendor=acme product=ferry ; vendor=acme product=pier",
                "a:acme:ferry default=unknown ; a:acme:pier default=unknown",
            ),
            (
                "spaces and colons are not taken for the signs of a name",
                "vendor=acme product:='Ferry:\\u0020Boat\\u0020'",
                "a:acme:ferry__boat default=unknown",
            ),
        ],
    );
}

#[test]
fn collections() {
    let rows = [
        ("https://pkg.go.dev", "golang"),
        ("https://github.com/golang/vulndb", "golang"),
        ("https://registry.npmjs.org", "npm"),
        ("https://pypi.org", "pypi"),
        ("https://crates.io", "cargo"),
        ("https://rubygems.org", "gem"),
        ("https://repo.maven.apache.org/maven2", "maven"),
        ("https://packagist.org", "composer"),
        ("https://www.nuget.org", "nuget"),
        ("https://www.cpan.org", "cpan"),
    ];
    for (url, ecosystem) in rows {
        let words = format!("packageName=example-org/ferry collectionURL={url}");
        hold_products(show::affected, &[(url, &words, &format!("purl:{ecosystem}/example-org/ferry default=unknown"))]);
    }
}

#[test]
fn files() {
    hold_products(
        show::affected,
        &[
            (
                "those that it names",
                "product=x programFiles:=['net/ipv4/tcp.c','net/core/dev.c']",
                "a::x default=unknown parts=net/ipv4/tcp.c,net/core/dev.c",
            ),
            ("a path of more than 300 bytes is none", "product=x programFiles:=['{301*a}','b.c']", "a::x default=unknown parts=b.c"),
            ("300 are one", "product=x programFiles:=['{300*a}']", "a::x default=unknown parts=aaaaaaaa..300"),
        ],
    );
}
