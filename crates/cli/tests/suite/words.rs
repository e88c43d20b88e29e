//! What the program says to somebody new: before the first cycle, without a network, without a source of packages.

use crate::common::{Place, gzip, harbor, text};

const KEV: &str = r#"{"vulnerabilities":[{"cveID":"CVE-2024-10001","dateAdded":"2024-05-03"}]}"#;

/// The feed of NVD with one record of `anchor`, affected before a version.
fn feed(end: &str) -> Vec<u8> {
    gzip(&format!(
        r#"{{"resultsPerPage":1,"totalResults":1,"format":"NVD_CVE","version":"2.0","timestamp":"2024-05-03T00:00:00.000",
        "vulnerabilities":[{{"cve":{{"id":"CVE-2024-10001","published":"2024-05-01T00:00:00.000","lastModified":"2024-05-02T00:00:00.000",
        "vulnStatus":"Analyzed","descriptions":[{{"lang":"en","value":"A flaw of anchor made up for this test."}}],"metrics":{{}},
        "configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,
        "criteria":"cpe:2.3:a:anchor:anchor:*:*:*:*:*:*:*:*","versionEndExcluding":"{end}"}}]}}]}}],
        "references":[{{"url":"https://github.com/anchor/anchor/issues/1"}}]}}}}]}}"#
    ))
}

/// A place with records, and the spec of anchor 1.5 with a subpackage.
fn place() -> Place {
    let place = Place::new();
    place.put("nvd/nvdcve-2.0-2024.json.gz", feed("2.0"));
    place.put("kev.json", KEV);
    place.put("specs/anchor/anchor.spec", spec("anchor", ""));
    place
}

fn spec(name: &str, more: &str) -> String {
    format!(
        "Name: {name}\nVersion: 1.5\nRelease: 1.hl1\nSummary: s\nLicense: MIT\nURL: https://github.com/{name}/{name}\n{more}\
         %description\nd\n%package libs\nSummary: s\n%description libs\nd\n%files\n%files libs\n"
    )
}

fn good(place: &Place, arguments: &[&str]) -> String {
    let out = place.run(arguments);
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
    text(&out)
}

#[test]
fn before_the_first_cycle_its_absence_is_said() {
    let place = place();
    place.put("home/seaworthy.toml", "[publish]\nurl = \"https://packages.example.org\"\n");
    good(&place, &["sync", "--nvd", "nvd", "--kev", "kev.json"]);
    let early: [(&[&str], &str); 6] = [
        (&["triage", "list"], "no cycle has run yet, so there is no case: `seaworthy cycle --spec-tree DIR`"),
        (&["triage", "suggest"], "no cycle has run yet"),
        (&["plan"], "no cycle has run yet"),
        (&["sla", "--json"], "no cycle has run yet"),
        (&["publish", "plan"], "no cycle of the release line default has run yet"),
        (&["vex", "export", "--format", "csaf", "--namespace", "https://a.example", "--author", "a", "--vendor", "a"], "no cycle of the"),
    ];
    for (call, words) in early {
        let out = place.run(call);
        assert!(text(&out).contains(words), "{call:?}: {}", text(&out));
        assert!(!text(&place.run(&[&["--quiet"], call].concat())).contains("no cycle"), "{call:?}");
    }
    good(&place, &["cycle", "--no-sync", "--spec-tree", "specs"]);
    for (call, _) in early {
        assert!(!text(&place.run(call)).contains("no cycle"), "{call:?}");
    }
    // A release line that nobody keeps is mistyped rather than well.
    let mistyped = good(&place, &["plan", "--line", "1.O"]);
    assert!(mistyped.contains("no cycle of the release line 1.O has run yet"), "{mistyped}");
}

#[test]
fn an_explanation_needs_no_inventory_and_knows_binary_packages() {
    let place = place();
    good(&place, &["sync", "--nvd", "nvd", "--kev", "kev.json"]);
    let asked = ["explain", "CVE-2024-10001", "anchor"];
    let early = good(&place, &asked);
    assert!(
        early.contains("A flaw of anchor") && early.contains("There is no case of a source package anchor; --spec-tree DIR"),
        "{early}"
    );
    good(&place, &["cycle", "--no-sync", "--spec-tree", "specs"]);
    let known = good(&place, &asked);
    assert!(known.contains("CVE-2024-10001 in anchor (default)  affected") && known.contains("before 2.0"), "{known}");
    assert!(known.contains("That is what the last cycle saw"), "{known}");

    let unnamed = good(&place, &["explain", "CVE-2024-10001", "anchor-libs"]);
    assert!(unnamed.contains("There is no case of a source package anchor-libs"), "{unnamed}");
    let binary = good(&place, &["explain", "CVE-2024-10001", "anchor-libs", "--spec-tree", "specs"]);
    assert!(binary.contains("anchor-libs is a binary package of anchor") && binary.contains("verdict: affected"), "{binary}");
    let unknown = place.run(&["explain", "CVE-2024-10001", "winch", "--spec-tree", "specs"]);
    assert!(unknown.status.code() == Some(2) && text(&unknown).contains("no source package winch"), "{}", text(&unknown));
}

#[test]
fn a_cycle_reads_the_sources_again_from_where_they_were_read() {
    let place = place();
    good(&place, &["sync", "--nvd", "nvd", "--kev", "kev.json"]);
    place.put("nvd/nvdcve-2.0-2024.json.gz", feed("1.2"));
    // From another folder, and with a network in which nobody answers.
    std::fs::create_dir(place.path("elsewhere")).unwrap();
    let mut cycle = crate::common::seaworthy(&place.path("home"));
    cycle.current_dir(place.path("elsewhere")).env("HTTPS_PROXY", "http://127.0.0.1:1").env_remove("NO_PROXY").env_remove("no_proxy");
    let out = cycle.args(["cycle", "--spec-tree", "../specs"]).output().unwrap();
    let shown = text(&out);
    assert!(out.status.success() && shown.contains("0 new, 1 changed"), "{shown}");
    assert!(
        shown.contains("--no-sync judges by the records at hand") && !shown.contains("asking") && !shown.contains("warning"),
        "{shown}"
    );
}

