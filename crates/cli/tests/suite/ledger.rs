//! The ledger through the binary: bad names, wrong clocks, and settings in force.

use crate::common::{Place, seaworthy, text};

const MONDAY: i64 = 1_790_000_000;
const YEAR: i64 = 365 * 86_400;

fn run(place: &Place, clock: i64, arguments: &[&str]) -> (i32, String) {
    let mut command = seaworthy(&place.path("home"));
    let command = command.env("SOURCE_DATE_EPOCH", clock.to_string()).env("SEAWORTHY_ACTOR", "mia").current_dir(place.path("."));
    let out = command.args(arguments).output().unwrap();
    (out.status.code().unwrap(), text(&out))
}

fn good(place: &Place, clock: i64, arguments: &[&str]) -> String {
    let (code, shown) = run(place, clock, arguments);
    assert_eq!(code, 0, "{arguments:?}: {shown}");
    shown
}

/// A repository with packages of these names, which a table ties to one product, and a record of that product.
fn home(names: &[&str]) -> Place {
    let place = Place::new();
    let nvd = seaworthy_testing::harbor("knowledge/nvd");
    place.put("home/seaworthy.toml", format!("[distribution]\nline = \"1.0\"\n[sources]\nnvd = {nvd:?}\nkev = \"off\"\nepss = \"off\"\n"));
    let package = |name: &&str| {
        format!(
            "<package type=\"rpm\"><name>{name}</name><arch>x86_64</arch><version epoch=\"0\" ver=\"2.4.59\" rel=\"1\"/><format>\
             <rpm:sourcerpm>{name}-2.4.59-1.src.rpm</rpm:sourcerpm></format></package>"
        )
    };
    let packages: String = names.iter().map(package).collect();
    let primary = format!(
        "<?xml version=\"1.0\"?><metadata xmlns=\"http://linux.duke.edu/metadata/common\" \
             xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"{}\">{packages}</metadata>",
        names.len()
    );
    let digest = seaworthy_model::Digest::of(primary.as_bytes()).hex();
    place.put("repo/repodata/primary.xml", primary);
    place.put(
        "repo/repodata/repomd.xml",
        format!(
            "<?xml version=\"1.0\"?><repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><data type=\"primary\">\
             <checksum type=\"sha256\">{digest}</checksum><location href=\"repodata/primary.xml\"/></data></repomd>"
        ),
    );
    let long = format!("httpd{}", "x".repeat(300));
    place
        .put("products.toml", format!("[products]\n\"httpd\\nx\" = [\"a:apache:http_server\"]\n\"{long}\" = [\"a:apache:http_server\"]\n"));
    place
}

#[test]
fn a_bad_name_costs_its_package_and_not_the_cycle() {
    let long = format!("httpd{}", "x".repeat(300));
    let place = home(&["httpd", "httpd&#10;x", &long]);
    let cycle = ["cycle", "--repository", "repo", "--products", "products.toml"];
    let first = good(&place, MONDAY, &cycle);
    assert!(first.contains("CVE-2024-38475 in httpd (1.0)"), "{first}");
    assert!(first.contains("left out: the name \"httpd\\nx\" holds a control character"), "{first}");
    assert!(first.contains("bytes long, and the ledger keeps 256"), "{first}");
    assert!(first.contains("primary.xml:1: a package before byte "), "the place is named: {first}");
    let again = good(&place, MONDAY + 60, &cycle);
    assert!(again.contains("Nothing changed"), "{again}");
}

#[test]
fn what_cannot_be_kept_is_said_as_it_is() {
    let place = home(&["httpd"]);
    good(&place, MONDAY, &["cycle", "--repository", "repo"]);
    let mut command = seaworthy(&place.path("home"));
    let command = command.env("SEAWORTHY_ACTOR", "x".repeat(300)).env("SOURCE_DATE_EPOCH", MONDAY.to_string());
    let out = command.args(["triage", "assign", "CVE-2024-38475", "httpd", "ben"]).output().unwrap();
    assert!(!out.status.success() && text(&out).contains("the actor is 300 bytes long"), "{}", text(&out));
    let (code, shown) = run(&place, MONDAY, &["triage", "assign", "CVE-2024-38475", "httpd", &"y".repeat(300)]);
    assert!(code != 0 && shown.contains("the assignee is 300 bytes long"), "{shown}");
}

