//! The output for programs: all commands, their schemas, and the page that lists them.

mod mutants;
mod samples;
mod schemas;
pub(crate) mod walk;

use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

use seaworthy_ledger::Event;
use seaworthy_model::case::{CaseState, Justification, PauseReason, Reason, Stage};
use seaworthy_model::{Says, SourceKind, Speaker, Status};
use seaworthy_pipeline::{Document, LogCheck, Shape};
use serde_json::Value;

use crate::common::{harbor, seaworthy, text};
use crate::publishing::House;
use mutants::{Change, Mutant, mutants};
use schemas::Schemas;
use walk::Walked;

/// A row of the page: a command, with its arguments in this test.
struct Row {
    command: &'static str,
    schema: &'static str,
    /// Whether each line is a document.
    lines: bool,
    runs: &'static [&'static str],
}

const fn row(command: &'static str, schema: &'static str, runs: &'static [&'static str]) -> Row {
    Row { command, schema, lines: false, runs }
}

const fn lines(command: &'static str, schema: &'static str, runs: &'static [&'static str]) -> Row {
    Row { command, schema, lines: true, runs }
}

/// The rows. `SPECS` is the spec tree of Harbor Linux, `KNOWN` the folder of its records, `BATCH` the newest batch that can be undone.
/// Each schema sees all kinds of values that it may
/// have, as far as possible.
const ROWS: &[Row] = &[
    row(
        "sync --json",
        "sync.json",
        &["sync --json --nvd KNOWN/nvd --cvelist broken", "sync --json --nvd KNOWN/next-day --kev nothing.json", "sync --json --rebuild"],
    ),
    row("status --json", "status.json", &["status --json"]),
    row(
        "inventory list --json",
        "inventory.json",
        &["inventory list --json --spec-tree SPECS", "inventory list --json --image-notes images.jsonl"],
    ),
    row("inventory show", "inventory-package.json", &["inventory show harbor-lights --spec-tree SPECS"]),
    row(
        "inventory diff --json",
        "inventory-diff.json",
        &["inventory diff packages/1.json packages/2.json --json", "inventory diff packages/1.json packages/1.json --json"],
    ),
    row(
        "scan --format json",
        "findings.json",
        &[
            "scan --format json --spec-tree SPECS --all",
            "scan --format json --spec-tree SPECS --changed",
            "scan --format json --image-notes images.jsonl --packages packages/1.json",
            "scan --format json --image-notes images.jsonl --packages packages/1.json --vex said.json --ignore ci.toml --embargoed --all",
        ],
    ),
    lines(
        "scan --format jsonl",
        "finding.json",
        &[
            "scan --format jsonl --spec-tree SPECS --all",
            "scan --format jsonl --image-notes images.jsonl --packages packages/1.json --vex said.json --embargoed --all",
        ],
    ),
    row(
        "explain --json",
        "explanation.json",
        &[
            "explain CVE-2024-6119 openssl --spec-tree SPECS --json --raw",
            "explain CVE-2024-6119 curl --spec-tree SPECS --json",
            "explain CVE-2024-6119 openssl-devel --spec-tree SPECS --json",
            "explain CVE-2024-6119 openssl --json",
            "explain CVE-2024-38475 --json",
            "explain CVE-2024-20001 --json",
        ],
    ),
    row("cycle --json", "cycle.json", &["cycle --json --spec-tree SPECS", "cycle --json --no-sync --spec-tree SPECS --line 2.0"]),
    row(
        "triage list --json",
        "queue.json",
        &[
            "triage list --json --limit 3 --embargoed",
            "triage list --json --due 52w --page 2 --limit 2",
            "triage list --json --state deferred --state not_affected --state fixed",
        ],
    ),
    row(
        "triage show --json",
        "case.json",
        &[
            "triage show CVE-2024-6197 curl --json",
            "triage show CVE-2024-24790 golang --json",
            "triage show CVE-2024-6119 openssl --json",
            "triage show CVE-2024-7264 curl --json --embargoed",
            "triage show CVE-2024-38475 httpd --json",
            "triage show CVE-2023-45853 harbor-lights --json",
        ],
    ),
    row(
        "triage suggest --json",
        "suggestions.json",
        &["triage suggest --json", "triage suggest CVE-2023-45853 harbor-lights --line 2.0 --json"],
    ),
    row("triage bulk --json", "bulk-decision.json", &["triage bulk --where state=under_investigation affected --json"]),
    row("triage undo --json", "batches.json", &["triage undo --json --embargoed"]),
    row("triage undo NUMBER --json", "undoing.json", &["triage undo BATCH --json --embargoed --dry-run"]),
    row(
        "triage adopt --json",
        "adoption.json",
        &["triage adopt --history history.csv --packages packages/1.json packages/2.json --line 3.0 --json"],
    ),
    row("vex import --json", "vex-reading.json", &["vex import said.json --json --embargoed"]),
    row("plan --json", "plan.json", &["plan --json --embargoed", "plan --json --embargoed --at 2026-09-24"]),
    row("sla --json", "sla.json", &["sla --json", "sla --json --at 2027-01-01 --embargoed"]),
    row("policy check --json", "policy.json", &["policy check business.toml --json"]),
    row("policy show --json", "policy.json", &["policy show --json"]),
    row("publish plan --json", "publication-plan.json", &["publish plan --json", "publish plan rpms --json"]),
    row("publish run --json", "publication.json", &["publish run rpms --json --no-programs", "publish run --json --no-programs"]),
    row("publish verify --json", "verification.json", &["publish verify --json --no-programs"]),
    row("publish diff --json", "publication-diff.json", &["publish diff --json"]),
    row("publish withdraw --json", "publication.json", &["publish withdraw curl-8.8.0-2.hbr1 --why broken --json"]),
    row("jobs list --json", "jobs.json", &["jobs list --json --all"]),
    row("keys list --json", "keys.json", &["keys list --json"]),
    row("keys create --json", "key.json", &["keys create --user-id other@example.org --json"]),
    row("keys import --json", "key.json", &["keys import theirs.asc --json"]),
    row("keys rotate --json", "key.json", &["keys rotate --user-id third@example.org --json"]),
    lines("ledger log --json", "event.json", &["ledger log --json --limit 0 --embargoed"]),
    row(
        "ledger verify --json",
        "log-check.json",
        &["ledger verify --json", "ledger verify --json --known sha256:0000000000000000000000000000000000000000000000000000000000000000"],
    ),
    lines("ledger export", "export.json", &["ledger export --embargoed"]),
    row(
        "replay --json",
        "replay.json",
        &["replay --json --packages-dir packages --history history.csv --images images.jsonl --from 2024-07-01 --to 2024-10-01 --every 1w"],
    ),
];

