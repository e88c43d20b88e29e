//! What each thing that a VEX document can say leads to: a table of documents and the case that they meet.

use super::*;

/// The case of `aaa` 1.0-1 in the line 1.0 of Harbor Linux, found to be affected by way of the product `a:harbor:aaa`.
fn here() -> BTreeMap<CaseKey, Case> {
    let mut here = case("aaa", "1.0-1", CaseState::UnderInvestigation);
    here.state = CaseState::Affected;
    here.facts.product = Some("purl:golang/golang.org/x/net".into());
    [(here.key.clone(), here)].into()
}

fn harbor() -> Ours {
    Ours { vendor: "harbor".into(), names: vec!["Harbor Linux".into()], release: "1.0".into(), is_certain: true, ..Ours::default() }
}

/// What follows from a document: the state that is decided, else the reasons of its statements, else the places of its problems.
fn follows_for(text: &str, ours: &Ours) -> String {
    let document = parse(text.as_bytes()).unwrap();
    let problems: Vec<String> = document.problems.iter().map(|problem| problem.at.clone()).collect();
    let learned = learn(&[("theirs.json".into(), document)], &here(), &"1.0".parse().unwrap(), ours).remove(0);
    let decided = learned.events.iter().filter_map(|(_, event)| match event {
        CaseEvent::Decided(decision) => Some(decision.state.to_string()),
        _ => None,
    });
    let passed = learned.passed.iter().map(|passed| passed.why.to_string());
    decided.chain(passed).chain(problems).collect::<Vec<_>>().join("; ")
}

fn follows(text: &str) -> String {
    follows_for(text, &harbor())
}

const CVE: &str = r#"{"name":"CVE-2024-6197"}"#;
const REASON: &str = r#","justification":"vulnerable_code_not_present""#;
const NOT_BUILT: &str = r#","impact_statement":"it is not built""#;

fn openvex(statements: &str) -> String {
    format!(r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"y","statements":[{statements}]}}"#)
}

