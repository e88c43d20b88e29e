//! The edges of the commands: settings, closed pipes, colours, messages, the changes of the CVE API.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use crate::common::{self, gzip, text};

/// The clock of these tests: 2024-05-10.
const NOW: &str = "1715300000";

fn seaworthy(home: &Path) -> Command {
    let mut command = common::seaworthy(home);
    command.env("SOURCE_DATE_EPOCH", NOW);
    command
}

fn record(id: &str, product: &str, description: &str) -> String {
    format!(
        r#"{{"cve":{{"id":"{id}","published":"2024-05-01T00:00:00.000","lastModified":"2024-05-02T00:00:00.000","vulnStatus":"Analyzed",
        "descriptions":[{{"lang":"en","value":"{description}"}}],
        "metrics":{{"cvssMetricV31":[{{"source":"nvd@nist.gov","type":"Primary","cvssData":{{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N","baseScore":5.3}}}}]}},
        "configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:{product}:{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"}}]}}]}}],
        "references":[{{"url":"https://github.com/{product}/{product}/issues/1"}}]}}}}"#
    )
}

fn page(start: usize, total: usize, records: &[String]) -> String {
    format!(
        r#"{{"resultsPerPage":{},"startIndex":{start},"totalResults":{total},"format":"NVD_CVE","version":"2.0","timestamp":"2024-05-03T00:00:00.000","vulnerabilities":[{}]}}"#,
        records.len(),
        records.join(",")
    )
}

fn packages(version: &str) -> String {
    format!(
        r#"{{"revision":"test","date":"2026-01-01T00:00:00Z","packages":[{{"name":"anchor","epoch":null,"version":"{version}","release":"1.hl1",
        "url":"https://github.com/anchor/anchor","source":"https://github.com/anchor/anchor/archive/v{version}.tar.gz","subpackages":[],
        "patches":[],"build_requires":[],"bundled":[],"section":"SPECS","spec":"anchor.spec","cve_patches":[],"cve_nopatches":[]}}]}}"#
    )
}

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder };
        fs::create_dir(world.path("nvd")).unwrap();
        // Longer than any pipe holds.
        let description = "A flaw made up for this test. ".repeat(10_000);
        fs::write(world.path("nvd/nvdcve-2.0-2024.json.gz"), gzip(&page(0, 1, &[record("CVE-2024-10001", "anchor", &description)])))
            .unwrap();
        fs::write(world.path("packages.json"), packages("1.5")).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        seaworthy(&self.path("home")).current_dir(self.folder.path()).args(arguments).output().unwrap()
    }
}

#[test]
fn init_writes_settings_and_never_over_them() {
    let world = World::new();
    let first = world.run(&["init"]);
    assert!(first.status.success() && text(&first).contains("Next: seaworthy"), "{}", text(&first));
    let settings = world.path("home/seaworthy.toml");
    assert!(fs::read_to_string(&settings).unwrap().contains("# nvd = \"default\""));
    let own = "[distribution]\nname = \"Harbor Linux\"\n[sources]\nnvd = \"../nvd\"\nkev = \"off\"\nepss = \"off\"\n";
    fs::write(&settings, own).unwrap();
    assert!(world.run(&["init"]).status.success());
    assert_eq!(fs::read_to_string(&settings).unwrap(), own);

    // Without an option, the sources are those of the settings, and their paths start at the home.
    let synced = world.run(&["sync"]);
    assert!(synced.status.success() && text(&synced).contains("1 new"), "{}", text(&synced));
    let table = world.run(&["scan", "--packages", "packages.json"]);
    assert!(text(&table).contains("Harbor Linux"), "{}", text(&table));

    fs::write(&settings, "[sources]\nnvb = \"../nvd\"\n").unwrap();
    let wrong = world.run(&["sync"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong).contains("seaworthy.toml") && text(&wrong).contains("nvb"), "{}", text(&wrong));
}

