//! The whole path through the binary: sync, status, scan, explain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::common::{gzip, seaworthy, text};
use seaworthy_ledger::{Draft, Entries, Event, Ledger, Location, Scan};

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// A record of an invented project in NVD's layout.
fn record(id: &str, product: &str, end: &str, modified: &str) -> String {
    format!(
        r#"{{"cve":{{"id":"{id}","published":"2024-03-01T00:00:00.000","lastModified":"{modified}","vulnStatus":"Analyzed",
        "descriptions":[{{"lang":"en","value":"A flaw of {product} made up for this test."}}],
        "metrics":{{"cvssMetricV31":[{{"source":"nvd@nist.gov","type":"Primary","cvssData":{{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8}}}}]}},
        "configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:{product}:{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"{end}"}}]}}]}}],
        "references":[{{"url":"https://github.com/{product}/{product}/issues/1"}}]}}}}"#
    )
}

fn feed(records: &[String]) -> String {
    format!(
        r#"{{"resultsPerPage":{0},"totalResults":{0},"format":"NVD_CVE","version":"2.0","timestamp":"2026-11-01T00:00:00.000","vulnerabilities":[{1}]}}"#,
        records.len(),
        records.join(",")
    )
}

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("nvd")).unwrap();
        let records = [
            record("CVE-2024-10001", "anchor", "2.0", "2024-03-02T00:00:00.000"),
            record("CVE-2024-10002", "winch", "1.0", "2024-03-02T00:00:00.000"),
        ];
        fs::write(folder.path().join("nvd/nvdcve-2.0-2024.json.gz"), gzip(&feed(&records))).unwrap();
        let package = |name: &str, version: &str, patches: &str| {
            format!(
                r#"{{"name":"{name}","epoch":null,"version":"{version}","release":"1.hl1","url":"https://github.com/{name}/{name}","source":"https://github.com/{name}/{name}/archive/v{version}.tar.gz",
                "subpackages":[],"patches":[{patches}],"build_requires":["gcc"],"bundled":[],"section":"SPECS","spec":"{name}.spec","cve_patches":[{patches}],"cve_nopatches":[]}}"#
            )
        };
        let packages = [package("anchor", "1.5", ""), package("winch", "0.9", "\"CVE-2024-10002.patch\""), package("rope", "3.0", "")];
        let file = format!(r#"{{"revision":"test","date":"2026-01-01T00:00:00Z","packages":[{}]}}"#, packages.join(","));
        fs::write(folder.path().join("packages.json"), file).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn home(&self) -> PathBuf {
        self.path("home")
    }

    fn sync(&self) -> Output {
        run(seaworthy(&self.home()).arg("sync").arg("--nvd").arg(self.path("nvd")))
    }

    fn scan(&self, more: &[&str]) -> Output {
        run(seaworthy(&self.home()).arg("scan").arg("--packages").arg(self.path("packages.json")).args(more))
    }
}

#[test]
fn from_a_feed_to_findings() {
    let world = World::new();
    let synced = world.sync();
    assert!(synced.status.success(), "{}", text(&synced));
    assert!(text(&synced).contains("2 new, 0 changed, 0 rejected"), "{}", text(&synced));

    let lines = world.scan(&["--format", "jsonl"]);
    assert_eq!(lines.status.code(), Some(0));
    let lines = String::from_utf8(lines.stdout).unwrap();
    let findings: Vec<serde_json::Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let brief: Vec<(&str, &str, &str)> =
        findings.iter().map(|f| (f["package"].as_str().unwrap(), f["cve"].as_str().unwrap(), f["status"].as_str().unwrap())).collect();
    assert_eq!(brief, [("anchor", "CVE-2024-10001", "affected"), ("winch", "CVE-2024-10002", "fixed")]);
    for finding in &findings {
        assert!(finding["evidence"].as_array().is_some_and(|e| !e.is_empty()));
        assert!(
            finding["knowledge"].as_str().unwrap().starts_with("sha256:") && finding["inventory"].as_str().unwrap().starts_with("sha256:")
        );
    }
    assert_eq!(findings[0]["severity"], "critical");
    assert_eq!(findings[0]["fixed_in"], "2.0");

    let again = world.scan(&["--format", "jsonl"]);
    assert_eq!(String::from_utf8(again.stdout).unwrap(), lines, "two runs give the same bytes");
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let world = World::new();
    let early = world.scan(&[]);
    assert_eq!(early.status.code(), Some(2));
    assert!(text(&early).contains("run `seaworthy sync`"), "{}", text(&early));
    world.sync();
    assert_eq!(world.scan(&[]).status.code(), Some(0));
    assert_eq!(world.scan(&["--fail-on", "critical"]).status.code(), Some(1));
    let nothing = run(seaworthy(&world.home()).arg("scan"));
    assert_eq!(nothing.status.code(), Some(2));
    assert!(text(&nothing).contains("--packages"), "{}", text(&nothing));
}

