//! Every command that changes something: what it would do is seen before, and it is taken back, or says that it cannot be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::common::{Place, harbor, text};
use crate::json::table;
use crate::json::walk::walk;

/// The commands that change nothing.
const READING: [&str; 25] = [
    "completions",
    "explain",
    "inventory diff",
    "inventory list",
    "inventory show",
    "jobs list",
    "keys export",
    "keys list",
    "ledger export",
    "ledger log",
    "ledger verify",
    "plan",
    "policy check",
    "policy show",
    "policy template",
    "publish diff",
    "publish plan",
    "publish verify",
    "scan",
    "serve-repo",
    "sla",
    "status",
    "triage list",
    "triage show",
    "vex export",
];

/// Commands that change cases, in an order in which each can be carried out after those before were taken back. Words have no blanks.
const ON_CASES: [&str; 18] = [
    "triage decide CVE-2024-7264 curl will_not_fix --until 180d --statement no",
    "triage defer CVE-2024-7264 curl --until 30d --statement later",
    "triage assign CVE-2024-7264 curl mia",
    "triage rate CVE-2024-7264 curl low --reason unused",
    "triage pause CVE-2024-7264 curl --reason freeze",
    "triage resume CVE-2024-6119 openssl",
    "triage open CVE-2026-90001 curl --version 1-1 --embargoed",
    "triage embargo CVE-2024-7264 curl --until 30d --contact me",
    "triage disclose CVE-2024-24790 golang --embargoed",
    "triage split CVE-2024-7264 curl curl-libs",
    "triage bulk --where cve=CVE-2024-7264 deferred --until 90d --statement later --yes",
    "triage suggest CVE-2023-45853 harbor-lights --accept 1 --justification vulnerable_code_not_present",
    "triage suggest CVE-2023-45853 harbor-lights --refuse 1",
    "triage adopt --history history.csv --packages packages.json --line 2.0",
    "vex import said.json --apply",
    "cycle --no-sync --spec-tree few --accept-inventory",
    "cycle --no-sync --spec-tree SPECS --line other",
    "triage undo BATCH",
];

/// Commands that cannot be taken back, which are told before they fail or end.
const FOR_GOOD: [&str; 8] = [
    "keys create --user-id a@example.org",
    "keys import nothing.asc",
    "keys rotate --user-id b@example.org",
    "keys retire 0000",
    "jobs cancel 1",
    "jobs prune --before 2026-01-01",
    "ledger import nothing.jsonl",
    "ledger correct-time 2 --to 2026-09-21T00:00:00Z --why clock",
];

/// Commands that cannot be taken back, which are told where they change something, before they do: see `told`.
const PUBLICATIONS: [&str; 2] = ["publish run", "publish withdraw"];

fn place() -> Place {
    let place = Place::new();
    place.put("home/seaworthy.toml", "[publish]\nurl = \"https://packages.example.org\"\nvendor = \"harbor\"\n");
    place.put("history.csv", "package,cve,evr,date,kind\ncurl,CVE-2024-6197,8.8.0-2,2024-08-01,patch\n");
    place
        .put("packages.json", r#"{"packages":[{"name":"curl","version":"8.9.1","release":"1","url":"https://curl.se","subpackages":[]}]}"#);
    place.put(
        "said.json",
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://their.example/1","author":"Their Linux",
        "timestamp":"2026-09-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2024-7264"},
        "products":[{"@id":"pkg:rpm/harbor/curl"}],"status":"not_affected","justification":"component_not_present",
        "impact_statement":"not built"}]}"#,
    );
    place.put("nothing.jsonl", "");
    for file in fs::read_dir(harbor("specs/curl")).unwrap() {
        let file = file.unwrap();
        place.put(&format!("few/curl/{}", file.file_name().display()), fs::read(file.path()).unwrap());
    }
    good(&place, "sync --nvd KNOWN/nvd --kev KNOWN/kev.json");
    good(&place, "cycle --no-sync --spec-tree SPECS");
    good(&place, "triage pause CVE-2024-6119 openssl --reason freeze");
    good(&place, "triage embargo CVE-2024-24790 golang --until 30d --contact me");
    place
}