fn openvex_of(vulnerability: &str, product: &str, more: &str) -> String {
    openvex(&format!(r#"{{"vulnerability":{vulnerability},"products":[{product}],"status":"not_affected"{more}}}"#))
}

fn openvex_purl(purl: &str) -> String {
    openvex_of(CVE, &format!(r#"{{"@id":"{purl}"}}"#), REASON)
}

#[test]
fn whose_package_and_which_version_a_purl_names() {
    let other = |said: &str| format!("it is said of version {said}; here it is 1.0-1");
    let place = |said: &str| format!("it is said of a part of {said}; here it is 1.0");
    let some = |builds: &str| format!("it is said of some builds only: {builds}");
    let (taken, at) = ("not_affected".to_owned(), "/statements/0/products/0".to_owned());
    // The purl of a statement that it is not affected, with a justification, and what follows from it.
    let rows = [
        ("all versions", "pkg:rpm/harbor/aaa", taken.clone()),
        ("this version", "pkg:rpm/harbor/aaa@1.0-1", taken.clone()),
        ("the source package", "pkg:rpm/harbor/aaa@1.0-1?arch=src", taken.clone()),
        ("a package of any architecture", "pkg:rpm/harbor/aaa@1.0-1?arch=noarch", taken.clone()),
        ("another case of letters", "pkg:RPM/Harbor/aaa@1.0-1", taken.clone()),
        ("a version in percent encoding", "pkg:rpm/harbor/aaa@1.0%2D1", taken.clone()),
        ("epoch 0", "pkg:rpm/harbor/aaa@1.0-1?epoch=0", taken.clone()),
        ("our line", "pkg:rpm/harbor/aaa?distro=harbor-1.0", taken.clone()),
        ("our line, spelt otherwise", "pkg:rpm/harbor/aaa?distro=Harbor_Linux%201.0", taken.clone()),
        ("a range with ours", "pkg:rpm/harbor/aaa?vers=vers:rpm%2F%3C1.0-2", taken.clone()),
        ("no distributor", "pkg:rpm/aaa@1.0-1", taken.clone()),
        ("a plain name", "aaa", taken.clone()),
        ("another distributor", "pkg:rpm/redhat/aaa@1.0-1", "it is said of packages of \"redhat\"; these are of \"harbor\"".into()),
        (
            "another distributor, below ours",
            "pkg:rpm/harbor/edge/aaa",
            "it is said of packages of \"harbor/edge\"; these are of \"harbor\"".into(),
        ),
        ("another line", "pkg:rpm/harbor/aaa?distro=harbor-2.0", place("harbor-2.0")),
        ("another line, our version", "pkg:rpm/harbor/aaa@1.0-1?distro=harbor-2.0", place("harbor-2.0")),
        ("another line, spelt otherwise", "pkg:rpm/harbor/aaa?distro=HarborLinux2", place("HarborLinux2")),
        ("another distribution", "pkg:rpm/aaa?distro=fedora-1.0", place("fedora-1.0")),
        ("another version", "pkg:rpm/harbor/aaa@1.0-2", other("1.0-2")),
        ("another version in percent encoding", "pkg:rpm/harbor/aaa@1.0%2D2", other("1.0-2")),
        ("a version without a release", "pkg:rpm/harbor/aaa@1.0", other("1.0")),
        ("another epoch", "pkg:rpm/harbor/aaa@1.0-1?epoch=1", other("1:1.0-1")),
        ("another epoch in the version", "pkg:rpm/harbor/aaa@1%3A1.0-1", other("1:1.0-1")),
        ("an epoch twice", "pkg:rpm/harbor/aaa@1%3A1.0-1?epoch=1", other("1:1:1.0-1")),
        ("a range without ours", "pkg:rpm/harbor/aaa?vers=vers:rpm%2F%3E%3D1.0-2", other("vers:rpm/>=1.0-2")),
        ("a range of another scheme", "pkg:rpm/harbor/aaa?vers=vers:deb%2F%3C2", at.clone()),
        ("a version and a range", "pkg:rpm/harbor/aaa@1.0-1?vers=vers:rpm%2F%2A", at.clone()),
        ("one architecture", "pkg:rpm/harbor/aaa@1.0-1?arch=x86_64", some("arch=x86_64")),
        ("one stream of a module", "pkg:rpm/harbor/aaa@1.0-1?rpmmod=aaa:1", some("rpmmod=aaa:1")),
        ("a binary package of it", "pkg:rpm/harbor/aaa@1.0-1?arch=noarch&upstream=aaa-1.0-1.src.rpm", taken.clone()),
        (
            "a binary package of another source package",
            "pkg:rpm/harbor/aaa@1.0-1?arch=noarch&upstream=bbb-1.0-1.src.rpm",
            some("upstream=bbb-1.0-1.src.rpm"),
        ),
        ("a number of Syft's", "pkg:rpm/harbor/aaa@1.0-1?arch=noarch&distro=harbor-1.0&package-id=ab12", taken.clone()),
        ("one file", "pkg:rpm/harbor/aaa@1.0-1?checksum=sha256:00", some("checksum=sha256:00")),
        ("a file inside", "pkg:rpm/harbor/aaa@1.0-1#usr/bin/aaa", some("#usr/bin/aaa")),
        ("another package", "pkg:rpm/harbor/bbb@1.0-1", "there is no case of it".into()),
        ("no package of RPM", "pkg:deb/harbor/aaa@1.0-1", at.clone()),
        ("an image", "pkg:oci/aaa@sha256:00", at.clone()),
        ("an address", "https://harbor.example/aaa", at.clone()),
    ];
    seaworthy_testing::hold(rows.map(|(why, purl, expected)| (why, expected, follows(&openvex_purl(purl)))));

    let own = Ours { own: "unnamed-linux".into(), release: "1.0".into(), is_certain: true, ..Ours::default() };
    assert_eq!(follows_for(&openvex_purl("pkg:rpm/unnamed-linux/aaa"), &own), "not_affected", "a document of our own, without settings");

    // Where our vendor is not known, only this version is sure to be meant.
    let unknown = Ours { release: "default".into(), is_certain: true, ..Ours::default() };
    let unknown_vendor = "it is said of packages of \"harbor\"; the vendor of these is not known: \
                          name it as vendor in [publish] of seaworthy.toml";
    let rows = [
        ("this version", "pkg:rpm/harbor/aaa@1.0-1", "not_affected"),
        ("all versions", "pkg:rpm/harbor/aaa", unknown_vendor),
        ("another version", "pkg:rpm/harbor/aaa@1.0-2", unknown_vendor),
        ("a line", "pkg:rpm/harbor/aaa@1.0-1?distro=harbor-1", "it is said of a part of harbor-1; here it is default"),
        ("no distributor", "pkg:rpm/aaa", "not_affected"),
    ];
    seaworthy_testing::hold(rows.map(|(why, purl, expected)| (why, expected.to_owned(), follows_for(&openvex_purl(purl), &unknown))));
}

#[test]
fn what_an_openvex_statement_leads_to() {
    let purl = r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1"}"#;
    let named = |vulnerability: &str| openvex_of(vulnerability, purl, REASON);
    let product = |product: &str| openvex_of(CVE, product, REASON);
    let status = |status: &str| openvex(&format!(r#"{{"vulnerability":{CVE},"products":[{purl}],{status}}}"#));
    let net = r#""subcomponents":[{"@id":"pkg:golang/golang.org/x/net"}]"#;
    let rows = [
        ("a justification", product(purl), "not_affected"),
        ("an impact statement", openvex_of(CVE, purl, NOT_BUILT), "not_affected"),
        ("neither", openvex_of(CVE, purl, ""), "it has neither a justification nor an impact statement"),
        (
            "an empty impact statement",
            openvex_of(CVE, purl, r#","impact_statement":" ""#),
            "it has neither a justification nor an impact statement",
        ),
        (
            "an action statement",
            openvex_of(CVE, purl, r#","action_statement":"update""#),
            "it has neither a justification nor an impact statement",
        ),
        (
            "a justification of no standard",
            openvex_of(CVE, purl, r#","justification":"because""#),
            "it has neither a justification nor an impact statement; /statements/0/justification",
        ),
        ("the alias of another name", named(r#"{"name":"GHSA-0000-0000-0001","aliases":["CVE-2024-6197"]}"#), "not_affected"),
        ("a CVE as @id", named(r#"{"@id":"CVE-2024-6197","name":"GHSA-0000-0000-0001"}"#), "not_affected"),
        ("a name as a text", named(r#""CVE-2024-6197""#), "not_affected"),
        ("no alias", named(r#"{"name":"GHSA-0000-0000-0001"}"#), "/statements/0/vulnerability"),
        ("several CVEs as aliases", named(r#"{"name":"X","aliases":["CVE-2024-6197","CVE-2024-6198"]}"#), "/statements/0/vulnerability"),
        ("another CVE, with ours as alias", named(r#"{"name":"CVE-2024-6198","aliases":["CVE-2024-6197"]}"#), "there is no case of it"),
        ("a product as a text", product(r#""pkg:rpm/harbor/aaa@1.0-1""#), "not_affected"),
        ("an identifier", product(r#"{"@id":"https://x.example/1","identifiers":{"purl":"pkg:rpm/harbor/aaa@1.0-1"}}"#), "not_affected"),
        ("both alike", product(r#"{"@id":"pkg:rpm/harbor/aaa","identifiers":{"purl":"pkg:rpm/harbor/aaa"}}"#), "not_affected"),
        (
            "an identifier of another version",
            product(r#"{"@id":"pkg:rpm/harbor/aaa","identifiers":{"purl":"pkg:rpm/harbor/aaa@2-1"}}"#),
            "it is said of version 2-1; here it is 1.0-1",
        ),
        (
            "an identifier of another package",
            product(r#"{"@id":"pkg:rpm/harbor/aaa","identifiers":{"purl":"pkg:rpm/redhat/aaa"}}"#),
            "/statements/0/products/0",
        ),
        (
            "identifiers of two versions",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","identifiers":{"purl":"pkg:rpm/harbor/aaa@2-1"}}"#),
            "/statements/0/products/0",
        ),
        (
            "a CPE name alone",
            product(r#"{"@id":"https://x.example/1","identifiers":{"cpe23":"cpe:2.3:a:harbor:aaa:1.0:*:*:*:*:*:*:*"}}"#),
            "/statements/0/products/0",
        ),
        (
            "both of this version, one with its line",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","identifiers":{"purl":"pkg:rpm/harbor/aaa@1.0-1?distro=harbor-1.0"}}"#),
            "not_affected",
        ),
        (
            "both of this version, one of another line",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","identifiers":{"purl":"pkg:rpm/harbor/aaa@1.0-1?distro=harbor-2.0"}}"#),
            "it is said of a part of harbor-2.0; here it is 1.0",
        ),
        (
            "one file by its hash",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","hashes":{"sha-256":"00"}}"#),
            "it is said of some builds only: one file, by its hash",
        ),
        (
            "the component in one version",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","subcomponents":[{"@id":"pkg:golang/golang.org/x/net@v0.38.0"}]}"#),
            "it is said of some components only: pkg:golang/golang.org/x/net@v0.38.0",
        ),
        (
            "the package of another distributor in itself",
            product(r#"{"@id":"pkg:rpm/harbor/aaa","subcomponents":[{"@id":"pkg:rpm/redhat/aaa@9"}]}"#),
            "it is said of some components only: rpm aaa",
        ),
        (
            "one build of the package in itself",
            product(r#"{"@id":"pkg:rpm/harbor/aaa","subcomponents":[{"@id":"pkg:rpm/harbor/aaa?arch=x86_64"}]}"#),
            "it is said of some components only: rpm aaa",
        ),
        (
            "affected later than the statement, by the times that are passed on",
            openvex(&format!(
                r#"{{"vulnerability":{CVE},"products":["pkg:rpm/harbor/aaa"],"status":"not_affected"{REASON}}},
                   {{"vulnerability":{CVE},"products":["pkg:rpm/harbor/aaa"],"status":"affected","timestamp":"2025-07-01T00:00:00Z"}}"#
            ))
            .replace(r#""author""#, r#""timestamp":"2025-06-01T00:00:00Z","last_updated":"2025-07-02T00:00:00Z","author""#),
            "a later statement holds: affected, of 2025-07-01T00:00:00Z, in theirs.json; the case is affected already",
        ),
        (
            "affected, and not affected in this version, without a time",
            openvex(&format!(
                r#"{{"vulnerability":{CVE},"products":["pkg:rpm/harbor/aaa@1.0-1"],"status":"not_affected"{REASON}}},
                   {{"vulnerability":{CVE},"products":["pkg:rpm/harbor/aaa"],"status":"affected"}}"#
            )),
            "another statement of the same or of an unknown time holds, since it is more cautious: affected, in theirs.json; \
             the case is affected already",
        ),
        ("a hash alone", product(r#"{"hashes":{"sha-256":"00"}}"#), "/statements/0/products/0"),
        ("no product", openvex(&format!(r#"{{"vulnerability":{CVE},"status":"not_affected"{REASON}}}"#)), "/statements/0/products"),
        (
            "the package inside of an image",
            product(r#"{"@id":"pkg:oci/app@sha256:00","subcomponents":[{"@id":"pkg:rpm/harbor/aaa@1.0-1"}]}"#),
            "/statements/0/products/0",
        ),
        ("the component that is vulnerable", product(&format!(r#"{{"@id":"pkg:rpm/harbor/aaa@1.0-1",{net}}}"#)), "not_affected"),
        (
            "another component",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","subcomponents":[{"@id":"pkg:golang/golang.org/x/text"}]}"#),
            "it is said of some components only: purl:golang/golang.org/x/text",
        ),
        (
            "a binary package of it",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","subcomponents":[{"@id":"pkg:rpm/harbor/aaa-libs"}]}"#),
            "it is said of some components only: rpm aaa-libs",
        ),
        (
            "the package in itself",
            product(r#"{"@id":"pkg:rpm/harbor/aaa@1.0-1","subcomponents":[{"@id":"pkg:rpm/harbor/aaa"}]}"#),
            "not_affected",
        ),
        ("looked into", status(r#""status":"under_investigation""#), "it decides nothing"),
        ("affected", status(r#""status":"affected","action_statement":"update""#), "the case is affected already"),
        ("fixed in this version", status(r#""status":"fixed""#), "a fix counts when a scan sees it in the package"),
        (
            "fixed in a range that is not ours",
            openvex(&format!(
                r#"{{"vulnerability":{CVE},"products":["pkg:rpm/harbor/aaa?vers=vers:rpm%2F%3E%3D1.0-2"],"status":"fixed"}}"#
            )),
            "it is said of version vers:rpm/>=1.0-2; here it is 1.0-1",
        ),
        ("an unknown status", status(r#""status":"fine""#), "/statements/0/status"),
    ];
    seaworthy_testing::hold(rows.map(|(why, text, expected)| (why, expected.to_owned(), follows(&text))));
}

/// A CSAF document with `aaa` 1.0-1 as product `a`, and as `os:a` in a platform.
fn csaf(tracking: &str, platform: &str, vulnerability: &str) -> String {
    let helper = r#""product_identification_helper":{"purl":"pkg:rpm/harbor/aaa@1.0-1"}"#;
    let range = r#"{"category":"product_version_range","name":"vers:rpm/>=1.0-2","product":{"product_id":"later",
        "product_identification_helper":{"purl":"pkg:rpm/harbor/aaa"}}}"#;
    let before = r#"{"category":"product_version_range","name":"before 2","product":{"product_id":"words",
        "product_identification_helper":{"purl":"pkg:rpm/harbor/aaa"}}}"#;
    let version = r#"{"category":"product_version","name":"1.0-1","product":{"product_id":"one",
        "product_identification_helper":{"purl":"pkg:rpm/harbor/aaa"}}}"#;
    let theirs = r#"{"category":"vendor","name":"Red Hat","branches":[{"category":"product_name","name":"aaa",
        "product":{"product_id":"theirs","product_identification_helper":{"purl":"pkg:rpm/aaa@1.0-1"}}}]}"#;
    let within = |category: &str, name: &str, id: &str, more: &str| {
        format!(
            r#"{{"category":"{category}","name":"{name}","branches":[{{"category":"product_name","name":"aaa","product":{{"product_id":"{id}",
            "product_identification_helper":{{"purl":"pkg:rpm/harbor/aaa"{more}}}}}}}]}}"#
        )
    };
    let arm = within("architecture", "aarch64", "arm", "");
    let line2 = within("product_family", "Harbor Linux 2.0", "line2", "");
    let hashed = within("product_family", "Harbor Linux", "hashed", r#","hashes":[{"filename":"aaa.rpm"}]"#);
    let branches = format!("{range},{before},{version},{theirs},{arm},{line2},{hashed}");
    let names = format!(
        r#"{{"product_id":"a",{helper}}},{{"product_id":"os",{platform}}},
           {{"product_id":"cpe","product_identification_helper":{{"cpe":"cpe:2.3:a:harbor:aaa:1.0:*:*:*:*:*:*:*"}}}}"#
    );
    let relationships = r#"{"category":"default_component_of","product_reference":"a","relates_to_product_reference":"os",
            "full_product_name":{"product_id":"os:a","name":"aaa in it"}},
        {"category":"default_component_of","product_reference":"round","relates_to_product_reference":"os",
            "full_product_name":{"product_id":"round"}},
        {"category":"installed_on","product_reference":"a","full_product_name":{"product_id":"nowhere:a"}}"#;
    let groups = r#"[{"group_id":"g","product_ids":["a","os:a"]}]"#;
    let tree = format!(
        r#"{{"branches":[{branches}],"full_product_names":[{names}],"relationships":[{relationships}],"product_groups":{groups}}}"#
    );
    format!(
        r#"{{"document":{{"csaf_version":"2.0","publisher":{{"name":"y"}},"tracking":{{"id":"x"{tracking}}}}},
            "product_tree":{tree},"vulnerabilities":[{{{vulnerability}}}]}}"#
    )
}

#[test]
fn what_a_csaf_statement_leads_to() {
    const FINAL: &str = r#","status":"final""#;
    const HARBOR: &str = r#""product_identification_helper":{"cpe":"cpe:2.3:o:harbor:harbor:1.0:*:*:*:*:*:*:*"}"#;
    const CVE: &str = r#""cve":"CVE-2024-6197""#;
    let flag = |products: &str| format!(r#""flags":[{{"label":"vulnerable_code_not_present",{products}}}]"#);
    let threat = |words: &str| format!(r#""threats":[{{"category":"impact","details":"{words}","product_ids":["a"]}}]"#);
    let not = |product: &str| format!(r#""product_status":{{"known_not_affected":["{product}"]}}"#);
    let of = |product: &str| format!(r#"{CVE},{},{}"#, not(product), flag(&format!(r#""product_ids":["{product}"]"#)));
    let on = |platform: &str| csaf(FINAL, platform, &of("os:a"));
    let plain = |vulnerability: String| csaf(FINAL, HARBOR, &vulnerability);
    let (no_reason, draft) = ("it has neither a justification nor an impact statement", "its document is not final");
    let group = "/vulnerabilities/0/product_status/known_not_affected/0";
    let rows = [
        ("a flag", plain(of("a")), "not_affected"),
        ("a flag on a group", plain(format!(r#"{CVE},{},{}"#, not("a"), flag(r#""group_ids":["g"]"#))), "not_affected"),
        ("a threat on the product", plain(format!(r#"{CVE},{},{}"#, not("a"), threat("it is not built"))), "not_affected"),
        ("a threat that is a rating", plain(format!(r#"{CVE},{},{}"#, not("a"), threat("Moderate"))), no_reason),
        ("neither", plain(format!(r#"{CVE},{}"#, not("a"))), no_reason),
        ("a flag on another product", plain(format!(r#"{CVE},{},{}"#, not("a"), flag(r#""product_ids":["os:a"]"#))), no_reason),
        ("a flag on another group", plain(format!(r#"{CVE},{},{}"#, not("a"), flag(r#""group_ids":["other"]"#))), no_reason),
        (
            "the CVE among the ids",
            plain(of("a").replace(CVE, r#""ids":[{"system_name":"GHSA","text":"GHSA-1"},{"system_name":"CVE","text":"CVE-2024-6197"}]"#)),
            "not_affected",
        ),
        ("no CVE at all", plain(of("a").replace(CVE, r#""ids":[{"system_name":"GHSA","text":"GHSA-1"}]"#)), "/vulnerabilities/0/cve"),
        ("no status", csaf("", HARBOR, &of("a")), draft),
        ("a status that is no text", csaf(r#","status":1"#, HARBOR, &of("a")), draft),
        ("a draft", csaf(r#","status":"draft""#, HARBOR, &of("a")), draft),
        ("an interim document", csaf(r#","status":"interim""#, HARBOR, &of("a")), draft),
        ("our line as platform", on(HARBOR), "not_affected"),
        (
            "our line for one architecture",
            on(&HARBOR.replace("1.0:*:*:*:*:*:*:*", "1.0:sp2:*:*:*:*:aarch64:*")),
            "it is said of some builds only: cpe:2.3:o:harbor:harbor:1.0:sp2:*:*:*:*:aarch64:*",
        ),
        ("a branch of one architecture", plain(of("arm")), "it is said of some builds only: aarch64"),
        ("a branch of another line", plain(of("line2")), "it is said of a part of Harbor Linux 2.0; here it is 1.0"),
        ("one file by its hash", plain(of("hashed")), "it is said of some builds only: hashes"),
        ("our line as a name", on(r#""name":"Harbor Linux 1.0""#), "not_affected"),
        ("another line as platform", on(&HARBOR.replace("1.0", "2.0")), "it is said of a part of harbor:harbor:2.0; here it is 1.0"),
        (
            "another distribution as platform",
            on(r#""product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:9::baseos"}"#),
            "it is said of a part of redhat:enterprise_linux:9; here it is 1.0",
        ),
        ("another line as a name", on(r#""name":"Harbor Linux 2.0""#), "it is said of a part of Harbor Linux 2.0; here it is 1.0"),
        (
            "an image as platform",
            on(r#""name":"app","product_identification_helper":{"purl":"pkg:oci/app"}"#),
            "it is said of a part of app; here it is 1.0",
        ),
        ("a platform that is not there", plain(of("nowhere:a")), "it is said of a part of ; here it is 1.0"),
        ("a relationship with itself", plain(of("round")), group),
        ("the version of a branch", plain(of("one")), "not_affected"),
        ("a range of a branch", plain(of("later")), "it is said of version vers:rpm/>=1.0-2; here it is 1.0-1"),
        ("a range in words", plain(of("words")), group),
        ("a branch of another vendor", plain(of("theirs")), "it is said of a part of Red Hat; here it is 1.0"),
        ("a product with a CPE name alone", plain(of("cpe")), group),
        ("a product that is not in the tree", plain(of("aaa")), group),
        (
            "affected and not affected",
            plain(format!(
                r#"{CVE},"product_status":{{"known_affected":["a"],"known_not_affected":["a"]}},{}"#,
                flag(r#""product_ids":["a"]"#)
            )),
            "another statement of the same or of an unknown time holds, since it is more cautious: affected, in theirs.json; \
             the case is affected already",
        ),
        (
            "a group that is not judged",
            plain(format!(r#"{CVE},"product_status":{{"recommended":["a"],"unknown":["a"]}}"#)),
            "/vulnerabilities/0/product_status/recommended; /vulnerabilities/0/product_status/unknown",
        ),
        (
            "fixed for the first time in it",
            plain(format!(r#"{CVE},"product_status":{{"first_fixed":["a"]}}"#)),
            "a fix counts when a scan sees it in the package",
        ),
    ];
    seaworthy_testing::hold(rows.map(|(why, text, expected)| (why, expected.to_owned(), follows(&text))));
}

fn cyclonedx(subject: &str, vulnerability: &str, affects: &str) -> String {
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:1",
            "metadata":{{"timestamp":"2025-06-01T00:00:00Z"{subject}}},
            "components":[{{"bom-ref":"aaa","purl":"pkg:rpm/harbor/aaa@1.0-1"}},{{"bom-ref":"file","name":"aaa"}},
                {{"bom-ref":"other","name":"aaa","version":"2.0-1","purl":"pkg:rpm/harbor/aaa"}},
                {{"bom-ref":"app","type":"container","name":"app","components":[{{"bom-ref":"inside","purl":"pkg:rpm/harbor/aaa@1.0-1"}}]}}],
            "vulnerabilities":[{{{vulnerability},"affects":[{affects}]}}]}}"#
    )
}

#[test]
fn what_a_cyclonedx_analysis_leads_to() {
    const ID: &str = r#""id":"CVE-2024-6197""#;
    const NOT: &str = r#""analysis":{"state":"not_affected","justification":"code_not_present"}"#;
    let of = |analysis: &str| cyclonedx("", &format!("{ID},{analysis}"), r#"{"ref":"aaa"}"#);
    let to = |affects: &str| cyclonedx("", &format!("{ID},{NOT}"), affects);
    let about = |subject: &str| cyclonedx(&format!(r#","component":{subject}"#), &format!("{ID},{NOT}"), r#"{"ref":"aaa"}"#);
    let (no_reason, reference) = ("it has neither a justification nor an impact statement", "/vulnerabilities/0/affects/0/ref");
    let versions = |range: &str| to(&format!(r#"{{"ref":"pkg:rpm/harbor/aaa","versions":[{{"range":"{range}","status":"unaffected"}}]}}"#));
    let listed = |versions: &str| to(&format!(r#"{{"ref":"pkg:rpm/harbor/aaa","versions":[{versions}]}}"#));
    let rows = [
        ("a justification", of(NOT), "not_affected"),
        ("a detail", of(r#""analysis":{"state":"not_affected","detail":"it is not built"}"#), "not_affected"),
        ("neither", of(r#""analysis":{"state":"not_affected"}"#), no_reason),
        ("a false positive without a detail", of(r#""analysis":{"state":"false_positive"}"#), no_reason),
        (
            "a justification of no standard",
            of(r#""analysis":{"state":"not_affected","justification":"because"}"#),
            "it has neither a justification nor an impact statement; /vulnerabilities/0/analysis/justification",
        ),
        (
            "the CVE among the references",
            cyclonedx("", &format!(r#""id":"GHSA-1","references":[{{"id":"CVE-2024-6197"}}],{NOT}"#), r#"{"ref":"aaa"}"#),
            "not_affected",
        ),
        ("no CVE", cyclonedx("", &format!(r#""id":"GHSA-1",{NOT}"#), r#"{"ref":"aaa"}"#), "/vulnerabilities/0/id"),
        ("no component", to(""), "/vulnerabilities/0/affects"),
        ("a link into this document", to(r#"{"ref":"urn:cdx:1/1#aaa"}"#), "not_affected"),
        ("a link into another document", to(r#"{"ref":"urn:cdx:2/1#aaa"}"#), reference),
        ("a link to a purl in another document", to(r#"{"ref":"urn:cdx:2/1#pkg:rpm/harbor/aaa@1.0-1"}"#), "not_affected"),
        ("a component without a purl", to(r#"{"ref":"file"}"#), reference),
        ("a component with a version beside its purl", to(r#"{"ref":"other"}"#), "it is said of version 2.0-1; here it is 1.0-1"),
        ("a component inside of an image", to(r#"{"ref":"inside"}"#), "it is said of a part of app; here it is 1.0"),
        (
            "all versions but this one",
            listed(r#"{"range":"vers:rpm/*","status":"unaffected"},{"version":"1.0-1","status":"affected"}"#),
            "it is said of version vers:rpm/*; here it is 1.0-1",
        ),
        (
            "a range without a range",
            listed(r#"{"range":"vers:rpm/<2","status":"unaffected"},{"range":"vers:rpm/>=1.0-1|<1.0-5","status":"unknown"}"#),
            "it is said of version vers:rpm/<2; here it is 1.0-1",
        ),
        (
            "a range without another one, which is not ours",
            listed(r#"{"range":"vers:rpm/*","status":"unaffected"},{"range":"vers:rpm/>=2","status":"affected"}"#),
            "not_affected",
        ),
        (
            "all versions but those that cannot be read",
            listed(r#"{"range":"vers:rpm/*","status":"unaffected"},{"range":"before 2","status":"affected"}"#),
            "/vulnerabilities/0/affects/0/versions/1; /vulnerabilities/0/affects/0/versions",
        ),
        (
            "a list that is too long",
            listed(&vec![r#"{"version":"1.0-1","status":"unaffected"}"#; 201].join(",")),
            "/vulnerabilities/0/affects/0/versions",
        ),
        ("a reference that leads nowhere", to(r#"{"ref":"bbb"}"#), reference),
        ("a range with ours", versions("vers:rpm/<1.0-2"), "not_affected"),
        ("a range without ours", versions("vers:rpm/>=1.0-2"), "it is said of version vers:rpm/>=1.0-2; here it is 1.0-1"),
        (
            "a range of another scheme",
            versions("vers:generic/<2"),
            "/vulnerabilities/0/affects/0/versions/0; /vulnerabilities/0/affects/0/versions",
        ),
        ("of our line", about(r#"{"type":"operating-system","name":"Harbor Linux","version":"1.0"}"#), "not_affected"),
        (
            "of another line",
            about(r#"{"type":"operating-system","name":"Harbor Linux","version":"2.0"}"#),
            "it is said of a part of Harbor Linux 2.0; here it is 1.0",
        ),
        (
            "of another line by CPE name",
            about(r#"{"type":"operating-system","name":"x","cpe":"cpe:2.3:o:harbor:harbor:2.0:*:*:*:*:*:*:*"}"#),
            "it is said of a part of harbor:harbor:2.0; here it is 1.0",
        ),
        (
            "of another distribution",
            about(r#"{"type":"operating-system","name":"Fedora","version":"40"}"#),
            "it is said of a part of Fedora 40; here it is 1.0",
        ),
        ("of a scan of ours", about(r#"{"type":"operating-system","name":"Harbor Linux: specs","version":"2025-06-01"}"#), "not_affected"),
        ("inside of an image", about(r#"{"type":"container","name":"app"}"#), "it is said of a part of app; here it is 1.0"),
        ("of the package itself", about(r#"{"type":"library","name":"aaa","purl":"pkg:rpm/harbor/aaa@1.0-1"}"#), "not_affected"),
        ("looked into", of(r#""analysis":{"state":"in_triage"}"#), "it decides nothing"),
        ("resolved", of(r#""analysis":{"state":"resolved"}"#), "a fix counts when a scan sees it in the package"),
    ];
    seaworthy_testing::hold(rows.map(|(why, text, expected)| (why, expected.to_owned(), follows(&text))));
}
