//! Output for people: it moves no cursor, turns no direction of reading and shows no password, whatever the input contains.

use std::process::Output;

use crate::common::{Place, gzip, serve, text};

/// The hostile texts: ESC and a title, a right-to-left override, a byte of C1, an isolate, a space without width, the end of a line, a tag.
const HOSTILE: &str = "an\\u001b]0;PWNED\\u0007\\u202echor\\u009b31m\\u2066\\u200b\\u2028\\udb40\\udc41";
const PASSWORD: &str = "hunter2secret";

fn deceives(c: char) -> bool {
    seaworthy_model::text::deceives(c) && !matches!(c, '\n' | '\t')
}

fn check(arguments: &[&str], out: &Output) {
    let shown = text(out);
    assert!(!shown.contains(deceives), "{arguments:?}: {shown:?}");
    assert!(!shown.contains(PASSWORD), "{arguments:?}: {shown}");
    assert!(!shown.contains("panicked"), "{arguments:?}: {shown}");
    if arguments.contains(&"--json") && out.status.success() {
        let whole = serde_json::from_slice::<serde_json::Value>(&out.stdout).is_ok();
        let lines = || text(out).lines().filter(|l| l.starts_with('{')).all(|l| serde_json::from_str::<serde_json::Value>(l).is_ok());
        assert!(whole || lines(), "{arguments:?}: {shown}");
    }
}

/// A place with a hostile record, a hostile packages file, a hostile SBOM, and a repository whose address has a password.
fn hostile() -> (Place, String) {
    let place = Place::new();
    let record = format!(
        r#"{{"cve":{{"id":"CVE-2024-10001","published":"2024-05-01T00:00:00.000","lastModified":"2024-05-02T00:00:00.000",
        "vulnStatus":"Analyzed","descriptions":[{{"lang":"en","value":"A flaw in {HOSTILE}."}}],
        "metrics":{{"cvssMetricV31":[{{"source":"nvd{HOSTILE}","type":"Primary","cvssData":{{"version":"3.1",
        "vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N","baseScore":5.3}}}}]}},
        "configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,
        "criteria":"cpe:2.3:a:anchor:anchor:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"}}]}}]}}],
        "references":[{{"url":"https://example.org/{HOSTILE}"}},{{"url":"javascript:{HOSTILE}"}},
        {{"url":"https://ci:{PASSWORD}@example.org/?sig={PASSWORD}","tags":["Patch"]}}]}}}}"#
    );
    let feed = format!(
        r#"{{"resultsPerPage":2,"startIndex":0,"totalResults":2,"format":"NVD_CVE","version":"2.0",
        "timestamp":"2024-05-03T00:00:00.000","vulnerabilities":[{record},{{"cve":{{"id":"CVE-{HOSTILE}"}}}}]}}"#
    );
    place.put("nvd/nvdcve-2.0-2024.json.gz", gzip(&feed));
    let package = |name: &str| {
        format!(
            r#"{{"name":"{name}","epoch":null,"version":"1.5","release":"1.hl1","url":"https://github.com/anchor/anchor",
            "source":"https://github.com/anchor/anchor/archive/v1.5.tar.gz","subpackages":["{HOSTILE}"],"patches":["{HOSTILE}.patch"],
            "build_requires":[],"bundled":[],"section":"SPECS","spec":"{HOSTILE}.spec","cve_patches":[],"cve_nopatches":[]}}"#
        )
    };
    let packages = [package("anchor"), package(HOSTILE)].join(",");
    place.put("packages.json", format!(r#"{{"revision":"{HOSTILE}","date":"2026-01-01T00:00:00Z","packages":[{packages}]}}"#));
    let purl = "pkg:rpm/h/e%1B%5D0%3BPWNED%07%E2%80%AEvil@1-1?arch=x86_64&upstream=e%1B%5B2Jvil-1-1.src.rpm";
    place.put(
        "x.sbom.json",
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
            "components":[{{"type":"library","name":"{HOSTILE}","version":"1","purl":"{purl}"}}]}}"#
        ),
    );
    let index = r#"<repomd><data type="primary"><location href="repodata/p.xml"/></data></repomd>"#;
    place.put("site/repodata/repomd.xml", index);
    let primary = "<metadata><package><name>anchor</name><version epoch=\"0\" ver=\"1.5\" rel=\"1\"/></package>\
        <package><name>e\u{202e}vil</name><version epoch=\"0\" ver=\"1\u{2067}\" rel=\"1\"/></package>\
        <package><name>n&\u{202e};</name><version epoch=\"0\" ver=\"1\" rel=\"1\"/></package></metadata>";
    place.put("site/repodata/p.xml", primary);
    let address = serve(&place.path("site")).replace("http://", &format!("http://ci:{PASSWORD}@"));
    (place, format!("{address}/?token={PASSWORD}"))
}