/// An image that leaves once a week.
const TRAIN: &str = "[[policy.calendar.trains]]\nname = \"node image\"\nfirst = \"2026-09-23\"\nevery = \"7d\"\nfreeze = \"1d\"\n";
/// A day after the publication, so that what happened since is later than it.
const LATER: &str = "1790086400";

/// Harbor Linux with something of every kind in its ledger.
fn house() -> House {
    let house = House::new();
    let settings = fs::read_to_string(house.place.path("home/seaworthy.toml")).unwrap();
    let sources = format!("[sources]\nnvd = {:?}\nkev = \"off\"\nepss = \"off\"\n", harbor("knowledge/next-day"));
    house.place.put("home/seaworthy.toml", format!("{settings}\n{TRAIN}\n{sources}"));
    let note = |version: &str, day: &str, curl: &str| {
        let head = format!(r#""sku":"Harbor/gen2","version":"{version}","built":"{day}T00:00:00Z""#);
        format!("{{{head},\"packages\":[\"curl-{curl}.x86_64\",\"httpd-2.4.59-1.x86_64\"]}}\n")
    };
    house.place.put("images.jsonl", note("202408.20.0", "2024-08-20", "8.8.0-1") + &note("202609.20.0", "2026-09-20", "8.8.0-2"));
    let package = |name: &str, version: &str, patches: &str| {
        format!(
            r#"{{"name":"{name}","epoch":null,"version":"{version}","release":"1","url":"https://example.org/{name}",
            "source":"https://example.org/{name}-{version}.tar.gz","subpackages":[],"patches":[{patches}],"build_requires":[],"bundled":[],
            "section":"SPECS","spec":"{name}.spec","cve_patches":[{patches}],"cve_nopatches":[]}}"#
        )
    };
    let file =
        |day: &str, packages: &[String]| format!(r#"{{"revision":"{day}","date":"{day}T00:00:00Z","packages":[{}]}}"#, packages.join(","));
    house.place.put("packages/1.json", file("2024-06-20", &[package("curl", "8.8.0", ""), package("jq", "1.6", "")]));
    house.place.put("packages/2.json", file("2024-09-10", &[package("curl", "8.9.1", ""), package("httpd", "2.4.59", "")]));
    house.place.put("history.csv", "package,cve,evr,date,kind\ncurl,CVE-2024-6197,8.8.0-2,2024-08-01,patch\n");
    place_record(&house);
    place_files(&house);
    let specs = harbor("specs");
    let again = ["cycle", "--no-sync", "--spec-tree", &specs, "--image-in-service", "images.jsonl"];
    good(&house, &["sync", "--epss", &harbor("knowledge/epss_scores-current.csv")]);
    good(&house, &["sync", "--cvelist", "cvelist"]);
    good(&house, &again);
    for step in [
        "triage defer CVE-2024-24790 golang --until 30d --statement later",
        "triage assign CVE-2024-6119 openssl mia --why free",
        "triage rate CVE-2024-6119 openssl low --reason unused",
        "triage pause CVE-2024-6119 openssl --reason waiting_for_upstream",
        "triage embargo CVE-2024-7264 curl --until 30d --contact psirt@harbor.example --tracking HL-7",
        "triage suggest CVE-2023-45853 harbor-lights --refuse 1",
        "triage decide CVE-2024-35195 python-requests not_affected --justification component_not_present --statement unused",
        "keys rotate --user-id next@example.org",
    ] {
        good(&house, &step.split(' ').collect::<Vec<_>>());
    }
    house.rpm("curl", "8.8.0", "1.hbr1", &[]);
    house.publish(&[]);
    house.rpm("curl", "8.8.0", "2.hbr1", &[]);
    later(&house, &["triage", "rate", "CVE-2024-38475", "httpd", "medium", "--reason", "not exposed"]);
    later(&house, &["triage", "open", "CVE-2026-90001", "curl", "--version", "8.8.0-2", "--severity", "high", "--embargoed"]);
    later(&house, &["sync", "--nvd", &harbor("knowledge/next-day")]);
    later(&house, &again);
    later(&house, &["ledger", "correct-time", "2", "--to", "2026-09-21T00:00:00Z", "--why", "a wrong clock"]);
    house
}

