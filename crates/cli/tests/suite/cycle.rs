//! The cycle, the plan, the deadlines and the policy through the binary, on the example distribution.

use std::fs;

use crate::common::{Place, harbor, seaworthy, text};
use serde_json::Value;

/// A home whose settings name the feeds of Harbor Linux, and an image with some of its packages.
fn desk() -> Place {
    let place = Place::new();
    let settings = format!(
        "[distribution]\nname = \"Harbor Linux\"\nline = \"1.0\"\n[sources]\nnvd = \"{}\"\nkev = \"{}\"\nepss = \"off\"\n",
        harbor("knowledge/nvd"),
        harbor("knowledge/kev.json")
    );
    place.put("home/seaworthy.toml", settings);
    let note = r#"{"sku":"Harbor/gen2","version":"202609.20.0","built":"2026-09-20T00:00:00Z","packages":["curl-8.8.0-2.x86_64","httpd-2.4.59-1.x86_64"]}"#;
    place.put("images.jsonl", format!("{note}\n"));
    place
}

fn run(place: &Place, clock: i64, arguments: &[&str]) -> (i32, String) {
    let mut command = seaworthy(&place.path("home"));
    let out = command.env("SOURCE_DATE_EPOCH", clock.to_string()).current_dir(place.path(".")).args(arguments).output().unwrap();
    (out.status.code().unwrap(), text(&out))
}

fn good(place: &Place, clock: i64, arguments: &[&str]) -> String {
    let (code, shown) = run(place, clock, arguments);
    assert_eq!(code, 0, "{arguments:?}: {shown}");
    shown
}

const MONDAY: i64 = 1_790_000_000;
const DAY: i64 = 86_400;

