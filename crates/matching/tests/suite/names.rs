//! Tables for the ecosystem and the product names that a package's name suggests.

use crate::table::{World, hold};

#[test]
fn a_prefix_and_the_record_of_that_language_agree() {
    let rows = [
        ("python-", "python"),
        ("python3-", "python"),
        ("python-", "pypi"),
        ("pytest-", "python"),
        ("perl-", "perl"),
        ("rubygem-", "ruby"),
        ("ruby-", "ruby"),
        ("rubygem-", "ruby_on_rails"),
        ("rubygem-", "rails"),
        ("nodejs-", "node.js"),
        ("node-", "nodejs"),
        ("nodejs-", "npmjs"),
        ("golang-", "go"),
        ("golang-", "golang"),
        ("rust-", "rust"),
        ("php-", "php"),
        ("lua-", "lua"),
        ("R-", "r"),
        ("apache-commons-", "java"),
        ("maven-", "java"),
        ("plexus-", "java"),
        ("javapackages-", "java"),
    ];
    hold(rows.iter().map(|(prefix, target)| {
        let (record, package) = (format!("nvd: a:acme:ferry <2 sw:{target}"), format!("{prefix}ferry 1.2-1"));
        let got = format!("{prefix}ferry of {target}: {}", World::new(&[&record], &[&package]).tie());
        (
            "a library of a language is tied to the product of its name that is one of that language",
            format!("{prefix}ferry of {target}: affected by name"),
            got,
        )
    }));
}

#[test]
fn a_record_of_another_language_is_of_another_thing() {
    let rows = [
        ("python-ferry", "node.js"),
        ("python-ferry", "perl"),
        ("perl-ferry", "python"),
        ("nodejs-ferry", "ruby"),
        ("ocaml-ferry", "go"),
        ("ghc-ferry", "rust"),
        ("ferry", "python"),
        ("ferry", "windows"),
    ];
    hold(rows.iter().map(|(name, target)| {
        let (record, package) = (format!("nvd: a:acme:ferry <2 sw:{target}"), format!("{name} 1.2-1"));
        (
            "a target that is not the package's language",
            format!("{name} of {target}: nothing"),
            format!("{name} of {target}: {}", World::new(&[&record], &[&package]).tie()),
        )
    }));
}

/// Editions of a language, by what a package has code of.
#[test]
fn an_edition_of_a_language_is_in_what_has_code_of_it() {
    let rows = [
        ("a program of Go", "ferry 1.2-1 needs:golang", "go", "affected by name"),
        ("by whatever name the toolchain goes", "ferry 1.2-1 needs:msft-golang", "go", "affected by name"),
        ("a program of Rust", "ferry 1.2-1 needs:rust", "rust", "affected by name"),
        ("built by Rust's package manager", "ferry 1.2-1 needs:cargo", "rust", "affected by name"),
        ("a tool that is written in Go makes no program of Go", "ferry 1.2-1 needs:go-md2man", "go", "nothing"),
        ("a toolchain of another language", "ferry 1.2-1 needs:golang", "rust", "nothing"),
        ("one of its packages is a library of the language", "ferry 1.2-1 ships:ferry ships:python3-ferry", "python", "affected by name"),
        ("one of another", "ferry 1.2-1 ships:perl-ferry", "python", "nothing"),
        ("the interpreter, which many need to be built", "ferry 1.2-1 needs:python3-devel", "python", "nothing"),
    ];
    hold(rows.iter().map(|&(why, package, target, expected)| {
        let record = format!("nvd: a:ferry:ferry <2 sw:{target}");
        (why, format!("{package}: {expected}"), format!("{package}: {}", World::new(&[&record], &[package]).tie()))
    }));
    let languages = [("perl", "perl"), ("ruby", "ruby"), ("php", "php"), ("lua", "lua"), ("nodejs", "node.js"), ("rust", "rust")];
    hold(languages.iter().map(|(package, target)| {
        let record = format!("nvd: a:{package}:{package} <2 sw:{target}");
        let got = World::new(&[&record], &[&format!("{package} 1.2-1")]).tie();
        let status = got.split(' ').next().unwrap_or_default().to_owned();
        ("a language is in its own package", format!("{package}: affected"), format!("{package}: {status}"))
    }));
}

/// A row: the point, the package, the product, and the ties between them.
#[test]
fn the_vendors_of_a_language() {
    let rows = [
        ("Python's own vendor", "python-ferry", "a:python:ferry", "affected by name"),
        ("the index of Python's packages", "python3-ferry", "a:pypi:ferry", "affected by name"),
        ("NVD's word for a project, with the language before it", "python-ferry", "a:python-ferry_project:ferry", "affected by name"),
        ("the foundation", "python-ferry", "a:python_software_foundation:ferry", "affected by name"),
        ("a product that bears the whole name of the package", "python-ferry", "a:python:python-ferry", "affected by name"),
        ("Perl's own vendor", "perl-ferry", "a:perl:ferry", "affected by name"),
        ("the archive of Perl's packages", "perl-ferry", "a:cpan:ferry", "affected by name"),
        ("Ruby's own vendor", "rubygem-ferry", "a:ruby-lang:ferry", "affected by name"),
        ("the index of Ruby's packages", "rubygem-ferry", "a:rubygems:ferry", "affected by name"),
        ("Perl's vendor says nothing of a Python library", "python-ferry", "a:perl:ferry", "nothing"),
        ("Node has no vendor for its libraries", "nodejs-ferry", "a:nodejs:ferry", "nothing"),
        ("a vendor called like the product is a program's", "perl-ferry", "a:ferry:ferry", "nothing"),
        ("the prefix alone is no library of a language, but a program of that name", "python-", "a:python:python-", "affected by name"),
        ("letters that only look like the prefix", "pythonferry", "a:python:ferry", "nothing"),
    ];
    hold(rows.iter().map(|&(why, name, product, expected)| {
        let (record, package) = (format!("nvd: {product} <2"), format!("{} 1.2-1", name));
        (why, expected.to_owned(), World::new(&[&record], &[&package]).tie())
    }));
}