#[test]
fn only_the_named_sources_are_synced() {
    let world = World::new();
    assert!(world.run(&["sync", "--nvd", "nvd"]).status.success());
    fs::write(world.path("kev.json"), r#"{"vulnerabilities":[{"cveID":"CVE-2024-10001","dateAdded":"2024-05-03"}]}"#).unwrap();
    let synced = world.run(&["sync", "--kev", "kev.json"]);
    assert!(synced.status.success(), "{}", text(&synced));
    let status: serde_json::Value = serde_json::from_slice(&world.run(&["status", "--json"]).stdout).unwrap();
    assert_eq!(status["sources"]["nvd"]["artefacts"].as_object().unwrap().len(), 1);
    assert_eq!(status["sources"]["kev"]["artefacts"]["kev.json"]["records"], 1);

    // One that fails does not stop the others; all failing is an error, and the state stays.
    let half = world.run(&["sync", "--nvd", "nvd", "--kev", "missing.json"]);
    assert!(half.status.success() && text(&half).contains("warning: kev"), "{}", text(&half));
    let none = world.run(&["sync", "--nvd", "missing", "--kev", "missing.json"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&world.run(&["status"])).contains("1 CVEs"), "{}", text(&world.run(&["status"])));
}

#[test]
fn a_delta_that_did_not_change_is_not_read_again() {
    let world = World::new();
    let modified = page(0, 1, &[record("CVE-2024-10002", "anchor", "Another one.")]);
    fs::write(world.path("nvd/nvdcve-2.0-modified.json.gz"), gzip(&modified)).unwrap();
    assert!(text(&world.run(&["sync", "--nvd", "nvd"])).contains("2 files read"));
    // Were it read, it would be found broken. Size and time are those of before.
    let file = world.path("nvd/nvdcve-2.0-modified.json.gz");
    let (time, length) = fs::metadata(&file).map(|m| (m.modified().unwrap(), m.len())).unwrap();
    fs::write(&file, vec![b'x'; usize::try_from(length).unwrap()]).unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    let again = world.run(&["sync", "--nvd", "nvd"]);
    assert!(text(&again).contains("0 files read") && !text(&again).contains("warning"), "{}", text(&again));
}

#[test]
fn a_new_place_of_the_cve_list_replaces_the_old_one() {
    let world = World::new();
    for (folder, id) in [("a", "CVE-2024-20001"), ("b", "CVE-2024-20002")] {
        fs::create_dir(world.path(folder)).unwrap();
        let record = format!(
            r#"{{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{{"cveId":"{id}","state":"PUBLISHED","datePublished":"2024-05-01T00:00:00Z"}},
            "containers":{{"cna":{{"providerMetadata":{{"orgId":"00000000-0000-4000-8000-000000000000"}},"descriptions":[{{"lang":"en","value":"Made up."}}],"references":[],
            "affected":[{{"vendor":"anchor","product":"anchor","versions":[{{"version":"1.0","status":"affected","lessThan":"2.0","versionType":"semver"}}]}}]}}}}}}"#
        );
        fs::write(world.path(&format!("{folder}/{id}.json")), record).unwrap();
        let synced = world.run(&["sync", "--cvelist", folder]);
        assert!(text(&synced).contains("1 CVEs known"), "{}", text(&synced));
    }
    assert!(world.run(&["explain", "CVE-2024-20002"]).status.success());
    assert_eq!(world.run(&["explain", "CVE-2024-20001"]).status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let world = World::new();
    assert!(world.run(&["sync", "--nvd", "nvd"]).status.success());
    for arguments in [
        &["explain", "CVE-2024-10001", "--raw"][..],
        &["inventory", "list", "--json", "--packages", "packages.json"],
        &["completions", "bash"],
    ] {
        let mut child = seaworthy(&world.path("home"))
            .current_dir(world.folder.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn colours_are_only_there_where_they_are_wanted() {
    let world = World::new();
    assert!(world.run(&["sync", "--nvd", "nvd"]).status.success());
    let scan = ["scan", "--packages", "packages.json"];
    let escape = |output: &Output| text(output).contains('\u{1b}');
    assert!(!escape(&world.run(&scan)));
    let always = world.run(&[&["--color", "always"], &scan[..]].concat());
    assert!(escape(&always), "{}", text(&always));
    let never = seaworthy(&world.path("home"))
        .current_dir(world.folder.path())
        .args(["--color", "never"])
        .args(scan)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!escape(&never));
}

#[test]
fn severities_decide_the_exit_code() {
    let world = World::new();
    assert!(world.run(&["sync", "--nvd", "nvd"]).status.success());
    for (bar, code) in [("none", 0), ("never", 0), ("low", 1), ("medium", 1), ("high", 0), ("critical", 0)] {
        let out = world.run(&["scan", "--packages", "packages.json", "--fail-on", bar]);
        assert_eq!(out.status.code(), Some(code), "{bar}");
    }
    // Even where the finding is not shown.
    let hidden = world.run(&["scan", "--packages", "packages.json", "--fail-on", "low", "--status", "fixed"]);
    assert_eq!(hidden.status.code(), Some(1));
    assert!(text(&world.run(&["scan", "--help"])).contains("Exit codes: 0"));
}

#[test]
fn what_cannot_be_found_is_told() {
    let world = World::new();
    let notes = r#"{"sku":"Kind/gen2","version":"202601.01.0","packages":["anchor-1.5-1.hl1.x86_64"]}"#;
    fs::write(world.path("notes.jsonl"), format!("{notes}\n")).unwrap();
    assert!(world.run(&["sync", "--nvd", "nvd"]).status.success());
    for arguments in [
        &["scan", "--image-notes", "notes.jsonl", "--image", "209901.01.0"][..],
        &["scan", "--packages", "209901.01.0.json"],
        &["scan", "--packages", "packages.json", "--products", "209901.01.0.toml"],
    ] {
        let out = world.run(arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(text(&out).starts_with("error: ") && text(&out).contains("209901.01.0"), "{}", text(&out));
    }
}

#[test]
fn packages_files_and_spec_trees_are_compared() {
    let world = World::new();
    fs::create_dir(world.path("specs")).unwrap();
    let spec = "Name: anchor\nVersion: 1.6\nRelease: 1.hl1\nSummary: s\nLicense: MIT\n%description\nd\n%prep\n%build\n%install\n%files\n";
    fs::write(world.path("specs/anchor.spec"), spec).unwrap();
    let out = world.run(&["inventory", "diff", "packages.json", "specs"]);
    assert!(out.status.success(), "{}", text(&out));
    assert_eq!(text(&out).trim(), "anchor 1.5-1.hl1 -> 1.6-1.hl1");
}

/// A server with two pages, of which the second is missing at first; it keeps the requests.
fn api(missing: usize) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/cves/2.0", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    std::thread::spawn(move || {
        let mut missing = missing;
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|l| !l.unwrap().is_empty()) {}
            let (status, body) = if request.contains("startIndex=0 ") {
                ("200 OK", page(0, 2, &[record("CVE-2024-30001", "anchor", "First.")]))
            } else if missing > 0 {
                missing -= 1;
                ("404 Not Found", String::new())
            } else {
                ("200 OK", page(1, 2, &[record("CVE-2024-30002", "anchor", "Second.")]))
            };
            kept.lock().unwrap().push(request);
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        }
    });
    (url, requests)
}

#[test]
fn the_api_is_read_on_from_where_it_broke_off() {
    let world = World::new();
    assert!(world.run(&["sync", "--nvd", "nvd"]).status.success());
    let (url, requests) = api(1);
    let broken = world.run(&["sync", "--nvd-api", &url]);
    assert_eq!(broken.status.code(), Some(2), "{}", text(&broken));
    assert!(world.path("home/nvd-api.json").exists());
    assert!(text(&world.run(&["status"])).contains("2 CVEs"), "the page that came is kept");
    let whole = world.run(&["sync", "--nvd-api", &url]);
    assert!(whole.status.success() && text(&whole).contains("3 CVEs"), "{}", text(&whole));
    assert!(!world.path("home/nvd-api.json").exists());
    let requests = requests.lock().unwrap();
    // Changes are asked for from the newest one that is known, two hours before it, not from the time of the sync.
    assert!(requests[0].contains("lastModStartDate=2024-05-01T22"), "{requests:?}");
    assert_eq!(requests.iter().map(|r| r.contains("startIndex=1 ")).collect::<Vec<_>>(), [false, true, true], "{requests:?}");
}
