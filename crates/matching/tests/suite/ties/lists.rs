//! Tables for packages of which all components are listed: what is not listed is not inside, and no guess raises it.

use super::hold_ties;
use crate::table::{World, hold};

/// Two programs of Go fixed 1001, which is about the module `example.org/rope`.
const FIXED: [&str; 2] = ["pier 1-2 needs:golang log:2024-01-20/1-2/1001", "quay 1-2 needs:golang log:2024-01-20/1-2/1001"];

/// The verdict on `ferry` of what two other programs of Go fixed, with the given record of 1001.
fn verdict(record: &str, ferry: &str) -> String {
    let world = World::new(&[record], &[ferry, FIXED[0], FIXED[1]]).with_ruled_out();
    let ours = world.findings().into_iter().filter(|finding| finding.package == "ferry");
    let said: Vec<String> = ours.map(|f| format!("{}: {}", f.status, f.evidence.last().unwrap().detail)).collect();
    if said.is_empty() { "nothing".to_owned() } else { said.join("; ") }
}

#[test]
fn a_list_outweighs_guesses() {
    let guess = "suspected: 2 other packages that build with golang fixed it; whether this one contains the component is not known";
    let module = "osv 1001: Go/example.org/rope >=0 <1.4";
    let part = "osv 1001: Go/example.org/rope >=0 <1.4 in:example.org/rope/knot";
    let rows = [
        ("without a list, others that fixed it are a reason to look", module, "ferry 1-1 needs:golang", guess),
        (
            "what is not on the list is not inside",
            module,
            "ferry 1-1 needs:golang has:golang/example.org/sail=v1.0 list:golang",
            "not_affected: ferry.lock lists all components, and example.org/rope is not among them",
        ),
        (
            "what is on it is judged by its version",
            module,
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang",
            "affected: osv: 1.3.0 is in the affected range: before 1.4",
        ),
        (
            "and ruled out by it, whatever others fixed",
            module,
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.4.0 list:golang",
            "not_affected: osv: 1.4.0 is outside of before 1.4",
        ),
        ("a list of another ecosystem says nothing", module, "ferry 1-1 needs:golang list:cargo", guess),
        (
            "a record that names no component of the ecosystem is not judged by its list",
            "nvd 1001: a:acme:rope <1.4",
            "ferry 1-1 needs:golang list:golang",
            guess,
        ),
        (
            "one that names a component of another ecosystem as well may be about that",
            "osv 1001: Go/example.org/rope >=0 <1.4 ; npm/rope >=0 <1.4",
            "ferry 1-1 needs:golang list:golang",
            guess,
        ),
        (
            "a module that is used without the packages that have the flaw",
            part,
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang=example.org/rope/splice",
            "not_affected: ferry.lock lists all packages of example.org/rope that are used, and example.org/rope/knot is not among them",
        ),
        (
            "and with one of them",
            part,
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang=example.org/rope/knot,example.org/rope/splice",
            "affected: osv: 1.3.0 is in the affected range: before 1.4",
        ),
        (
            "a list of modules alone does not say which packages are used",
            part,
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang",
            "affected: osv: 1.3.0 is in the affected range: before 1.4",
        ),
        (
            "a record that names no packages is about the whole module",
            module,
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang=example.org/rope/splice",
            "affected: osv: 1.3.0 is in the affected range: before 1.4",
        ),
        (
            "what is named as not shipped may be shipped after all",
            module,
            "ferry 1-1 needs:golang tool:golang/example.org/rope=v1.3.0 list:golang",
            guess,
        ),
        (
            "a record that gives the path of a package in a listed module",
            "osv 1001: Go/example.org/rope/knot >=0 <1.4",
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang",
            guess,
        ),
        (
            "another major version is another module",
            "osv 1001: Go/example.org/rope/v2 >=0 <2.4",
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang",
            "not_affected: ferry.lock lists all components, and example.org/rope/v2 is not among them",
        ),
        (
            "a module of the same name may be a fork, or the same at a home that moved",
            module,
            "ferry 1-1 needs:golang has:golang/gopkg.in/acme/rope.v2=v2.0.0 list:golang",
            guess,
        ),
        (
            "several packages that are not used",
            "osv 1001: Go/example.org/rope >=0 <1.4 in:example.org/rope/bend in:example.org/rope/knot",
            "ferry 1-1 needs:golang has:golang/example.org/rope=v1.3.0 list:golang=example.org/rope/splice",
            "not_affected: ferry.lock lists all packages of example.org/rope that are used, and example.org/rope/bend and 1 more are not \
             among them",
        ),
        (
            "the list of a file says nothing of the packages of what another file names: the sources' own module",
            part,
            "ferry 1-1 needs:golang main:golang/example.org/rope=v1.3.0 list:golang=example.org/sail",
            "affected: osv: 1.3.0 is in the affected range: before 1.4",
        ),
        (
            "the package itself is on no list of its components, and is not ruled out by it",
            "osv 1001: Go/github.com/acme/ferry >=0 <1.4",
            "ferry 1-1 needs:golang source:https://github.com/acme/ferry/archive/v1.tar.gz list:golang",
            guess,
        ),
    ];
    hold(rows.iter().map(|&(why, record, ferry, expected)| (why, expected.to_owned(), verdict(record, ferry))));
}