#[test]
fn a_clock_that_was_wrong_is_noticed_and_corrected() {
    let place = home(&["httpd"]);
    good(&place, MONDAY, &["cycle", "--repository", "repo"]);
    good(&place, MONDAY + 10 * YEAR, &["triage", "assign", "CVE-2024-38475", "httpd", "ben"]);
    let log = good(&place, MONDAY + 60, &["ledger", "log", "--limit", "1"]);
    let seq = log.lines().find(|l| l.contains("assigned to ben")).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(log.contains(&format!("the first is {seq} at 2036-")), "{log}");
    let (code, shown) = run(&place, MONDAY + 60, &["ledger", "correct-time", &seq, "--to", "2040-01-01", "--why", "x"]);
    assert!(code != 0 && shown.contains("not later than now"), "{shown}");
    good(&place, MONDAY + 60, &["ledger", "correct-time", &seq, "--to", "2026-09-21T14:13:21Z", "--why", "the battery was empty"]);
    let log = good(&place, MONDAY + 60, &["ledger", "log", "--limit", "2"]);
    assert!(!log.contains("warning") && log.contains(&format!("event {seq} happened at 2026-09-21T14:13:21Z")), "{log}");
    assert!(log.contains("the battery was empty") && !log.contains(" 2036-"), "{log}");
    assert!(good(&place, MONDAY + 60, &["ledger", "verify"]).contains("events are as they were written"));
}

#[test]
fn policy_settings_and_keys_are_in_the_log() {
    let place = home(&["httpd"]);
    let cycle = ["cycle", "--no-sync", "--repository", "repo"];
    good(&place, MONDAY, &["cycle", "--repository", "repo"]);
    let kinds = |kind: &str| good(&place, MONDAY, &["ledger", "log", "--kind", kind, "--json"]).lines().count();
    assert_eq!(kinds("settings"), 2);
    good(&place, MONDAY + 60, &cycle);
    assert_eq!(kinds("settings"), 2, "nothing is written where nothing changed");
    let settings = std::fs::read_to_string(place.path("home/seaworthy.toml")).unwrap();
    place.put("home/seaworthy.toml", format!("# a comment is no change\n{settings}\n[policy]\nclock = \"published\"\n"));
    good(&place, MONDAY + 120, &cycle);
    let log = good(&place, MONDAY + 180, &["ledger", "log", "--kind", "settings", "--limit", "1"]);
    assert!(log.contains("the policy in force: ") && log.contains("mia") && log.contains("found in seaworthy.toml"), "{log}");
    assert_eq!(kinds("settings"), 3);

    let made = good(&place, MONDAY, &["keys", "create", "--user-id", "Harbor <a@b.example>", "--why", "the first one"]);
    let fingerprint = made.split_whitespace().next().unwrap();
    good(&place, MONDAY, &["keys", "rotate", "--user-id", "Harbor <a@b.example>", "--why", "a year is over"]);
    good(&place, MONDAY, &["keys", "retire", fingerprint, "--compromised", "--why", "the laptop was stolen"]);
    let log = good(&place, MONDAY, &["ledger", "log", "--kind", "key"]);
    for said in ["created for Harbor", "the first one", "signs beside it until", "compromised: what it signed", "the laptop was stolen"] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert_eq!(kinds("key"), 4);
}

#[test]
fn the_first_use_that_writes_makes_the_home() {
    let place = Place::new();
    let made = good(&place, MONDAY, &["keys", "create", "--user-id", "Harbor <a@b.example>"]);
    assert!(made.contains("Harbor <a@b.example>") && place.path("home/ledger.db").exists(), "{made}");
    assert!(good(&place, MONDAY, &["ledger", "log", "--kind", "key"]).contains("created for Harbor"));
}

/// All commands that only read, on a home that is mounted read-only in a namespace of its own.
#[test]
fn a_read_only_home_is_read() {
    let place = home(&["httpd"]);
    good(&place, MONDAY, &["cycle", "--repository", "repo"]);
    let before = good(&place, MONDAY, &["ledger", "verify"]);
    let statement = r#"{"vulnerability":{"name":"CVE-2024-38475"},"products":[{"@id":"pkg:rpm/h/httpd"}],"status":"affected"}"#;
    place.put("vex.json", format!(r#"{{"@context":"https://openvex.dev/ns/v0.2.0","author":"somebody","statements":[{statement}]}}"#));
    let home = place.path("home");
    for (arguments, says) in [
        ("scan --repository ../repo", "CVE-2024-38475"),
        ("triage list", "CVE-2024-38475"),
        ("triage show CVE-2024-38475 httpd", "httpd"),
        ("plan", "httpd"),
        ("sla", "all"),
        ("status", "CVEs"),
        ("explain CVE-2024-38475 httpd --repository ../repo", "httpd"),
        ("ledger log", "CVE-2024-38475"),
        ("ledger verify", "events are as they were written"),
        ("keys list", "No keys in"),
        ("vex import ../vex.json", "1 statements by somebody"),
    ] {
        let script = format!(
            "mount --bind '{0}' '{0}' && mount -o remount,bind,ro '{0}' && cd '{0}' && exec '{1}' --home '{0}' {arguments}",
            home.display(),
            env!("CARGO_BIN_EXE_seaworthy")
        );
        let mut command = std::process::Command::new("unshare");
        let command =
            command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).env("SOURCE_DATE_EPOCH", MONDAY.to_string());
        let out = command.output().expect("unshare of util-linux");
        let shown = text(&out);
        assert!(matches!(out.status.code(), Some(0 | 1)) && shown.contains(says), "{arguments}: {:?} {shown}", out.status);
    }
    assert_eq!(good(&place, MONDAY, &["ledger", "verify"]), before);
}