/// A record of the CVE List, of a product that Harbor Linux does not ship: affected versions, others, a commit and a file.
fn place_record(house: &House) {
    let versions = r#"[{"version":"1.0","status":"affected","lessThan":"2.0","versionType":"semver"},
        {"version":"1.8.4","status":"unaffected","lessThanOrEqual":"1.8.*","versionType":"semver"},
        {"version":"0123456789abcdef0123456789abcdef01234567","status":"affected","versionType":"git"}]"#;
    let affected = format!(
        r#"[{{"vendor":"anchor","product":"anchor","defaultStatus":"unaffected","programFiles":["src/chain.c"],"versions":{versions}}},
        {{"vendor":"anchor","product":"winch","versions":[{{"version":"3.0","status":"affected"}}]}}]"#
    );
    let record = format!(
        r#"{{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{{"cveId":"CVE-2024-20001","state":"PUBLISHED",
        "datePublished":"2024-05-01T00:00:00Z"}},
        "containers":{{"cna":{{"providerMetadata":{{"orgId":"00000000-0000-4000-8000-000000000000"}},
        "descriptions":[{{"lang":"en","value":"A flaw made up for this test."}}],"affected":{affected}}}}}}}"#
    );
    for folder in ["cvelist", "broken"] {
        house.place.put(&format!("{folder}/cves/2024/20xxx/CVE-2024-20001.json"), &record);
    }
    house.place.put("broken/cves/2024/20xxx/CVE-2024-20002.json", record.replace("5.1", "9.0").replace("20001", "20002"));
}

