//! VEX documents out of one home and into another.

use crate::common::{Place, harbor, text};
use serde_json::Value;

fn good(place: &Place, arguments: &[&str]) -> String {
    let out = place.run(arguments);
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
    text(&out)
}

fn desk() -> Place {
    let place = Place::new();
    good(&place, &["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
    good(&place, &["cycle", "--no-sync", "--spec-tree", &harbor("specs"), "--delivered", &harbor("released.json")]);
    place
}

fn decide(place: &Place) {
    let decision = ["triage", "decide", "CVE-2024-35195", "python-requests", "not_affected", "--statement", "no session is reused"];
    good(place, &[&decision[..], &["--justification", "vulnerable_code_not_in_execute_path"]].concat());
}

#[test]
fn what_one_team_decided_counts_for_another() {
    for format in ["openvex", "csaf"] {
        let (theirs, ours, others) = (desk(), desk(), desk());
        for (place, vendor) in [(&theirs, "their"), (&ours, "their"), (&others, "other")] {
            place.put("home/seaworthy.toml", format!("[publish]\nvendor = \"{vendor}\"\n"));
        }
        decide(&theirs);
        let file = ours.path("theirs.json");
        let file = file.to_str().unwrap();
        let export = ["vex", "export", "--format", format, "--author", "Their Linux", "--output", file];
        good(&theirs, &export);
        let written = std::fs::read(file).unwrap();
        good(&theirs, &export);
        assert_eq!(std::fs::read(file).unwrap(), written, "the same cases give the same bytes");

        let shown = good(&ours, &["vex", "import", file]);
        assert!(shown.contains("1 cases would be decided. Nothing was changed"), "{shown}");
        assert!(shown.contains("no session is reused") && shown.contains("passed over: CVE-2024-6197 in curl affected"), "{shown}");
        assert!(good(&ours, &["triage", "list"]).contains("CVE-2024-35195"));
        assert!(good(&ours, &["vex", "import", file, "--apply"]).contains("1 cases were decided"));
        assert!(!good(&ours, &["triage", "list"]).contains("CVE-2024-35195"));
        let case = good(&ours, &["triage", "show", "CVE-2024-35195", "python-requests", "--json"]);
        let case: Value = serde_json::from_str(&case).unwrap();
        assert_eq!(case["case"]["decision"]["origin"]["document"], "theirs.json");
        assert_eq!(case["case"]["decision"]["justification"], "vulnerable_code_not_in_execute_path");
        assert!(good(&ours, &["vex", "import", file, "--apply"]).contains("0 cases were decided"), "once is enough");

        // Packages of the same names of another distributor.
        let shown = good(&others, &["vex", "import", file, "--apply"]);
        assert!(shown.contains("0 cases were decided"), "{shown}");
        assert!(shown.contains("CVE-2024-35195 in python-requests not_affected: it is said of packages of \"their\""), "{shown}");
        // Of another line.
        let shown = good(&ours, &["vex", "import", file, "--line", "2.0"]);
        assert!(shown.contains("0 cases would be decided"), "{shown}");
    }
}

/// A document with a statement on python-requests of ours.
fn statement(id: &str, day: &str, status: &str) -> String {
    let product = r#"[{"@id":"pkg:rpm/harbor/python-requests"}]"#;
    format!(
        r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://{id}.example/1","author":"{id}","timestamp":"{day}T00:00:00Z",
        "version":1,"statements":[{{"vulnerability":{{"name":"CVE-2024-35195"}},"products":{product},{status}}}]}}"#
    )
}

#[test]
fn the_later_document_holds_in_whatever_order_they_are_imported() {
    const ABSENT: &str = r#""status":"not_affected","justification":"component_not_present""#;
    let state = |place: &Place| {
        let shown = good(place, &["triage", "show", "CVE-2024-35195", "python-requests", "--json"]);
        serde_json::from_str::<Value>(&shown).unwrap()["case"]["state"].clone()
    };
    for files in [["june.json", "july.json"], ["july.json", "june.json"]] {
        let place = desk();
        place.put("home/seaworthy.toml", "[publish]\nvendor = \"harbor\"\n");
        place.put("june.json", statement("june", "2025-06-01", ABSENT));
        place.put("july.json", statement("july", "2025-07-01", r#""status":"affected","action_statement":"update""#));
        for file in files {
            good(&place, &["vex", "import", file, "--apply"]);
        }
        assert_eq!(state(&place), "affected", "{files:?}");
        let shown = good(&place, &["vex", "import", "june.json"]);
        let why = "a later statement holds: affected, of 2025-07-01T00:00:00Z, in july.json (at /statements/0/products/0)";
        assert!(shown.contains(why) && shown.contains("0 cases would be decided"), "{shown}");
        // What was read is undone with what was decided.
        let batches: Value = serde_json::from_str(&good(&place, &["triage", "undo", "--json"])).unwrap();
        good(&place, &["triage", "undo", &batches["batches"][0]["batch"].to_string()]);
        let after = if files[1] == "july.json" { "not_affected" } else { "affected" };
        assert_eq!(state(&place), after, "{files:?}");
    }
}

#[test]
fn bad_documents_change_nothing_and_say_where() {
    let place = desk();
    let before = good(&place, &["ledger", "log", "--limit", "0"]);
    for (name, bytes, says) in [
        ("cut.json", "{\"@context\":\n \"https", "line 2, column"),
        ("other.json", "{}", "neither OpenVEX"),
        ("newer.json", r#"{"document":{"csaf_version":"3.0"}}"#, "is not 2.0"),
    ] {
        place.put(name, bytes);
        let out = place.run(&["vex", "import", name, "--apply"]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out).contains(says) && text(&out).contains(name), "{}", text(&out));
    }
    place.put("odd.json", r#"{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"vulnerability":{"name":"x"}}]}"#);
    let shown = good(&place, &["vex", "import", "odd.json", "--apply"]);
    assert!(shown.contains("at /statements/0/vulnerability") && shown.contains("0 cases were decided"), "{shown}");
    assert_eq!(good(&place, &["ledger", "log", "--limit", "0"]), before);
}
