//! The queue through the binary, on the cases of the example distribution.

use crate::common::{Place, harbor, seaworthy, text};
use serde_json::Value;

/// A home with the cases of Harbor Linux.
fn desk() -> Place {
    let place = Place::new();
    good(&place, &["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
    cycle(&place);
    place
}

fn cycle(place: &Place) -> String {
    good(place, &["cycle", "--no-sync", "--spec-tree", &harbor("specs")])
}

fn good(place: &Place, arguments: &[&str]) -> String {
    let out = place.run(arguments);
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
    text(&out)
}

/// The message of a call that is refused and changes nothing.
fn refused(place: &Place, arguments: &[&str]) -> String {
    let before = good(place, &["ledger", "log", "--limit", "0", "--embargoed"]);
    let out = place.run(arguments);
    assert_eq!(out.status.code(), Some(2), "{arguments:?}: {}", text(&out));
    assert_eq!(good(place, &["ledger", "log", "--limit", "0", "--embargoed"]), before, "{arguments:?} changed something");
    text(&out)
}

fn state(place: &Place, cve: &str, package: &str) -> String {
    let shown: Value = serde_json::from_str(&good(place, &["triage", "show", cve, package, "--json"])).unwrap();
    shown["case"]["state"].as_str().unwrap().to_owned()
}

#[test]
fn the_queue_is_ordered_filtered_and_comes_in_pages() {
    let place = desk();
    let list = |more: &[&str]| -> Vec<String> {
        let json = good(&place, &[&["triage", "list", "--json"], more].concat());
        let json: Value = serde_json::from_str(&json).unwrap();
        let name = |row: &Value| format!("{} {}", row["case"]["key"]["cve"], row["case"]["key"]["package"]).replace('"', "");
        json["cases"].as_array().unwrap().iter().map(name).collect()
    };
    let all = list(&[]);
    assert_eq!((all.len(), all[0].as_str()), (10, "CVE-2024-38475 httpd"), "known to be exploited comes first");
    assert_eq!(list(&["--package", "openssl"]).len(), 2);
    assert_eq!(list(&["--state", "fixed"]), ["CVE-2024-6197 curl"]);
    assert_eq!(list(&["--state", "under_investigation"]), ["CVE-2023-45853 harbor-lights"]);
    assert_eq!(list(&["--line", "other"]), Vec::<String>::new());
    let mut paged = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let more: Vec<&str> = after.iter().flat_map(|a| ["--after", a]).collect();
        let json = good(&place, &[&["triage", "list", "--json", "--limit", "3"], more.as_slice()].concat());
        let json: Value = serde_json::from_str(&json).unwrap();
        paged.extend(json["cases"].as_array().unwrap().iter().map(|r| r["case"]["key"]["cve"].as_str().unwrap().to_owned()));
        after = json["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged.len(), 10);
    let shown = good(&place, &["triage", "list"]);
    assert!(shown.contains("critical KEV  triaged in 1 d  affected") && shown.contains("harbor-lights"), "{shown}");
    assert!(refused(&place, &["triage", "list", "--after", "yesterday"]).contains("as the page before it named it"));
    assert!(good(&place, &["triage", "list", "--state", "deferred"]).contains("none is like that"));

    // What people see has the total, the page and the next deadline.
    assert!(shown.contains("triaged in 7 d"), "{shown}");
    assert!(shown.ends_with("\nShowing 1 to 10 of 10 cases\n"), "{shown}");
    let second = good(&place, &["triage", "list", "--limit", "4", "--page", "2"]);
    assert!(second.contains("\nShowing 5 to 8 of 10 cases; the next page: --page 3\n"), "{second}");
    assert!(good(&place, &["triage", "list", "--limit", "4", "--page", "4"]).contains("No page 4: 10 cases fill 3 pages"));
    assert!(refused(&place, &["triage", "list", "--page", "0"]).contains("--page"));
    assert!(refused(&place, &["triage", "list", "--due", "1d", "--after", "{}"]).contains("--after"));
    let urgent = good(&place, &["triage", "list", "--due", "1d"]);
    assert!(urgent.contains("httpd") && !urgent.contains("triaged in 7 d"), "{urgent}");
    assert!(good(&place, &["triage", "list", "--due", "1h"]).contains("nothing like that is due within 1h"));
    let due: Value = serde_json::from_str(&good(&place, &["triage", "list", "--due", "1d", "--json", "--limit", "1"])).unwrap();
    assert_eq!((&due["total"], &due["cases"][0]["due"]["stage"], &due["next"]), (&4.into(), &"triaged".into(), &Value::Null), "{due}");
}

#[test]
fn each_decision_is_one_command_and_tells_who_and_why() {
    let place = desk();
    let not_affected = ["triage", "decide", "CVE-2024-35195", "python-requests", "not_affected"];
    assert!(refused(&place, &not_affected).contains("needs a justification"));
    let bare = [&not_affected[..], &["--justification", "vulnerable_code_not_in_execute_path"]].concat();
    assert!(refused(&place, &bare).contains("needs a statement"));
    let whole = [&bare[..], &["--statement", "no session is ever reused", "--why", "asked upstream"]].concat();
    let told = good(&place, &whole);
    assert!(told.contains("affected became not_affected"), "{told}");
    let shown = good(&place, &["triage", "show", "CVE-2024-35195", "python-requests"]);
    for part in ["no session is ever reused", "vulnerable_code_not_in_execute_path", "(asked upstream)", "priority"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(cycle(&place).lines().next().unwrap(), "Nothing changed since the last cycle: 12 cases, 9 open.");

    assert!(refused(&place, &["triage", "defer", "CVE-2024-24790", "golang"]).contains("a day on which it ends"));
    good(&place, &["triage", "defer", "CVE-2024-24790", "golang", "--until", "90d", "--statement", "with the next Go"]);
    assert_eq!(state(&place, "CVE-2024-24790", "golang"), "deferred");
    assert!(refused(&place, &["triage", "decide", "CVE-2024-24790", "golang", "fixed"]).contains("no decisions"));
    assert!(refused(&place, &["triage", "decide", "CVE-2024-6197", "curl", "affected"]).contains("cannot go from fixed to affected"));
    assert!(refused(&place, &["triage", "show", "CVE-2024-24790", "nothing"]).contains("there is no case of"));

    good(&place, &["triage", "assign", "CVE-2024-6119", "openssl", "mia"]);
    assert!(good(&place, &["triage", "list", "--assignee", "mia"]).contains("CVE-2024-6119"));
    good(&place, &["triage", "assign", "CVE-2024-6119", "openssl", "--nobody"]);
    assert!(!good(&place, &["triage", "list", "--assignee", "mia"]).contains("CVE-2024-6119"));
    good(&place, &["triage", "rate", "CVE-2024-6119", "openssl", "low", "--reason", "no client checks names here"]);
    assert!(good(&place, &["triage", "show", "CVE-2024-6119", "openssl"]).contains("low by our own rating"));
    assert!(refused(&place, &["triage", "rate", "CVE-2024-6119", "openssl", "bad", "--reason", "x"]).contains("unknown severity"));
    good(&place, &["triage", "pause", "CVE-2024-6119", "openssl", "--reason", "waiting_for_upstream"]);
    assert!(refused(&place, &["triage", "pause", "CVE-2024-6119", "openssl", "--reason", "freeze"]).contains("stand still already"));
    good(&place, &["triage", "resume", "CVE-2024-6119", "openssl"]);
    good(&place, &["ledger", "verify"]);
}

/// The output of a call where neither SEAWORTHY_ACTOR nor the account names anybody, and only these programs are there.
fn nameless(place: &Place, programs: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = seaworthy(&place.path("home"));
    command.env_remove("SEAWORTHY_ACTOR").env_remove("USER").env_remove("LOGNAME");
    command.env("PATH", place.path(programs)).current_dir(place.path(".")).args(arguments).output().unwrap()
}

#[test]
fn a_persons_decision_is_signed_by_a_person() {
    let place = desk();
    for (folder, programs) in [("both", [Some("Mia Harbor"), Some("mia")]), ("account", [None, Some("mia")]), ("none", [None, None])] {
        std::fs::create_dir_all(place.path(folder)).unwrap();
        for (program, name) in ["git", "id"].iter().zip(programs) {
            let path = format!("{folder}/{program}");
            let body = name.map_or_else(|| "exit 1".to_owned(), |name| format!("echo '{name}'"));
            place.put(&path, format!("#!/bin/sh\n{body}\n"));
            std::fs::set_permissions(place.path(&path), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
    }
    let sealed = ["triage", "open", "CVE-2026-90001", "curl", "--embargoed", "--version", "8.8.0-2"];
    let calls: [&[&str]; 15] = [
        &["triage", "decide", "CVE-2024-6119", "openssl", "under_investigation"],
        &["triage", "defer", "CVE-2024-6119", "openssl", "--until", "30d"],
        &["triage", "assign", "CVE-2024-6119", "openssl", "mia"],
        &["triage", "rate", "CVE-2024-6119", "openssl", "low", "--reason", "x"],
        &["triage", "pause", "CVE-2024-6119", "openssl", "--reason", "freeze"],
        &["triage", "embargo", "CVE-2024-6119", "openssl", "--until", "30d", "--contact", "x"],
        &["triage", "split", "CVE-2024-6119", "openssl", "libs"],
        &["triage", "bulk", "--where", "package=openssl", "under_investigation", "--yes"],
        &["triage", "suggest", "CVE-2023-45853", "harbor-lights", "--refuse", "1"],
        &["triage", "undo", "2"],
        &sealed,
        &["keys", "create", "--user-id", "security@example.org"],
        &["ledger", "correct-time", "1", "--to", "2026-09-01", "--why", "x"],
        &["publish", "withdraw", "curl-8.8.0-2", "--why", "x"],
        &["jobs", "cancel", "1"],
    ];
    let log = || good(&place, &["ledger", "log", "--limit", "0", "--embargoed", "--json"]);
    let before = log();
    for call in calls {
        let refused = nameless(&place, "none", call);
        assert_eq!(refused.status.code(), Some(2), "{call:?}: {}", text(&refused));
        assert!(text(&refused).contains("set SEAWORTHY_ACTOR=NAME"), "{call:?}: {}", text(&refused));
    }
    assert!(log() == before && !place.path("home/keys/keys.json").exists(), "nothing was changed");
    // To look needs no name, and what the program does by itself has its own.
    assert!(nameless(&place, "none", &["triage", "list"]).status.success());
    let again = ["cycle", "--no-sync", "--spec-tree", &harbor("specs"), "--line", "2.0"];
    assert!(nameless(&place, "none", &again).status.success());

    let last = |programs: &str, person: &str| {
        assert!(nameless(&place, programs, &["triage", "assign", "CVE-2024-6119", "openssl", person]).status.success());
        let newest: Value = serde_json::from_str(good(&place, &["ledger", "log", "--limit", "1", "--json"]).trim()).unwrap();
        newest["actor"].as_str().unwrap().to_owned()
    };
    assert_eq!((last("both", "a"), last("account", "b")), ("Mia Harbor".into(), "mia".into()));
    let actors: std::collections::BTreeSet<String> =
        log().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["actor"].as_str().unwrap().to_owned()).collect();
    assert!(actors.contains("cycle") && actors.contains("seaworthy"), "{actors:?}");
}

#[test]
fn bulk_shows_first_and_is_whole_or_not_at_all() {
    let place = desk();
    let bulk = |rule: &str, more: &[&str]| {
        let arguments = [&["triage", "bulk", "--where", rule, "deferred"][..], more].concat();
        arguments.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let call = |arguments: &[String]| arguments.iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
    let shown = call(&bulk("severity<=medium state=affected", &["--until", "30d"]));
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    assert!(good(&place, &shown).contains("3 cases would become deferred. Nothing was changed"));
    assert_eq!(state(&place, "CVE-2024-7264", "curl"), "affected");
    let done = [&shown[..], &["--yes"]].concat();
    assert!(good(&place, &done).contains("3 cases became deferred"));
    assert_eq!(state(&place, "CVE-2024-7264", "curl"), "deferred");
    assert!(good(&place, &["triage", "show", "CVE-2024-7264", "curl"]).contains("in bulk, where severity<=medium state=affected"));
    // One of those chosen is fixed already, so that none is changed.
    let mixed = ["triage", "bulk", "--where", "package=curl,openssl", "deferred", "--until", "30d", "--yes"];
    assert!(refused(&place, &mixed).contains("none was changed"));
    let wrong = ["triage", "bulk", "--where", "package=curl sevrity=low", "deferred", "--until", "30d"];
    assert!(refused(&place, &wrong).contains("at character 14"));
}

#[test]
fn a_suggestion_is_accepted_or_refused_by_a_person() {
    let place = desk();
    let suggest = ["triage", "suggest", "CVE-2023-45853", "harbor-lights"];
    let shown = good(&place, &suggest);
    assert!(shown.contains("CVE-2023-45853.nopatch records it") && shown.contains("contrib/minizip"), "{shown}");
    assert!(good(&place, &["triage", "suggest"]).contains("1 of 10 open cases have a suggestion"));
    assert!(refused(&place, &[&suggest[..], &["--accept", "2"]].concat()).contains("there is no suggestion 2"));
    assert!(refused(&place, &[&suggest[..], &["--accept", "1"]].concat()).contains("needs a justification"));
    good(&place, &[&suggest[..], &["--accept", "1", "--justification", "vulnerable_code_not_present"]].concat());
    assert_eq!(state(&place, "CVE-2023-45853", "harbor-lights"), "not_affected");

    let other = desk();
    good(&other, &[&suggest[..], &["--refuse", "1"]].concat());
    assert!(good(&other, &suggest).contains("Nothing that was decided elsewhere fits"));
    assert_eq!(state(&other, "CVE-2023-45853", "harbor-lights"), "under_investigation");
}

#[test]
fn a_part_is_decided_by_itself() {
    let place = desk();
    good(&place, &["triage", "split", "CVE-2024-7264", "curl", "curl-libs"]);
    assert!(refused(&place, &["triage", "split", "CVE-2024-7264", "curl", "more", "curl-libs"]).contains("nothing was changed"));
    let decide = ["triage", "decide", "CVE-2024-7264", "curl", "will_not_fix", "--part", "curl-libs", "--until", "1w", "--statement", "no"];
    good(&place, &decide);
    assert_eq!(state(&place, "CVE-2024-7264", "curl"), "affected");
    assert!(good(&place, &["triage", "list", "--state", "will_not_fix"]).contains("curl/curl-libs"));
    cycle(&place);
}

#[test]
fn what_is_under_embargo_is_not_there_without_the_right() {
    let place = desk();
    let open = ["triage", "open", "CVE-2026-90001", "curl", "--version", "8.8.0-2", "--severity", "high"];
    let sealed = [&open[..], &["--until", "30d", "--contact", "psirt@harbor.example", "--tracking", "HL-7"]].concat();
    assert!(refused(&place, &sealed).contains("needs the right"));
    good(&place, &[&sealed[..], &["--embargoed"]].concat());
    let hidden = refused(&place, &["triage", "show", "CVE-2026-90001", "curl"]);
    let absent = refused(&place, &["triage", "show", "CVE-2026-90002", "curl"]);
    assert_eq!(hidden, absent.replace("90002", "90001"));
    assert!(!good(&place, &["triage", "list"]).contains("90001"));
    let shown = good(&place, &["triage", "list", "--embargoed"]);
    assert!(shown.contains("CVE-2026-90001") && shown.contains("[embargo]"), "{shown}");
    let decide = ["triage", "decide", "CVE-2026-90001", "curl", "affected"];
    refused(&place, &decide);
    good(&place, &[&decide[..], &["--embargoed"]].concat());
    good(&place, &["triage", "disclose", "CVE-2026-90001", "curl", "--embargoed"]);
    assert!(good(&place, &["triage", "list"]).contains("CVE-2026-90001"));
}

/// The state diagram of a case in the guide, compared with that of the code.
#[test]
fn the_state_diagram_of_the_guide_is_the_codes() {
    let guide = std::fs::read_to_string(seaworthy_testing::workspace().join("docs/triage.md")).unwrap();
    let drawn = guide.split_once("```mermaid\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(drawn, seaworthy_model::case::state_diagram(), "put this into docs/triage.md");
}
