//! Ties by the table of products, the built-in one and the user's own.

use crate::table::{World, hold};

/// A row: the point, lines of a table of products, the records, the packages, and the status and ties of each pair.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str);

#[test]
fn by_the_table() {
    let rows: &[Row] = &[
        (
            "a line ties a package to a product of another name",
            "[products]\nferry = [\"a:acme:pier\"]",
            &["nvd: a:acme:pier <2"],
            &["ferry 1.2-1"],
            "ferry 1000 affected by mapping",
        ),
        (
            "a line of several products ties all of them",
            "[products]\nferry = [\"a:acme:pier\", \"a:acme:dock\"]",
            &["nvd 1000: a:acme:pier <2", "nvd 1001: a:acme:dock <2"],
            &["ferry 1.2-1"],
            "ferry 1000 affected by mapping; ferry 1001 affected by mapping",
        ),
        (
            "a line of two vendors' products says that both are the package, whoever owns its home",
            "[products]\nferry = [\"a:acme:ferry\", \"a:harbor:ferry\"]",
            &["nvd: a:acme:ferry <1.4 , a:harbor:ferry <1.1 -> https://github.com/harbor/ferry"],
            &["ferry 1.2-1 page:https://github.com/harbor/ferry"],
            "ferry 1000 affected by mapping",
        ),
        ("an empty line unties a package from its name", "[products]\nferry = []", &["nvd: a:ferry:ferry <2"], &["ferry 1.2-1"], "nothing"),
        (
            "and from its home",
            "[products]\nferry = []",
            &["nvd: a:acme:ferry <2 -> https://github.com/acme/ferry"],
            &["ferry 1.2-1 page:https://github.com/acme/ferry"],
            "nothing",
        ),
        ("a line is of one package only", "[products]\nferry = [\"a:acme:pier\"]", &["nvd: a:acme:pier <2"], &["ferry2 1.2-1"], "nothing"),
        (
            "a product that no record names ties nothing",
            "[products]\nferry = [\"a:acme:pier\"]",
            &["nvd: a:acme:dock <2"],
            &["ferry 1.2-1"],
            "nothing",
        ),
        (
            "a package of an ecosystem can be named",
            "[products]\nferry = [\"purl:pypi/pier\"]",
            &["osv: PyPI/pier >=0 <2"],
            &["ferry 1.2-1"],
            "ferry 1000 affected by mapping",
        ),
        (
            "the built-in table knows that httpd is Apache's server",
            "",
            &["nvd: a:apache:http_server <2.4.60"],
            &["httpd 2.4.59-1"],
            "httpd 1000 affected by mapping",
        ),
        (
            "the kernel is an operating system that is a package",
            "",
            &["nvd: o:linux:linux_kernel >=6.6 <6.6.52"],
            &["kernel 6.6.51.1-1"],
            "kernel 1000 affected by mapping",
        ),
        (
            "copies that are known to be in the sources are suspected",
            "[embedded]\nferry = [\"rope\"]",
            &["nvd 1000: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1"],
            "ferry 1000 suspected by mapping; ferry 1001 suspected by mapping",
        ),
        (
            "a name stands for whoever most records mean by it: one record is nobody",
            "[embedded]\nferry = [\"rope\"]",
            &["nvd: a:acme:rope <2"],
            &["ferry 1.2-1"],
            "nothing",
        ),
        (
            "a rejected record makes nobody of the two",
            "[embedded]\nferry = [\"rope\"]",
            &["nvd 1000: a:acme:rope <2", "nvd 1001 rejected: a:acme:rope <2"],
            &["ferry 1.2-1"],
            "nothing",
        ),
        (
            "a device of the copy's name is not it",
            "[embedded]\nferry = [\"rope\"]",
            &["nvd 1000: h:acme:rope <2", "nvd 1001: h:acme:rope <2"],
            &["ferry 1.2-1"],
            "nothing",
        ),
        (
            "what the package is need not be suspected inside it",
            "[products]\nferry = [\"a:acme:rope\"]\n[embedded]\nferry = [\"rope\"]",
            &["nvd 1000: a:acme:rope <1", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1"],
            "ferry 1001 affected by mapping",
        ),
        (
            "a copy of unknown version is not held against old records",
            "[embedded]\nferry = [\"rope\"]",
            &["nvd 1000 @2020-01-10: a:acme:rope <2", "nvd 1001: a:acme:rope <2"],
            &["ferry 1.2-1"],
            "ferry 1001 suspected by mapping",
        ),
    ];
    hold(rows.iter().map(|&(why, table, records, packages, expected)| {
        (why, expected.to_owned(), World::new(records, packages).with_table(table).ties())
    }));
}