fn run(place: &Place, line: &str) -> std::process::Output {
    let batch = if line.contains("BATCH") { newest_batch(place) } else { String::new() };
    let word = |word: &str| word.replace("SPECS", &harbor("specs")).replace("KNOWN", &harbor("knowledge")).replace("BATCH", &batch);
    let words: Vec<String> = line.split(' ').map(word).collect();
    place.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn good(place: &Place, line: &str) -> String {
    let out = run(place, line);
    assert_eq!(out.status.code(), Some(0), "{line}: {}", text(&out));
    String::from_utf8(out.stdout).unwrap()
}

fn newest_batch(place: &Place) -> String {
    let list: Value = serde_json::from_str(&good(place, "triage undo --json --embargoed")).unwrap();
    list["batches"][0]["batch"].to_string()
}

/// All cases, but for the times of their last events.
fn cases(place: &Place) -> Value {
    let states = "under_investigation affected deferred will_not_fix not_shipped not_affected fixed withdrawn";
    let states: String = states.split(' ').map(|state| format!(" --state {state}")).collect();
    let mut list: Value = serde_json::from_str(&good(place, &format!("triage list --json --embargoed --limit 1000{states}"))).unwrap();
    for row in list["cases"].as_array_mut().unwrap() {
        row["case"].as_object_mut().unwrap().remove("changed");
    }
    list
}

#[test]
fn a_change_of_cases_is_seen_before_and_taken_back() {
    let place = place();
    let log = || good(&place, "ledger log --limit 0 --embargoed");
    for line in ON_CASES {
        let (before, events) = (cases(&place), log());
        let trial = if line.starts_with("vex import") { line.replace(" --apply", "") } else { format!("{line} --dry-run") };
        let shown = good(&place, &trial);
        assert_eq!((cases(&place), log()), (before.clone(), events), "{trial} changed something");
        let done = good(&place, line);
        // An event, a case or a count: what is done is what was shown.
        assert!(kernel(&shown).any(|of_trial| kernel(&done).any(|done| done == of_trial)), "{trial} shows:\n{shown}\nand is:\n{done}");
        assert_ne!(cases(&place), before, "{line} changes nothing");
        good(&place, "triage undo BATCH --embargoed");
        assert_eq!(cases(&place), before, "{line} is not taken back");
    }
    assert!(good(&place, "ledger verify").contains("as they were written"));
}

/// The lines that say what is done, without the words by which a trial differs.
fn kernel(text: &str) -> impl Iterator<Item = String> {
    let differing = ["would", "become", "became", "be", "are", "were", "taken", "Nothing", "changed:"];
    let sentence = |line: &str| line.split(". ").next().unwrap_or(line).trim_end_matches('.').to_owned();
    let plain = move |line: &str| {
        sentence(line).split_whitespace().filter(|word| !differing.contains(word)).map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(plain).filter(|line| line.bytes().any(|byte| byte.is_ascii_digit()))
}

#[test]
fn a_trial_refuses_what_the_command_refuses() {
    let place = place();
    for line in [
        "triage assign CVE-2024-7264 curl a\u{1}b",
        "triage split CVE-2024-7264 curl part part",
        "triage resume CVE-2024-7264 curl",
        "triage decide CVE-2024-7264 curl not_affected --statement no",
        "triage undo 1",
        "cycle --no-sync --spec-tree few",
    ] {
        let trial = run(&place, &format!("{line} --dry-run"));
        let done = run(&place, line);
        assert_eq!((done.status.code(), text(&done)), (trial.status.code(), text(&trial)), "{line}");
        assert_ne!(done.status.code(), Some(0), "{line}: {}", text(&done));
    }
}

#[test]
fn a_first_cycle_and_a_withdrawal_are_seen_before() {
    let place = Place::new();
    place.put("home/seaworthy.toml", "[publish]\nurl = \"https://packages.example.org\"\n");
    good(&place, "sync --nvd KNOWN/nvd --kev KNOWN/kev.json");
    let trial: Value = serde_json::from_str(&good(&place, "cycle --dry-run --spec-tree SPECS --json")).unwrap();
    assert_eq!((&trial["written"], &trial["sync"], &trial["first"]), (&false.into(), &Value::Null, &true.into()));
    assert_eq!(trial["taken_over"]["fixes"], 1);
    assert_eq!(good(&place, "ledger log --kind case --limit 0").lines().filter(|line| line.contains("CVE-")).count(), 0);
    let done: Value = serde_json::from_str(&good(&place, "cycle --no-sync --spec-tree SPECS --json")).unwrap();
    assert_eq!((&done["written"], &done["events"], &done["taken_over"]), (&true.into(), &trial["events"], &trial["taken_over"]));
    // There is nothing to withdraw yet: the trial says so as the command does.
    let line = "publish withdraw curl-8.8.0-2 --why broken";
    let (trial, done) = (run(&place, &format!("{line} --dry-run")), run(&place, &format!("--quiet {line}")));
    assert!(text(&trial).contains("no channel has curl-8.8.0-2"), "{}", text(&trial));
    assert_eq!(trial.status.code(), done.status.code());
}

#[test]
fn what_cannot_be_taken_back_is_told_before() {
    let place = place();
    for line in FOR_GOOD {
        let out = run(&place, line);
        let told = String::from_utf8(out.stderr).unwrap();
        assert!(told.lines().any(|line| line.starts_with("This cannot be taken back: ")), "{line}: {told}");
        let quiet = run(&place, &format!("--quiet {line}"));
        assert!(!text(&quiet).contains("cannot be taken back"), "{line}");
        let command: Vec<&str> = line.split(' ').take(2).collect();
        let help = good(&place, &format!("{} --help", command.join(" "))).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("cannot be taken back"), "{line}: {help}");
    }
    for command in PUBLICATIONS {
        let help = good(&place, &format!("{command} --help")).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("cannot be taken back"), "{help}");
    }
    assert!(good(&place, "publish withdraw --help").contains("--dry-run"));
}

#[test]
fn the_page_of_changes_lists_every_command_that_changes_something() {
    let rows: BTreeMap<String, Vec<String>> =
        table("changes.md", "| command | how it is seen before | how it is taken back |").into_iter().map(|r| (r[0].clone(), r)).collect();
    let reading: BTreeSet<String> = READING.iter().map(|name| (*name).to_owned()).collect();
    let all: BTreeSet<String> = walk().all;
    assert_eq!(all, rows.keys().chain(&reading).cloned().collect());
    let tried = |lines: &[&str]| -> BTreeSet<String> {
        let command = |line: &&str| rows.keys().find(|name| line.starts_with(name.as_str())).cloned();
        lines.iter().filter_map(command).collect()
    };
    let of = |end: &str| rows.values().filter(|row| row[2].starts_with(end)).map(|row| row[0].clone()).collect::<BTreeSet<String>>();
    let mut undone = of("triage undo");
    assert!(undone.remove("triage board"), "it is a view for a terminal, with the desk of the others");
    assert_eq!(tried(&ON_CASES), undone);
    assert_eq!(tried(&[&FOR_GOOD[..], &PUBLICATIONS].concat()), of("it cannot"));
}