/// Writes a settings file with a policy, a VEX document of another distribution, and a key of another home.
fn place_files(house: &House) {
    let freeze = "[[policy.calendar.freezes]]\nname = \"end of year\"\nfrom = \"2026-12-19\"\nto = \"2027-01-04\"\n";
    let days = "[policy]\nbusiness_days = true\nholidays = [\"2026-12-25\"]\n";
    house.place.put("business.toml", format!("{days}{TRAIN}{freeze}"));
    let said = |cve: &str, package: &str, more: &str| {
        format!(r#"{{"vulnerability":{{"name":"{cve}"}},"products":[{{"@id":"pkg:rpm/harbor/{package}"}}],{more}}}"#)
    };
    let absent = r#""status":"not_affected","justification":"component_not_present","impact_statement":"not built""#;
    let statements = [
        said("CVE-2024-38475", "httpd", absent),
        said("CVE-2024-6119", "openssl@3.3.0-1", r#""status":"affected","action_statement":"update""#),
        said("CVE-2024-6119", "openssl", r#""status":"nonsense""#),
    ];
    let document = format!(
        r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://their.example/1","author":"Their Linux",
        "timestamp":"2026-09-01T00:00:00Z","version":1,"statements":[{}]}}"#,
        statements.join(",")
    );
    house.place.put("said.json", document);
    house.place.put("ci.toml", "[[ignore]]\ncve = \"CVE-2024-7264\"\nreason = \"behind a wall\"\nexpires = 2027-12-31\n");
    let theirs = house.place.path("theirs");
    for step in [&["init"][..], &["keys", "create", "--user-id", "theirs@example.org"]] {
        done(step, seaworthy(&theirs).args(step).output().unwrap());
    }
    let mut names = fs::read_dir(theirs.join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let secret = names.find(|path| path.to_string_lossy().ends_with(".sec.asc")).unwrap();
    house.place.put("theirs.asc", fs::read(secret).unwrap());
}

fn good(house: &House, arguments: &[&str]) -> String {
    done(arguments, house.run(arguments))
}

fn later(house: &House, arguments: &[&str]) -> String {
    done(arguments, house.at(LATER, arguments))
}

fn done(arguments: &[&str], out: Output) -> String {
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out));
    String::from_utf8(out.stdout).unwrap()
}

fn documents(house: &House, row: &Row) -> Vec<Value> {
    let (specs, known) = (harbor("specs"), harbor("knowledge"));
    let mut out = Vec::new();
    for run in row.runs {
        let batch = if run.contains("BATCH") { batch(house) } else { String::new() };
        let word = |word: &str| word.replace("SPECS", &specs).replace("KNOWN", &known).replace("BATCH", &batch);
        let words: Vec<String> = run.split(' ').map(word).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = house.at(LATER, &words);
        // 1 is for what was found, and as good an answer.
        assert!(matches!(answer.status.code(), Some(0 | 1)), "{run}: {}", text(&answer));
        let printed = String::from_utf8(answer.stdout).unwrap();
        let parts: Vec<&str> = if row.lines { printed.lines().collect() } else { vec![&printed] };
        for part in parts {
            assert!(part.trim_start_matches(['{', ' ', '\n']).starts_with("\"schema_version\""), "{run}: {part:.60}");
            out.push(serde_json::from_str(part).unwrap_or_else(|e| panic!("{run}: {e}: {part}")));
        }
    }
    assert!(!out.is_empty(), "{}", row.command);
    out
}

/// The newest batch that can be undone.
fn batch(house: &House) -> String {
    let list: Value = serde_json::from_str(&later(house, &["triage", "undo", "--json"])).unwrap();
    let free = |batch: &&Value| batch["irreversible"].is_null() && batch["undone"] == false;
    list["batches"].as_array().unwrap().iter().find(free).unwrap()["batch"].to_string()
}

/// Checks documents by a schema, and that the schema refuses each document with one error.
fn hold(schemas: &mut Schemas, schema: &str, documents: &[Value]) {
    let optional = schemas.optional();
    let index = schemas.compile(schema);
    let mut seen = BTreeSet::new();
    for document in documents {
        if let Some(refusal) = schemas.refusal(index, document) {
            panic!("{schema}: {refusal}\n{document:#}");
        }
        for Mutant { document, place, change } in mutants(document) {
            let taken = schemas.refusal(index, &document).is_none();
            match &change {
                Change::Without(name) if taken => {
                    // What may be left out is said to be so; a name of a map is no word of ours.
                    let whole = document.pointer(&place).unwrap();
                    assert!(
                        optional.contains(name) || is_map(schemas, index, &document, &place),
                        "{schema}: {place} without {name}: {whole}"
                    );
                }
                Change::Without(_) => {
                    seen.insert(place);
                }
                Change::Beside | Change::OtherType => assert!(!taken, "{schema}: {place}: {change:?}"),
            }
        }
    }
    assert!(!seen.is_empty(), "{schema} refuses nothing for what is missing");
}

/// Whether an object may have members of any name.
fn is_map(schemas: &Schemas, index: boon::SchemaIndex, document: &Value, place: &str) -> bool {
    let members = document.pointer(place).and_then(Value::as_object).cloned().unwrap_or_default();
    members.values().next().is_none_or(|value| {
        let mut wider = document.clone();
        let members = wider.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        members.insert("stowaway".into(), value.clone());
        schemas.refusal(index, &wider).is_none()
    })
}