#[test]
fn an_older_delivery_changes_nothing_and_says_so() {
    let place = desk();
    let specs = harbor("specs");
    good(&place, MONDAY, &["cycle", "--spec-tree", &specs]);
    let package = |release: &str| {
        format!(r#"{{"packages":[{{"name":"curl","version":"8.8.0","release":"{release}","url":"https://curl.se","subpackages":[]}}]}}"#)
    };
    place.put("older.json", package("1"));
    place.put("same.json", package("2"));
    for (delivered, is_older) in [("older.json", true), ("same.json", false)] {
        let cycle = ["cycle", "--no-sync", "--spec-tree", &specs, "--delivered", delivered];
        let told = good(&place, MONDAY + DAY, &cycle);
        let lacks = told.contains("note: what --delivered names lacks 1 fix that is published already");
        assert!(lacks == is_older && told.contains("Nothing changed since the last cycle"), "{delivered}: {told}");
    }
}

#[test]
fn a_cycle_is_one_run_that_can_be_repeated() {
    let place = desk();
    let specs = harbor("specs");
    let cycle = ["cycle", "--spec-tree", &specs, "--image-in-service", "images.jsonl"];
    let first = good(&place, MONDAY, &cycle);
    assert!(first.contains("First cycle: 9 affected, 1 decided, 1 fixed, 1 on the image, 1 published, 1 to investigate"), "{first}");
    assert!(first.contains("CVE-2024-6197 in curl (1.0): 8.8.0-2 shipped with 202609.20.0"), "{first}");
    let log = good(&place, MONDAY, &["ledger", "log", "--limit", "0", "--kind", "case"]);
    for later in [MONDAY, MONDAY + 3600] {
        let again = good(&place, later, &cycle);
        assert!(again.contains("Nothing changed since the last cycle: 12 cases, 10 open."), "{again}");
    }
    assert_eq!(good(&place, MONDAY, &["ledger", "log", "--limit", "0", "--kind", "case"]), log);

    // The next day a record is rejected, and only that is told.
    good(&place, MONDAY + DAY, &["sync", "--nvd", &harbor("knowledge/next-day")]);
    let next = good(&place, MONDAY + DAY, &["cycle", "--no-sync", "--spec-tree", &specs, "--image-in-service", "images.jsonl"]);
    assert!(next.starts_with("Changed: 1 withdrawn\n"), "{next}");
    let verified = good(&place, MONDAY + DAY, &["ledger", "verify"]);
    assert!(!verified.contains("error"), "{verified}");
}

#[test]
fn a_long_statement_fills_no_screen_and_is_kept() {
    let place = desk();
    for file in ["zlib.spec", "CVE-2023-45853.nopatch"] {
        let statement = format!("The flaw is elsewhere: {}", "so it is said at length, ".repeat(100));
        let text = if file.ends_with(".spec") { fs::read_to_string(harbor("specs/zlib/zlib.spec")).unwrap() } else { statement };
        place.put(&format!("specs/zlib/{file}"), text);
    }
    let shown = good(&place, MONDAY, &["cycle", "--spec-tree", "specs"]);
    let line = shown.lines().find(|line| line.contains("The flaw is elsewhere")).unwrap();
    assert!(line.chars().count() < 310 && line.ends_with("[…]"), "{line}");
    let case: Value = serde_json::from_str(&good(&place, MONDAY, &["triage", "show", "CVE-2023-45853", "zlib", "--json"])).unwrap();
    assert!(case.to_string().matches("at length").count() >= 100);
}

#[test]
fn what_waits_on_a_day_is_open_again_after_it() {
    let place = desk();
    let specs = harbor("specs");
    let cycle = ["cycle", "--no-sync", "--spec-tree", &specs];
    good(&place, MONDAY, &["cycle", "--spec-tree", &specs]);
    good(&place, MONDAY, &["triage", "defer", "CVE-2024-24790", "golang", "--until", "7d", "--statement", "next week"]);
    assert!(good(&place, MONDAY + 6 * DAY, &cycle).contains("Nothing changed"));
    let shown = good(&place, MONDAY + 7 * DAY, &cycle);
    assert!(shown.starts_with("Changed: 1 expired"), "{shown}");
    let plan: Value = serde_json::from_str(&good(&place, MONDAY, &["plan", "--json"])).unwrap();
    let blocked = plan["blocked"].as_array().unwrap();
    assert!(blocked.iter().any(|b| b["key"]["package"] == "golang"), "{blocked:?}");
}

#[test]
fn deadlines_are_counted_listed_and_drawn() {
    let place = desk();
    good(&place, MONDAY, &["cycle", "--spec-tree", &harbor("specs")]);
    let early: Value = serde_json::from_str(&good(&place, MONDAY, &["sla", "--json"])).unwrap();
    assert_eq!(early["report"]["severities"]["all"]["deadlines"]["triaged"]["breached"], 0);
    let late: Value = serde_json::from_str(&good(&place, MONDAY + 60 * DAY, &["sla", "--json", "--svg", "chart.svg"])).unwrap();
    assert_eq!(late["report"]["severities"]["all"]["deadlines"]["triaged"]["breached"], 10, "{late}");
    assert!(late["late"].as_array().unwrap().len() > 10);
    let chart = fs::read_to_string(place.path("chart.svg")).unwrap();
    assert!(chart.starts_with("<svg") && chart.contains("critical"), "{chart}");
    let table = good(&place, MONDAY + 60 * DAY, &["sla", "--limit", "2"]);
    assert!(table.contains("Broken and still open") && table.contains("more (--limit shows more)"), "{table}");
}

#[test]
fn a_policy_that_cannot_be_meant_stops_everything_with_its_line() {
    let train = "[[policy.calendar.trains]]\nname = \"a\"\nfirst = \"2026-01-05\"\nevery = \"7d\"\nfreeze = \"2d\"\n";
    let overlap = format!(
        "{train}[[policy.calendar.freezes]]\nname = \"x\"\nfrom = \"2026-12-20\"\nto = \"2027-01-03\"\n\
         [[policy.calendar.freezes]]\nname = \"y\"\nfrom = \"2027-01-01\"\nto = \"2027-01-05\"\n"
    );
    for (policy, line, says) in [
        ("[policy.deadlines.severe]\nfixed = \"1d\"\n", 1, "unknown severity"),
        ("[policy.deadlines.high]\nfixed = \"soon\"\n", 2, "no length of time"),
        ("[policy.calendar]\ntrains = []\n", 1, "train"),
        ("[policy.delivery.host]\nout_of_band = [\"bad\"]\n", 2, "unknown severity"),
        (&overlap, 10, "overlap"),
    ] {
        let place = desk();
        let settings = fs::read_to_string(place.path("home/seaworthy.toml")).unwrap();
        let before = settings.lines().count();
        place.put("home/seaworthy.toml", format!("{settings}{policy}"));
        let (code, shown) = run(&place, MONDAY, &["policy", "check"]);
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains(says), "{says}: {shown}");
        assert!(shown.contains(&format!("seaworthy.toml:{}: ", before + line)), "line {}: {shown}", before + line);
        let (code, _) = run(&place, MONDAY, &["cycle", "--spec-tree", &harbor("specs")]);
        assert!(code == 2 && !place.path("home/knowledge/state.json").exists(), "nothing was synced");
    }
}

/// The opening of a case by hand: without a version the command is refused, and the log is unchanged.
#[test]
fn a_case_without_a_version_is_refused() {
    let place = desk();
    good(&place, MONDAY, &["sync"]);
    let open = ["triage", "open", "CVE-2024-6119", "openssl", "--embargoed", "--version", ""];
    let (code, shown) = run(&place, MONDAY, &open);
    assert!(code == 2 && shown.contains("version"), "{shown}");
    let log = good(&place, MONDAY, &["ledger", "log", "--kind", "case"]);
    assert!(!log.contains("CVE-2024-6119"), "{log}");
}
