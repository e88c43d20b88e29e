//! Cases under embargo: none appears in any output before its date, for people without the right to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::common::{Place, harbor, seaworthy, text};

/// The texts that give the case away. No source knows the CVE; the words are nowhere else.
const TRACES: [&str; 5] = ["-90001", "HLSEC-4711", "psirt@secret.example", "zugzwang", "9.9.9-secret"];
const CVE: &str = "CVE-2026-90001";
/// The time of these tests, and the end of the embargo.
const NOW: &str = "1790000000";
const UNTIL: &str = "2026-10-20T00:00:00Z";
const LATER: &str = "1793000000";

/// The settings without which nothing can be published.
const SETTINGS: &str = "[publish]\nurl = \"https://packages.example.org\"\n";

fn run(place: &Place, clock: &str, arguments: &[&str]) -> Output {
    let mut command = seaworthy(&place.path("home"));
    command.env("SOURCE_DATE_EPOCH", clock).current_dir(place.path(".")).args(arguments).output().unwrap()
}

/// A home with the cases of Harbor Linux, two of them under embargo: one that no source knows, fixed by a patch already, and one that is
/// public elsewhere and under embargo here.
fn sealed() -> Place {
    let place = Place::new();
    place.put("home/seaworthy.toml", SETTINGS);
    place.put("packages.txt", "curl-8.8.0-2.x86_64\nhttpd-2.4.59-1.x86_64\n");
    let good = |arguments: &[&str]| {
        let out = run(&place, NOW, arguments);
        assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
    };
    good(&["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
    good(&["cycle", "--no-sync", "--spec-tree", &harbor("specs")]);
    let name = [CVE, "curl", "--embargoed"];
    let open = ["--version", "9.9.9-secret", "--severity", "critical", "--until", UNTIL, "--contact", "psirt@secret.example"];
    good(&[&["triage", "open"][..], &name, &open, &["--tracking", "HLSEC-4711", "--why", "zugzwang"]].concat());
    good(&[&["triage", "decide"][..], &name, &["affected", "--statement", "zugzwang of the parser"]].concat());
    good(&[&["triage", "assign"][..], &name, &["psirt@secret.example"]].concat());
    good(&[&["triage", "rate"][..], &name, &["critical", "--reason", "zugzwang"]].concat());
    place
}

/// All calls that print or write, without the right. The test below fails for a subcommand that is not here.
fn calls() -> Vec<Vec<String>> {
    let specs = harbor("specs");
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut add = |line: &str| calls.push(line.split(' ').map(|w| w.replace("SPECS", &specs).replace('+', " ")).collect());
    for line in [
        "init",
        "sync --rebuild",
        "sync --rebuild --json",
        "status",
        "status --json",
        "inventory list --spec-tree SPECS",
        "inventory show curl --spec-tree SPECS",
        "inventory diff SPECS SPECS",
        "explain CVE-2026-90001 curl --spec-tree SPECS",
        "explain CVE-2024-7264 curl --spec-tree SPECS",
        "explain CVE-2024-7264 curl",
        "explain CVE-2024-7264 curl --json",
        "explain CVE-2024-7264 curl --spec-tree SPECS --json --raw",
        "cycle --no-sync --spec-tree SPECS",
        "cycle --no-sync --spec-tree SPECS --json",
        "cycle --no-sync --all --spec-tree SPECS --line other",
        "plan",
        "plan --all",
        "plan --json",
        "plan --json --at 2030-01-01",
        "sla",
        "sla --json",
        "sla --json --at 2030-01-01",
        "sla --svg out.svg",
        "policy check",
        "policy check --json",
        "policy show",
        "policy show --json",
        "policy template",
        "serve-repo",
        "keys create --user-id Harbor+updates",
        "keys create --user-id Harbor+updates --json",
        "publish plan",
        "publish plan --json --all",
        "publish run --no-programs --json",
        "publish run --no-programs",
        "publish verify --no-programs",
        "publish verify --no-programs --json",
        "publish diff",
        "publish diff --json",
        "publish withdraw curl-8.8.0-2 --why broken",
        "publish withdraw curl-8.8.0-2 --why broken --json",
        "keys list",
        "keys list --json",
        "keys export",
        "keys import nothing.asc",
        "keys rotate --user-id Harbor+updates",
        "keys rotate --user-id Harbor+updates --json",
        "keys retire 0000",
        "publish run --no-programs",
        "triage adopt --history nothing.csv --packages nothing.json",
        "ledger log --limit 0",
        "ledger log --limit 0 --json",
        "ledger log --case CVE-2026-90001",
        "ledger log --case CVE-2026-90001 curl",
        "ledger verify",
        "ledger verify --json",
        "ledger export --output out.jsonl",
        "ledger export",
        "ledger import nothing.jsonl",
        "ledger rebuild",
        "ledger correct-time 99999 --to 2026-01-01 --why x",
        "jobs list --all",
        "jobs list --all --json",
        "jobs cancel 1",
        "jobs prune --before 2026-01-01",
        "replay --packages-dir home --history nothing.csv --from 2026-01-01 --to 2026-01-02",
        "triage list",
        "triage list --json --limit 1000",
        "triage list --cve CVE-2026-90001",
        "triage list --package curl --state affected --state fixed",
        "triage list --assignee psirt@secret.example",
        "triage show CVE-2026-90001 curl",
        "triage show CVE-2026-90001 curl --json",
        "triage show CVE-2024-7264 curl --json",
        "triage board",
        "triage decide CVE-2026-90001 curl affected",
        "triage defer CVE-2026-90001 curl --until 30d",
        "triage assign CVE-2026-90001 curl mia",
        "triage rate CVE-2026-90001 curl low --reason x",
        "triage pause CVE-2026-90001 curl --reason freeze",
        "triage resume CVE-2026-90001 curl",
        "triage open CVE-2026-90001 curl --version 1",
        "triage embargo CVE-2026-90001 curl --until 2030-01-01 --contact me",
        "triage disclose CVE-2026-90001 curl",
        "triage split CVE-2026-90001 curl part",
        "triage bulk --where package=* affected",
        "triage bulk --where package=* affected --json",
        "triage bulk --where cve=CVE-2026-90001 affected --yes",
        "triage undo",
        "triage undo --json",
        "triage undo 9999",
        "triage suggest",
        "triage suggest --json",
        "triage suggest CVE-2026-90001 curl",
        "triage suggest CVE-2026-90001 curl --json",
        "triage suggest CVE-2024-7264 curl",
        "triage suggest CVE-2024-7264 curl --json",
        "vex export --format openvex",
        "vex export --format openvex --output out.openvex.json",
        "vex export --format csaf",
        "vex export --format csaf --output out.csaf.json",
        "vex import out.csaf.json --json",
        "vex import out.csaf.json --apply",
        "completions bash",
    ] {
        add(line);
    }
    for format in ["table", "jsonl", "json", "sarif", "cyclonedx", "html"] {
        add(&format!("scan --spec-tree SPECS --all --format {format}"));
        add(&format!("scan --nevras packages.txt --line default --all --format {format}"));
        add(&format!("scan --spec-tree SPECS --format {format} --output out.{format}"));
    }
    calls
}

/// The subcommands by their help, without those that have subcommands themselves.
fn subcommands(place: &Place, path: &[String], found: &mut BTreeSet<String>) {
    let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = text(&run(place, NOW, &arguments));
    let list = help.split_once("Commands:\n").map_or("", |(_, list)| list);
    let mut names: Vec<String> = Vec::new();
    for line in list.lines().take_while(|l| !l.is_empty()) {
        // Longer texts are set in further.
        if let Some(name) = line.strip_prefix("  ").filter(|l| !l.starts_with(' ')).and_then(|l| l.split_whitespace().next()) {
            names.push(name.to_owned());
        }
    }
    names.retain(|name| name != "help");
    if names.is_empty() {
        found.insert(path.join(" "));
    }
    for name in names {
        subcommands(place, &[path, &[name]].concat(), found);
    }
}

/// The traces in a text, without those in the arguments: a message may name the case that it was asked for.
fn traces(shown: &str, arguments: &[String]) -> Vec<&'static str> {
    let typed = arguments.join(" ");
    TRACES.into_iter().filter(|trace| shown.contains(trace) && !typed.contains(trace)).collect()
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn no_output_has_a_trace_before_the_date() {
    let place = sealed();
    let calls = calls();
    let mut known = BTreeSet::new();
    subcommands(&place, &[], &mut known);
    let walked = |name: &String| calls.iter().any(|c| format!("{} ", c.join(" ")).starts_with(&format!("{name} ")));
    let missing: Vec<&String> = known.iter().filter(|name| !walked(name)).collect();
    assert!(known.len() > 25 && missing.is_empty(), "subcommands without a call: {missing:?} of {known:?}");

    for call in &calls {
        let arguments: Vec<&str> = call.iter().map(String::as_str).collect();
        let out = run(&place, NOW, &arguments);
        let shown = text(&out);
        assert_eq!(traces(&shown, call), Vec::<&str>::new(), "{call:?}: {shown}");
        // It may repeat the name that was typed, and must not confirm it.
        let typed = arguments.contains(&CVE);
        assert!(!typed || !out.status.success() || !shown.contains("curl (default)"), "{call:?}: {shown}");
    }
    // The ledger holds it, and nothing else.
    let mut written = Vec::new();
    files(&place.path("."), &mut written);
    for path in written.into_iter().filter(|p| !p.file_name().unwrap().to_string_lossy().starts_with("ledger.db")) {
        let bytes = fs::read(&path).unwrap();
        let found: Vec<&&str> = TRACES.iter().filter(|t| bytes.windows(t.len()).any(|w| w == t.as_bytes())).collect();
        assert!(found.is_empty(), "{found:?} in {}", path.display());
    }
}

/// The output without the right is the same whether there is a case under embargo or none: not even a count gives it away.
#[test]
fn outputs_are_those_of_a_home_without_it() {
    let (with, without) = (sealed(), sealed_without());
    for call in [
        "plan --json",
        "publish plan --json",
        "sla --json",
        "vex export --format openvex",
        "vex export --format csaf",
        "triage list --json",
        "triage suggest",
        "triage suggest --json",
        "cycle --no-sync --spec-tree SPECS --json",
        "cycle --no-sync --spec-tree SPECS",
        "status",
        "scan --nevras packages.txt --line default --format json",
    ] {
        let call: Vec<String> = call.split(' ').map(|w| w.replace("SPECS", &harbor("specs"))).collect();
        let arguments: Vec<&str> = call.iter().map(String::as_str).collect();
        assert_eq!(text(&run(&with, NOW, &arguments)), text(&run(&without, NOW, &arguments)), "{call:?}");
    }
}

fn sealed_without() -> Place {
    let place = Place::new();
    place.put("home/seaworthy.toml", SETTINGS);
    place.put("packages.txt", "curl-8.8.0-2.x86_64\nhttpd-2.4.59-1.x86_64\n");
    run(&place, NOW, &["sync", "--nvd", &harbor("knowledge/nvd"), "--kev", &harbor("knowledge/kev.json")]);
    run(&place, NOW, &["cycle", "--no-sync", "--spec-tree", &harbor("specs")]);
    place
}

#[test]
fn it_is_shown_with_the_right_and_after_the_date() {
    let place = sealed();
    for arguments in [
        &["triage", "list"][..],
        &["triage", "show", CVE, "curl"],
        &["plan", "--json"],
        &["vex", "export", "--format", "openvex"],
        &["vex", "export", "--format", "csaf"],
        &["ledger", "log", "--limit", "0"],
        &["ledger", "log", "--case", CVE],
    ] {
        let with_right = [arguments, &["--embargoed"]].concat();
        assert!(text(&run(&place, NOW, &with_right)).contains(CVE), "{with_right:?}");
        assert!(!run(&place, NOW, arguments).stdout.windows(CVE.len()).any(|w| w == CVE.as_bytes()), "{arguments:?}");
        assert!(text(&run(&place, LATER, arguments)).contains(CVE), "{arguments:?} after the date");
    }
}
