//! What is shipped, and which lists are complete: a table of cases.

use super::hold;

const GO: &str = "go 1.22\nrequire a v1\n";
const GO_B: &str = "go 1.22\nrequire b v1\n";
const NPM: &str = r#"{"packages":{"node_modules/n":{"version":"1.0.0"}}}"#;
const VENDOR: &str = "# v v1\nv/p\n";

#[test]
fn lists_of_go_have_an_order() {
    hold(&[
        (
            "a vendor list comes before the go.mod and go.sum beside its folder",
            &[("go.mod", GO), ("go.sum", "s v1 h1:x=\n"), ("vendor/modules.txt", VENDOR)],
            "v v1 | vendor/modules.txt [v/p]",
        ),
        (
            "it covers the modules of the sources that take the place of others in it, since it has what these take",
            &[("go.mod", GO), ("api/go.mod", GO_B), ("vendor/modules.txt", "# m/api v0 => ./api\nm/api\n# v v1\nv/p\n")],
            "m/api ?, v v1 | vendor/modules.txt [m/api v/p]",
        ),
        (
            "a module of the sources that was copied like any other: the copy is built",
            &[("go.mod", GO), ("api/go.mod", "module m/api\ngo 1.22\nrequire b v1\n"), ("vendor/modules.txt", "# m/api v1.2.0\nm/api/x\n")],
            "m/api v1.2.0 | vendor/modules.txt [m/api/x]",
        ),
        (
            "another module of the sources is built by itself",
            &[("go.mod", GO), ("cmd/go.mod", GO_B), ("vendor/modules.txt", VENDOR)],
            "b v1, v v1 | cmd/go.mod, vendor/modules.txt [v/p]",
        ),
        (
            "a project in a folder of its own, with its vendor list",
            &[("src/runtime/go.mod", GO), ("src/runtime/vendor/modules.txt", VENDOR)],
            "v v1 | src/runtime/vendor/modules.txt [v/p]",
        ),
        (
            "several modules: what is on none of them is not inside",
            &[("go.mod", GO), ("api/go.mod", GO_B)],
            "a v1, b v1 | api/go.mod, go.mod",
        ),
        (
            "one of them from before Go 1.17: together they do not tell all",
            &[("go.mod", GO), ("api/go.mod", "go 1.16\nrequire b v1\n")],
            "a v1, b v1",
        ),
        ("beside a list of a tool before modules, which is not read", &[("Gopkg.lock", ""), ("api/go.mod", GO)], "a v1"),
        ("in a vendor folder", &[("vendor/vendor.json", "{}"), ("api/go.mod", GO)], "a v1"),
        ("one of them that cannot be read whole", &[("go.mod", GO), ("api/go.mod", "go 1.22\nrequire b\n")], "a v1 ! api/go.mod:2"),
    ]);
}