#[test]
fn every_command_prints_what_its_schema_says() {
    seaworthy_testing::needs!(RPMBUILD);
    let house = house();
    let mut schemas = Schemas::read();
    for row in ROWS {
        hold(&mut schemas, row.schema, &documents(&house, row));
    }
}

#[test]
fn every_kind_of_event_and_step_has_its_schema() {
    let mut schemas = Schemas::read();
    let events = samples::events();
    let kinds: BTreeSet<&str> = events.iter().map(Event::kind).collect();
    assert_eq!(kinds, Event::KINDS.iter().copied().collect::<BTreeSet<&str>>(), "each kind has a sample");
    let values: Vec<Value> = events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    hold(&mut schemas, "common-event.json#/$defs/event", &values);

    let of = |schemas: &Schemas, list: &str, tag: &str| -> BTreeSet<String> {
        let variants = schemas.part(list).as_array().unwrap().iter().map(|variant| match variant.get("$ref").and_then(Value::as_str) {
            Some(to) => schemas.part(&format!("{}{to}", list.split('#').next().unwrap())),
            None => variant,
        });
        let tags = variants.filter_map(|variant| variant.pointer(&format!("/properties/{tag}")));
        tags.flat_map(|tag| schemas::words(tag.get("enum")).into_iter().chain(tag["const"].as_str().map(str::to_owned))).collect()
    };
    let known: BTreeSet<String> = Event::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(of(&schemas, "common-event.json#/$defs/event/oneOf", "event"), known);
    let unknown = schemas.part("common-event.json#/$defs/other/properties/event/not");
    assert_eq!(schemas::words(unknown.get("enum")), known);
    for step in samples::steps() {
        assert_eq!(serde_json::to_value(&step).unwrap()["what"], step.as_str());
    }
    let steps: BTreeSet<String> = samples::steps().iter().map(|step| step.as_str().to_owned()).collect();
    assert_eq!(of(&schemas, "common-case.json#/$defs/event/oneOf", "what"), steps);

    let later = serde_json::json!({"event": "of_a_later_version", "subject": "x", "more": [1]});
    let index = schemas.compile("common-event.json#/$defs/event");
    assert_eq!(schemas.refusal(index, &later), None, "an event of a later version is handed on");
}

#[test]
fn what_comes_of_work_seldom_has_its_schema() {
    let mut schemas = Schemas::read();
    let outcomes: Vec<Value> = samples::outcomes().iter().map(|outcome| value_of(&outcome.document())).collect();
    hold(&mut schemas, "publication.json", &outcomes);
    hold(&mut schemas, "verification.json", &[value_of(&samples::verified().document())]);
    let broken = LogCheck::Broken { seq: 7, message: "event 7: another digest".into() };
    hold(&mut schemas, "log-check.json", &[value_of(&broken.document())]);
}

/// A value as it is printed.
fn value_of(value: &impl Shape) -> Value {
    serde_json::to_value(Document::of(value)).unwrap()
}

#[test]
fn words_of_the_schemas_are_those_of_the_program() {
    let schemas = Schemas::read();
    let table: [(&str, Vec<&str>); 9] = [
        ("common-words.json#/$defs/status", Status::ALL.map(Status::as_str).to_vec()),
        ("common-words.json#/$defs/source", SourceKind::ALL.map(SourceKind::as_str).to_vec()),
        ("common-case.json#/$defs/state", CaseState::ALL.map(CaseState::as_str).to_vec()),
        ("common-case.json#/$defs/stage", Stage::ALL.map(Stage::as_str).to_vec()),
        ("common-case.json#/$defs/justification", Justification::ALL.map(Justification::as_str).to_vec()),
        ("common-case.json#/$defs/reason", Reason::ALL.map(Reason::as_str).to_vec()),
        ("common-finding.json#/$defs/speaker", Speaker::ALL.map(Speaker::as_str).to_vec()),
        ("common-finding.json#/$defs/said", Says::WORDS.to_vec()),
        ("common-case.json#/$defs/pause_reason", PauseReason::ALL.map(PauseReason::as_str).to_vec()),
    ];
    for (place, words) in table {
        assert_eq!(
            schemas::words(schemas.part(place).get("enum")),
            words.into_iter().map(str::to_owned).collect::<BTreeSet<String>>(),
            "{place}"
        );
    }
}