#[test]
fn the_past_hides_what_came_later() {
    let world = World::new();
    world.sync();
    let before = world.scan(&["--format", "jsonl", "--as-of", "2024-02-28"]);
    assert_eq!(String::from_utf8(before.stdout).unwrap(), "");
    let wrong = world.scan(&["--as-of", "yesterday"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong).contains("YYYY-MM-DD"), "{}", text(&wrong));
}

#[test]
fn only_what_changed_is_scanned_again() {
    let world = World::new();
    world.sync();
    assert!(world.scan(&["--format", "jsonl"]).status.success());
    let quiet = world.scan(&["--format", "jsonl", "--changed"]);
    assert_eq!(String::from_utf8(quiet.stdout).unwrap(), "");
    // anchor 1.5 is no longer in the range.
    let changed = feed(&[
        record("CVE-2024-10001", "anchor", "1.5", "2024-05-01T00:00:00.000"),
        record("CVE-2024-10003", "rope", "4.0", "2024-05-01T00:00:00.000"),
    ]);
    fs::write(world.path("nvd/nvdcve-2.0-modified.json.gz"), gzip(&changed)).unwrap();
    let synced = world.sync();
    assert!(text(&synced).contains("1 new, 1 changed, 0 rejected"), "{}", text(&synced));
    let lines = world.scan(&["--format", "jsonl", "--changed", "--all"]);
    let lines = String::from_utf8(lines.stdout).unwrap();
    let brief: Vec<String> = lines
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap())
        .map(|f| format!("{} {}", f["cve"], f["status"]))
        .collect();
    assert_eq!(brief, ["\"CVE-2024-10001\" \"not_affected\"", "\"CVE-2024-10003\" \"affected\""]);
}

#[test]
fn other_rules_or_another_table_look_at_everything() {
    let world = World::new();
    world.sync();
    let count = |more: &[&str]| {
        let out = world.scan(&[&["--format", "jsonl", "--changed"], more].concat());
        assert!(out.status.success(), "{}", text(&out));
        (out.stdout.split(|b| *b == b'\n').count() - 1, String::from_utf8(out.stderr).unwrap())
    };
    let (all, note) = count(&[]);
    assert!(all == 2 && note.contains("not scanned before"), "{note}");
    assert_eq!(count(&[]), (0, String::new()));

    fs::write(world.path("table.toml"), "[products]\nrope = [\"a:winch:winch\"]\n").unwrap();
    let table = world.path("table.toml");
    let with_table = ["--products", table.to_str().unwrap()];
    let (found, note) = count(&with_table);
    assert!(found >= 2 && note.contains("another table of products"), "{found}: {note}");
    assert_eq!(count(&with_table), (0, String::new()));
    assert_eq!(count(&[]).0, 2, "and back again");

    // The last scan as an older program would have written it.
    let ledger = Ledger::open(&Location::of(None, &world.home()).unwrap()).unwrap();
    let newest = Entries { newest_first: true, limit: Some(1), kind: Some("scanned".into()), ..Entries::default() };
    let last = ledger.entries(&newest).unwrap().remove(0);
    let Event::Scanned(scan) = last.event else { panic!("{last:?}") };
    let older = Scan { engine: "seaworthy-matching 0.0.1".into(), ..scan };
    ledger.append(vec![Draft::new(last.at, "seaworthy", Event::Scanned(older))]).unwrap();
    drop(ledger);
    let (found, note) = count(&[]);
    assert!(found == 2 && note.contains("other rules"), "{found}: {note}");
}

