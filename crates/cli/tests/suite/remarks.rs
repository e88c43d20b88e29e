//! What a scan takes from the cases of the release line, from VEX documents and from ignore files.

use std::process::Output;

use serde_json::Value;

use crate::common::{Place, harbor, seaworthy, text};

/// A day after every deferral of these tests.
const LATER: &str = "1800000000";

/// Harbor Linux with its cases, and notes of an image with older and newer packages than its specs have.
fn cycled(more: &[&str]) -> Place {
    let place = synced();
    good(&place, &[&["cycle", "--no-sync", "--spec-tree", &harbor("specs")], more].concat());
    place
}

fn synced() -> Place {
    let place = Place::new();
    good(&place, &["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
    note(&place, "curl-8.8.0-2.x86_64", "");
    // The notes do not say whose curl it is.
    place.put(
        "names.json",
        r#"{"revision":"1","date":"2024-05-22T00:00:00Z","packages":[{"name":"curl","epoch":null,"version":"8.8.0","release":"1",
        "url":"https://curl.se","source":"https://curl.se/download/curl-8.8.0.tar.xz","subpackages":[],"patches":[],"build_requires":[],
        "bundled":[],"section":"SPECS","spec":"curl.spec","cve_patches":[],"cve_nopatches":[]}]}"#,
    );
    place
}