#[test]
fn no_output_deceives_or_tells_a_secret() {
    let (place, repository) = hostile();
    let address = repository.split('?').next().unwrap();
    let missing = format!("{address}nothing?token={PASSWORD}");
    let known = place.run(&["sync", "--nvd", "nvd"]);
    assert!(known.status.success(), "{}", text(&known));
    check(&["sync"], &known);
    let selections: [&[&str]; 4] = [
        &["--packages", "packages.json"],
        &["--sbom", "x.sbom.json"],
        &["--repository", address],
        &["--repository", "http://ci:hunter2secret@127.0.0.1:1/"],
    ];
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["sync", "--kev", &missing],
        vec!["sync", "--osv", &missing],
        vec!["sync", "--nvd-api", &missing],
        vec!["sync", "--overrides", "ftp://ci:hunter2secret@host/x"],
    ];
    for selection in selections {
        for format in ["table", "jsonl", "json", "sarif", "cyclonedx", "html"] {
            commands.push([&["scan", "--format", format], selection].concat());
        }
        commands.push([&["inventory", "list"], selection].concat());
        commands.push([&["inventory", "list", "--json"], selection].concat());
        commands.push([&["inventory", "show", "anchor"], selection].concat());
        commands.push([&["explain", "CVE-2024-10001", "anchor"], selection].concat());
        commands.push([&["cycle", "--no-sync", "--all"], selection].concat());
    }
    commands.extend(
        [
            &["explain", "CVE-2024-10001"][..],
            &["explain", "CVE-2024-10001", "--raw"],
            &["explain", "CVE-2024-10001", "--raw", "--json"],
            &["status"],
            &["status", "--json"],
            &["plan"],
            &["plan", "--json"],
            &["sla"],
            &["sla", "--json"],
            &["triage", "list"],
            &["triage", "list", "--json"],
            &["triage", "show", "CVE-2024-10001"],
            &["triage", "show", "CVE-2024-10001", "--json"],
            &["triage", "show", "CVE-2024-10001", "anchor"],
            &["triage", "show", "CVE-2024-10001", "anchor", "--json"],
            &["triage", "suggest"],
            &["ledger", "log", "--limit", "0"],
            &["ledger", "log", "--limit", "0", "--json"],
            &["ledger", "verify"],
            &["vex", "export", "--format", "openvex"],
            &["vex", "export", "--format", "csaf"],
            &["publish", "plan"],
        ]
        .map(<[&str]>::to_vec),
    );
    commands.extend([vec!["triage", "show", "CVE-\u{202e}\u{200b}", "anchor"], vec!["nothing\u{202e}"], vec!["sla", "--at", "\u{9b}31m"]]);
    let statement =
        format!("b\u{202e}c\u{200b}\u{2028} https://ci:{PASSWORD}@host/?sig={PASSWORD}\"x and http://h/?page=1;code={PASSWORD}");
    commands.insert(14, vec!["cycle", "--no-sync", "--packages", "packages.json"]);
    commands
        .insert(15, vec!["triage", "defer", "CVE-2024-10001", "anchor", "--until", "30d", "--statement", &statement, "--why", &statement]);
    let mut good = 0;
    for arguments in &commands {
        let out = place.run(arguments);
        good += usize::from(out.status.code() == Some(0));
        check(arguments, &out);
    }
    assert!(good > 25, "only {good} commands did something");
    let exported = place.run(&["ledger", "export"]);
    check(&["ledger", "export"], &exported);
    let log = text(&exported);
    assert!(log.contains("deferred"), "the statement is in the log: {log}");
    assert!(!log.contains(PASSWORD) && log.contains("***@127.0.0.1"), "{log}");
}

#[test]
fn without_a_network_a_sync_says_what_it_asks_and_that_nothing_is_known() {
    let place = Place::new();
    let nobody = ["sync", "--kev", "http://127.0.0.1:1/kev.json", "--epss", "http://127.0.0.1:1/epss.csv.gz"];
    let out = place.run(&nobody);
    let shown = text(&out);
    assert_eq!(out.status.code(), Some(2), "{shown}");
    for words in ["asking kev: http://127.0.0.1:1/kev.json", "asking epss: ", "nothing is known yet"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("last good state") && !shown.contains("CVEs known"), "{shown}");
    // Nothing is in force, and nothing says that it is.
    assert!(text(&place.run(&["status"])).contains("nothing is known yet"));
    assert!(!text(&place.run(&["ledger", "export"])).contains("knowledge"));
    let (known, _) = hostile();
    assert!(known.run(&["sync", "--nvd", "nvd"]).status.success());
    let shown = text(&known.run(&nobody));
    assert!(shown.contains("the last good state stays in force"), "{shown}");
}