#[test]
fn what_lies_aside_is_not_shipped() {
    hold(&[
        ("a website beside a program", &[("go.mod", GO), ("website/package-lock.json", NPM)], "a v1, (n 1.0.0) | go.mod"),
        (
            "a part of the program that runs in browsers",
            &[("go.mod", GO), ("web/ui/package-lock.json", NPM)],
            "a v1, n 1.0.0 | go.mod, web/ui/package-lock.json",
        ),
        ("the website alone: it is none of a program", &[("website/package-lock.json", NPM)], "(n 1.0.0)"),
        ("documentation, in whatever case", &[("go.mod", GO), ("Docs/requirements.txt", "sphinx==1\n")], "a v1, (sphinx 1) | go.mod"),
        ("tests, however deep", &[("go.mod", GO), ("pkg/x/test/e2e/go.mod", GO_B)], "a v1, (b v1) | go.mod"),
        ("examples", &[("go.mod", GO), ("examples/hello/go.mod", GO_B)], "a v1, (b v1) | go.mod"),
        (
            "measurements",
            &[("Cargo.lock", "[[package]]\nname = \"c\"\nversion = \"1\"\nsource = \"s\"\n"), ("benches/go.mod", GO_B)],
            "c 1, (b v1) | Cargo.lock",
        ),
        ("a folder of a service", &[("go.mod", GO), (".github/actions/x/package-lock.json", NPM)], "a v1, (n 1.0.0) | go.mod"),
        (
            "a component that both take is shipped",
            &[("go.mod", GO), ("docs/go.mod", "go 1.22\nrequire a v1\nrequire b v1\n")],
            "a v1, (b v1) | go.mod",
        ),
        ("a name that only begins like one", &[("go.mod", GO), ("docserver/go.mod", GO_B)], "a v1, b v1 | docserver/go.mod, go.mod"),
        (
            "what lies aside costs no list: one that is not complete, and one that cannot be read",
            &[("go.mod", GO), ("examples/go.mod", "require b v1\n"), ("test/go.mod", "require x\n")],
            "a v1, (b v1) | go.mod ! test/go.mod:1",
        ),
        (
            "a manifest without a lock file that lies aside",
            &[("package-lock.json", NPM), ("docs/package.json", r#"{"dependencies":{"x":"1"}}"#)],
            "n 1.0.0 | package-lock.json",
        ),
    ]);
}

#[test]
fn tools_of_development_are_shipped_where_there_is_nothing_else() {
    hold(&[
        ("beside the product", &[("go.mod", GO), ("hack/tools/go.mod", GO_B)], "a v1, (b v1) | go.mod"),
        (
            "beside a product of another ecosystem the tools may be built for users",
            &[("package-lock.json", NPM), ("tools/go.mod", GO_B)],
            "b v1, n 1.0.0 | tools/go.mod, package-lock.json",
        ),
        (
            "beside the product, and not complete: the name of a folder says nothing for sure",
            &[("go.mod", GO), ("tools/go.mod", "go 1.16\nrequire b v1\n")],
            "a v1, (b v1)",
        ),
        ("a project of tools", &[("tools/one/go.mod", GO), ("tools/two/go.mod", GO_B)], "a v1, b v1 | tools/one/go.mod, tools/two/go.mod"),
        ("tests of tools are tests", &[("tools/go.mod", GO), ("tools/tests/go.mod", GO_B)], "a v1, (b v1) | tools/go.mod"),
        (
            "a product that says nothing of what it takes is a product all the same",
            &[("package.json", r#"{"dependencies":{"x":"1"}}"#), ("scripts/package-lock.json", NPM)],
            "n 1.0.0",
        ),
    ]);
}

#[test]
fn the_sources_are_a_module_themselves() {
    hold(&[
        ("in the version of the package, which is 2.0.0", &[("go.mod", "module m/v2\ngo 1.22\n")], "m/v2 v2.0.0 | go.mod"),
        ("by the rules of gopkg.in", &[("go.mod", "module gopkg.in/o/m.v2\ngo 1.22\n")], "gopkg.in/o/m.v2 v2.0.0 | go.mod"),
        (
            "a path without a major version is of 0 or 1: the project counts its modules in another way",
            &[("go.mod", "module m\ngo 1.22\n")],
            "m ? | go.mod",
        ),
        (
            "beside a vendor folder",
            &[("go.mod", "module m/v2\n"), ("vendor/modules.txt", VENDOR)],
            "m/v2 v2.0.0, v v1 | vendor/modules.txt [v/p]",
        ),
        (
            "a module below the root has versions of its own",
            &[("go.mod", "module m/v2\ngo 1.22\n"), ("cmd/go.mod", "module m/cmd/v2\ngo 1.22\nrequire m/v2 v2.0.0\nreplace m/v2 => ../\n")],
            "m/cmd/v2 ?, m/v2 v2.0.0 | cmd/go.mod, go.mod",
        ),
        ("one of tests is not shipped", &[("go.mod", GO), ("tests/go.mod", "module m/tests\ngo 1.22\n")], "a v1, (m/tests ?) | go.mod"),
    ]);
}