/// Writes the notes of an image with curl and some packages of the specs.
fn note(place: &Place, curl: &str, os_version: &str) {
    let os = if os_version.is_empty() { String::new() } else { format!(r#""os_version":"{os_version}","#) };
    let packages = format!(r#"["{curl}","zlib-1.3-1.x86_64","httpd-2.4.59-1.x86_64","openssl-3.3.0-1.x86_64"]"#);
    let head = r#""sku":"Harbor/gen2","version":"202609.20.0","built":"2026-09-20T00:00:00Z""#;
    place.put("images.jsonl", format!("{{{head},{os}\"packages\":{packages}}}\n"));
}

fn good(place: &Place, arguments: &[&str]) -> String {
    let out = place.run(arguments);
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
    String::from_utf8(out.stdout).unwrap()
}

fn later(place: &Place, arguments: &[&str]) -> Output {
    seaworthy(&place.path("home")).current_dir(place.path(".")).env("SOURCE_DATE_EPOCH", LATER).args(arguments).output().unwrap()
}

fn json(place: &Place, more: &[&str]) -> Value {
    serde_json::from_str(&good(
        place,
        &[&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--format", "json"], more].concat(),
    ))
    .unwrap()
}

/// The status and the evidence that came last of a finding; `none` where it is not in the list.
fn of(scanned: &Value, package: &str, cve: &str) -> (String, String) {
    let findings = scanned["findings"].as_array().unwrap();
    let Some(finding) = findings.iter().find(|f| f["package"] == package && f["cve"] == cve) else { return ("none".into(), String::new()) };
    let last = finding["evidence"].as_array().unwrap().last().unwrap();
    (finding["status"].as_str().unwrap().into(), format!("{}: {}", last["kind"].as_str().unwrap(), last["detail"].as_str().unwrap()))
}

fn pair(status: &str, evidence: &str) -> (String, String) {
    (status.into(), evidence.into())
}

#[test]
fn an_image_is_scanned_with_what_its_line_has_fixed_and_decided() {
    let (before, place) = (synced(), cycled(&[]));
    let unknown = json(&before, &[]);
    assert_eq!(of(&unknown, "curl", "CVE-2024-6197").0, "affected");
    assert_eq!(of(&unknown, "zlib", "CVE-2023-45853").0, "affected");
    assert_eq!(unknown.get("left_out"), None);
    assert!(!unknown.to_string().contains("\"remark\""), "a home without cases");

    let known = json(&place, &[]);
    assert_eq!(of(&known, "curl", "CVE-2024-6197"), pair("fixed", "case: fixed in 8.8.0-2 (case of default)"));
    let minizip = "The flaw is in contrib/minizip, which this package neither builds nor ships.";
    assert_eq!(of(&known, "zlib", "CVE-2023-45853"), pair("not_affected", &format!("case: not affected (case of default): {minizip}")));
    assert_eq!(of(&known, "openssl", "CVE-2024-6119").0, "affected", "the line has no fix of it");
    let causes = known["left_out"].as_array().unwrap();
    let causes: Vec<String> = causes.iter().map(|c| format!("{} {} {}", c["by"], c["says"], c["count"])).collect();
    assert_eq!(causes, ["\"case\" \"fixed\" 1", "\"case\" \"not_affected\" 1"]);
    let table = good(&place, &["scan", "--image-notes", "images.jsonl", "--packages", "names.json"]);
    let sentence = "Left out: 1 fixed by the line default, 1 not affected by decision on the line default.";
    assert!(table.contains(sentence) && !table.contains("CVE-2024-6197"), "{table}");
    let lines = place.run(&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--format", "jsonl"]);
    assert!(String::from_utf8_lossy(&lines.stderr).contains(sentence), "{}", text(&lines));

    // Older than the fix: it is there to be taken.
    note(&place, "curl-8.8.0-1.x86_64", "");
    assert_eq!(of(&json(&place, &[]), "curl", "CVE-2024-6197"), pair("affected", "case: fixed in 8.8.0-2 (case of default)"));
    let table = good(&place, &["scan", "--image-notes", "images.jsonl", "--packages", "names.json"]);
    let row = table.lines().find(|line| line.contains("CVE-2024-6197")).unwrap();
    assert!(row.contains("8.8.0-1") && row.contains("8.8.0-2"), "{table}");
}

#[test]
fn packages_of_others_take_nothing() {
    let place = cycled(&["--dist", ".hbr1"]);
    for (curl, os_version, line, status) in [
        ("curl-8.8.0-2.hbr1.x86_64", "", None, "fixed"),
        ("curl-8.8.0-3.hbr1.x86_64", "", None, "fixed"),
        ("curl-8.8.0-3.fc40.x86_64", "", None, "affected"),
        ("curl-8.8.0-3.x86_64", "", None, "affected"),
        ("curl-8.8.0-3.fc40.x86_64", "", Some("default"), "affected"),
        ("curl-8.8.0-2.hbr1.x86_64", "", Some("2.0"), "affected"),
    ] {
        note(&place, curl, os_version);
        let more: Vec<&str> = line.into_iter().flat_map(|line| ["--line", line]).collect();
        assert_eq!(of(&json(&place, &more), "curl", "CVE-2024-6197").0, status, "{curl} {line:?}");
    }
    // The cases of a line that is a number, and an image of another one.
    good(&place, &["cycle", "--no-sync", "--spec-tree", &harbor("specs"), "--line", "1.0"]);
    place.put("home/seaworthy.toml", "[distribution]\nline = \"1.0\"\n");
    for (os_version, status) in [("1.0.20260901", "fixed"), ("2.0.20260901", "affected")] {
        note(&place, "curl-8.8.0-2.x86_64", os_version);
        assert_eq!(of(&json(&place, &[]), "curl", "CVE-2024-6197").0, status, "{os_version}");
    }
    // The past is judged without the cases of today.
    note(&place, "curl-8.8.0-2.x86_64", "1.0.20260901");
    assert_eq!(of(&json(&place, &["--as-of", "2026-09-01"]), "curl", "CVE-2024-6197").0, "affected");
}

#[test]
fn what_is_accepted_fails_no_build_until_it_ends() {
    let place = cycled(&[]);
    let check = ["scan", "--spec-tree", &harbor("specs"), "--fail-on", "low"];
    let raised = |place: &Place| {
        let out = place.run(&[&check[..], &["--format", "jsonl"]].concat());
        assert!(matches!(out.status.code(), Some(0 | 1)), "{}", text(&out));
        let lines = String::from_utf8(out.stdout).unwrap();
        let findings = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        findings.filter(|f| f["status"] == "affected").map(|f| (f["cve"].to_string(), f["package"].to_string())).collect::<Vec<_>>()
    };
    let open = raised(&place);
    assert!(open.len() > 2 && place.run(&check).status.code() == Some(1));
    for (cve, package) in &open {
        let of = [cve.trim_matches('"'), package.trim_matches('"')];
        good(&place, &[&["triage", "defer"], &of[..], &["--until", "30d", "--statement", "the next image"]].concat());
    }
    let out = place.run(&check);
    let table = text(&out);
    assert_eq!(out.status.code(), Some(0), "{table}");
    assert!(table.contains(&format!("Left out: {} deferred by decision on the line default until 2026-10-2", open.len())), "{table}");
    let accepted = format!("{} findings are accepted for a time", open.len());
    assert!(table.contains(&accepted) && !table.contains("No known"), "no all-clear: {table}");
    assert_eq!(raised(&place), []);
    let all = place.run(&[&check[..], &["--all", "--format", "sarif"]].concat());
    assert_eq!(all.status.code(), Some(0), "showing them raises nothing");
    let sarif: Value = serde_json::from_slice(&all.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> = results.iter().filter(|r| r.get("suppressions").is_some()).collect();
    assert_eq!(suppressed.len(), open.len());
    assert_eq!(suppressed[0]["suppressions"][0]["kind"], "external");
    assert_eq!(later(&place, &check).status.code(), Some(1), "the deferrals have ended");
}

#[test]
fn what_was_undone_says_nothing() {
    let place = cycled(&[]);
    assert_eq!(of(&json(&place, &[]), "curl", "CVE-2024-6197").0, "fixed");
    let batches: Value = serde_json::from_str(&good(&place, &["triage", "undo", "--json"])).unwrap();
    let cycle = batches["batches"][0]["batch"].to_string();
    good(&place, &["triage", "undo", &cycle, "--why", "another tree"]);
    let after = json(&place, &[]);
    assert_eq!((of(&after, "curl", "CVE-2024-6197").0.as_str(), after.get("left_out")), ("affected", None));
}

#[test]
fn documents_count_for_one_scan_and_change_nothing() {
    let place = synced();
    place.put("home/seaworthy.toml", "[publish]\nvendor = \"harbor\"\n");
    let product = |package: &str| format!(r#"[{{"@id":"pkg:rpm/harbor/{package}"}}]"#);
    let statement = |cve: &str, package: &str, status: &str| {
        format!(r#"{{"vulnerability":{{"name":"{cve}"}},"products":{},{status}}}"#, product(package))
    };
    let absent = r#""status":"not_affected","justification":"vulnerable_code_not_present","impact_statement":"no minizip""#;
    let statements = [
        statement("CVE-2023-45853", "zlib", absent),
        statement("CVE-2024-6197", "curl@8.8.0-2", r#""status":"fixed""#),
        statement("CVE-2024-6197", "curl", r#""status":"nonsense""#),
    ];
    let head = r#""@context":"https://openvex.dev/ns/v0.2.0","@id":"https://harbor.example/1","author":"Harbor Linux""#;
    place.put("said.json", format!("{{{head},\"statements\":[{}]}}", statements.join(",")));
    let before = good(&place, &["ledger", "log", "--limit", "0"]);
    let out = place.run(&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--vex", "said.json"]);
    let shown = text(&out);
    assert!(shown.contains("warning: said.json: /statements/2/status: unknown status"), "{shown}");
    assert!(shown.contains("Left out: 1 fixed by said.json, 1 not affected by said.json."), "{shown}");
    let known = json(&place, &["--vex", "said.json"]);
    assert_eq!(of(&known, "curl", "CVE-2024-6197"), pair("fixed", "statement: fixed in 8.8.0-2 (said.json)"));
    let words = "statement: not affected, vulnerable_code_not_present (said.json): no minizip";
    assert_eq!(of(&known, "zlib", "CVE-2023-45853"), pair("not_affected", words));
    assert_eq!(of(&json(&place, &[]), "zlib", "CVE-2023-45853").0, "affected", "without it nothing is known");
    let cases = |log: &str| log.lines().filter(|line| line.contains("CVE-")).count();
    assert_eq!(cases(&good(&place, &["ledger", "log", "--limit", "0"])), cases(&before));

    // What one scan says in CycloneDX, another takes.
    let written = [
        "scan",
        "--image-notes",
        "images.jsonl",
        "--packages",
        "names.json",
        "--vex",
        "said.json",
        "--format",
        "cyclonedx",
        "--output",
        "ours.cdx.json",
    ];
    good(&place, &written);
    let again = json(&place, &["--vex", "ours.cdx.json"]);
    assert_eq!(of(&again, "curl", "CVE-2024-6197").0, "fixed");
    assert_eq!(of(&again, "zlib", "CVE-2023-45853").0, "not_affected");
    let wrong = place.run(&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--vex", "names.json"]);
    assert!(wrong.status.code() == Some(2) && text(&wrong).contains("names.json is no VEX document"), "{}", text(&wrong));
}

#[test]
fn what_is_said_of_the_packages_of_others_does_not_count() {
    let place = synced();
    let product = |id: &str, purl: &str| format!(r#"{{"product_id":"{id}","product_identification_helper":{{"purl":"{purl}"}}}}"#);
    let products = [product("z", "pkg:rpm/redhat/zlib"), product("c", "pkg:rpm/redhat/curl@8.8.0-3.el9")].join(",");
    let flags = r#""flags":[{"label":"component_not_present","product_ids":["z","c"]}]"#;
    let about = |cve: &str, status: &str| format!(r#"{{"cve":"{cve}","product_status":{{{status}}},{flags}}}"#);
    let vulnerabilities =
        [about("CVE-2023-45853", r#""known_not_affected":["z"]"#), about("CVE-2024-6197", r#""known_not_affected":["c"]"#)].join(",");
    let document = r#""csaf_version":"2.0","publisher":{"name":"Red Hat"},"tracking":{"id":"1","status":"final"}"#;
    let tree = format!(r#""product_tree":{{"full_product_names":[{products}]}}"#);
    place.put("rhel.json", format!(r#"{{"document":{{{document}}},{tree},"vulnerabilities":[{vulnerabilities}]}}"#));
    let scan = |more: &[&str]| {
        let scan = ["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--vex", "rhel.json"];
        text(&place.run(&[&scan[..], more].concat()))
    };
    let settings = |vendor: &str| place.put("home/seaworthy.toml", vendor);
    for (vendor, curl, told, zlib, of_curl) in [
        ("", "curl-8.8.0-2.x86_64", "the vendor of these is not known: name it as vendor in [publish]", "affected", "affected"),
        ("[publish]\nvendor = \"harbor\"\n", "curl-8.8.0-2.x86_64", "these are of \"harbor\"", "affected", "affected"),
        ("[publish]\nvendor = \"harbor\"\n", "curl-8.8.0-3.el9.x86_64", "these are of \"harbor\"", "affected", "not_affected"),
        ("[publish]\nvendor = \"redhat\"\n", "curl-8.8.0-2.x86_64", "", "not_affected", "affected"),
    ] {
        settings(vendor);
        note(&place, curl, "");
        let shown = scan(&[]);
        let is_told = shown.contains("warning: rhel.json: 1 statement is about packages of \"redhat\" in general and left out; ");
        assert!(is_told != told.is_empty() && shown.contains(told), "{vendor}: {shown}");
        let known = json(&place, &["--vex", "rhel.json"]);
        let statuses = (of(&known, "zlib", "CVE-2023-45853").0, of(&known, "curl", "CVE-2024-6197").0);
        assert_eq!(statuses, (zlib.to_owned(), of_curl.to_owned()), "{vendor}, {curl}");
    }
}

#[test]
fn an_ignore_file_has_reasons_and_ends() {
    let place = synced();
    let entry = |cve: &str, package: &str, expires: &str| {
        format!("[[ignore]]\ncve = \"{cve}\"\npackage = \"{package}\"\nreason = \"behind a wall\"\nexpires = {expires}\n\n")
    };
    place.put(
        "ci-ignore.toml",
        entry("CVE-2024-6197", "curl", "2026-12-31")
            + &entry("CVE-2023-45853", "zlib", "2026-09-01")
            + &entry("CVE-2024-6119", "other", "2026-12-31"),
    );
    let out = place.run(&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--ignore", "ci-ignore.toml"]);
    let shown = text(&out);
    assert!(shown.contains("Left out: 1 ignored by ci-ignore.toml until 2026-12-31."), "{shown}");
    assert!(shown.contains("warning: ci-ignore.toml:7: the entry for CVE-2023-45853 in zlib expired on 2026-09-01"), "{shown}");
    let unmatched = "warning: ci-ignore.toml:13: the entry for CVE-2024-6119 in other matches no finding of this scan that is open";
    assert!(shown.contains(unmatched) && shown.matches("matches no finding").count() == 1, "{shown}");
    assert!(!shown.contains("CVE-2024-6197") && shown.contains("CVE-2024-6119"), "{shown}");
    let all = json(&place, &["--ignore", "ci-ignore.toml", "--all"]);
    let words = "ignored: ignored until 2026-12-31 (ci-ignore.toml): behind a wall";
    assert_eq!(of(&all, "curl", "CVE-2024-6197"), pair("affected", words));
    assert_eq!(of(&json(&place, &["--ignore", "ci-ignore.toml"]), "curl", "CVE-2024-6197").0, "none");

    place.put("bad.toml", "[[ignore]]\ncve = \"CVE-2024-6197\"\nreason = \"x\"\nexpires = \"some day\"\n");
    let bad = place.run(&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--ignore", "bad.toml"]);
    assert!(bad.status.code() == Some(2) && text(&bad).contains("bad.toml:4: expires is no day"), "{}", text(&bad));
    let gone = place.run(&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--ignore", "gone.toml"]);
    assert!(gone.status.code() == Some(2) && text(&gone).contains("gone.toml"), "{}", text(&gone));
}

#[test]
fn a_scan_that_fails_says_why() {
    let place = synced();
    let scan = |more: &[&str]| {
        let out = place.run(&[&["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--format", "jsonl"], more].concat());
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, told) = scan(&["--fail-on", "high"]);
    let why = "note: the exit code is 1, since ";
    assert!(code == Some(1) && told.contains(why) && told.contains(" affected at high or above (--fail-on)"), "{told}");
    for more in [&["--fail-on", "never"][..], &["--fail-on", "high", "--quiet"]] {
        let (_, told) = scan(more);
        assert!(!told.contains(why), "{more:?}: {told}");
    }
}

#[test]
fn each_entry_that_has_expired_is_told_where_it_is_asked_for() {
    let place = synced();
    let entry = |n: u32| format!("[[ignore]]\ncve = \"CVE-2024-000{n}\"\nreason = \"behind a wall\"\nexpires = 2026-09-01\n");
    place.put(
        "old.toml",
        (1..=5).map(entry).collect::<String>() + "[[ignore]]\ncve = \"CVE-2024-6197\"\nreason = \"x\"\nexpires = 2026-12-31\n",
    );
    let scan = |more: &[&str]| {
        let scan = ["scan", "--image-notes", "images.jsonl", "--packages", "names.json", "--format", "jsonl", "--ignore", "old.toml"];
        String::from_utf8(place.run(&[&scan[..], more].concat()).stderr).unwrap()
    };
    let told = |shown: &str| shown.matches("expired on 2026-09-01 and does not count").count();
    let rest = "2 more places of VEX documents and ignore files do not count; --warnings tells each";
    for (more, count, is_counted, left_out) in [
        (&[][..], 3, true, true),
        (&["--quiet"][..], 3, true, false),
        (&["--warnings"][..], 5, false, true),
        (&["--quiet", "--warnings"][..], 5, false, false),
    ] {
        let shown = scan(more);
        assert_eq!(
            (told(&shown), shown.contains(rest), shown.contains("Left out: 1 ")),
            (count, is_counted, left_out),
            "{more:?}: {shown}"
        );
    }
}

#[test]
fn a_case_under_embargo_counts_for_those_with_the_right_only() {
    let place = cycled(&[]);
    let seal = ["triage", "embargo", "CVE-2024-6197", "curl", "--until", "30d", "--contact", "psirt@harbor.example"];
    good(&place, &seal);
    assert_eq!(of(&json(&place, &[]), "curl", "CVE-2024-6197").0, "affected");
    assert_eq!(of(&json(&place, &["--embargoed"]), "curl", "CVE-2024-6197").0, "fixed");
}
