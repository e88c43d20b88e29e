//! Tables for what a scan can tell: an all-clear needs something that was looked at.

use crate::table::{World, hold};
use seaworthy_matching::CannotTell;

#[test]
fn an_assessment_without_findings_is_an_all_clear_where_it_looked_at_everything() {
    const RECORDS: [&str; 2] = ["nvd: a:ferry:ferry <1", "osv 1001: npm/rope >=0 <1"];
    let rows: [(&str, &[&str], &str); 10] = [
        ("a package that is tied, and not affected", &["ferry 1.2-1"], ""),
        ("no package", &[], "no package was found"),
        ("a package that nothing is known of", &["dock 1-1"], "the only package is tied to no product of a record"),
        ("two of them", &["dock 1-1", "pier 1-1"], "none of the 2 packages is tied to a product of a record"),
        ("beside one that is tied", &["dock 1-1", "ferry 1.2-1"], ""),
        ("a component that is tied", &["dock 1-1 has:npm/rope=2"], ""),
        ("a component that nothing is known of", &["dock 1-1 has:npm/mast=2"], "the only package is tied to no product of a record"),
        (
            "components of other distributions",
            &["ferry 1.2-1 has:deb/ubuntu/openssl=3 has:deb/ubuntu/curl=8 has:apk/alpine/curl=8"],
            "packages of these kinds are not judged: 1 apk, 2 deb",
        ),
        ("with a CPE name", &["ferry 1.2-1 has:yocto/openssl=3 cpe:cpe:2.3:a:openssl:openssl:3:*:*:*:*:*:*:*"], ""),
        ("the image that a document is about", &["ferry 1.2-1 has:oci/app=1"], ""),
    ];
    hold(rows.iter().map(|&(why, packages, expected)| {
        let world = World::new(&RECORDS, packages);
        let reasons: Vec<String> = CannotTell::of(&world.assess(), &world.inventory).iter().map(ToString::to_string).collect();
        (why, expected.to_owned(), reasons.join("; "))
    }));
}

#[test]
fn each_affected_version_of_a_component_is_named() {
    let world = World::new(&["osv: npm/rope >=0 <2"], &["ferry 9-1 has:npm/rope=1.2 has:npm/rope=2.1 has:npm/rope=0.5"]);
    let findings = world.findings();
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    let said: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.detail.as_str()).collect();
    let expected = [
        "ferry.lock states rope 0.5",
        "osv: 0.5 is in the affected range: before 2",
        "ferry.lock states rope 1.2",
        "osv: 1.2 is in the affected range: before 2",
    ];
    assert_eq!(said, expected);
}