#[test]
fn many_warnings_are_counted_by_kind_and_told_on_demand() {
    let place = place();
    good(&place, &["sync", "--nvd", "nvd", "--kev", "kev.json"]);
    for name in ["buoy", "dock", "pier"] {
        place.put(&format!("specs/{name}/{name}.spec"), spec(name, "%endif\nEpoch: x%{nothing}\n"));
    }
    let told = |more: &[&str]| good(&place, &[&["scan", "--spec-tree", "specs"], more].concat());
    let counted = told(&[]);
    let warnings: Vec<&str> = counted.lines().filter(|line| line.starts_with("warning:")).collect();
    let sentence = "warning: not read as they stand: 3 parts that are left out or taken otherwise, 3 conditions of specs that cannot be \
                    computed; --warnings tells each";
    assert_eq!(warnings, [sentence]);
    let each = told(&["--warnings"]);
    assert_eq!(each.lines().filter(|line| line.starts_with("warning: ")).count(), 6, "{each}");
    assert!(each.contains("buoy.spec:7: %endif without %if"), "{each}");
    let whole: serde_json::Value =
        serde_json::from_slice(&place.run(&["scan", "--spec-tree", "specs", "--format", "json"]).stdout).unwrap();
    assert_eq!(whole["problems"].as_array().unwrap().len(), 6);
    assert_eq!(whole["problems"][0]["kind"], "part");
}

/// Rows of what there is to scan, with the exit code and the words on the terminal.
#[test]
fn a_scan_that_looked_at_nothing_is_no_all_clear() {
    let place = place();
    good(&place, &["sync", "--nvd", "nvd", "--kev", "kev.json"]);
    let bom = |components: &str| format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{components}]}}"#);
    place.put("empty.cdx.json", bom(""));
    place.put("deb.cdx.json", bom(r#"{"type":"library","name":"curl","version":"8","purl":"pkg:deb/ubuntu/curl@8"}"#));
    place.put("list.txt", "# nothing\n");
    place.put("other.txt", "unheard-of-1-1.noarch\n");
    place.put("packages.json", r#"{"packages":[]}"#);
    let nothing = "It cannot be told whether something is affected: no package was found.";
    let rows: [(&str, &[&str], i32, &str); 8] = [
        ("something affected", &["--spec-tree", "specs"], 0, "Affected: 1 finding"),
        ("the same with a bar", &["--spec-tree", "specs", "--fail-on", "low"], 1, "Affected: 1 finding"),
        ("an empty SBOM", &["--sbom", "empty.cdx.json"], 3, nothing),
        ("an empty list", &["--nevras", "list.txt"], 3, nothing),
        ("an empty packages file, with a bar", &["--packages", "packages.json", "--fail-on", "low"], 3, nothing),
        ("a list of which nothing is known", &["--nevras", "other.txt"], 3, "the only package is tied to no product of a record"),
        (
            "packages of another distribution",
            &["--sbom", "deb.cdx.json", "--fail-on", "low"],
            3,
            "packages of these kinds are not judged: 1 deb",
        ),
        ("on standard error, in a format without sentences", &["--nevras", "list.txt", "--format", "jsonl"], 3, "warning: cannot tell"),
    ];
    seaworthy_testing::hold(rows.iter().map(|(why, call, code, words)| {
        let out = place.run(&[&["scan", "--quiet"], *call].concat());
        let shown = text(&out);
        let said = shown.contains(words) && (*code != 3 || !shown.contains("No known vulnerability"));
        (*why, format!("{code}, said"), format!("{}, {}", out.status.code().unwrap(), if said { "said" } else { shown.as_str() }))
    }));
}

#[test]
fn the_options_of_every_command_come_last_under_their_heading() {
    let place = Place::new();
    for call in [&["scan", "--help"][..], &["triage", "list", "--help"], &["cycle", "-h"]] {
        let help = good(&place, call);
        let (own, global) = help.split_once("\nGlobal options:\n").unwrap_or_else(|| panic!("{help}"));
        for option in ["--home", "--quiet", "--no-progress", "--warnings", "--color"] {
            assert!(global.contains(option) && !own.contains(option), "{option}: {help}");
        }
        assert!(own.contains("--help") && !global.contains("\nOptions:"), "{help}");
    }
}

#[test]
fn the_finding_that_the_quickstart_advises_to_close_is_closed() {
    let place = Place::new();
    let spec = std::fs::read_to_string(harbor("specs/expat/expat.spec")).unwrap();
    place.put("specs/expat/expat.spec", &spec);
    good(&place, &["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
    let cycle = ["cycle", "--no-sync", "--spec-tree", "specs"];
    good(&place, &cycle);
    let quickstart = std::fs::read_to_string(seaworthy_testing::workspace().join("quickstart")).unwrap();
    let line = quickstart.split('"').find(|part| part.starts_with("Patch0: ")).unwrap();
    place.put("specs/expat/expat.spec", spec.replacen("BuildRequires:", &format!("{line}\nBuildRequires:"), 1));
    place.put(&format!("specs/expat/{}", line.trim_start_matches("Patch0: ")), "");
    let closed = good(&place, &cycle);
    assert!(closed.contains("CVE-2024-45490 in expat (default): fixed in 2.6.2-1"), "{closed}");
}