/// The rows of the tables of a page with a heading of two or three columns, without the heading.
pub(crate) fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(seaworthy_testing::workspace().join("docs").join(page)).unwrap();
    let rows = page.lines().skip_while(|line| *line != heading).skip(2).take_while(|line| line.starts_with('|'));
    let cells =
        |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<String>>();
    rows.map(cells).collect()
}

#[test]
fn the_page_lists_every_command_and_every_schema() {
    let listed: Vec<(String, String)> = table("json.md", "| command | schema | what it is |")
        .into_iter()
        .map(|cells| {
            let schema = cells[1].trim_start_matches('[').split(']').next().unwrap().to_owned();
            assert_eq!(cells[1], format!("[{schema}](schemas/{schema})"), "{}", cells[0]);
            (cells[0].clone(), schema)
        })
        .collect();
    let rows: Vec<(String, String)> = ROWS.iter().map(|row| (row.command.to_owned(), row.schema.to_owned())).collect();
    assert_eq!(listed, rows, "the table of docs/json.md and the rows of this test are the same");

    let without: BTreeSet<String> = table("json.md", "| command | why |").into_iter().map(|cells| cells[0].clone()).collect();
    let standards: BTreeSet<String> = table("json.md", "| command | standard |").into_iter().map(|cells| cells[0].clone()).collect();
    let ours: BTreeSet<String> = rows.iter().map(|(command, _)| command.clone()).collect();
    let known: BTreeSet<String> = standards.union(&ours).cloned().collect();
    let Walked { printing, all } = walk::walk();
    let answers = |command: &String| known.iter().any(|row| row == command || row.starts_with(&format!("{command} ")));
    let silent: BTreeSet<String> = all.into_iter().filter(|command| !answers(command)).collect();
    assert_eq!(silent, without, "each command has JSON, or docs/json.md says why it has none");
    let missing: Vec<&String> = printing.difference(&known).collect();
    assert!(missing.is_empty(), "these print JSON and have no row in docs/json.md, schema and row of this test: {missing:?}");
    let gone: Vec<&String> = standards.difference(&printing).collect();
    assert!(gone.is_empty(), "docs/json.md lists what no command takes: {gone:?}");

    let schemas = Schemas::read();
    let used: BTreeSet<String> = rows.iter().flat_map(|(_, schema)| schemas.reached(schema)).collect();
    let files: BTreeSet<String> = schemas.files.keys().cloned().collect();
    assert_eq!(used, files, "each schema is used by a document");
}

#[test]
fn the_page_of_scans_tells_every_field_of_a_line() {
    let schemas = Schemas::read();
    let fields: BTreeSet<String> = schemas.files["finding.json"]["properties"].as_object().unwrap().keys().cloned().collect();
    let told: BTreeSet<String> = table("scan.md", "| field | meaning |").into_iter().map(|cells| cells[0].clone()).collect();
    assert_eq!(told, fields);
}

#[test]
fn schemas_say_what_their_members_mean() {
    let schemas = Schemas::read();
    let places: BTreeSet<String> = schemas.files.iter().flat_map(|(file, schema)| schemas::references(schema, file)).collect();
    for (file, schema) in &schemas.files {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{file}");
        assert!(schema["title"].is_string() && schema["description"].is_string(), "{file} has a title and a description");
        schemas::each(schema, "", &mut |place, part| {
            let Some(members) = part.get("properties").and_then(Value::as_object).filter(|_| !place.ends_with("/properties")) else {
                return;
            };
            let place = format!("{file}#{place}");
            let open = place.contains("/$defs/standing/") || place.ends_with("/$defs/other");
            let closed = ["additionalProperties", "unevaluatedProperties"].iter().any(|word| part.get(*word) == Some(&Value::Bool(false)));
            assert!(closed || open, "{place} takes members that it does not name");
            assert!(part.get("required").is_some(), "{place} does not say what is required");
            let required = schemas::words(part.get("required"));
            assert!(required.iter().all(|name| members.contains_key(name)), "{place} requires what it does not name");
            for (name, member) in members {
                let said = schemas.said(file, member);
                assert!(!said.is_empty(), "{place}: {name} has no description");
                let says = said.contains("absent");
                assert!(required.contains(name) || says, "{place}: {name} may be left out and does not say when");
            }
        });
        for name in schema.get("$defs").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
            let place = format!("{file}#/$defs/{name}");
            let used = places.iter().any(|to| *to == place || to.starts_with(&format!("{place}/")));
            assert!(used, "{place} is used by nobody");
        }
    }
}