/// The standard library is on no list, and in every program: programs are rebuilt with a fixed toolchain, whose own package is judged.
#[test]
fn a_toolchain_is_judged_by_its_own_package() {
    let fixed = "log:2024-01-20/1-2/1000";
    let packages = |more: &str| [format!("pier 1-2 needs:golang {fixed}"), format!("quay 1-2 needs:golang {fixed}"), more.to_owned()];
    let rows = [
        ("a program is not", "osv: Go/stdlib >=0 <1.21.8", "ferry 1-1 needs:golang", "nothing"),
        ("by whatever source", "nvd: a:golang:go <1.21.8", "ferry 1-1 needs:golang", "nothing"),
        ("the toolchain is", "osv: Go/stdlib >=0 <1.21.8", "golang 1.21.6-1", "golang 1000 affected by mapping"),
    ];
    hold(rows.iter().map(|&(why, record, package, expected)| {
        let packages = packages(package);
        let found = World::new(&[record], &packages.each_ref().map(String::as_str)).ties();
        let open: Vec<&str> = found.split("; ").filter(|pair| !pair.contains(" fixed ")).collect();
        (why, expected.to_owned(), if open.is_empty() { "nothing".to_owned() } else { open.join("; ") })
    }));
}

#[test]
fn the_fixes_of_a_package_do_not_outweigh_its_list() {
    hold_ties(&[
        (
            "a component that was fixed before, and is not known now",
            &["osv 1001: Go/example.org/rope >=0 <1.4", "osv 1002: Go/example.org/rope >=0 <1.5"],
            &["ferry 2-1 needs:golang log:2024-01-20/1-2/1001"],
            "ferry 1001 fixed by changelog; ferry 1002 suspected by precedent",
        ),
        (
            "and one that is not inside any more",
            &["osv 1001: Go/example.org/rope >=0 <1.4", "osv 1002: Go/example.org/rope >=0 <1.5"],
            &["ferry 2-1 needs:golang log:2024-01-20/1-2/1001 list:golang"],
            "ferry 1001 fixed by changelog",
        ),
    ]);
}

/// What is printed never changes what is judged.
#[test]
fn pairs_that_are_not_shown_are_judged_alike() {
    let records = ["nvd 1000: a:ferry:ferry <1.0", "nvd 1001: a:ferry:ferry <2 sw:windows"];
    let packages = [
        "ferry 1-1 needs:golang",
        "pier 1-2 needs:golang log:2024-01-20/1-2/1000 log:2024-01-20/1-2/1001",
        "quay 1-2 needs:golang log:2024-01-20/1-2/1000 log:2024-01-20/1-2/1001",
    ];
    let shown = World::new(&records, &packages).findings();
    let mut all = World::new(&records, &packages).with_ruled_out().findings();
    assert_eq!(all.iter().filter(|finding| finding.status == seaworthy_model::Status::NotAffected).count(), 2);
    all.retain(|finding| finding.status != seaworthy_model::Status::NotAffected);
    assert_eq!(shown, all);
}