#[test]
fn explain_shows_rules_and_what_would_change_the_verdict() {
    let world = World::new();
    world.sync();
    let explained =
        run(seaworthy(&world.home()).args(["explain", "CVE-2024-10001", "anchor", "--raw", "--packages"]).arg(world.path("packages.json")));
    let shown = text(&explained);
    assert_eq!(explained.status.code(), Some(0), "{shown}");
    for part in ["verdict: affected", " by NVD  CVSS:", "before 2.0", "what would change it", "CVE-2024-10001.patch", "lastModified"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let unknown = run(seaworthy(&world.home()).args(["explain", "CVE-2031-99999"]));
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn people_are_told_all_that_a_record_says() {
    let world = World::new();
    let description = format!("{}The end.", "A flaw of anchor that goes on and on. ".repeat(30));
    let record = record("CVE-2024-10001", "anchor", "2.0", "2024-03-02T00:00:00.000")
        .replace("A flaw of anchor made up for this test.", &description)
        .replace(
            r#""references":["#,
            r#""weaknesses":[{"description":[{"lang":"en","value":"CWE-787"},{"lang":"en","value":"CWE-99999"}]}],"references":[
            {"url":"https://anchor.example.org/1","tags":["Vendor Advisory"]},{"url":"https://anchor.example.org/fix","tags":["Patch"]},"#,
        );
    fs::write(world.path("nvd/nvdcve-2.0-2024.json.gz"), gzip(&feed(&[record]))).unwrap();
    assert!(world.sync().status.success());
    let home = world.home();
    let packages = world.path("packages.json");
    let cycle = run(seaworthy(&home).args(["cycle", "--no-sync", "--packages"]).arg(&packages));
    assert!(cycle.status.success(), "{}", text(&cycle));
    let parts = [
        description.as_str(),
        "CWE-787 Out-of-bounds Write\n",
        "CWE-99999\n",
        "https://anchor.example.org/fix (patch)\n  https://anchor.example.org/1 (advisory)\n  https://github.com/anchor/anchor/issues/1\n",
    ];
    for command in [&["explain", "CVE-2024-10001"][..], &["triage", "show", "CVE-2024-10001", "anchor"]] {
        let shown = run(seaworthy(&home).args(command));
        assert_eq!(shown.status.code(), Some(0));
        parts.iter().for_each(|part| assert!(text(&shown).contains(part), "{part} in {}", text(&shown)));
    }
    let document = |command: &[&str]| -> serde_json::Value {
        serde_json::from_slice(&run(seaworthy(&home).args(command).arg("--json")).stdout).unwrap()
    };
    let explained = document(&["explain", "CVE-2024-10001"]);
    let record = &document(&["triage", "show", "CVE-2024-10001", "anchor"])["record"];
    for told in [&explained, record] {
        assert_eq!(told["description"], description.as_str());
        assert_eq!(told["references"][0], serde_json::json!({"url": "https://anchor.example.org/fix", "kinds": ["patch"]}));
        assert_eq!(told["weaknesses"][0], serde_json::json!({"id": "CWE-787", "name": "Out-of-bounds Write"}));
        assert_eq!(told["weaknesses"][1]["name"], serde_json::Value::Null);
    }
    assert_eq!(
        (&explained["views"][0]["description"], &explained["views"][0]["references"]),
        (&explained["description"], &explained["references"])
    );

    // A damaged text is an error of whoever asks for it; the case stands in the log, and a scan asks for none.
    let texts = fs::read_dir(home.join("knowledge/texts")).unwrap().next().unwrap().unwrap().path();
    fs::write(&texts, "").unwrap();
    let explained = run(seaworthy(&home).args(["explain", "CVE-2024-10001"]));
    assert!(explained.status.code() == Some(2) && text(&explained).contains("sync --rebuild"), "{}", text(&explained));
    let shown = run(seaworthy(&home).args(["triage", "show", "CVE-2024-10001", "anchor"]));
    assert!(shown.status.success() && text(&shown).contains("warning: what the record says cannot be shown"), "{}", text(&shown));
    assert!(text(&world.scan(&["--format", "jsonl"])).contains("CVE-2024-10001"));
}

#[test]
fn a_broken_feed_leaves_the_last_good_state() {
    let world = World::new();
    world.sync();
    let good = text(&world.scan(&["--format", "jsonl"]));
    let whole = gzip(&feed(&[record("CVE-2024-10009", "anchor", "9.0", "2024-06-01T00:00:00.000")]));
    for (bytes, says) in [
        (whole[..whole.len() / 2].to_vec(), "fetch or write the file again"),
        (gzip(r#"{"version":"3.0","vulnerabilities":[]}"#), "upgrade seaworthy"),
        (gzip(r#"{"version":"2.0","vulnerabilities":[{"#), "cut off"),
    ] {
        fs::write(world.path("nvd/nvdcve-2.0-2024.json.gz"), bytes).unwrap();
        let synced = world.sync();
        assert!(text(&synced).contains(says), "{says}: {}", text(&synced));
        assert_eq!(text(&world.scan(&["--format", "jsonl"])), good);
    }
}

#[test]
fn a_bad_record_costs_itself_only() {
    let world = World::new();
    let wild = record("CVE-2024-10004", "rope", &"9".repeat(1 << 20), "2024-03-02T00:00:00.000");
    let records = [r#"{"cve":{"id":17}}"#.to_owned(), record("CVE-2024-10001", "anchor", "2.0", "2024-03-02T00:00:00.000"), wild];
    fs::write(world.path("nvd/nvdcve-2.0-2024.json.gz"), gzip(&feed(&records))).unwrap();
    let synced = world.sync();
    let shown = text(&synced);
    assert!(
        synced.status.success()
            && shown.contains("2 new")
            && shown.contains("nvdcve-2.0-2024.json.gz at byte")
            && shown.contains("1048576 bytes"),
        "{shown}"
    );
}

#[test]
fn every_format_is_written_and_tables_are_plain() {
    let world = World::new();
    world.sync();
    for format in ["json", "sarif", "cyclonedx"] {
        let out = world.scan(&["--format", format]);
        let value: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert!(value.is_object(), "{format}");
    }
    let file = world.path("report.html");
    assert!(world.scan(&["--format", "html", "--output", file.to_str().unwrap()]).status.success());
    assert!(fs::read_to_string(&file).unwrap().contains("CVE-2024-10001"));
    let table = world.scan(&["--format", "table"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("CVE-2024-10001") && !table.contains('\u{1b}'), "{table}");
}

/// The files of a state and their sizes, without those that have times in them or belong to a writer.
fn state(home: &Path) -> Vec<(String, u64)> {
    let mut files = Vec::new();
    for folder in ["raw", "segments", "texts", "catalogues", "changes"] {
        for entry in fs::read_dir(home.join("knowledge").join(folder)).unwrap().flatten() {
            files.push((format!("{folder}/{}", entry.file_name().to_string_lossy()), entry.metadata().unwrap().len()));
        }
    }
    files.extend(fs::read_dir(home.join("knowledge")).unwrap().flatten().map(|e| (e.file_name().to_string_lossy().into_owned(), 0)));
    files.sort();
    files
}

#[test]
fn a_killed_sync_ends_as_an_undisturbed_one() {
    let world = World::new();
    for year in 2010..2020 {
        let records: Vec<String> = (0..400)
            .map(|n| record(&format!("CVE-{year}-{}", 10_000 + n), "anchor", &format!("{n}.{year}"), "2024-03-02T00:00:00.000"))
            .collect();
        fs::write(world.path(&format!("nvd/nvdcve-2.0-{year}.json.gz")), gzip(&feed(&records))).unwrap();
    }
    let started = std::time::Instant::now();
    assert!(world.sync().status.success());
    let mut whole = started.elapsed().max(Duration::from_millis(20));
    let undisturbed = state(&world.home());
    let digest = fs::read_to_string(world.home().join("knowledge/state.json")).unwrap();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut killed = 0;
    for round in 0..50 {
        let home = world.path(&format!("home-{round}"));
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let delay = whole.mul_f64((seed >> 40) as f64 / f64::from(1u32 << 24));
        let mut child =
            seaworthy(&home).arg("sync").arg("--nvd").arg(world.path("nvd")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        // SIGKILL; a child that ended already stays ended.
        let _ = child.kill();
        if child.wait().unwrap().success() {
            // The machine was busier when the time was taken than it is now.
            whole = whole.mul_f64(0.8);
        } else {
            killed += 1;
        }
        let again = run(seaworthy(&home).arg("sync").arg("--nvd").arg(world.path("nvd")));
        assert!(again.status.success(), "{}", text(&again));
        assert_eq!(state(&home), undisturbed, "round {round} after {delay:?}");
        assert_eq!(fs::read_to_string(home.join("knowledge/state.json")).unwrap(), digest, "round {round}");
        fs::remove_dir_all(&home).unwrap();
    }
    assert!(killed > 5, "only {killed} of 50 were killed in time");
}
