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
        let (theirs, ours) = (desk(), desk());
        decide(&theirs);
        let file = ours.path("theirs.json");
        let file = file.to_str().unwrap();
        let export = ["vex", "export", "--format", format, "--author", "Their Linux", "--vendor", "their", "--output", file];
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
